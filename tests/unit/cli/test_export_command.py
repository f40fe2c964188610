from pathlib import Path

import gguf
import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner

from adapter_files import save_lora
from ngsd_guard.cli import app
from ngsd_guard.models import load_causal_lm
from tiny_models import save_model

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")


def test_lora_is_written_with_the_names_and_layout_of_llamacpp(tmp_path: Path) -> None:
    base = save_model(tmp_path / "base", "llama", seed=1)
    save_lora(tmp_path / "lora", load_causal_lm(base), "llama")
    out = tmp_path / "lora.gguf"
    arguments = ["--expert", str(tmp_path / "lora"), "--base", str(base), "--out", str(out)]
    result = CliRunner().invoke(app, ["export", *arguments, "--format", "gguf"])
    assert result.exit_code == 0, result.output
    assert "6 modules" in result.output
    tensors = {tensor.name: tensor.data for tensor in gguf.GGUFReader(out).tensors}
    assert len(tensors) == 12
    saved = load_file(tmp_path / "lora" / "adapter_model.safetensors")
    prefix = "base_model.model.model.layers.1"
    plain = saved[f"{prefix}.mlp.down_proj.lora_B.weight"].numpy()
    assert (tensors["blk.1.ffn_down.weight.lora_b"] == plain).all()
    assert (
        tensors["blk.1.attn_v.weight.lora_a"]
        == saved[f"{prefix}.self_attn.v_proj.lora_A.weight"].numpy()
    ).all()
    queries = saved[f"{prefix}.self_attn.q_proj.lora_B.weight"].numpy()
    # Four heads of 8: rows 0 and 4 of a head come first, then 1 and 5.
    assert (tensors["blk.1.attn_q.weight.lora_b"][:4] == queries[[0, 4, 1, 5]]).all()


def test_what_is_no_plain_lora_is_refused(tmp_path: Path) -> None:
    base = save_model(tmp_path / "base", "llama", seed=1)
    save_lora(tmp_path / "dora", load_causal_lm(base), "llama", use_dora=True)
    out = tmp_path / "x.gguf"
    for expert, said in ((tmp_path / "dora", "use_dora=True"), (base, "not a folder of a PEFT")):
        arguments = ["--expert", str(expert), "--base", str(base), "--out", str(out)]
        result = CliRunner().invoke(app, ["export", *arguments])
        assert result.exit_code == 1
        assert said in " ".join(result.output.split())
    assert not out.exists()
