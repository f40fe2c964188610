"""The pair smollm2 over llama.cpp against the library alone, and against `generate` in float32.

    python benchmarks/llamacpp.py --threads 2 --tokens 64 --prompts 4

Risk included, one run after a warm-up request. With --clock processor, time is that of this process
on its processors, which other work on the machine disturbs less; take --threads 1 with it. Without
--calibration the gate is the preset `default`, with the risk read from the expert.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ngsd_guard import Engine, NGSDConfig, load_engine
from ngsd_guard.models import find_packaged_gguf, load_causal_lm

PROMPTS = (
    "Explain how a bicycle stays upright.",
    "Write a short letter to a neighbour about a lost cat.",
    "What should I pack for three days in the mountains?",
    "How does bread rise?",
    "Name three rivers and say where they end.",
    "Why is the sky red in the evening?",
    "Plan a small garden for a balcony.",
    "How do I learn to swim as an adult?",
)
ROW = "{:44s} {:>10s}"


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
chosen = "wall"


def clock() -> float:
    """Return seconds on the clock that was chosen."""
    return CLOCKS[chosen]()


def timed(work: Callable[[], int]) -> float:
    """Return tokens per second of some work, which returns how many tokens it made."""
    start = clock()
    number = work()
    return number / (clock() - start)


def resident_mib() -> float:
    """Return the resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def conversations(number: int) -> list[list[Any]]:
    """Return requests of one turn each."""
    return [[{"role": "user", "content": text}] for text in PROMPTS[:number]]


def first_token_s(engine: Any, asked: list[list[Any]], **options: Any) -> float:
    """Return the mean time to a first token, in seconds."""
    times = []
    for conversation in asked:
        start = clock()
        with engine.stream(conversation, max_new_tokens=4, **options) as stream:
            next(iter(stream))
        times.append(clock() - start)
    return sum(times) / len(times)


def library_tokens(file: Path, prompts: list[list[int]], tokens: int, threads: int) -> float:
    """Return tokens per second of the library's own greedy decoding."""
    from llama_cpp import Llama

    library = Llama(
        str(file),
        n_ctx=1024,
        n_threads=threads,
        n_threads_batch=threads,
        flash_attn=True,
        verbose=False,
    )

    def work() -> int:
        made = 0
        for prompt in prompts:
            library.reset()
            for number, token_id in enumerate(
                library.generate(prompt, temp=0.0, repeat_penalty=1.0), start=1
            ):
                made += 1
                if number == tokens or token_id == library.token_eos():
                    break
        return made

    return timed(work)


def transformers_tokens(file: Path, prompts: list[list[int]], tokens: int) -> float:
    """Return tokens per second of transformers' `generate` in float32, unguarded."""
    model = load_causal_lm(file)

    def work() -> int:
        made = 0
        for prompt in prompts:
            ids = torch.tensor([prompt])
            out = model.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False
            )
            made += out.shape[1] - len(prompt)
        return made

    return timed(work)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--prompts", type=int, default=4)
    parser.add_argument("--calibration", type=Path, default=None)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    options = parser.parse_args()
    global chosen
    chosen = options.clock
    torch.set_num_threads(options.threads)
    file, asked = find_packaged_gguf(), conversations(options.prompts)

    config = None if options.calibration else NGSDConfig.preset("default")
    if config is not None:
        config = config.replace(reflection=config.reflection.replace(reader="expert"))
    load_engine("smollm2", config=NGSDConfig(), backend="llama.cpp")  # conversions are made once
    before_mib, start = resident_mib(), clock()
    engine = load_engine(
        "smollm2", config=config, calibration=options.calibration, backend="llama.cpp"
    )
    load_s, memory_mib = clock() - start, resident_mib() - before_mib
    prompts = [engine.base.encode_chat(conversation) for conversation in asked]

    def fresh_engine() -> Engine:
        """Return an engine that has seen no request: neither prefixes nor earlier answers help."""
        return Engine(engine.pair.with_config(engine.config))

    def single(**more: Any) -> float:
        unseen = fresh_engine()
        return timed(
            lambda: sum(
                len(unseen.generate(c, max_new_tokens=options.tokens, **more).token_ids)
                for c in asked
            )
        )

    engine.generate(conversations(8)[-1], max_new_tokens=4)
    together = fresh_engine()
    rates = {
        "llama.cpp's own, unguarded": library_tokens(
            file, prompts, options.tokens, options.threads
        ),
        "ours, unguarded": single(guarded=False),
        "guarded, one token at a time": single(speculative=False),
        "guarded, with drafts": single(),
        "guarded, 8 streams together": timed(
            lambda: sum(
                len(answer.token_ids)
                for answer in together.generate_batch(
                    conversations(8), max_new_tokens=options.tokens
                )
            )
        ),
        "transformers generate, float32, unguarded": transformers_tokens(
            file, prompts, options.tokens
        ),
    }
    print(ROW.format("tokens per second", ""))
    for name, rate in rates.items():
        print(ROW.format(name, f"{rate:.1f}"))
    guarded = rates["guarded, with drafts"]
    fresh = conversations(8)[options.prompts :] or asked
    ratios = {
        "guarded / llama.cpp's own": guarded / rates["llama.cpp's own, unguarded"],
        "guarded / generate float32": guarded / rates["transformers generate, float32, unguarded"],
        "8 streams / one": rates["guarded, 8 streams together"] / guarded,
        "first token, guarded / unguarded": first_token_s(fresh_engine(), fresh)
        / first_token_s(fresh_engine(), fresh, guarded=False),
    }
    for name, ratio in ratios.items():
        print(ROW.format(name, f"{ratio:.2f}"))
    print(ROW.format("load, second time", f"{load_s:.2f} s"))
    print(ROW.format("resident memory of a pair", f"{memory_mib:.0f} MiB"))
    print(ROW.format("of it, file", f"{file.stat().st_size / 2**20:.0f} MiB"))


if __name__ == "__main__":
    main()
