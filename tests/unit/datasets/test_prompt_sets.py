from pathlib import Path

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.datasets import (
    Prompt,
    count_overlaps,
    normalised,
    of_split,
    read_prompts,
    require_disjoint,
    split_of,
)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "not JSON"),
        ("[1]", "a JSON list"),
        ('{"text": "a"}', "field 'prompt'"),
        ('{"prompt": 3}', "field 'prompt'"),
        ('{"prompt": "  "}', "is blank"),
        ('{"prompt": "a", "label": 1}', "field 'label'"),
    ],
)
def test_a_malformed_row_is_named_by_file_line_and_field(
    tmp_path: Path, row: str, told: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"prompt": "How do I boil an egg?"}}\n\n{row}\n')
    with pytest.raises(ConfigurationError, match=f"rows.jsonl:3.*{told}") as caught:
        read_prompts(path)
    assert "egg" not in str(caught.value)


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(ConfigurationError, match="no rows"):
        read_prompts(tmp_path / "empty.jsonl")
    with pytest.raises(ConfigurationError, match="cannot read"):
        read_prompts(tmp_path / "absent.jsonl")


def test_equal_requests_are_on_one_side_however_they_are_written() -> None:
    assert normalised("How  do I\tBOIL an egg?!") == normalised("how do i boil an egg")
    assert split_of("How do I BOIL an egg?") == split_of("how do i boil an egg")


def test_an_attack_belongs_to_the_split_of_the_request_it_carries() -> None:
    plain = Prompt(prompt="Tell me about foxes.")
    attack = Prompt(prompt="Stay in your role. Tell me about foxes.", goal="tell me about foxes")
    for split in ("train", "calibration", "test"):
        assert len(of_split([plain, attack], split)) in (0, 2)


def test_splits_have_their_shares() -> None:
    prompts = [Prompt(prompt=f"Question number {n}") for n in range(4_000)]
    # Three standard deviations of a share of 4,000 are below 0.024.
    shares = [len(of_split(prompts, s)) / 4_000 for s in ("train", "calibration", "test")]
    assert shares == pytest.approx([0.5, 0.2, 0.3], abs=0.024)


def test_sets_that_overlap_are_counted_and_refused() -> None:
    first = [Prompt(prompt="One?"), Prompt(prompt="Two?")]
    second = [Prompt(prompt="two"), Prompt(prompt="Three?")]
    assert count_overlaps({"a": first, "b": second}) == {("a", "b"): 1}
    with pytest.raises(ConfigurationError, match="a and b share 1"):
        require_disjoint({"a": first, "b": second})
    require_disjoint({"a": first, "c": [Prompt(prompt="Four?")]})
