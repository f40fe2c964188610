"""The product of a few tokens and a weight matrix, by the fastest kernel of a CPU."""

from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

_BY_COLUMNS: Final = {torch.float32: range(8, 33), torch.bfloat16: range(1, 65)}
"""Numbers of tokens for which a CPU multiplies from the left, by dtype; measured in
docs/results.md, "Speed"."""
_LARGE: Final = 30_000
"""Number of weights above which a matrix does not stay in the CPU cache between steps."""


def product(hidden: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the result of `F.linear`, on a CPU by the kernel that is fastest for so few rows.

    `weight @ columns` streams the weights once. In bfloat16 it is up to twice as fast as
    `F.linear`, and with at least two columns it gives a token the same bits whatever stands beside
    it. In float32 `F.linear` is twice as fast for one to five rows, and its last bits depend on
    the number of rows.

    Args:
        hidden: [rows, num_new, in].
        weight: [out, in].
        bias: [out].

    Returns:
        [rows, num_new, out].
    """
    if weight.device.type != "cpu":
        return F.linear(hidden, weight, bias)
    num_rows = hidden.shape[0] * hidden.shape[1]
    if num_rows == 1 and weight.dtype == torch.bfloat16:
        return product(torch.cat([hidden, hidden]), weight, bias)[:1]
    if num_rows not in _BY_COLUMNS.get(weight.dtype, ()) or (
        weight.dtype == torch.float32 and weight.numel() < _LARGE
    ):
        return F.linear(hidden, weight, bias)
    columns = hidden.reshape(num_rows, -1).t()
    if bias is None:
        output = torch.mm(weight, columns)
    else:
        output = torch.addmm(bias[:, None], weight, columns)
    return output.t().contiguous().view(*hidden.shape[:2], -1)
