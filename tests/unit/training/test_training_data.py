import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
from _tiny_base import tiny_recipe, write_rows

from ngsd_guard import ConfigurationError
from ngsd_guard.datasets import normalised, split_of
from ngsd_guard.training import held_out_wrappings, read_training_data
from ngsd_guard.training._clothes import Clothes, draw_clothes, messages_of, opening_of
from ngsd_guard.training._requests import PLACEHOLDER, Request, RequestPool, Wrapping

STARTER = files("ngsd_guard") / "assets" / "starter"


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (STARTER / f"{name}.jsonl").read_text().splitlines()]


def test_the_starter_data_are_varied_and_overlap_nowhere() -> None:
    texts = {name: [normalised(r["prompt"]) for r in rows(name)]
             for name in ("harmful", "benign", "lookalikes")}  # fmt: skip
    assert all(len(set(found)) == len(found) for found in texts.values())
    assert not set(texts["harmful"]) & (set(texts["benign"]) | set(texts["lookalikes"]))
    assert len(texts["lookalikes"]) >= 400
    assert len(texts["harmful"]) >= 200
    assert all(row["prompt"].count(PLACEHOLDER) == 1 for row in rows("wrappings"))


def test_each_prompt_is_in_one_split_and_the_test_split_is_read_by_nothing() -> None:
    train, calibration = read_training_data(), read_training_data(split="calibration")
    for pool in ("harmful", "benign", "lookalikes"):
        first = {r.text for r in getattr(train, pool).requests}
        second = {r.text for r in getattr(calibration, pool).requests}
        assert not first & second
        assert {split_of(text) for text in first} == {"train"}
        assert {split_of(text) for text in second} == {"calibration"}


def test_held_out_wrappings_are_in_neither_split() -> None:
    held_out = {w.template for w in held_out_wrappings()}
    assert len(held_out) >= 6
    for split in ("train", "calibration"):
        data = read_training_data(split=split)  # type: ignore[arg-type]
        assert not held_out & {w.template for w in data.wrappings}


def test_files_are_added_to_the_starter_data_without_excluded_and_safe_rows(tmp_path: Path) -> None:
    wanted = [{"prompt": f"Break a lock of kind {i}"} for i in range(40)]
    other = [{"prompt": f"Sing song {i}", "subset": "copyright"} for i in range(40)]
    safe = [{"prompt": f"Peel apple {i}", "label": "safe"} for i in range(40)]
    path = write_rows(tmp_path / "mine.jsonl", [*wanted, *other, *safe])
    data = read_training_data(harmful=[path], excluded_subsets=["copyright"])
    mine = [r.text for r in data.harmful.requests if r.source == "mine"]
    assert mine
    assert all(text.startswith("Break") for text in mine)
    assert any(r.source == "harmful" for r in data.harmful.requests)


def test_a_request_in_both_kinds_of_files_is_harmful(tmp_path: Path) -> None:
    shared = [{"prompt": f"Open door {i}"} for i in range(30)]
    plain = [{"prompt": f"Bake loaf {i}"} for i in range(30)]
    harmful = write_rows(tmp_path / "h.jsonl", shared)
    benign = write_rows(tmp_path / "b.jsonl", [*shared, *plain])
    data = read_training_data(harmful=[harmful], benign=[benign])
    assert not any(r.text.startswith("Open door") for r in data.benign.requests)


def test_a_file_with_nothing_left_is_refused_by_name(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "songs.jsonl", [{"prompt": "Sing", "subset": "copyright"}])
    with pytest.raises(ConfigurationError, match=r"songs\.jsonl has no rows left"):
        read_training_data(harmful=[path], excluded_subsets=["copyright"])


def test_a_small_source_counts_more_per_row_and_less_in_all() -> None:
    pool = RequestPool(
        [Request(f"a{i}", "benign", "large") for i in range(100)]
        + [Request(f"b{i}", "benign", "small") for i in range(4)]
    )
    drawn = Counter(pool.requests[pool.draw(Random(i))].source for i in range(2000))
    assert drawn["large"] / drawn["small"] == pytest.approx(5, rel=0.25)  # sqrt(100) / sqrt(4)


def test_clothes_say_nothing_about_the_request() -> None:
    wrappings = [Wrapping(f"{i} {PLACEHOLDER}") for i in range(5)]
    rng = Random(3)
    worn: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for _ in range(4000):
        harmful = rng.random() < 0.5
        clothes = draw_clothes(rng, tiny_recipe(), wrappings)
        worn[harmful]["wrapped"] += clothes.wrapping is not None
        worn[harmful][clothes.start] += 1
        worn[harmful]["styled"] += clothes.style is not None
    for key in worn[True]:
        # Two shares of 2,000 draws each: five standard deviations are at most 0.08.
        assert abs(worn[True][key] - worn[False][key]) / 2000 < 0.08


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("How do I tie a knot?", "Sure, here's how to tie a knot"),
        ("Write a poem about tea.", "a poem about tea"),
        ("Give me a plan", "a plan"),
    ],
)
def test_openings_echo_harmful_and_harmless_requests_alike(text: str, opening: str) -> None:
    for kind in ("harmful", "benign"):
        request = Request(text, kind, "x")  # type: ignore[arg-type]
        assert any(opening in opening_of(request, Random(i)) for i in range(20))


def test_a_wrapping_brings_its_system_message_and_an_earlier_turn_comes_first() -> None:
    wrapping = Wrapping(f"Say: {PLACEHOLDER}", system="Be brief.")
    messages = messages_of("hello", Clothes(wrapping=wrapping, earlier=0), Random(0))
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
    assert messages[-1]["content"] == "Say: hello"


def test_a_template_without_a_placeholder_has_the_request_after_it() -> None:
    assert Wrapping("Be a parrot.").around("Sing") == "Be a parrot.\n\nSing"


@pytest.mark.parametrize("style", ["upper", "lower", "typos", "spaced", "lines", "repeated"])
def test_a_style_keeps_the_letters_of_a_request(style: str) -> None:
    text = "Please repair the wooden bridge tomorrow"
    clothes = Clothes(style=style)  # type: ignore[arg-type]
    (message,) = messages_of(text, clothes, Random(1))
    letters = sorted(c for c in message["content"].lower() if c.isalpha())
    plain = sorted(c for c in text.lower() if c.isalpha())
    assert letters == (sorted(plain * 2) if style == "repeated" else plain)
    assert message["content"] != text
