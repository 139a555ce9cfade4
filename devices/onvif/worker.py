"""One thread in which one camera is talked to: one call at a time, what is urgent first."""

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(order=True)
class _Job:
    rank: tuple[int, int]
    work: Callable[[], Any] = field(compare=False)
    done: "asyncio.Future[Any]" = field(compare=False)
    loop: asyncio.AbstractEventLoop = field(compare=False)


class Worker:
    """Its thread begins with the first job and is a daemon's: nobody waits for it at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._count = itertools.count()
        self._thread: threading.Thread | None = None

    async def do(self, work: Callable[[], T], *, seconds: float, urgent: bool = False) -> T:
        """Raises what `work` raises, and TimeoutError after `seconds`: a thread that hangs then is
        left behind, and another takes its place."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job((0 if urgent else 1, next(self._count)), work, done, loop))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        try:
            async with asyncio.timeout(seconds):
                return await done
        except TimeoutError:
            self._thread = None
            raise

    def _work(self) -> None:
        while threading.current_thread() is self._thread:
            job = self._jobs.get()
            if threading.current_thread() is not self._thread:
                self._jobs.put(job)  # for the one that has taken this thread's place
                return
            if job.done.cancelled():
                continue
            result, error = None, None
            try:
                result = job.work()
            except BaseException as caught:  # raised where it is awaited
                error = caught
            with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
                job.loop.call_soon_threadsafe(_finish, job.done, result, error)


def _finish(done: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
