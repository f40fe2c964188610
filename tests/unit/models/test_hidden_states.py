from pathlib import Path

import pytest
import torch

from ngsd_guard import ConfigurationError
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.models.forward._reading import SeparateReading
from tiny_models import ARCHITECTURES, save_model

ROWS = [[5, 17, 30, 8, 99, 120, 41], [7], [200, 3, 64], list(range(40, 90))]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_layer_is_what_transformers_gives(architecture: str, tmp_path: Path) -> None:
    model = load_causal_lm(save_model(tmp_path, architecture, seed=3))
    for row, state in zip(ROWS, model.hidden_states(ROWS, 1), strict=True):
        expected = reference(model, row)[1]
        torch.testing.assert_close(state, expected, atol=1e-4, rtol=1e-4)
    assert [len(state) for state in model.hidden_states(ROWS, 2)] == [7, 1, 3, 50]


def test_lean_pass_and_modules_agree_on_every_layer(tmp_path: Path) -> None:
    model = load_causal_lm(save_model(tmp_path, "llama", seed=4))
    assert isinstance(model._reading, LeanDecoder)
    lean = [model.hidden_states(ROWS, layer) for layer in (1, 2)]
    model._reading = SeparateReading(model.model)
    for layer, found in zip((1, 2), lean, strict=True):
        for state, other in zip(found, model.hidden_states(ROWS, layer), strict=True):
            torch.testing.assert_close(state, other, atol=1e-4, rtol=1e-4)


def test_looking_at_a_layer_changes_no_answer(tmp_path: Path) -> None:
    model = load_causal_lm(save_model(tmp_path, "gpt2", seed=5))
    before = model.read([ROWS[0]], model.new_cache())
    model.hidden_states(ROWS, 1)
    assert torch.equal(before, model.read([ROWS[0]], model.new_cache()))


@pytest.mark.parametrize("layer", [0, 3, -1])
def test_a_layer_that_is_not_there_is_refused(layer: int, tmp_path: Path) -> None:
    model = load_causal_lm(save_model(tmp_path, "llama", seed=6))
    with pytest.raises(ConfigurationError, match="layers 1 to 2"):
        model.hidden_states(ROWS, layer)


def test_an_expert_with_a_soft_prefix_is_refused(tmp_path: Path) -> None:
    model = load_causal_lm(save_model(tmp_path, "llama", seed=7))
    prefixed = model.with_prefix(torch.zeros(2, 32), name="prefixed")
    with pytest.raises(ConfigurationError, match="probe the base"):
        prefixed.hidden_states(ROWS, 1)


@torch.inference_mode()
def reference(model: HFCausalLM, row: list[int]) -> tuple[torch.Tensor, ...]:
    """Return the hidden states of every layer as transformers gives them."""
    output = model.model(torch.tensor([row]), output_hidden_states=True, use_cache=False)
    return tuple(states[0].float() for states in output.hidden_states)
