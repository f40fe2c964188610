"""What LangChain programs expect of a chat model besides its answers."""

import copy
import math
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumpd, dumps, load
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField

from langchain_ngsd import ChatNGSD
from ngsd_guard import (
    AuditLog,
    ConfigurationError,
    ContextOverflowError,
    Engine,
    InvalidRequestError,
    NGSDConfig,
    load_engine,
)
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
    assert back.config is None


def test_models_with_the_same_options_share_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load_scripted(model: str, *_: Any, **__: Any) -> Engine:
        loads.append(model)
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load_scripted)
    first, second = ChatNGSD(model="a", expert="b"), ChatNGSD(model="a", expert="b", temperature=1)
    narrow = ChatNGSD(model="a", expert="b", max_concurrency=1)
    assert first.chat is second.chat
    assert narrow.engine is first.engine
    assert narrow.chat is not first.chat
    assert loads == ["a"]


def test_copy_with_another_expert_loads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Any] = []

    def load_scripted(model: str, expert: str, *_: Any, **__: Any) -> Engine:
        loads.append(expert)
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load_scripted)
    model = ChatNGSD(model="a", expert="b")
    model.invoke(PROMPT)
    model.model_copy(update={"expert": "c"}).invoke(PROMPT)
    assert loads == ["b", "c"]


def test_call_cannot_name_another_model() -> None:
    model = ChatNGSD.from_engine(scripted_engine())
    with pytest.raises(ConfigurationError, match="make another ChatNGSD"):
        model.invoke(PROMPT, model="c")


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


def test_calibration_stays_in_force_in_configured_and_copied_models() -> None:
    model = ChatNGSD()
    calibration = model.engine.calibration
    assert calibration is not None
    fields = {"max_tokens": ConfigurableField(id="length")}
    configured: Any = model.configurable_fields(**fields).with_config(configurable={"length": 4})
    inner, _ = configured.prepare()
    for other in (inner, model.model_copy(update={"max_tokens": 4}), copy.deepcopy(model)):
        assert other.engine is model.engine
        assert other.engine.calibration == calibration
    explicit = ChatNGSD(config=NGSDConfig())
    assert explicit.engine.calibration is None
    assert explicit.engine.config == NGSDConfig()


def test_traces_and_cache_keys_name_the_digests_in_force() -> None:
    calibrated, plain = ChatNGSD(), ChatNGSD(config=NGSDConfig())
    heard: list[dict[str, Any]] = []

    class Tap(BaseCallbackHandler):
        def on_chat_model_start(self, *_: Any, invocation_params: Any, **__: Any) -> None:
            heard.append(invocation_params)

    for model in (calibrated, plain):
        model.invoke(PROMPT, config={"callbacks": [Tap()]}, max_tokens=1)
        identity = model.engine.pair.identity
        for name in ("base", "expert", "tokenizer", "config", "calibration"):
            assert heard[-1][f"{name}_digest"] == identity[f"{name}_digest"]
    assert heard[0]["calibration_digest"] is not None
    assert heard[1]["calibration_digest"] is None
    assert heard[0]["config_digest"] != heard[1]["config_digest"]
    assert calibrated._get_llm_string() != plain._get_llm_string()


@pytest.mark.parametrize("is_async", [False, True])
async def test_two_experts_of_one_name_do_not_share_cached_answers(is_async: bool) -> None:
    cache = InMemoryCache()
    answers = []
    for refusal in ("No.", "Never."):
        engine = scripted_engine("Sure.", refusal, config=NGSDConfig.preset("paper"))
        model = ChatNGSD.from_engine(engine, cache=cache)
        answers.append((await model.ainvoke(PROMPT) if is_async else model.invoke(PROMPT)).text)
    assert answers == ["No.", "Never."]


def test_copy_with_other_options_has_a_cache_key_of_its_own() -> None:
    model = ChatNGSD.from_engine(scripted_engine("abcdef", "abcdef"), cache=InMemoryCache())
    assert model.invoke(PROMPT).text == "abcdef"
    assert model.model_copy(update={"max_tokens": 2}).invoke(PROMPT).text == "ab"


def test_building_chains_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_nothing(*_: Any, **__: Any) -> Engine:
        raise AssertionError("nothing may be loaded")

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load_nothing)
    model = ChatNGSD(model="a", expert="b")
    chain = model.bind(stop=["x"]) | (lambda message: message.text)
    copies = (repr(model), dumps(model), copy.deepcopy(model), pickle.dumps(model), str(chain))
    assert all(copies)
    model.with_structured_output({"title": "t", "type": "object", "properties": {}})


async def test_weights_load_in_a_thread_on_an_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[Any] = []

    def load_scripted(*_: Any, **__: Any) -> Engine:
        threads.append(threading.current_thread())
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load_scripted)
    answers: list[Any] = [await ChatNGSD(model="a", expert="b").ainvoke(PROMPT)]
    answers += [chunk async for chunk in ChatNGSD(model="a", expert="c").astream(PROMPT)]
    answers += await ChatNGSD(model="a", expert="d", cache=InMemoryCache()).abatch([PROMPT] * 2)
    assert len(threads) == 3
    assert threading.main_thread() not in threads


def test_loaded_model_can_be_copied_and_pickled(tmp_path: Path) -> None:
    model = ChatNGSD(max_tokens=4, audit=tmp_path / "audit.jsonl")
    answer = model.invoke(PROMPT).text
    copied: ChatNGSD = copy.deepcopy(model)
    back: ChatNGSD = pickle.loads(pickle.dumps(model))
    for other in (copied, back):
        assert other.engine is model.engine
        assert other.invoke(PROMPT).text == answer
    in_memory = ChatNGSD.from_engine(scripted_engine(audit=AuditLog(tmp_path / "other.jsonl")))
    assert copy.deepcopy(in_memory).engine is in_memory.engine
    assert pickle.loads(pickle.dumps(in_memory)).engine is in_memory.engine


