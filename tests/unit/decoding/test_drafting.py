import pytest

from ngsd_guard.decoding._drafting import DraftLength
from ngsd_guard.testing import ScriptedModel


def pair(expert_share: float) -> tuple[ScriptedModel, ScriptedModel]:
    base, expert = ScriptedModel("a"), ScriptedModel("b")
    base.num_parameters, expert.num_parameters = 1000, int(1000 * expert_share)
    return base, expert


def taught(share: float, *, accepted: int, of: int, longest: int = 8) -> DraftLength:
    draft_length = DraftLength(*pair(share), longest)
    for _ in range(30):
        draft_length.learn(of, accepted)
    return draft_length


def test_drafts_grow_with_acceptance() -> None:
    lengths = [taught(0.1, accepted=n, of=10).choose(1) for n in (0, 5, 8, 9, 10)]
    assert lengths == sorted(lengths)
    assert lengths[0] == 0
    assert lengths[-1] == 8


def test_length_maximises_tokens_per_time_worked_by_hand() -> None:
    # Share 0: an expert step costs 0.2, a position 0.1, so k drafts cost 1.2 + 0.3 k. At an
    # acceptance of 1/2 they yield 1, 1.5, 1.75, 1.875: rates 0.833, 1, 0.972, 0.893.
    assert taught(0.0, accepted=5, of=10).choose(1) == 1


def test_expert_as_dear_as_the_base_drafts_only_when_sure() -> None:
    # Share 1: k drafts cost 2 + 1.1 k for 1 + k tokens at most: rates 0.5, 0.645, 0.714, ...
    assert taught(1.0, accepted=10, of=10).choose(1) == 8
    # At one half: 0.5, 1.5 / 3.1 = 0.48 and falling.
    assert taught(1.0, accepted=5, of=10).choose(1) == 0


def test_many_rows_draft_less() -> None:
    lengths = [taught(0.1, accepted=9, of=10).choose(rows) for rows in (1, 4, 16, 64)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0]


@pytest.mark.parametrize("longest", [1, 3])
def test_no_draft_is_longer_than_allowed(longest: int) -> None:
    assert taught(0.1, accepted=10, of=10, longest=longest).choose(1) == longest


def test_acceptance_is_learnt_anew_when_it_changes() -> None:
    draft_length = taught(0.1, accepted=10, of=10)
    for _ in range(25):
        draft_length.learn(1, 0)
    assert draft_length.choose(1) == 0
