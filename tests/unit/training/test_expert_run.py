import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from _tiny_base import starter_data, tiny_base, tiny_recipe

from ngsd_guard import ConfigurationError
from ngsd_guard.pairs import load_pair
from ngsd_guard.training import ExpertTraining, train_expert
from ngsd_guard.training._clothes import Clothes
from ngsd_guard.training._documents import DocumentMaker
from ngsd_guard.training._objective import Objective, example_of
from ngsd_guard.training._packing import pack
from ngsd_guard.training._sampling import sample_beginnings
from ngsd_guard.training._scoring import auroc, mine, token_tv, validate


@pytest.fixture
def base(tmp_path: Path) -> tuple[Any, Any]:
    return tiny_base(tmp_path / "base")


def documents_of(tokenizer: Any, number: int, **changes: Any) -> tuple[DocumentMaker, list[Any]]:
    maker = DocumentMaker(starter_data(), tokenizer, tiny_recipe(**changes))
    rng = Random(5)
    return maker, [maker.draw(rng) for _ in range(number)]


def test_greedy_beginnings_are_what_the_base_says_alone(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    _, documents = documents_of(tokenizer, 12)
    beginnings = sample_beginnings(model, documents, eos_token_id=None, seed=0, batch_size=5)
    for document, beginning in zip(documents, beginnings, strict=True):
        assert len(beginning.token_ids) == document.sampled_tokens
        if not document.sampled_tokens:
            assert len(beginning.hidden) == 0
            continue
        assert len(beginning.hidden) == len(document.stub_ids) + document.sampled_tokens
        ids = [*document.context_ids, *beginning.token_ids]
        with torch.no_grad():
            states = model.base_model(torch.tensor([ids])).last_hidden_state[0]
        first = len(document.prompt_ids) - 1
        expected = states[first : len(ids) - 1]
        torch.testing.assert_close(beginning.hidden, expected, atol=1e-4, rtol=1e-4)
        if document.greedy and beginning.token_ids:
            logits = model.get_output_embeddings()(states[len(document.context_ids) - 1 : -1])
            assert beginning.token_ids == logits.argmax(dim=-1).tolist()


def test_a_beginning_ends_with_the_turn(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    _, documents = documents_of(tokenizer, 4)
    free = sample_beginnings(model, documents, eos_token_id=None, seed=0)
    end = next(b.token_ids[0] for b in free if len(b.token_ids) > 1)
    ended = sample_beginnings(model, documents, eos_token_id=end, seed=0)
    assert any(b.token_ids[-1:] == [end] for b in ended)
    assert all(end not in b.token_ids[:-1] for b in ended)


def test_refusals_are_learnt_after_harm_and_the_bases_words_after_the_rest(
    base: tuple[Any, Any],
) -> None:
    model, tokenizer = base
    maker, documents = documents_of(tokenizer, 24)
    beginnings = sample_beginnings(model, documents, eos_token_id=maker.eos_token_id, seed=0)
    kinds = set()
    for document, beginning in zip(documents, beginnings, strict=True):
        example = example_of(document, beginning, maker, Random(0))
        learnt = [i for i, w in zip(example.input_ids, example.weights, strict=True) if w]
        kinds.add(document.request.kind)
        if document.request.harmful:
            refusals = {tuple(maker.refusal_ids(Random(i))) for i in range(300)}
            assert tuple(learnt) in refusals
            assert example.teacher_hidden is None
        else:
            assert learnt == [*document.stub_ids, *beginning.token_ids]
            assert example.distil
    assert kinds == {"harmful", "benign", "lookalike"}


def test_the_base_is_at_no_distance_from_itself(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    maker, documents = documents_of(tokenizer, 30)
    documents = [d for d in documents if not d.request.harmful]
    beginnings = sample_beginnings(model, documents, eos_token_id=maker.eos_token_id, seed=0)
    examples = [
        example_of(d, b, maker, Random(0)) for d, b in zip(documents, beginnings, strict=True)
    ]
    batch = next(pack(examples, tokens_per_batch=640, row_lengths=(320,), flush=True))
    objective = Objective(model, model.get_output_embeddings(), anchor_weight=1.0)
    _, parts = objective(batch)
    assert parts["tv"] < 1e-4  # packed rows against padded ones, float32
    other = Objective(model, torch.nn.Linear(32, len(tokenizer)), anchor_weight=1.0)
    assert other(batch)[1]["tv"] > 0.1


def test_a_long_request_is_cut_and_counted(base: tuple[Any, Any]) -> None:
    _, tokenizer = base
    maker = DocumentMaker(starter_data(), tokenizer, tiny_recipe())
    request = maker.draw(Random(0)).request
    long = type(request)("walk the dog " * 300, "benign", "mine")
    document = maker.dress(Random(0), "benign", 0, long, Clothes())
    assert len(document.prompt_ids) + document.sampled_tokens <= 320
    assert maker.counts["requests cut"] == 1
    assert tokenizer.decode(document.prompt_ids).endswith("<|im_start|>assistant\n")


@pytest.mark.parametrize("method", ["lora", "prefix", "full", "small"])
def test_every_method_trains_saves_and_loads(
    base: tuple[Any, Any], tmp_path: Path, method: str
) -> None:
    model, tokenizer = base
    start = tiny_base(tmp_path / "start", seed=7)[0] if method == "small" else None
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    data = starter_data()
    training = ExpertTraining(model, tokenizer, data, tiny_recipe(method=method), start=start)
    card = train_expert(training, tmp_path / "expert", base_name="base")
    assert card["steps"] == 3
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())
    contexts = [[5, 6, 7, 8], [9, 10, 11]]
    moved = token_tv(training.expert, model, contexts)
    assert min(moved) > 1e-3
    pair = load_pair(tmp_path / "base", tmp_path / "expert")
    saved = pair.expert.read([contexts[0]], pair.expert.new_cache())[0, -1].softmax(-1)
    read = pair.base.read([contexts[0]], pair.base.new_cache())[0, -1].softmax(-1)
    assert 0.5 * float((saved - read).abs().sum()) == pytest.approx(moved[0], abs=0.05)


def test_training_lowers_the_loss_of_refusals(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    recipe = tiny_recipe(max_steps=16, learning_rate=3e-2, decay_share=0.1, rank=8)
    training = ExpertTraining(model, tokenizer, starter_data(), recipe)
    losses = [progress.parts["refusal"] for progress in training.run()]
    assert sum(losses[-4:]) < 0.7 * sum(losses[:4])


def test_a_resumed_run_ends_with_the_weights_of_an_unbroken_one(
    base: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = base
    recipe = tiny_recipe(max_steps=9, checkpoint_steps=1, mine_at=(0.4,), mined_documents=6)

    def start(name: str) -> ExpertTraining:
        folder = tmp_path / name
        return ExpertTraining(model, tokenizer, starter_data(), recipe, checkpoints=folder)

    unbroken = start("a")
    list(unbroken.run())
    broken = start("b")
    for progress in broken.run():
        if progress.step == 4:
            break
    again = start("b")
    assert again.resume()
    steps = [progress.step for progress in again.run()]
    assert steps == [5, 6, 7, 8, 9]
    for one, two in zip(unbroken.expert.parameters(), again.expert.parameters(), strict=True):
        assert torch.equal(one, two)
    assert again.card()["documents"] == unbroken.card()["documents"]
    assert again.card()["mining"] == unbroken.card()["mining"]


def test_a_checkpoint_holds_no_text(base: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = base
    data = starter_data()
    training = ExpertTraining(model, tokenizer, data, tiny_recipe(), checkpoints=tmp_path / "c")
    list(training.run())
    content = (tmp_path / "c" / "checkpoint.pt").read_bytes()
    texts = [r.text for pool in (data.harmful, data.benign) for r in pool.requests]
    assert not any(text.encode() in content for text in texts)
    saved = torch.load(tmp_path / "c" / "checkpoint.pt", weights_only=True)
    assert saved.keys() == {
        "shape",
        "documents",
        "weights",
        "pools",
        "drawn_with",
        "counts",
        "state",
    }


def test_a_checkpoint_of_another_size_is_refused(base: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = base
    options = {"checkpoints": tmp_path / "c"}
    list(ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(), **options).run())
    other = ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(rank=3), **options)
    with pytest.raises(ConfigurationError, match="rank"):
        other.resume()


def test_a_run_goes_on_with_other_shares_from_the_next_round(
    base: tuple[Any, Any], tmp_path: Path
) -> None:
    model, tokenizer = base
    options = {"checkpoints": tmp_path / "c"}
    list(ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(), **options).run())
    changed = tiny_recipe(max_steps=5, wrapped_share=0.9)
    again = ExpertTraining(model, tokenizer, starter_data(), changed, **options)
    assert again.resume()
    assert [progress.step for progress in again.run()] == [4, 5]
    legs = again.card()["legs"]
    assert [leg["from_step"] for leg in legs] == [0, 3]
    assert [leg["options"]["wrapped_share"] for leg in legs] == [0.4, 0.9]


def test_a_damaged_checkpoint_is_refused(base: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = base
    (tmp_path / "checkpoint.pt").write_bytes(b"no checkpoint")
    training = ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(), checkpoints=tmp_path)
    with pytest.raises(ConfigurationError, match="damaged"):
        training.resume()


def test_small_needs_a_start_and_the_others_take_none(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    with pytest.raises(ConfigurationError, match="small"):
        ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(method="small"))
    with pytest.raises(ConfigurationError, match="small"):
        ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(), start=model)


def test_a_tokenizer_without_a_chat_template_is_refused(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    tokenizer.chat_template = None
    with pytest.raises(ConfigurationError, match="chat template"):
        ExpertTraining(model, tokenizer, starter_data(), tiny_recipe())


def test_mining_gives_weight_to_what_is_judged_wrongly(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    data, recipe = starter_data(), tiny_recipe(mined_documents=20, mined_weight=5.0)
    before = list(data.harmful.weights)
    maker = DocumentMaker(data, tokenizer, recipe)
    counts = mine(model, model, maker, data, recipe, Random(0))  # an expert that is the base
    assert counts["harmful: wrong"] == counts["harmful: looked at"] > 0
    assert "benign: wrong" not in counts
    raised = [b / a for a, b in zip(before, data.harmful.weights, strict=True) if b != a]
    assert raised
    assert min(raised) == pytest.approx(5.0)


def test_validation_sets_harm_beside_its_control(base: tuple[Any, Any]) -> None:
    model, tokenizer = base
    figures = validate(model, model, starter_data(), [], tokenizer, tiny_recipe())
    assert {"plain", "plain, against look-alikes", "wrapped", "stub", "sampled start"} <= set(
        figures
    )
    for row in figures.values():
        assert row["n"] == 2
        assert {"recall", "control", "auroc"} <= row.keys()
        assert row["harmful_tv"] == pytest.approx(0, abs=1e-5)


def test_auroc_counts_ties_half() -> None:
    assert auroc([0.9, 0.5], [0.1, 0.5]) == pytest.approx((1 + 1 + 1 + 0.5) / 4)


def test_the_run_card_is_written_beside_the_expert(base: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = base
    training = ExpertTraining(model, tokenizer, starter_data(), tiny_recipe(max_steps=2))
    card = train_expert(training, tmp_path, base_name="base", validation=starter_data())
    assert json.loads((tmp_path / "run_card.json").read_text()) == json.loads(json.dumps(card))
    assert card["rows"]["harmful/harmful"] == len(training.data.harmful.requests)
    assert card["options"]["rank"] == 2
    assert card["base"] == "base"
