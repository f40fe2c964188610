"""What LangChain programs expect of a chat model besides its answers."""

import math
from pathlib import Path
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumpd, dumps, load
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField

from langchain_ngsd import ChatNGSD
from ngsd_guard import AuditLog, ContextOverflowError, Engine, NGSDConfig, load_engine
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

PROMPT = "Name three colours."
pytestmark = pytest.mark.filterwarnings(
    "ignore::langchain_core._api.beta_decorator.LangChainBetaWarning"
)


@pytest.fixture(scope="module")
def mini() -> ChatNGSD:
    return ChatNGSD.from_engine(load_engine(), max_tokens=16)


def merged(chunks: Any) -> AIMessageChunk:
    whole: AIMessageChunk | None = None
    for chunk in chunks:
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    return whole


def test_serialised_model_holds_no_key_no_weights_and_comes_back(tmp_path: Path) -> None:
    config = NGSDConfig.preset("paper")
    path = tmp_path / "audit.jsonl"
    secret = "kanarienvogel"
    model = ChatNGSD(
        temperature=0.5, stop=["x"], config=config, audit=AuditLog(path), api_key=secret
    )
    written = dumps(model)
    assert secret not in written
    assert len(written) < 10_000
    back = load(dumpd(model), allowed_objects=[ChatNGSD], valid_namespaces=["langchain_ngsd"])
    assert isinstance(back, ChatNGSD)
    assert dumpd(back) == dumpd(model)
    assert back.config == config
    assert str(back.audit) == str(path)
    assert secret not in repr(model)


def test_unset_options_stay_unset_so_that_the_calibration_counts() -> None:
    back: Any = load(
        dumpd(ChatNGSD()), allowed_objects=[ChatNGSD], valid_namespaces=["langchain_ngsd"]
    )
    assert "config" not in back.model_fields_set


def test_models_with_the_same_options_share_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load_scripted(model: str, *_: Any, **__: Any) -> Engine:
        loads.append(model)
        return scripted_engine()

    monkeypatch.setattr("langchain_ngsd._engines.load_engine", load_scripted)
    first, second = ChatNGSD(model="a", expert="b"), ChatNGSD(model="a", expert="b", temperature=1)
    assert first.engine is second.engine
    assert first.invoke(PROMPT, model="c").response_metadata["model_name"] == "c"
    first.invoke(PROMPT, model="c")
    assert loads == ["a", "c"]


def test_configurable_fields_change_the_answer_and_keep_the_engine() -> None:
    model = ChatNGSD.from_engine(scripted_engine("abcdef", "abcdef"))
    configurable = model.configurable_fields(max_tokens=ConfigurableField(id="length"))
    assert configurable.invoke(PROMPT).text == "abcdef"
    assert configurable.with_config(configurable={"length": 2}).invoke(PROMPT).text == "ab"


def test_cache_answers_the_second_time() -> None:
    cache = InMemoryCache()
    model = ChatNGSD.from_engine(scripted_engine(), cache=cache)
    first, second = model.invoke(PROMPT), model.invoke(PROMPT)
    assert first.text == second.text
    assert first.response_metadata["ngsd"] == second.response_metadata["ngsd"]  # the same record
    hotter = model.invoke(PROMPT, temperature=0.3)
    assert (
        hotter.response_metadata["ngsd"]["record_id"]
        != first.response_metadata["ngsd"]["record_id"]
    )


def test_rate_limiter_is_asked() -> None:
    class Limiter(InMemoryRateLimiter):
        asked = 0

        def acquire(self, *, blocking: bool = True) -> bool:
            type(self).asked += 1
            return True

    ChatNGSD.from_engine(scripted_engine(), rate_limiter=Limiter()).invoke(PROMPT)
    assert Limiter.asked == 1


def test_tracers_are_told_the_model_and_its_options() -> None:
    told: list[dict[str, Any]] = []

    class Tap(BaseCallbackHandler):
        def on_chat_model_start(self, *_: Any, metadata: Any = None, **__: Any) -> None:
            told.append(metadata)

    model = ChatNGSD.from_engine(scripted_engine(), temperature=0.25, max_tokens=7)
    model.invoke(PROMPT, config={"callbacks": [Tap()]})
    (metadata,) = told
    assert metadata["ls_provider"] == "ngsd"
    assert metadata["ls_model_name"] == "scripted-base"
    assert (metadata["ls_temperature"], metadata["ls_max_tokens"]) == (0.25, 7)


