"""The guard: any text of a pipeline, one check, one verdict."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from ngsd_guard.audit import AuditLog
from ngsd_guard.engine import Engine
from ngsd_guard.errors import DecodingError, InvalidRequestError
from ngsd_guard.guard._decide import verdict_of, verdict_of_failure
from ngsd_guard.guard._evaluate import Evaluator
from ngsd_guard.guard._findings import Findings
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._pool import Pool
from ngsd_guard.guard._recorder import Recorder
from ngsd_guard.guard._running import Running, as_request
from ngsd_guard.guard._subject import read_subject
from ngsd_guard.guard._verdict import CheckRequest, Stage, Verdict
from ngsd_guard.reflection import judge
from ngsd_guard.types import Generation, Message

Messages = str | Sequence[Mapping[str, Any]]


class Guard:
    """Judges the texts of a pipeline whose answers somebody else's model writes.

    A check reads, and writes nothing: it costs what prompts of that length cost. It never raises
    for what a text or a model is like: a text that cannot be judged gets a verdict that says so,
    with the action that the policy has for failures. Threads and event loops may share a guard.

    Args:
        engine: the pair that judges.
        policy: what to look for, or the path of it; None for the one that ships.
        audit: where every verdict is recorded; None for the engine's log, if it has one.
        max_concurrency: checks at work at once, each in a thread of the guard's own.
        max_queue: checks in line beyond those; more are not judged.

    Raises:
        ConfigurationError: the policy or an argument is wrong.
    """

    def __init__(
        self,
        engine: Engine,
        policy: Policy | str | Path | None = None,
        *,
        audit: AuditLog | None = None,
        max_concurrency: int = 4,
        max_queue: int = 64,
    ) -> None:
        if policy is None:
            policy = Policy.default()
        elif isinstance(policy, str | Path):
            policy = Policy.load(policy)
        self._engine = engine
        self._policy = policy
        self._evaluator = Evaluator(engine, policy)
        self._recorder = Recorder(engine, policy, engine.audit if audit is None else audit)
        self._pool = Pool(max_concurrency, max_queue)

    @property
    def engine(self) -> Engine:
        """The pair that judges."""
        return self._engine

    @property
    def policy(self) -> Policy:
        """What is gone by."""
        return self._policy

    def check(
        self,
        messages: Messages,
        *,
        response: str | None = None,
        stage: Stage = "input",
        explain: bool = False,
        source_id: str | None = None,
    ) -> Verdict:
        """Judge one text.

        Args:
            messages: a conversation, or a text alone. What is judged is the conversation at the
                stage `input`, the last message at `retrieval` and `tool_result`, the tool calls of
                the last assistant message at `tool_args`, and at `output` the response, or the
                last message if it is the assistant's.
            response: what is judged in place of the last message.
            stage: where in the pipeline the text is.
            explain: score all categories, and tell what the neuron saw at each token.
            source_id: what the audit record calls the text; not the text itself.

        Raises:
            ConfigurationError: an argument, not the text, is wrong.
        """
        request = as_request(CheckRequest(messages, response, stage, source_id))
        running = self._running(request, explain)
        return self._wait(running, self._begin(running))

    async def acheck(
        self,
        messages: Messages,
        *,
        response: str | None = None,
        stage: Stage = "input",
        explain: bool = False,
        source_id: str | None = None,
    ) -> Verdict:
        """Judge one text without holding up the event loop; takes what `check` takes."""
        request = as_request(CheckRequest(messages, response, stage, source_id))
        return await self._acheck(request, explain)

    def check_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts, as many at once as the guard has threads.

        Args:
            requests: each with the arguments of `check`.
            explain: as `check` takes it.

        Returns:
            A verdict for each, in their order: those that `check` gives.

        Raises:
            ConfigurationError: an argument is wrong; nothing has been judged then.
        """
        waiting = deque(map(as_request, requests))
        at_work: deque[tuple[Running, Future[Verdict | None] | Verdict]] = deque()
        verdicts: list[Verdict] = []
        while waiting or at_work:
            while waiting and len(at_work) < self._pool.max_concurrency:
                running = self._running(waiting.popleft(), explain)
                at_work.append((running, self._begin(running)))
            verdicts.append(self._wait(*at_work.popleft()))
        return verdicts

    async def acheck_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts without holding up the event loop; as `check_batch`."""
        wanted = [as_request(request) for request in requests]
        turns = asyncio.Semaphore(self._pool.max_concurrency)

        async def check(request: CheckRequest) -> Verdict:
            async with turns:
                return await self._acheck(request, explain)

        return await asyncio.gather(*map(check, wanted))

    def rewrite(self, messages: Messages) -> Generation:
        """Let the local pair answer a conversation, guarded and at most `max_rewrite_tokens` long.

        What the actions `rewrite` and `steer` ask for. A last turn by the assistant, such as the
        answer that was flagged, is left out; the pair's own gate and alpha guard the new one.

        Raises:
            InvalidRequestError: the messages are wrong, or none of them asks for an answer.
            NGSDError: the answer failed; there is none then.
        """
        turns = list(read_subject(CheckRequest(messages)).conversation)
        while turns and turns[-1]["role"] == "assistant":
            turns.pop()
        if not turns:
            raise InvalidRequestError("no message asks for an answer; pass the user's message")
        base, expert = self._engine.base, self._engine.expert
        neutral: list[Message] = [
            {"role": turn["role"], "content": expert.neutralise(base.neutralise(turn["content"]))}
            for turn in turns
        ]
        room = base.context_length - self._engine.count_tokens(neutral)
        length = max(min(self._policy.max_rewrite_tokens, room), 1)
        return self._engine.generate(neutral, max_new_tokens=length)

    def fail(self, request: CheckRequest, error: Exception) -> Verdict:
        """Return and record the verdict on a text that could not be judged, for a reason of yours.

        For what stands before a check, as a document that could not be read, so that it is not
        taken for a clean one.

        Args:
            request: what was to be judged.
            error: what kept it from being.
        """
        return self._fail(self._running(as_request(request), explain=False), error)

    def _running(self, request: CheckRequest, explain: bool) -> Running:
        return Running(request, explain, self._policy.stages.of(request.stage).timeout_s)

    def _begin(self, running: Running) -> Future[Verdict | None] | Verdict:
        """Put a check in line; where there is no room, return the verdict on that."""
        try:
            return self._pool.submit(self._work, running)
        except Exception as error:
            return self._fail(running, error)

    def _wait(self, running: Running, begun: Future[Verdict | None] | Verdict) -> Verdict:
        if isinstance(begun, Verdict):
            return begun
        try:
            return _given(begun.result(running.left_s))
        except TimeoutError:
            verdict = self._give_up(running, running.timeout)
            if verdict is None:  # it has just ended by itself, and is being recorded
                return _given(begun.result())
            begun.cancel()
            return verdict
        except BaseException as error:
            self._give_up(running, error)
            raise

    async def _acheck(self, request: CheckRequest, explain: bool) -> Verdict:
        running = self._running(request, explain)
        try:
            future = asyncio.wrap_future(self._pool.submit(self._work, running))
        except Exception as error:
            return await asyncio.to_thread(self._fail, running, error)
        try:
            async with asyncio.timeout(running.left_s):
                return _given(await asyncio.shield(future))
        except TimeoutError:
            verdict = await asyncio.to_thread(self._give_up, running, running.timeout)
            if verdict is None:
                return _given(await future)
            future.cancel()
            return verdict
        except BaseException as error:
            future.cancel()
            # Shielded: the record is written even if the task is cancelled once more.
            await asyncio.shield(asyncio.to_thread(self._give_up, running, error))
            raise

    def _work(self, running: Running) -> Verdict | None:
        """Judge a text, in a thread of the pool; None if its caller has stopped waiting."""
        request, policy = running.request, self._policy
        found = None
        try:
            running.check_time()
            if policy.stages.of(request.stage).enabled:
                found = judge(
                    self._evaluator.judging(
                        request, explain=running.explain, check_time=running.check_time
                    )
                )
            verdict = verdict_of(found, request, policy)
        except Exception as error:
            verdict = verdict_of_failure(error, request, policy)
        except BaseException as error:
            self._give_up(running, error)
            raise
        return self._finish(running, verdict, found) if running.claim() else None

    def _fail(self, running: Running, error: BaseException) -> Verdict:
        return self._finish(running, verdict_of_failure(error, running.request, self._policy))

    def _give_up(self, running: Running, error: BaseException) -> Verdict | None:
        """End a check that nobody waits for any more; None if it has just ended by itself."""
        return self._fail(running, error) if running.claim() else None

    def _finish(self, running: Running, verdict: Verdict, found: Findings | None = None) -> Verdict:
        """Record a verdict; one that cannot be recorded is a failure."""
        recorder = self._recorder
        verdict = replace(
            verdict, latency_s=running.elapsed_s, policy_digest=recorder.policy_digest
        )
        if not recorder.is_writing:
            return verdict
        try:
            recorder.write(running.id, running.request, verdict, found)
        except Exception as error:
            if verdict.error_type is not None:
                return verdict
            failed = verdict_of_failure(error, running.request, self._policy)
            return replace(
                failed, latency_s=running.elapsed_s, policy_digest=recorder.policy_digest
            )
        return replace(verdict, record_id=running.id)


def _given(verdict: Verdict | None) -> Verdict:
    if verdict is None:  # only a caller that has stopped waiting gets none
        raise DecodingError("a check ended without a verdict")
    return verdict
