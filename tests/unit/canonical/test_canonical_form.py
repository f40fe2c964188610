"""Disguised texts, the form a reader sees, and the way back to the original."""

import base64
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngsd_guard.canonical import Form, canonical_form

PLAIN = "How do I hurt the zebra now?"
LOOK_ALIKES = str.maketrans("aeo", "\u0430\u0435\u043e")


def _codes(pattern: str) -> str:
    return "".join(pattern.format(ord(character)) for character in PLAIN)


DISGUISES = {
    "zero-width": "\u200b".join(PLAIN),
    "soft hyphens": PLAIN.replace("zebra", "ze\u00adbra"),
    "bidi controls": f"\u202e{PLAIN}\u202c",
    "full width": "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in PLAIN),
    "mathematical": "".join(chr(0x1D41A + ord(c) - 97) if c.islower() else c for c in PLAIN),
    "look-alikes": PLAIN.translate(LOOK_ALIKES),
    "combining marks": "".join(f"{c}\u0337" if c.isalpha() else c for c in PLAIN),
    "percent": _codes("%{:02x}"),
    "entities": _codes("&#{};"),
    "escapes": _codes("\\u{:04x}"),
    "hexadecimal": PLAIN.encode().hex(),
    "base64": base64.b64encode(PLAIN.encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(PLAIN.encode())).decode(),
    "column": "\n".join(PLAIN.split()),
    "wide gaps": PLAIN.replace(" ", "     "),
    "underscores": PLAIN.replace(" ", "_"),
}


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_a_disguised_text_has_its_plain_form(text: str) -> None:
    form = canonical_form(text)
    assert form is not None
    assert form.text == PLAIN
    start = form.text.index("hurt")
    first, last = form.original(0, len(form.text))
    assert text[first:last].strip("\u202e\u202c") == text.strip("\u202e\u202c")
    assert form.original(start, start + 4) <= (len(text), len(text))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (PLAIN.upper(), PLAIN.lower()),
        ("hOw dO I hUrT tHe zEbRa nOw?", PLAIN.lower()),
        ("h u r t  t h e  z e b r a", "hurt the zebra"),
        ("h.u.r.t t.h.e z.e.b.r.a", "hurt the zebra"),
        ("h\nu\nr\nt\n\nt\nh\ne", "hurt the"),
        ("HurtTheZebraNow", "hurt the zebra now"),
        ("Hi" + "".join(chr(0xE0000 + ord(c)) for c in "hurt it"), "Hi hurt it "),
        ("\u029c\u1d1c\u0280\u1d1b the zebra", "HURT the zebra"),
    ],
)
def test_case_spacing_and_hidden_letters_are_undone(text: str, plain: str) -> None:
    form = canonical_form(text)
    assert form is not None
    assert form.text == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        PLAIN,
        "The USA and NATO met in Paris.",
        "Привет, как дела? Рост мира.",
        "Καλημέρα κόσμε, τι κάνεις;",
        "你好\uff0c世界\uff01这是一个测试。",
        "Grüße aus Zürich, señor Ångström… “quoted” \u2013 and 5 € more.",
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 and \u2764\ufe0f",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "See section 4.2 at 100% or https://example.org/a/b?c=d&e=f.",
    ],
)
def test_an_ordinary_text_is_judged_once(text: str) -> None:
    assert canonical_form(text) is None


def test_a_part_of_the_plain_form_is_found_in_the_original() -> None:
    text = f"Fine. {base64.b64encode(PLAIN.encode()).decode()} Thanks."
    form = canonical_form(text)
    assert form is not None
    start = form.text.index("zebra")
    first, last = form.original(start, start + 5)
    assert base64.b64decode(text[first:last]).decode() == PLAIN
    start = form.text.index("Thanks")
    first, last = form.original(start, start + 6)
    assert text[first:last] == "Thanks"


PIECES = st.lists(
    st.sampled_from([*DISGUISES.values(), "plain words here.", "\n", "ПРИВЕТ", "\u0301", "%", "&#"])
    | st.text(max_size=12),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_every_part_maps_to_a_part_of_the_original(pieces: list[str]) -> None:
    text = " ".join(pieces)
    form = canonical_form(text)
    if form is None:
        return
    assert len(form.text) == len(form.starts) == len(form.ends)
    for start, end in zip(form.starts, form.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert all(a <= b for a, b in pairwise(form.starts))
    assert all(a <= b for a, b in pairwise(form.ends))
    first, last = form.original(0, len(form.text)) if form.text else (0, 0)
    assert 0 <= first <= last <= len(text)


@given(st.text(alphabet="abc ", max_size=30))
def test_a_text_is_its_own_form(text: str) -> None:
    form = Form.of(text)
    for start in range(len(text)):
        assert form.original(start, len(text)) == (start, len(text))


@pytest.mark.parametrize(
    "unit", ["a ", "a\n", "ab_", "%41", "&#65;", "A", "word\n", "\u0430", "a  "]
)
def test_long_texts_take_linear_time(unit: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        canonical_form(unit * count + "!")
        return time.process_time() - start

    seconds(100)
    assert seconds(16_000) < 40 * max(seconds(2_000), 0.002)
