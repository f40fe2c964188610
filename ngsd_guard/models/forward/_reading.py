"""Ways to run a transformers model: lean, through its modules, or one row at a time."""

import inspect
import math
import statistics
from collections.abc import Iterator
from typing import Any, Final, Literal, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.models._stateful import keeps_state
from ngsd_guard.models.cache._kv_cache import HFCache
from ngsd_guard.models.cache._row_cache import ReadPlan, RowCache, Wanted
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.rows import SeparateRows

AnyCache = RowCache | SeparateRows[HFCache]
MaskStyle = Literal["one", "by_type"]
_PROBE_LENGTHS: Final = (4, 2)
_TOLERANCE: Final = {torch.float32: 1e-3, torch.float64: 1e-3}
"""Maximum total variation distance between two ways to run a model, over the positions of each
probe; where it is exceeded in half precision, the median over `_HALF_STARTS` decides."""
_HALF_TOLERANCE: Final = 0.05
_HALF_STARTS: Final = (100, 1_000, 5_000, 10_000, 20_000)
_HALF_MEDIAN: Final = 0.1
"""In half precision the first tokens of a vocabulary, its control tokens, may amplify rounding:
SmolLM2 in bfloat16 is 0.30 away from its own float32 on them, and 0.02 to 0.06 on other tokens."""


class Reading(Protocol):
    """One way to run a model."""

    def new_cache(self) -> Any:
        """Return an empty cache with one row."""

    def __call__(self, input_ids: Tensor, cache: Any, wanted: Wanted) -> Tensor:
        """Return [rows, num_logits, vocab_size] logits and extend the cache by the tokens.

        `input_ids` is padded on the left and ends with the branches; neither is kept.
        """


def choose_reading(model: Any, *, compiled: bool = False) -> "Reading":
    """Return the fastest way to run a model that agrees with transformers.

    Each candidate is compared with transformers on a few tokens. A model with its own handling of
    caches, masks or positions fails the comparison and is run by transformers.

    Args:
        model: a transformers causal LM.
        compiled: fuse operations with torch.compile.

    Raises:
        ConfigurationError: the model cannot be compiled.
    """
    if compiled:
        windows = _windows(model.config)
        if windows is None or not LeanDecoder.suits(model):
            raise ConfigurationError(
                f"compile=True supports Llama-like models, not {model.config.model_type!r}; "
                "remove it"
            )
        return LeanDecoder(model, windows, compiled=True)
    separate = SeparateReading(model)
    windows = None if keeps_state(model) else _windows(model.config)
    if windows is None:
        return separate
    expected = _probe(separate, model)
    for candidate in _candidates(model, windows):
        try:
            agrees = _agrees(candidate, separate, model, expected)
        except Exception:
            continue  # the model does not support this way, whatever the reason
        if agrees:
            return candidate
    return separate


def _agrees(candidate: "Reading", separate: "Reading", model: Any, expected: Tensor) -> bool:
    """Return whether a candidate predicts what transformers does, up to rounding."""
    distance = _distance(_probe(candidate, model), expected)
    if distance <= _TOLERANCE.get(model.dtype, _HALF_TOLERANCE):
        return True
    if model.dtype in _TOLERANCE or not math.isfinite(distance):
        return False
    others = [
        _distance(_probe(candidate, model, start), _probe(separate, model, start))
        for start in _HALF_STARTS
    ]
    return statistics.median(others) <= _HALF_MEDIAN


def _distance(found: Tensor, expected: Tensor) -> float:
    """Return the largest total variation distance over [positions, vocab] logits."""
    return float(0.5 * (found.softmax(-1) - expected.softmax(-1)).abs().sum(-1).max())


def _candidates(model: Any, windows: tuple[int | None, ...]) -> Iterator["Reading"]:
    if LeanDecoder.suits(model):
        yield LeanDecoder(model, windows)
    styles: tuple[MaskStyle, ...] = ("one",)
    if getattr(model.config.get_text_config(), "layer_types", None):
        styles = ("by_type", "one")
    for style in styles:
        yield ModuleReading(model, windows, style)


@torch.inference_mode()
def _probe(reading: "Reading", model: Any, start: int = 0) -> Tensor:
    """Return [2, vocab] logits after some tokens, counted up from `start`."""
    width = model.get_output_embeddings().weight.shape[0]
    cache, logits = reading.new_cache(), []
    for length in _PROBE_LENGTHS:
        ids = (torch.arange(start, start + length, device=model.device) % width)[None]
        logits.append(reading(ids, cache, Wanted(1, width)).float()[0, 0])
        start += length
    return torch.stack(logits)


def _windows(config: Any) -> tuple[int | None, ...] | None:
    """Return each layer's attention window, or None if a layer has another kind of cache."""
    if "chunked_attention" in (getattr(config.get_text_config(), "layer_types", None) or ()):
        return None  # a chunk is not a window, though it has a window's cache
    windows: list[int | None] = []
    for layer in DynamicCache(config=config).layers:
        if type(layer) is DynamicSlidingWindowLayer:
            windows.append(layer.sliding_window)
        elif type(layer) is DynamicLayer:
            windows.append(None)
        else:
            return None
    return tuple(windows) or None


