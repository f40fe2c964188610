"""Start a small Llama with induction heads, so that it can copy before any training.

An induction head finds the last occurrence of the current token and repeats what came next
(Olsson et al. 2022, "In-context Learning and Induction Heads", arXiv 2209.11895). Models grow
them late, there after billions of tokens; a world where most answers are copied from the prompt
needs them within millions. As in mimetic initialisation (Trockman and Kolter 2023, arXiv
2305.09828), the heads are written into the first weights and then trained like all other weights.
"""

import math
from typing import Any, Final

import torch
from torch import Tensor

_PREVIOUS_SCORE: Final = 30.0
_MATCH_SCORE: Final = 40.0
_COPY_GAIN: Final = 8.0
_LONGEST_REPEAT: Final = 150
"""Tokens over which the rotation of the dimensions that match stays below one radian."""
_MATCHING_LAYERS: Final = (1, 2)


@torch.no_grad()
def plant_induction_heads(model: Any) -> None:
    """Give a fresh Llama with attention biases a previous-token head and two matching heads.

    Args:
        model: A `LlamaForCausalLM` with `attention_bias`, as many key heads as heads, and at least
            three layers; changed in place, drawing from torch's global random state.
    """
    config = model.config
    layers = model.model.layers
    hidden = config.hidden_size
    size = hidden // config.num_attention_heads
    depth_scale = 1 / math.sqrt(2 * len(layers))
    for layer in layers:
        layer.self_attn.o_proj.weight.mul_(depth_scale)
        layer.mlp.down_proj.weight.mul_(depth_scale)
    norm = float(model.get_input_embeddings().weight.norm(dim=1).mean())
    angles = _angles(model, size)
    read, write = _orthogonal(hidden)[:size], _orthogonal(hidden)[:, :size]
    _plant_previous_token(layers[0].self_attn, angles, read * norm / math.sqrt(size), write)
    for index in _MATCHING_LAYERS:
        _plant_matching(layers[index].self_attn, angles, read, write, norm)


def _angles(model: Any, size: int) -> Tensor:
    """Radians per position of each pair of dimensions, fastest first: [size / 2]."""
    theta = torch.tensor(model.config.rope_parameters["rope_theta"])
    return theta.pow(-torch.arange(0, size, 2) / size)


def _orthogonal(size: int) -> Tensor:
    basis: Tensor = torch.linalg.qr(torch.randn(size, size)).Q
    return basis


def _plant_previous_token(attention: Any, angles: Tensor, value: Tensor, write: Tensor) -> None:
    """Head 0 attends to the token before, whatever it is, and writes which one it was."""
    half = len(angles)
    size = 2 * half
    gain = math.sqrt(_PREVIOUS_SCORE * math.sqrt(size) / half)
    attention.q_proj.weight[:size] *= 0.1
    attention.k_proj.weight[:size] *= 0.1
    attention.q_proj.bias[:half] = gain
    attention.k_proj.bias[:half] = gain * angles.cos()
    attention.k_proj.bias[half:size] = gain * angles.sin()
    attention.v_proj.weight[:size] = value
    attention.o_proj.weight[:, :size] = write


def _plant_matching(
    attention: Any, angles: Tensor, read: Tensor, write: Tensor, norm: float
) -> None:
    """Head 0 attends to tokens whose predecessor is the current token, and copies them."""
    size, hidden = read.shape
    half = len(angles)
    slow = (angles * _LONGEST_REPEAT < 1).nonzero().flatten()
    slow = torch.cat([slow, slow + half])
    mix = torch.randn(len(slow), size) / math.sqrt(size)
    current, before = mix @ read, mix @ write.T
    # The normalised residual holds the token and its predecessor in equal parts: each part's
    # projection has the length sqrt(size / 2), or sqrt(hidden / 2) where it was written whole.
    gain = math.sqrt(_MATCH_SCORE * math.sqrt(size) / len(slow))
    attention.q_proj.weight[:size] = 0.0
    attention.k_proj.weight[:size] = 0.0
    attention.q_proj.weight[slow] = current * gain * math.sqrt(2)
    attention.k_proj.weight[slow] = before * gain * math.sqrt(2) * math.sqrt(size / hidden)
    copied = _orthogonal(hidden)[:size]
    attention.v_proj.weight[:size] = copied * norm / math.sqrt(hidden)
    attention.o_proj.weight[:, :size] = copied.T * _COPY_GAIN
