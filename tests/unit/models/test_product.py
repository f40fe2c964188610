import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from hypothesis import given, settings
from hypothesis import strategies as st

from ngsd_guard.models.forward import _product
from ngsd_guard.models.forward._product import column_gains, product

SHAPES = [(1, 1), (1, 2), (1, 5), (3, 3), (2, 1), (1, 9), (1, 10), (4, 4)]


@pytest.fixture(params=[0.0, 9.0], ids=["rows", "columns"])
def _kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either kernel as the faster one, whatever this CPU would choose."""
    gains = dict.fromkeys((1, 2, 5, 12, 32), request.param)
    monkeypatch.setattr(_product, "column_gains", lambda dtype: gains)


@pytest.mark.usefixtures("_kernel")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(8, 4), (300, 200)], ids=["small", "large"])
@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
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
    is_half = dtype in (torch.bfloat16, torch.float16)
    # In half precision up to an ulp of the largest sum, as the kernels add in another order.
    atol, rtol = (0.3, 1e-2) if is_half else (1e-4, 1e-5)
    torch.testing.assert_close(found, expected, atol=atol, rtol=rtol)


@pytest.mark.usefixtures("_kernel")
@pytest.mark.parametrize("size", [(8, 4), (32, 64), (64, 32), (300, 200), (96, 256)], ids=str)
@given(num_rows=st.integers(1, 64), place=st.integers(0, 63), seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_token_has_the_same_bits_whatever_stands_beside_it(
    num_rows: int, place: int, seed: int, size: tuple[int, int]
) -> None:
    """So that a draft's positions are what single steps would compute."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(*size, generator=generator).bfloat16()
    hidden = torch.randn(num_rows, 1, size[1], generator=generator).bfloat16()
    row = place % num_rows
    alone = product(hidden[row : row + 1], weight)
    assert torch.equal(product(hidden, weight)[row], alone[0])
    assert torch.equal(product(hidden.transpose(0, 1), weight)[0, row], alone[0, 0])


def test_product_accepts_rows_that_are_not_contiguous() -> None:
    hidden = torch.randn(1, 6, 200, generator=torch.Generator().manual_seed(2))[:, ::2]
    weight = torch.randn(300, 200, generator=torch.Generator().manual_seed(3))
    found, expected = product(hidden, weight), F.linear(hidden, weight)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kernels_are_timed_once(dtype: torch.dtype) -> None:
    gains = column_gains(dtype)
    assert all(gain >= 0 for gain in gains.values())
    assert column_gains(dtype) is gains
    assert dtype == torch.float32 or len(set(gains.values())) == 1
