"""Small windows: what they cover, and how much their number discounts them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard.guard._windows import WINDOW, small_windows, window_risk

WORDS = st.lists(st.sampled_from(["a", "word", "Ende.", "длинное", "\n", "x" * 200]), max_size=150)


@given(WORDS)
def test_every_character_is_in_a_small_window(words: list[str]) -> None:
    text = " ".join(words)
    windows = small_windows(text)
    covered = {index for start, end in windows for index in range(start, end)}
    assert covered >= {index for index, c in enumerate(text) if not c.isspace()}
    assert all(len(text[start:end].encode()) <= WINDOW + 1 for start, end in windows)
    assert sum(len(text[start:end]) for start, end in windows) <= 4 * len(text)


def test_a_sentence_is_whole_in_some_window() -> None:
    sentences = [f"This is sentence number {index} of a long report." for index in range(60)]
    text = " ".join(sentences)
    windows = [text[start:end] for start, end in small_windows(text)]
    assert len(windows) > 5
    for first, second in pairwise(sentences):
        assert any(first in window for window in windows)
        assert any(f"{first} {second}" in window for window in windows)


def test_a_short_text_is_one_window() -> None:
    assert small_windows("One. Two.") == [(0, 9)]
    assert small_windows(" ") == []


def test_many_windows_count_for_less_each() -> None:
    assert window_risk(8.0, 1) == 8.0
    risks = [window_risk(8.0, count) for count in (2, 4, 64)]
    assert risks == sorted(risks, reverse=True)
    assert 5.0 < risks[-1] < 8.0
    assert (window_risk(0.0, 64), window_risk(10.0, 64)) == (0.0, 10.0)
    assert window_risk(5.0, 4) == pytest.approx(10 / (1 + 2.718281828**0.2), abs=1e-3)
