"""A way to run a model is taken where it agrees with transformers up to rounding."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from ngsd_guard.models.forward._reading import _HALF_STARTS, _agrees, _probe

WIDTH = 64


class Reading:
    """Predicts from the last token; is wrong after some first tokens."""

    def __init__(self, wrong_after: frozenset[int] = frozenset()) -> None:
        self._wrong_after = wrong_after

    def new_cache(self) -> list[int]:
        return []

    def __call__(self, input_ids: Tensor, cache: list[int], _: object) -> Tensor:
        cache += input_ids[0].tolist()
        token = cache[-1] + (7 if cache[0] in self._wrong_after else 0)
        return 9.0 * torch.nn.functional.one_hot(torch.tensor([[token % WIDTH]]), WIDTH).float()


def model(dtype: torch.dtype) -> Any:
    weight = torch.zeros(WIDTH, 2, dtype=dtype)
    return SimpleNamespace(
        dtype=dtype,
        device=torch.device("cpu"),
        get_output_embeddings=lambda: SimpleNamespace(weight=weight),
    )


STARTS = [start % WIDTH for start in _HALF_STARTS]


@pytest.mark.parametrize(
    ("wrong_after", "dtype", "agrees"),
    [
        ((), torch.float32, True),
        ((0,), torch.float32, False),
        ((0,), torch.bfloat16, True),
        ((0, STARTS[0]), torch.float16, True),
        ((0, *STARTS), torch.bfloat16, False),
    ],
)
def test_control_tokens_alone_decide_nothing_in_half_precision(
    wrong_after: tuple[int, ...], dtype: torch.dtype, *, agrees: bool
) -> None:
    right: Any = Reading()
    fake = model(dtype)
    candidate: Any = Reading(frozenset(wrong_after))
    assert _agrees(candidate, right, fake, _probe(right, fake)) is agrees
