"""A forward pass of Llama-like models with few operations.

Small models, and any model that decodes one token at a time, spend most of a step launching
operations. transformers' modules launch about fifty per layer, this pass about fifteen. It shares
the model's weights: projections with the same input are concatenated in memory, and the model's
parameters become views of the result.

An adapter often leaves the lower layers alone. Where base and adapter read the same tokens in one
pass, those layers run once for both.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from ngsd_guard.models.cache._row_cache import ReadPlan, RowCache, Wanted
from ngsd_guard.models.forward._product import product

_FAMILIES: Final = frozenset({"llama", "mistral", "qwen2", "qwen3"})
_STATIC_ROTATIONS: Final = frozenset({"default", "linear", "llama3", "yarn"})
"""Rotary embeddings whose angles depend only on the position."""


_EXACT_WIDTHS: Final = 64
"""In bfloat16 tokens attend to a multiple of so many positions, the last of them masked: sums then
do not depend on how many follow."""
_MOST_DRAFTED: Final = 33
"""Maximum number of tokens that attend one by one."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A low-rank update of a projection, already scaled."""

    down: Tensor
    """[rank, in]."""
    up: Tensor
    """[out, rank]."""


@dataclass(frozen=True, slots=True)
class _Projection:
    weight: Tensor
    """[out, in]."""
    bias: Tensor | None
    delta: Delta | None

    def __call__(self, hidden: Tensor, adapted_from: int) -> Tensor:
        output = product(hidden, self.weight, self.bias)
        if self.delta is not None and adapted_from < len(hidden):
            adapted = product(hidden[adapted_from:], self.delta.down)
            output[adapted_from:] += product(adapted, self.delta.up)
        return output


@dataclass(frozen=True, slots=True)
class _Layer:
    attention_norm: Tensor
    query_key_value: _Projection
    query_norm: Tensor | None
    key_norm: Tensor | None
    output: _Projection
    mlp_norm: Tensor
    gate_up: _Projection
    down: _Projection
    window: int | None

    @property
    def is_adapted(self) -> bool:
        """Whether an adapter changes it."""
        projections = (self.query_key_value, self.output, self.gate_up, self.down)
        return any(projection.delta is not None for projection in projections)


