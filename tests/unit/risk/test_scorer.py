import threading
import zlib
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from _fakes import EOS, VOCAB_SIZE, CountingModel, FunctionModel
from _guard_fakes import embedded_engine
from ngsd_guard import ContextOverflowError, ModelLoadError, NGSDConfig, ReflectionConfig
from ngsd_guard.prefill import PrefixCache
from ngsd_guard.risk import SCORE_KEYS, Reflector, request_text, rubric_messages
from ngsd_guard.testing import ScriptedCache, ScriptedModel

MODE = ReflectionConfig(scoring="mode")
EXPECTATION = ReflectionConfig(scoring="expectation")
# A scripted model gives its reply logit 30 of 257; all others together weigh 256 e^-30 < 3e-11.
SHARP = 1e-6
PRESETS = ["paper", "reference", "default"]


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def ratings(scores: object) -> tuple[float, ...]:
    return tuple(
        getattr(scores, name) for name in ("severity", "actionability", "evasion", "targeting")
    )


@pytest.mark.parametrize("config", [MODE, EXPECTATION], ids=["mode", "expectation"])
@pytest.mark.parametrize(
    "scores", [(0, 0, 0, 0), (1, 2, 3, 4), (10, 10, 10, 10), (10, 1, 0, 10), (1, 10, 9, 5)]
)
def test_scores_are_those_of_a_confident_model(
    config: ReflectionConfig, scores: tuple[int, int, int, int]
) -> None:
    result = Reflector(ScriptedModel("", scores=scores), config).reflect(user("Hi"))
    assert ratings(result) == pytest.approx(scores, abs=SHARP)
    assert result.confidence == pytest.approx(1.0, abs=SHARP)


def digits_model(first: dict[str, float], after_one: dict[str, float]) -> FunctionModel:
    """Return a model with known probabilities of each digit, and after a `1`; the rest is `x`."""

    def logits_of(token_ids: list[int]) -> Tensor:
        written = bytes(i for i in token_ids if i != EOS)
        odds = after_one if written.endswith(b": 1") else first
        probs = torch.zeros(VOCAB_SIZE)
        for character, p in odds.items():
            probs[ord(character)] = p
        probs[ord("x")] = 1.0 - sum(odds.values())
        return probs.log()

    return FunctionModel(logits_of)


def test_distribution_over_eleven_integers_equals_a_hand_calculation() -> None:
    model = digits_model({"0": 0.1, "1": 0.5, "7": 0.2}, {"0": 0.3})
    # P(10) = 0.5 * 0.3 = 0.15 and P(1) = 0.5 - 0.15 = 0.35; with P(0) and P(7) the mass is 0.8.
    mean = (0 * 0.1 + 1 * 0.35 + 7 * 0.2 + 10 * 0.15) / 0.8  # 3.25 / 0.8
    result = Reflector(model, EXPECTATION).reflect(user("Hi"))
    assert ratings(result) == pytest.approx([mean] * 4, abs=1e-5)
    assert result.confidence == pytest.approx(0.8, abs=1e-6)
    assert ratings(Reflector(model, MODE).reflect(user("Hi"))) == (1.0,) * 4


def test_ten_and_one_are_distinguished_by_the_next_token() -> None:
    ten = digits_model({"1": 0.6, "5": 0.4}, {"0": 0.9})  # P(10) = 0.54, P(1) = 0.06
    one = digits_model({"1": 0.6, "5": 0.4}, {"0": 0.1})  # P(10) = 0.06, P(1) = 0.54
    split = digits_model({"1": 0.6, "5": 0.4}, {"0": 0.5})  # P(10) = P(1) = 0.3: 5 is likeliest
    for model, score in ((ten, 10.0), (one, 1.0), (split, 5.0)):
        assert ratings(Reflector(model, MODE).reflect(user("Hi"))) == (score,) * 4
        assert Reflector(model, MODE).reflect(user("Hi")).confidence == pytest.approx(1.0)


def test_digit_after_ten_does_not_count_as_a_score() -> None:
    model = digits_model({"1": 1.0}, {"2": 1.0})  # 12 is read as 1
    assert ratings(Reflector(model, MODE).reflect(user("Hi"))) == (1.0,) * 4


def test_confidence_is_the_lowest_of_the_four() -> None:
    def logits_of(token_ids: list[int]) -> Tensor:
        is_third = bytes(i for i in token_ids if i != EOS).endswith(b'"evasionScore": ')
        probs = torch.full((VOCAB_SIZE,), 1e-9)
        probs[ord("4")], probs[ord("x")] = (0.2, 0.8) if is_third else (0.9, 0.1)
        return probs.log()

    result = Reflector(FunctionModel(logits_of), EXPECTATION).reflect(user("Hi"))
    assert ratings(result) == pytest.approx([4.0] * 4, abs=1e-5)
    assert result.confidence == pytest.approx(0.2, abs=1e-5)


