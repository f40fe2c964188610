"""The backend over llama.cpp, compared with transformers on the same tiny weights."""

import gc
import importlib.util
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from adapter_files import save_lora
from gguf_files import write_gguf
from ngsd_guard.errors import ContextOverflowError, DecodingError, ModelLoadError
from ngsd_guard.models import HFCausalLM, export_lora_as_gguf, load_causal_lm
from tiny_models import save_model

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("llama_cpp") is None, reason="pip install 'ngsd-guard[llamacpp]'"
    ),
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning"),
]
TOLERANCE = 2e-2
"""Total variation; keys and values are in float16, all else in float32. Random weights with flat
logits would hide a wrong layout: `test_adapter_...` checks that adapters matter by far more."""
TEXTS = ("Tell me about a fox.", "Seven wizards rate the request, 東京!", "7")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("llama") / "tiny", "llama", seed=1)


@pytest.fixture(scope="module")
def file(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", folder)


@pytest.fixture(scope="module")
def reference(folder: Path) -> HFCausalLM:
    return load_causal_lm(folder)


@pytest.fixture(scope="module")
def model(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from ngsd_guard.models.llamacpp import load_llamacpp_model

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NGSD_CACHE", str(tmp_path_factory.mktemp("cache")))
        return load_llamacpp_model(file)


def distance(first: Tensor, second: Tensor) -> float:
    """Return the largest total variation between two sets of predictions."""
    return float((first.softmax(-1) - second.softmax(-1)).abs().sum(-1).max() / 2)


def alone(model: Any, ids: list[int], num_logits: int = 1) -> Tensor:
    logits: Tensor = model.read([ids], model.new_cache(), num_logits=num_logits)[0]
    return logits


def test_predictions_and_tokens_are_those_of_transformers(
    model: Any, reference: HFCausalLM, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NGSD_CACHE", str(tmp_path))
    for text in TEXTS:
        ids = model.encode(text)
        assert ids == reference.encode(text)
        found = alone(model, ids, len(ids))
        assert found.shape == (len(ids), reference.vocab_size)
        assert distance(found, alone(reference, ids, len(ids))) < TOLERANCE
    assert model.eos_token_ids == reference.eos_token_ids
    assert model.context_length == reference.context_length
    assert model.tokenizer_digest == load_causal_lm(file).tokenizer_digest


def test_rows_of_different_lengths_read_as_each_alone(model: Any) -> None:
    rows = [model.encode(text) for text in TEXTS]
    cache = type(model.new_cache()).join([model.new_cache() for _ in rows])
    logits = model.read(rows, cache)
    assert cache.lengths == tuple(map(len, rows))
    for found, ids in zip(logits, rows, strict=True):
        assert distance(found, alone(model, ids)) < TOLERANCE


def test_rolled_back_row_goes_on_as_if_it_had_not_read(model: Any) -> None:
    ids = model.encode(TEXTS[0])
    cache = model.new_cache()
    model.read([[*ids, 5, 6, 7]], cache)
    cache.roll_back([3])
    assert cache.lengths == (len(ids),)
    assert distance(model.read([[9]], cache)[0], alone(model, [*ids, 9])) < TOLERANCE
    with pytest.raises(DecodingError, match=r"cannot roll back 99"):
        cache.roll_back([99])


def test_forks_copies_and_selections_are_independent(model: Any) -> None:
    ids = model.encode(TEXTS[1])
    cache = model.new_cache()
    model.read([ids], cache)
    short = cache.fork(4)
    several = cache.spread(2)
    model.read([[9], [11]], several)
    second = several.select([1])
    several.roll_back([1, 1])
    assert distance(model.read([[8]], short)[0], alone(model, [*ids[:4], 8])) < TOLERANCE
    assert distance(model.read([[8]], second)[0], alone(model, [*ids, 11, 8])) < TOLERANCE
    assert distance(model.read([[8]], cache)[0], alone(model, [*ids, 8])) < TOLERANCE
    assert (short.lengths, second.lengths) == ((5,), (len(ids) + 2,))


def test_branches_are_read_as_alternatives_and_forgotten(model: Any) -> None:
    ids = model.encode(TEXTS[0])
    cache = model.new_cache()
    model.read([ids[:3]], cache)
    rest = ids[3:]
    after = [0, len(rest) - 1]
    logits = model.read([[*rest, 9, 11]], cache, num_logits=4, branches=after)[0]
    assert cache.lengths == (len(ids),)
    assert distance(logits[:2], alone(model, ids, 2)) < TOLERANCE
    assert distance(logits[2:3], alone(model, [*ids[:4], 9])) < TOLERANCE
    assert distance(logits[3:], alone(model, [*ids, 11])) < TOLERANCE
    assert distance(model.read([[8]], cache)[0], alone(model, [*ids, 8])) < TOLERANCE


def test_prompt_longer_than_a_batch_is_read_whole(model: Any) -> None:
    ids = (model.encode(TEXTS[1]) * 40)[:400]
    cache = model.new_cache()
    found = model.read([ids], cache, num_logits=300)[0]
    stepwise = model.new_cache()
    for start in range(0, 400, 50):
        logits = model.read([ids[start : start + 50]], stepwise, num_logits=50)[0]
        if start >= 100:
            assert distance(found[start - 100 : start - 50], logits) < TOLERANCE


def test_dropped_caches_give_their_sequences_back(model: Any) -> None:
    kept = [model.new_cache() for _ in range(60)]
    for _ in range(300):
        model.read([[5, 6]], model.new_cache())
    assert len(kept) == 60
    del kept
    gc.collect()


def test_full_memory_lets_prefixes_go_and_then_refuses(
    file: Path, model: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    from ngsd_guard.models.llamacpp import Context, SequenceCache
    from ngsd_guard.models.llamacpp._weights import Weights

    class Kept:
        def __init__(self) -> None:
            self.caches: list[Any] = []

        def clear(self) -> None:
            self.caches.clear()

    from ngsd_guard.models.llamacpp import load_llamacpp_model

    small = load_llamacpp_model(file)
    small.context = Context(Weights(file, "tiny"), num_tokens=512)
    kept = Kept()
    small.when_full(kept.clear)
    for start in range(4):
        cache = SequenceCache.empty(small.context)
        small.read([[start + 3] * 120], cache)
        kept.caches.append(cache)
    live = small.new_cache()
    small.read([[9] * 300], live)
    assert kept.caches == []
    other = small.new_cache()
    with pytest.raises(ContextOverflowError, match=r"all requests at once"):
        small.read([[9] * 300], other)
    assert other.lengths == (0,)
    assert distance(small.read([[8]], live)[0], alone(model, [*[9] * 300, 8])) < TOLERANCE
    assert capfd.readouterr() == ("", "")


def test_wrong_reads_are_refused_before_the_library_sees_them(model: Any) -> None:
    cache = model.new_cache()
    with pytest.raises(ContextOverflowError, match=r"600 tokens"):
        model.read([[5] * 600], cache)
    for ids, options in (([[10_000]], {}), ([[-1]], {}), ([[5], [6]], {}), ([[5]], {"n": 1})):
        with pytest.raises(DecodingError):
            model.read(ids, cache, num_base_rows=options.get("n", 0))
    with pytest.raises(DecodingError, match=r"1 tokens for 2 logits"):
        model.read([[5]], cache, num_logits=2)
    assert cache.lengths == (0,)


def test_threads_take_turns(model: Any) -> None:
    expected = [alone(model, model.encode(text)) for text in TEXTS]
    found: dict[int, list[Tensor]] = {n: [] for n in range(len(TEXTS))}

    def work(number: int) -> None:
        for _ in range(20):
            found[number].append(alone(model, model.encode(TEXTS[number])))

    threads = [threading.Thread(target=work, args=(n,)) for n in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answers in found.items():
        assert max(distance(answer, expected[number]) for answer in answers) < TOLERANCE


def test_digest_names_backend_and_quantisation(folder: Path, model: Any, tmp_path: Path) -> None:
    from ngsd_guard.models.llamacpp import load_llamacpp_model

    quantized = load_llamacpp_model(write_gguf(tmp_path / "q.gguf", folder, quantized=True))
    assert model.weights_digest.startswith("llama.cpp-F32-")
    assert quantized.weights_digest.startswith("llama.cpp-Q4_1-")


@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"alpha_pattern": {"q_proj": 40}}])
def test_adapter_is_read_as_transformers_reads_it(
    file: Path, model: Any, reference: HFCausalLM, tmp_path: Path, options: dict[str, Any]
) -> None:
    from ngsd_guard.models.llamacpp import load_llamacpp_expert

    peft_model = save_lora(tmp_path / "lora", reference, "llama", **options)
    expert = load_llamacpp_expert(
        tmp_path / "lora", model, base_names=(reference.model.name_or_path,), name="lora"
    )
    ids = model.encode(TEXTS[1])
    wanted = peft_model(torch.tensor([ids])).logits[0].detach()
    found = alone(expert, ids, len(ids))
    assert distance(found, wanted) < TOLERANCE
    assert distance(alone(model, ids, len(ids)), wanted) > 0.2  # the adapter is no small change
    assert expert.weights_digest != model.weights_digest
    assert not expert.adapts(model)

    exported = tmp_path / "lora.gguf"
    assert export_lora_as_gguf(tmp_path / "lora", file, exported) == 6
    again = load_llamacpp_expert(exported, model, base_names=(), name="lora")
    assert torch.equal(alone(again, ids, len(ids)), found)
    assert again.weights_digest == expert.weights_digest


def test_files_that_cannot_be_used_are_refused(
    folder: Path, file: Path, model: Any, reference: HFCausalLM, tmp_path: Path
) -> None:
    from ngsd_guard.models.llamacpp import load_llamacpp_model

    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(ModelLoadError, match=r"cut short"):
        load_llamacpp_model(cut)
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"GGML" + file.read_bytes()[4:])
    with pytest.raises(ModelLoadError, match=r"not a GGUF file"):
        load_llamacpp_model(wrong)
    with pytest.raises(ModelLoadError, match=r"llama\.cpp cannot load it.*'?nonesuch'?"):
        load_llamacpp_model(write_gguf(tmp_path / "a.gguf", folder, architecture="nonesuch"))
    lacking = write_gguf(tmp_path / "l.gguf", folder, drop="blk.1.ffn_up.weight")
    with pytest.raises(ModelLoadError, match=r"llama\.cpp cannot load it"):
        load_llamacpp_model(lacking)
    with pytest.raises(ModelLoadError, match=r"reads GGUF files alone"):
        load_llamacpp_model(folder)
    save_lora(tmp_path / "lora", reference, "llama")
    export_lora_as_gguf(tmp_path / "lora", file, tmp_path / "lora.gguf")
    with pytest.raises(ModelLoadError, match=r"holds an adapter"):
        load_llamacpp_model(tmp_path / "lora.gguf")


def test_adapter_for_another_base_is_refused(
    model: Any, reference: HFCausalLM, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    from ngsd_guard.models.llamacpp import load_llamacpp_expert

    folder = tmp_path / "lora"
    save_lora(folder, reference, "llama")
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "org/Some-7B"
    (folder / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelLoadError, match=r"not on 'Other-7B'"):
        load_llamacpp_expert(folder, model, base_names=("Other-7B",), name="lora")
    weights = load_file(folder / "adapter_model.safetensors")
    wide = {k: torch.zeros(4, 48) if "lora_A" in k else v for k, v in weights.items()}
    save_file(wide, folder / "adapter_model.safetensors")
    with pytest.raises(ModelLoadError, match=r"load it with its own base"):
        load_llamacpp_expert(folder, model, base_names=("org/Some-7B",), name="lora")


def test_library_prints_nothing(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from ngsd_guard.models.llamacpp import load_llamacpp_model

    model = load_llamacpp_model(file)
    alone(model, model.encode(TEXTS[0]))
    del model
    gc.collect()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compiled_for_amx", [True, False])
def test_weights_are_not_laid_out_for_amx(
    file: Path, compiled_for_amx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ngsd_guard.models.llamacpp import _library, _weights

    loaded: list[bool] = []
    load = _library.lib.llama_model_load_from_file

    def record(path: bytes, params: Any) -> Any:
        loaded.append(params.use_extra_bufts)
        return load(path, params)

    info = b"AMX_INT8 = 1 | " if compiled_for_amx else b"AVX2 = 1 | "
    monkeypatch.setattr(_library.lib, "llama_print_system_info", lambda: info)
    monkeypatch.setattr(_library.lib, "llama_model_load_from_file", record)
    _weights.Weights(file, "tiny")
    assert loaded == [not compiled_for_amx]
