"""Waits until something is plugged in."""

import asyncio
import logging
from collections.abc import Callable

import pyudev

log = logging.getLogger(__name__)


async def plugged_in(subsystem: str, is_there: Callable[[], bool] = lambda: False) -> None:
    """Returns once a device of this subsystem was plugged in and udev has made its links, or it
    `is_there` already, once the events are heard. Never returns where the system tells of no
    events."""
    try:
        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        monitor.start()
    except (ImportError, OSError) as error:
        log.info("nobody tells what is plugged in: %s", error)
        await asyncio.Event().wait()
        return
    came = asyncio.Event()

    def hear() -> None:
        while (device := monitor.poll(timeout=0)) is not None:
            if device.subsystem == subsystem and device.action in ("add", "change", "move"):
                came.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(monitor.fileno(), hear)
    try:
        if not is_there():
            await came.wait()
    finally:
        loop.remove_reader(monitor.fileno())
