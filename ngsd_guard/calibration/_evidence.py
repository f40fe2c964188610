"""What the held-out requests say of a risk reader and a gate, set by set."""

from collections.abc import Mapping, Sequence

from ngsd_guard.calibration._fit import measured, split_benign, split_harmful
from ngsd_guard.calibration._reader import ReaderFit
from ngsd_guard.calibration._reading import RISK_LINE
from ngsd_guard.calibration._simulation import spike_indices
from ngsd_guard.calibration._types import LabelledRequest, ReaderName, Recording
from ngsd_guard.pairs import MeasuredArea, ReaderEvidence, SetEvidence
from ngsd_guard.ranking import auroc


def gather_evidence(
    fitted: ReaderFit,
    benign: Sequence[LabelledRequest],
    harmful: Sequence[LabelledRequest],
    *,
    reader: ReaderName,
    compared: Mapping[ReaderName, float],
    seed: int,
) -> ReaderEvidence:
    """Return areas and rates of the held-out requests, as a whole and by set.

    A harmful set is compared with the benign requests of the same form, all sets together, so that
    a wrapping alone cannot look like harm.
    """
    pairs = list(zip(benign, fitted.benign, strict=True))
    harmful_pairs = list(zip(harmful, fitted.harmful, strict=True))
    held_out, harmful_held_out = (
        split_benign(pairs, seed)[-1], split_harmful(harmful_pairs, seed)[-1]
    )  # fmt: skip
    sets = [
        _of_set(name, form, group, held_out, fitted, is_harmful=is_harmful)
        for is_harmful, part in ((True, harmful_held_out), (False, held_out))
        for (name, form), group in {**_by_form(part), **_by_set(part)}.items()
    ]
    return ReaderEvidence(
        reader=reader,
        rail_budget=fitted.rail_budget,
        auroc=_area(_risks(harmful_held_out), _risks(held_out)),
        flagged_benign=measured([risk >= RISK_LINE for risk in _risks(held_out)]),
        flagged_harmful=measured([risk >= RISK_LINE for risk in _risks(harmful_held_out)]),
        compared={str(name): round(value, 4) for name, value in compared.items()},
        sets=tuple(sets),
    )


_Pairs = Sequence[tuple[LabelledRequest, Recording]]
_Groups = dict[tuple[str, str], list[tuple[LabelledRequest, Recording]]]


def _of_set(
    name: str, form: str, group: _Pairs, benign: _Pairs, fitted: ReaderFit, *, is_harmful: bool
) -> SetEvidence:
    controls = [pair for pair in benign if pair[0].form == form]
    spikes = spike_indices([recording for _, recording in group], fitted.fit.gate)
    return SetEvidence(
        name=name,
        form=form,
        harmful=is_harmful,
        auroc=_area(_risks(group), _risks(controls)) if is_harmful and controls else None,
        flagged=measured([risk >= RISK_LINE for risk in _risks(group)]),
        intervened=measured([bool(indices) for indices in spikes]),
    )


def _by_form(pairs: _Pairs) -> _Groups:
    return _grouped(pairs, [("", request.form) for request, _ in pairs])


def _by_set(pairs: _Pairs) -> _Groups:
    """Return the requests of each named set and form."""
    named = [pair for pair in pairs if pair[0].set_name]
    return _grouped(named, [(request.set_name, request.form) for request, _ in named])


def _grouped(pairs: _Pairs, keys: Sequence[tuple[str, str]]) -> _Groups:
    groups: _Groups = {}
    for key, pair in zip(keys, pairs, strict=True):
        groups.setdefault(key, []).append(pair)
    return {key: groups[key] for key in sorted(groups)}


def _risks(pairs: _Pairs) -> list[float]:
    return [recording.risk for _, recording in pairs]


def _area(harmful: Sequence[float], benign: Sequence[float]) -> MeasuredArea:
    found = auroc(harmful, benign)
    return MeasuredArea(
        value=found.value, low=found.low, high=found.high,
        num_harmful=found.num_harmful, num_benign=found.num_harmless,
    )  # fmt: skip
