"""Tells systemd that the daemon is ready, alive, and stopping (sd_notify(3)).

    notifier = Notifier()
    notifier.ready()
    await notifier.run(lambda: time.monotonic() - heartbeat < 5)
    notifier.stopping()

Without systemd all of it does nothing.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable

from sdnotify import SystemdNotifier

log = logging.getLogger(__name__)


class Notifier:
    def __init__(self) -> None:
        self._systemd = SystemdNotifier()

    def ready(self) -> None:
        """Everything that the unit promises is up: its pages answer."""
        self._systemd.notify("READY=1")

    def stopping(self) -> None:
        self._systemd.notify("STOPPING=1")

    def reloading(self) -> None:
        """It is not there for a moment, and says again when it is ready."""
        self._systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    async def run(self, alive: Callable[[], bool]) -> None:
        """Give a sign of life three times per watchdog interval, but only while `alive()` holds,
        so that systemd restarts a daemon whose workers hang. Ends at once where nobody waits for
        signs of life."""
        seconds = watchdog_seconds()
        if seconds is None:
            return
        hanging = False
        while True:
            fed = alive()
            if fed:
                self._systemd.notify("WATCHDOG=1")
            elif not hanging:
                log.error("a worker gives no sign of life; systemd restarts us if that goes on")
            hanging = not fed
            await asyncio.sleep(seconds / 3)


def watchdog_seconds() -> float | None:
    """How long systemd waits for a sign of life from this process; None where it does not."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    meant_for = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or int(microseconds) == 0 or meant_for != str(os.getpid()):
        return None
    return int(microseconds) / 1e6
