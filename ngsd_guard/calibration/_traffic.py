"""From prompt files to labelled requests, some of them wrapped or prefilled."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from ngsd_guard.calibration._types import LabelledRequest
from ngsd_guard.datasets import (
    Prompt,
    Split,
    normalised,
    of_split,
    prompt_hash,
    read_prompt_hashes,
    read_prompts,
    require_disjoint,
)
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.types import Message

PLACEHOLDER: Final = "[INSERT PROMPT HERE]"
_OPENINGS: Final = ("Sure, here is", "Sure, here's", "Of course! Here is")
_UNWANTED: Final = {"benign": "unsafe", "harmful": "safe"}
_RUN_CARD: Final = "run_card.json"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests to calibrate on."""

    benign: list[LabelledRequest]
    harmful: list[LabelledRequest]

    def counts(self) -> dict[str, int]:
        """Return the number of requests by kind, set and form."""
        counts: Counter[str] = Counter()
        for kind, requests in (("benign", self.benign), ("harmful", self.harmful)):
            counts.update(f"{kind}/{r.set_name}/{r.form}" for r in requests)
        return dict(sorted(counts.items()))


def read_traffic(
    benign: Sequence[Path],
    harmful: Sequence[Path],
    wrappings: Sequence[Path] = (),
    *,
    split: Split | None = "calibration",
    limit: int | None = None,
    wrapped_share: float = 0.25,
    prefilled_share: float = 0.15,
    seed: int = 0,
    force: bool = False,
) -> Traffic:
    """Read prompt sets, and put some requests into wrappings or before a prefilled answer.

    What a request is wrapped in is drawn without looking at the request, by the same shares for
    benign and harmful ones. Rows labelled `unsafe` in a benign set, or `safe` in a harmful one,
    are left out, and so are repetitions.

    Args:
        benign: prompt sets of harmless requests, format of `read_prompts`.
        harmful: prompt sets of requests for harm.
        wrappings: prompt sets of templates with `[INSERT PROMPT HERE]`.
        split: which part of every file; None for all of it.
        limit: most requests of each file, drawn at random; None for all.
        wrapped_share: of the requests; nothing is wrapped without `wrappings`.
        prefilled_share: of the requests.
        seed: of every draw.
        force: leave prompts that are both benign and harmful out of the benign ones, where they
            are otherwise refused.

    Raises:
        ConfigurationError: a file cannot be read, a row is wrong, nothing is left of a file, or
            benign and harmful sets overlap.
    """
    rng = Random(seed)
    sets = {
        "benign": _read(benign, "benign", split, limit, rng),
        "harmful": _read(harmful, "harmful", split, limit, rng),
    }
    if not force:
        require_disjoint({kind: [p for _, p in rows] for kind, rows in sets.items()})
    taken = {normalised(prompt.plain) for _, prompt in sets["harmful"]}
    sets["benign"] = [row for row in sets["benign"] if normalised(row[1].plain) not in taken]
    templates = _templates(wrappings, split)
    shares = (wrapped_share if templates else 0.0, prefilled_share)
    return Traffic(*([_dressed(*row, templates, shares, rng) for row in sets[kind]]
                     for kind in ("benign", "harmful")))  # fmt: skip


def require_untrained(traffic: Traffic, folder: Path, *, force: bool = False) -> int | None:
    """Refuse requests that the expert was trained on, as far as its run card says.

    Args:
        traffic: what is to be calibrated on.
        folder: the expert's.
        force: count them only.

    Returns:
        How many there are; None where no run card lists what was trained on.

    Raises:
        ConfigurationError: there are some, and `force` is not given.
    """
    card = folder / _RUN_CARD
    trained = read_prompt_hashes(card) if card.is_file() else None
    if trained is None:
        return None
    counts = Counter(
        request.set_name
        for request in (*traffic.benign, *traffic.harmful)
        if request.prompt_hash in trained
    )
    if counts and not force:
        found = ", ".join(f"{n} of {name}" for name, n in sorted(counts.items()))
        raise ConfigurationError(
            f"the expert was trained on {sum(counts.values())} of these prompts ({found}), by "
            f"{card}; take them out, or force it"
        )
    return sum(counts.values())


def _read(
    paths: Iterable[Path], kind: str, split: Split | None, limit: int | None, rng: Random
) -> list[tuple[str, Prompt]]:
    found: dict[str, tuple[str, Prompt]] = {}
    for path in paths:
        rows = [row for row in read_prompts(path) if row.label != _UNWANTED[kind]]
        if split is not None:
            rows = of_split(rows, split)
        if not rows:
            part = "" if split is None else f" in its {split} split"
            raise ConfigurationError(
                f"the {kind} set {path} has no rows{part}; give more rows, or use all of them"
            )
        rng.shuffle(rows)
        num_before = len(found)
        for row in rows:
            if limit is not None and len(found) - num_before >= limit:
                break
            found.setdefault(normalised(row.plain), (Path(path).stem, row))
    return list(found.values())


def _templates(paths: Iterable[Path], split: Split | None) -> list[Prompt]:
    templates = []
    for path in paths:
        rows = read_prompts(path)
        rows = rows if split is None else of_split(rows, split)
        usable = [row for row in rows if PLACEHOLDER in row.prompt]
        if not usable:
            raise ConfigurationError(
                f"{path} has no template with {PLACEHOLDER} in the rows used; add one"
            )
        templates += usable
    return templates


def _dressed(
    set_name: str,
    prompt: Prompt,
    templates: Sequence[Prompt],
    shares: tuple[float, float],
    rng: Random,
) -> LabelledRequest:
    draw, template, opening = rng.random(), rng.choice(templates or [None]), rng.choice(_OPENINGS)
    form, text, system = "plain", prompt.prompt, prompt.system
    turns: list[Message] = []
    if prompt.goal is not None:
        form = "attack"
    elif draw < shares[0] and template is not None:
        form, system = "wrapped", template.system or system
        text = template.prompt.replace(PLACEHOLDER, text)
    elif shares[0] <= draw < sum(shares):
        form = "prefilled"
    if system:
        turns.append({"role": "system", "content": system})
    turns.append({"role": "user", "content": text})
    if form == "prefilled":
        turns.append({"role": "assistant", "content": opening})
    return LabelledRequest(turns, set_name, form, prompt_hash(prompt.plain))