def test_pickle_of_a_loaded_model_is_small_and_works_in_another_process() -> None:
    model = ChatNGSD(max_tokens=4)
    answer = model.invoke(PROMPT).text
    written = pickle.dumps(model)
    assert len(written) < 10_000
    code = (
        "import pickle, sys\n"
        "model = pickle.loads(sys.stdin.buffer.read())\n"
        f"print(model.invoke({PROMPT!r}).text, end='')"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], input=written, capture_output=True, check=True, timeout=120
    )
    assert found.stdout.decode() == answer


def test_pickle_of_a_model_from_an_engine_is_refused_in_another_process() -> None:
    written = pickle.dumps(ChatNGSD.from_engine(scripted_engine()))
    code = "import pickle, sys\npickle.loads(sys.stdin.buffer.read())"
    found = subprocess.run(
        [sys.executable, "-c", code], input=written, capture_output=True, check=False, timeout=120
    )
    assert "ConfigurationError" in found.stderr.decode()
    assert "name the models instead" in found.stderr.decode()


@pytest.mark.parametrize("change", [
    {"model": "x"}, {"expert": "x"}, {"config": NGSDConfig.preset("paper")}, {"device": "cuda"},
    {"audit": "x.jsonl"}, {"max_concurrency": 1}, {"max_queue": 1},
])  # fmt: skip
def test_what_a_given_engine_has_decided_cannot_be_changed_in_silence(
    change: dict[str, Any],
) -> None:
    model = ChatNGSD.from_engine(scripted_engine())
    (name,) = change
    with pytest.raises(ConfigurationError, match=name):
        model.model_copy(update=change).invoke(PROMPT)
    if name not in ("max_concurrency", "max_queue"):
        with pytest.raises(ConfigurationError, match=f"{name} cannot be chosen"):
            ChatNGSD.from_engine(scripted_engine(), **change)


CALL: Any = {"name": "now", "args": {}, "id": "a1", "type": "tool_call"}
COUNTED: dict[str, list[Any]] = {
    "empty": [],
    "system": [SystemMessage("Be brief.")],
    "human": [HumanMessage(PROMPT)],
    "answer": [AIMessage("Red, green and blue.")],
    "call": [AIMessage("", tool_calls=[CALL])],
    "result": [ToolMessage("12:00", tool_call_id="a1")],
    "blank": [HumanMessage("")],
    "control": [HumanMessage("<|im_end|>")],
    "answered": [HumanMessage("Time?"), AIMessage("", tool_calls=[CALL]),
                 ToolMessage("12:00", tool_call_id="a1"), AIMessage("It is noon.")],
}  # fmt: skip


@pytest.mark.parametrize("kind", COUNTED)
def test_counting_is_not_answering(mini: ChatNGSD, kind: str) -> None:
    count = mini.get_num_tokens_from_messages(COUNTED[kind])
    assert (count == 0) is (kind == "empty")
    longer = [*COUNTED[kind], HumanMessage("And one more word.")]
    assert mini.get_num_tokens_from_messages(longer) > count


@pytest.mark.parametrize("kind", COUNTED)
@pytest.mark.parametrize("strategy", ["first", "last"])
@pytest.mark.parametrize("max_tokens", [0, 30, 10_000])
def test_messages_are_trimmed_by_its_count(
    mini: ChatNGSD, kind: str, strategy: Any, max_tokens: int
) -> None:
    messages = COUNTED[kind]
    kept = trim_messages(
        messages, token_counter=mini, max_tokens=max_tokens, strategy=strategy,
        include_system=strategy == "last",
    )  # fmt: skip
    assert all(message in messages for message in kept)
    assert mini.get_num_tokens_from_messages(kept) <= max_tokens or len(kept) == 1
    if max_tokens == 10_000:
        assert kept == messages


def test_template_that_refuses_the_messages_is_no_reason_not_to_count() -> None:
    class Strict(ScriptedModel):
        def encode_chat(self, messages: Any, tools: Any = ()) -> list[int]:
            if messages[0]["role"] != "user":
                raise InvalidRequestError("it must begin with a user message")
            return super().encode_chat(messages, tools)

    model = ChatNGSD.from_engine(Engine(Pair(Strict("a"), ScriptedModel("a"))))
    short, long = (
        model.get_num_tokens_from_messages([SystemMessage(text)]) for text in ("Hi", "Hi there")
    )
    assert 0 < short < long


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage([{"type": "text-plain", "base64": "SGk=", "mime_type": "text/plain"}]),
        HumanMessage([{"type": "tool_use", "id": "a1", "name": "f", "input": {}}, "Hi"]),
        HumanMessage([{"type": "reasoning", "reasoning": "Hm."}, {"type": "text", "text": "Hi"}]),
    ],
)
def test_blocks_that_cannot_be_read_are_refused_and_not_dropped(
    mini: ChatNGSD, message: HumanMessage
) -> None:
    with pytest.raises(InvalidRequestError, match="holds a block of the type"):
        mini.invoke([message])


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_output_of_no_messages_is_a_typed_error(mini: ChatNGSD, method: Any) -> None:
    schema = {"title": "t", "type": "object", "properties": {"x": {"type": "integer"}}}
    with pytest.raises(InvalidRequestError, match="messages is empty"):
        mini.with_structured_output(schema, method=method).invoke([])
