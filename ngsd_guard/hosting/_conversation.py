"""From a prompt's tokens back to the conversation they were written from."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Message, Role

_MARKS: Final = ("qsystemq", "quserq", "qanswerq", "qagainq")
"""Stand for the turns of a conversation whose markup is looked at."""


class Recovered(NamedTuple):
    """The conversation of a prompt."""

    messages: tuple[Message, ...]
    is_exact: bool
    """Whether the model's chat template makes exactly the prompt's tokens of it."""

    @property
    def is_prefilled(self) -> bool:
        """Whether the prompt ends within an answer."""
        return self.messages[-1]["role"] == "assistant"


class _Markup(NamedTuple):
    """What a chat template writes around the turns."""

    opening: str
    """Before the first user turn, where there is no system turn."""
    system: tuple[str, str] | None
    """Before and after a system turn; None where the template takes none."""
    answer: str
    """Between a user turn and an answer."""
    user: str
    """Between an answer and a user turn."""


class ConversationReader:
    """Recovers conversations from prompts in a model's chat template.

    What it finds is checked by rendering it again. A prompt that is not recovered, such as one
    with tools or without any template, is one user message with all of its text.

    Args:
        model: whose template and tokens they are.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._markup = self._find_markup()

    def read(self, prompt_ids: Sequence[int]) -> Recovered:
        """Return the conversation of a prompt."""
        for messages in self._candidates(_raw_text(self._model, prompt_ids)):
            try:
                rendered = self._model.encode_chat(messages)
            except InvalidRequestError:
                continue
            if list(rendered) == list(prompt_ids):
                return Recovered(tuple(messages), is_exact=True)
        text = self._model.decode(prompt_ids)
        return Recovered(({"role": "user", "content": text},), is_exact=False)

    def _find_markup(self) -> _Markup | None:
        system, user, answer, again = _MARKS
        turns: list[Message] = [
            {"role": "user", "content": user},
            {"role": "assistant", "content": answer},
            {"role": "user", "content": again},
        ]
        plain = self._split(turns)
        if plain is None or not (plain[1] and plain[2]):
            return None
        led = self._split([{"role": "system", "content": system}, *turns])
        return _Markup(plain[0], (led[0], led[1]) if led else None, plain[1], plain[2])

    def _split(self, turns: Sequence[Message]) -> list[str] | None:
        """Return what the template writes around and between some turns."""
        try:
            text = _raw_text(self._model, self._model.encode_chat(turns))
        except InvalidRequestError:
            return None
        pattern = "(.*)".join(re.escape(turn["content"]) for turn in turns)
        found = re.fullmatch(f"(.*){pattern}(.*)", text, re.DOTALL)
        return None if found is None else list(found.groups())

    def _candidates(self, text: str) -> list[list[Message]]:
        markup = self._markup
        if markup is None:
            return []
        found: list[list[Message]] = []
        if text.startswith(markup.opening):
            found.append(self._turns(text[len(markup.opening) :]))
        if markup.system is not None and text.startswith(markup.system[0]):
            before, after = markup.system
            system, _, rest = text[len(before) :].partition(after)
            found.append([_turn("system", system), *self._turns(rest)])
        return found

    def _turns(self, text: str) -> list[Message]:
        """Split the text after the first user turn's opening."""
        markup = cast(_Markup, self._markup)
        turns: list[Message] = []
        separators: tuple[tuple[Role, str], ...] = (
            ("user", markup.answer),
            ("assistant", markup.user),
        )
        while True:
            role, separator = separators[len(turns) % 2]
            content, found, text = text.partition(separator)
            if role == "assistant" and not found and not content:
                return turns  # the answer is still to come
            turns.append(_turn(role, content))
            if not found:
                return turns


def _turn(role: Role, content: str) -> Message:
    return {"role": role, "content": content}


def _raw_text(model: LanguageModel, token_ids: Sequence[int]) -> str:
    """Return the text of tokens, special tokens included."""
    tokenizer: Any = getattr(model, "tokenizer", None)
    if tokenizer is None:
        return model.decode(token_ids)
    return str(
        tokenizer.decode(
            list(token_ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
    )
