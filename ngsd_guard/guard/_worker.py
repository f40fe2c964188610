"""From a check to its verdict and its record, several side by side."""

from dataclasses import replace

from ngsd_guard.errors import DecodingError
from ngsd_guard.guard._decide import verdict_of, verdict_of_failure
from ngsd_guard.guard._evaluate import Evaluator
from ngsd_guard.guard._findings import Findings
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._recorder import Recorder
from ngsd_guard.guard._running import Begun, Running
from ngsd_guard.guard._verdict import Verdict
from ngsd_guard.prefill import Failure, Judging, judge_together


class Worker:
    """Ends every check with one verdict and one record, whatever happens.

    Args:
        evaluator: judges texts.
        recorder: where verdicts are recorded.
        policy: what is gone by.
    """

    def __init__(self, evaluator: Evaluator, recorder: Recorder, policy: Policy) -> None:
        self._evaluator = evaluator
        self._recorder = recorder
        self._policy = policy

    def work(self, begun: Begun) -> None:
        """Judge texts side by side, in a thread of the pool; each verdict is told when it is there.

        A check whose caller has stopped waiting is told None.
        """
        for future in begun.futures:
            future.set_running_or_notify_cancel()
        try:
            outcomes = judge_together(
                [self._judging(begun, index) for index in range(len(begun.runnings))]
            )
        except Exception as error:  # not of one text: no memory to put several side by side
            self._abandon(begun, error)
            return
        except BaseException as error:
            self._abandon(begun, error)
            raise
        for future, outcome in zip(begun.futures, outcomes, strict=True):
            if isinstance(outcome, Failure) and not future.done():
                future.set_exception(outcome.error)

    def fail(self, running: Running, error: BaseException) -> Verdict:
        """Return and record the verdict on a text that could not be judged."""
        return self._finish(running, verdict_of_failure(error, running.request, self._policy))

    def give_up(self, running: Running, error: BaseException) -> Verdict | None:
        """End a check that nobody waits for any more; None if it has just ended by itself."""
        return self.fail(running, error) if running.claim() else None

    def _judging(self, begun: Begun, index: int) -> Judging[None]:
        running, future = begun.runnings[index], begun.futures[index]
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
        told = self._finish(running, verdict, found) if running.claim() else None
        if not future.done():
            future.set_result(told)

    def _abandon(self, begun: Begun, error: BaseException) -> None:
        """End what is left of some checks; what interrupts the thread is passed on."""
        for running, future in zip(begun.runnings, begun.futures, strict=True):
            if future.done():
                continue
            told = self.give_up(running, error)
            if isinstance(error, Exception):
                future.set_result(told)
            else:
                future.set_exception(error)

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


def given(verdict: Verdict | None) -> Verdict:
    """Return the verdict that a caller was told.

    Raises:
        DecodingError: there is none, which only a caller is told that has stopped waiting.
    """
    if verdict is None:
        raise DecodingError("a check ended without a verdict")
    return verdict
