"""A Hugging Face causal language model as the decoder sees it."""

import copy
import inspect
import threading
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._chat import TRANSCRIPT_TEMPLATE, break_special_tokens, render_chat
from ngsd_guard.models._digest import weights_digest
from ngsd_guard.models._kv_cache import HFCache
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
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str,
        vocab_size: int | None = None,
        chat_template: str | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self._name = name
        self._vocab_size = vocab_size or int(model.get_output_embeddings().weight.shape[0])
        self.chat_template = chat_template or tokenizer.chat_template or TRANSCRIPT_TEMPLATE
        self.special_tokens = frozenset(_control_tokens(tokenizer))
        self._prefix: HFCache | None = None
        self._prefix_embeddings: Tensor | None = None
        self._tokenizer_lock = threading.Lock()  # fast tokenizers cannot be entered twice
        parameters = inspect.signature(model.forward).parameters
        # Logits of every prompt token would be the largest tensor of a request.
        self._forward_options = {"logits_to_keep": 1} if "logits_to_keep" in parameters else {}
        # transformers 5.24 renamed it.
        self._cache_argument = "cache" if "cache" in parameters else "past_key_values"

    def narrowed(self, vocab_size: int, chat_template: str) -> Self:
        """Return the same model with its logits cut to `vocab_size`, under a chat template."""
        narrowed = copy.copy(self)
        narrowed._vocab_size = vocab_size
        narrowed.chat_template = chat_template
        return narrowed

    def with_model(self, model: Any, *, name: str) -> Self:
        """Return another model behind this one's tokenizer and chat template."""
        other = copy.copy(self)  # the tokenizer's lock is shared with it
        other.model = model
        other._name = name
        return other

    def with_prefix(self, embeddings: Tensor, *, name: str) -> Self:
        """Return the same model with virtual tokens before whatever it reads.

        They are read once, here; every new cache starts from their keys and values. They count
        as no tokens: a cache's length leaves them out, and so does `context_length`.

        Args:
            embeddings: [num_virtual_tokens, hidden_size].
            name: what logs and errors call it.
        """
        prefix = HFCache(self.model.config, num_virtual_tokens=embeddings.shape[0])
        with torch.inference_mode():
            self.model(
                inputs_embeds=embeddings[None].to(self.model.device, self.model.dtype),
                use_cache=True,
                **{self._cache_argument: prefix.past_key_values},
                **self._forward_options,
            )
        prefixed = self.with_model(self.model, name=name)
        prefixed._prefix = prefix
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
        """Tokens it can read, prompt and answer together.

        Raises:
            ModelLoadError: the configuration does not say.
        """
        config = self.model.config.get_text_config()
        length = getattr(config, "max_position_embeddings", None)
        if length is None:
            raise ModelLoadError(
                self._name, "its config has no max_position_embeddings; add it to config.json"
            )
        return int(length) - (self._prefix.num_virtual_tokens if self._prefix else 0)

    @property
    def weights_digest(self) -> str:
        """Identifies its weights, whatever file, device or wider dtype they are in; hexadecimal."""
        tensors = dict(self.model.state_dict())
        if self._prefix_embeddings is not None:
            tensors["prefix"] = self._prefix_embeddings
        return weights_digest(tensors.items())

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer: those of the generation config, as transformers reads it."""
        for source in (self.model.generation_config, self.model.config, self.tokenizer):
            eos = getattr(source, "eos_token_id", None)
            if eos is not None:
                return frozenset([eos] if isinstance(eos, int) else eos)
        return frozenset()

    def new_cache(self) -> HFCache:
        """Return an empty cache."""
        return self._prefix.fork() if self._prefix else HFCache(self.model.config)

    def forward(self, input_ids: Sequence[int], cache: HFCache) -> Tensor:
        """Read tokens and predict the next one.

        Args:
            input_ids: the tokens that follow those in the cache; at least one.
            cache: grows by `len(input_ids)`.

        Returns:
            [1, vocab], float32, on the model's device; cut to `vocab_size`.
        """
        ids = torch.tensor([list(input_ids)], device=self.model.device)  # [1, length]
        with torch.inference_mode():
            output = self.model(
                input_ids=ids,
                use_cache=True,
                **{self._cache_argument: cache.past_key_values},
                **self._forward_options,
            )
        logits: Tensor = output.logits[:, -1, : self._vocab_size]
        return logits.to(torch.float32)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with no special token added around it."""
        with self._tokenizer_lock:
            # verbose=False: our own error says it when a prompt is too long.
            encoding = self.tokenizer(text, add_special_tokens=False, verbose=False)
        return list(encoding["input_ids"])

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        """Return the prompt tokens of a conversation, in the model's own chat template.

        Raises:
            InvalidRequestError: the template does not take these messages.
        """
        return self.encode(render_chat(self.tokenizer, self.chat_template, messages))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of some tokens, special tokens left out."""
        return str(
            self.tokenizer.decode(
                list(token_ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )

    def neutralise(self, text: str) -> str:
        """Return the text with its special tokens broken up, so that they are read as text."""
        return break_special_tokens(self.special_tokens, text)


def _control_tokens(tokenizer: Any) -> list[str]:
    tokens = [token for token in tokenizer.added_tokens_decoder.values() if token.special]
    return [token.content for token in tokens if len(token.content) > 1]
