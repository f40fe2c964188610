"""Ray's libraries, imported when they are needed."""

import importlib
from typing import Any

from ngsd_guard import MissingDependencyError


def need(module: str) -> Any:
    """Return a module of Ray.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependencyError(
            f"ray_ngsd needs {module}; install the extra: pip install 'ngsd-guard[ray]'"
        ) from error
