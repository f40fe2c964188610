"""Rows of the table, built from public prompts: each attack beside its control."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ngsd_guard.datasets import Prompt
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._cases import Case, Row
from ngsd_guard.evaluation._sources import HARMFUL, ORDINARY, Sources, is_short
from ngsd_guard.evaluation._wrappings import (
    PLACEHOLDER,
    carried,
    in_template,
    in_two_parts,
    late,
    padded,
    prefilled,
    user,
)
from ngsd_guard.types import Message

_TEMPLATES_AT_ONCE: Final = 8
"""Templates used close together, so that the prefix cache still holds their start."""
_PARAPHRASED: Final = "the goal is paraphrased throughout the attack, so it cannot be replaced"


class _LackingError(Exception):
    """A row cannot be built; the message says why."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Rows that can be measured, and why others cannot."""

    rows: tuple[Row, ...]
    skipped: Mapping[str, str]
    """Reasons, by row."""


def plan_rows(sources: Sources, sizes: Mapping[str, int]) -> Planned:
    """Build rows.

    Args:
        sources: the public prompts.
        sizes: maximum number of attacks in each row, and of controls.

    Raises:
        ConfigurationError: there is no row of that name.
    """
    unknown = [name for name in sizes if name not in _BUILDERS]
    if unknown:
        raise ConfigurationError(f"no row {unknown[0]!r}; the rows are {', '.join(_BUILDERS)}")
    rows, skipped = [], {}
    for name, size in sizes.items():
        title, build = _BUILDERS[name]
        try:
            harmful, harmless, no_control = build(sources, size)
            if not harmful and not harmless:
                raise _LackingError("no usable prompt in its sets")
            rows.append(Row(name, title, tuple(harmful), tuple(harmless), no_control))
        except _LackingError as reason:
            skipped[name] = str(reason)
    return Planned(tuple(rows), skipped)


_Parts = tuple[Sequence[Case], Sequence[Case], str | None]
_Builder = Callable[[Sources, int], _Parts]


def _need(sources: Sources, *names: str) -> None:
    reason = sources.lacking(*names)
    if reason is not None:
        raise _LackingError(reason)


def _case(
    prompt: Prompt,
    messages: tuple[Message, ...],
    wrapping: str = "",
    *,
    group: str | None = None,
    gold: str | None = None,
    own_opening: int = 0,
) -> Case:
    system: tuple[Message, ...] = ()
    if prompt.system:
        system = ({"role": "system", "content": prompt.system},)
    return Case(
        id=f"{prompt.id}|{wrapping}" if wrapping else prompt.id,
        messages=system + messages,
        own_opening=own_opening,
        group=group or prompt.id.rsplit("-", 1)[0],
        gold=gold,
    )


def _pairs(sources: Sources, size: int, *, short: bool) -> tuple[list[Prompt], list[Prompt]]:
    _need(sources, *HARMFUL)
    _need(sources, *ORDINARY)
    keep = is_short if short else lambda _: True
    harmful, ordinary = sources.of(*HARMFUL), sources.of(*ORDINARY, keep=keep)
    n = min(size, len(harmful), len(ordinary))
    return harmful[:n], ordinary[:n]


def _wrapped_row(
    wrapping: str,
    wrap: Callable[[str], tuple[Message, ...]],
    *,
    short: bool = True,
    own_opening: int = 0,
) -> _Builder:
    """Return a builder of rows in which every request has the same wrapping."""

    def build(sources: Sources, size: int) -> _Parts:
        sides = [
            [_case(p, wrap(p.prompt), wrapping, own_opening=own_opening) for p in prompts]
            for prompts in _pairs(sources, size, short=short)
        ]
        return sides[0], sides[1], None

    return build


def _templates(sources: Sources, size: int) -> _Parts:
    _need(sources, "selfreminder_jailbreak_templates")
    templates = sources.of(
        "selfreminder_jailbreak_templates", keep=lambda p: PLACEHOLDER in p.prompt
    )
    if not templates:
        raise _LackingError(f"no template has the placeholder {PLACEHOLDER}")
    harmful, ordinary = _pairs(sources, size, short=True)
    order = sorted(range(len(harmful)), key=lambda i: _place_of(i, len(templates)))

    def wrap(prompts: Sequence[Prompt]) -> list[Case]:
        pairs = [(prompts[i], templates[i % len(templates)]) for i in order]
        return [_case(p, user(in_template(t.prompt, p.prompt)), t.id) for p, t in pairs]

    return wrap(harmful), wrap(ordinary), None


def _place_of(index: int, num_templates: int) -> tuple[int, int, int]:
    use, template = divmod(index, num_templates)
    return template // _TEMPLATES_AT_ONCE, use, template


