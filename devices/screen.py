"""The browser that fills the big screen with the stage page.

Starts `command` from the settings, by default Chromium inside cage, with kiosk flags and the
address of the page; raises DeviceError when it ends, and ends it when cancelled. Each start has a
profile of its own, so that no "restore the pages?" is ever shown to a hall full of people.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from pathlib import Path

from base.latest import Latest
from config.settings import ScreenSection
from devices.device import Condition, DeviceError, Health, Kind

KIOSK_FLAGS = (
    "--kiosk",
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--disable-session-crashed-bubble",
    "--hide-crash-restore-bubble",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=Translate,MediaRouter",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
    "--autoplay-policy=no-user-gesture-required",  # nobody clicks on the big screen
    "--ozone-platform-hint=auto",  # Wayland inside cage, X11 on a desktop
)

STARTING_SECONDS = 3.0
"""A browser that lives this long has found its display; one that has not ends at once."""

GRACE_SECONDS = 1.5
"""Between the request to end and the end by force; the daemon as a whole has five."""


class KioskScreen:
    """Implements `devices.device.Device`."""

    kind = Kind.SCREEN

    def __init__(self, settings: ScreenSection, address: Callable[[], str], data: Path) -> None:
        """Show the address, asked for at each start, since it may hold a link that expires soon.
        The profile is kept in a folder under `data`."""
        self.id = settings.id
        self.name = settings.name
        self.health: Latest[Health] = Latest(Health())
        self._command = settings.command
        self._address = address
        self._profile = data / "screen-profile"

    async def run(self) -> None:
        """Show the page until the browser ends. Raises DeviceError."""
        self.health.set(Health(Condition.STARTING))
        process = await self._start()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STARTING_SECONDS):
                    await process.wait()
            if process.returncode is None:
                self.health.set(Health(Condition.WORKING))
            raise DeviceError("screen.ended", status=await process.wait())
        finally:
            try:
                await _end(process)
            finally:
                shutil.rmtree(self._profile, ignore_errors=True)

    async def _start(self) -> Process:
        program = self._command[0]
        shutil.rmtree(self._profile, ignore_errors=True)  # left behind by a power cut
        try:
            self._profile.mkdir(parents=True, mode=0o700)
            return await asyncio.create_subprocess_exec(
                *self._command,
                *KIOSK_FLAGS,
                f"--user-data-dir={self._profile}",
                self._address(),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=DEVNULL,
                start_new_session=True,  # a process group of its own, to end it as a whole
            )
        except FileNotFoundError:
            raise DeviceError("screen.not_installed", program=program) from None
        except OSError:
            raise DeviceError("screen.not_started", program=program) from None


async def _end(process: Process) -> None:
    """End the browser and what it started: politely, then by force."""
    _signal_group(process, signal.SIGTERM)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
    finally:  # also where we are asked to stop once more meanwhile
        _signal_group(process, signal.SIGKILL)
    await process.wait()


def _signal_group(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
