"""A constraint masks base, expert and mixture alike, and is rolled back with the draft."""

import pytest
import torch
from torch import Tensor

from _fakes import EAGER, EOS, SILENT, USER, VOCAB_SIZE, FunctionModel, random_logits
from ngsd_guard import DecodingError, Engine
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

A, B, C = (ord(letter) for letter in "ABC")


class Pattern:
    """Allows a fixed set of tokens at each position, and remembers what it was told."""

    def __init__(self, allowed: list[set[int]]) -> None:
        self.allowed = allowed
        self.read: list[int] = []
        self.longest = 0

    def mask(self, num_left: int | None = None) -> Tensor:
        mask = torch.zeros(VOCAB_SIZE, dtype=torch.bool)
        mask[
            list(self.allowed[len(self.read)] if len(self.read) < len(self.allowed) else {EOS})
        ] = 1
        return mask

    def advance(self, token_id: int) -> None:
        assert bool(self.mask()[token_id])
        self.read.append(token_id)
        self.longest = max(self.longest, len(self.read))

    def roll_back(self, num_tokens: int) -> None:
        assert 0 < num_tokens <= len(self.read)
        del self.read[len(self.read) - num_tokens :]


def constant(**probs: float) -> FunctionModel:
    logits = torch.full((VOCAB_SIZE,), -torch.inf)
    for name, value in probs.items():
        logits[ord(name)] = torch.tensor(value).log()
    return FunctionModel(lambda _: logits)


def pair() -> Engine:
    return Engine(Pair(FunctionModel(random_logits(1)), FunctionModel(random_logits(2)), EAGER))


@pytest.mark.parametrize("options", [{}, {"temperature": 1.0, "seed": 4}, {"guarded": False}])
@pytest.mark.parametrize("speculative", [True, False])
def test_answer_keeps_to_the_pattern(options: dict[str, object], *, speculative: bool) -> None:
    allowed = [{A, B}, {B, C}, {A}, {C, B, A}] * 4
    pattern = Pattern(allowed)
    answer = pair().generate(USER, constraint=pattern, speculative=speculative, **options)  # type: ignore[arg-type]
    *written, last = answer.token_ids
    assert last == EOS
    assert len(written) == len(allowed)
    assert all(token in tokens for token, tokens in zip(written, allowed, strict=True))
    assert pattern.read == written  # the end-of-sequence token is not part of the text


def test_drafting_changes_nothing_and_is_taken_back() -> None:
    allowed = [{A, B, C}] * 20
    num_rejected = 0
    for seed in range(6):
        drafted, stepwise = (
            pair().generate(
                USER, constraint=Pattern(allowed), speculative=value, temperature=1.0, seed=seed
            )
            for value in (True, False)
        )
        assert drafted.token_ids == stepwise.token_ids
        num_rejected += drafted.speculation.num_drafted - drafted.speculation.num_accepted
    assert num_rejected > 0


def test_gate_compares_what_the_two_may_say() -> None:
    # Unmasked the two share nothing; of B alone both are certain.
    engine = Engine(Pair(constant(A=0.9, B=0.1), constant(C=0.9, B=0.1), EAGER))
    free = engine.generate(USER, max_new_tokens=1, trace=True)
    bound = engine.generate(USER, max_new_tokens=1, trace=True, constraint=Pattern([{B}]))
    assert free.steps is not None
    assert bound.steps is not None
    assert free.steps[0].current == pytest.approx(0.9)
    assert bound.steps[0].current == pytest.approx(0.0, abs=1e-6)
    assert bound.token_ids == (B,)
    assert bound.num_spikes == 0


def test_mixture_stays_within_the_constraint() -> None:
    engine = Engine(Pair(constant(A=0.6, B=0.4), constant(C=0.6, B=0.4), EAGER))
    answer = engine.generate(USER, max_new_tokens=1, trace=True, constraint=Pattern([{A, C}]))
    assert answer.num_spikes == 1  # of A and C, one is certain of the first, one of the second
    assert answer.token_ids[0] in (A, C)


@pytest.mark.parametrize("speculative", [True, False])
def test_dead_end_is_a_typed_error_and_nothing_passes_it(*, speculative: bool) -> None:
    stream = pair().stream(USER, constraint=Pattern([{A}, {B}, set()]), speculative=speculative)
    assert [next(stream).token_id, next(stream).token_id] == [A, B]
    with pytest.raises(DecodingError, match="allows no token"):
        next(stream)


def test_drafting_into_a_dead_end_is_no_error() -> None:
    """The expert would say AB, after which nothing may follow; the base says AC."""
    base, expert = ScriptedModel("ACC"), ScriptedModel("AB")

    class Branching(Pattern):
        def mask(self, num_left: int | None = None) -> Tensor:
            if self.read[-1:] == [B]:
                return torch.zeros(VOCAB_SIZE, dtype=torch.bool)
            return super().mask(num_left)

    engine = Engine(Pair(base, expert, SILENT))
    answer = engine.generate(USER, constraint=Branching([{A}, {B, C}, {C}]))
    assert answer.text == "ACC"
