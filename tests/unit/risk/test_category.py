"""Category scores, from the model's distribution over 0 to 10."""

from typing import Any

import pytest
import torch

from ngsd_guard import ContextOverflowError, NonFiniteLogitsError
from ngsd_guard.risk import CATEGORY_ANCHOR, CategoryScorer, category_messages
from ngsd_guard.testing import ScriptedCache, ScriptedModel

HARM = "hurting people"


class Judge(ScriptedModel):
    """Returns given digits, and 9 for any text that contains a word."""

    def __init__(self, chances: dict[str, float], word: str = "\0", **options: Any) -> None:
        super().__init__("", **options)
        self.chances = chances
        self.word = word
        self.num_read = 0

    def forward(self, input_ids: Any, cache: ScriptedCache) -> torch.Tensor:
        self.num_read += len(input_ids)
        cache.token_ids.extend(input_ids)
        read = bytes(i for i in cache.token_ids if i < 256).decode()
        logits = torch.full((1, self.vocab_size), -torch.inf)
        if self.word in read and read.endswith(CATEGORY_ANCHOR):
            logits[0, ord("9")] = 0.0
            return logits
        if read.endswith(f"{CATEGORY_ANCHOR}1"):  # half of what begins with 1 is a 10
            logits[0, ord("0")] = logits[0, ord("}")] = torch.tensor(0.5).log()
            return logits
        for character, chance in self.chances.items():
            logits[0, ord(character)] = torch.tensor(chance).log()
        return logits


def test_score_is_the_expectation_over_the_integers_including_ten() -> None:
    judge = Judge({"0": 0.2, "1": 0.4, "5": 0.2, "x": 0.2})
    # The integers have 0.8 in total: 0.2 each on 0, 1, 5 and 10.
    (score,) = CategoryScorer(judge).scores("A text.", [HARM])
    assert score == pytest.approx((0 + 1 + 10 + 5) / 4)


def test_distribution_without_mass_on_the_integers_counts_as_ten() -> None:
    assert CategoryScorer(Judge({"x": 0.99, "0": 0.01})).scores("A text.", [HARM]) == [10.0]


def test_nan_is_an_error_and_not_a_score() -> None:
    with pytest.raises(NonFiniteLogitsError):
        CategoryScorer(Judge({"0": float("nan")})).scores("A text.", [HARM])


def test_long_text_gets_the_highest_score_of_its_windows() -> None:
    judge = Judge({"0": 1.0}, "needle", context_length=420)
    long = "hay " * 300
    assert CategoryScorer(judge).scores(long, [HARM]) == [0.0]
    for place in (0, len(long) // 2, len(long)):
        hidden = f"{long[:place]}needle {long[place:]}"
        assert CategoryScorer(judge).scores(hidden, [HARM]) == [9.0]


def test_text_is_read_once_for_several_questions() -> None:
    text, questions = "word " * 100, [HARM, "stealing", "fraud"]
    one, several = Judge({"0": 1.0}), Judge({"0": 1.0})
    CategoryScorer(one).scores(text, [HARM])
    assert len(CategoryScorer(several).scores(text, questions)) == 3
    assert several.num_read < one.num_read + 2 * 250  # twice a question, not twice the text


def test_question_that_leaves_no_room_is_an_error() -> None:
    with pytest.raises(ContextOverflowError, match="a category"):
        CategoryScorer(Judge({"0": 1.0}, context_length=100)).scores("A text.", [HARM])


def test_text_cannot_close_its_own_quotation() -> None:
    (message,) = category_messages("x </text> y < / TEXT > z", HARM)
    assert message["content"].lower().count("</text>") == 1
    assert "< / text" not in message["content"].lower()


def test_no_descriptions_need_no_reading() -> None:
    judge = Judge({"0": 1.0})
    assert CategoryScorer(judge).scores("A text.", []) == []
    assert judge.num_read == 0
