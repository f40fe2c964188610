"""What the operator configures, and what a request may ask for."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ngsd_guard import ConfigurationError
from ngsd_guard.config import Options
from ngsd_guard.hosting import RiskSource

CONFIG_KEY: Final = "ngsd"
"""Of vLLM's `--additional-config`."""
GUARDED: Final = "ngsd_guarded"
"""Of a request's `vllm_xargs`: false turns the guard off, where the operator allows it."""
REQUEST: Final = "ngsd_request"
"""Of a request's `vllm_xargs`: the id that its audit records have as `trace_id`."""
_PREFIX: Final = "ngsd_"
_OFF: Final = (False, 0, "false", "0")
_ON: Final = (True, 1, "true", "1")
_SANE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


class HostOptions(Options):
    """The guard of a vLLM process: `--additional-config '{"ngsd": {...}}'`."""

    pair: str | None = None
    """A known pair, whose base is the model served; None takes the model's own folder."""
    expert: str | None = None
    """A folder or hub id; None for a known pair's first."""
    calibration: str | None = None
    """The path of one; None for the one beside the expert."""
    audit: str | None = None
    """The path of an audit log; None records nothing."""
    device: str | None = None
    """Where the expert runs; None for the device of the model served."""
    risk: RiskSource = "pair"
    """`pair`: the pair's own reader; `expert`: the expert's reading of vLLM's logits."""
    allow_unguarded: bool = False
    """Whether a request may turn the guard off."""
    max_parked: int = 4096
    """Requests that may be preempted at once and keep their gate's state."""


def host_options(vllm_config: Any) -> HostOptions | None:
    """Return the options of a vLLM process; None where the guard is not configured.

    Raises:
        ConfigurationError: an option is unknown or wrong.
    """
    additional = getattr(vllm_config, "additional_config", None)
    if not isinstance(additional, Mapping) or CONFIG_KEY not in additional:
        return None
    options = additional[CONFIG_KEY]
    if not isinstance(options, Mapping):
        raise ConfigurationError(
            f"additional_config[{CONFIG_KEY!r}] is a {type(options).__name__}; pass an object such "
            'as {"pair": "smollm2"}'
        )
    return HostOptions(**options)


def wants_guard(extra_args: Mapping[str, Any] | None) -> bool:
    """Return whether a request wants the guard.

    Raises:
        ConfigurationError: an option of ours is unknown or wrong.
    """
    own = {k: v for k, v in (extra_args or {}).items() if str(k).startswith(_PREFIX)}
    unknown = sorted(own.keys() - {GUARDED, REQUEST})
    if unknown:
        raise ConfigurationError(
            f"unknown option {', '.join(unknown)}; there are {GUARDED} and {REQUEST}"
        )
    request_id(own)
    value = own.get(GUARDED, True)
    if value in _ON:
        return True
    if value in _OFF:
        return False
    raise ConfigurationError(f"{GUARDED}={value!r}; pass true or false")


def request_id(extra_args: Mapping[str, Any] | None) -> str | None:
    """Return the id of a request; None if it has none.

    Raises:
        ConfigurationError: it is not an id.
    """
    value = (extra_args or {}).get(REQUEST)
    if value is None or (isinstance(value, str) and _SANE_ID.fullmatch(value)):
        return value
    raise ConfigurationError(f"{REQUEST} must have 1 to 128 letters, digits and . _ : -")
