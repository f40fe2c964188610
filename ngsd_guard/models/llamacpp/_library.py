"""The library llama.cpp, and what it logs while it loads."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from ngsd_guard.errors import MissingDependencyError

try:
    from llama_cpp import llama_cpp as lib
except ImportError as error:
    raise MissingDependencyError(
        "the backend 'llama.cpp' needs llama-cpp-python; install it with: "
        "pip install 'ngsd-guard[llamacpp]'"
    ) from error

__all__ = ["has_amx", "lib", "quiet_library"]

_WARNINGS_AND_ERRORS: Final = (3, 4)  # GGML_LOG_LEVEL_WARN and _ERROR
_lock: Final = threading.RLock()  # the logger is one for the process

lib.llama_backend_init()


def has_amx() -> bool:
    """Return whether the library was compiled for AMX, whose kernels may end the process.

    GCC before 13 passes `ldtilecfg` eight of its 64 bytes, so that the first long prompt is an
    illegal instruction. Nothing at run time tells such a build from a sound one.
    """
    return b"AMX_INT8 = 1" in lib.llama_print_system_info()


@contextmanager
def quiet_library() -> Iterator[list[str]]:
    """Collect what the library logs instead of printing it; its logger is put back afterwards.

    Returns:
        Warnings and errors so far, one line each.
    """
    lines: list[str] = []

    def collect(level: int, text: bytes, _user_data: Any) -> None:
        if level in _WARNINGS_AND_ERRORS and text.strip():
            lines.append(text.decode("utf-8", "replace").strip())

    with _lock:
        callback = lib.llama_log_callback(collect)
        before, user_data = lib.llama_log_callback(), ctypes.c_void_p()
        lib.llama_log_get(ctypes.byref(before), ctypes.byref(user_data))
        lib.llama_log_set(callback, ctypes.c_void_p())
        try:
            yield lines
        finally:
            lib.llama_log_set(before, user_data)
