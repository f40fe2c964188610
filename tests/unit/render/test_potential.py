"""The chart: positions of its elements, and valid XML for any text."""

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard import ConfigurationError, DecodeStep, Generation, Timing, Usage
from ngsd_guard.render import Panel, answer_text, potential_line, potential_svg, visible_label
from ngsd_guard.render._layout import Caption, lay_out
from ngsd_guard.testing import scripted_engine

_SVG = "{http://www.w3.org/2000/svg}"
_QUESTION = [{"role": "user", "content": "How do I do it?"}]
_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


def _step(
    index: int, text: str = " a", *, charged: float = 0.2, spiked: bool = False
) -> DecodeStep:
    return DecodeStep(
        index=index,
        token_id=index,
        text=text,
        current=0.3,
        charged_potential=charged,
        membrane_potential=0.6 * charged if spiked else charged,
        spiked=spiked,
        overridden=spiked,
        base_token_id=1000 + index,
        expert_token_id=index,
    )


def _generation(steps: Sequence[DecodeStep] | None) -> Generation:
    counted = steps or ()
    return Generation(
        id="0",
        text="".join(step.text for step in counted),
        token_ids=tuple(step.token_id for step in counted),
        finish_reason="stop",
        guarded=True,
        seed=None,
        risk=8.0,
        alpha=0.9,
        reflection=None,
        initial_potential=0.0,
        num_spikes=sum(step.spiked for step in counted),
        num_overrides=sum(step.overridden for step in counted),
        peak_potential=max((step.charged_potential for step in counted), default=0.0),
        usage=Usage(1, len(counted)),
        timing=Timing(0.0, 0.0, 0.0, 0.0),
        steps=None if steps is None else tuple(steps),
    )


def _draw(*answers: Sequence[DecodeStep], v_threshold: float = 1.0) -> ET.Element:
    panels = [Panel("title", _generation(steps)) for steps in answers]
    return ET.fromstring(potential_svg(panels, v_threshold))


def _panels(root: ET.Element) -> list[ET.Element]:
    return [group for group in root.iter(f"{_SVG}g") if group.get("class") == "panel"]


def _of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def _level(panel: ET.Element, name: str) -> float:
    """Return the height of a horizontal line."""
    (line,) = _of_class(panel, name)
    return float(line.attrib["d"].split("H")[0].split()[1])


def _trace(panel: ET.Element) -> list[tuple[float, float]]:
    (path,) = _of_class(panel, "trace")
    points = [point.split() for point in path.attrib["d"].removeprefix("M").split("L")]
    return [(float(x), float(y)) for x, y in points]


def test_exactly_one_mark_is_drawn_per_spike() -> None:
    steps = [_step(i, charged=1.2 if i in {2, 5} else 0.4, spiked=i in {2, 5}) for i in range(8)]
    (panel,) = _panels(_draw(steps))
    spikes, peaks = _of_class(panel, "spike"), _of_class(panel, "peak")
    assert len(spikes) == len(peaks) == 2
    corners = {x for x, _ in _trace(panel)}
    assert {float(peak.attrib["cx"]) for peak in peaks} <= corners


@pytest.mark.parametrize("v_threshold", [0.5, 1.0, 2.5])
def test_the_highest_point_of_the_trace_is_the_peak_potential(v_threshold: float) -> None:
    steps = [_step(i, charged=c, spiked=c > 1) for i, c in enumerate([0.1, 0.9, 1.7, 1.1, 0.3])]
    (panel,) = _panels(_draw(steps, v_threshold=v_threshold))
    ground, threshold = _level(panel, "baseline"), _level(panel, "threshold")
    pixels_per_unit = (ground - threshold) / v_threshold
    highest = (ground - min(y for _, y in _trace(panel))) / pixels_per_unit
    assert highest == pytest.approx(1.7, abs=0.01)  # coordinates have two decimals


def test_the_trace_drops_from_the_charged_to_the_reset_potential() -> None:
    (panel,) = _panels(_draw([_step(0, charged=1.5, spiked=True)]))
    start, charged, reset = _trace(panel)
    ground = _level(panel, "baseline")
    assert start[1] == ground
    assert charged[0] == reset[0]
    assert (ground - reset[1]) == pytest.approx(0.6 * (ground - charged[1]), abs=0.02)


def test_all_panels_share_one_scale() -> None:
    calm, attacked = [_step(0, charged=0.1)], [_step(0, charged=1.9, spiked=True)]
    first, second = _panels(_draw(calm, attacked))
    assert _level(first, "threshold") == _level(second, "threshold")
    assert not _of_class(first, "spike")


def test_the_current_is_drawn_in_two_parts_at_the_bias() -> None:
    panel = Panel("t", _generation([_step(0)]))
    plain = ET.fromstring(potential_svg([panel], 1.0))
    biased = ET.fromstring(potential_svg([panel], 1.0, bias_current=0.2))
    (drive,) = _of_class(_panels(plain)[0], "drive")
    (below,) = _of_class(_panels(biased)[0], "current")
    (above,) = _of_class(_panels(biased)[0], "drive")
    height = float(drive.attrib["height"])
    assert float(below.attrib["height"]) == pytest.approx(height * 2 / 3, abs=0.02)
    assert float(above.attrib["height"]) == pytest.approx(height / 3, abs=0.02)


