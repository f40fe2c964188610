"""Layers that an adapter leaves alone run once for rows that read the same tokens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ngsd_guard import load_engine
from ngsd_guard.engine import Engine
from ngsd_guard.models.cache._row_cache import RowCache
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.training import add_lora, save_lora
from tiny_models import save_model

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
ADAPTED_LAYER = 1
rows_of_ids = st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=9), min_size=1, max_size=3)


def upper_lora(folder: Path, base: Path) -> Path:
    """Write a LoRA with random weights on the last layer alone."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    add_lora(model, rank=4, layers=[ADAPTED_LAYER])
    generator = torch.Generator().manual_seed(5)
    for name, weight in model.named_parameters():
        if ".lora_" in name:
            weight.data = 0.3 * torch.randn(weight.shape, generator=generator)
    save_lora(model, folder, base_name=str(base))
    return folder


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    pytest.importorskip("peft")
    root = tmp_path_factory.mktemp("shared")
    base = save_model(root / "base", "llama", seed=1, padding=12)
    return load_engine(base, upper_lora(root / "expert", base))


@pytest.fixture
def widths(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each layer was run for."""
    expert: Any = engine.expert
    assert isinstance(expert._reading, LeanDecoder)
    seen: list[int] = []
    inner: Callable[..., Any] = expert._reading._before

    def watched(hidden: torch.Tensor, *args: Any) -> Any:
        seen.append(len(hidden))
        return inner(hidden, *args)

    monkeypatch.setattr(expert._reading, "_before", watched)
    return seen


def caches(engine: Engine, num_rows: int) -> RowCache:
    models: list[Any] = [*[engine.base] * num_rows, *[engine.expert] * num_rows]
    return RowCache.join([model.new_cache() for model in models])


def both(engine: Engine, ids: list[list[int]], cache: RowCache) -> torch.Tensor:
    expert: Any = engine.expert
    logits: torch.Tensor = expert.read(ids, cache, num_base_rows=len(ids) // 2)
    return logits


def test_the_lower_layer_runs_for_the_base_alone(engine: Engine, widths: list[int]) -> None:
    cache = caches(engine, 2)
    both(engine, [[5, 6, 7], [8, 9, 10]] * 2, cache)
    both(engine, [[3], [4]] * 2, cache)
    assert widths == [2, 4, 2, 4]


def test_rows_that_have_read_other_tokens_share_nothing(engine: Engine, widths: list[int]) -> None:
    cache = caches(engine, 1)
    both(engine, [[5, 6], [5, 7]], cache)
    both(engine, [[3], [3]], cache)
    assert widths == [2] * 4


def test_rows_share_again_once_the_difference_is_forgotten(
    engine: Engine, widths: list[int]
) -> None:
    cache = caches(engine, 1)
    both(engine, [[5, 6], [5, 7]], cache)
    cache.roll_back([1, 1])
    both(engine, [[3], [3]], cache)
    assert widths == [2, 2, 1, 2]


def test_a_soft_prefix_is_never_taken_for_tokens() -> None:
    cache = RowCache([None])
    plan = cache.plan(1, torch.device("cpu"))
    cache.write(plan, 0, torch.zeros(1, 1, 1, 2), torch.zeros(1, 1, 1, 2))
    cache.commit(plan)
    cache.make_virtual()
    two = cache.spread(2)
    assert two.sources(two.plan(1, torch.device("cpu")), [[1], [1]], 1) is None


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(prompts=rows_of_ids, steps=st.lists(st.integers(0, 60), max_size=3), last=st.booleans())
def test_logits_are_those_of_each_model_alone(
    engine: Engine, prompts: list[list[int]], steps: list[int], last: bool
) -> None:
    """Rows of different lengths, read on, copied, cut and separated again."""
    cache = caches(engine, len(prompts))
    found = both(engine, prompts * 2, cache)
    read = [list(ids) for ids in prompts]
    for token_id in steps:
        found = both(engine, [[token_id]] * len(prompts) * 2, cache)
        read = [[*ids, token_id] for ids in read]
    models: list[Any] = [engine.base, engine.expert]
    for half, model in enumerate(models):
        for row, ids in enumerate(read):
            alone = model.read([ids], model.new_cache())[0]
            torch.testing.assert_close(found[half * len(read) + row], alone, atol=2e-3, rtol=0)
    row = len(prompts) if last else 0  # its own states must be complete
    single = cache.select([row])
    alone = models[last].read([[*read[0], 9]], models[last].new_cache())
    torch.testing.assert_close(models[last].read([[9]], single), alone, atol=2e-3, rtol=0)