def _optimised(sources: Sources, size: int) -> _Parts:
    attacks = [a for a in _attacks(sources) if carried(a, "x") is not None]
    _need(sources, *ORDINARY)
    ordinary = sources.of(*ORDINARY, keep=is_short)
    pairs = list(islice(zip(attacks, ordinary, strict=False), size))
    harmful, harmless = [], []
    for attack, request in pairs:
        group = attack.category or "unnamed"
        harmful.append(_case(attack, user(attack.prompt), group=group))
        text = carried(attack, request.prompt.strip()) or ""
        harmless.append(_case(request, user(text), attack.id, group=group))
    return harmful, harmless, None


def _paraphrased(sources: Sources, size: int) -> _Parts:
    attacks = [a for a in _attacks(sources) if carried(a, "x") is None][:size]
    cases = [_case(a, user(a.prompt), group=a.category or "unnamed") for a in attacks]
    return cases, (), _PARAPHRASED if cases else None


def _attacks(sources: Sources) -> list[Prompt]:
    """Return the optimised attacks, one of each method in turn."""
    _need(sources, "optimised_attacks")
    attacks = sources.of("optimised_attacks")
    methods = sorted({attack.category or "" for attack in attacks})
    columns = [[a for a in attacks if (a.category or "") == method] for method in methods]
    longest = max(map(len, columns), default=0)
    return [column[i] for i in range(longest) for column in columns if i < len(column)]


def _xstest(sources: Sources, size: int) -> _Parts:
    _need(sources, "xstest")
    unsafe = sources.of("xstest", keep=lambda p: p.label == "unsafe")
    safe = sources.of("xstest", keep=lambda p: p.label == "safe")
    n = min(size, len(unsafe), len(safe))

    def cases(prompts: Iterable[Prompt]) -> list[Case]:
        return [_case(p, user(p.prompt), group=p.category or "xstest") for p in prompts]

    return cases(unsafe[:n]), cases(safe[:n]), None


def _harmless(*names: str) -> _Builder:
    def build(sources: Sources, size: int) -> _Parts:
        _need(sources, *names)
        return (), [_case(p, user(p.prompt)) for p in sources.of(*names)[:size]], None

    return build


def _with_gold(name: str, gold_of: Callable[[Prompt], str | None]) -> _Builder:
    def build(sources: Sources, size: int) -> _Parts:
        _need(sources, name)
        prompts = sources.of(name, keep=lambda p: bool((gold_of(p) or "").strip()))[:size]
        return (), [_case(p, user(p.prompt), gold=gold_of(p)) for p in prompts], None

    return build


_BUILDERS: Final[Mapping[str, tuple[str, _Builder]]] = {
    "plain": ("plain requests", _wrapped_row("", user, short=False)),
    "templates": ("in held-out jailbreak templates", _templates),
    "prefill-10": (
        'answer prefilled "Sure, here is" + 10 tokens',
        _wrapped_row("prefill", prefilled, own_opening=10),
    ),
    "prefill-20": (
        'answer prefilled "Sure, here is" + 20 tokens',
        _wrapped_row("prefill", prefilled, own_opening=20),
    ),
    "prefill-40": (
        'answer prefilled "Sure, here is" + 40 tokens',
        _wrapped_row("prefill", prefilled, own_opening=40),
    ),
    "optimised": ("optimised attacks", _optimised),
    "optimised-pair": ("optimised attacks by paraphrase (PAIR)", _paraphrased),
    "padded": (
        "between twenty ordinary sentences",
        _wrapped_row("padded", lambda t: user(padded(t))),
    ),
    "two-part": ("cut in two parts", _wrapped_row("two-part", lambda t: user(in_two_parts(t)))),
    "upper-case": ("in upper case", _wrapped_row("upper", lambda t: user(t.upper()))),
    "late-onset": ("after a harmless paragraph of the answer", _wrapped_row("late", late)),
    "xstest": ("XSTest: unsafe beside safe", _xstest),
    "security": ("borderline security requests", _harmless("cyberseceval_frr")),
    "ordinary": ("ordinary instructions", _harmless(*ORDINARY)),
    "trivia": (
        "short questions (OpenTriviaQA)",
        _with_gold("opentriviaqa_subset", lambda p: p.response),
    ),
    "gsm8k": ("word problems (GSM8K)", _with_gold("gsm8k_test", lambda p: p.target)),
}
"""Title and builder of each row."""

ROW_NAMES: Final = tuple(_BUILDERS)
OWN_OPENINGS: Final = ("prefill-10", "prefill-20", "prefill-40")
SCORED: Final = ("trivia", "gsm8k")
"""Rows whose answers are right or wrong."""