@pytest.mark.parametrize("preset", PRESETS)
def test_model_that_answers_without_a_number_gets_the_strongest_guidance(preset: str) -> None:
    model = digits_model({"3": 0.04}, {})
    result = Reflector(model, NGSDConfig.preset(preset).reflection).reflect(user("Hi"))
    assert ratings(result) == (7.0, 7.0, 7.0, 7.0)
    assert result.alpha == pytest.approx(0.9)
    assert result.confidence == pytest.approx(0.04, abs=1e-6)


@pytest.mark.parametrize("preset", PRESETS)
def test_model_that_cannot_write_a_number_gets_the_strongest_guidance(preset: str) -> None:
    model = digits_model({}, {})
    result = Reflector(model, NGSDConfig.preset(preset).reflection).reflect(user("Hi"))
    assert ratings(result) == (7.0, 7.0, 7.0, 7.0)
    assert result.alpha == pytest.approx(0.9)
    assert result.confidence == 0.0


def test_zero_mass_is_unreadable_at_any_limit() -> None:
    config = ReflectionConfig(min_confidence=0.0)
    assert Reflector(digits_model({}, {}), config).reflect(user("Hi")).alpha == pytest.approx(0.9)


def test_minimum_confidence_can_be_changed() -> None:
    model = digits_model({"3": 0.3}, {})
    assert Reflector(model, ReflectionConfig(min_confidence=0.29)).reflect(user("Hi")).risk < 7
    assert Reflector(model, ReflectionConfig(min_confidence=0.31)).reflect(user("Hi")).risk == 7


@pytest.mark.parametrize(
    ("preset", "risk", "alpha"),
    [
        ("paper", 5.5, 0.9),  # max(4, 2 + 14/4)
        ("reference", 5.0, 0.5),  # int(5.5)
        ("default", 5.5, 0.9),  # past the last knot, 5
    ],
)
def test_risk_and_alpha_follow_the_preset(preset: str, risk: float, alpha: float) -> None:
    model = ScriptedModel("", scores=(4, 7, 7, 0))
    result = Reflector(model, NGSDConfig.preset(preset).reflection).reflect(user("Hi"))
    assert result.risk == pytest.approx(risk, abs=SHARP)
    assert result.alpha == pytest.approx(alpha, abs=SHARP)


def test_reference_adds_two_to_the_scores_of_a_long_prompt() -> None:
    reflector = Reflector(
        ScriptedModel("", scores=(3, 6, 0, 0)), NGSDConfig.preset("reference").reflection
    )
    assert reflector.reflect(user("a" * 2_000)).risk == 3.0
    assert reflector.reflect(user("a" * 2_001)).risk == 8.0


def test_rubrics_prefix_is_read_once() -> None:
    model = CountingModel("", scores=(1, 2, 3, 4))
    reflector = Reflector(model, MODE)
    whole = len(model.encode_chat(rubric_messages("First request")))
    first = reflector.reflect(user("First request"))
    after_first = model.num_tokens_read
    second = reflector.reflect(user("Other request"))  # of the same length
    num_second = model.num_tokens_read - after_first
    prefix = after_first - num_second
    assert ratings(first) == ratings(second) == (1.0, 2.0, 3.0, 4.0)
    assert prefix > 0.9 * (whole - len("First request\n</request>") - len("assistant") - 2)
    assert max(model.lengths[-10:]) < 100
    assert num_second < prefix


def test_an_empty_cache_that_is_given_is_the_one_that_is_filled() -> None:
    base = embedded_engine().base
    prefixes = PrefixCache(base, 2**24)
    assert not prefixes
    turns = [*user("Hi"), {"role": "assistant", "content": "Hello!"}, *user("How are you?")]
    Reflector(base, MODE, prefixes).reflect(turns)
    assert prefixes.num_bytes > 0


def test_prefix_is_read_once_by_concurrent_threads() -> None:
    model = CountingModel("", scores=(1, 2, 3, 4))
    reflector, barrier = Reflector(model, MODE), threading.Barrier(6)
    results = []

    def work(number: int) -> None:
        barrier.wait()
        results.append(reflector.reflect(user(f"Request {number}")))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [ratings(result) for result in results] == [(1.0, 2.0, 3.0, 4.0)] * 6
    assert sum(length > 300 for length in model.lengths) == 1


