"""The shortest way to the end of a grammar, and answers that keep it within reach."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from ngsd_guard.grammar._token_texts import TokenTexts

if TYPE_CHECKING:
    from llguidance import LLMatcher

LONGEST_ZONE: Final = 512
"""Tokens before the end of the budget from which on an answer is steered, at most."""
_BEAM_WIDTH: Final = 8
_FEW: Final = 256
"""Tokens that are looked at one by one; of more, two of each shape."""
_MOST_SEARCHES: Final = 48
_LONGEST_CHARACTER: Final = 4
_MOST_SKIPPED: Final = 4  # tokens of a plan that one other token can stand for

Plan = tuple[int, ...]
"""Tokens that complete an answer."""


@dataclass(frozen=True, slots=True)
class _Node:
    matcher: "LLMatcher"
    bias: bytes
    """What it allows next."""
    path: Plan
    trace: str
    """What tells its path from others."""
    cost: int
    """How far down its tokens stood in the order of preference, summed."""


class CompletionFinder:
    """Finds short completions of an answer.

    Args:
        texts: of the model's tokens.
        end_token: what the engine takes for the end of an answer.
    """

    def __init__(self, texts: TokenTexts, end_token: int) -> None:
        self._texts = texts
        self._end_token = end_token

    def shortest(self, matcher: "LLMatcher", limit: int) -> Plan | None:
        """Return the shortest completion that is found, of `limit` tokens at most."""
        quick = self._search(matcher, limit, width=1)
        shorter = self._search(matcher, limit if quick is None else len(quick) - 1, _BEAM_WIDTH)
        return quick if shorter is None else shorter

    def fitting(
        self, matcher: "LLMatcher", rests: Iterable[Plan], limit: int, behind: Plan = ()
    ) -> Plan | None:
        """Return the first of some completions that is one behind some tokens.

        Args:
            matcher: has read an answer; it is left alone.
            rests: may complete it.
            limit: tokens that it may have.
            behind: tokens to be read first.
        """
        for rest in rests:
            token_ids = [*behind, *rest, self._end_token]
            if len(rest) <= limit and matcher.validate_tokens(token_ids) == len(token_ids):
                return rest
        return None

    def rejoining(self, matcher: "LLMatcher", rests: Collection[Plan], limit: int) -> Plan | None:
        """Return a completion that takes the best token each time, until one of the rests fits.

        Args:
            matcher: has read an answer; it reads on.
            rests: may complete it before long.
            limit: tokens that the answer may have.
        """
        path: Plan = ()
        if limit < 0:
            return None
        while not matcher.is_accepting():
            rest = self.fitting(matcher, rests, limit - len(path))
            if rest is not None:
                return path + rest
            best = self._texts.preferred(matcher.compute_logit_bias(), 1)
            if len(path) == limit or matcher.is_error() or not best:
                return None
            if matcher.try_consume_tokens(best) != 1:
                return None
            path += tuple(best)
        return path

    def _search(self, matcher: "LLMatcher", limit: int, width: int) -> Plan | None:
        nodes = [_Node(matcher, matcher.compute_logit_bias(), (), "", 0)]
        for length in range(limit + 1):
            done = next((node.path for node in nodes if node.matcher.is_accepting()), None)
            if done is not None or length == limit:
                return done
            nodes = self._expand(nodes, width)
            if not nodes:
                return None
        return None

    def _expand(self, nodes: Sequence[_Node], width: int) -> list[_Node]:
        """Read one more token each; of ways that differ in spaces alone, the first is kept."""
        ways = [
            (node.cost + rank, number, token_id)
            for number, node in enumerate(nodes)
            for rank, token_id in enumerate(self._texts.preferred(node.bias, width))
        ]
        expanded: dict[tuple[bytes, str], _Node] = {}
        for cost, number, token_id in sorted(ways):
            matcher, parent = nodes[number].matcher.deep_copy(), nodes[number]
            if matcher.try_consume_tokens([token_id]) != 1:
                continue
            bias = matcher.compute_logit_bias()
            if not matcher.is_error():
                trace = parent.trace + self._texts.traces[token_id]
                node = _Node(matcher, bias, (*parent.path, token_id), trace, cost)
                expanded.setdefault((bias, trace), node)
            if len(expanded) == width:
                break
        return list(expanded.values())


class Steering:
    """Keeps one answer completable within its budget.

    In the zone before the end of the budget a completion of what was read is carried along: the
    plan. A token is allowed where the answer can still be completed behind it, which a validation
    of the plan's rest tells at once for most of them. The plan depends on nothing but the tokens
    read and the budget, so drafting changes none.

    Args:
        finder: of completions.
        texts: of the model's tokens.
        zone: tokens before the end of the budget from which on the answer is steered.
        end_token_ids: end an answer; all of them are allowed, or none.
    """

    def __init__(
        self,
        finder: CompletionFinder,
        texts: TokenTexts,
        zone: int,
        end_token_ids: Sequence[int],
    ) -> None:
        self._finder = finder
        self._texts = texts
        self._zone = zone
        self._end_token_ids = list(end_token_ids)
        self._total: int | None = None
        self._start = 0
        self._read: list[int] = []
        self._plans: list[Plan | None] = []  # behind `_start` tokens and more, up to all of `_read`

    def restrict(
        self, matcher: "LLMatcher", read: Sequence[int], num_left: int, allowed: Tensor
    ) -> Tensor:
        """Return those of the allowed tokens behind which the answer can still be completed.

        Args:
            matcher: has read the answer so far; it is left alone.
            read: the answer so far.
            num_left: tokens it may still have.
            allowed: [vocab], bool; by the grammar.
        """
        plan = self._plan(matcher, read, len(read) + num_left)
        if plan is None or len(plan) > num_left:
            return allowed
        ends = self._end_token_ids
        inner = allowed.clone()
        inner[ends] = False
        can_end = bool(allowed[ends].any())
        if can_end and num_left <= 1:
            inner[:] = False
        else:
            check = _Check(self._finder, self._texts, matcher.deep_copy(), plan, num_left - 1)
            inner &= self._fitting(inner, check)
            if plan:
                inner[plan[0]] = True
        inner[ends] = can_end
        return inner

    def _fitting(self, allowed: Tensor, check: "_Check") -> Tensor:
        token_ids = allowed.nonzero().flatten()
        if len(token_ids) <= _FEW:
            verdicts = torch.tensor([check(i) for i in token_ids.tolist()], dtype=torch.bool)
        else:
            verdicts = self._texts.shapes_in(allowed).judge(token_ids, check)
        fitting = torch.zeros_like(allowed)
        fitting[token_ids] = verdicts
        return fitting

    def _plan(self, matcher: "LLMatcher", read: Sequence[int], total: int) -> Plan | None:
        """Return the plan for what was read, by following it from the start of the zone."""
        self._forget_unlike(read, total)
        start, plans = self._start, self._plans
        num_followed = start + max(len(plans) - 1, 0)
        if start + len(plans) <= len(read):
            scout = matcher.deep_copy()
            if num_followed < len(read) and not scout.rollback(len(read) - num_followed):
                return None
            if not plans:
                plans.append(self._finder.shortest(scout, min(total - start, LONGEST_ZONE)))
            for depth, token_id in enumerate(read[num_followed:], num_followed + 1):
                scout.try_consume_tokens([token_id])
                plans.append(self._followed(scout, plans[-1], token_id, total - depth))
            self._read = list(read)
        return plans[len(read) - start]

    def _forget_unlike(self, read: Sequence[int], total: int) -> None:
        """Forget plans for another budget, and those behind tokens that were replaced."""
        num_common = min(len(read), len(self._read))
        if self._total != total:
            self._total, self._start, self._plans = total, max(0, total - self._zone), []
        elif list(read[:num_common]) != self._read[:num_common]:
            pairs = enumerate(zip(read, self._read, strict=False))
            num_same = next(index for index, (new, old) in pairs if new != old)
            del self._plans[max(num_same + 1 - self._start, 0) :]

    def _followed(
        self, matcher: "LLMatcher", plan: Plan | None, token_id: int, limit: int
    ) -> Plan | None:
        """Return the plan behind a token that was read in the plan's place."""
        if plan is None or matcher.is_accepting():
            return None if plan is None else ()
        if plan and plan[0] == token_id:
            return plan[1:]
        rests = _rests(plan)
        rest = self._finder.fitting(matcher, reversed(rests), limit)
        if rest is None:
            rest = self._finder.rejoining(matcher.deep_copy(), rests, limit)
        if rest is None:
            rest = self._finder.shortest(matcher, min(limit, LONGEST_ZONE))
        return rest


