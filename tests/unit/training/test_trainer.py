from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from transformers import Gemma3TextConfig, LlamaConfig, LlamaForCausalLM

from ngsd_guard import ConfigurationError, DecodingError
from ngsd_guard.training import Example, TrainingConfig, pack, train, training_loss


def tiny(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=48,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=64,
            tie_word_embeddings=True,
        )
    )


def counting(seed: int = 0, *, distil: bool = False) -> Iterator[Example]:
    rng = Random(seed)
    while True:
        start, size = rng.randint(1, 20), rng.randint(4, 20)
        yield Example(list(range(start, start + size)), [1.0] * size, distil)


def batches(**options: Any) -> Any:
    return pack(counting(**options), tokens_per_batch=128, row_lengths=(32,))


def test_the_loss_of_packed_rows_is_that_of_documents_read_alone() -> None:
    model = tiny().eval()
    rng = Random(1)
    documents = [[rng.randint(1, 47) for _ in range(rng.randint(3, 14))] for _ in range(60)]
    weights = [[rng.choice((0.0, 0.5, 1.0)) for _ in document] for document in documents]
    examples = [Example(d, w) for d, w in zip(documents, weights, strict=True)]
    batch = next(pack(examples, tokens_per_batch=64, row_lengths=(32,)))
    packed = training_loss(model, batch).detach()
    total, norm = 0.0, 0.0
    for row, row_positions, row_weights in zip(
        batch.input_ids, batch.position_ids, batch.weights, strict=True
    ):
        starts = [i for i, p in enumerate(row_positions.tolist()) if p == 0]
        for start, end in zip(starts, [*starts[1:], len(row)], strict=True):
            ids = row[start:end][None]
            with torch.no_grad():
                losses = F.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="none")
            total += float((losses * row_weights[start : end - 1]).sum())
            norm += float(row_weights[start : end - 1].sum())
    assert float(packed) == pytest.approx(total / norm, rel=2e-2)  # bfloat16 products


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_training_learns_to_count(optimizer: Any) -> None:
    model = tiny()
    config = TrainingConfig(max_steps=150, learning_rate=1e-2, warmup_steps=5, optimizer=optimizer)
    losses = [step.loss for step in train(model, batches(), config)]
    assert len(losses) == 150
    assert losses[-1] < 0.5 < 3.0 < losses[0]


def test_a_teacher_is_copied_where_the_example_says_so() -> None:
    teacher = tiny(seed=9)
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.mul_(4.0)
    student = tiny()
    batch = next(batches(distil=True))

    def distance() -> float:
        options = {"attention_mask": batch.attention_mask, "position_ids": batch.position_ids}
        with torch.no_grad():
            p = teacher(batch.input_ids, **options).logits.softmax(-1)
            q = student(batch.input_ids, **options).logits.softmax(-1)
        return float(0.5 * (p - q).abs().sum(-1)[batch.weights > 0].mean())

    before = distance()
    config = TrainingConfig(max_steps=120, learning_rate=1e-2, warmup_steps=5, distil_share=1.0)
    for _ in train(student, cycle([batch]), config, teacher=teacher):
        pass
    assert distance() < 0.5 * before


def test_without_a_mark_the_teacher_is_not_heeded() -> None:
    batch = next(batches())
    alone = training_loss(tiny(), batch).detach()
    assert torch.equal(training_loss(tiny(), batch, teacher=tiny(seed=9)).detach(), alone)


def test_only_what_asks_for_gradients_is_trained() -> None:
    model = tiny()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "layers.1.mlp.down_proj" in name
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for _ in train(model, batches(), TrainingConfig(max_steps=3, warmup_steps=0)):
        pass
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {"model.layers.1.mlp.down_proj.weight"}


def test_the_rate_rises_stays_and_falls() -> None:
    config = TrainingConfig(max_steps=100, warmup_steps=9, learning_rate=1.0, decay_share=0.5)
    rates = [config.rate(step, step / 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:50] == [1.0] * 41
    assert rates[75] == pytest.approx(0.5)
    assert min(rates[10:]) >= 0.02


def test_the_tighter_budget_counts() -> None:
    config = TrainingConfig(max_steps=10, max_minutes=1.0)
    assert config.spent(5, 6.0) == pytest.approx(0.5)
    assert config.spent(1, 54.0) == pytest.approx(0.9)


def test_no_budget_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="max_minutes"):
        TrainingConfig()


def test_nothing_to_train_is_an_error() -> None:
    model = tiny()
    model.requires_grad_(False)
    with pytest.raises(ConfigurationError, match="requires_grad"):
        next(train(model, batches(), TrainingConfig(max_steps=1)))


def test_a_loss_that_is_not_finite_stops_before_the_weights_change() -> None:
    model = tiny()
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    before = model.model.layers[0].mlp.up_proj.weight.detach().clone()
    with pytest.raises(DecodingError, match="step 0"):
        next(train(model, batches(), TrainingConfig(max_steps=1)))
    assert torch.equal(before, model.model.layers[0].mlp.up_proj.weight)


def test_a_model_that_scales_its_logits_is_refused() -> None:
    model = tiny()
    model.config.final_logit_softcapping = 30.0
    with pytest.raises(ConfigurationError, match="final_logit_softcapping"):
        training_loss(model, next(batches()))
    assert Gemma3TextConfig().final_logit_softcapping is None  # the common one is not refused


def test_it_is_deterministic() -> None:
    def losses() -> list[float]:
        config = TrainingConfig(max_steps=5, warmup_steps=0)
        return [step.loss for step in islice(train(tiny(), batches(), config), 5)]

    assert losses() == losses()
