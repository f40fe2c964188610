"""LangChain's standard test suites, with every applicable capability enabled."""

import importlib
from typing import Any, Literal

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from langchain_ngsd import ChatNGSD


class _Capabilities:
    """The model's properties for both suites, as listed in docs/langchain.md."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNGSD

    @property
    def has_tool_calling(self) -> bool:
        return True

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def returns_usage_metadata(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return False  # a model is one pair; another is another ChatNGSD

    @property
    def enable_vcr_tests(self) -> bool:
        return True


class TestUnit(_Capabilities, ChatModelUnitTests):
    @pytest.fixture(autouse=True)
    def _trusted_by_langchain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """LangChain loads only its partners' classes by default; others must be allowed."""
        trusted = {("langchain_ngsd", "ChatNGSD")}
        loading = importlib.import_module("langchain_core.load.load")
        monkeypatch.setitem(loading._default_class_paths_cache, "all", trusted)

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        options = {"model": "ngsd-mini", "expert": "ngsd-mini-lora", "device": "cpu"}
        return {f"NGSD_{name.upper()}": value for name, value in options.items()}, {}, options


@pytest.mark.filterwarnings("ignore::pytest_benchmark.logger.PytestBenchmarkWarning")  # no HTTP
class TestIntegration(_Capabilities, ChatModelIntegrationTests):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"max_tokens": 120}

    @property
    def supported_usage_metadata_details(
        self,
    ) -> dict[
        Literal["invoke", "stream"],
        list[
            Literal[
                "audio_input",
                "audio_output",
                "reasoning_output",
                "cache_read_input",
                "cache_creation_input",
            ]
        ],
    ]:
        return {"invoke": ["cache_read_input"], "stream": ["cache_read_input"]}

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        model = ChatNGSD(max_tokens=8)
        model.invoke("What is the capital of France?")
        question = "What is the capital of France?"
        if not stream:
            message = model.invoke(question)
        else:
            first, *others = model.stream(question)
            message = sum(others, first)
        assert (message.usage_metadata or {})["input_token_details"]["cache_read"] > 0  # type: ignore[typeddict-item]
        return message
