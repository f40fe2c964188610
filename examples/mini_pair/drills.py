"""Examples in languages of random tokens, which only teach copying and looking up."""

from random import Random
from typing import Any

from ngsd_guard.training import Example


class Drills:
    """Draws drills.

    Args:
        rng: source of all draws.
        tokenizer: the drills use its tokens.
    """

    def __init__(self, rng: Random, tokenizer: Any) -> None:
        self.rng = rng
        self._tokenizer = tokenizer

    def copying(self) -> Example:
        """Random tokens, repeated in chunks: the fastest way to teach copying and looking up."""
        rng = self.rng
        pool = rng.sample(range(3, len(self._tokenizer)), rng.choice((8, 32, 200)))
        size, width = rng.randint(4, 40), rng.choice((2, 3, 5, 40, 40))
        tokens = rng.choices(pool, k=size)
        chunks = [tokens[start : start + width] for start in range(0, size, width)]
        ids, weights = [*tokens], [0.0] * size
        for _ in range(rng.randint(1, 4)):
            rng.shuffle(chunks)
            for chunk in chunks:
                ids += chunk
                weights += [0.0, *[1.0] * (len(chunk) - 1)]
        return Example(ids, weights)

    def binding(self) -> Example:
        """Records stated in sentences of random tokens, and questions about them.

        Answering "who?" from "how many?" needs the tokens around a match, before it as well as
        after it; passages and comparisons rest on that, and repeated tokens do not teach it.
        """
        rng = self.rng
        names = rng.sample(range(3, len(self._tokenizer)), 240)
        num_slots = rng.choice((2, 2, 3))
        records = self._records(names, rng.randint(2, 7), num_slots)
        sentences = [self._sentence(names, num_slots) for _ in range(rng.choice((1, 2, 3)))]
        ids = [token for record in records for token in _say(rng.choice(sentences), record)]
        weights = [0.0] * len(ids)
        pairs = [(a, b) for a in range(num_slots) for b in range(num_slots) if a != b]
        questions = [
            (pair, [names.pop()], names.pop()) for pair in rng.sample(pairs, rng.choice((1, 2)))
        ]
        asked: set[tuple[int, int]] = set()
        for _ in range(rng.randint(3, 10)):
            (known, wanted), opening, end = rng.choice(questions)
            record = rng.choice(records)
            question = [*opening, *record[known], end]
            answer = [*record[wanted], end]
            ids += question + answer
            learnt = 1.0 if (known, wanted) in asked else 0.0
            weights += [0.0] * len(question) + [learnt] * len(answer)
            asked.add((known, wanted))
        return Example(ids, weights)

    def _records(self, names: list[int], count: int, num_slots: int) -> list[list[list[int]]]:
        """Return the values of some records; numbers are written in digits, which they share."""
        rng = self.rng
        digits = [self._tokenizer.convert_tokens_to_ids(digit) for digit in "0123456789"]
        numeric = [rng.random() < 0.35 for _ in range(num_slots)]
        columns: list[list[list[int]]] = []
        for is_number in numeric:
            if is_number:
                numbers = rng.sample(range(1, rng.choice((21, 100, 1000))), count)
                columns.append([[digits[int(d)] for d in str(number)] for number in numbers])
            else:
                size = rng.choice((1, 1, 2, 3))
                columns.append([[names.pop() for _ in range(size)] for _ in range(count)])
        return [list(record) for record in zip(*columns, strict=True)]

    def _sentence(self, names: list[int], num_slots: int) -> list[int]:
        """Return a sentence: tokens of its own, and slots in any order as -1, -2, ..."""
        slots = [-1 - slot for slot in range(num_slots)]
        self.rng.shuffle(slots)
        sentence = [names.pop() for _ in range(self.rng.randint(0, 2))]
        for slot in slots:
            sentence += [slot, *(names.pop() for _ in range(self.rng.randint(1, 3)))]
        return sentence


def _say(sentence: list[int], record: list[list[int]]) -> list[int]:
    return [t for token in sentence for t in ([token] if token >= 0 else record[-1 - token])]
