"""GGUF files: converted once, found by content, rebuilt when damaged, refused by name."""

import importlib.util
import json
import logging
import multiprocessing
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from gguf_files import write_gguf
from ngsd_guard import MissingDependencyError, ModelLoadError, load_engine
from ngsd_guard.models import HFCausalLM, _gguf, load_causal_lm
from tiny_models import save_model

USER: list[Any] = [{"role": "user", "content": "Tell me about a fox."}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("llama") / "tiny", "llama", seed=1)


@pytest.fixture(scope="module")
def plain(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", folder)


@pytest.fixture(scope="module")
def quantized(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "tiny.Q4_1.gguf", folder, quantized=True)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NGSD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gguf"


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    convert = _gguf._convert

    def counted(path: Path, *rest: Any) -> None:
        made.append(path.name)
        convert(path, *rest)

    monkeypatch.setattr(_gguf, "_convert", counted)
    return made


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in cache.iterdir() if path.name.endswith("-v1"))


def logits(model: HFCausalLM) -> torch.Tensor:
    return model.read([model.encode_chat(USER)], model.new_cache())


def test_gguf_is_the_model_it_was_made_from(plain: Path, folder: Path) -> None:
    found, expected = load_causal_lm(plain), load_causal_lm(folder)
    assert found.weights_digest == expected.weights_digest
    assert found.encode_chat(USER) == expected.encode_chat(USER)
    assert found.chat_template == expected.chat_template
    assert found.eos_token_ids == expected.eos_token_ids
    assert found.special_tokens == expected.special_tokens
    torch.testing.assert_close(logits(found), logits(expected), atol=1e-5, rtol=1e-5)
    assert found.name == found.model.name_or_path == str(plain)


def test_second_load_converts_nothing_and_has_the_same_weights(
    quantized: Path, conversions: list[str]
) -> None:
    first, second = load_causal_lm(quantized), load_causal_lm(quantized)
    assert conversions == ["tiny.Q4_1.gguf"]
    assert first.weights_digest == second.weights_digest
    assert first.tokenizer_digest == second.tokenizer_digest
    assert getattr(second.model.config, "quantization_config", None) is None
    assert torch.equal(logits(first), logits(second))


def test_dequantised_weights_are_kept_exactly(quantized: Path, cache: Path) -> None:
    import gguf

    stored = {tensor.name: tensor for tensor in gguf.GGUFReader(quantized).tensors}
    down = stored["blk.0.ffn_down.weight"]
    assert down.tensor_type == gguf.GGMLQuantizationType.Q4_1
    expected = torch.from_numpy(gguf.quants.dequantize(down.data, down.tensor_type))
    weight = load_causal_lm(quantized).model.model.layers[0].mlp.down_proj.weight
    assert torch.equal(weight.detach(), expected)
    config = json.loads((entries(cache)[0] / "config.json").read_text())
    assert config["dtype"] == "float32"


def test_half_precision_file_stays_half_as_large(folder: Path, tmp_path: Path, cache: Path) -> None:
    model = load_causal_lm(folder).model.to(torch.float16)
    shutil.copytree(folder, tmp_path / "half")
    model.save_pretrained(tmp_path / "half")
    expected = load_causal_lm(tmp_path / "half").weights_digest
    found = load_causal_lm(write_gguf(tmp_path / "half.gguf", tmp_path / "half"))
    assert found.weights_digest == expected
    config = json.loads((entries(cache)[0] / "config.json").read_text())
    assert config["dtype"] == "float16"


def test_content_decides_not_the_name(
    plain: Path, quantized: Path, tmp_path: Path, conversions: list[str], cache: Path
) -> None:
    copy = tmp_path / "other name.gguf"
    shutil.copy(plain, copy)
    first, again = load_causal_lm(plain), load_causal_lm(copy)
    assert conversions == ["tiny.gguf"]
    assert first.weights_digest == again.weights_digest
    shutil.copy(quantized, copy)
    assert load_causal_lm(copy).weights_digest != first.weights_digest
    assert len(entries(cache)) == 2


