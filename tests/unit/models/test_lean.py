import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention

from ngsd_guard.models.forward._lean import product

SHAPES = [(1, 1), (1, 2), (1, 5), (3, 3), (2, 1), (1, 9), (1, 10), (4, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(8, 4), (300, 200)], ids=["small", "large"])
@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_product_equals_linear(
    shape: tuple[int, int], size: tuple[int, int], dtype: torch.dtype, *, has_bias: bool
) -> None:
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(*size, generator=generator).to(dtype)
    bias = torch.randn(size[0], generator=generator).to(dtype) if has_bias else None
    hidden = torch.randn(*shape, size[1], generator=generator).to(dtype)
    expected = F.linear(hidden, weight, bias)
    found = product(hidden, weight, bias)
    assert found.dtype == dtype
    assert found.is_contiguous()
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-5)


def test_product_accepts_rows_that_are_not_contiguous() -> None:
    hidden = torch.randn(1, 6, 200, generator=torch.Generator().manual_seed(2))[:, ::2]
    weight = torch.randn(300, 200, generator=torch.Generator().manual_seed(3))
    found, expected = product(hidden, weight), F.linear(hidden, weight)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-5)
