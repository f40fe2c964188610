"""The work of a check: judging, verdict and record, for several checks together."""

from dataclasses import replace

from ngsd_guard.errors import DecodingError
from ngsd_guard.guard._decide import verdict_of, verdict_of_failure
from ngsd_guard.guard._evaluate import Evaluator
from ngsd_guard.guard._findings import Findings
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._recorder import Recorder
from ngsd_guard.guard._running import CheckBatch, Running
from ngsd_guard.guard._verdict import Verdict
from ngsd_guard.prefill import Failure, Judging, judge_together


class Worker:
    """Ends every check with exactly one verdict and one record.

    Args:
        evaluator: judges texts.
        recorder: records verdicts.
        policy: the policy.
    """

    def __init__(self, evaluator: Evaluator, recorder: Recorder, policy: Policy) -> None:
        self._evaluator = evaluator
        self._recorder = recorder
        self._policy = policy

    def work(self, batch: CheckBatch) -> None:
        """Judge a batch of texts in a thread of the pool, and set the result of each future.

        If the caller has stopped waiting for a check, the result is None.
        """
        for future in batch.futures:
            future.set_running_or_notify_cancel()
        try:
            outcomes = judge_together(
                [self._judging(batch, index) for index in range(len(batch.runnings))]
            )
        except Exception as error:  # a failure of the batch, such as lack of memory
            self._abandon(batch, error)
            return
        except BaseException as error:
            self._abandon(batch, error)
            raise
        for future, outcome in zip(batch.futures, outcomes, strict=True):
            if isinstance(outcome, Failure) and not future.done():
                future.set_exception(outcome.error)

    def fail(self, running: Running, error: BaseException) -> Verdict:
        """Return and record the verdict on a text that could not be judged."""
        return self._finish(running, verdict_of_failure(error, running.request, self._policy))

    def give_up(self, running: Running, error: BaseException) -> Verdict | None:
        """End a check that the caller no longer waits for; None if it has already ended."""
        return self.fail(running, error) if running.claim() else None

    def _judging(self, batch: CheckBatch, index: int) -> Judging[None]:
        running, future = batch.runnings[index], batch.futures[index]
        request, found = running.request, None
        try:
            running.check_time()
            if self._policy.stages.of(request.stage).enabled:
                found = yield from self._evaluator.judging(
                    request, explain=running.explain, check_time=running.check_time
                )
            verdict = verdict_of(found, request, self._policy)
        except Exception as error:
            verdict = verdict_of_failure(error, request, self._policy)
        result = self._finish(running, verdict, found) if running.claim() else None
        if not future.done():
            future.set_result(result)

    def _abandon(self, batch: CheckBatch, error: BaseException) -> None:
        """End the remaining checks of a batch; exceptions that end the program are passed on."""
        for running, future in zip(batch.runnings, batch.futures, strict=True):
            if future.done():
                continue
            result = self.give_up(running, error)
            if isinstance(error, Exception):
                future.set_result(result)
            else:
                future.set_exception(error)

    def _finish(self, running: Running, verdict: Verdict, found: Findings | None = None) -> Verdict:
        """Record a verdict; if it cannot be recorded, return a failure."""
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


def require_verdict(verdict: Verdict | None) -> Verdict:
    """Return the verdict.

    Raises:
        DecodingError: there is no verdict, which should only happen to a caller that has stopped
            waiting.
    """
    if verdict is None:
        raise DecodingError("a check ended without a verdict")
    return verdict
