"""A reader that the event loop watches: a blocking one in a thread of its own, or a task."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_LOOK_EVERY = 0.25
_FAREWELL = 1.0
"""Seconds that a stopped reader gets to close its device before it is left behind."""


async def read_in_thread(
    read: Callable[[threading.Event], None], watch: Callable[[], None], name: str
) -> None:
    """Run `read(stopped)` in a thread until it returns or raises; what it raises is raised here.

    `watch()` is called on the loop a few times a second and raises what shall end the reading:
    only it notices a reader that blocks for ever. A reader that is still blocked after its end
    is a daemon thread that ends by its own time limit; it must look at `stopped` before it hands
    anything out.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    stopped = threading.Event()

    def finish(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def body() -> None:
        error: BaseException | None = None
        try:
            read(stopped)
        except BaseException as caught:  # raised where the thread is awaited
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=body, name=name, daemon=True).start()
    try:
        while not done.done():
            await asyncio.wait({done}, timeout=_LOOK_EVERY)
            if not done.done():
                watch()
        done.result()
    finally:
        stopped.set()
        if not done.done():
            await asyncio.wait({done}, timeout=_FAREWELL)
        if not done.cancel() and not done.cancelled():
            done.exception()  # seen, so that asyncio does not complain about it


async def watched(reading: Coroutine[Any, Any, None], watch: Callable[[], None]) -> None:
    """Run `reading`; `watch()` is called a few times a second and raises what shall end it."""
    task = asyncio.create_task(reading)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_EVERY)
            if not task.done():
                watch()
        task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen
