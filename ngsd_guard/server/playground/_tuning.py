"""The pair under another threshold or alpha, for one request of the playground."""

import math
import threading
from collections import OrderedDict
from typing import Final

from ngsd_guard.engine import Engine
from ngsd_guard.server._errors import ApiError

_MAX_ENGINES: Final = 8
STEP: Final = 0.01
"""Distance between two values of a slider."""


class TunedEngines:
    """Engines over the server's two models, with the gate or the guidance changed.

    The server's own engine and its options stay as they are.

    Args:
        engine: the server's own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tuned: OrderedDict[tuple[float, float | None], Engine] = OrderedDict()
        self._lock = threading.Lock()
        gate = engine.config.gate
        self.threshold = gate.v_threshold
        """The pair's own threshold."""
        self.lowest = round(max(gate.v_reset, 0.0) + 5 * STEP, 2)
        """Lowest threshold that may be asked for."""
        self.highest = round(math.ceil(3 * gate.v_threshold / STEP) * STEP, 2)
        """Highest threshold that may be asked for."""

    def engine(self, threshold: float | None, alpha: float | None) -> Engine:
        """Return the server's engine, or one with other options.

        Args:
            threshold: potential at which the gate fires; None for the pair's own.
            alpha: guidance strength of every risk, 0 to 1; None for the pair's own map.

        Raises:
            ApiError: the threshold is out of range.
        """
        threshold = self.threshold if threshold is None else threshold
        if threshold == self.threshold and alpha is None:
            return self._engine
        if not self.lowest <= threshold <= self.highest:
            raise ApiError(
                400,
                f"threshold is out of range; give {self.lowest:.2f} to {self.highest:.2f}",
                code="invalid_request",
                param="threshold",
            )
        key = (threshold, alpha)
        with self._lock:
            if key not in self._tuned:
                self._tuned[key] = self._make(threshold, alpha)
                if len(self._tuned) > _MAX_ENGINES:
                    self._tuned.popitem(last=False)
            self._tuned.move_to_end(key)
            return self._tuned[key]

    def _make(self, threshold: float, alpha: float | None) -> Engine:
        config = self._engine.config
        gate = config.gate
        changes: dict[str, object] = {"v_threshold": threshold}
        if gate.initial_potential_knots:  # a request starts below the threshold
            highest = gate.v_reset + 0.99 * (threshold - gate.v_reset)
            changes["initial_potential_knots"] = tuple(
                (risk, min(potential, highest)) for risk, potential in gate.initial_potential_knots
            )
        reflection = config.reflection
        if alpha is not None:
            knots = ((0.0, alpha), (10.0, alpha))
            reflection = reflection.replace(alpha_map="linear", alpha_knots=knots)
        pair = self._engine.pair.with_config(
            config.replace(
                gate=gate.replace(**changes),
                reflection=reflection,
                decoding=config.decoding.replace(prefix_cache_mib=0),
            )
        )
        audit = self._engine.audit
        engine = Engine(pair, audit=audit)
        if audit is not None:
            audit.declare_pair(self._engine.pair.identity)  # what all other requests go by
        return engine
