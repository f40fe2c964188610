"""Adapter experts: base and expert rows go through one forward pass, and nothing changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from adapter_files import save_lora, save_prefix
from ngsd_guard import Engine, GateConfig, Generation, Message, NGSDConfig, load_engine
from ngsd_guard.models import HFCausalLM, load_causal_lm
from tiny_models import save_model

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
CONFIG = NGSDConfig(gate=GateConfig(v_threshold=0.4))
CONVERSATIONS: list[list[Message]] = [
    [{"role": "user", "content": text}]
    for text in ("Tell me about a fox.", "Seven wizards rate the request, 東京!", "7")
]
TOGETHER = {
    "lora": {"llama", "mistral", "mistral_sliding", "qwen3"},
    "prefix": {"llama", "mistral", "mistral_sliding", "qwen3", "gemma3", "gpt2"},
}


@pytest.fixture(scope="module")
def base_folder(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp(architecture), architecture, seed=1, padding=12)


@pytest.fixture
def load(base_folder: Path, architecture: str, tmp_path: Path) -> Callable[[str], Engine]:
    def load(kind: str) -> Engine:
        alone = load_causal_lm(base_folder)
        if kind == "lora":
            save_lora(tmp_path, alone, architecture)
        else:
            save_prefix(tmp_path, alone)
        return load_engine(base_folder, tmp_path, CONFIG)

    return load


def trace(answer: Generation) -> list[tuple[int, bool, float]]:
    assert answer.steps is not None
    return [(step.token_id, step.spiked, round(step.current, 3)) for step in answer.steps]


@pytest.mark.parametrize("kind", ["lora", "prefix"])
def test_reading_together_gives_what_reading_apart_gives(
    load: Callable[[str], Engine],
    architecture: str,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = load(kind)
    is_together = architecture in TOGETHER[kind]
    assert engine.expert.adapts(engine.base) == is_together
    together = engine.generate_batch(CONVERSATIONS, max_new_tokens=16, trace=True)
    alone = [engine.generate(c, max_new_tokens=16, trace=True) for c in CONVERSATIONS]
    expected_status = "adapter" if is_together else "on"
    assert {answer.speculation.status for answer in alone} == {expected_status}
    monkeypatch.setattr(HFCausalLM, "adapts", lambda *_: False)
    apart = [engine.generate(c, max_new_tokens=16, trace=True) for c in CONVERSATIONS]
    assert {answer.speculation.status for answer in apart} == {"on"}
    for batched, single, separate in zip(together, alone, apart, strict=True):
        assert trace(batched) == trace(single) == trace(separate)
    assert sum(answer.num_spikes for answer in alone) > 0


@pytest.mark.parametrize("kind", ["lora", "prefix"])
def test_base_rows_are_those_of_the_base(load: Callable[[str], Engine], kind: str) -> None:
    engine = load(kind)
    if not engine.expert.adapts(engine.base):
        return  # this architecture is read apart
    ids = [5, 17, 42, 8]
    caches = [engine.base.new_cache(), engine.expert.new_cache()]
    joined = type(caches[0]).join(caches)
    both = engine.expert.read([ids, ids], joined, num_base_rows=1)
    base = engine.base.read([ids], engine.base.new_cache())
    expert = engine.expert.read([ids], engine.expert.new_cache())
    torch.testing.assert_close(both[0], base[0], atol=2e-4, rtol=0)
    torch.testing.assert_close(both[1], expert[0], atol=2e-4, rtol=0)
    assert not torch.allclose(base, expert, atol=1e-2)
