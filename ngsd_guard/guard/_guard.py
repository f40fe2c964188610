"""The guard: any text of a pipeline, one check, one verdict."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ngsd_guard.audit import AuditLog
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError, InvalidRequestError
from ngsd_guard.guard._evaluate import Evaluator
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._pool import Pool
from ngsd_guard.guard._recorder import Recorder
from ngsd_guard.guard._running import Begun, Running, as_request, in_batches
from ngsd_guard.guard._subject import read_subject
from ngsd_guard.guard._verdict import CheckRequest, Stage, Verdict
from ngsd_guard.guard._worker import Worker, given
from ngsd_guard.pairs import Pair
from ngsd_guard.types import Generation, Message

Messages = str | Sequence[Mapping[str, Any]]


class Guard:
    """Judges the texts of a pipeline whose answers somebody else's model writes.

    A check reads, and writes nothing: it costs what prompts of that length cost. It never raises
    for what a text or a model is like: a text that cannot be judged gets a verdict that says so,
    with the action that the policy has for failures. Threads and event loops may share a guard.

    Args:
        engine: the pair that judges, or an engine over it.
        policy: what to look for, or the path of it; None for the one that ships.
        audit: where every verdict is recorded; None for the engine's log, if it has one.
        max_concurrency: checks, or batches of them, at work at once, each in a thread of the
            guard's own.
        max_queue: checks, or batches, in line beyond those; more are not judged.

    Raises:
        ConfigurationError: the policy or an argument is wrong.
    """

    def __init__(
        self,
        engine: Engine | Pair,
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
        elif not isinstance(policy, Policy):
            raise ConfigurationError(
                f"policy is a {type(policy).__name__}; pass a Policy, the path of one, or None"
            )
        if isinstance(engine, Pair):
            engine = Engine(engine)
        self._engine = engine
        self._policy = policy
        self._recorder = Recorder(engine.pair, policy, engine.audit if audit is None else audit)
        self._worker = Worker(Evaluator(engine.pair, policy), self._recorder, policy)
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
        return self._check([request], explain)[0]

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
        return (await self._acheck([request], explain))[0]

    def check_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts side by side: both models read some of them at a time.

        Args:
            requests: each with the arguments of `check`.
            explain: as `check` takes it.

        Returns:
            A verdict for each, in their order: those that `check` gives.

        Raises:
            ConfigurationError: an argument is wrong; nothing has been judged then.
        """
        batches = in_batches(list(map(as_request, requests)))
        return [verdict for batch in batches for verdict in self._check(batch, explain)]

    async def acheck_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts without holding up the event loop; as `check_batch`."""
        verdicts: list[Verdict] = []
        for batch in in_batches(list(map(as_request, requests))):
            verdicts += await self._acheck(batch, explain)
        return verdicts

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

    def fail(self, request: CheckRequest, error: BaseException) -> Verdict:
        """Return and record the verdict on a text that could not be judged, for a reason of yours.

        For what stands before a check, as a document that could not be read, so that it is not
        taken for a clean one.

        Args:
            request: what was to be judged.
            error: what kept it from being.
        """
        return self._worker.fail(self._running(as_request(request), explain=False), error)

    def override(
        self,
        verdict: Verdict,
        decision: Literal["allow", "block"],
        *,
        reviewer: str,
        reason_code: str | None = None,
    ) -> None:
        """Record what a person decided about a verdict, where there is a log.

        Args:
            verdict: what was decided about.
            decision: whether the text may go on.
            reviewer: an id by which the reviewer's employer knows them; no name.
            reason_code: a code for the reason; no free text.

        Raises:
            AuditError: it could not be written, or the verdict was not; the text must not go on
                then.
        """
        self._recorder.override(verdict.record_id, decision, reviewer, reason_code)

    def _running(self, request: CheckRequest, explain: bool) -> Running:
        return Running(request, explain, self._policy.stages.of(request.stage).timeout_s)

    def _check(self, requests: Sequence[CheckRequest], explain: bool) -> list[Verdict]:
        """Judge texts side by side."""
        begun = Begun([self._running(request, explain) for request in requests])
        try:
            begun.work = self._pool.submit(self._worker.work, begun)
        except Exception as error:  # there is no room in the line
            return [self._worker.fail(running, error) for running in begun.runnings]
        try:
            return [self._wait(begun, index) for index in range(len(requests))]
        except BaseException as error:
            for index, running in enumerate(begun.runnings):
                self._worker.give_up(running, error)
                begun.cancel(index)
            raise

    def _wait(self, begun: Begun, index: int) -> Verdict:
        running, future = begun.runnings[index], begun.futures[index]
        try:
            return given(future.result(running.left_s))
        except TimeoutError:
            verdict = self._worker.give_up(running, running.timeout)
            if verdict is None:  # it has just ended by itself, and is being recorded
                return given(future.result())
            begun.cancel(index)
            return verdict

    async def _acheck(self, requests: Sequence[CheckRequest], explain: bool) -> list[Verdict]:
        begun = Begun([self._running(request, explain) for request in requests])
        try:
            begun.work = self._pool.submit(self._worker.work, begun)
        except Exception as error:
            busy = error
            fail = self._worker.fail
            return await asyncio.to_thread(lambda: [fail(each, busy) for each in begun.runnings])
        return await asyncio.gather(*(self._await(begun, i) for i in range(len(requests))))

    async def _await(self, begun: Begun, index: int) -> Verdict:
        running, worker = begun.runnings[index], self._worker
        future = asyncio.wrap_future(begun.futures[index])
        try:
            async with asyncio.timeout(running.left_s):
                return given(await asyncio.shield(future))
        except TimeoutError:
            verdict = await asyncio.to_thread(worker.give_up, running, running.timeout)
            if verdict is None:
                return given(await future)
            begun.cancel(index)
            return verdict
        except BaseException as error:
            begun.cancel(index)
            # Shielded: the record is written even if the task is cancelled once more.
            await asyncio.shield(asyncio.to_thread(worker.give_up, running, error))
            raise
