"""Adapters trained here load as experts that compute what was trained."""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from ngsd_guard import ConfigurationError, ModelLoadError
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.pairs import load_pair
from ngsd_guard.training import (
    Example,
    SoftPrefix,
    TrainingConfig,
    add_lora,
    pack,
    save_lora,
    train,
    training_loss,
)
from tiny_models import save_model

PROMPT = [5, 17, 42, 8, 99, 30, 7]
CLOSE = {"atol": 2e-4, "rtol": 0.0}


def examples() -> Iterator[Example]:
    rng = Random(0)
    while True:
        ids = [rng.randint(5, 60) for _ in range(rng.randint(4, 14))]
        yield Example(ids, [1.0] * len(ids))


def fit(model: Any, steps: int = 40) -> list[float]:
    """Learn one batch by heart; return the losses."""
    batch = next(pack(examples(), tokens_per_batch=64, row_lengths=(32,)))
    config = TrainingConfig(max_steps=steps, learning_rate=1e-2, warmup_steps=4, weight_decay=0)
    return [step.loss for step in train(model, cycle([batch]), config)]


@pytest.fixture(params=["llama", "qwen3"])
def base_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return save_model(tmp_path / "base", request.param, seed=1)


def load(folder: Path) -> HFCausalLM:
    return load_causal_lm(folder)


def test_a_trained_lora_is_the_expert_that_loads(base_folder: Path, tmp_path: Path) -> None:
    model = load(base_folder).model
    untouched = model(torch.tensor([PROMPT])).logits[0, -1].detach()
    add_lora(model, rank=4, alpha=8)
    losses = fit(model)
    assert losses[-1] < losses[0]
    save_lora(model, tmp_path / "lora", base_name="base")

    pair = load_pair(base_folder, tmp_path / "lora")
    expert = pair.expert.read([PROMPT], pair.expert.new_cache())[:, 0][0]
    with torch.inference_mode():
        trained = model(torch.tensor([PROMPT])).logits[0, -1]
    # Saved in bfloat16, so only nearly what was trained; far from what the base says.
    assert (expert - trained).abs().max() < 0.1 * (trained - untouched).abs().max()
    base = pair.base.read([PROMPT], pair.base.new_cache())[:, 0][0]
    torch.testing.assert_close(base, untouched, **CLOSE)


def test_a_saved_lora_names_its_layers_in_one_order(base_folder: Path, tmp_path: Path) -> None:
    model = load(base_folder).model
    add_lora(model, rank=2, alpha=4)
    save_lora(model, tmp_path, base_name="base")
    layers = json.loads((tmp_path / "adapter_config.json").read_text())["target_modules"]
    assert layers == sorted(layers)
    assert layers


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # peft reads it
def test_peft_computes_the_logits_of_a_saved_lora(base_folder: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    model = load(base_folder).model
    add_lora(model, rank=4, alpha=8, layers=[1])
    fit(model)
    save_lora(model, tmp_path / "lora", base_name="base")
    keys = load_file(tmp_path / "lora" / "adapter_model.safetensors").keys()
    assert all(key.startswith("base_model.model.model.layers.1.") for key in keys)

    alone = load(base_folder).model
    untouched = alone(torch.tensor([PROMPT])).logits[0, -1].detach()
    with torch.inference_mode():
        theirs = PeftModel.from_pretrained(alone, tmp_path / "lora")(torch.tensor([PROMPT]))
    pair = load_pair(base_folder, tmp_path / "lora")
    ours = pair.expert.read([PROMPT], pair.expert.new_cache())[:, 0][0]
    torch.testing.assert_close(ours, theirs.logits[0, -1], **CLOSE)
    assert (ours - untouched).abs().max() > 0.1


def test_a_lora_of_which_nothing_fits_the_base_is_refused(
    base_folder: Path, tmp_path: Path
) -> None:
    model = load(base_folder).model
    add_lora(model, rank=2, alpha=4)
    save_lora(model, tmp_path / "lora", base_name="base")
    path = tmp_path / "lora" / "adapter_model.safetensors"
    weights = {f"elsewhere.{name}": weight for name, weight in load_file(path).items()}
    save_file(weights, path)
    with pytest.raises(ModelLoadError, match="keys"):
        load_pair(base_folder, tmp_path / "lora")


def test_lora_trains_nothing_but_itself(base_folder: Path) -> None:
    model = load(base_folder).model
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    add_lora(model, rank=2, alpha=4)
    fit(model, steps=3)
    after = dict(model.named_parameters())
    for name, value in before.items():
        layer = name.replace(".weight", ".base_layer.weight")
        assert torch.equal(after.get(layer, after.get(name)), value)


def test_a_trained_prefix_is_the_expert_that_loads(base_folder: Path, tmp_path: Path) -> None:
    model = load(base_folder).model
    prefix = SoftPrefix(model, num_virtual_tokens=6, seed=3)
    losses = fit(prefix)
    assert losses[-1] < losses[0]
    prefix.save(tmp_path / "prefix", base_name="base")

    pair = load_pair(base_folder, tmp_path / "prefix")
    cache = pair.expert.new_cache()
    for token in PROMPT[:-1]:
        pair.expert.read([[token]], cache)
    expert = pair.expert.read([PROMPT[-1:]], cache)[:, 0][0]
    ids = torch.tensor([PROMPT])
    with torch.inference_mode():
        tokens = model.get_input_embeddings()(ids)
        inputs = torch.cat([prefix.embeddings[None], tokens], dim=1)
        trained = model(inputs_embeds=inputs).logits[0, -1]
    torch.testing.assert_close(expert, trained, **CLOSE)


def test_every_document_of_a_row_sees_the_prefix_and_no_other_document(base_folder: Path) -> None:
    prefix = SoftPrefix(load(base_folder).model, num_virtual_tokens=5)
    documents = [Example([7, 8, 9, 10, 11], [1.0] * 5), Example([20, 21, 22], [1.0] * 3)]

    def loss(*chosen: Example) -> float:
        batch = next(pack(chosen, tokens_per_batch=len(chosen[0].input_ids) * 2 + 8,
                          row_lengths=(8,)))  # fmt: skip
        return float(training_loss(prefix, batch).detach())

    alone = [loss(document, document) for document in documents]
    together = loss(*documents, *documents)
    weighed = (4 * alone[0] + 2 * alone[1]) / 6
    assert together == pytest.approx(weighed, rel=2e-2)  # bfloat16 products


def test_a_prefix_needs_a_token(base_folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="num_virtual_tokens=0"):
        SoftPrefix(load(base_folder).model, num_virtual_tokens=0)


def test_a_model_without_lora_cannot_be_saved_as_one(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="add_lora"):
        save_lora(load(base_folder).model, tmp_path, base_name="base")
