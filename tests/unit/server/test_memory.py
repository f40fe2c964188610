import asyncio
import contextlib
import sys

import pytest

from ngsd_guard.server._memory import trim_memory, trim_regularly


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_glibc_can_be_asked_for_memory_back() -> None:
    assert trim_memory()


async def test_trimming_goes_on_until_cancelled() -> None:
    calls = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()

    def trim() -> bool:
        loop.call_soon_threadsafe(calls.release)
        return True

    task = asyncio.create_task(trim_regularly(trim, period_s=0.0))
    for _ in range(3):
        await calls.acquire()
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_trimming_ends_where_it_is_not_possible() -> None:
    await trim_regularly(lambda: False, period_s=0.0)
