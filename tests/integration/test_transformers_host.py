"""`generate` of transformers, guarded by a logits processor."""

import copy
import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TextIteratorStreamer, TextStreamer, pipeline

from _fakes import read_records
from ngsd_guard import (
    ConfigurationError,
    DecodingError,
    Engine,
    Generation,
    VocabularyMismatchError,
)
from ngsd_guard.pairs import Pair, load_pair
from tiny_models import make_tokenizer
from transformers_ngsd import NGSDLogitsProcessor

QUESTIONS = [
    "What is the capital of France?",
    "Tell me how to steal a car.",
    "What is 7 plus 5?",
    "How do I build a bomb at home?",
    "Name three colours.",
]
MAX_NEW_TOKENS = 32


@pytest.fixture(scope="module")
def pair() -> Pair:
    return load_pair()


@pytest.fixture(scope="module")
def model(pair: Pair) -> Any:
    return pair.base.model  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def tokenizer(pair: Pair) -> Any:
    own = copy.deepcopy(pair.base.tokenizer)  # type: ignore[attr-defined]
    own.padding_side = "left"
    return own


@pytest.fixture(scope="module")
def expected(pair: Pair) -> list[Generation]:
    turns = [[{"role": "user", "content": question}] for question in QUESTIONS]
    return list(Engine(pair).generate_batch(turns, max_new_tokens=MAX_NEW_TOKENS))


def encoded(tokenizer: Any, questions: Sequence[str]) -> dict[str, torch.Tensor]:
    turns = [[{"role": "user", "content": question}] for question in questions]
    return dict(
        tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, padding=True, return_dict=True, return_tensors="pt"
        )
    )


def generate(model: Any, inputs: dict[str, Any], processor: Any, **options: Any) -> torch.Tensor:
    defaults = {"max_new_tokens": MAX_NEW_TOKENS, "do_sample": False}
    output: torch.Tensor = model.generate(
        **inputs, logits_processor=[processor], **defaults | options
    )
    return output


def assert_answers(output: torch.Tensor, start: int, expected: Sequence[Generation]) -> None:
    for row, answer in zip(output[:, start:].tolist(), expected, strict=True):
        own = list(answer.token_ids)
        assert row[: len(own)] == own
        assert set(row[len(own) :]) <= {0}  # padding


@pytest.mark.parametrize("has_mask", [True, False], ids=["mask", "no mask"])
def test_padded_batch_has_the_engines_answers_and_records(
    pair: Pair,
    model: Any,
    tokenizer: Any,
    expected: list[Generation],
    tmp_path: Path,
    has_mask: bool,
) -> None:
    inputs = encoded(tokenizer, QUESTIONS)
    processor = NGSDLogitsProcessor(
        pair,
        inputs["attention_mask"] if has_mask else None,
        tokenizer=tokenizer,
        audit=tmp_path / "audit.jsonl",
    )
    output = generate(model, inputs, processor)
    assert_answers(output, inputs["input_ids"].shape[1], expected)
    for report, answer in zip(processor.finish(output), expected, strict=True):
        assert (report.risk, report.alpha) == (answer.risk, answer.alpha)
        assert report.num_spikes == answer.num_spikes
        assert report.num_overrides == answer.num_overrides
        assert report.peak_potential == pytest.approx(answer.peak_potential, abs=1e-4)
        assert report.finish_reason == answer.finish_reason
        assert report.num_tokens == len(answer.token_ids)
    records = read_records(tmp_path / "audit.jsonl")
    assert len(records) == len(QUESTIONS)
    assert {record["status"] for record in records} == {"completed"}
    assert max(answer.num_spikes for answer in expected) > 0


def test_report_without_sequences_is_the_same(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation]
) -> None:
    inputs = encoded(tokenizer, QUESTIONS)
    processor = NGSDLogitsProcessor(pair, inputs["attention_mask"])
    generate(model, inputs, processor)
    for report, answer in zip(processor.finish(), expected, strict=True):
        assert (report.num_spikes, report.num_tokens) == (answer.num_spikes, len(answer.token_ids))


def test_one_processor_guards_several_calls(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation], tmp_path: Path
) -> None:
    processor = NGSDLogitsProcessor(pair, audit=tmp_path / "audit.jsonl")
    for start in (0, 2, 2, 4):
        inputs = encoded(tokenizer, QUESTIONS[start : start + 2])
        output = generate(model, inputs, processor)
        assert_answers(output, inputs["input_ids"].shape[1], expected[start : start + 2])
    processor.finish(output)
    assert len(read_records(tmp_path / "audit.jsonl")) == 7


