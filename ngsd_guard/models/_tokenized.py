"""What every model has of text: its tokenizer, chat template and special tokens."""

import copy
import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.models._chat import (
    MARKERS,
    TRANSCRIPT_TEMPLATE,
    break_special_tokens,
    render_chat,
    takes_tools,
)
from ngsd_guard.models._digest import tokenizer_digest
from ngsd_guard.models._ends import turn_ends
from ngsd_guard.models._templates import (
    check_template_kwargs,
    template_variables,
    templates_of,
)
from ngsd_guard.types import Message


class TokenizedModel:
    """The text side of a language model, whatever runs its weights.

    Args:
        tokenizer: a transformers tokenizer.
        name: what logs and errors call the model.
        vocab_size: width of the logits it returns.
        chat_template: Jinja source; None for the tokenizer's own, or a plain transcript where it
            has none.

    Raises:
        ModelLoadError: none of the tokenizer's chat templates is the default.
    """

    def __init__(
        self, tokenizer: Any, *, name: str, vocab_size: int, chat_template: str | None = None
    ) -> None:
        self.tokenizer = tokenizer
        self._name = name
        self._vocab_size = vocab_size
        self._own_templates = templates_of(tokenizer, name)
        self._use_templates(chat_template or self._own_templates.default or TRANSCRIPT_TEMPLATE)
        self.special_tokens = frozenset(_control_tokens(tokenizer))
        self._shown_tokens = {
            tokenizer.convert_tokens_to_ids(token): token
            for token in self.special_tokens.intersection(MARKERS)
        }
        self._template_kwargs: Mapping[str, Any] = {}
        self._tokenizer_lock = threading.Lock()  # fast tokenizers cannot be entered twice

    def narrowed(
        self, vocab_size: int, chat_template: str, *, tool_template: str | None = None
    ) -> Self:
        """Return the same model with its logits cut to `vocab_size`, under a chat template.

        Args:
            vocab_size: width of the logits.
            chat_template: Jinja source.
            tool_template: stands in where the chat template takes no tools; None for none.
        """
        narrowed = copy.copy(self)
        narrowed._vocab_size = vocab_size
        narrowed._use_templates(chat_template, tool_template)
        return narrowed

    def _use_templates(self, chat_template: str, tool_template: str | None = None) -> None:
        self.chat_template = chat_template
        own = self._own_templates
        if chat_template == own.default and own.tool_use is not None:
            self.tool_template = own.tool_use
        elif tool_template is None or takes_tools(chat_template):
            self.tool_template = chat_template
        else:
            self.tool_template = tool_template
        self._turn_ends = turn_ends(self.tokenizer, chat_template)

    def with_chat_template_kwargs(self, kwargs: Mapping[str, Any]) -> Self:
        """Return the same model, prompted with variables of its chat template.

        Args:
            kwargs: values by name, such as `{"enable_thinking": False}`; JSON values. They become
                part of `tokenizer_digest`.

        Raises:
            ConfigurationError: a name is reserved, or no value is JSON.
        """
        check_template_kwargs(kwargs)
        other = copy.copy(self)
        other._template_kwargs = dict(kwargs)
        other.__dict__.pop("opens_with", None)
        return other

    @property
    def template_variables(self) -> frozenset[str]:
        """Names of the variables that its chat templates read."""
        return template_variables(self.chat_template) | template_variables(self.tool_template)

    @property
    def own_chat_template(self) -> str | None:
        """The chat template that its tokenizer has; None where it has none."""
        return self._own_templates.default

    @property
    def name(self) -> str:
        """What logs and errors call it."""
        return self._name

    @property
    def vocab_size(self) -> int:
        """Width of the logits it returns."""
        return self._vocab_size

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer: the tokenizer's, and the chat template's end of turn."""
        eos = self.tokenizer.eos_token_id
        return self._turn_ends if eos is None else self._turn_ends.union([eos])

    @property
    def tokenizer_digest(self) -> str:
        """Identifies its tokenizer, chat template and the template's variables; hexadecimal."""
        kwargs = json.dumps(self._template_kwargs, sort_keys=True) if self._template_kwargs else ""
        texts = dict.fromkeys((self.chat_template, self._own_templates.tool_use or "", kwargs))
        return tokenizer_digest(self.tokenizer, "\0".join(filter(None, texts)))

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with no special token added around it."""
        with self._tokenizer_lock:
            # verbose=False: our own error says it when a prompt is too long.
            encoding = self.tokenizer(text, add_special_tokens=False, verbose=False)
        return list(encoding["input_ids"])

    def encode_chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()
    ) -> list[int]:
        """Return the prompt tokens of a conversation, in the model's own chat template.

        Args:
            messages: the conversation.
            tools: definitions of what the model may call, in OpenAI's form.

        Raises:
            InvalidRequestError: the template does not take these messages, or takes no tools.
        """
        if tools:
            return self.encode(self._rendered(self.tool_template, messages, tools))
        try:
            return self.encode(self._rendered(self.chat_template, messages))
        except InvalidRequestError:  # it may show no calls, or no results
            has_calls = any(m["role"] == "tool" or "tool_calls" in m for m in messages)
            if not has_calls or self.tool_template == self.chat_template:
                raise
            return self.encode(self._rendered(self.tool_template, messages))

    def _rendered(
        self, template: str, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()
    ) -> str:
        return render_chat(self.tokenizer, template, messages, tools, self._template_kwargs)

    @property
    def marker_token_ids(self) -> dict[str, int]:
        """Special tokens that open or close a tool call or reasoning: part of an answer's text."""
        return {token: token_id for token_id, token in self._shown_tokens.items()}

    @cached_property
    def opens_with(self) -> str:
        """What the chat template begins every answer with, such as the opening of reasoning."""
        prompt = self._rendered(self.chat_template, [{"role": "user", "content": "a"}])
        return next((mark for mark in MARKERS if prompt.rstrip().endswith(mark)), "")

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of some tokens, special tokens left out, less the markers."""
        text, pending = "", list[int]()
        for token_id in token_ids:
            if token_id in self._shown_tokens:
                text += self._decode(pending) + self._shown_tokens[token_id]
                pending = []
            else:
                pending.append(token_id)
        return text + self._decode(pending)

    def _decode(self, token_ids: list[int]) -> str:
        return str(
            self.tokenizer.decode(
                # Not every tokenizer calls the end of a turn a special token.
                [token_id for token_id in token_ids if token_id not in self._turn_ends],
                skip_special_tokens=True,
                clean_up_tokenization_spaces=False,
            )
        )

    def neutralise(self, text: str) -> str:
        """Return the text with its special tokens broken up, so that they are read as text."""
        return break_special_tokens(self.special_tokens, text)


def _control_tokens(tokenizer: Any) -> list[str]:
    tokens = [token for token in tokenizer.added_tokens_decoder.values() if token.special]
    return [token.content for token in tokens if len(token.content) > 1]
