"""What a calibration chose, and what was measured, for the terminal."""

from rich.table import Table

from ngsd_guard.pairs import Calibration, MeasuredArea, MeasuredRate, SetEvidence


def calibration_table(calibration: Calibration) -> Table:
    """Return the held-out figures: harmful requests of each form beside harmless ones, then sets.

    Empty for an older artifact.
    """
    table = Table("held-out requests", title="Shares in %, with 95 % intervals")
    for column in ("n", "AUROC", "risk at 5 or more", "any spike"):
        table.add_column(column, justify="right", no_wrap=True)
    evidence = calibration.evidence
    if evidence is None:
        return table
    table.add_row(
        "all harmful", str(evidence.flagged_harmful.n), _area(evidence.auroc),
        _rate(evidence.flagged_harmful), _rate(calibration.recall),
    )  # fmt: skip
    table.add_row(
        "all harmless", str(evidence.flagged_benign.n), "", _rate(evidence.flagged_benign),
        _rate(calibration.intervention_rate),
    )  # fmt: skip
    table.add_section()
    by_form = [row for row in evidence.sets if not row.name]
    for row in sorted(by_form, key=lambda row: (_order(row.form), not row.harmful)):
        _add(table, row, f"{row.form}, {_kind(row)}")
    table.add_section()
    by_set = [row for row in evidence.sets if row.name]
    for row in sorted(by_set, key=lambda row: (not row.harmful, row.name, _order(row.form))):
        _add(table, row, f"{row.name}, {row.form}, {_kind(row)}")
    return table


def _add(table: Table, row: SetEvidence, label: str) -> None:
    area = "" if row.auroc is None else _area(row.auroc)
    table.add_row(label, str(row.flagged.n), area, _rate(row.flagged), _rate(row.intervened))


def _kind(row: SetEvidence) -> str:
    return "harmful" if row.harmful else "harmless"


def _order(form: str) -> tuple[bool, str]:
    return form != "plain", form


def calibration_summary(calibration: Calibration) -> list[str]:
    """Return the options chosen, a line each."""
    gate, reflection = calibration.gate, calibration.reflection
    lines = [
        f"Gate: bias {gate.bias_current}, threshold {gate.v_threshold}, retention "
        f"{gate.reset_retention}; initial potential {_knots(gate.initial_potential_knots)}",
        f"Reader {reflection.reader}; alpha {_knots(reflection.alpha_knots)}",
    ]
    if reflection.reader == "expert":
        reading = reflection.expert
        lines.append(
            f"Logit of the risk: {reading.intercept:.2f} + {reading.total_variation:.2f} distance "
            f"+ {reading.refusal:.2f} refusal + {reading.log_odds:.2f} log-odds"
        )
    evidence = calibration.evidence
    if evidence is not None:
        tried = ", ".join(f"{name} {value:.3f}" for name, value in evidence.compared.items())
        lines.append(f"AUROC on the requests that choose: {tried}")
        if evidence.rail_budget is not None:
            lines.append(f"Promised: risk 5 for at most {evidence.rail_budget:.1%} of harmless")
    lines.append(
        f"Promised: an intervention for at most {calibration.budget:.1%} of harmless requests; "
        f"{sum(calibration.num_benign)} harmless and {sum(calibration.num_harmful)} harmful used, "
        f"{calibration.num_cut or 0} cut to fit"
    )
    return lines


def _knots(knots: tuple[tuple[float, float], ...]) -> str:
    if not knots:
        return "0"
    ends = [knots[0], knots[-1]] if len(knots) > 1 else [knots[0]]
    return " to ".join(f"{value:.2f} at risk {risk:.2f}" for risk, value in ends)


def _rate(rate: MeasuredRate) -> str:
    return f"{100 * rate.value:.0f} ({100 * rate.low:.0f} to {100 * rate.high:.0f})"


def _area(area: MeasuredArea) -> str:
    return f"{area.value:.2f} ({area.low:.2f} to {area.high:.2f})"
