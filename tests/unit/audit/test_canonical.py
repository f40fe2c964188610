import json
import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard.audit._canonical import canonical, sealed, without

NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(1e-8, 1e-3),
    st.floats(1e14, 1e22),
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
def test_records_are_written_as_in_rfc_8785(fields: dict[str, object]) -> None:
    assert canonical(fields) == rfc8785.dumps(fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "spelt"),
    [
        (1.0, "1"), (-0.0, "0"), (0.1, "0.1"), (1e-4, "0.0001"), (1e-5, "0.00001"),
        (1e-7, "1e-7"), (1e16, "10000000000000000"), (1e21, "1e+21"), (2**60, f'"{2**60}"'),
        (math.nan, '"NaN"'), (-math.inf, '"-Infinity"'), (True, "true"), ("\ud800", '"?"'),
        ("\x7f\u2028\n\x01", '"\x7f\u2028\\n\\u0001"'),
    ],
)  # fmt: skip
def test_numbers_and_texts_have_one_canonical_form(value: object, spelt: str) -> None:
    assert canonical({"a": value}) == f'{{"a":{spelt}}}'.encode()


def test_the_hash_is_over_the_line_without_it() -> None:
    line, digest = sealed({"kind": "start", "a": '"hash":"x",', "host": "h"})
    assert json.loads(line)["hash"] == digest
    assert without(line, "hash", digest) == canonical(
        {"kind": "start", "a": '"hash":"x",', "host": "h"}
    )
