"""Short completions under a grammar, and steering that keeps an answer completable."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from ngsd_guard.grammar._token_texts import TokenTexts

if TYPE_CHECKING:
    from llguidance import LLMatcher

LONGEST_ZONE: Final = 512
"""Maximum length of the steered part at the end of the budget, in tokens."""
_BEAM_WIDTH: Final = 8
_FEW: Final = 256
"""Up to this many tokens are checked individually; of more, two of each shape."""
_MOST_SEARCHES: Final = 48
_LONGEST_CHARACTER: Final = 4
_MOST_SKIPPED: Final = 4  # plan tokens that a single other token may replace

Plan = tuple[int, ...]
"""Tokens that would complete an answer."""


@dataclass(frozen=True, slots=True)
class _Node:
    matcher: "LLMatcher"
    bias: bytes
    """Mask of the tokens it allows next."""
    path: Plan
    trace: str
    """Text of the path without whitespace and digits; distinguishes paths."""
    cost: int
    """Sum of the path's token ranks in the order of preference."""


class CompletionFinder:
    """Finds short completions of an answer.

    Args:
        texts: the texts of the model's tokens.
        end_token: the grammar engine's end-of-answer token.
    """

    def __init__(self, texts: TokenTexts, end_token: int) -> None:
        self._texts = texts
        self._end_token = end_token

    def shortest(self, matcher: "LLMatcher", limit: int) -> Plan | None:
        """Return the shortest completion found, with at most `limit` tokens."""
        quick = self._search(matcher, limit, width=1)
        shorter = self._search(matcher, limit if quick is None else len(quick) - 1, _BEAM_WIDTH)
        return quick if shorter is None else shorter

    def fitting(
        self, matcher: "LLMatcher", rests: Iterable[Plan], limit: int, after_tokens: Plan = ()
    ) -> Plan | None:
        """Return the first of `rests` that completes the answer.

        Args:
            matcher: the state after an answer's tokens so far; not changed.
            rests: candidate completions.
            limit: maximum number of tokens in the completion.
            after_tokens: tokens between the answer so far and the completion.
        """
        for rest in rests:
            token_ids = [*after_tokens, *rest, self._end_token]
            if len(rest) <= limit and matcher.validate_tokens(token_ids) == len(token_ids):
                return rest
        return None

    def rejoining(self, matcher: "LLMatcher", rests: Collection[Plan], limit: int) -> Plan | None:
        """Take the preferred token until one of `rests` completes the answer; return both parts.

        Args:
            matcher: the state after an answer's tokens so far; advanced by this method.
            rests: candidate completions.
            limit: maximum number of tokens in total.
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
        """Extend each node by one token; of paths with the same trace and mask, keep the first."""
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
    """Keeps one answer completable within its token budget.

    In the last `zone` tokens of the budget, the steering maintains a plan: a completion of the
    answer so far. A token is allowed if the answer can still be completed after it. For most tokens
    one validation of the rest of the plan shows that it can. The plan depends only on the tokens
    read and the budget, so drafting does not affect it.

    Args:
        finder: finds completions.
        texts: the texts of the model's tokens.
        zone: length of the steered part at the end of the budget, in tokens.
        end_token_ids: tokens that end an answer; either all of them are allowed, or none.
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
        self._plans: list[Plan | None] = []  # after the first `_start`, ..., len(`_read`) tokens

    def restrict(
        self, matcher: "LLMatcher", read: Sequence[int], num_left: int, allowed: Tensor
    ) -> Tensor:
        """Return the allowed tokens after which the answer can still be completed.

        Args:
            matcher: the state after the answer so far; not changed.
            read: the answer so far.
            num_left: tokens left in the budget.
            allowed: [vocab], bool; tokens the grammar allows.
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
        """Return the plan for the answer so far, updated token by token from the zone's start."""
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
        """Drop the plans of another budget, and those after tokens that were replaced."""
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
        """Return the plan after reading a token that may differ from the plan's first."""
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
    """Return the possible rests of a plan after a token that is not its first."""
    return [plan[skipped:] for skipped in range(min(_MOST_SKIPPED, len(plan)) + 1)]


class _Check:
    """Checks whether an answer can be completed after a token.

    Args:
        finder: finds completions.
        texts: the texts of the model's tokens.
        matcher: the state after the answer so far; not changed.
        plan: a completion of the answer so far.
        limit: tokens left in the budget after the token.
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
        """Return whether the answer can be completed; at most `_MOST_SEARCHES` calls search."""
        finder, limit = self._finder, self._limit
        if finder.fitting(self._matcher, self._rests, limit, (token_id,)) is not None:
            return True
        if self._num_searches == _MOST_SEARCHES:
            return False
        self._num_searches += 1
        matcher = self._matcher.deep_copy()
        if matcher.try_consume_tokens([token_id]) != 1:
            return False
        # The first bytes of a character may need up to three more tokens to complete it.
        limit -= _LONGEST_CHARACTER if self._texts.is_broken[token_id] else 0
        return finder.rejoining(matcher, self._rests, limit) is not None
