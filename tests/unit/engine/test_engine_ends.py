import pytest

from _fakes import (
    EAGER,
    EOS,
    SILENT,
    USER,
    CountingModel,
    FunctionModel,
    random_logits,
)
from ngsd_guard import (
    ContextOverflowError,
    DecodingConfig,
    Engine,
    NGSDConfig,
)
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

SURE, SORRY = "Sure, here is how.", "I'm sorry, but I can't help with that."


def noisy_engine(config: NGSDConfig = EAGER) -> Engine:
    return Engine(Pair(FunctionModel(random_logits(1)), FunctionModel(random_logits(2)), config))


def test_stop_string_ends_the_answer_and_is_not_part_of_it() -> None:
    engine = scripted_engine("One, two, three.", config=SILENT)
    for stop in ("two", ["zebra", "two"]):
        stream = engine.stream(USER, stop=stop)
        steps = list(stream)
        assert stream.generation.text == "One, "
        assert stream.generation.finish_reason == "stop"
        assert len(steps) == len("One, two")
        assert not any("t" in step.text for step in steps)


def test_false_start_of_a_stop_string_at_the_end_is_kept() -> None:
    answer = scripted_engine("One tw", config=SILENT).generate(USER, stop="two")
    assert answer.text == "One tw"
    assert answer.finish_reason == "stop"
    assert scripted_engine("One two", config=SILENT).generate(
        USER, stop="two", max_new_tokens=6
    ).text == ("One tw")


def test_stop_string_in_the_prompt_ends_nothing() -> None:
    assert scripted_engine(SURE, config=SILENT).generate(USER, stop="foxes").text == SURE


def test_any_of_several_end_tokens_ends_the_answer() -> None:
    base = ScriptedModel(SURE)
    base.eos_token_ids = frozenset([EOS, ord(",")])
    answer = Engine(Pair(base, ScriptedModel(SORRY), SILENT)).generate(USER)
    assert answer.token_ids == tuple(b"Sure,")
    assert answer.finish_reason == "stop"


def test_answer_is_as_long_as_allowed() -> None:
    answer = scripted_engine(SURE, config=SILENT).generate(USER, max_new_tokens=4)
    assert (answer.text, answer.finish_reason) == ("Sure", "length")
    assert answer.usage.output_tokens == 4
    full = scripted_engine(SURE, config=SILENT).generate(USER, max_new_tokens=len(SURE) + 1)
    assert (full.text, full.finish_reason) == (SURE, "stop")


def test_character_cut_off_by_the_length_is_left_out() -> None:
    answer = scripted_engine("a\u6771", config=SILENT).generate(USER, max_new_tokens=3)
    assert answer.text == "a"
    assert len(answer.token_ids) == 3


def test_default_length_is_the_configured_one() -> None:
    config = SILENT.replace(decoding=DecodingConfig(max_new_tokens=7))
    assert len(noisy_engine(config).generate(USER).token_ids) == 7


@pytest.mark.parametrize("narrow", ["base", "expert"])
def test_default_length_is_cut_to_the_room_in_the_narrower_context(narrow: str) -> None:
    length = len(ScriptedModel("").encode_chat(USER)) + 11
    lengths = {"base": 4_000, "expert": 4_000} | {narrow: length}
    models = {
        role: FunctionModel(random_logits(1), context_length=n) for role, n in lengths.items()
    }
    engine = Engine(Pair(models["base"], models["expert"], SILENT))
    guarded = narrow == "expert"  # the rubric itself would not fit into so narrow a base
    answer = engine.generate(USER, guarded=guarded)
    assert len(answer.token_ids) == 11
    assert answer.finish_reason == "length"


def test_room_is_what_the_longer_prompt_of_the_two_templates_leaves() -> None:
    base = FunctionModel(random_logits(1), context_length=2_000)
    expert = FunctionModel(random_logits(2), context_length=1_990)
    plain = base.encode_chat
    base.encode_chat = lambda messages, tools=(): (
        [65] * 1_950 if len(messages) == 2 else plain(messages)
    )
    answered = [*USER, {"role": "assistant", "content": "Foxes"}]
    answer = Engine(Pair(base, expert, SILENT)).generate(answered)
    assert len(answer.token_ids) == 50  # 2,000 - 1,950, though the expert's context is narrower


@pytest.mark.parametrize("narrow", ["base", "expert"])
def test_context_overflow_is_raised_before_any_model_is_called(narrow: str) -> None:
    length = len(ScriptedModel("").encode_chat(USER)) + 10
    base, expert = CountingModel(SURE), CountingModel(SORRY)
    (base if narrow == "base" else expert).context_length = length
    engine = Engine(Pair(base, expert))
    with pytest.raises(ContextOverflowError, match="needs") as caught:
        engine.stream(USER, max_new_tokens=11)
    assert (caught.value.num_tokens, caught.value.context_length) == (length + 1, length)
    assert base.num_calls == expert.num_calls == 0


def test_prompt_that_leaves_no_room_at_all_overflows() -> None:
    base = CountingModel(SURE)
    base.context_length = len(base.encode_chat(USER))
    with pytest.raises(ContextOverflowError):
        Engine(Pair(base, CountingModel(SORRY))).generate(USER, guarded=False)
    assert base.num_calls == 0
