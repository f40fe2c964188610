"""The playground's page and endpoints, without a browser."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from _chatting import error_of, frames_of
from _guard_fakes import HARMFUL, SECRET, FaultyModel, keyword_engine, wait_until
from _served import client_of, keyword_app, serving
from ngsd_guard import AuditLog, ConfigurationError, Engine
from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.pairs import list_pairs
from ngsd_guard.server._keys import hash_key
from ngsd_guard.server.playground import PAGE_PATHS
from ngsd_guard.server.playground import _page as page_module
from ngsd_guard.server.playground._examples import CLOTHES, EXAMPLES
from ngsd_guard.server.playground._records import SessionRecords, session_id
from ngsd_guard.server.playground._tuning import TunedEngines
from ngsd_guard.testing import scripted_engine
from ngsd_guard.types import Message

KEY = "key-of-the-tests"
SESSION = {"X-Playground-Session": "s" * 32}
ASKED: list[Message] = [{"role": "user", "content": "How do I bake a cake?"}]
ANSWERS = "/playground/answers"


def playground(engine: Engine | None = None, **settings: Any) -> Any:
    return keyword_app(engine or scripted_engine(), playground=True, **settings)


def body(**fields: Any) -> dict[str, Any]:
    return {"text": ASKED[0]["content"], "max_new_tokens": 60, **fields}


async def answers_of(app: Any, **fields: Any) -> list[tuple[str | None, Any]]:
    async with client_of(app, headers=SESSION) as client:
        answer = await client.post(ANSWERS, json=body(**fields))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return frames_of(answer.text)


def of(frames: list[tuple[str | None, Any]], name: str, side: str | None = None) -> list[Any]:
    return [data for kind, data in frames if kind == name and side in (None, data.get("side"))]


async def test_page_is_not_served_unless_it_is_on() -> None:
    async with client_of(keyword_app(), headers=SESSION) as client:
        for path in (*PAGE_PATHS, "/playground/settings"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post(ANSWERS, json=body())).status_code == 404


@pytest.mark.parametrize("path", sorted(PAGE_PATHS))
async def test_page_forbids_scripts_and_loads_from_elsewhere(path: str) -> None:
    async with client_of(playground(api_key_hashes=(hash_key(KEY),))) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+", re.sub(r"^ *//.*$", "", answer.text)))
    assert addresses <= {"http://www.w3.org"}  # names of the SVG language
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", answer.text)
    assert "innerHTML" not in answer.text


def test_every_file_of_the_page_is_served() -> None:
    folder = Path(page_module.__file__).parent / "page"
    served = {name for name, _ in page_module._FILES.values()}
    assert {path.name for path in folder.iterdir()} == served


async def test_settings_describe_the_pair_and_its_sliders() -> None:
    app = playground()
    async with client_of(app) as client:
        first, second = [(await client.get("/playground/settings")).json() for _ in range(2)]
    gate = app.state.ngsd.engine.config.gate
    threshold = first["threshold"]
    assert threshold["value"] == gate.v_threshold
    assert threshold["min"] < threshold["value"] < threshold["max"]
    assert first["is_recorded"] is False
    assert first["session"] != second["session"]
    assert [each["text"] for each in first["examples"]] == [each.text for each in EXAMPLES]
    assert {each["name"] for each in first["clothes"]} == {each.name for each in CLOTHES}


def test_the_demonstration_is_not_shown_without_its_caution() -> None:
    cautions = {pair.name: pair.caution for pair in list_pairs()}
    assert "protects nothing" in str(cautions["ngsd-mini"])


async def test_both_answers_are_the_engines_own() -> None:
    app = playground()
    frames = await answers_of(app)
    engine = app.state.ngsd.engine
    for side, guarded in (("unguarded", False), ("guarded", True)):
        expected = engine.generate(ASKED, guarded=guarded, max_new_tokens=60, trace=True)
        tokens = of(frames, "token", side)
        assert "".join(token["text"] for token in tokens) == expected.text
        assert [token["is_end"] for token in tokens] == [False] * (len(tokens) - 1) + [True]
        (answer,) = of(frames, "answer", side)
        assert answer["num_overrides"] == expected.num_overrides
        assert answer["risk"] == expected.risk
    assert frames[0][0] == "verdict"
    assert frames[-1] == ("end", {"is_unchanged": False})


async def test_guarded_tokens_say_what_the_gate_did() -> None:
    app = playground()
    frames = await answers_of(app)
    generation = app.state.ngsd.engine.generate(ASKED, max_new_tokens=60, trace=True)
    (rated,) = of(frames, "rated")
    assert (rated["risk"], rated["alpha"]) == (
        pytest.approx(generation.risk, abs=1e-4),
        pytest.approx(generation.alpha, abs=1e-4),
    )
    for token, step in zip(of(frames, "token", "guarded"), generation.steps, strict=True):
        expected = "overridden" if step.overridden else "spike" if step.spiked else "silent"
        assert token["gate"] == expected
        assert token["charged_potential"] == pytest.approx(step.charged_potential, abs=1e-4)
        assert ("base_text" in token) == step.overridden
    assert "gate" not in of(frames, "token", "unguarded")[0]


async def test_a_prefilled_answer_is_gone_on_with() -> None:
    app = playground()
    frames = await answers_of(app, prefill="Sure, here")
    turns: list[Message] = [*ASKED, {"role": "assistant", "content": "Sure, here"}]
    expected = app.state.ngsd.engine.generate(turns, guarded=False, max_new_tokens=60)
    assert "".join(token["text"] for token in of(frames, "token", "unguarded")) == expected.text


async def test_sliders_change_this_request_only() -> None:
    app = playground()
    before = await answers_of(app)
    own = app.state.ngsd.engine.config
    strict = await answers_of(app, threshold=2.7)
    weak = await answers_of(app, alpha=0.0)
    assert of(strict, "rated")[0]["v_threshold"] == 2.7
    gates = [of(frames, "token", "guarded")[0]["gate"] for frames in (before, strict)]
    assert gates == ["overridden", "silent"]
    assert of(weak, "rated")[0]["alpha"] == 0
    assert of(weak, "answer", "guarded")[0]["num_spikes"] > 0
    assert of(weak, "answer", "guarded")[0]["num_overrides"] == 0
    assert weak[-1] == ("end", {"is_unchanged": True})
    after = await answers_of(app)
    assert of(after, "token", "guarded") == of(before, "token", "guarded")
    assert app.state.ngsd.engine.config is own


async def test_requests_at_the_same_time_get_the_same_answers() -> None:
    app = playground(max_concurrency=4)
    alone = await answers_of(app)
    together = await asyncio.gather(*(answers_of(app) for _ in range(8)))
    for frames in together:
        for side in ("unguarded", "guarded"):
            assert of(frames, "token", side) == of(alone, "token", side)


def test_a_lower_threshold_lowers_the_start_of_risky_requests() -> None:
    engine = scripted_engine()
    gate = engine.config.gate.replace(initial_potential_knots=((2.0, 0.0), (5.0, 0.8)))
    tuned = TunedEngines(Engine(engine.pair.with_config(engine.config.replace(gate=gate))))
    lowered = tuned.engine(0.5, None).config.gate
    assert lowered.v_threshold == 0.5
    assert lowered.initial_potential_knots == ((2.0, 0.0), (5.0, pytest.approx(0.495)))
    assert tuned.engine(None, None).config.gate == gate
    assert tuned.engine(0.5, None) is tuned.engine(0.5, None)
    num_kept = len({id(tuned.engine(0.5 + n / 100, 0.3)) for n in range(20)})
    assert num_kept == 20
    assert len(tuned._tuned) == 8


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"threshold": 99.0}, "threshold"),
        ({"threshold": 0.01}, "threshold"),
        ({"threshold": 0}, "threshold"),
        ({"threshold": "1"}, "threshold"),
        ({"alpha": 1.01}, "alpha"),
        ({"alpha": -0.1}, "alpha"),
        ({"max_new_tokens": 257}, "max_new_tokens"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"text": ""}, "text"),
        ({SECRET: SECRET}, None),
    ],
)
async def test_what_is_out_of_range_is_refused(fields: dict[str, Any], param: str | None) -> None:
    async with client_of(playground(), headers=SESSION) as client:
        answer = await client.post(ANSWERS, json=body(**fields))
    assert answer.status_code == 400
    assert SECRET not in answer.text
    if param is not None:
        assert error_of(answer)["param"] == param


async def test_a_request_that_cannot_be_answered_is_a_400() -> None:
    async with client_of(playground(), headers=SESSION) as client:
        blank = await client.post(ANSWERS, json=body(text="  "))
        long = await client.post(ANSWERS, json=body(text="a" * 9_000))
    assert blank.status_code == 400
    assert (long.status_code, error_of(long)["code"]) == (400, "context_length_exceeded")


@pytest.mark.parametrize("session", [None, "", "short", "s" * 65, "../" * 12])
async def test_a_session_is_needed(session: str | None) -> None:
    headers = {} if session is None else {"X-Playground-Session": session}
    async with client_of(playground(), headers=headers) as client:
        assert (await client.post(ANSWERS, json=body())).status_code == 400
        assert (await client.get("/playground/records/a")).status_code == 400


async def test_all_but_the_page_needs_the_key() -> None:
    app = playground(api_key_hashes=(hash_key(KEY),))
    async with client_of(app, headers=SESSION) as client:
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/playground/settings")).status_code == 401
        assert (await client.post(ANSWERS, json=body())).status_code == 401
        assert (await client.get("/playground/records/a")).status_code == 401
        client.headers["authorization"] = f"Bearer {KEY}"
        assert (await client.get("/playground/settings")).status_code == 200
        assert (await client.post(ANSWERS, json=body())).status_code == 200


async def test_records_are_shown_to_their_session_only(log: AuditLog, tmp_path: Path) -> None:
    app = playground(scripted_engine(audit=log))
    frames = await answers_of(app, text=f"How do I bake a {SECRET}?")
    ids = [data["record_id"] for name, data in frames if name in ("verdict", "answer")]
    async with client_of(app, headers=SESSION) as client:
        records = [(await client.get(f"/playground/records/{each}")).json() for each in ids]
        chat = {"model": "scripted-base", "messages": ASKED}
        elsewhere = (await client.post("/v1/chat/completions", json=chat)).json()
        foreign = await client.get(f"/playground/records/{elsewhere['ngsd']['record_id']}")
        client.headers["X-Playground-Session"] = "t" * 32
        other = await client.get(f"/playground/records/{ids[0]}")
    written = {
        record["event_id"]: record
        for record in map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
        if record["kind"] in ("request", "verdict")
    }
    assert records == [written[each] for each in ids]
    assert {record["session_id"] for record in records} == {session_id("s" * 32)}
    assert SECRET not in json.dumps(records)
    assert SESSION["X-Playground-Session"] not in (tmp_path / "audit.jsonl").read_text()
    assert other.status_code == foreign.status_code == 404
    assert error_of(other)["code"] == "record_not_found"


async def test_records_name_the_options_they_were_made_under(log: AuditLog, tmp_path: Path) -> None:
    app = playground(scripted_engine(audit=log))
    await answers_of(app, threshold=2.0)
    await answers_of(app)
    lines = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    records = [each for each in lines if each["kind"] in ("request", "change")]
    requests = [each for each in records if each["kind"] == "request"]
    own = app.state.ngsd.engine.config.digest
    assert [each["v_threshold"] for each in requests] == [2.0, 2.0, 0.9, 0.9]
    assert [each["config_digest"] == own for each in requests] == [False, False, True, True]
    changes = [each["digest"] for each in records if each.get("subject") == "config"]
    assert changes[-1] == own


def test_only_the_latest_records_are_kept(log: AuditLog) -> None:
    records = SessionRecords(log, log)
    for session in range(70):
        for record in range(3 if session < 69 else 70):
            records._keep(
                {
                    "kind": "request",
                    "session_id": session_id(f"token {session}"),
                    "event_id": f"r{record}",
                }
            )
    assert records.find("token 0", "r0") is None
    assert records.find("token 6", "r0") is not None
    assert records.find("token 69", "r0") is None
    assert records.find("token 69", "r69") is not None


async def test_input_verdict_is_the_guards() -> None:
    frames = await answers_of(playground(keyword_engine()), text=HARMFUL, max_new_tokens=4)
    (verdict,) = of(frames, "verdict")
    assert (verdict["evaluation"], verdict["action"]) == ("evaluated", "block")
    assert verdict["flagged"] is True
    assert verdict["categories"] == ["weapons"]
    assert len(of(frames, "answer")) == 2


def _failing(fault: Callable[[], None], *, num_good: int) -> Any:
    base = FaultyModel(fault, fail_at=num_good, name="scripted-base")
    return playground(keyword_engine(base=base))


async def test_an_error_in_the_middle_is_the_last_event() -> None:
    def fail() -> None:
        raise NonFiniteLogitsError("base", SECRET)

    frames = await answers_of(_failing(fail, num_good=_calls_of_an_answer() - 8))
    name, data = frames[-1]
    assert (name, data["error"]["code"]) == ("error", "guard_failed")
    assert "end" not in [name for name, _ in frames]
    assert SECRET not in json.dumps(frames)


def _calls_of_an_answer() -> int:
    """Return how often the base is called for a check and two answers."""
    base = FaultyModel(lambda: None, name="scripted-base")
    engine = keyword_engine(base=base)
    app = playground(engine)
    with serving(app) as (url, _), httpx.Client(base_url=url, headers=SESSION) as client:
        client.post(ANSWERS, json=body())
    return base.num_calls


def test_a_client_that_leaves_frees_the_engine() -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        time.sleep(0.01)

    app = _failing(step, num_good=0)
    admission = app.state.ngsd.chat.admission
    with serving(app) as (url, _), httpx.Client(base_url=url, headers=SESSION) as client:
        asked = body(max_new_tokens=256)
        with client.stream("POST", ANSWERS, json=asked) as answer:
            next(answer.iter_lines())
            wait_until(lambda: admission.num_active == 1)
        wait_until(lambda: admission.num_active == 0)
        taken = steps
        time.sleep(0.1)
    assert steps <= taken + 2


async def test_a_full_queue_is_a_429() -> None:
    held = threading.Event()
    app = _failing(lambda: held.wait(5) and None, num_good=0)
    admission = app.state.ngsd.chat.admission
    admission.max_active, admission.max_waiting = 0, 0
    async with client_of(app, headers=SESSION) as client:
        answer = await client.post(ANSWERS, json=body())
    assert answer.status_code == 429
    assert answer.headers["retry-after"]


def test_examples_name_harm_but_hold_no_clothes() -> None:
    texts = [example.text for example in EXAMPLES]
    worn = [part for each in CLOTHES for part in (each.before, each.after, each.prefill) if part]
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if any(part.strip() in text for part in worn)]


def test_observers_are_called_from_then_on(log: AuditLog) -> None:
    seen: list[str] = []
    scripted_engine(audit=log).generate(ASKED)
    log.observe(lambda record: seen.append(record["kind"]))
    generation = scripted_engine(audit=log).generate(ASKED)
    assert generation.id
    assert seen[-1] == "request"
    assert seen.count("request") == 1


def test_a_stream_knows_its_rating_once_it_has_a_token() -> None:
    stream = scripted_engine().stream(ASKED)
    assert stream.rating is None
    next(stream)
    assert stream.rating is not None
    assert stream.rating.risk == stream.finish().risk
    assert stream.initial_potential == stream.generation.initial_potential
    unguarded = scripted_engine().stream(ASKED, guarded=False)
    next(unguarded)
    assert unguarded.rating is None


def test_settings_of_a_server_are_checked() -> None:
    with pytest.raises(ConfigurationError):
        keyword_app(playground="maybe")
