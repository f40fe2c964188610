"""The product of a few tokens and a weight matrix, by the kernel that is fastest on this CPU."""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

_MOST: Final = 64
"""Largest number of tokens for which there is a choice; `F.linear` multiplies more."""
_TIMED: Final = (1, 2, 5, 12, 32)
"""Numbers of tokens that are timed; each stands for those up to the next."""
_CLEARLY: Final = 1.2
"""How many times as fast as `F.linear` the other kernel must be, so that noise decides nothing."""
_LARGE: Final = 30_000
"""Number of weights above which a matrix does not stay in the CPU cache between steps."""
_ONEDNN_WORK: Final = 16**3
"""Number of multiplications up to which torch leaves a bfloat16 product to another library."""
_SHAPE: Final = (4096, 1024)
"""Of the matrices that are timed: several of them are larger than a CPU's cache."""


def product(hidden: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the result of `F.linear`; for few tokens on a CPU, by the faster of two kernels.

    `F.linear` and `weight @ columns` differ by a factor of two, on some CPUs in one direction and
    on others in the other, so they are timed once in a process. In bfloat16 one kernel is taken
    for all numbers of tokens, and too few tokens for it are repeated: a token then gets the same
    bits whatever stands beside it. In float32 its last bits depend on the number of tokens.

    Args:
        hidden: [rows, num_new, in].
        weight: [out, in].
        bias: [out].

    Returns:
        [rows, num_new, out].
    """
    num_rows = hidden.shape[0] * hidden.shape[1]
    dtype = weight.dtype
    has_choice = dtype == torch.bfloat16 or (dtype == torch.float32 and weight.numel() >= _LARGE)
    if weight.device.type != "cpu" or not has_choice or not 0 < num_rows <= _MOST:
        return F.linear(hidden, weight, bias)
    takes_columns = column_gains(dtype)[_bucket(num_rows)] > _CLEARLY
    return _product(hidden, weight, bias, takes_columns=takes_columns)


def _product(hidden: Tensor, weight: Tensor, bias: Tensor | None, *, takes_columns: bool) -> Tensor:
    flat = hidden.reshape(-1, hidden.shape[-1])
    num_rows, least = len(flat), 2 if takes_columns else 1
    if weight.dtype == torch.bfloat16:
        least = max(2, _ONEDNN_WORK // weight.numel() + 1)
    if num_rows < least:
        flat = flat.repeat(-(-least // num_rows), 1)
    if not takes_columns:
        output = F.linear(flat, weight, bias)
    elif bias is None:
        output = torch.mm(weight, flat.t()).t().contiguous()
    else:
        output = torch.addmm(bias[:, None], weight, flat.t()).t().contiguous()
    return output[:num_rows].view(*hidden.shape[:2], -1)


def _bucket(num_rows: int) -> int:
    """Return the timed number of tokens that stands for a number."""
    return max(timed for timed in _TIMED if timed <= num_rows)


@cache
def column_gains(dtype: torch.dtype) -> Mapping[int, float]:
    """Time both kernels on this CPU, in some tenths of a second, once in a process.

    The processor time of this thread is taken, which other work on the machine disturbs least.

    Args:
        dtype: of the weights, float32 or bfloat16.

    Returns:
        By number of tokens, how many times as fast as `F.linear` `weight @ columns` is. In
        bfloat16 one figure for all, and 0 where `weight @ columns` alone would change a token's
        bits with the number of tokens beside it.
    """
    weights = [torch.full(_SHAPE, 0.01, dtype=dtype) for _ in range(4)]
    gains = {n: _gain(torch.ones(1, n, _SHAPE[1], dtype=dtype), weights) for n in _TIMED}
    if dtype == torch.bfloat16:
        gains = dict.fromkeys(_TIMED, gains[2])
        if not _keeps_bits(dtype, takes_columns=gains[2] > _CLEARLY):
            gains = dict.fromkeys(_TIMED, 0.0 if gains[2] > _CLEARLY else float("inf"))
    return gains


def _gain(hidden: Tensor, weights: Sequence[Tensor], num_rounds: int = 4) -> float:
    times = {False: float("inf"), True: float("inf")}
    for _ in range(num_rounds):
        for takes_columns in times:
            start = time.thread_time()
            for weight in weights:
                _product(hidden, weight, None, takes_columns=takes_columns)
            times[takes_columns] = min(times[takes_columns], time.thread_time() - start)
    return times[False] / max(times[True], 1e-9)


def _keeps_bits(dtype: torch.dtype, *, takes_columns: bool) -> bool:
    """Return whether a token's bits are the same whatever number of others stands beside it."""
    generator = torch.Generator().manual_seed(0)
    for size in ((96, 256), (64, 1536)):
        weight = torch.randn(size, generator=generator).to(dtype)
        hidden = torch.randn(1, _MOST, size[1], generator=generator).to(dtype)
        alone = _product(hidden[:, :1], weight, None, takes_columns=takes_columns)[:, 0]
        for number in (2, 3, 4, 7, 8, 16, 33, _MOST):
            beside = _product(hidden[:, :number], weight, None, takes_columns=takes_columns)[:, 0]
            if not torch.equal(alone, beside):
                return False
    return True