def test_callbacks_are_told_what_the_gate_thought_of_every_token() -> None:
    steps: list[dict[str, Any]] = []

    class Tap(BaseCallbackHandler):
        def on_llm_new_token(self, *_: Any, chunk: Any = None, **__: Any) -> None:
            steps.extend((chunk.generation_info or {}).get("ngsd_steps", ()))

    model = ChatNGSD.from_engine(scripted_engine())
    message = merged(model.stream(PROMPT, config={"callbacks": [Tap()]}))
    assert [step["position"] for step in steps] == list(range(len(steps)))
    assert sum(step["spiked"] for step in steps) == message.response_metadata["ngsd"]["num_spikes"]
    assert all(set(step) == {"position", "current", "membrane_potential", "spiked", "overridden"}
               for step in steps)  # fmt: skip
    assert message.response_metadata["ngsd_steps"] == steps


def test_prompt_over_the_context_is_refused_before_any_work_by_both_names() -> None:
    class Idle(ScriptedModel):
        def forward(self, *_: Any) -> Any:
            raise AssertionError("no work may be done")

    model = ChatNGSD.from_engine(Engine(Pair(Idle("a", context_length=600), ScriptedModel("a"))))
    for name in (ContextOverflowError, exceptions.ContextOverflowError):
        with pytest.raises(name) as caught:
            model.invoke("x" * 1_000)
    assert caught.value.num_tokens > 1_000  # type: ignore[attr-defined]
    assert caught.value.context_length == 600  # type: ignore[attr-defined]


def test_prompt_tokens_are_counted_as_the_engine_counts_them(mini: ChatNGSD) -> None:
    messages = [SystemMessage("Be brief."), HumanMessage(PROMPT)]
    usage = mini.invoke(messages).usage_metadata
    assert usage is not None
    assert mini.get_num_tokens_from_messages(messages) == usage["input_tokens"]
    tools = [{"name": "f", "description": "Do f.", "parameters": {}}]
    assert mini.get_num_tokens_from_messages(messages, tools=tools) > usage["input_tokens"]


def test_developer_messages_are_system_messages() -> None:
    seen: list[Any] = []

    class Listening(ScriptedModel):
        def encode_chat(self, messages: Any, tools: Any = ()) -> list[int]:
            seen.append([message["role"] for message in messages])
            return super().encode_chat(messages)

    model = ChatNGSD.from_engine(Engine(Pair(Listening("ok"), ScriptedModel("ok"))))
    model.invoke([("developer", "Be brief."), ("human", PROMPT)])
    assert seen[0] == ["system", "user"]


def test_earlier_reasoning_is_not_read_again(mini: ChatNGSD) -> None:
    blocks: list[Any] = [
        {"type": "reasoning", "reasoning": "thinking"},
        {"type": "text", "text": "Red."},
    ]
    history = [HumanMessage(PROMPT), AIMessage(blocks), HumanMessage("And one more?")]
    plain = [HumanMessage(PROMPT), AIMessage("Red."), HumanMessage("And one more?")]
    assert mini.get_num_tokens_from_messages(history) == mini.get_num_tokens_from_messages(plain)


@pytest.mark.parametrize("stop", [["Par"], ["zzz", "l of"], ["The"], ["is Paris"]])
def test_stop_strings_end_the_answer_on_every_surface(mini: ChatNGSD, stop: list[str]) -> None:
    question = "What is the capital of France?"
    whole = mini.invoke(question).text
    (cut,) = (whole.find(text) for text in stop if text in whole)
    for message in (
        mini.invoke(question, stop=stop),
        merged(mini.stream(question, stop=stop)),
        mini.batch([question] * 2, stop=stop)[1],
    ):
        assert message.text == whole[:cut]
        assert message.response_metadata["finish_reason"] == "stop"


def test_logprobs_are_told_on_request(mini: ChatNGSD) -> None:
    question = "What is the capital of France?"
    invoked = mini.invoke(question, logprobs=True, top_logprobs=3)
    streamed = merged(mini.stream(question, logprobs=True, top_logprobs=3))
    batched = mini.batch([question] * 2, logprobs=True, top_logprobs=3)[0]
    for message in (invoked, streamed, batched):
        told = message.response_metadata["logprobs"]["content"]
        assert message.usage_metadata is not None
        assert len(told) == message.usage_metadata["output_tokens"]
        assert "".join(token["token"] for token in told) == message.text
        assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 3 for token in told)
        assert all(token["logprob"] == pytest.approx(token["top_logprobs"][0]["logprob"], abs=1e-4)
                   for token in told)  # fmt: skip
        assert math.isclose(told[0]["logprob"], _told(invoked)[0]["logprob"], abs_tol=1e-4)
    assert "logprobs" not in mini.invoke(question).response_metadata


def _told(message: AIMessage) -> Any:
    return message.response_metadata["logprobs"]["content"]


def test_environment_names_the_default_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGSD_MODEL", "path/to/base")
    monkeypatch.setenv("NGSD_EXPERT", "path/to/expert")
    model = ChatNGSD()
    assert (model.model, model.expert) == ("path/to/base", "path/to/expert")
    assert ChatNGSD(model="other").model == "other"
