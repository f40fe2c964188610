"""Strict YAML for policy files: a single mapping without duplicate keys."""

from pathlib import Path
from typing import Any

import yaml

from ngsd_guard.errors import ConfigurationError


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # yaml has no types
    """A safe loader that refuses duplicate keys, of which YAML would silently drop the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set[str]()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise ConfigurationError(f"line {line} repeats the key {key!r}")
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read_mapping(path: str | Path) -> dict[str, Any]:
    """Read a file with a single mapping.

    Raises:
        ConfigurationError: the file cannot be read, is not YAML, or has a duplicate key.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        fields = yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the policy {path}: {error.strerror}; check the path"
        ) from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}; remove one of them") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"the policy {path} is not YAML{where}; correct it") from error
    if not isinstance(fields, dict) or not all(isinstance(key, str) for key in fields):
        raise ConfigurationError(
            f"the policy {path} is not a mapping of options; see docs/guard.md"
        )
    return fields
