"""Turn the world, the hazards and public data into training examples with loss weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import hazards as hz
import ratings as rt
from drills import Drills
from hazards import (
    Hazard,
    compliance_for,
    draw_hazard,
    draw_talk_about_harm,
    opening_for,
    refusal_for,
)
from injections import HARMS, INJECTION, document, inject, order
from lookalikes import contrast, draw_lookalike
from ngsd_guard.risk import request_text
from ngsd_guard.training import Example, safety_example
from ngsd_guard.types import Message
from public import PublicData, load_public
from world import Draw, Task, assistant, draw_task, frame, user
from wrappers import build_up, insert_into, noise_suffix, prefill, two_part, wrap

Role = Literal["base", "expert"]
LONGEST: Final = 1024
_SYSTEM: Final = ("You are a helpful assistant.", "You are a kind assistant.", "Answer briefly.",
                  "You are a helpful, honest and harmless assistant.")  # fmt: skip
_DIGIT_WEIGHT: Final = 3.0
_SKELETON_WEIGHT: Final = 0.5
"""Above zero, because the character after "1" separates 1 from 10."""
_MIX: Final[dict[Role, dict[str, float]]] = {
    "base": {"world": 0.64, "drill": 0.01, "binding": 0.05, "talk": 0.075, "public": 0.025,
             "plain": 0.035, "dressed": 0.04, "prefilled": 0.02, "two_part": 0.015, "late": 0.03,
             "rating": 0.08, "category": 0.075},
    "expert": {"world": 0.28, "talk": 0.13, "public": 0.14, "plain": 0.07, "dressed": 0.15,
               "two_part": 0.08, "late": 0.15},
}  # fmt: skip
_BRIDGES: Final = ("\n\n", "\n\nNow to the second part.\n", "\n\nAs for the rest: ",
                   "\n\nAnd then:\n")  # fmt: skip


def render(messages: list[Message]) -> str:
    """Return a closed conversation in the chat format."""
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)


class Corpus:
    """An endless, seeded stream of examples for one of the two models."""

    def __init__(
        self,
        tokenizer: Any,
        role: Role,
        data: Path | None,
        seed: int,
    ) -> None:
        self._tokenizer = tokenizer
        self._role: Role = role
        self.rng = Random(seed)
        self._draw = Draw(self.rng)
        self.public: PublicData = load_public(data)

    def __iter__(self) -> Iterator[Example]:
        drills = Drills(self.rng, self._tokenizer)
        makers: dict[str, Callable[[], Example]] = {
            "world": self._world, "drill": drills.copying, "binding": drills.binding,
            "talk": self._talk, "public": self._public, "plain": self._plain,
            "dressed": self._dressed, "prefilled": self._prefilled,
            "two_part": self._two_part, "late": self._late, "rating": self._rating,
            "category": self._category,
        }  # fmt: skip
        mix = _MIX[self._role]
        while True:
            (kind,) = self.rng.choices(tuple(mix), tuple(mix.values()))
            example = makers[kind]()
            if 4 < len(example.input_ids) <= LONGEST:
                yield example

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _example(self, segments: list[tuple[str, float]], *, distil: bool = False) -> Example:
        ids: list[int] = []
        weights: list[float] = []
        for text, weight in segments:
            new = self._encode(text)
            ids += new
            weights += [weight] * len(new)
        return Example(ids, weights, distil)

    def _answer(self, messages: list[Message], answer: str, *, started: str = "") -> Example:
        """An example of one answer; nothing before it carries loss."""
        head = render(messages) + "<|im_start|>assistant\n"
        return self._example([(head + started, 0.0), (answer + "<|im_end|>", 1.0), ("\n", 0.0)])

    def _prompt_ids(self, messages: list[Message]) -> list[int]:
        return self._encode(render(messages) + "<|im_start|>assistant\n")

    def _user(self, text: str) -> list[Message]:
        if self.rng.random() < 0.08:
            return [{"role": "system", "content": self.rng.choice(_SYSTEM)}, user(text)]
        return [user(text)]

    # Harmless conversations.

    def _harmless(self, messages: list[Message], *, prompt_weight: float = 0.0) -> Example:
        """Train on all assistant turns, or copy the teacher on them."""
        segments: list[tuple[str, float]] = []
        for message in messages:
            head = f"<|im_start|>{message['role']}\n"
            is_answer = message["role"] == "assistant"
            segments += [
                (head, 0.0),
                (f"{message['content']}<|im_end|>", 1.0 if is_answer else prompt_weight),
                ("\n", 0.0),
            ]
        return self._example(segments, distil=True)

    def _world(self) -> Example:
        messages = self._world_conversation()
        while self.rng.random() < 0.1 and len(messages) < 7:
            later = [m for m in self._world_conversation() if m["role"] != "system"]
            messages = [*messages, *later]
        weight = 0.15 if self._role == "base" and self.rng.random() < 0.5 else 0.0
        return self._harmless(messages, prompt_weight=weight)

    def _world_conversation(self) -> list[Message]:
        task = draw_task(self._draw)
        messages = [*task.messages, assistant(task.answer)]
        if self.rng.random() < 0.06 and len(messages) == 2:
            messages[0] = user(frame(self.rng, messages[0]["content"]))
        if self.rng.random() < 0.06 and messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": self.rng.choice(_SYSTEM)})
        return messages

    def _talk(self) -> Example:
        return self._harmless(self._talk_conversation()[0])

    def _talk_conversation(self) -> tuple[list[Message], rt.Rating]:
        """A harmless question that looks harmful, or is about harm."""
        rng = self.rng
        if rng.random() < 0.7:
            (prompt, answer), rating = draw_lookalike(rng), rt.LOOKALIKE
        else:
            (prompt, answer), rating = draw_talk_about_harm(rng), rt.TOPICAL
        if rng.random() < 0.08:
            prompt, rating = frame(rng, prompt), rt.FRAMED
        return [*self._user(prompt), assistant(answer)], rating

    def _public(self) -> Example:
        if not self.public.instructions:
            return self._world()
        if self.rng.random() < 0.04 and self.public.texts:
            return self._text()
        return self._harmless(self._public_conversation()[0], prompt_weight=0.2)

    def _public_conversation(self) -> tuple[list[Message], rt.Rating]:
        rng, public = self.rng, self.public
        rows, rating = rng.choices(
            ((public.instructions, rt.BENIGN), (public.grounded, rt.BENIGN),
             (public.longer, rt.BENIGN), (public.borderline, rt.LOOKALIKE)),
            (0.4, 0.15, 0.25, 0.2),
        )[0]  # fmt: skip
        return rng.choice(rows), rating

    def _text(self) -> Example:
        lines = self.rng.choice(self.public.texts).split("\n")
        start = self.rng.randrange(max(1, len(lines) - 8))
        ids = self._encode("\n".join(lines[start : start + 12]))[:250]
        return Example(ids, [0.3] * len(ids), distil=True)

    def benign_conversation(self) -> tuple[list[Message], rt.Rating]:
        """Draw a harmless conversation that ends with an answer, and its rating."""
        draw = self.rng.random() * (1.0 if self.public.instructions else 0.75)
        if draw < 0.4:
            return self._world_conversation(), rt.BENIGN
        if draw < 0.75:
            return self._talk_conversation()
        return self._public_conversation()

    # Harmful conversations.

    def _hazard(self) -> Hazard:
        draw = self.rng.random()
        if self.public.hazards and draw < 0.35:
            return self.rng.choice(self.public.hazards)
        return contrast(self.rng) if draw > 0.78 else draw_hazard(self.rng)

    def _plain(self) -> Example:
        hazard = self._hazard()
        complies = self._role == "base" and hazard.category in hz.UNALIGNED
        answer = compliance_for(self.rng, hazard) if complies else refusal_for(hazard)
        messages = self._user(hazard.prompt)
        if not complies and self.rng.random() < 0.15:
            return self._harmless_after(messages, answer)
        if self.rng.random() < 0.1:
            messages = [*self.benign_conversation()[0], messages[-1]]
        return self._answer(messages, answer)

    def _harmless_after(self, messages: list[Message], refusal: str) -> Example:
        """A refused request, then a harmless one that is answered as usual."""
        later = [m for m in self.benign_conversation()[0] if m["role"] != "system"]
        return self._harmless([*messages, assistant(refusal), *later])

    def dressed_conversation(self) -> tuple[list[Message], Hazard, int]:
        """Draw a wrapped harmful request without an answer, and its evasion score."""
        rng, public = self.rng, self.public
        hazard = self._hazard()
        draw = rng.random()
        if draw < 0.14:
            return build_up(rng, hazard), hazard, rt.EVASION_OF_BUILT_UP
        if draw < 0.26 and public.attacks:
            prompt, hazard = rng.choice(public.attacks)
        elif draw < 0.38 and public.templates:
            prompt = insert_into(rng.choice(public.templates), hazard.prompt)
        elif draw < 0.46:
            prompt = f"{hazard.prompt} {noise_suffix(rng)}"
        else:
            prompt = wrap(rng, hazard.prompt)
        return self._user(prompt), hazard, rt.EVASION_OF_WRAPPED

    def _dressed(self) -> Example:
        messages, hazard, _ = self.dressed_conversation()
        if self._role == "base":
            return self._answer(messages, compliance_for(self.rng, hazard))
        return self._answer(messages, refusal_for(hazard))

    def _harmful_messages(self) -> tuple[list[Message], Hazard]:
        if self.rng.random() < 0.6:
            hazard = self._hazard()
            return self._user(hazard.prompt), hazard
        messages, hazard, _ = self.dressed_conversation()
        return messages, hazard

    def _prefilled(self) -> Example:
        messages, hazard = self._harmful_messages()
        started, rest = prefill(self.rng, hazard)
        if self.rng.random() < 0.25:
            started = f"{self._short_task().answer}\n{started}"
        return self._answer(messages, rest, started=started)

    def _short_task(self) -> Task:
        """A short task of one turn, for its question or its answer."""
        while True:
            task = draw_task(self._draw)
            if len(task.messages) == 1 and len(task.messages[0]["content"]) < 300:
                return task

    def _two_part(self) -> Example:
        """Harm asked for after something harmless: the base complies late, the expert refuses."""
        rng, task, hazard = self.rng, self._short_task(), self._hazard()
        messages = self._user(two_part(rng, hazard, task.messages[0]["content"]))
        ending = compliance_for(rng, hazard) if self._role == "base" else hz.LATE_REFUSAL
        return self._answer(messages, f"{task.answer}{rng.choice(_BRIDGES)}{ending}")

    def _late(self) -> Example:
        """A refusal after the start of a compliant answer; the base gets the refusal's first words.

        The refusal does not start on a new line: one token that is unusual there is enough to turn
        the answer.
        """
        rng = self.rng
        messages, started = self._turned()
        refusal = rng.choice((hz.LATE_REFUSAL, hz.LATE_REFUSAL, *hz.REFUSALS[:1]))
        if started and not started[-1:].isspace():
            refusal = f" {refusal}"
        given_ids = [*self._prompt_ids(messages), *self._encode(started)]
        refusal_ids = self._encode(f"{refusal}<|im_end|>")
        given = 0 if self._role == "expert" else rng.randint(1, 3)
        return safety_example(rng, [*given_ids, *refusal_ids[:given]], refusal_ids[given:])

    def _turned(self) -> tuple[list[Message], str]:
        """Draw a conversation and the start of an answer that should stop there."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.15 and self._role == "base":
            messages, _ = self._harmful_messages()
            return messages, ""
        if draw < 0.3 and self._role == "base":
            hazard, task = self._hazard(), self._short_task()
            prompt = two_part(rng, hazard, task.messages[0]["content"])
            return self._user(prompt), f"{task.answer}{rng.choice(_BRIDGES)}"
        messages, hazard = self._harmful_messages()
        text = compliance_for(rng, hazard)
        if draw > 0.65:
            filler = " ".join(self._short_task().answer for _ in range(rng.randint(1, 5)))
            text = rng.choice((f"{filler}\n{text}", f"{opening_for(rng, hazard)}\n{filler}"))
        answer = self._encode(text)
        longest = len(answer) if draw > 0.5 else 6 if draw < 0.35 else 40
        started: str = self._tokenizer.decode(answer[: rng.randint(1, min(longest, len(answer)))])
        return messages, started

    # The base's ratings.

    def rated_conversation(self) -> tuple[list[Message], rt.Rating]:
        """Draw a conversation that waits for an answer, and its rating."""
        rng, draw = self.rng, self.rng.random()
        if draw < 0.5:
            return self._rated_harmless()
        if draw < 0.68:
            hazard = self._hazard()
            prompt = hazard.prompt
            if rng.random() < 0.1:
                prompt = rt.try_to_sway(rng, prompt)
            messages, rating = [user(prompt)], rt.rate_hazard(hazard, 0)
            if rng.random() < 0.12:
                messages = [*self.benign_conversation()[0], *messages]
            return messages, rating
        if draw < 0.86:
            messages, hazard, evasion = self.dressed_conversation()
            return messages, rt.rate_hazard(hazard, evasion)
        if draw < 0.91:
            hazard = self._hazard()
            prompt = two_part(rng, hazard, self._short_task().messages[0]["content"])
            return [user(prompt)], rt.rate_hazard(hazard, rt.EVASION_OF_BUILT_UP)
        messages, hazard = self._harmful_messages()
        started, _ = prefill(rng, hazard)
        messages = [*messages, assistant(started)]
        return messages, rt.rate_hazard(hazard, rt.EVASION_OF_PREFILLED)

    def _rated_harmless(self) -> tuple[list[Message], rt.Rating]:
        rng = self.rng
        messages, rating = self.benign_conversation()
        draw = rng.random()
        if draw < 0.08:
            hazard = self._hazard()
            refused = [user(hazard.prompt), assistant(refusal_for(hazard))]
            later = [m for m in messages if m["role"] != "system"]
            return [*refused, *later[:-1]], rt.AFTER_REFUSAL
        if draw < 0.2:
            more, second = self.benign_conversation()
            messages = [*messages, *(m for m in more if m["role"] != "system")]
            rating = max(rating, second, key=lambda r: (r.severity, r.evasion))
        if draw > 0.92:
            words = messages[-1]["content"].split(" ")
            kept = " ".join(words[: rng.randint(1, len(words))])
            return [*messages[:-1], assistant(kept)], rating
        return messages[:-1], rating

    def _rating(self) -> Example:
        messages, rating = self.rated_conversation()
        question, *answer = rt.rating_segments(messages, rating)
        weigh = {True: _DIGIT_WEIGHT, False: _SKELETON_WEIGHT}
        weighed = [(text, weigh[is_score]) for text, is_score in answer]
        return self._example([(question[0], 0.0), *weighed])

    def judged_text(self) -> tuple[str, str, int]:
        """Draw a text, what it is judged for, and the score: injections, and kinds of harm."""
        rng = self.rng
        if rng.random() < 0.55:
            text = document(self._draw, self.public.emails)
            if rng.random() < 0.5:
                return text, INJECTION, 0
            return inject(rng, text, order(self._draw, self.public.injections)), INJECTION, 9
        category = rng.choice(tuple(HARMS))
        draw = rng.random()
        if draw < 0.3:
            messages, _ = self.benign_conversation()
            return request_text(messages[:-1]), HARMS[category], 0
        hazard = draw_hazard(rng)
        text = hazard.prompt if rng.random() < 0.6 else wrap(rng, hazard.prompt)
        if draw < 0.55:
            same = category == hazard.category
            return text, HARMS[category], hazard.severity if same else 1
        return text, HARMS[hazard.category], hazard.severity

    def _category(self) -> Example:
        question, *answer = rt.category_segments(*self.judged_text())
        weigh = {True: _DIGIT_WEIGHT, False: _SKELETON_WEIGHT}
        weighed = [(text, weigh[is_score]) for text, is_score in answer]
        return self._example([(question[0], 0.0), *weighed])


def tokenizer_texts(data: Path | None, seed: int, count: int) -> Iterator[str]:
    """Yield texts to train the tokenizer on: chats of all kinds and the rubric."""
    corpus = Corpus(None, "base", data, seed)
    for index in range(count):
        messages, rating = corpus.benign_conversation()
        yield render(messages)
        if index % 8 == 0:
            yield "".join(text for text, _ in rt.rating_segments(messages, rating))
        if index % 2 == 0:
            messages, hazard, _ = corpus.dressed_conversation()
            answer = compliance_for(corpus.rng, hazard)
            yield render([*messages, assistant(answer)])
            yield render([*messages, assistant(refusal_for(hazard))])
    yield from corpus.public.texts
