"""A Hugging Face causal language model as the decoder sees it."""

import copy
import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError, InvalidRequestError
from ngsd_guard.models._chat import (
    MARKERS,
    TRANSCRIPT_TEMPLATE,
    break_special_tokens,
    render_chat,
    takes_tools,
)
from ngsd_guard.models._context import context_length
from ngsd_guard.models._digest import DigestMemo, tokenizer_digest
from ngsd_guard.models._ends import turn_ends
from ngsd_guard.models._stateful import check_state, keeps_state
from ngsd_guard.models._templates import (
    check_template_kwargs,
    template_variables,
    templates_of,
)
from ngsd_guard.models.cache._row_cache import RowCache, Wanted
from ngsd_guard.models.forward._hidden import hidden_states, num_layers
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.models.forward._reading import (
    AnyCache,
    Reading,
    choose_reading,
    read_virtual_tokens,
)
from ngsd_guard.protocols import Branches
from ngsd_guard.rows import branches_of_rows
from ngsd_guard.types import Message


class HFCausalLM:
    """A causal language model with its own tokenizer and chat template.

    Safe to share between threads: all that a request changes is in its cache.

    Args:
        model: a transformers causal LM.
        tokenizer: its tokenizer.
        name: what logs and errors call it.
        vocab_size: width of the logits it returns; None for the model's own.
        chat_template: Jinja source; None for the tokenizer's own, or a plain transcript where it
            has none.
        compiled: let torch.compile fuse operations; for Llama-like models alone.

    Raises:
        ConfigurationError: the model is not one that can be compiled.
        ModelLoadError: it does not say how much it can read, its cache cannot be used, or none of
            its chat templates is the default.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str,
        vocab_size: int | None = None,
        chat_template: str | None = None,
        compiled: bool = False,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self._name = name
        self._vocab_size = vocab_size or int(model.get_output_embeddings().weight.shape[0])
        self._own_templates = templates_of(tokenizer, name)
        self._use_templates(chat_template or self._own_templates.default or TRANSCRIPT_TEMPLATE)
        self.special_tokens = frozenset(_control_tokens(tokenizer))
        self._shown_tokens = {
            tokenizer.convert_tokens_to_ids(token): token
            for token in self.special_tokens.intersection(MARKERS)
        }
        self._prefix: AnyCache | None = None
        self._prefix_embeddings: Tensor | None = None
        self._adapted_model: Any = None  # of the base, where this is an adapter on it
        self._tokenizer_lock = threading.Lock()  # fast tokenizers cannot be entered twice
        self._compiled = compiled
        self._template_kwargs: Mapping[str, Any] = {}
        self._digest = DigestMemo()
        self._reading: Reading = choose_reading(model, compiled=compiled)
        if keeps_state(model):
            check_state(model, self._reading, name)
        self._context_length = context_length(model.config, name)

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

    def with_model(self, model: Any, *, name: str) -> Self:
        """Return another model behind this one's tokenizer and chat template."""
        other = copy.copy(self)  # the tokenizer's lock is shared with it
        other._name = name
        other._adapted_model = self.model
        other._digest = DigestMemo()
        if model is not self.model:
            other.model = model
            other._reading = choose_reading(model, compiled=self._compiled)
        return other

    def with_prefix(self, embeddings: Tensor, *, name: str) -> Self:
        """Return the same model with virtual tokens before whatever it reads.

        They are read once, here; every new cache starts from their keys and values. They count
        as no tokens: a cache's length leaves them out, and so does `context_length`.

        Args:
            embeddings: [num_virtual_tokens, hidden_size].
            name: what logs and errors call it.
        """
        prefixed = self.with_model(self.model, name=name)
        with torch.inference_mode():
            prefixed._prefix = read_virtual_tokens(
                self.model, self._reading, embeddings[None].to(self.model.device, self.model.dtype)
            )
        prefixed._prefix_embeddings = embeddings
        return prefixed

    @property
    def name(self) -> str:
        """What logs and errors call it."""
        return self._name

    @property
    def vocab_size(self) -> int:
        """Width of the logits it returns."""
        return self._vocab_size

    @property
    def context_length(self) -> int:
        """Tokens it can read, prompt and answer together."""
        num_virtual = 0 if self._prefix_embeddings is None else len(self._prefix_embeddings)
        return self._context_length - num_virtual

    @cached_property
    def num_parameters(self) -> int:
        """How many weights a step reads; only compared with another model's."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def weights_digest(self) -> str:
        """Identifies its weights, whatever file, device or wider dtype they are in; hexadecimal."""
        tensors = dict(self.model.state_dict())
        if self._prefix_embeddings is not None:
            tensors["prefix"] = self._prefix_embeddings
        return self._digest.digest(tensors)

    @property
    def tokenizer_digest(self) -> str:
        """Identifies its tokenizer, chat template and the template's variables; hexadecimal."""
        kwargs = json.dumps(self._template_kwargs, sort_keys=True) if self._template_kwargs else ""
        texts = dict.fromkeys((self.chat_template, self._own_templates.tool_use or "", kwargs))
        return tokenizer_digest(self.tokenizer, "\0".join(filter(None, texts)))

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer: the generation config's, and the chat template's end of turn.

        The former as transformers reads them: from the generation config, else the model's, else
        the tokenizer.
        """
        for source in (self.model.generation_config, self.model.config, self.tokenizer):
            eos = getattr(source, "eos_token_id", None)
            if eos is not None:
                return self._turn_ends.union([eos] if isinstance(eos, int) else eos)
        return self._turn_ends

    def new_cache(self) -> AnyCache:
        """Return the cache of one request that has read nothing."""
        return self._prefix.fork() if self._prefix else self._reading.new_cache()

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: AnyCache,
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and predict what follows the last of them.

        Args:
            input_ids: [rows, num_new]; the tokens that follow those in the cache, at least one.
                Lists may differ in length.
            cache: grows by the tokens that are no branches.
            num_logits: at how many of the last positions to predict, branches included; no more
                than the shortest row has tokens.
            num_base_rows: how many of the first rows are the base's, where this `adapts` it.
            branches: for each of a row's last tokens the index of the token that it follows;
                nothing goes on from these, and the cache forgets them. Of several rows, a list
                each, equally long.

        Returns:
            [rows, num_logits, vocab], float32, on the model's device; cut to `vocab_size`.
        """
        ids, padding = _padded(input_ids)
        own = branches_of_rows(branches, len(ids))
        if padding:
            own = [[i + n for i in row] for row, n in zip(own, padding, strict=True)]
        ids = ids.to(self.model.device)
        with torch.inference_mode():
            wanted = Wanted(
                num_logits,
                self._vocab_size,
                num_base_rows,
                tuple(map(tuple, own)) if any(own) else (),
                padding,
            )
            logits = self._reading(ids, cache, wanted)
            return logits.to(torch.float32)

    @property
    def num_layers(self) -> int:
        """How many layers it has."""
        return num_layers(self.model, self._name)

    def hidden_states(self, input_ids: Sequence[Sequence[int]], layer: int) -> list[Tensor]:
        """Return what the first layers make of some texts; nothing is kept, no other layer runs.

        Args:
            input_ids: tokens of each text, at least one.
            layer: how many layers to run, from 1.

        Returns:
            [num_tokens, hidden] of each text, float32: the residual stream after that many layers,
            before the final norm.

        Raises:
            ConfigurationError: the model has no such layer, its layers cannot be told apart, or
                it is an expert with a soft prefix.
        """
        if self._prefix is not None:
            raise ConfigurationError(
                f"{self._name!r} reads after a soft prefix, and has no hidden states of its own "
                "to probe; probe the base"
            )
        with torch.inference_mode():
            return hidden_states(self.model, self._reading, input_ids, layer, self._name)

    def adapts(self, base: object) -> bool:
        """Whether this is an adapter that can read the base's rows beside its own."""
        if not isinstance(base, HFCausalLM) or self._adapted_model is not base.model:
            return False
        if self.model is base.model:
            return isinstance(self.new_cache(), RowCache)
        return isinstance(self._reading, LeanDecoder)

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


def _padded(input_ids: Sequence[Sequence[int]] | Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """Return [rows, num_new] tokens, and how many of each row's first are padding.

    The latter is empty where none are.
    """
    if isinstance(input_ids, Tensor):
        return input_ids, ()
    lengths = [len(row) for row in input_ids]
    padding = tuple(max(lengths) - length for length in lengths)
    if not any(padding):
        return torch.as_tensor(input_ids), ()
    return torch.tensor(
        [[0] * n + list(r) for n, r in zip(padding, input_ids, strict=True)]
    ), padding


def _control_tokens(tokenizer: Any) -> list[str]:
    tokens = [token for token in tokenizer.added_tokens_decoder.values() if token.special]
    return [token.content for token in tokens if len(token.content) > 1]
