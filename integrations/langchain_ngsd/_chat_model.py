"""A LangChain chat model over a guarded local pair."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult, LLMResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import get_config_list, run_in_executor
from langchain_core.tools import BaseTool

from langchain_ngsd._chunks import ChunkBuilder
from langchain_ngsd._errors import translated_errors
from langchain_ngsd._messages import to_engine_messages
from langchain_ngsd._options import chat_request
from langchain_ngsd._pair_model import PairChatModel
from langchain_ngsd._schemas import Schema, as_openai_tool
from langchain_ngsd._structured import Method, structured_output
from ngsd_guard import NGSDError
from ngsd_guard.chat import ChatRequest
from ngsd_guard.tool_calling import check_tool_choice, normalise_tools


class ChatNGSD(PairChatModel):
    """A chat model whose every token has passed the gate.

    Weights load on first use, once for all models with the same options. A conversation that ends
    with an `AIMessage` is continued from it.

    Example:
        >>> from langchain_ngsd import ChatNGSD
        >>> ChatNGSD().invoke("What is the capital of France?").content  # doctest: +SKIP

    Raises:
        ConfigurationError: an option is unknown or out of its range.
    """

    def get_token_ids(self, text: str) -> list[int]:
        """Return the base model's tokens of a text."""
        return self.engine.base.encode(text)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """Return the length of the prompt that messages and tools make, in the base's tokens.

        The messages need not be ones that can be answered; none at all are 0 tokens.
        """
        offered = [as_openai_tool(tool) for tool in tools or ()]
        return self.chat.count_tokens(to_engine_messages(messages), offered)

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
        offered = normalise_tools([as_openai_tool(tool) for tool in tools])
        options: dict[str, Any] = {"tool_choice": check_tool_choice(offered, tool_choice)}
        if parallel_tool_calls is not None:
            options["parallel_tool_calls"] = parallel_tool_calls
        return self.bind(tools=offered, **options, **kwargs)

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
            method: `json_schema` puts the schema into the system message, `function_calling`
                offers it as the only tool, `json_mode` leaves it to the prompt; the grammar
                enforces it in all three.
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
        with translated_errors():
            events = self.chat.events(self._request(messages, stop, kwargs))
        return self._chunks(kwargs).result(events)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chat = await run_in_executor(None, lambda: self.chat)
        with translated_errors():
            events = await chat.aevents(self._request(messages, stop, kwargs))
        return self._chunks(kwargs).result(events)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        chunks = self._chunks(kwargs)
        request = self._request(messages, stop, kwargs)
        with translated_errors(), closing(self.chat.stream(request)) as events:
            for event in events:
                chunk = chunks.add(event)
                if chunk is None:
                    continue
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        chunks = self._chunks(kwargs)
        request = self._request(messages, stop, kwargs)
        chat = await run_in_executor(None, lambda: self.chat)
        with translated_errors():
            async with aclosing(chat.astream(request)) as events:
                async for event in events:
                    chunk = chunks.add(event)
                    if chunk is None:
                        continue
                    if run_manager:
                        await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk

    async def agenerate(
        self, messages: list[list[BaseMessage]], *args: Any, **kwargs: Any
    ) -> LLMResult:
        """Answer conversations one by one; weights load in a thread."""
        await self._load()
        return await super().agenerate(messages, *args, **kwargs)

    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Answer one conversation chunk by chunk; weights load in a thread."""
        await self._load()
        answer: Any = super().astream(input, config, stop=stop, **kwargs)
        async with aclosing(answer) as chunks:
            async for chunk in chunks:
                yield chunk

    # Several answers.

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Answer several conversations at once, as many as the engine takes.

        `max_concurrency` in the config lowers that; the others wait, and none is refused because
        of the batch's own size.
        """
        configs = self._batch_configs(len(inputs), config)
        return super().batch(inputs, configs, return_exceptions=return_exceptions, **kwargs)

    async def abatch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Answer several conversations at once, as `batch` does."""
        configs = await run_in_executor(None, self._batch_configs, len(inputs), config)
        return await super().abatch(inputs, configs, return_exceptions=return_exceptions, **kwargs)

    def _batch_configs(
        self, num_inputs: int, config: RunnableConfig | list[RunnableConfig] | None
    ) -> list[RunnableConfig]:
        configs = get_config_list(config, num_inputs)
        try:
            width = self.chat.admission.max_active
        except NGSDError:  # every member will say why
            return configs
        wanted = [own.get("max_concurrency") or width for own in configs[:1]]
        return [{**own, "max_concurrency": min([width, *wanted])} for own in configs]

    def _chunks(self, options: Mapping[str, Any]) -> ChunkBuilder:
        is_text = options.get("response_format") is None
        return ChunkBuilder(self.model, is_text=is_text, on_refusal=self.on_refusal)

    def _request(
        self, messages: list[BaseMessage], stop: list[str] | None, options: Mapping[str, Any]
    ) -> ChatRequest:
        sampling = {**self._sampling(options), "stop": self.stop if stop is None else stop}
        return chat_request(messages, sampling, options, timeout_s=self.timeout)
