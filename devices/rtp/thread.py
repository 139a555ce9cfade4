"""What takes too long for the event loop is done in a thread, one thing after the other."""

import queue
import threading
from collections.abc import Callable
from typing import Any


class WorkThread:
    """Does one thing after the other. It is left behind with whatever it does at the end."""

    def __init__(self, name: str, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._jobs: queue.SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]] | None]
        self._jobs = queue.SimpleQueue()
        self._ended = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def do(self, job: Callable[..., None], *values: Any) -> None:
        self._jobs.put((job, values))

    def end(self) -> None:
        self._ended.set()
        self._jobs.put(None)

    def _run(self) -> None:
        try:
            while (job := self._jobs.get()) is not None and not self._ended.is_set():
                job[0](*job[1])
        except BaseException as error:  # raised where the session is awaited
            self._failed(error)
