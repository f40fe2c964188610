"""Answer previews in fine-tuning data: what is written, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.datasets import LookAhead, add_previews, chat_requests
from ngsd_guard.datasets._look_ahead import pieces


def row(request: str = "How do I boil an egg?", answer: str = "Put it in water. Wait.") -> Any:
    return {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": request},
            {"role": "assistant", "content": answer},
        ],
        "id": 7,
    }


def write(path: Path, *rows: Any) -> Path:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def prepared(tmp_path: Path, *rows: Any, **options: Any) -> list[Any]:
    out = tmp_path / "out.jsonl"
    add_previews(write(tmp_path / "in.jsonl", *rows), out, LookAhead(**options), force=True)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_real_preview_shows_the_first_tokens_and_leaves_the_answer(tmp_path: Path) -> None:
    (found,) = prepared(tmp_path, row(), num_tokens=3)
    assert found["messages"][1]["content"] == (
        "How do I boil an egg?\n\nThe answer begins: Put it in ..."
    )
    assert found["messages"][2] == row()["messages"][2]
    assert found["messages"][0] == row()["messages"][0]
    assert found["id"] == 7


def test_a_virtual_preview_stands_in_the_prompt_and_before_the_answer(tmp_path: Path) -> None:
    (found,) = prepared(tmp_path, row(), form="virtual", phrase="Let me see.")
    assert found["messages"][1]["content"].endswith("The answer begins: Let me see. ...")
    assert found["messages"][2]["content"] == "Let me see. Put it in water. Wait."


def test_only_the_last_request_of_a_conversation_gets_a_preview(tmp_path: Path) -> None:
    talk = row()
    talk["messages"] += [
        {"role": "user", "content": "And rice?"},
        {"role": "assistant", "content": "Ten minutes in water."},
    ]
    (found,) = prepared(tmp_path, talk, num_tokens=2)
    assert found["messages"][1] == talk["messages"][1]
    assert found["messages"][3]["content"] == "And rice?\n\nThe answer begins: Ten minutes ..."


def test_an_answers_last_token_is_not_shown(tmp_path: Path) -> None:
    short, single = prepared(tmp_path, row(answer="Eight minutes"), row(answer="Yes"))
    assert short["messages"][1]["content"].endswith("The answer begins: Eight ...")
    assert single == row(answer="Yes")
    counts = add_previews(tmp_path / "in.jsonl", tmp_path / "x.jsonl", LookAhead())
    assert (counts.num_rows, counts.num_previews, counts.num_too_short) == (2, 1, 1)


def test_the_share_of_rows_follows_from_their_content_and_not_their_order(tmp_path: Path) -> None:
    rows = [row(request=f"Question {number}?") for number in range(200)]

    def changed(found: list[Any]) -> set[str]:
        texts = {r["messages"][1]["content"] for r in found}
        return {text.split("\n")[0] for text in texts if "answer begins" in text}

    first = changed(prepared(tmp_path, *rows, share=0.3))
    # Binomial(200, 0.3) has a standard deviation of 6.5; five of them to each side.
    assert 27 <= len(first) <= 93
    assert changed(prepared(tmp_path, *reversed(rows), share=0.3)) == first
    assert changed(prepared(tmp_path, *rows, share=0.3, seed=1)) != first
    assert prepared(tmp_path, *rows, share=0.0) == rows


def test_pieces_give_the_text_back() -> None:
    for text in ("Put it, please!  ", "  a\nb", "Ein Bär… 東京 🦊", "..."):
        assert "".join(pieces(text)) == text
    assert pieces("Put it, now") == ["Put", " it", ",", " now"]
    assert pieces(" ") == []


WRONG = {
    "not JSON": "{",
    "list of `messages`": {"prompt": "x"},
    r"messages\[0\] has no role": {"messages": [{"content": "x"}]},
    "not an answer by the assistant": {"messages": [{"role": "user", "content": "x"}]},
    "no user message": {"messages": [{"role": "assistant", "content": "x"}]},
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_row_is_named_by_its_line_and_nothing_is_written(
    tmp_path: Path, message: str
) -> None:
    data, out = write(tmp_path / "in.jsonl", row(), "", WRONG[message]), tmp_path / "out.jsonl"
    with pytest.raises(ConfigurationError, match=rf"in\.jsonl:3: .*{message}"):
        add_previews(data, out, LookAhead())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]
    out.write_text("kept")
    with pytest.raises(ConfigurationError, match=r"in\.jsonl:3"):
        add_previews(data, out, LookAhead(), force=True)
    assert out.read_text() == "kept"


def test_files_are_not_overwritten_unless_told_so(tmp_path: Path) -> None:
    data, out = write(tmp_path / "in.jsonl", row()), tmp_path / "out.jsonl"
    out.write_text("kept")
    with pytest.raises(ConfigurationError, match="--force"):
        add_previews(data, out, LookAhead())
    assert out.read_text() == "kept"
    with pytest.raises(ConfigurationError, match="another one"):
        add_previews(data, data, LookAhead(), force=True)
    with pytest.raises(ConfigurationError, match="create it first"):
        add_previews(data, tmp_path / "none" / "out.jsonl", LookAhead())
    with pytest.raises(ConfigurationError, match="cannot read"):
        add_previews(tmp_path / "none.jsonl", tmp_path / "new.jsonl", LookAhead())
    with pytest.raises(ConfigurationError, match="no rows"):
        add_previews(write(tmp_path / "empty.jsonl"), tmp_path / "new.jsonl", LookAhead())
    assert not (tmp_path / "new.jsonl").exists()


def test_a_tokenizer_that_loses_text_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "in.jsonl", row())
    with pytest.raises(ConfigurationError, match="leave out --base"):
        add_previews(data, tmp_path / "o.jsonl", LookAhead(), cut=lambda text: text.lower().split())


@pytest.mark.parametrize(
    "options", [{"form": "false"}, {"num_tokens": 0}, {"share": 1.5}, {"phrase": " "}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        LookAhead(**options)


def test_requests_of_chat_rows_are_their_last_user_messages(tmp_path: Path) -> None:
    assert chat_requests(write(tmp_path / "in.jsonl", row("A?"), row("B?"))) == ["A?", "B?"]
