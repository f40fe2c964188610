"""Turns the world, the hazards and public data into training examples with loss weights."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import hazards as hz
import ratings as rt
from chat import draw_chat, draw_lookalike, frame
from hazards import (
    Hazard,
    compliance_for,
    draw_hazard,
    draw_talk_about_harm,
    opening_for,
    refusal_for,
)
from ngsd_guard.types import Message
from public import PublicData, load_public
from world import draw_task
from wrappers import build_up, insert_into, noise_suffix, prefill, wrap

Role = Literal["base", "expert"]
_SYSTEM: Final = ("You are a helpful assistant.", "You are a kind assistant.", "Answer briefly.",
                  "You are a helpful, honest and harmless assistant.")  # fmt: skip
_DIGIT_WEIGHT: Final = 3.0
_SKELETON_WEIGHT: Final = 0.5
"""Above zero because what follows "1" tells 1 from 10."""
_MIX: Final[dict[Role, dict[str, float]]] = {
    "base": {"benign": 0.73, "text": 0.01, "plain": 0.05, "dressed": 0.07, "prefilled": 0.04,
             "late": 0.02, "rating": 0.08},
    "expert": {"benign": 0.60, "text": 0.01, "plain": 0.07, "dressed": 0.14, "late": 0.18},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One document."""

    input_ids: list[int]
    weights: list[float]
    """Weight of predicting each token."""
    distil: bool
    """Whether the expert should copy the base's distribution here instead of the text."""


def render(messages: list[Message]) -> str:
    """Return a closed conversation in the chat format."""
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)


