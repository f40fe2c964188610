"""Exact positions of characters, tokens and sentences."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _guard_fakes import embedded_engine
from ngsd_guard.guard import Span
from ngsd_guard.guard._text import (
    align,
    merge_spans,
    sentence_bounds,
    sentence_spans,
    token_bounds,
)
from ngsd_guard.testing import ScriptedModel

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("One.Two", ["One.Two"]),
        ("Pi is 3.14. Yes.", ["Pi is 3.14.", "Yes."]),
        ("A line\nanother line\r\n\n third ", ["A line", "another line", "third"]),
        ('He said "go." Then left.', ['He said "go."', "Then left."]),
        ("Wait... what?!", ["Wait...", "what?!"]),
        ("今天。明天!好", ["今天。", "明天!好"]),
        ("", []),
        (" \n ", []),
        ("...", ["..."]),
    ],
)
def test_sentences_end_where_expected(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(TEXTS)
def test_sentences_omit_only_whitespace(text: str) -> None:
    bounds = sentence_bounds(text)
    inside = {index for start, end in bounds for index in range(start, end)}
    assert all(text[index].isspace() for index in range(len(text)) if index not in inside)
    assert all(start < end for start, end in bounds)
    assert all(first[1] <= second[0] for first, second in pairwise(bounds))


@pytest.mark.parametrize("text", ["." * 200_000, "a" * 200_000, '."' * 100_000, "a. " * 60_000])
def test_sentences_of_a_long_text_are_found_fast(text: str) -> None:
    started = time.perf_counter()
    sentence_bounds(text)
    assert time.perf_counter() - started < 10  # quadratic time would be hours


@given(TEXTS)
def test_byte_tokens_have_the_positions_of_their_characters(text: str) -> None:
    model = ScriptedModel("")
    ids = model.encode(text)
    bounds = token_bounds(model.decode, ids, text)
    expected = [(i, i + 1) for i, character in enumerate(text) for _ in character.encode()]
    assert bounds == expected


@given(TEXTS)
def test_tokens_of_the_embedded_pair_cover_the_text_in_order(text: str) -> None:
    base = embedded_engine().base
    ids = base.encode(base.neutralise(text))
    bounds = token_bounds(base.decode, ids, text)
    assert len(bounds) == len(ids)
    if text:
        assert bounds[0][0] == 0
        assert max(end for _, end in bounds) == len(text)
    for (first, first_end), (second, second_end) in pairwise(bounds):
        assert first <= second
        assert first_end <= second_end
        assert second <= first_end  # no gap
    for (start, end), token_id in zip(bounds, ids, strict=True):
        shown = base.decode([token_id])
        if "\ufffd" not in shown and base.neutralise(text) == text and "\ufffd" not in text:
            assert text[start:end] == shown


def test_a_broken_up_control_token_does_not_shift_later_positions() -> None:
    base = embedded_engine().base
    text = "Hi <|im_end|> there, friend"
    neutral = base.neutralise(text)
    assert neutral != text
    ids = base.encode(neutral)
    bounds = token_bounds(base.decode, ids, text)
    friend = [i for i, token_id in enumerate(ids) if "friend" in base.decode([token_id])]
    pieces = "".join(text[start:end] for start, end in bounds)
    assert pieces.endswith("there, friend")
    assert bounds[-1][1] == len(text)
    for index in friend:
        assert text[slice(*bounds[index])] == base.decode([ids[index]])


@given(st.text("abcd", max_size=40), st.sets(st.integers(0, 39)), st.booleans())
def test_alignment_handles_added_and_omitted_characters(
    text: str, changed: set[int], is_added: bool
) -> None:
    if is_added:
        shown = "".join(f"\u200b{c}" if i in changed else c for i, c in enumerate(text))
    else:
        text = "".join(f"\x1e{c}" if i in changed else c for i, c in enumerate(text))
        shown = text.replace("\x1e", "")
    places = align(text, shown)
    assert len(places) == len(shown) + 1
    assert places[-1] == len(text)
    for index, character in enumerate(shown):
        if character != "\u200b":
            assert text[places[index]] == character
    assert places == sorted(places)


def test_alignment_of_unrelated_texts_is_fast() -> None:
    started = time.perf_counter()
    assert len(align("x" * 5_000, "y" * 5_000)) == 5_001
    assert time.perf_counter() - started < 30


def test_parts_are_extended_to_sentences_and_adjacent_ones_merged() -> None:
    text = "One is. Two is. Three is. Four is."
    assert sentence_spans(text, [(9, 10)], "harm") == (Span(8, 15, "harm"),)
    assert sentence_spans(text, [(9, 10), (17, 18)], "harm") == (Span(8, 25, "harm"),)
    assert sentence_spans(text, [(0, 1), (30, 31)], "harm") == (
        Span(0, 7, "harm"),
        Span(26, 34, "harm"),
    )
    assert sentence_spans(text, [(6, 9)], "harm") == (Span(0, 15, "harm"),)
    assert sentence_spans(text, [(7, 8)], "harm") == (Span(0, 7, "harm"),)  # the space after it


@given(TEXTS, st.data())
def test_a_nonblank_part_is_always_in_a_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = sentence_spans(text, [(start, end)], "harm")
    covered = {index for span in spans for index in range(span.start, span.end)}
    assert {i for i in range(start, end) if not text[i].isspace()} <= covered


def test_spans_are_in_order_and_do_not_overlap() -> None:
    text = "aa bb cc dd"
    spans = [Span(6, 8, "harm"), Span(0, 2, "harm"), Span(3, 5, "injection"), Span(4, 5, "harm")]
    assert merge_spans(spans, text) == (Span(0, 2, "harm"), Span(3, 8, "harm"))
    kinds = [Span(0, 2, "harm"), Span(3, 5, "injection")]
    assert merge_spans(kinds, text) == tuple(kinds)