def test_unchanged_file_is_hashed_once(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ngsd_guard.models import _cache_folder

    os.utime(plain, (1_700_000_000, 1_700_000_000))
    load_causal_lm(plain)
    hashed: list[str] = []
    monkeypatch.setattr(_cache_folder, "_hash", lambda path: hashed.append(path.name))
    load_causal_lm(plain)
    assert hashed == []


@pytest.mark.parametrize("damage", ["gone", "short", "flipped", "half a folder"])
def test_damaged_conversion_is_made_again(
    plain: Path, cache: Path, conversions: list[str], damage: str
) -> None:
    expected = load_causal_lm(plain).weights_digest
    (entry,) = entries(cache)
    weights = entry / "model.safetensors"
    if damage == "gone":
        weights.unlink()
    elif damage == "short":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif damage == "flipped":
        content = weights.read_bytes()
        weights.write_bytes(b"\xff" * 8 + content[8:])  # the length of its head
    else:
        (entry / "manifest.json").unlink()
    assert load_causal_lm(plain).weights_digest == expected
    assert len(conversions) == 2
    load_causal_lm(plain)
    assert len(conversions) == 2
    assert not list(cache.glob("tmp-*"))


def test_failed_conversion_leaves_nothing(folder: Path, tmp_path: Path, cache: Path) -> None:
    path = write_gguf(tmp_path / "lame.gguf", folder, drop="blk.1.ffn_up.weight")
    with pytest.raises(ModelLoadError):
        load_causal_lm(path)
    assert [entry.name for entry in cache.iterdir() if entry.name != "index"] == []


def _load_and_report(path: str, results: Any) -> None:
    torch.set_num_threads(1)
    results.put(load_causal_lm(path).weights_digest)


def test_two_processes_at_once_agree(plain: Path, cache: Path, folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    both = [context.Process(target=_load_and_report, args=(str(plain), results)) for _ in "ab"]
    for process in both:
        process.start()
    digests = {results.get(timeout=60) for _ in both}
    for process in both:
        process.join(timeout=60)
    assert digests == {load_causal_lm(folder).weights_digest}
    assert len(entries(cache)) == 1
    assert not list(cache.glob("tmp-*"))


def test_cache_that_cannot_be_written_is_a_warning(
    plain: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NGSD_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with caplog.at_level(logging.WARNING, "ngsd_guard.models"):
        found = load_causal_lm(plain)
    assert found.weights_digest == load_causal_lm(folder).weights_digest
    assert "gguf_cache_not_written" in caplog.text
    assert "NGSD_CACHE" in caplog.text
    assert not list(tmp_path.glob("ngsd-guard-*"))


@pytest.mark.parametrize("name", ["gguf", "accelerate"])
def test_missing_extra_is_named_unless_the_cache_has_it(
    plain: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = importlib.util.find_spec

    def without(wanted: str, *rest: Any) -> Any:
        return None if wanted == name else find_spec(wanted, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(MissingDependencyError, match=r"pip install 'ngsd-guard\[gguf\]'"):
        load_causal_lm(plain)
    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    load_causal_lm(plain)
    monkeypatch.setattr(importlib.util, "find_spec", without)
    load_causal_lm(plain)


def test_file_without_a_template_gets_a_transcript_as_folders_do(
    folder: Path, tmp_path: Path
) -> None:
    model = load_causal_lm(write_gguf(tmp_path / "bare.gguf", folder, chat_template=False))
    assert model.decode(model.encode_chat(USER)) == "User: Tell me about a fox.\nAssistant:"


def test_template_comes_from_the_file_whatever_lies_beside_it(plain: Path, tmp_path: Path) -> None:
    expected = load_causal_lm(plain).chat_template
    shutil.copy(plain, tmp_path / "tiny.gguf")
    (tmp_path / "chat_template.jinja").write_text("another")
    (tmp_path / "tokenizer_config.json").write_text("{}")
    assert load_causal_lm(tmp_path / "tiny.gguf").chat_template == expected


def test_unsupported_architecture_is_named(folder: Path, tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "odd.gguf", folder, architecture="frobnicator")
    with pytest.raises(ModelLoadError, match=r"'frobnicator'.*safetensors folder") as raised:
        load_causal_lm(path)
    assert raised.value.source == str(path)


@pytest.mark.parametrize("kept", [3, 20, 300, 6_000, -1_000, -1])
def test_truncated_file_is_refused(plain: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "short.gguf"
    path.write_bytes(plain.read_bytes()[:kept])
    with pytest.raises(ModelLoadError, match=r"not a GGUF file|cut short"):
        load_causal_lm(path)


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 not a model", b"GGUF\x09\x00\x00\x00" + bytes(64)):
        (tmp_path / "odd.gguf").write_bytes(content)
        with pytest.raises(ModelLoadError, match="GGUF"):
            load_causal_lm(tmp_path / "odd.gguf")


def test_one_part_of_several_is_refused(folder: Path, tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny-00001-of-00002.gguf", folder, num_splits=2)
    with pytest.raises(ModelLoadError, match="--merge"):
        load_causal_lm(path)


def test_folder_with_one_gguf_loads_and_with_two_names_them(plain: Path, tmp_path: Path) -> None:
    shutil.copy(plain, tmp_path / "a.gguf")
    assert load_causal_lm(tmp_path).weights_digest == load_causal_lm(plain).weights_digest
    shutil.copy(plain, tmp_path / "b.gguf")
    with pytest.raises(ModelLoadError, match=r"a\.gguf, b\.gguf"):
        load_causal_lm(tmp_path)


def test_missing_file_is_not_taken_for_a_hub_id(tmp_path: Path) -> None:
    for source in (str(tmp_path / "gone.gguf"), "gone.gguf", "./gone", r"C:\models\gone"):
        with pytest.raises(ModelLoadError, match="no such file"):
            load_causal_lm(source)


def test_engine_answers_from_a_gguf_file(quantized: Path) -> None:
    engine = load_engine(str(quantized), str(quantized))
    answer = engine.generate(USER, max_new_tokens=6, guarded=False)
    assert answer.usage.output_tokens > 0