def _rests(plan: Plan) -> list[Plan]:
    """Return what may be left of a plan behind a token that is not its first."""
    return [plan[skipped:] for skipped in range(min(_MOST_SKIPPED, len(plan)) + 1)]


class _Check:
    """Says whether an answer can be completed behind a token.

    Args:
        finder: of completions.
        texts: of the model's tokens.
        matcher: has read the answer so far; it is left alone.
        plan: completes the answer.
        limit: tokens the answer may have behind the token.
    """

    def __init__(
        self,
        finder: CompletionFinder,
        texts: TokenTexts,
        matcher: "LLMatcher",
        plan: Plan,
        limit: int,
    ) -> None:
        self._finder = finder
        self._texts = texts
        self._matcher = matcher
        self._limit = limit
        self._rests = _rests(plan)
        self._num_searches = 0

    def __call__(self, token_id: int) -> bool:
        """Say it of a token; what has to be searched for is searched for a few tokens alone."""
        finder, limit = self._finder, self._limit
        if finder.fitting(self._matcher, self._rests, limit, behind=(token_id,)) is not None:
            return True
        if self._num_searches == _MOST_SEARCHES:
            return False
        self._num_searches += 1
        matcher = self._matcher.deep_copy()
        if matcher.try_consume_tokens([token_id]) != 1:
            return False
        # Of a character's first bytes some want more to follow than others.
        limit -= _LONGEST_CHARACTER if self._texts.is_broken[token_id] else 0
        return finder.rejoining(matcher, self._rests, limit) is not None
