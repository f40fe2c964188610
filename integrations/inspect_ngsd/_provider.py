"""Inspect's model provider over a guarded local pair."""

import asyncio
from typing import Any, Final

from inspect_ngsd._messages import to_engine_messages
from inspect_ngsd._options import chat_request, engine_choice
from inspect_ngsd._output import model_output, overflow_output
from ngsd_guard import ContextOverflowError, MissingDependencyError
from ngsd_guard.chat import ChatEngine, shared_chat_engine
from ngsd_guard.errors import EngineBusyError

try:
    from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput
    from inspect_ai.tool import ToolChoice, ToolInfo
except ImportError as error:
    raise MissingDependencyError(
        "the Inspect provider needs inspect-ai; install the extra: "
        "pip install 'ngsd-guard[inspect]'"
    ) from error

_NO_CONFIG: Final = GenerateConfig()


class NGSDAPI(ModelAPI):
    """A provider whose every token has passed the gate.

    Weights load on first use, once for all models with the same arguments.

    Args:
        model_name: a known pair, a folder, a GGUF file or a hub id.
        base_url: refused; the model runs in this process.
        api_key: refused; nothing asks for one.
        config: Inspect's options for all requests.
        **model_args: `-M` arguments: `expert`, `preset`, `device`, `backend`, `audit`,
            `max_concurrency`, and `guarded` (false answers as the base alone).

    Raises:
        ConfigurationError: an argument is unknown or wrong.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = _NO_CONFIG,
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        self._guarded = model_args.pop("guarded", True)
        self._choice = engine_choice(
            model_name, model_args, remote={"base_url": base_url, "api_key": api_key}
        )
        self._chat: ChatEngine | None = None

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Answer a conversation.

        Raises:
            ConfigurationError: an option of `config` has no counterpart, or is out of its range.
            NGSDError: whatever the engine raises, except for a prompt that is too long: its
                output has the stop reason `model_length`.
        """
        request = chat_request(
            to_engine_messages(input), tools, tool_choice, config, guarded=self._guarded
        )
        chat = await self._loaded()
        try:
            answer = await chat.aanswer(request)
        except ContextOverflowError as error:
            return overflow_output(self.model_name, error)
        return model_output(self.model_name, answer)

    async def count_text_tokens(self, text: str) -> int:
        """Return the length of a text in the base's tokens."""
        return len(await self.tokenize(text))

    async def tokenize(self, text: str) -> list[int]:
        """Return the base's tokens of a text."""
        return list((await self._loaded()).engine.base.encode(text))

    def should_retry(self, ex: Exception) -> bool:
        """Return whether the error passes: only a full line does."""
        return isinstance(ex, EngineBusyError)

    def connection_key(self) -> str:
        """Return what is limited together: the requests to one engine."""
        return repr(self._choice)

    def collapse_user_messages(self) -> bool:
        """Return that chat templates may want the roles in turn."""
        return True

    def collapse_assistant_messages(self) -> bool:
        """Return that chat templates may want the roles in turn."""
        return True

    def close(self) -> None:
        """Let go of the engine; its weights are freed with its last user."""
        self._chat = None

    async def _loaded(self) -> ChatEngine:
        if self._chat is None:
            self._chat = await asyncio.to_thread(shared_chat_engine, self._choice)
        return self._chat
