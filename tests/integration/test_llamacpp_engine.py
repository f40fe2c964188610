"""A guarded pair over llama.cpp: the same answers however they are decoded, and typed refusals."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from adapter_files import save_lora, save_prefix
from gguf_files import write_gguf
from langchain_ngsd import ChatNGSD
from ngsd_guard import (
    ConfigurationError,
    ContextOverflowError,
    Engine,
    GateConfig,
    MissingDependencyError,
    ModelLoadError,
    NGSDConfig,
    VocabularyMismatchError,
    load_engine,
)
from ngsd_guard.models import load_causal_lm
from ngsd_guard.pairs import find_pair
from tiny_models import make_tokenizer, save_model

HAS_LIBRARY = importlib.util.find_spec("llama_cpp") is not None
needs_library = pytest.mark.skipif(not HAS_LIBRARY, reason="pip install 'ngsd-guard[llamacpp]'")
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")

LIVELY = NGSDConfig(gate=GateConfig(v_threshold=0.4))
SILENT = NGSDConfig(gate=GateConfig(v_threshold=1e9))
CONVERSATIONS: list[list[Any]] = [
    [{"role": "user", "content": text}]
    for text in ("Tell me about a fox.", "Seven wizards rate the request, 東京!", "7")
]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NGSD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("llama") / "tiny", "llama", seed=1)


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    return write_gguf(folder.parent / "tiny.gguf", folder)


@pytest.fixture(scope="module")
def lora(folder: Path) -> Path:
    save_lora(folder.parent / "lora", load_causal_lm(folder), "llama")
    return folder.parent / "lora"


@pytest.fixture(scope="module")
def engine(file: Path, lora: Path) -> Engine:
    return load_engine(file, lora, LIVELY, backend="llama.cpp")


def tokens(answer: Any) -> list[int]:
    return list(answer.token_ids)


@needs_library
def test_drafts_batches_and_streams_give_the_tokens_of_single_steps(engine: Engine) -> None:
    options: dict[str, Any] = {"max_new_tokens": 40, "trace": True}
    stepwise = [engine.generate(c, speculative=False, **options) for c in CONVERSATIONS]
    assert sum(answer.num_spikes for answer in stepwise) > 3
    drafted = [engine.generate(c, **options) for c in CONVERSATIONS]
    together = engine.generate_batch(CONVERSATIONS, **options)
    streamed = []
    for conversation in CONVERSATIONS:
        with engine.stream(conversation, **options) as stream:
            streamed.append([step.token_id for step in stream])
    for one, other, third, steps in zip(stepwise, drafted, together, streamed, strict=True):
        assert tokens(one) == tokens(other) == tokens(third) == steps
    assert any(answer.speculation.num_drafted > 0 for answer in drafted)


@needs_library
def test_sampled_answer_depends_on_its_seed_alone(engine: Engine) -> None:
    options: dict[str, Any] = {"max_new_tokens": 24, "temperature": 0.8, "seed": 5}
    one = engine.generate(CONVERSATIONS[0], speculative=False, **options)
    assert tokens(one) == tokens(engine.generate(CONVERSATIONS[0], **options))
    assert tokens(one) != tokens(engine.generate(CONVERSATIONS[0], **(options | {"seed": 6})))


@needs_library
def test_silent_gate_gives_the_greedy_answer_of_the_library(file: Path, lora: Path) -> None:
    from llama_cpp import Llama

    engine = load_engine(file, lora, SILENT, backend="llama.cpp")
    library = Llama(str(file), n_ctx=512, flash_attn=True, verbose=False)
    for conversation in CONVERSATIONS:
        answer = engine.generate(conversation, max_new_tokens=24, speculative=False)
        prompt = engine.base.encode_chat(conversation)
        expected = []
        library.reset()
        for token_id in library.generate(prompt, temp=0.0, repeat_penalty=1.0):
            expected.append(token_id)
            if token_id in engine.base.eos_token_ids or len(expected) == 24:
                break
        assert tokens(answer) == expected
        assert answer.num_spikes == 0


@needs_library
def test_expert_of_its_own_weights_is_checked_against_the_base(
    file: Path, folder: Path, tmp_path: Path
) -> None:
    expert = write_gguf(tmp_path / "expert.gguf", save_model(tmp_path / "expert", "llama", seed=2))
    engine = load_engine(file, expert, LIVELY, backend="llama.cpp")
    assert engine.generate(CONVERSATIONS[0], max_new_tokens=8).token_ids
    other = save_model(tmp_path / "other", "llama", seed=2, tokenizer=make_tokenizer(["<extra>"]))
    with pytest.raises(VocabularyMismatchError):
        load_engine(file, write_gguf(tmp_path / "o.gguf", other), backend="llama.cpp")


@needs_library
def test_calibration_made_for_transformers_is_refused_with_the_command(
    file: Path, lora: Path
) -> None:
    manifest = find_pair("smollm2")
    assert manifest is not None
    shipped = manifest.calibration_path(manifest.experts[0])
    with pytest.raises(ConfigurationError, match=r"calibrate --backend llama\.cpp --base"):
        load_engine(file, lora, calibration=shipped, backend="llama.cpp")


@needs_library
def test_stop_strings_logprobs_and_overflow_are_as_on_transformers(engine: Engine) -> None:
    whole = engine.generate(CONVERSATIONS[0], max_new_tokens=24, guarded=False)
    assert len(whole.text) > 4
    stop = whole.text[2:4]
    cut = engine.generate(CONVERSATIONS[0], max_new_tokens=24, guarded=False, stop=[stop])
    assert cut.text == whole.text[: whole.text.index(stop)]
    with pytest.raises(ContextOverflowError):
        engine.generate([{"role": "user", "content": "fox " * 800}], max_new_tokens=8)
    assert tokens(engine.generate(CONVERSATIONS[0], max_new_tokens=24, guarded=False)) == tokens(
        whole
    )


@needs_library
def test_chat_model_answers_and_calls_structured_output(file: Path, lora: Path) -> None:
    pytest.importorskip("llguidance")

    class Animal(BaseModel):
        """An animal."""

        legs: int

    chat = ChatNGSD(
        model=str(file), expert=str(lora), backend="llama.cpp", config=SILENT, max_tokens=48
    )
    message = chat.invoke("Tell me about a fox.")
    assert message.response_metadata["finish_reason"] in ("stop", "length")
    found = chat.with_structured_output(Animal, method="json_schema").invoke("How many legs?")
    assert isinstance(found, Animal)


@needs_library
def test_options_of_the_other_backend_are_refused_by_name(file: Path, lora: Path) -> None:
    for option in ({"dtype": "float16"}, {"compile": True}, {"quantization": "4bit"}):
        with pytest.raises(ConfigurationError, match=r"use backend='transformers'"):
            load_engine(file, lora, backend="llama.cpp", **option)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"take 'transformers' or 'llama\.cpp'"):
        load_engine(file, lora, backend="vulkan")  # type: ignore[arg-type]


@needs_library
def test_soft_prefix_is_refused_with_the_other_backend(
    file: Path, folder: Path, tmp_path: Path
) -> None:
    save_prefix(tmp_path / "prefix", load_causal_lm(folder))
    with pytest.raises(ModelLoadError, match=r"use backend='transformers'"):
        load_engine(file, tmp_path / "prefix", backend="llama.cpp")


def test_missing_library_is_named_with_its_extra(
    file: Path, lora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("ngsd_guard.models.llamacpp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'ngsd-guard\[llamacpp\]'"):
        load_engine(file, lora, backend="llama.cpp")
