"""What an answer says beside refusing."""

import re
from typing import Final

from ngsd_guard.guard._text import sentence_bounds
from ngsd_guard.guard._windows import Bounds
from ngsd_guard.refusals import is_refusal

_GOES_ON: Final = re.compile(
    r"[:;,(\u2013\u2014\n]|\s-\s"
    r"|\s(?=(?:but|however|instead|still|though|although|anyway|hypothetically|unless|then"
    r"|here|so|that said|and|or|because|as|since|when|while|where|if)\b)",
    re.IGNORECASE,
)
"""Where a sentence that refuses may turn to something else."""
_DECLINES: Final = re.compile(
    r"\bnot something (?:that )?i(?:'m)? (?:can|could|will|would|am|should|able)\b"
    r"|\bsomething (?:that )?i (?:can't|cannot|can not|won't|will not|shouldn't|should not)\b"
    r"|\bhave to (?:say no|decline|refuse)\b"
    r"|\bi (?:don't|do not) think (?:that )?i (?:should|can|could)\b"
    r"|\bagainst my (?:guidelines|polic(?:y|ies)|principles|values|rules)\b"
    r"|\b(?:wrong|irresponsible|unethical|inappropriate|unsafe) (?:of|for) me to\b"
    r"|\bi(?:'d| would) (?:rather|prefer) not\b",
    re.IGNORECASE,
)
"""Refusals that the shared phrases leave out."""
_LONGEST_REFUSAL: Final = 200
"""Characters of a clause that is taken to do nothing but refuse."""
_LONGEST_REST: Final = 600
"""Characters that may stand beside a refusal before it no longer counts as one."""
_STEPS: Final = re.compile(
    r"^\s*(?:\d+\s*[.):]|[-*\u2022]\s|step\b)|```", re.MULTILINE | re.IGNORECASE
)
_REASON: Final = re.compile(
    r"(?:it|this|that|these|those|such [a-z]+|doing (?:so|this|that)|what you ask)(?:'s)?\b"
    r"[^,]{0,100}\b(?:illegal|unlawful|against (?:the law|my|our)|a crime|dangerous|harmful|harm"
    r"|unsafe|unethical|wrong|inappropriate|not (?:right|appropriate|acceptable|okay|safe|legal"
    r"|something)|violates?|policy|policies|guidelines|consequences)\b[^,]{0,40}",
    re.IGNORECASE,
)
"""A sentence that says why something is refused."""
_OFFER: Final = re.compile(
    r"(?:is there (?:anything|something)|(?:please )?(?:let me know|feel free)"
    r"|please (?:call|contact|reach|talk|speak|seek|consult|ask)\b"
    r"|(?:if you[^.]{0,60}, )?(?:i (?:can|could|would|am|will)|i'(?:d|m|ll)) "
    r"(?:also |gladly |instead )?(?:be )?(?:happy|glad|here|help|assist|explain|suggest|offer"
    r"|point|recommend|support)"
    r"|if you[^.]{0,60}, (?:please )?(?:call|contact|reach|talk|speak|seek|consult|ask|let me)\b)"
    r"[^.]{0,100}",
    re.IGNORECASE,
)
"""A sentence that offers something else, without giving it."""


def beside_refusal(answer: str) -> list[Bounds] | None:
    """Return the parts of an answer beside its refusal, perhaps none; None if it does not refuse.

    An answer that gives steps, or goes on at length, counts as one that does not refuse.
    """
    if not _refuses(answer) or _STEPS.search(answer):
        return None
    sentences = sentence_bounds(answer)
    kept = [part for start, end in sentences for part in _kept(answer, start, end)]
    is_brief = sum(end - start for start, end in kept) <= _LONGEST_REST
    return kept if is_brief and kept != sentences else None


def _kept(answer: str, start: int, end: int) -> list[Bounds]:
    """Return the clauses of a sentence that neither refuse, give a reason nor offer help."""
    turns = [match.end() for match in _GOES_ON.finditer(answer, start, end)]
    for stop in [*turns, end]:
        if _refuses(answer[start:stop]):
            if stop - start > _LONGEST_REFUSAL:
                break
            rest = _kept(answer, stop, end) if answer[stop:end].strip(" .!?") else []
            is_long = sum(last - first for first, last in rest) > _LONGEST_REFUSAL
            return [(start, end)] if is_long else rest
    said = answer[start:end].strip(" .!?")
    return [] if _REASON.fullmatch(said) or _OFFER.fullmatch(said) else [(start, end)]


def _refuses(text: str) -> bool:
    return is_refusal(text) or _DECLINES.search(text.replace("\u2019", "'")) is not None
