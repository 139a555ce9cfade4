"""The only retry loop: it runs a device, says when the device is lost, and tries again.

async with asyncio.TaskGroup() as tasks:
    tasks.create_task(keep_running(camera))
"""

import asyncio
import logging
import time
from typing import Final

from base.cause import Cause
from devices.device import Condition, Device, DeviceError, Health, Pluggable

STOP_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


async def keep_running(
    device: Device,
    *,
    first_pause: float = 1.0,
    longest_pause: float = 10.0,
    good_spell: float = 30.0,
) -> None:
    """Run the device for ever; ends only by cancellation.

    The pause before a new attempt doubles from `first_pause` to `longest_pause` seconds, and
    begins anew once a run has lasted `good_spell` seconds; what is plugged in is tried at once.
    One driver's mistake is that device's failure, never the meeting's: an unexpected exception is
    logged with its traceback, shown as `device.unexpected`, and tried again like a loss.
    """
    pause = first_pause
    known_mistake = ""
    recovery: asyncio.Task[None] | None = None
    try:
        while True:
            began = time.monotonic()
            cause: Cause | None = None
            try:
                await _run(device)
            except Exception as error:
                cause = _lost(error)
                if cause is None and repr(error) != known_mistake:
                    known_mistake = repr(error)
                    log.exception("%s: unexpected error in its driver", device.id)
            device.health.set(
                Health(Condition.FAILED, cause or Cause("device.unexpected", name=device.name))
            )
            if recovery is None or recovery.done():
                log.warning("%s lost: %s", device.id, device.health.value.cause)
                recovery = asyncio.create_task(_log_recovery(device))
            if time.monotonic() - began >= good_spell:
                pause = first_pause
            came = await _rest(device, pause)
            pause = first_pause if came else min(2 * pause, longest_pause)
    finally:
        if recovery is not None:
            recovery.cancel()


async def _rest(device: Device, seconds: float) -> bool:
    """Between two attempts; shorter, and true, where it was plugged in meanwhile."""
    if not isinstance(device, Pluggable):
        await asyncio.sleep(seconds)
        return False
    awaited = asyncio.ensure_future(device.plugged_in())
    try:
        await asyncio.wait({awaited}, timeout=seconds)
        if awaited.done() and awaited.exception() is not None:
            log.error(
                "%s: cannot wait for its being plugged in", device.id, exc_info=awaited.exception()
            )
            await asyncio.sleep(seconds)
            return False
        return awaited.done()
    finally:
        awaited.cancel()


async def _run(device: Device) -> None:
    """Run it to its end. It is asked to stop more than once: `asyncio.wait_for`, which libraries
    use, loses the request where its answer comes in the same moment (until Python 3.12)."""
    running = asyncio.ensure_future(device.run())
    try:
        await asyncio.wait({running})
    finally:
        while not running.done():
            running.cancel()
            await asyncio.wait({running}, timeout=STOP_SECONDS)
    running.result()


def _lost(error: Exception) -> Cause | None:
    """The cause of an orderly loss, also out of a driver's task group; None for a mistake."""
    if isinstance(error, DeviceError):
        return error.cause
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            if cause := _lost(inner):
                return cause
    return None


async def _log_recovery(device: Device) -> None:
    async for health in device.health.changes():
        if health.condition in (Condition.WORKING, Condition.IMPAIRED, Condition.STANDBY):
            log.warning("%s is back: %s", device.id, health.condition)
            return