def test_an_overridden_token_is_drawn_above_the_bases_token() -> None:
    panel = Panel("t", _generation([_step(0, "No", spiked=True)]), decode=lambda ids: f"B{ids[0]}")
    (drawn,) = _panels(ET.fromstring(potential_svg([panel], 1.0)))
    assert [e.text for e in _of_class(drawn, "overridden")] == ["No"]
    assert [e.text for e in _of_class(drawn, "discarded")] == ["B1000"]


def test_the_title_shows_risk_alpha_spikes_and_overrides() -> None:
    svg = potential_svg([Panel("t", _generation([_step(0, spiked=True)]))], 1.0)
    assert "risk 8.0" in svg
    assert "0.90 · 1 spike · 1 override<" in svg


def test_negative_and_nan_potentials_stay_inside_the_chart() -> None:
    steps = [_step(0, charged=-2.0), _step(1, charged=math.nan, spiked=True), _step(2)]
    root = _draw(steps)
    (panel,) = _panels(root)
    assert all(math.isfinite(y) and 0 < y < 400 for _, y in _trace(panel))


@given(st.lists(_ANY_TEXT, max_size=6), _ANY_TEXT)
def test_any_text_gives_valid_xml(texts: list[str], title: str) -> None:
    steps = [_step(i, text, spiked=i % 2 == 0) for i, text in enumerate(texts)]
    panel = Panel(title, _generation(steps), eyebrow=title, decode=lambda ids: title)
    svg = potential_svg([panel], 1.0, heading=title)
    assert len(_panels(ET.fromstring(svg.encode()))) == 1


@given(_ANY_TEXT)
def test_a_label_is_one_printable_line(text: str) -> None:
    label = visible_label(text)
    assert all(c.isprintable() or c in "\u200c\u200d" or c.isspace() for c in label)
    assert len(label.splitlines()) <= 1
    label.encode()


def test_a_text_cannot_control_the_terminal() -> None:
    assert "\x1b" not in answer_text([_step(0, "\x1b[2J\x07\x9bK")]).plain


def test_a_label_shows_line_breaks_and_is_cut_with_an_ellipsis() -> None:
    assert visible_label(".\n\t\0") == ".⏎⇥␀"
    assert visible_label("abcdefgh", max_cells=5) == "abcd…"
    assert visible_label("\u0301") == "\u25cc\u0301"


def test_a_short_answer_is_running_text_and_a_long_one_is_thinned_out() -> None:
    inline = lay_out([Caption(" word")] * 10, 0.0, 800.0)
    assert inline.is_inline
    assert inline.shown == frozenset(range(10))
    assert list(inline.centres) == sorted(inline.centres)
    assert inline.centres[-1] < 800.0
    captions = [Caption(" word", is_urgent=i == 101) for i in range(500)]
    long = lay_out(captions, 0.0, 800.0)
    assert not long.is_inline
    assert 101 in long.shown
    shown = sorted(long.centres[i] for i in long.shown)
    assert 40 < len(shown) < 70
    assert min(b - a for a, b in pairwise(shown)) >= 13.0


def test_an_engines_answer_can_be_drawn() -> None:
    engine = scripted_engine()
    generation = engine.generate(_QUESTION, max_new_tokens=60, trace=True)
    svg = potential_svg([Panel("t", generation, decode=engine.base.decode)], 1.0)
    (panel,) = _panels(ET.fromstring(svg))
    assert len(_of_class(panel, "spike")) == generation.num_spikes > 0
    assert len(_of_class(panel, "step")) == len(generation.token_ids)


def test_the_picture_is_self_contained() -> None:
    svg = potential_svg([Panel("t", _generation([_step(0)]))], 1.0)
    assert "<script" not in svg
    assert "href" not in svg
    assert svg.count("http") == 1  # the namespace
    assert "prefers-color-scheme:dark" in svg


def test_an_answer_without_a_trace_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="trace=True"):
        potential_svg([Panel("t", _generation(None))], 1.0)
    with pytest.raises(ConfigurationError, match="at least one panel"):
        potential_svg([], 1.0)


def test_an_empty_answer_can_be_drawn() -> None:
    (panel,) = _panels(_draw([]))
    assert len(_trace(panel)) == 1


def test_the_line_has_a_block_for_every_token_and_a_full_one_for_a_spike() -> None:
    steps = [_step(0, charged=0.0), _step(1, charged=0.99), _step(2, charged=1.4, spiked=True)]
    line = potential_line(_generation(steps), 1.0, 80).plain
    assert line.startswith("▁▇█ ")
    assert "peak 1.40 / 1" in line


@given(st.integers(1, 300), st.integers(20, 120))
def test_the_line_never_exceeds_its_width_and_hides_no_spike(num_steps: int, width: int) -> None:
    steps = [_step(i, charged=1.1 if i == 0 else 0.1, spiked=i == 0) for i in range(num_steps)]
    line = potential_line(_generation(steps), 1.0, width)
    assert line.cell_len <= width
    assert line.plain[0] == "█"


def test_the_line_accepts_nan_potentials() -> None:
    steps = [_step(0, charged=-1.0), _step(1, charged=math.nan), _step(2, charged=math.inf)]
    assert potential_line(_generation(steps), 1.0, 80).plain.startswith("▁▇▇")


def test_overridden_tokens_are_highlighted() -> None:
    text = answer_text([_step(0, "Yes"), _step(1, " no", spiked=True)])
    assert text.plain == "Yes no"
    assert [(span.start, span.end) for span in text.spans] == [(3, 6)]
