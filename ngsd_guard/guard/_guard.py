"""The guard: checks any text of a pipeline and returns a verdict."""

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
from ngsd_guard.guard._running import CheckBatch, Running, as_request, in_batches
from ngsd_guard.guard._settled import JudgedTexts, unsettled
from ngsd_guard.guard._subject import read_subject
from ngsd_guard.guard._verdict import CheckRequest, Stage, Verdict
from ngsd_guard.guard._worker import Worker, require_verdict
from ngsd_guard.pairs import Pair
from ngsd_guard.types import Generation, Message

Messages = str | Sequence[Mapping[str, Any]]


class Guard:
    """Judges the texts of a pipeline in which any model writes the answers.

    A check reads the text but generates nothing, so it costs as much as a prompt of that length.
    It does not raise because of a text or a model: a text that cannot be judged gets a verdict
    that says so, with the policy's action for failures. A guard can be shared by threads and event
    loops.

    Args:
        engine: the pair that judges, or an engine with it.
        policy: the policy, or its path; None for the default policy.
        audit: log that records every verdict; None for the engine's log, if it has one.
        max_concurrency: maximum number of checks (or batches) that run at the same time, each in
            its own thread.
        max_queue: maximum number of checks (or batches) that wait; further ones are not judged.

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
                f"policy is a {type(policy).__name__}; pass a Policy, its path, or None"
            )
        if isinstance(engine, Pair):
            engine = Engine(engine)
        self._engine = engine
        self._policy = policy
        self._recorder = Recorder(engine.pair, policy, engine.audit if audit is None else audit)
        self._worker = Worker(Evaluator(engine.pair, policy), self._recorder, policy)
        self._pool = Pool(max_concurrency, max_queue)
        self._judged = JudgedTexts()

    @property
    def engine(self) -> Engine:
        """The engine of the pair that judges."""
        return self._engine

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    @property
    def judged(self) -> JudgedTexts:
        """What hosts of this guard had judged, so that they need not ask again; empty at first."""
        return self._judged

    def unsettled(self, turns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the turns of a conversation that are still to be rated.

        Left out are the beginning that a person approved, placeholders of withheld messages
        (`WITHHELD`), and answers that are exactly one of the policy's messages.
        """
        return unsettled(turns, self._policy, self._judged)

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
            messages: a conversation, or just a text. The stage determines which part is judged:
                `input`: the conversation; `retrieval` and `tool_result`: the last message;
                `tool_args`: the tool calls of the last assistant message; `output`: the response,
                or the last message if it is the assistant's.
            response: text to judge instead of the last message.
            stage: the text's place in the pipeline.
            explain: score all categories, and return a trace of the neuron at each token.
            source_id: id of the text in the audit record; not the text itself.

        Raises:
            ConfigurationError: an argument other than the text is wrong.
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
        """Judge one text without blocking the event loop; see `check`."""
        request = as_request(CheckRequest(messages, response, stage, source_id))
        return (await self._acheck([request], explain))[0]

    def check_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts in batches.

        Args:
            requests: requests, each with the arguments of `check`.
            explain: see `check`.

        Returns:
            One verdict per request, in order; the same as from `check`.

        Raises:
            ConfigurationError: an argument is wrong; nothing was judged.
        """
        batches = in_batches(list(map(as_request, requests)))
        return [verdict for batch in batches for verdict in self._check(batch, explain)]

    async def acheck_batch(
        self, requests: Sequence[CheckRequest | Mapping[str, Any]], *, explain: bool = False
    ) -> list[Verdict]:
        """Judge several texts without blocking the event loop; see `check_batch`."""
        verdicts: list[Verdict] = []
        for batch in in_batches(list(map(as_request, requests))):
            verdicts += await self._acheck(batch, explain)
        return verdicts

    def rewrite(self, messages: Messages) -> Generation:
        """Answer a conversation with the local pair, guarded, in at most `max_rewrite_tokens`.

        Use this for the actions `rewrite` and `steer`. A final assistant turn, such as the flagged
        answer, is dropped.

        Raises:
            InvalidRequestError: the messages are wrong, or none of them asks for an answer.
            NGSDError: the answer failed.
        """
        turns = list(read_subject(CheckRequest(messages)).conversation)
        while turns and turns[-1]["role"] == "assistant":
            turns.pop()
        if not turns:
            raise InvalidRequestError("no message asks for an answer; include the user's message")
        base, expert = self._engine.base, self._engine.expert
        neutral: list[Message] = [
            {"role": turn["role"], "content": expert.neutralise(base.neutralise(turn["content"]))}
            for turn in turns
        ]
        rooms = [model.context_length - len(model.encode_chat(neutral)) for model in (base, expert)]
        length = max(min(self._policy.max_rewrite_tokens, *rooms), 1)
        return self._engine.generate(neutral, max_new_tokens=length)

    def fail(self, request: CheckRequest, error: BaseException) -> Verdict:
        """Return and record the verdict on a text that the caller could not pass to a check.

        Use this if a step before the check fails, such as reading a document, so that the text
        does not count as clean.

        Args:
            request: the request that was to be judged.
            error: the reason why it could not be judged.
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
        """Record a human decision about a verdict, if there is a log.

        Args:
            verdict: the verdict.
            decision: whether the text may pass.
            reviewer: internal id of the reviewer, not a name.
            reason_code: code of the reason, not free text.

        Raises:
            AuditError: the decision could not be written, or the verdict was not recorded; the
                text must not pass.
        """
        self._recorder.override(verdict.record_id, decision, reviewer, reason_code)

    def _running(self, request: CheckRequest, explain: bool) -> Running:
        return Running(request, explain, self._policy.stages.of(request.stage).timeout_s)

    def _check(self, requests: Sequence[CheckRequest], explain: bool) -> list[Verdict]:
        """Judge a batch of texts."""
        batch = CheckBatch([self._running(request, explain) for request in requests])
        try:
            batch.work = self._pool.submit(self._worker.work, batch)
        except Exception as error:  # the queue is full
            return [self._worker.fail(running, error) for running in batch.runnings]
        try:
            return [self._wait(batch, index) for index in range(len(requests))]
        except BaseException as error:
            for index, running in enumerate(batch.runnings):
                self._worker.give_up(running, error)
                batch.cancel(index)
            raise

    def _wait(self, batch: CheckBatch, index: int) -> Verdict:
        running, future = batch.runnings[index], batch.futures[index]
        try:
            return require_verdict(future.result(running.left_s))
        except TimeoutError:
            verdict = self._worker.give_up(running, running.timeout)
            if verdict is None:  # the check has just finished and is being recorded
                return require_verdict(future.result())
            batch.cancel(index)
            return verdict

    async def _acheck(self, requests: Sequence[CheckRequest], explain: bool) -> list[Verdict]:
        batch = CheckBatch([self._running(request, explain) for request in requests])
        try:
            batch.work = self._pool.submit(self._worker.work, batch)
        except Exception as error:
            busy = error
            fail = self._worker.fail
            return await asyncio.to_thread(lambda: [fail(each, busy) for each in batch.runnings])
        return await asyncio.gather(*(self._await(batch, i) for i in range(len(requests))))

    async def _await(self, batch: CheckBatch, index: int) -> Verdict:
        running, worker = batch.runnings[index], self._worker
        future = asyncio.wrap_future(batch.futures[index])
        try:
            async with asyncio.timeout(running.left_s):
                return require_verdict(await asyncio.shield(future))
        except TimeoutError:
            verdict = await asyncio.to_thread(worker.give_up, running, running.timeout)
            if verdict is None:
                return require_verdict(await future)
            batch.cancel(index)
            return verdict
        except BaseException as error:
            batch.cancel(index)
            # Shielded, so that the record is written even if the task is cancelled again.
            await asyncio.shield(asyncio.to_thread(worker.give_up, running, error))
            raise