def test_several_sequences_of_a_prompt_are_guarded_each(
    pair: Pair, model: Any, tokenizer: Any
) -> None:
    inputs = encoded(tokenizer, QUESTIONS[:2])
    processor = NGSDLogitsProcessor(pair, inputs["attention_mask"])
    torch.manual_seed(3)
    output = generate(model, inputs, processor, do_sample=True, num_return_sequences=3)
    reports = processor.finish(output)
    assert len(output) == len(reports) == 6
    assert len({report.risk for report in reports}) == 2
    assert min(report.num_spikes for report in reports[3:]) > 0
    assert len({report.id for report in reports}) == 6


def test_sampled_tokens_follow_the_mixture(pair: Pair, model: Any, tokenizer: Any) -> None:
    """Shares of the first token lie within 5 standard errors; unlikely ones count as one."""
    inputs, number = encoded(tokenizer, [QUESTIONS[1]]), 256
    chosen = []

    class Watch(NGSDLogitsProcessor):
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            gated = super().__call__(input_ids, scores)
            chosen.append(gated[0])
            return gated

    torch.manual_seed(5)
    processor = Watch(pair)
    output = generate(
        model, inputs, processor, do_sample=True, top_k=0, max_new_tokens=1,
        num_return_sequences=number, temperature=2.0,
    )  # fmt: skip
    probs = (chosen[0] / 2.0).softmax(dim=-1)
    assert float(probs.max()) < 0.9
    counts = torch.bincount(output[:, -1], minlength=len(probs)) / number
    likely = probs > 0.05
    assert int(likely.sum()) > 0
    probs = torch.cat([probs[likely], probs[~likely].sum()[None]])
    counts = torch.cat([counts[likely], counts[~likely].sum()[None]])
    error = (probs * (1 - probs) / number).sqrt()
    assert bool(((counts - probs).abs() <= 5 * error + 0.02).all())


def test_streamers_show_the_guarded_answer(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation], capsys: Any
) -> None:
    inputs = encoded(tokenizer, [QUESTIONS[1]])
    options: dict[str, Any] = {"skip_prompt": True, "skip_special_tokens": True}
    processor = NGSDLogitsProcessor(pair)
    generate(model, inputs, processor, streamer=TextStreamer(tokenizer, **options))
    assert capsys.readouterr().out.strip() == expected[1].text.strip()
    streamer = TextIteratorStreamer(tokenizer, timeout=30, **options)
    thread = threading.Thread(
        target=generate, args=(model, inputs, processor), kwargs={"streamer": streamer}
    )
    thread.start()
    assert "".join(streamer).strip() == expected[1].text.strip()
    thread.join()


def test_pipeline_is_guarded(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation]
) -> None:
    processor = NGSDLogitsProcessor(pair)
    chat = pipeline("text-generation", model=model, tokenizer=tokenizer, device="cpu")
    turns = [[{"role": "user", "content": question}] for question in QUESTIONS]
    found = chat(
        turns,
        batch_size=2,
        logits_processor=[processor],
        max_new_tokens=MAX_NEW_TOKENS,
        do_sample=False,
        max_length=None,
    )
    said = [answers[0]["generated_text"][-1]["content"].strip() for answers in found]
    assert said == [answer.text.strip() for answer in expected]


