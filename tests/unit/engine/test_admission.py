import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ngsd_guard import DecodingTimeoutError, EngineBusyError
from ngsd_guard.engine import Admission


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_so_many_work_at_once_and_the_others_wait() -> None:
    admission, peak, lock = Admission(2, 10), 0, threading.Lock()
    at_work = 0

    def work(_: int) -> None:
        nonlocal at_work, peak
        with admission.slot():
            with lock:
                at_work += 1
                peak = max(peak, at_work)
            time.sleep(0.005)
            with lock:
                at_work -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(12)))
    assert peak == 2
    assert (admission.num_active, admission.num_waiting) == (0, 0)


def test_a_full_line_refuses_the_next_and_says_how_many_wait() -> None:
    admission, go = Admission(1, 1), threading.Event()

    def hold() -> None:
        with admission.slot():
            go.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: admission.num_waiting == 1)
    with pytest.raises(EngineBusyError, match="max_queue") as caught, admission.slot():
        pass
    assert (caught.value.num_active, caught.value.num_waiting) == (1, 1)
    go.set()
    for thread in threads:
        thread.join(10)
    with admission.slot():
        assert admission.num_active == 1


def test_those_who_wait_are_served_in_their_order() -> None:
    admission, order, go = Admission(1, 10), [], threading.Event()

    def work(number: int) -> None:
        with admission.slot():
            order.append(number)
            go.wait(10)

    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        wait_until(lambda n=number: admission.num_active + admission.num_waiting == n + 1)
    go.set()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]


def test_waiting_too_long_is_a_timeout_and_leaves_the_line() -> None:
    admission = Admission(1, 1)
    with admission.slot():
        with pytest.raises(DecodingTimeoutError), admission.slot(timeout_s=0.01):
            pass
        assert admission.num_waiting == 0
    with admission.slot(timeout_s=0.01):
        assert admission.num_active == 1


def test_an_error_at_work_gives_the_slot_back() -> None:
    admission = Admission(1, 0)
    with pytest.raises(ValueError, match="at work"), admission.slot():
        raise ValueError("at work")
    assert admission.num_active == 0


async def test_tasks_wait_without_holding_up_the_loop() -> None:
    admission, ticks = Admission(1, 5), 0

    async def work() -> None:
        async with admission.aslot():
            await asyncio.sleep(0.01)

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(work() for _ in range(5)))
    ticking.cancel()
    assert ticks > 5
    assert (admission.num_active, admission.num_waiting) == (0, 0)


async def test_a_cancelled_wait_leaves_the_line() -> None:
    admission = Admission(1, 5)

    async def work() -> None:
        async with admission.aslot():
            raise AssertionError("its turn must not come")

    async with admission.aslot():
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        assert admission.num_waiting == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert admission.num_waiting == 0
    assert admission.num_active == 0


async def test_a_task_that_waits_too_long_is_a_timeout() -> None:
    admission = Admission(1, 5)
    async with admission.aslot():
        with pytest.raises(DecodingTimeoutError):
            async with admission.aslot(timeout_s=0.01):
                pass
        assert admission.num_waiting == 0
    assert admission.num_active == 0