class LeanDecoder:
    """The forward pass of a Llama-like model as one function of tokens and cache.

    Args:
        model: a transformers causal LM that `suits` accepts; its weights are rearranged in memory.
        windows: per layer, the size of its attention window in tokens; None for full attention.
        compiled: fuse the operations before and after the attention with torch.compile.
    """

    def __init__(
        self, model: Any, windows: Sequence[int | None], *, compiled: bool = False
    ) -> None:
        config = model.config
        self._windows = tuple(windows)
        first = model.model.layers[0].self_attn
        self._head_dim: int = first.head_dim
        self._num_heads: int = config.num_attention_heads
        self._num_kv_heads: int = config.num_key_value_heads
        self._scale = 1 / math.sqrt(self._head_dim)
        self._epsilon: float = config.rms_norm_eps
        self._embeddings: Tensor = model.model.embed_tokens.weight
        self._norm: Tensor = model.model.norm.weight
        self._head: Tensor = model.lm_head.weight
        self._rotary = model.model.rotary_emb
        self._angles: tuple[Tensor, Tensor] | None = None
        is_exact = self._head.dtype == torch.bfloat16 and self._head.device.type == "cpu"
        self._width_multiple = _EXACT_WIDTHS if is_exact else 1
        self._layers = [
            _lay_out(layer, window)
            for layer, window in zip(model.model.layers, windows, strict=True)
        ]
        # Layers below the first one that an adapter changes.
        self._num_plain = next(
            (i for i, layer in enumerate(self._layers) if layer.is_adapted), len(self._layers)
        )
        self._before = torch.compile(self._heads, dynamic=True) if compiled else self._heads
        self._after = torch.compile(self._finish, dynamic=True) if compiled else self._finish

    @staticmethod
    def suits(model: Any) -> bool:
        """Return whether this class can run a model."""
        config = model.config
        if config.model_type not in _FAMILIES or getattr(config, "hidden_act", "") != "silu":
            return False
        rotation = (getattr(config, "rope_parameters", None) or {}).get("rope_type")
        if rotation not in _STATIC_ROTATIONS or getattr(model, "hf_quantizer", None) is not None:
            return False
        devices = {parameter.device for parameter in model.parameters()}
        if len(devices) != 1 or type(model.lm_head) is not nn.Linear:
            return False
        return all(_is_plain(layer) for layer in model.model.layers)

    def new_cache(self) -> RowCache:
        """Return an empty cache with one row."""
        return RowCache(self._windows, self._width_multiple)

    def __call__(self, input_ids: Tensor, cache: RowCache, wanted: Wanted) -> Tensor:
        """Read tokens and return the logits of those that follow.

        Args:
            input_ids: [rows, num_new], int64; padding first, branches last.
            cache: extended by all new tokens except padding and branches.
            wanted: which logits to return, and which rows use the adapter.

        Returns:
            [rows, num_logits, vocab_size], in the weights' dtype.
        """
        num_new = input_ids.shape[1]
        plan = cache.plan(num_new - wanted.num_branches, input_ids.device, wanted)
        token_ids, num_base = input_ids.tolist(), wanted.adapted_from
        sources = None
        if self._num_plain > 0 and 0 < num_base < len(token_ids):
            sources = cache.sources(plan, token_ids, num_base)
        hidden = self._through(input_ids, cache, plan, self._layers, num_base, sources)
        cache.commit(plan, token_ids)
        last = self._normed(hidden[:, num_new - wanted.num_logits :], self._norm)
        return product(last, self._head[: wanted.vocab_size])

    def hidden_states(self, input_ids: Tensor, num_layers: int) -> Tensor:
        """Return what the first layers make of texts that nothing stands before.

        Args:
            input_ids: [rows, num_tokens], int64; padding last.
            num_layers: how many layers to run.

        Returns:
            [rows, num_tokens, hidden], in the weights' dtype; before the final norm.
        """
        num_rows, num_tokens = input_ids.shape
        cache = self.new_cache().spread(num_rows, num_tokens)
        plan = cache.plan(num_tokens, input_ids.device)
        return self._through(input_ids, cache, plan, self._layers[:num_layers], 0)

    def _through(
        self,
        input_ids: Tensor,
        cache: RowCache,
        plan: ReadPlan,
        layers: Sequence[_Layer],
        adapted_from: int,
        sources: Sequence[int] | None = None,
    ) -> Tensor:
        """Return [rows, num_new, hidden] after some layers.

        Args:
            input_ids: [rows, num_new].
            cache: where keys and values are stored.
            plan: their places.
            layers: the layers to run, from the first.
            adapted_from: index of the first row that uses the adapter.
            sources: for each row, the row before `adapted_from` that reads the same tokens; the
                layers that the adapter leaves alone then run for these rows only. None if there
                is not one for each.
        """
        masks: dict[int | None, Tensor] = {}
        all_angles = self._rotation(plan)
        rows = None if sources is None else torch.tensor(sources, device=input_ids.device)
        num_rows = len(input_ids) if rows is None else adapted_from
        angles = (all_angles[0][:num_rows], all_angles[1][:num_rows])
        hidden = F.embedding(input_ids[:num_rows], self._embeddings)  # [num_rows, num_new, hidden]
        for index, layer in enumerate(layers):
            if rows is not None and index == self._num_plain:
                hidden, angles, rows = hidden[rows], all_angles, None
                num_rows = len(hidden)
            mask = None
            if layer.window is not None or not plan.sees_all:
                if layer.window not in masks:
                    masks[layer.window] = plan.mask(layer.window)
                mask = masks[layer.window][:num_rows]
            queries, keys, values = self._before(hidden, layer, angles, adapted_from)
            if rows is not None:
                keys, values = keys[rows], values[rows]
            keys, values = cache.write(plan, index, keys, values)
            attended = self._attend(queries, keys[:num_rows], values[:num_rows], mask)
            hidden = self._after(hidden, attended, layer, adapted_from)
        return hidden if rows is None else hidden[rows]

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        """Return [rows, heads, num_new, head_dim].

        The kernel of a CPU sums in an order that depends on the number of queries. In bfloat16 a
        few tokens attend one by one, so that they get the bits of single steps.
        """
        attend: Callable[..., Tensor] = partial(
            F.scaled_dot_product_attention,
            scale=self._scale,
            enable_gqa=self._num_heads != self._num_kv_heads,
        )
        num_rows, _, num_new, _ = queries.shape
        if mask is None or self._width_multiple == 1 or not 1 < num_new <= _MOST_DRAFTED:
            return attend(queries, keys, values, attn_mask=mask)
        if num_rows > 1:
            parts = [
                attend(queries[:, :, i : i + 1], keys, values, attn_mask=mask[:, :, i : i + 1])
                for i in range(num_new)
            ]
            return torch.cat(parts, dim=2)
        keys, values = (states.expand(num_new, -1, -1, -1) for states in (keys, values))
        queries, mask = queries.transpose(0, 2), mask.transpose(0, 2)  # tokens as rows
        return attend(queries, keys, values, attn_mask=mask).transpose(0, 2)

    def _normed(self, hidden: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(hidden, weight.shape, weight, self._epsilon)

    def _finish(self, hidden: Tensor, attended: Tensor, layer: _Layer, adapted_from: int) -> Tensor:
        """Return a layer's output, given its attention output [rows, heads, num_new, head_dim]."""
        attended = attended.transpose(1, 2).flatten(2)
        hidden = hidden + layer.output(attended, adapted_from)
        normed = self._normed(hidden, layer.mlp_norm)
        gate, up = layer.gate_up(normed, adapted_from).chunk(2, dim=-1)
        return hidden + layer.down(F.silu(gate) * up, adapted_from)

    def _heads(
        self, hidden: Tensor, layer: _Layer, angles: tuple[Tensor, Tensor], adapted_from: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return rotated queries and keys, and values; each [rows, heads, num_new, head_dim]."""
        normed = self._normed(hidden, layer.attention_norm)
        states = layer.query_key_value(normed, adapted_from)
        num_rotated = self._num_heads + self._num_kv_heads
        states = states.view(*states.shape[:2], -1, self._head_dim)
        rotated, values = states[:, :, :num_rotated], states[:, :, num_rotated:]
        if layer.query_norm is not None and layer.key_norm is not None:
            queries = self._normed(rotated[:, :, : self._num_heads], layer.query_norm)
            keys = self._normed(rotated[:, :, self._num_heads :], layer.key_norm)
            rotated = torch.cat([queries, keys], dim=2)
        cosines, sines = angles
        # rotate_half(x) is a roll by half the dimensions; the sines carry the sign.
        turned = rotated.roll(self._head_dim // 2, dims=-1)
        rotated = torch.addcmul(rotated * cosines, turned, sines).transpose(1, 2)
        return (
            rotated[:, : self._num_heads],
            rotated[:, self._num_heads :],
            values.transpose(1, 2),
        )

    def _rotation(self, plan: ReadPlan) -> tuple[Tensor, Tensor]:
        """Return cosines and signed sines, each [rows or 1, num_new, 1, head_dim]."""
        table = self._angles
        if table is None or len(table[0]) < plan.width:
            table = self._angles = self._rotation_table(2 * plan.width)
        if plan.is_even and not plan.branches:
            cosines, sines = (angles[plan.ends[0] : plan.width][None] for angles in table)
        else:
            cosines, sines = (angles[plan.positions] for angles in table)
        return cosines.unsqueeze(2), sines.unsqueeze(2)

    def _rotation_table(self, length: int) -> tuple[Tensor, Tensor]:
        """Return cosines and signed sines for positions below `length`, each [length, head_dim]."""
        like = self._embeddings[:1, :1]
        positions = torch.arange(length, device=like.device)[None]
        cosines, sines = (angles[0] for angles in self._rotary(like, positions))
        half = self._head_dim // 2
        return cosines, torch.cat([-sines[:, :half], sines[:, half:]], dim=-1)


def _is_plain(layer: Any) -> bool:
    attention, mlp = layer.self_attn, layer.mlp
    projections = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj,
                   mlp.gate_proj, mlp.up_proj, mlp.down_proj)  # fmt: skip
    norms = (layer.input_layernorm, layer.post_attention_layernorm)
    return all(type(_base_layer(p)) is nn.Linear for p in projections) and all(
        set(dict(norm.named_parameters())) == {"weight"} for norm in norms
    )


def _base_layer(projection: Any) -> Any:
    """Return a projection without its adapter."""
    return getattr(projection, "base_layer", projection)


def _lay_out(layer: Any, window: int | None) -> _Layer:
    attention, mlp = layer.self_attn, layer.mlp
    query_norm, key_norm = (getattr(attention, name, None) for name in ("q_norm", "k_norm"))
    return _Layer(
        attention_norm=layer.input_layernorm.weight,
        query_key_value=_fused(attention.q_proj, attention.k_proj, attention.v_proj),
        query_norm=None if query_norm is None else query_norm.weight,
        key_norm=None if key_norm is None else key_norm.weight,
        output=_fused(attention.o_proj),
        mlp_norm=layer.post_attention_layernorm.weight,
        gate_up=_fused(mlp.gate_proj, mlp.up_proj),
        down=_fused(mlp.down_proj),
        window=window,
    )


def _fused(*projections: Any) -> _Projection:
    """Fuse projections with the same input; their parameters become views of the fused weight."""
    plain = [_base_layer(projection) for projection in projections]
    return _Projection(
        weight=_side_by_side([p.weight for p in plain]),
        bias=None if plain[0].bias is None else _side_by_side([p.bias for p in plain]),
        delta=_fused_delta(projections),
    )


def _side_by_side(parameters: Sequence[nn.Parameter]) -> Tensor:
    first = parameters[0].data
    if len(parameters) == 1:
        return first
    together = _common_storage(parameters)
    if together is None:
        together = torch.cat([parameter.data for parameter in parameters])
        start = 0
        for parameter in parameters:
            parameter.data = together[start : start + len(parameter)]
            start += len(parameter)
    return together


def _common_storage(parameters: Sequence[nn.Parameter]) -> Tensor | None:
    """Return the tensor that the parameters are consecutive views of, or None if there is none."""
    first, offset = parameters[0].data, parameters[0].data.storage_offset()
    for parameter in parameters:
        same = parameter.data.untyped_storage().data_ptr() == first.untyped_storage().data_ptr()
        if not same or parameter.data.storage_offset() != offset:
            return None
        offset += parameter.data.numel()
    shape = (sum(len(p) for p in parameters), *first.shape[1:])
    return first.as_strided(shape, first.stride(), first.storage_offset())


def _fused_delta(projections: Sequence[Any]) -> Delta | None:
    """Fuse the LoRA adapters of projections; None if no projection has one."""
    parts = [(p, _adapter(p)) for p in projections]
    if all(adapter is None for _, adapter in parts):
        return None
    downs, ups, start = [], [], 0
    total = sum(len(_base_layer(p).weight) for p in projections)
    for projection, adapter in parts:
        width = len(_base_layer(projection).weight)
        if adapter is not None:
            down, up = adapter  # [rank, in], [out, rank]
            spread = up.new_zeros(up.shape[1], total)
            spread[:, start : start + width] = up.t()
            downs.append(down)
            ups.append(spread)
        start += width
    weight = _base_layer(projections[0]).weight
    # PEFT computes adapters in float32; the fused ones use the dtype of the weights.
    up = torch.cat(ups).t().to(weight.dtype).contiguous()
    return Delta(torch.cat(downs).to(weight.dtype), up)


def _adapter(projection: Any) -> tuple[Tensor, Tensor] | None:
    """Return the two factors of a PEFT LoRA, with the scale in the second; None without one."""
    if not hasattr(projection, "lora_A"):
        return None
    (name,) = projection.lora_A.keys()
    down = projection.lora_A[name].weight.data
    up = projection.lora_B[name].weight.data * projection.scaling[name]
    return down, up
