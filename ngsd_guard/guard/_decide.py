"""From findings, or a failure, to a verdict."""

from ngsd_guard.guard._findings import Findings
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._verdict import ACTIONS, Action, CheckRequest, Evaluation, Span, Verdict


def verdict_of(found: Findings | None, request: CheckRequest, policy: Policy) -> Verdict:
    """Return the verdict on a judged text; if `found` is None, on a text that was skipped."""
    stage = policy.stages.of(request.stage)
    if found is None:
        return Verdict("skipped", False, "allow", not policy.shadow, request.stage)
    action = action_of(found, policy)
    spans = found.spans
    if action == "redact" and not spans:  # the finding cannot be located, so redact everything
        spans = (Span(0, found.text_length, "text"),)
    blocked = action in ("block", "escalate")
    return Verdict(
        evaluation="evaluated",
        flagged=found.is_flagged(stage),
        action=action,
        enforced=not policy.shadow,
        stage=request.stage,
        risk=found.risk,
        injection=found.injection,
        categories=tuple(found.categories),
        spans=spans,
        peak_potential=found.peak_potential,
        message=(stage.message or policy.message) if blocked else None,
        trace=found.trace,
    )


def action_of(found: Findings, policy: Policy) -> Action:
    """Return the strictest of the actions that the findings about a text call for."""
    name = found.subject.stage
    stage, named = policy.stages.of(name), list[Action]()
    if found.is_risky(stage) or found.has_spiked(stage):
        named.append(stage.action)
    actions = {category.name: category.actions for category in policy.categories}
    for score in found.counted:
        named.append(actions.get(score.name, {}).get(name, stage.action))
    return max(named, key=ACTIONS.index, default="allow")


def verdict_of_failure(error: BaseException, request: CheckRequest, policy: Policy) -> Verdict:
    """Return the verdict on a text that could not be judged, with the action `on_failure`."""
    stage = policy.stages.of(request.stage)
    evaluation: Evaluation = "timeout" if isinstance(error, TimeoutError) else "error"
    blocked = stage.on_failure in ("block", "escalate")
    return Verdict(
        evaluation=evaluation,
        flagged=True,
        action=stage.on_failure,
        enforced=not policy.shadow,
        stage=request.stage,
        message=policy.failure_message if blocked else None,
        error_type=type(error).__name__,
    )
