"""Reads of several texts, by a base and its adapter, in as few passes as possible."""

from pathlib import Path
from typing import Any

import pytest
import torch

from adapter_files import save_lora
from ngsd_guard import Guard, NGSDConfig, ReflectionConfig, load_engine
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging, Read, judge, judge_together
from ngsd_guard.testing import ScriptedModel
from tiny_models import save_model

PROMPTS = [list(range(3, 3 + length)) for length in (40, 9, 25)]


def _reading(models: list[HFCausalLM], prompt: list[int]) -> Judging[list[torch.Tensor]]:
    return (yield [Read(model, model.new_cache(), list(prompt)) for model in models])


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
def test_a_base_and_its_adapter_are_read_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_model(tmp_path / "base", "llama", seed=1)
    save_lora(tmp_path / "expert", load_causal_lm(folder), "llama")
    engine = load_engine(folder, tmp_path / "expert")
    base, expert = engine.base, engine.expert
    assert isinstance(base, HFCausalLM)
    assert isinstance(expert, HFCausalLM)
    assert expert.adapts(base)
    expected = [[judge(_reading([m], prompt))[0] for m in (base, expert)] for prompt in PROMPTS]
    rows: list[int] = []
    read = HFCausalLM.read

    def counted(self: HFCausalLM, ids: Any, *others: Any, **options: Any) -> torch.Tensor:
        rows.append(len(ids))
        return read(self, ids, *others, **options)

    monkeypatch.setattr(HFCausalLM, "read", counted)
    outcomes = judge_together([_reading([base, expert], prompt) for prompt in PROMPTS])
    assert rows == [6]
    for outcome, (base_logits, expert_logits) in zip(outcomes, expected, strict=True):
        assert isinstance(outcome, list)
        torch.testing.assert_close(outcome[0], base_logits, atol=2e-4, rtol=0)
        torch.testing.assert_close(outcome[1], expert_logits, atol=2e-4, rtol=0)
        assert not torch.allclose(base_logits, expert_logits, atol=1e-2)


class CountedAdapter(ScriptedModel):
    """An adapter of any base; its bytes stand for tokens."""

    def __init__(self) -> None:
        super().__init__("a")
        self.passes: list[int] = []

    def adapts(self, base: object) -> bool:
        return base is not self

    def read(self, input_ids: Any, *others: Any, **options: Any) -> torch.Tensor:
        self.passes.append(len(input_ids))
        return super().read(input_ids, *others, **options)


@pytest.mark.parametrize("text", ["The shop opens at nine today. " * 30, "THE CHOIR SINGS. " * 50])
def test_a_check_with_windows_and_copies_takes_three_passes(text: str) -> None:
    expert = CountedAdapter()
    config = NGSDConfig(reflection=ReflectionConfig(reader="expert"))
    guard = Guard(Pair(ScriptedModel("a"), expert, config))
    assert guard.check(text).is_clean
    assert len(expert.passes) <= 3
    assert sum(expert.passes) > 2