class Corpus:
    """An endless, seeded stream of examples for one of the two models."""

    def __init__(
        self, tokenizer: Any, role: Role, data: Path | None, seed: int, anchors: Path | None = None
    ) -> None:
        self._tokenizer = tokenizer
        self._role: Role = role
        self.rng = Random(seed)
        self.public: PublicData = load_public(data)
        self._anchors: list[dict[str, Any]] = []
        if anchors is not None:
            with anchors.open(encoding="utf-8") as lines:
                self._anchors = [json.loads(line) for line in lines]

    def __iter__(self) -> Iterator[Example]:
        makers: dict[str, Callable[[], Example]] = {
            "benign": self._benign, "text": self._text, "plain": self._plain,
            "dressed": self._dressed, "prefilled": self._prefilled, "late": self._late,
            "rating": self._rating,
        }  # fmt: skip
        mix = _MIX[self._role]
        while True:
            (kind,) = self.rng.choices(tuple(mix), tuple(mix.values()))
            example = makers[kind]()
            if 4 < len(example.input_ids) <= 1024:
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

    def _answer(
        self, messages: list[Message], answer: str, *, started: str = "", distil: bool = False,
        prompt_weight: float = 0.0,
    ) -> Example:  # fmt: skip
        head = render(messages) + "<|im_start|>assistant\n"
        segments = [(head, prompt_weight), (started, 0.0), (answer + "<|im_end|>", 1.0)]
        return self._example([*segments, ("\n", 0.0)], distil=distil)

    def _user(self, text: str) -> list[Message]:
        messages: list[Message] = [{"role": "user", "content": text}]
        if self.rng.random() < 0.08:
            messages.insert(0, {"role": "system", "content": self.rng.choice(_SYSTEM)})
        return messages

    def benign_conversation(self) -> tuple[list[Message], rt.Rating]:
        """Draw a harmless conversation that ends with an answer, and its rating."""
        rng, public = self.rng, self.public
        draw = rng.random() * (1.0 if public.instructions else 0.76)
        if draw < 0.72:
            if draw < 0.55:
                task, rating = draw_task(rng), rt.BENIGN
            elif draw < 0.65:
                task = draw_chat(rng)
                rating = rt.PRACTICAL if task.skill == "how_to" else rt.BENIGN
            else:
                task, rating = draw_lookalike(rng), rt.LOOKALIKE
            prompt, answer = task.prompt, task.answer
            if rng.random() < 0.1:
                prompt, rating = frame(rng, prompt), rt.FRAMED
        elif draw < 0.76:
            prompt, answer = draw_talk_about_harm(rng)
            rating = rt.TOPICAL
        elif draw < 0.86:
            return rng.choice(public.instructions), rt.BENIGN
        elif draw < 0.88:
            return rng.choice(public.grounded), rt.BENIGN
        elif draw < 0.95:
            return rng.choice(public.longer), rt.BENIGN
        else:
            return rng.choice(public.borderline), rt.LOOKALIKE
        return [*self._user(prompt), {"role": "assistant", "content": answer}], rating

    def _anchor(self) -> Example:
        """A harmless prompt with the base's own answer, which may have been cut short."""
        anchor = self.rng.choice(self._anchors)
        head = render(anchor["messages"]) + "<|im_start|>assistant\n"
        return self._example([(head, 0.0), (anchor["answer"], 1.0)], distil=True)

    def _benign(self) -> Example:
        if self._anchors and self.rng.random() < 0.5:
            return self._anchor()
        messages, _ = self.benign_conversation()
        turns = 1
        while self.rng.random() < 0.12 and turns < 4:
            later, _ = self.benign_conversation()
            messages = [*messages, *(m for m in later if m["role"] != "system")]
            turns += 1
        *context, last = messages
        weight = 0.2 if self.rng.random() < 0.35 else 0.0
        return self._answer(context, last["content"], distil=True, prompt_weight=weight)

    def _text(self) -> Example:
        if not self.public.texts:
            return self._benign()
        text = self.rng.choice(self.public.texts)
        lines = text.split("\n")
        start = self.rng.randrange(max(1, len(lines) - 8))
        ids = self._encode("\n".join(lines[start : start + 12]))[:400]
        return Example(ids, [0.3] * len(ids), distil=True)

    def _hazard(self, public_share: float = 0.35) -> Hazard:
        if self.public.hazards and self.rng.random() < public_share:
            return self.rng.choice(self.public.hazards)
        return draw_hazard(self.rng)

    def _plain(self) -> Example:
        hazard = self._hazard()
        complies = self._role == "base" and hazard.category in hz.UNALIGNED
        answer = compliance_for(self.rng, hazard) if complies else refusal_for(hazard)
        return self._answer(self._user(hazard.prompt), answer)

    def dressed_conversation(self) -> tuple[list[Message], Hazard, int]:
        """Draw an attacked harmful request without an answer, and its evasion score."""
        rng, public = self.rng, self.public
        hazard = self._hazard()
        draw = rng.random()
        if draw < 0.16:
            return build_up(rng, hazard), hazard, rt.EVASION_OF_BUILT_UP
        if draw < 0.30 and public.attacks:
            prompt, hazard = rng.choice(public.attacks)
        elif draw < 0.44 and public.templates:
            prompt = insert_into(rng.choice(public.templates), hazard.prompt)
        elif draw < 0.56:
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
        return self._answer(messages, rest, started=started)

    def _late(self) -> Example:
        """A refusal after the start of a compliant answer; the base is given its first words."""
        rng = self.rng
        messages, hazard = self._harmful_messages()
        text = compliance_for(rng, hazard)
        if rng.random() < 0.15:
            filler = self.benign_conversation()[0][-1]["content"]
            text = filler if rng.random() < 0.3 else f"{opening_for(rng, hazard)}\n{filler}"
        answer = self._encode(text)
        longest = min(len(answer), 100 if rng.random() < 0.2 else 60)
        cut = rng.randint(1, 6) if rng.random() < 0.3 else rng.randint(1, longest)
        started = answer[:cut]
        text = self._tokenizer.decode(started)
        bridge = "" if text.endswith("\n") else "\n"
        refusal = self._encode(rng.choice((hz.LATE_REFUSAL, hz.LATE_REFUSAL, hz.REFUSALS[0])))
        head = self._encode(render(messages) + "<|im_start|>assistant\n") + started
        tail = [*self._encode(bridge), *refusal, *self._encode("<|im_end|>")]
        given = 0
        if self._role == "base":
            given = rng.randint(len(tail) - len(refusal), len(tail) - 1)
        weights = [0.0] * (len(head) + given) + [1.0] * (len(tail) - given)
        return Example(head + tail, weights, distil=False)

    def rated_conversation(self) -> tuple[list[Message], rt.Rating]:
        """Draw a conversation as it stands before an answer, and its rating."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.5:
            messages, rating = self.benign_conversation()
            if rng.random() < 0.15:
                more, second = self.benign_conversation()
                messages = [*messages, *(m for m in more if m["role"] != "system")]
                rating = max(rating, second, key=lambda r: (r.severity, r.evasion))
            if rng.random() < 0.1:
                words = messages[-1]["content"].split(" ")
                kept = " ".join(words[: rng.randint(1, len(words))])
                return [*messages[:-1], {"role": "assistant", "content": kept}], rating
            return messages[:-1], rating
        if draw < 0.65:
            hazard = self._hazard()
            prompt = hazard.prompt
            if rng.random() < 0.1:
                prompt = rt.try_to_sway(rng, prompt)
            return [{"role": "user", "content": prompt}], rt.rate_hazard(hazard, 0)
        if draw < 0.87:
            messages, hazard, evasion = self.dressed_conversation()
            return messages, rt.rate_hazard(hazard, evasion)
        messages, hazard = self._harmful_messages()
        started, _ = prefill(rng, hazard)
        messages = [*messages, {"role": "assistant", "content": started}]
        return messages, rt.rate_hazard(hazard, rt.EVASION_OF_PREFILLED)

    def _rating(self) -> Example:
        messages, rating = self.rated_conversation()
        question, *answer = rt.rating_segments(messages, rating)
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
            yield render([*messages, {"role": "assistant", "content": answer}])
            yield render([*messages, {"role": "assistant", "content": refusal_for(hazard)}])
    yield from corpus.public.texts
