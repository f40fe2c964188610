"""Without spikes, the answer equals the base's, token for token."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ngsd_guard import Engine, GateConfig, NGSDConfig, load_engine

SILENT = NGSDConfig(gate=GateConfig(v_threshold=1e9))
PROMPTS = (
    [{"role": "user", "content": "Tell me about a fox."}],
    [
        {"role": "system", "content": "Answer in one line."},
        {"role": "user", "content": "Wie weit ist 東京? " * 8},
        {"role": "assistant", "content": "Far."},
        {"role": "user", "content": "How far?"},
    ],
)


def hf_greedy(
    folder: Path, messages: list[dict[str, str]], num_tokens: int, width: int
) -> list[int]:
    """Answer with transformers' greedy `generate`, without ids beyond the common vocabulary."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    padded = list(range(width, model.config.vocab_size))
    output = model.generate(
        **inputs,
        max_new_tokens=num_tokens,
        do_sample=False,
        suppress_tokens=padded or None,
        pad_token_id=tokenizer.pad_token_id,
    )
    return list(output[0, inputs["input_ids"].shape[1] :].tolist())


@pytest.fixture(scope="module")
def engine(pair_folders: tuple[Path, Path]) -> Engine:
    return load_engine(*pair_folders, config=SILENT)


@pytest.mark.parametrize("messages", PROMPTS, ids=["short", "conversation"])
def test_silent_gate_equals_transformers_greedy_generate(
    engine: Engine, pair_folders: tuple[Path, Path], messages: list[dict[str, str]]
) -> None:
    expected = hf_greedy(pair_folders[0], messages, 48, engine.base.vocab_size)
    assert len(expected) > 8 or expected[-1] in engine.base.eos_token_ids
    answer = engine.generate(messages, max_new_tokens=48)
    assert list(answer.token_ids) == expected
    assert answer.num_spikes == 0


def test_gate_off_equals_silent_gate(engine: Engine) -> None:
    off = engine.generate(PROMPTS[1], max_new_tokens=32, guarded=False)
    silent = engine.generate(PROMPTS[1], max_new_tokens=32)
    assert off.token_ids == silent.token_ids
    assert off.text == silent.text


@pytest.mark.parametrize("options", [{}, {"temperature": 0.8, "top_p": 0.9, "seed": 7}])
def test_stream_and_generate_agree(engine: Engine, options: dict[str, float]) -> None:
    stream = engine.stream(PROMPTS[0], max_new_tokens=24, **options)
    steps = list(stream)
    answer = engine.generate(PROMPTS[0], max_new_tokens=24, **options)
    assert tuple(step.token_id for step in steps) == answer.token_ids
    assert "".join(step.text for step in steps) == answer.text


def test_firing_gate_equals_an_uncached_loop(pair_folders: tuple[Path, Path]) -> None:
    """Caches change nothing: every step is compared with one recomputed from the complete text."""
    engine = load_engine(*pair_folders, config=NGSDConfig.preset("reference"))
    answer = engine.generate(PROMPTS[0], max_new_tokens=40, trace=True)
    assert answer.steps is not None
    assert answer.num_spikes > 0
    width = engine.base.vocab_size
    models = [AutoModelForCausalLM.from_pretrained(folder).eval() for folder in pair_folders]
    tokens = engine.base.encode_chat(PROMPTS[0])
    potential = 0.0
    for step in answer.steps:
        with torch.inference_mode():
            logits = [
                model(torch.tensor([tokens]), use_cache=False).logits[0, -1, :width]
                for model in models
            ]
        p_b, p_e = (row.softmax(-1) for row in logits)
        current = float(0.5 * (p_b - p_e).abs().sum())
        assert step.current == pytest.approx(current, abs=1e-4)
        potential = (1 - 1 / 8) * potential + current
        assert step.charged_potential == pytest.approx(potential, abs=1e-3)
        potential = step.membrane_potential
        tokens.append(step.token_id)
