"""The browser that fills the big screen with the stage page.

Starts `command` from the settings, by default Chromium inside cage, with kiosk flags and the
address of the page; raises DeviceError when it ends, and ends it when cancelled. Each start has a
profile of its own, so that no "restore the pages?" is ever shown to a hall full of people.

A browser that runs shows nothing yet: the page itself answers to the house every second
(`saw_page`). Where it does not come, or stops answering because its tab crashed, hangs, or shows an
error, the browser is ended and started again by whoever runs this (`keep_running`).
"""

import asyncio
import contextlib
import os
import shutil
import signal
import time
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
LOOK_SECONDS = 0.5

FIRST_PAGE_SECONDS = 60.0
"""Until the page has answered for the first time; a cold mini-PC takes half of it."""
SILENT_SECONDS = 20.0
"""A page that is shown answers every second."""

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
        self._page_seen: float | None = None
        """When it last answered to this start, monotonic."""
        self._profile = data / "screen-profile"

    def saw_page(self) -> None:
        """The page in this browser has answered."""
        self._page_seen = time.monotonic()

    async def run(self) -> None:
        """Show the page until the browser ends, or shows it no more. Raises DeviceError:
        `screen.ended`, `screen.no_page`, `screen.page_gone`, `screen.not_installed`,
        `screen.not_started`."""
        self.health.set(Health(Condition.STARTING))
        self._page_seen = None
        process = await self._start()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STARTING_SECONDS):
                    await process.wait()
            if process.returncode is None:
                await self._watch(process)
            raise DeviceError("screen.ended", status=await process.wait())
        finally:
            try:
                await _end(process)
            finally:
                shutil.rmtree(self._profile, ignore_errors=True)

    async def _watch(self, process: Process) -> None:
        """Until the browser ends. Raises DeviceError where it shows the page no more."""
        began = time.monotonic()
        while process.returncode is None:
            now, seen = time.monotonic(), self._page_seen
            if seen is not None and now - seen < SILENT_SECONDS:
                self.health.set(Health(Condition.WORKING))
            elif seen is not None:
                raise DeviceError("screen.page_gone", seconds=round(SILENT_SECONDS))
            elif now - began >= FIRST_PAGE_SECONDS:
                raise DeviceError("screen.no_page")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await process.wait()

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