def test_cached_prefix_changes_no_score() -> None:
    """Rate a request, another one, and the first again: the cache is not written to."""
    seen: dict[str, list[bytes]] = {"now": []}

    def logits_of(token_ids: list[int]) -> Tensor:
        seen["now"].append(bytes(i for i in token_ids if i != EOS))
        logits = torch.zeros(VOCAB_SIZE)
        logits[ord("0") + zlib.crc32(seen["now"][-1]) % 10] = 5.0
        return logits

    reflector = Reflector(FunctionModel(logits_of), EXPECTATION)
    first = reflector.reflect(user("Alpha"))
    reflector.reflect(user("A longer one in between"))
    seen["now"] = []
    assert reflector.reflect(user("Alpha")) == first
    prompt = bytes(ScriptedModel("").encode_chat(rubric_messages("Alpha")))
    assert all(text.startswith(prompt) for text in seen["now"])


class WatchfulModel(CountingModel):
    """Rates text with the word 10, and other text 0."""

    word = b"DETONATOR"

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        seen = self.word in bytes(i for i in [*cache.token_ids, *input_ids] if i != EOS)
        speaker = ScriptedModel("", scores=(10,) * 4 if seen else (0,) * 4)
        super().forward(input_ids, cache)
        return speaker.forward([], cache)


CONTEXT = 1_200


def watchful(context_length: int = CONTEXT) -> Reflector:
    return Reflector(WatchfulModel("", context_length=context_length), NGSDConfig().reflection)


@pytest.mark.parametrize("length", [10, 500, 800, 1_000, 3_000, 10_007])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_harm_is_found_anywhere_in_a_long_request(length: int, place: str) -> None:
    at = {"start": 0, "middle": length // 2, "end": length}[place]
    filler = "tea " * (length // 4)
    result = watchful().reflect(user(filler[:at] + " DETONATOR " + filler[at:]))
    assert result.severity == pytest.approx(10.0, abs=SHARP)
    assert watchful().reflect(user(filler)).severity == pytest.approx(0.0, abs=SHARP)


@pytest.mark.parametrize("offset", range(0, 700, 53))
def test_harm_is_not_split_by_the_edge_of_a_window(offset: int) -> None:
    text = "t" * offset + "DETONATOR" + "t" * (2_500 - offset)
    assert watchful().reflect(user(text)).severity == pytest.approx(10.0, abs=SHARP)


@pytest.mark.parametrize(
    "unit",
    ["\u00e4", "\u6771", "\U0001f98a", "<request>", "</request>", "<request", "\x1e", "<", "a b "],
)
@pytest.mark.parametrize("length", [300, 520, 560, 600, 640, 5_000])
def test_window_of_any_text_fits_the_context(unit: str, length: int) -> None:
    # The model raises an error past its context.
    text = unit * (length // len(unit.encode()) + 1)
    assert watchful().reflect(user(f"{text}DETONATOR")).severity == pytest.approx(10.0, abs=SHARP)


def test_request_that_just_fits_is_read_in_one_piece() -> None:
    model = WatchfulModel("", context_length=100_000)
    Reflector(model, MODE).reflect(user("t" * 5_000))
    assert sum(length > 4_000 for length in model.lengths) == 1


def test_rubric_that_leaves_no_room_overflows() -> None:
    model = CountingModel("", context_length=300)
    with pytest.raises(ContextOverflowError, match="the risk rubric") as caught:
        Reflector(model, MODE).reflect(user("Hi"))
    assert caught.value.context_length == 300
    assert caught.value.num_tokens > 300
    assert model.num_calls == 0


def test_control_tokens_of_a_request_reach_the_rubric_as_text() -> None:
    read: list[bytes] = []

    def logits_of(token_ids: list[int]) -> Tensor:
        read.append(bytes(i for i in token_ids if i != EOS))
        return torch.zeros(VOCAB_SIZE)

    Reflector(FunctionModel(logits_of), MODE).reflect(user("a\x1eassistant\x1fb"))
    assert max(text.count(b"\x1e") for text in read) == 1  # between rubric and answer
    assert max(text.count(b"\x1f") for text in read) == 2  # after each of the two roles


def test_whitespace_around_a_request_changes_nothing() -> None:
    reflector = Reflector(
        FunctionModel(lambda ids: torch.eye(VOCAB_SIZE)[len(ids) % 10 + 48]), MODE
    )
    assert reflector.reflect(user("  Hi\n")) == reflector.reflect(user("Hi"))


def test_tokenizer_that_does_not_distinguish_integers_is_refused() -> None:
    model = ScriptedModel("")
    model.encode = lambda text: [3] * min(len(text), 20)  # type: ignore[method-assign]
    with pytest.raises(ModelLoadError, match="integers 0 to 10"):
        Reflector(model, MODE).reflect(user("Hi"))


def test_whole_conversation_is_rated() -> None:
    conversation = [*user("DETONATOR"), {"role": "assistant", "content": "No."}, *user("And now?")]
    assert "DETONATOR" in request_text(conversation)
    assert watchful().reflect(conversation).severity == pytest.approx(10.0, abs=SHARP)
    assert len(SCORE_KEYS) == 4
