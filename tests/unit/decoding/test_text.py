from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard.decoding import TextStream

BROKEN = "\ufffd"
# Characters of one to four bytes, few enough that stop strings and near misses turn up.
LETTERS = st.sampled_from("ab\u00e4\u6771\U0001f98a\n")
TEXTS = st.text(LETTERS, max_size=24)
STOPS = st.lists(st.text(LETTERS, min_size=1, max_size=4), max_size=3)


class Bytes:
    """A tokenizer whose token number n is the n-th chunk of bytes it was given."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self.chunks = chunks

    def decode(self, token_ids: Sequence[int]) -> str:
        return b"".join(self.chunks[i] for i in token_ids).decode(errors="replace")


def run(chunks: Sequence[bytes], stop: Sequence[str] = ()) -> tuple[list[str], str | None]:
    """Return what each token releases, and the flushed rest; None if a stop string ended it."""
    stream = TextStream(Bytes(chunks).decode, stop)
    released = []
    for token_id in range(len(chunks)):
        text, stopped = stream.push(token_id)
        released.append(text)
        if stopped:
            return released, None
    return released, stream.flush()


def single(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


@st.composite
def split(draw: st.DrawFn, text: st.SearchStrategy[bytes]) -> list[bytes]:
    data = draw(text)
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=len(data)))
    ends = sorted({0, len(data), *cuts})
    return [data[a:b] for a, b in pairwise(ends)]


def complete(data: bytes) -> str:
    """Return the text of some valid bytes, less a character that is cut off."""
    return data.decode(errors="replace").rstrip(BROKEN)


def expected_text(chunks: Sequence[bytes], stop: Sequence[str]) -> tuple[str, bool]:
    """Return the answer's text, cut at the first stop string that any token completes."""
    for end in range(1, len(chunks) + 1):
        text = complete(b"".join(chunks[:end]))
        found = [text.index(one) for one in stop if one in text]
        if found:
            return text[: min(found)], True
    return complete(b"".join(chunks)), False


def test_plain_text_is_released_as_it_comes() -> None:
    assert run([b"Hel", b"lo", b" there"]) == (["Hel", "lo", " there"], "")


def test_character_split_over_tokens_is_released_whole() -> None:
    assert run(single("\U0001f98a!".encode())) == (["", "", "", "\U0001f98a", "!"], "")


def test_character_that_several_tokens_in_a_row_cut_is_never_broken() -> None:
    fox = "\U0001f98a".encode()
    chunks = [b"a" + fox[:1]] + [fox[1:] + fox[:1]] * 6 + [fox[1:]]
    released, rest = run(chunks)
    assert "".join(released) + str(rest) == "a" + "\U0001f98a" * 7


@given(split(TEXTS.map(str.encode)))
def test_released_and_flushed_text_is_the_text(chunks: list[bytes]) -> None:
    released, rest = run(chunks)
    text = b"".join(chunks).decode()
    assert "".join(released) + str(rest) == text
    assert BROKEN not in "".join(released)


@given(split(TEXTS.map(str.encode)), STOPS)
def test_stop_strings_cut_the_text_however_tokens_split_it(
    chunks: list[bytes], stop: list[str]
) -> None:
    released, rest = run(chunks, stop)
    text, stopped = expected_text(chunks, stop)
    assert "".join(released) + (rest or "") == text
    assert (rest is None) == stopped
    for end in range(len(released) + 1):  # at no time was anything released that is not the answer
        assert text.startswith("".join(released[:end]))


@given(split(st.binary(max_size=40)))
def test_invalid_bytes_neither_block_nor_break_what_is_valid(chunks: list[bytes]) -> None:
    released, rest = run(chunks)
    text = b"".join(chunks).decode(errors="replace")
    assert ("".join(released) + str(rest)).rstrip(BROKEN) == text.rstrip(BROKEN)


def test_invalid_bytes_are_released_after_a_while() -> None:
    released, _ = run(single(b"\xff" * 40))
    assert len("".join(released)) >= 32


def test_character_after_invalid_bytes_comes_out_right() -> None:
    released, rest = run(single(b"\xff\xff\xff" + "\u00e4x".encode()))
    assert "".join(released) + str(rest) == BROKEN * 3 + "\u00e4x"


def test_text_after_invalid_bytes_still_flows() -> None:
    released, rest = run(single(b"\xff" * 9 + b"Hello."))
    assert ("".join(released) + str(rest)).endswith("Hello.")
    assert released[-1] == "."


def test_flush_drops_an_incomplete_last_character() -> None:
    released, rest = run(single(b"ab" + "\u6771".encode()[:2]))
    assert ("".join(released), rest) == ("ab", "")


def test_flush_happens_once() -> None:
    stream = TextStream(Bytes([b"a", b"b"]).decode, ["bc"])
    stream.push(0)
    stream.push(1)
    assert [stream.flush(), stream.flush()] == ["b", ""]


def test_stop_string_in_one_token_is_cut_out() -> None:
    assert run([b"one STOP two"], ["STOP"]) == (["one "], None)


def test_stop_string_over_several_tokens_is_never_shown_in_part() -> None:
    assert run([b"one S", b"TO", b"P"], ["STOP"]) == (["one ", "", ""], None)


def test_false_start_of_a_stop_string_is_released_once_it_fails() -> None:
    assert run([b"S", b"T", b"o", b"p"], ["STOP"]) == (["", "", "STo", "p"], "")


def test_false_start_that_hides_a_real_start_is_kept() -> None:
    assert run(single(b"aaab"), ["aab"]) == (["", "", "a", ""], None)


def test_false_start_at_the_end_is_flushed() -> None:
    assert run([b"one S", b"TO"], ["STOP"]) == (["one ", ""], "STO")


@pytest.mark.parametrize("stop", [["two", "one"], ["one", "two"]])
def test_of_several_stop_strings_the_earliest_wins(stop: list[str]) -> None:
    assert run([b"a one b two"], stop) == (["a "], None)


def test_longest_false_start_of_several_stop_strings_is_held() -> None:
    assert run(single(b"xabc"), ["abz", "xabd"]) == (["", "", "", "xabc"], "")


def test_stop_string_of_multi_byte_characters_is_found() -> None:
    released, rest = run(single("a\u6771\U0001f98ab".encode()), ["\u6771\U0001f98a"])
    assert ("".join(released), rest) == ("a", None)


@pytest.mark.parametrize("last", [b"", b"\xf0\x9f"])
def test_stop_string_before_an_incomplete_character_is_not_flushed(last: bytes) -> None:
    released, rest = run([b"one ", b"STOP\xf0", last], ["STOP"])
    assert "".join(released) + (rest or "") == "one "


def test_tokens_without_text_release_nothing() -> None:
    assert run([b"a", b"", b"b"]) == (["a", "", "b"], "")
