"""Whether the base that an adapter names is the one at hand."""

import re
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Final, Literal

Match = Literal["same", "other", "unknown"]
_SNAPSHOT: Final = re.compile(r"models--(?P<id>[^/\\]+)")
_HUB_ID: Final = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_QUANTIZED: Final = re.compile(r"[.-](i?q\d\w*|f16|bf16|f32)\.gguf$|\.gguf$")


def match_base(trained_on: str | None, base_names: Sequence[str]) -> Match:
    """Compare the `base_model_name_or_path` of an adapter with the names of a base.

    A hub id, a snapshot in the hub's cache and a folder called like the model all name the same
    model. Where the adapter gives a path of the machine it was trained on, and that path ends in
    another name, the names decide nothing.

    Args:
        trained_on: what the adapter says; None or empty if it says nothing.
        base_names: what the base may be called: its source as given, and its folder.

    Returns:
        `unknown` where names cannot decide.
    """
    if not trained_on:
        return "unknown"
    names = {name for base in base_names for name in (_name(base), _name(_absolute(base))) if name}
    wanted = _name(trained_on)
    if wanted and any(_are_one(wanted, name) for name in names):
        return "same"
    is_named = _SNAPSHOT.search(trained_on) or not _is_path(trained_on)
    return "other" if is_named else "unknown"


def _are_one(first: str, second: str) -> bool:
    """Compare two names, owners included where both have one."""
    if first == second:
        return True
    (*owner, model), (*other_owner, other_model) = first.split("/"), second.split("/")
    return model == other_model and not (owner and other_owner)


def _name(source: str) -> str:
    """Return `owner/model` or `model`, in lower case; nothing where a path has no name."""
    snapshot = _SNAPSHOT.search(source)
    if snapshot:
        return snapshot["id"].replace("--", "/").lower()
    if not _is_path(source):
        return _QUANTIZED.sub("", source.lower())
    last = PureWindowsPath(source).name  # splits at both kinds of slashes
    return "" if last in {".", ".."} else _QUANTIZED.sub("", last.lower())


def _absolute(source: str) -> str:
    path = Path(source).expanduser()
    return str(path.resolve()) if path.exists() else source


def _is_path(source: str) -> bool:
    return _HUB_ID.fullmatch(source) is None or source in {".", ".."} or Path(source).is_absolute()
