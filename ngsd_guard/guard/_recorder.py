"""Recording of verdicts in the audit log."""

from dataclasses import asdict
from typing import Any, Literal

from ngsd_guard.audit import AuditLog, CategoryRecord, ExemptionRecord, VerdictRecord
from ngsd_guard.errors import AuditError
from ngsd_guard.guard._findings import Findings
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._verdict import CheckRequest, Verdict
from ngsd_guard.pairs import Pair


class Recorder:
    """Writes one record per verdict, all with the same pair and policy.

    Args:
        pair: base and expert.
        policy: the policy.
        audit: the log; None writes nothing.
    """

    def __init__(self, pair: Pair, policy: Policy, audit: AuditLog | None) -> None:
        self._audit = audit
        self._policy = policy
        self.policy_digest = policy.digest
        self._same: dict[str, Any] = {
            "policy_version": policy.version,
            "policy_digest": self.policy_digest,
            "shadow": policy.shadow,
        }
        if audit is not None:
            self._same.update(pair.identity)
            audit.declare_pair(pair.identity)
            audit.declare("policy", policy.version, policy.digest)

    @property
    def is_writing(self) -> bool:
        """Whether there is a log."""
        return self._audit is not None

    def write(
        self, event_id: str, request: CheckRequest, verdict: Verdict, found: Findings | None
    ) -> None:
        """Write the record of a verdict.

        Raises:
            AuditError: the record could not be written.
        """
        if self._audit is None:
            return
        record = VerdictRecord(
            **self._same,
            event_id=event_id,
            stage=verdict.stage,
            source_id=request.source_id,
            evaluation=verdict.evaluation,
            flagged=verdict.flagged,
            action=verdict.action,
            enforced=verdict.enforced,
            error_type=verdict.error_type,
            risk=verdict.risk,
            risk_threshold=self._policy.stages.of(verdict.stage).risk_threshold,
            injection=verdict.injection,
            peak_potential=verdict.peak_potential,
            potential_threshold=found.potential_threshold if found else None,
            spike_indices=found.scan.spike_indices if found and found.scan else (),
            num_spans=len(verdict.spans),
            categories=tuple(CategoryRecord(**asdict(score)) for score in verdict.categories),
            exemptions=tuple(
                ExemptionRecord(**asdict(exemption))
                for exemption in (found.exemptions if found else ())
            ),
            latency_s=verdict.latency_s,
        )
        self._audit.write(record, prompt=found.subject.rated_text if found else "")

    def override(
        self,
        event_id: str | None,
        decision: Literal["allow", "block"],
        reviewer: str,
        reason_code: str | None,
    ) -> None:
        """Write a human decision about a recorded verdict.

        Raises:
            AuditError: the decision could not be written, or the verdict was not recorded.
        """
        if self._audit is None:
            return
        if event_id is None:
            raise AuditError(
                "the verdict was not recorded, so a decision about it cannot be recorded either; "
                "repair the audit log and check the text again"
            )
        self._audit.override(event_id, decision, reviewer=reviewer, reason_code=reason_code)
