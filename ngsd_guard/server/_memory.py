"""Giving memory back to the system."""

import asyncio
import ctypes
import sys
from collections.abc import Callable
from typing import Final

_PERIOD_S: Final = 30.0
"""A trim takes some tenths of a second, in a thread of its own."""


async def trim_regularly(trim: Callable[[], bool], period_s: float = _PERIOD_S) -> None:
    """Trim until cancelled, or until it turns out not to be possible.

    Tensors of many sizes, freed by many threads, leave holes that the C library keeps: a server
    under load then holds several times the memory of its tensors.

    Args:
        trim: returns whether the C library can be asked.
        period_s: seconds between two trims.
    """
    while await asyncio.to_thread(trim):
        await asyncio.sleep(period_s)


def trim_memory() -> bool:
    """Ask the C library to give free memory back; return whether it can be asked.

    Only glibc can (`malloc_trim`); other systems do without.
    """
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(0)
    return True
