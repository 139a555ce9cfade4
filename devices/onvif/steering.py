"""Turns a camera for as long as somebody says so, and then stops it.

    steering = Steering(move, stop)
    await steering.hold(Velocity(pan=0.5), 0.8)     # again and again, while a button is held
    await steering.stop_moving()

Nobody relies on the camera to stop by itself: many do not heed the time they are given. One task
sends everything, so that no order to turn can overtake the one to stop.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from devices.device import DeviceError, Velocity

AGAIN_SECONDS: Final = 1.0
"""A camera that heeds the time it is given is told again this often."""
TRIES: Final = 4
TRY_AGAIN_SECONDS: Final = 0.5

log = logging.getLogger(__name__)


class Steering:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        move: Callable[[Velocity], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
        camera_id: str,
    ) -> None:
        self._move, self._stop, self._id = move, stop, camera_id
        self._wish: Velocity | None = None
        self._until = 0.0
        self._changed = asyncio.Event()
        self._driving: asyncio.Task[None] | None = None
        self._begun: asyncio.Future[None] | None = None
        self._standing: asyncio.Future[None] | None = None

    async def hold(self, velocity: Velocity, seconds: float) -> None:
        """Returns once the camera has taken it. Raises DeviceError."""
        self._until = time.monotonic() + seconds
        going_on = self._driving is not None and self._wish == velocity
        self._wish = velocity
        self._changed.set()
        if not going_on:
            self._settle(None)
            self._begun = asyncio.get_running_loop().create_future()
        if self._driving is None:
            self._driving = asyncio.create_task(self._drive())
        if self._begun is not None:
            await asyncio.shield(self._begun)

    async def stop_moving(self) -> None:
        """Also where it is not known to turn: somebody else may have told it to. Raises
        DeviceError."""
        self._wish = None
        self._changed.set()
        if self._driving is None:
            await self._stop()
            return
        if self._standing is None:
            self._standing = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._standing)

    async def _drive(self) -> None:
        sent: Velocity | None = None
        sent_at = 0.0
        try:
            while (wish := self._wanted()) is not None or sent is not None:
                self._changed.clear()
                now = time.monotonic()
                if wish is None:
                    self._stands(await self._stop_for_sure())
                    sent = None
                    continue
                if wish != sent or now - sent_at >= AGAIN_SECONDS:
                    sent, sent_at = wish, now  # before it is: it may be turning although it failed
                    try:
                        await self._move(wish)
                    except DeviceError as error:
                        self._wish = None
                        self._settle(error)
                        continue
                    self._settle(None)
                pause = min(self._until, sent_at + AGAIN_SECONDS) - time.monotonic()
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(pause, 0.0)):
                        await self._changed.wait()
        finally:
            self._driving = None
            self._settle(None)
            self._stands(None)

    def _wanted(self) -> Velocity | None:
        if time.monotonic() >= self._until:
            self._wish = None
        return self._wish

    def _settle(self, error: DeviceError | None) -> None:
        """Tell whoever waits that the camera turns, or why not."""
        begun, self._begun = self._begun, None
        _tell(begun, error)

    def _stands(self, error: DeviceError | None) -> None:
        """The same of its standing still."""
        standing, self._standing = self._standing, None
        _tell(standing, error)

    async def _stop_for_sure(self) -> DeviceError | None:
        """What it could not be stopped for, if so."""
        for left in reversed(range(TRIES)):
            try:
                await self._stop()
            except DeviceError as error:
                if not left:
                    log.warning("%s may still be turning: %s", self._id, error.cause)
                    return error
                await asyncio.sleep(TRY_AGAIN_SECONDS)
            else:
                break
        return None


def _tell(waiting: "asyncio.Future[None] | None", error: DeviceError | None) -> None:
    if waiting is None or waiting.done():
        return
    if error is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(error)
        waiting.exception()  # whoever asked may be gone
