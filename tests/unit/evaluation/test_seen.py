import json
from pathlib import Path

import pytest

from _tiny_pair import NAMES, rows_of, write_data
from ngsd_guard import ConfigurationError
from ngsd_guard.datasets import prompt_hash
from ngsd_guard.evaluation import find_run_card, read_sources, require_unseen


def test_prompts_of_a_run_card_are_refused_counted_or_forced(tmp_path: Path) -> None:
    sources = read_sources(write_data(tmp_path / "data"), whole=NAMES)
    card = tmp_path / "run_card.json"
    seen = [row["prompt"].upper() + " " for row in rows_of("cyberseceval_frr")[:2]]
    card.write_text(json.dumps({"prompt_hashes": [*map(prompt_hash, seen), "0" * 64]}))
    with pytest.raises(ConfigurationError, match=r"2 prompts .*: 2 of cyberseceval_frr; take"):
        require_unseen(sources, [card])
    assert require_unseen(sources, [card], force=True) == 2
    assert require_unseen(sources, []) == 0
    with pytest.raises(ConfigurationError, match="1 of cyberseceval_frr"):
        require_unseen(sources, hashes=[prompt_hash(seen[0])])
    assert find_run_card(tmp_path) == [card]


def test_a_prompt_set_says_what_was_seen_too(tmp_path: Path) -> None:
    sources = read_sources(write_data(tmp_path / "data"), whole=NAMES)
    with pytest.raises(ConfigurationError, match="3 of xstest"):
        # The unsafe ones of XSTest here are harmful requests of AdvBench.
        require_unseen(sources, [tmp_path / "data" / "harmful_prompts" / "advbench.jsonl"])


@pytest.mark.parametrize(
    "text", ["[1]", "{}", '{"prompt_hashes": 3}', '{"prompt_hashes": ["ab"]}', "{"]
)
def test_a_card_that_names_no_prompts_is_refused(tmp_path: Path, text: str) -> None:
    sources = read_sources(write_data(tmp_path / "data"), whole=NAMES)
    card = tmp_path / "run_card.json"
    card.write_text(text)
    with pytest.raises(ConfigurationError, match="run_card"):
        require_unseen(sources, [card])


def test_an_expert_without_a_card_or_with_another_kind_has_none(tmp_path: Path) -> None:
    assert find_run_card(None) == []
    assert find_run_card(tmp_path) == []
    (tmp_path / "run_card.json").write_text('{"steps": 220}')
    assert find_run_card(tmp_path) == []
