import pytest

from ngsd_guard.decoding._drafting import DraftPolicy
from ngsd_guard.testing import ScriptedModel


def pair(expert_share: float) -> tuple[ScriptedModel, ScriptedModel]:
    base, expert = ScriptedModel("a"), ScriptedModel("b")
    base.num_parameters, expert.num_parameters = 1000, int(1000 * expert_share)
    return base, expert


def taught(share: float, *, accepted: int, of: int, longest: int = 8) -> DraftPolicy:
    policy = DraftPolicy(*pair(share), longest)
    for _ in range(40):
        policy.learn("expert", of, accepted)
    return policy


def length_of(policy: DraftPolicy, num_rows: int = 1) -> int:
    source, length = policy.choose(num_rows)
    assert source == "expert"
    return length


def test_drafts_grow_with_acceptance() -> None:
    lengths = [length_of(taught(0.1, accepted=n, of=10)) for n in (0, 5, 8, 9, 10)]
    assert lengths == sorted(lengths)
    assert lengths[0] == 0
    assert lengths[-1] == 8


def test_length_maximises_tokens_per_time_worked_by_hand() -> None:
    # Share 0: an expert step costs 0.45, a base step over k + 1 positions 1 + 0.05 k. Drafts of 0,
    # 1, 2, 3 at an acceptance of 1/2 yield 1, 1.5, 1.75, 1.875 for 1.45, 1.95, 2.45, 2.95: rates
    # 0.69, 0.77, 0.71, 0.64.
    assert length_of(taught(0.0, accepted=5, of=10)) == 1
    # At 3/4: 1, 1.75, 2.31, 2.73, 3.05: rates 0.69, 0.90, 0.94, 0.93, 0.88.
    assert length_of(taught(0.0, accepted=15, of=20)) == 2


def test_many_rows_draft_less() -> None:
    lengths = [length_of(taught(0.1, accepted=9, of=10), rows) for rows in (1, 4, 16, 64)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0]


@pytest.mark.parametrize("longest", [1, 3])
def test_no_draft_is_longer_than_allowed(longest: int) -> None:
    assert length_of(taught(0.1, accepted=10, of=10, longest=longest)) == longest


def test_acceptance_is_learnt_anew_when_it_changes() -> None:
    policy = taught(0.1, accepted=10, of=10)
    policy.learn("expert", 100, 0)
    assert length_of(policy) == 0
    policy.learn("expert", 100, 100)  # single steps teach too: the expert has an opinion on each
    assert length_of(policy) == 8


def test_one_miss_does_not_end_drafting() -> None:
    policy = DraftPolicy(*pair(0.3), 8)
    before = length_of(policy)
    policy.learn("expert", 1, 0)
    assert before >= length_of(policy) > 0


def test_what_was_looked_up_is_taken_where_it_is_cheaper() -> None:
    policy = DraftPolicy(*pair(0.3), 8)
    assert policy.choose(1, num_found=8)[0] == "lookup"
    assert policy.choose(1, num_found=3) == ("lookup", 3)
    assert policy.choose(1, num_found=0)[0] == "expert"
    policy.learn("lookup", 100, 0)  # it was never right
    assert policy.choose(1, num_found=8)[0] == "expert"


def test_base_runs_ahead_of_an_expert_that_costs_as_much() -> None:
    # Either costs nine of the one's steps and one of the other's; the base's own tokens hold.
    policy = taught(1.0, accepted=8, of=10)
    assert policy.choose(1)[0] == "base"
    policy.learn("base", 100, 100)
    assert policy.choose(1) == ("base", 8)
    policy.learn("base", 200, 0)  # overridden at every token
    assert policy.choose(1)[0] == "expert"
    assert taught(0.9, accepted=10, of=10).choose(1)[0] == "expert"
