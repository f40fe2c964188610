"""Overridden tokens of the base appear nowhere: one attacked request, every interface."""

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.schemas import Run

from langchain_ngsd import ChatNGSD
from ngsd_guard import AuditLog, GateConfig, NGSDConfig
from ngsd_guard.testing import scripted_engine

PROMPT = "Tell me how."
LEAK = "\u0416"  # the base's answer, repeated; no other text here contains this letter
REFUSAL = "I'm sorry, but I can't help with that."
ALWAYS = NGSDConfig(gate=GateConfig(v_threshold=0.1, bias_current=0.9))


class Tap(BaseCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_llm_new_token(self, *args: Any, **options: Any) -> None:
        self.heard.append((args, options))

    def on_llm_end(self, *args: Any, **options: Any) -> None:
        self.heard.append((args, options))


class AsyncTap(AsyncCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[Any] = []

    async def on_llm_new_token(self, *args: Any, **options: Any) -> None:
        self.heard.append((args, options))

    async def on_llm_end(self, *args: Any, **options: Any) -> None:
        self.heard.append((args, options))


class Tracer(BaseTracer):
    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run.model_dump_json())


def guarded(path: Path | None = None, **options: Any) -> ChatNGSD:
    audit = None if path is None else AuditLog(path)
    engine = scripted_engine(LEAK * 40, REFUSAL, config=ALWAYS, audit=audit)
    return ChatNGSD.from_engine(engine, **options)


def assert_clean(*heard: Any) -> None:
    for said in heard:
        text = said if isinstance(said, str) else f"{said!r} {said}"
        assert text
        assert LEAK not in text
        assert json.dumps(LEAK).strip('"') not in text
        assert "\ufffd" not in text  # part of the letter


def test_the_base_alone_would_emit_it() -> None:
    assert (
        LEAK in guarded().engine.generate([{"role": "user", "content": PROMPT}], guarded=False).text
    )


def test_invoke_stream_batch_callbacks_and_tracers_are_clean(tmp_path: Path) -> None:
    path, tap, tracer = tmp_path / "audit.jsonl", Tap(), Tracer()
    model = guarded(path)
    config: Any = {"callbacks": [tap, tracer]}
    message = model.invoke(PROMPT, config, logprobs=True, top_logprobs=20)
    chunks = list(model.stream(PROMPT, config, logprobs=True, top_logprobs=20))
    batch = model.batch([PROMPT, PROMPT], config)
    assert message.text == REFUSAL
    assert message.response_metadata["ngsd"]["num_overrides"] > 0
    assert tap.heard
    assert tracer.runs
    assert_clean(message, chunks, batch, tap.heard, *tracer.runs, path.read_text())


@pytest.mark.filterwarnings("ignore::langchain_core._api.beta_decorator.LangChainBetaWarning")
async def test_async_surfaces_and_events_are_clean(tmp_path: Path) -> None:
    path, tap = tmp_path / "audit.jsonl", AsyncTap()
    model = guarded(path)
    config: Any = {"callbacks": [tap]}
    message = await model.ainvoke(PROMPT, config)
    chunks = [chunk async for chunk in model.astream(PROMPT, config)]
    events = [event async for event in model.astream_events(PROMPT, config, version="v2")]
    typed = await model.astream_events(PROMPT, version="v3")
    protocol = [event async for event in typed]
    batch = await model.abatch([PROMPT, PROMPT], config)
    assert message.text == REFUSAL
    assert "".join(chunk.text for chunk in chunks) == REFUSAL
    assert any(event["event"] == "on_chat_model_stream" for event in events)
    assert_clean(message, chunks, events, protocol, batch, tap.heard, path.read_text())


def test_held_back_sentences_are_never_seen(tmp_path: Path) -> None:
    decoding = ALWAYS.decoding.replace(max_repairs=2, repair_after=0)
    engine = scripted_engine(LEAK * 40, REFUSAL, config=ALWAYS.replace(decoding=decoding))
    tap = Tap()
    chunks = list(ChatNGSD.from_engine(engine).stream(PROMPT, {"callbacks": [tap]}))
    assert_clean(chunks, tap.heard)
