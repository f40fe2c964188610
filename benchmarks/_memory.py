"""Peak memory of one contender in a separate process, compared with the expected size.

Not meant to be called directly: `decode.py` starts it once per contender. Weights are counted as
the memory of their tensors; the growth of the process while it answers is added.
"""

import argparse
import ctypes
import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch

from _contenders import (
    ASSISTED,
    GENERATE,
    GUARDED,
    STEPWISE,
    UNGUARDED,
    Contender,
    HuggingFace,
    Models,
    Ours,
)
from _prompts import Prompts
from _report import Figure, Section, make_table, note
from _settings import Settings

_SHIPPED: Final = f"{GUARDED}, prefix cache as shipped"
_MIB: Final = 2**20
_WARM_UP: Final = 64


def measure_memory(models: Models, settings: Settings, expert: str) -> list[Section]:
    """Start one process per contender and batch size, with the longest prompt and answer."""
    table = make_table(
        "Peak memory in MiB: weights + growth of the process, compared with weights + keys and "
        "values",
        ["contender"],
        ("batch", "tokens", "weights", "keys and values", "growth", "peak ÷ expected"),
    )
    section = Section(tables=[table], data={"runs": []})
    section.notes.append(
        "The prefix cache is off unless stated otherwise. Growth includes activations and memory "
        "kept by the allocator. The rubric was read before."
    )
    names = [GUARDED, _SHIPPED, UNGUARDED, GENERATE]
    if models.plain_expert is not None:
        names.append(ASSISTED)
    for batch in settings.memory_batch_sizes:
        for name in names:
            if name == ASSISTED and batch > 1:
                continue
            note(f"memory: {name}, batch {batch}")
            found = _in_a_process(name, batch, settings, expert)
            section.data["runs"].append(found)
            peak = (found["weights"] + found["grew"]) / (found["weights"] + found["caches"])
            table.add_row(
                name,
                str(batch),
                str(found["tokens"]),
                *(f"{found[key] / _MIB:.1f}" for key in ("weights", "caches", "grew")),
                f"{peak:.2f}",
            )
            if name == GUARDED:
                what = f"guarded, peak memory ÷ weights and caches, batch {batch}"
                section.figures.append(Figure(what, f"{peak:.2f}", "<= 1.1"))
    return [section]


def _in_a_process(name: str, batch: int, settings: Settings, expert: str) -> dict[str, Any]:
    command = [
        sys.executable, str(Path(__file__)), "--contender", name, "--batch", str(batch),
        "--prompt", str(settings.prompt_lengths[-1]), "--output", str(settings.output_lengths[-1]),
        "--expert", expert, "--threads", str(torch.get_num_threads()),
    ]  # fmt: skip
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def growth_of(job: Callable[[], object], device: torch.device | None = None) -> int:
    """Return the peak memory of a job beyond the memory used before it, in bytes.

    Args:
        job: the job.
        device: a CUDA device whose memory is counted; otherwise that of the process.
    """
    gc.collect()
    if device is not None and device.type == "cuda":
        held = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        job()
        return torch.cuda.max_memory_allocated(device) - held
    _return_free_memory()
    before = _resident_bytes()
    _forget_peak()
    job()
    return max(_peak_bytes() - before, 0)


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return _peak_bytes()
    return pages * os.sysconf("SC_PAGE_SIZE")


def _return_free_memory() -> None:
    """Return freed memory to the system (with glibc), so that its reuse counts as growth."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_bytes() -> int:
    # A child's ru_maxrss starts at its parent's size, so the kernel's own count comes first.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def weight_bytes(models: Sequence[Any]) -> int:
    """Return the memory of the models' parameters; shared memory is counted once."""
    storages = {}
    for model in models:
        for tensor in (*model.parameters(), *model.buffers()):
            storage = tensor.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def cache_bytes(config: Any, num_tokens: int, dtype: torch.dtype) -> int:
    """Return the memory of the keys and values of some tokens, over all layers."""
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    width: int = 2 * config.num_hidden_layers * config.num_key_value_heads * head_dim
    return width * num_tokens * dtype.itemsize


def _make(models: Models, name: str) -> Contender:
    if name == _SHIPPED:
        return Ours(models, GUARDED, endless=True)
    if name in (GUARDED, STEPWISE, UNGUARDED):
        return Ours(models, name, endless=True, prefix_cache_mib=0)
    return HuggingFace(models, endless=True, assisted=name == ASSISTED)


def _readers(models: Models, name: str) -> list[Any]:
    """Return the models whose keys and values the contender stores."""
    if name == GENERATE:
        return [models.plain_base]
    if name == ASSISTED:
        return [models.plain_base, models.plain_expert]
    return [models.base.model] + [models.expert.model] * (name != UNGUARDED)


def main() -> None:
    """Measure one contender and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--prompt", type=int, required=True)
    parser.add_argument("--output", type=int, required=True)
    parser.add_argument("--expert", required=True)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    models = Models.load(args.expert)
    contender = _make(models, args.contender)
    prompts = Prompts(models.base, models.expert, seed=6)
    contender.prepare([prompts.of_length(_WARM_UP)], 4)()  # loads what is loaded lazily
    asked = [prompts.of_length(args.prompt) for _ in range(args.batch)]
    grew = growth_of(contender.prepare(asked, args.output))
    readers = _readers(models, args.contender)
    num_tokens = args.batch * (args.prompt + args.output)
    found = {
        "contender": args.contender,
        "batch": args.batch,
        "tokens": num_tokens,
        "weights": weight_bytes(readers),
        "caches": sum(cache_bytes(m.config, num_tokens, torch.float32) for m in readers),
        "grew": grew,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