def read_virtual_tokens(model: Any, reading: "Reading", embeddings: Tensor) -> AnyCache:
    """Return a cache with one row that starts with a soft prefix.

    Args:
        model: a transformers causal LM.
        reading: the way the model is run.
        embeddings: [1, num_virtual_tokens, hidden_size].
    """
    num_virtual = embeddings.shape[1]
    single = HFCache(model.config, num_virtual_tokens=num_virtual)
    model(
        inputs_embeds=embeddings,
        use_cache=True,
        **_Options(model).of(single.past_key_values, 1),
    )
    single.count(num_virtual)
    cache = reading.new_cache()
    if not isinstance(cache, RowCache):
        return SeparateRows([single])
    plan = cache.plan(num_virtual, embeddings.device)
    for index, layer in enumerate(single.past_key_values.layers):
        # A sliding-window layer has dropped the tokens outside its window; zeros replace them.
        dropped = num_virtual - layer.keys.shape[2]
        keys, values = (F.pad(t, (0, 0, dropped, 0)) for t in (layer.keys, layer.values))
        cache.write(plan, index, keys, values)
    cache.commit(plan)
    cache.make_virtual()
    return cache


class _CacheForModules(Cache):  # type: ignore[misc]  # transformers is not typed
    """A `RowCache` with the interface that transformers' modules expect."""

    def __init__(self, cache: RowCache, plan: ReadPlan) -> None:
        super().__init__(layers=[])
        self._cache = cache
        self._plan = plan

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        """Store a layer's new keys and values, and return all of its keys and values."""
        return self._cache.write(self._plan, layer_idx, key_states, value_states)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return the length of the longest row."""
        return max(self._plan.ends)


class ModuleReading:
    """Runs a model through its modules with this package's cache and masks."""

    def __init__(self, model: Any, windows: tuple[int | None, ...], style: MaskStyle) -> None:
        self._model = model
        self._windows = windows
        self._style = style
        self._options = _Options(model)

    def new_cache(self) -> RowCache:
        """Return an empty cache with one row."""
        return RowCache(self._windows)

    def __call__(self, input_ids: Tensor, cache: RowCache, wanted: Wanted) -> Tensor:
        """Return [rows, num_logits, vocab_size] logits and extend the cache by the tokens."""
        num_new = input_ids.shape[1] - wanted.num_branches
        plan = cache.plan(num_new, input_ids.device, wanted)
        output = self._model(
            input_ids=input_ids,
            attention_mask=self._mask(plan),
            position_ids=plan.positions.expand(len(input_ids), -1),
            use_cache=True,
            **self._options.of(_CacheForModules(cache, plan), wanted.num_logits),
        )
        cache.commit(plan)
        logits: Tensor = output.logits[:, -wanted.num_logits :, : wanted.vocab_size]
        return logits

    def _mask(self, plan: ReadPlan) -> Any:
        masks = {window: self._additive(plan.mask(window)) for window in set(self._windows)}
        if self._style == "one":
            return masks[self._windows[0]]
        return {
            "full_attention" if window is None else "sliding_attention": mask
            for window, mask in masks.items()
        }

    def _additive(self, visible: Tensor) -> Tensor:
        if getattr(self._model.config, "_attn_implementation", None) == "sdpa":
            return visible
        lowest = torch.finfo(self._model.dtype).min
        zeros = torch.zeros(visible.shape, dtype=self._model.dtype, device=visible.device)
        return zeros.masked_fill(~visible, lowest)


class SeparateReading:
    """Runs a model through transformers, one row at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._options = _Options(model)

    def new_cache(self) -> SeparateRows[HFCache]:
        """Return an empty cache with one row."""
        return SeparateRows([HFCache(self._model.config)])

    def __call__(self, input_ids: Tensor, cache: SeparateRows[HFCache], wanted: Wanted) -> Tensor:
        """Return [rows, num_logits, vocab_size] logits and extend the cache by the tokens."""
        num_rows, num_branches = len(input_ids), wanted.num_branches
        ids, aside = input_ids.tensor_split([input_ids.shape[1] - num_branches], dim=1)
        branches = wanted.branches or ((),) * num_rows
        padding = wanted.num_padding or (0,) * num_rows
        rows = []
        for new, extra, row, own, skipped in zip(
            ids, aside, cache.rows, branches, padding, strict=True
        ):
            parts = [self._read(new[skipped:], row, wanted.num_logits - num_branches)]
            for index, token in zip(own, extra, strict=True):
                fork = row.fork()
                fork.roll_back(len(new) - index - 1)
                parts.append(self._read(token[None], fork, 1))
            rows.append(torch.cat(parts, dim=1)[:, :, : wanted.vocab_size])
        return torch.cat(rows)

    def _read(self, ids: Tensor, row: HFCache, num_logits: int) -> Tensor:
        """Return [1, num_logits, vocab] logits of a row of tokens."""
        one_by_one = row.is_stateful and row.length > 0
        parts = [
            self._model(
                input_ids=part[None],
                use_cache=True,
                **self._options.of(row.past_key_values, num_logits),
            ).logits
            for part in (torch.split(ids, 1) if one_by_one else (ids,))
        ]
        row.count(len(ids))
        return torch.cat(parts, dim=1)[:, -num_logits:]


class _Options:
    """Forward-pass arguments whose names differ between models or transformers releases."""

    def __init__(self, model: Any) -> None:
        parameters = inspect.signature(model.forward).parameters
        self._keeps_logits = "logits_to_keep" in parameters
        # transformers 5.24 renamed it, and state-space models have a name of their own.
        names = (name for name in ("cache", "cache_params") if name in parameters)
        self._cache_name = next(names, "past_key_values")

    def of(self, cache: Any, num_logits: int) -> dict[str, Any]:
        # The logits of all prompt tokens would be the largest tensor of a request.
        kept = {"logits_to_keep": num_logits} if self._keeps_logits else {}
        return {self._cache_name: cache, **kept}