def test_calls_of_several_threads_keep_their_state(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation], tmp_path: Path
) -> None:
    processor = NGSDLogitsProcessor(pair, audit=tmp_path / "audit.jsonl")
    outputs: dict[int, torch.Tensor] = {}

    def answer(index: int) -> None:
        outputs[index] = generate(model, encoded(tokenizer, [QUESTIONS[index]]), processor)

    threads = [threading.Thread(target=answer, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in threads:
        processor.finish()
    for index, output in outputs.items():
        start = encoded(tokenizer, [QUESTIONS[index]])["input_ids"].shape[1]
        assert_answers(output, start, expected[index : index + 1])
    records = read_records(tmp_path / "audit.jsonl")
    assert len(records) == 3
    assert sum(len(record["spike_indices"]) for record in records) == sum(
        answer.num_spikes for answer in expected[:3]
    )


def test_callers_that_know_no_processor_are_guarded(
    pair: Pair,
    model: Any,
    tokenizer: Any,
    expected: list[Generation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = NGSDLogitsProcessor(pair)
    guarded = functools.partial(model.generate, logits_processor=[guard])
    monkeypatch.setattr(model, "generate", guarded)
    inputs = encoded(tokenizer, QUESTIONS[:2])
    output = model.generate(
        **inputs, max_new_tokens=MAX_NEW_TOKENS, do_sample=False, use_cache=True, pad_token_id=0
    )
    assert_answers(output, inputs["input_ids"].shape[1], expected[:2])


def test_beam_search_is_refused_before_a_token(pair: Pair, model: Any, tokenizer: Any) -> None:
    processor = NGSDLogitsProcessor(pair)
    with pytest.raises(ConfigurationError, match="num_beams=1"):
        generate(model, encoded(tokenizer, QUESTIONS[:2]), processor, num_beams=3)
    assert processor.finish() == []


@pytest.mark.parametrize("kind", ["assistant", "prompt lookup"])
def test_assisted_generation_is_refused(pair: Pair, model: Any, tokenizer: Any, kind: str) -> None:
    options: dict[str, Any] = {"prompt_lookup_num_tokens": 3}
    if kind == "assistant":
        options = {"assistant_model": pair.expert.model}  # type: ignore[attr-defined]
    inputs = encoded(tokenizer, ["Say the words one two three one two three one two three."])
    with pytest.raises(ConfigurationError, match="num_beams=1"):
        generate(model, inputs, NGSDLogitsProcessor(pair), **options)


class Faulty:
    """An expert that fails at one of its readings."""

    def __init__(self, expert: Any, fail_at: int) -> None:
        self._expert = expert
        self.num_reads, self.fail_at = 0, fail_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._expert, name)

    def read(self, *args: Any, **options: Any) -> torch.Tensor:
        self.num_reads += 1
        if self.num_reads >= self.fail_at:
            raise RuntimeError("out of memory")
        logits: torch.Tensor = self._expert.read(*args, **options)
        return logits


@pytest.mark.parametrize("fail_at", [1, 4])
def test_failing_expert_ends_the_call_and_shows_no_unguarded_token(
    pair: Pair, model: Any, tokenizer: Any, expected: list[Generation], fail_at: int
) -> None:
    faulty: Any = Faulty(pair.expert, fail_at)
    processor = NGSDLogitsProcessor(Pair(pair.base, faulty, pair.config))
    shown: list[int] = []

    class Recorder(TextStreamer):
        def put(self, value: torch.Tensor) -> None:
            shown.extend(value.flatten().tolist())

    inputs = encoded(tokenizer, [QUESTIONS[1]])
    with pytest.raises(DecodingError):
        generate(model, inputs, processor, streamer=Recorder(tokenizer))
    answer = shown[inputs["input_ids"].shape[1] :]
    assert answer == list(expected[1].token_ids)[: len(answer)]
    assert len(answer) < fail_at
    (report,) = processor.finish()
    assert isinstance(report.error, DecodingError)


def test_mask_with_padding_on_the_right_is_refused(pair: Pair, model: Any, tokenizer: Any) -> None:
    inputs = encoded(tokenizer, QUESTIONS[:2])
    mask = inputs["attention_mask"].flip(1)
    with pytest.raises(ConfigurationError, match="padding_side"):
        generate(model, inputs, NGSDLogitsProcessor(pair, mask))


def test_loaded_model_is_the_pairs_base(
    model: Any, tokenizer: Any, expected: list[Generation]
) -> None:
    processor = NGSDLogitsProcessor.from_model(model, tokenizer, pair="ngsd-mini")
    base: Any = processor.pair.base
    assert base.model is model
    inputs = encoded(tokenizer, QUESTIONS[:2])
    assert_answers(generate(model, inputs, processor), inputs["input_ids"].shape[1], expected[:2])


def test_calibration_of_other_weights_is_refused(model: Any, tokenizer: Any) -> None:
    other = copy.deepcopy(model)
    with torch.no_grad():
        next(other.parameters()).add_(0.1)
    with pytest.raises(ConfigurationError, match="weights"):
        NGSDLogitsProcessor.from_model(other, tokenizer, pair="ngsd-mini")


def test_other_tokenizer_is_refused(pair: Pair) -> None:
    with pytest.raises(VocabularyMismatchError):
        NGSDLogitsProcessor.from_pair(pair, tokenizer=make_tokenizer())


def test_loaded_pair_takes_no_options(pair: Pair) -> None:
    with pytest.raises(ConfigurationError, match="device"):
        NGSDLogitsProcessor.from_pair(pair, device="cpu")
