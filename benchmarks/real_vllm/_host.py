"""Real vLLM in this process, the pair it guards, and the engine's own answers."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # so that the processor can be seen
os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
sys.path.append(str(Path(__file__).parents[1]))

import ngsd_guard
from _findings import Findings as Findings
from _prompts import Prompt, Prompts
from ngsd_guard import AuditLog, Engine
from ngsd_guard.pairs import Pair

PROCESSOR = "vllm_ngsd:NGSDLogitsProcessor"
MINI = Path(ngsd_guard.__file__).parent / "assets" / "mini" / "base"


def guard_options(**options: Any) -> dict[str, Any]:
    """Return what makes vLLM guard `ngsd-mini`, for `LLM` or its command line."""
    return {
        "logits_processors": [PROCESSOR],
        "additional_config": {"ngsd": {"pair": "ngsd-mini", **options}},
    }


def start_llm(guard: dict[str, Any] | None = None, **options: Any) -> Any:
    """Load `ngsd-mini`'s base into vLLM, in single precision as the engine does on a CPU.

    Args:
        guard: of `guard_options`; None for vLLM alone.
        **options: of `vllm.LLM`.
    """
    from vllm import LLM

    defaults = {
        "dtype": "float32",
        "max_model_len": 512,
        "max_num_seqs": 16,
        "enforce_eager": True,
        "disable_log_stats": True,
    }
    return LLM(str(MINI), **{**defaults, **(guard or {}), **options})


def batch_of(llm: Any) -> Any:
    """Return the guard's `PersistentBatch` in a running vLLM."""
    core = llm.llm_engine.engine_core.engine_core
    runner = core.model_executor.driver_worker.worker.model_runner
    processors = [*runner.input_batch.logitsprocs.all]
    return next(p for p in processors if type(p).__name__ == "NGSDLogitsProcessor")._batch


def token_prompts(prompts: Sequence[Prompt]) -> list[Any]:
    """Return prompts as vLLM takes tokens."""
    return [{"prompt_token_ids": list(prompt.base_ids)} for prompt in prompts]


def varied_prompts(pair: Pair, count: int) -> list[Prompt]:
    """Return everyday questions, attacks of the demo, and tasks that the pair was trained for."""
    makes = Prompts(pair.base, pair.expert)  # type: ignore[arg-type]
    found = [*makes.everyday(count // 4), *makes.attacked(None, count // 4)]
    found += makes.benign(count - len(found))
    return [*found, *(makes.of_length(48) for _ in range(count - len(found)))]


def engine_answers(
    pair: Pair, prompts: Sequence[Prompt], max_new_tokens: int, audit: Path | None = None
) -> list[Any]:
    """Return the engine's greedy answers, in batches of eight."""
    engine = Engine(pair, audit=None if audit is None else AuditLog(audit))
    answers: list[Any] = []
    for start in range(0, len(prompts), 8):
        part = [prompt.messages for prompt in prompts[start : start + 8]]
        answers += engine.generate_batch(part, max_new_tokens=max_new_tokens)
    return answers


def records_of(path: Path) -> list[dict[str, Any]]:
    """Return the request records of an audit log."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line.get("kind") == "request"]
