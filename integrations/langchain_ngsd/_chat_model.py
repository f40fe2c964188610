"""A LangChain chat model over a guarded local pair."""

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import get_config_list, run_in_executor
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from langchain_ngsd._calls import SAMPLING_OPTIONS, Call, check_call_options, make_call
from langchain_ngsd._engines import SharedEngine, shared_engine
from langchain_ngsd._gathering import Gathering, current_gathering, gathered
from langchain_ngsd._running import answer_together, aopened, exhaust, opened, steps_in_time
from langchain_ngsd._structured import Method, Schema, structured_output
from ngsd_guard import AuditLog, ConfigurationError, Engine, NGSDConfig
from ngsd_guard.tool_calling import check_tool_choice, normalise_tools
from ngsd_guard.validation import explaining_validation_errors

_UNTOLD: Final = ("api_key", "shared")
"""Never part of a serialised model."""
_FROM_ENVIRONMENT: Final = ("model", "expert", "device")


class ChatNGSD(BaseChatModel):
    """A chat model whose every token has passed the gate.

    Weights load on first use, once for all models with the same options. A conversation that ends
    with an `AIMessage` is continued from it.

    Example:
        >>> from langchain_ngsd import ChatNGSD
        >>> ChatNGSD().invoke("What is the capital of France?").content  # doctest: +SKIP

    Raises:
        ConfigurationError: an option is unknown or out of its range.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    model: str = Field(default_factory=lambda: os.environ.get("NGSD_MODEL", "ngsd-mini"))
    """A Hugging Face folder or hub id, or `ngsd-mini` for the embedded pair; else `NGSD_MODEL`."""
    expert: str | None = Field(default_factory=lambda: os.environ.get("NGSD_EXPERT"))
    """The safety expert, likewise; None only with the embedded pair; else `NGSD_EXPERT`."""
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
    """Seconds an answer may take, the wait for its turn included; None waits."""
    max_retries: int = Field(default=0, ge=0)
    """Accepted as other chat models have it; a local answer is never retried."""
    streaming: bool = False
    """Whether `invoke` tells callbacks every token as well."""
    max_concurrency: int = Field(default=4, ge=1)
    """Requests at work at once; a batch counts as one."""
    max_queue: int = Field(default=64, ge=0)
    """Requests that may wait beyond those; one more is refused."""
    config: NGSDConfig = Field(default_factory=NGSDConfig)
    """Options of the guard; unset, those of the pair's own calibration, if it has one."""
    audit: AuditLog | str | Path | None = None
    """An audit log, or the path of one; None records nothing."""
    device: str | None = Field(default_factory=lambda: os.environ.get("NGSD_DEVICE"))
    """Where both models run; None for the CPU; else `NGSD_DEVICE`."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """Accepted as hosted chat models have it; nothing here needs one."""
    shared: SharedEngine | None = Field(default=None, exclude=True, repr=False)
    """The engine of `from_engine`; copies of this model keep it."""

    _own: SharedEngine | None = PrivateAttr(default=None)
    _others: dict[str, SharedEngine] = PrivateAttr(default_factory=dict)

    if not TYPE_CHECKING:  # type checkers keep the signature made from the fields

        def __init__(self, **options: Any) -> None:
            with explaining_validation_errors(type(self)):
                super().__init__(**options)

    # What it is.

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
        model.shared = SharedEngine(
            engine, max_concurrency=model.max_concurrency, max_queue=model.max_queue
        )
        return model

    @property
    def engine(self) -> Engine:
        """The engine behind it; loads the weights when first asked for."""
        return self._shared_engine(None).engine

    @property
    def _llm_type(self) -> str:
        return "ngsd"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "expert": self.expert,
            "config_digest": self.config.digest,
            "stop": self.stop,
            **self._sampling({}),
        }

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether LangChain may write its options down: yes."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Return where LangChain finds the class again."""
        return ["langchain_ngsd"]

    def to_json(self) -> Any:
        """Return its options for LangChain; no weights, no keys, an audit log by its path."""
        described: Any = super().to_json()
        options = described["kwargs"]
        for name in _UNTOLD:
            options.pop(name, None)
        for name in _FROM_ENVIRONMENT:  # said also where it is None, or the reader's would count
            options[name] = getattr(self, name)
        options.pop("config", None)
        if "config" in self.model_fields_set:  # else the pair's own calibration would be lost
            options["config"] = self.config.model_dump(mode="json", exclude_defaults=True)
        if self.audit is not None:
            log = self.audit
            options["audit"] = str(log.path if isinstance(log, AuditLog) else log)
        return described

    def get_token_ids(self, text: str) -> list[int]:
        """Return the base model's tokens of a text."""
        return self.engine.base.encode(text)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """Return the length of the prompt that messages and tools make, in the base's tokens."""
        shared = self._shared_engine(None)
        call = make_call(
            shared,
            messages,
            model_name=self.model,
            sampling={},
            options={"tools": [_as_openai_tool(tool) for tool in tools or ()]},
        )
        return shared.engine.count_tokens(call.messages, tools=call.options["tools"])

    # Tools and schemas.

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools to the model.

        Whatever it calls, the name is one of theirs and the arguments fit the schema.

        Args:
            tools: functions, pydantic models, TypedDicts, LangChain tools, runnables, or
                definitions in OpenAI's form.
            tool_choice: `"auto"` or None lets the model choose, `"any"` forces a call, `"none"`
                forbids one, a tool's name forces that one.
            strict: accepted as other chat models have it; arguments always fit.
            parallel_tool_calls: whether one answer may hold several calls; None allows it.
            **kwargs: further call options.

        Raises:
            ConfigurationError: a tool has no schema, or `tool_choice` names none of them.
        """
        offered = normalise_tools([_as_openai_tool(tool) for tool in tools])
        options: dict[str, Any] = {
            "tool_choice": check_tool_choice(offered, tool_choice),
            "parallel_tool_calls": parallel_tool_calls,
        }
        told = {name: value for name, value in options.items() if value is not None}
        return self.bind(tools=offered, **told, **kwargs)

    def with_structured_output(
        self,
        schema: Schema | None = None,
        *,
        include_raw: bool = False,
        method: Method = "json_schema",
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a model whose answers fit a schema and come parsed.

        Args:
            schema: a pydantic model, a TypedDict or a JSON schema; None only for `json_mode`.
            include_raw: return the message, what was parsed and the parsing error together.
            method: `json_schema` tells the model the schema, `function_calling` offers it as the
                only tool, `json_mode` leaves it to the prompt; the grammar enforces it in all.
            strict: accepted as other chat models have it; the answer always fits.
            **kwargs: further call options.

        Raises:
            ConfigurationError: the method is unknown, or the schema has no JSON schema.
        """
        return structured_output(
            self,
            schema,
            method=method,
            include_raw=include_raw,
            options={"strict": strict, **kwargs},
        )

    # One answer.

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = self._call(messages, stop, kwargs)
        gathering = current_gathering(self)
        if gathering is not None:
            with gathering.seat(call) as seat:
                return call.new_reader().result(seat.answer.result())
        with opened(call) as stream:
            for _ in steps_in_time(stream, call):
                pass
        return call.new_reader().result(stream.generation)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        call = self._call(messages, stop, kwargs)
        reader = call.new_reader()
        with opened(call) as stream:
            for step in steps_in_time(stream, call):
                chunk = reader.chunk(step)
                if chunk is None:
                    continue
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        yield reader.last_chunk(stream.generation)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = await run_in_executor(None, self._call, messages, stop, kwargs)
        gathering = current_gathering(self)
        if gathering is not None:
            with gathering.seat(call) as seat:
                return call.new_reader().result(await asyncio.wrap_future(seat.answer))
        async with aopened(call) as stream:
            await run_in_executor(None, exhaust, steps_in_time(stream, call))
        return call.new_reader().result(stream.generation)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = await run_in_executor(None, self._call, messages, stop, kwargs)
        reader = call.new_reader()
        async with aopened(call) as stream:
            steps = steps_in_time(stream, call)
            while (step := await run_in_executor(None, next, steps, None)) is not None:
                chunk = reader.chunk(step)
                if chunk is None:
                    continue
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        yield reader.last_chunk(stream.generation)

    # Several answers.

    def invoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer one conversation."""
        with self._membership():
            return super().invoke(input, config, stop=stop, **kwargs)

    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer one conversation."""
        with self._membership():
            return await super().ainvoke(input, config, stop=stop, **kwargs)

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Answer several conversations side by side; `max_concurrency` says how many at a time."""
        if len(inputs) < 2:
            return super().batch(inputs, config, return_exceptions=return_exceptions, **kwargs)
        configs, gathering = self._gather(len(inputs), config)
        with gathered(self, gathering):
            return super().batch(inputs, configs, return_exceptions=return_exceptions, **kwargs)

    async def abatch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Answer several conversations side by side; `max_concurrency` says how many at a time."""
        if len(inputs) < 2:
            return await super().abatch(
                inputs, config, return_exceptions=return_exceptions, **kwargs
            )
        configs, gathering = self._gather(len(inputs), config)
        with gathered(self, gathering):
            return await super().abatch(
                inputs, configs, return_exceptions=return_exceptions, **kwargs
            )

    def _gather(
        self, num_inputs: int, config: RunnableConfig | list[RunnableConfig] | None
    ) -> tuple[list[RunnableConfig], Gathering]:
        configs = get_config_list(config, num_inputs)
        most = self.config.decoding.max_batch_size
        width = min(num_inputs, configs[0].get("max_concurrency") or most)
        configs = [{**own, "max_concurrency": width} for own in configs]
        return configs, Gathering(num_inputs, width, answer_together)

    def _membership(self) -> Any:
        gathering = current_gathering(self)
        return nullcontext() if gathering is None else gathering.member()

    # How a request is made.

    def _shared_engine(self, name: str | None) -> SharedEngine:
        if name is None or name == self.model:
            if self.shared is not None:
                return self.shared
            if self._own is None:
                self._own = self._load(self.model, self.expert)
            return self._own
        if name not in self._others:
            self._others[name] = self._load(name, None)
        return self._others[name]

    def _load(self, name: str, expert: str | None) -> SharedEngine:
        return shared_engine(
            name,
            expert,
            self.config if "config" in self.model_fields_set else None,
            self.device,
            self.audit,
            max_concurrency=self.max_concurrency,
            max_queue=self.max_queue,
        )

    def _call(
        self, messages: list[BaseMessage], stop: list[str] | None, options: Mapping[str, Any]
    ) -> Call:
        check_call_options(options)
        name = options.get("model")
        sampling = self._sampling(options)
        sampling["max_new_tokens"] = sampling.pop("max_tokens")
        return make_call(
            self._shared_engine(name),
            messages,
            model_name=name or self.model,
            sampling=sampling | {"stop": self.stop if stop is None else stop},
            options=options,
            timeout_s=math.inf if self.timeout is None else self.timeout,
        )

    def _sampling(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return how tokens are chosen: this model's options, then the call's own."""
        own = {name: getattr(self, name) for name in sorted(SAMPLING_OPTIONS)}
        return own | {name: options[name] for name in SAMPLING_OPTIONS & options.keys()}


def _as_openai_tool(tool: Any) -> dict[str, Any]:
    if isinstance(tool, Runnable) and not isinstance(tool, BaseTool):
        tool = tool.as_tool()
    try:
        return dict(convert_to_openai_tool(tool))
    except Exception as error:  # pydantic and LangChain raise many kinds
        name = getattr(tool, "name", None) or getattr(tool, "__name__", type(tool).__name__)
        raise ConfigurationError(
            f"tool {name!r} has no JSON schema ({type(error).__name__}); give it arguments of "
            "plain types, an args_schema, or a definition in OpenAI's form"
        ) from error
