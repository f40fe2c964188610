"""A LangChain chat model over a guarded local pair."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict, Field, PrivateAttr

from langchain_ngsd._messages import response_metadata, to_engine_messages, usage_metadata
from ngsd_guard import (
    AuditLog,
    ConfigurationError,
    DecodeStep,
    DecodingTimeoutError,
    Engine,
    NGSDConfig,
    TokenStream,
    load_engine,
)
from ngsd_guard.validation import explaining_validation_errors

_CALL_OPTIONS: Final = frozenset({"max_tokens", "temperature", "top_k", "top_p", "seed"})
_LOADING = threading.Lock()


class ChatNGSD(BaseChatModel):
    """A chat model whose every token has passed the gate.

    Weights load on first use. A conversation that ends with an `AIMessage` is continued from it.

    Example:
        >>> from langchain_ngsd import ChatNGSD
        >>> ChatNGSD().invoke("What is the capital of France?").content  # doctest: +SKIP

    Raises:
        ConfigurationError: an option is unknown or out of its range.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    model: str = "ngsd-mini"
    """A Hugging Face folder or hub id, or `ngsd-mini` for the embedded pair."""
    expert: str | None = None
    """The safety expert, likewise; None only with the embedded pair."""
    temperature: float = Field(default=0.0, ge=0)
    """0 is greedy."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest answer, in tokens; None for the configured length, cut to the context."""
    top_k: int | None = Field(default=None, ge=1)
    """Keep this many of the likeliest tokens; None keeps all."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Keep the fewest tokens whose probability reaches this; 1 keeps all."""
    stop: list[str] | None = None
    """Strings that end the answer and are not part of it."""
    seed: int | None = Field(default=None, ge=0)
    """Seed of the sampling noise; None draws one for each answer."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds an answer may take, checked between steps; None waits."""
    max_retries: int = Field(default=0, ge=0)
    """Accepted as other chat models have it; a local answer is never retried."""
    config: NGSDConfig = Field(default_factory=NGSDConfig)
    """Options of the guard; unset, those of the pair's own calibration, if it has one."""
    audit: AuditLog | str | Path | None = None
    """An audit log, or the path of one; None records nothing."""
    device: str | None = None
    """Where both models run; None for the CPU."""

    _engine: Engine | None = PrivateAttr(default=None)

    if not TYPE_CHECKING:  # type checkers keep the signature made from the fields

        def __init__(self, **options: Any) -> None:
            with explaining_validation_errors(type(self)):
                super().__init__(**options)

    @classmethod
    def from_engine(cls, engine: Engine, **options: Any) -> Self:
        """Return a chat model over an engine that is already loaded, and shared with others."""
        model = cls(
            model=engine.base.name,
            expert=engine.expert.name,
            config=engine.config,
            audit=engine.audit,
            **options,
        )
        model._engine = engine
        return model

    @property
    def engine(self) -> Engine:
        """The engine behind it; loads the weights when first asked for."""
        with _LOADING:
            if self._engine is None:
                config = self.config if "config" in self.model_fields_set else None
                self._engine = load_engine(
                    self.model, self.expert, config, self.device, audit=self.audit
                )
            return self._engine

    @property
    def _llm_type(self) -> str:
        return "ngsd"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "expert": self.expert,
            "config_digest": self.config.digest,
            **self._call_options(None, {}),
        }

    def get_token_ids(self, text: str) -> list[int]:
        """Return the base model's tokens of a text."""
        return self.engine.base.encode(text)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with self._open(messages, stop, kwargs) as stream:
            for _ in self._steps_in_time(stream):
                pass
        return self._result(stream)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with self._open(messages, stop, kwargs) as stream:
            for step in self._steps_in_time(stream):
                if not step.text:
                    continue
                chunk = _text_chunk(step)
                if run_manager:
                    run_manager.on_llm_new_token(step.text, chunk=chunk)
                yield chunk
        yield self._last_chunk(stream)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        stream = await run_in_executor(None, self._open, messages, stop, kwargs)
        try:
            await run_in_executor(None, _exhaust, self._steps_in_time(stream))
        finally:
            await _close(stream)
        return self._result(stream)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        stream = await run_in_executor(None, self._open, messages, stop, kwargs)
        try:
            steps = self._steps_in_time(stream)
            while (step := await run_in_executor(None, next, steps, None)) is not None:
                if not step.text:
                    continue
                chunk = _text_chunk(step)
                if run_manager:
                    await run_manager.on_llm_new_token(step.text, chunk=chunk)
                yield chunk
        finally:
            await _close(stream)
        yield self._last_chunk(stream)

    def _open(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> TokenStream:
        call_options = self._call_options(stop, options)
        call_options["max_new_tokens"] = call_options.pop("max_tokens")
        return self.engine.stream(to_engine_messages(messages), **call_options)

    def _call_options(self, stop: list[str] | None, options: dict[str, Any]) -> dict[str, Any]:
        """Return what a request is answered with: this model's options, then the call's own."""
        unknown = sorted(options.keys() - _CALL_OPTIONS)
        if unknown:
            raise ConfigurationError(
                f"unknown option {', '.join(unknown)}; a call takes stop, "
                f"{', '.join(sorted(_CALL_OPTIONS))}"
            )
        own = {name: getattr(self, name) for name in _CALL_OPTIONS}
        return own | options | {"stop": self.stop if stop is None else stop}

    def _steps_in_time(self, stream: TokenStream) -> Iterator[DecodeStep]:
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        for step in stream:
            if deadline is not None and time.monotonic() > deadline:
                stream.close()
                raise DecodingTimeoutError(self.timeout or 0.0)
            yield step

    def _result(self, stream: TokenStream) -> ChatResult:
        generation = stream.generation
        message = AIMessage(
            content=generation.text,
            response_metadata=response_metadata(generation, model_name=self.model),
            usage_metadata=usage_metadata(generation),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _last_chunk(self, stream: TokenStream) -> ChatGenerationChunk:
        generation = stream.generation
        return ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                response_metadata=response_metadata(generation, model_name=self.model),
                usage_metadata=usage_metadata(generation),
                chunk_position="last",
            )
        )


def _text_chunk(step: DecodeStep) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=step.text))


def _exhaust(steps: Iterator[DecodeStep]) -> None:
    for _ in steps:
        pass


async def _close(stream: TokenStream) -> None:
    """End a request without holding up the event loop for the step that is being computed."""
    stream.cancel()
    await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(stream.close)))
