"""The big screen's browser: a real Chromium that visits a real page."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from config.settings import ScreenSection
from devices.device import Condition, DeviceError
from devices.keep_running import keep_running
from devices.screen import KioskScreen

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HEADLESS = (CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu")


SCRIPT = b"setInterval(() => fetch('/sign'), 200)"


@dataclass
class Page:
    """A page on loopback that notes its visits."""

    address: str = ""
    sign: Callable[[], None] = lambda: None
    """Called each time that the page in the browser says that it is there."""
    visits: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = request.split(" ")[1]
            if path == "/sign":
                self.sign()
            else:
                self.visits.put_nowait(path)
            body = b"<!doctype html><title>stage</title><p>stage<script>%s</script>" % SCRIPT
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            await writer.drain()
        writer.close()

    async def visited(self, path: str) -> None:
        async with asyncio.timeout(40):
            while await self.visits.get() != path:
                pass


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    page = Page()
    server = await asyncio.start_server(page.serve, "127.0.0.1", 0)
    page.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/stage"
    yield page
    server.close()


def browsers(profile: Path) -> list[psutil.Process]:
    """All processes that work with this profile."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            zombie = process.status() == psutil.STATUS_ZOMBIE
            if not zombie and any(str(profile) in word for word in process.cmdline()):
                found.append(process)
    return found


async def health_is(screen: KioskScreen, condition: Condition) -> None:
    async with asyncio.timeout(40):
        async for health in screen.health.changes():
            if health.condition is condition:
                return


@pytest.mark.peer
async def test_shows_the_page_and_comes_back_when_it_dies_or_hangs(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = KioskScreen(ScreenSection(command=HEADLESS), lambda: page.address, tmp_path)
    page.sign = screen.saw_page
    task = asyncio.create_task(keep_running(screen, first_pause=0.1))
    try:
        await page.visited("/stage")
        await health_is(screen, Condition.WORKING)
        main = min(browsers(tmp_path), key=lambda process: process.create_time())
        os.kill(main.pid, signal.SIGKILL)
        await health_is(screen, Condition.FAILED)
        assert screen.health.value.cause is not None
        assert screen.health.value.cause.code == "screen.ended"
        await page.visited("/stage")
        await health_is(screen, Condition.WORKING)

        monkeypatch.setattr("devices.screen.SILENT_SECONDS", 1.5)
        for process in browsers(tmp_path):
            process.suspend()  # it runs, and shows nothing any more
        await health_is(screen, Condition.FAILED)
        assert screen.health.value.cause.code == "screen.page_gone"
        monkeypatch.setattr("devices.screen.SILENT_SECONDS", 20.0)
        await health_is(screen, Condition.WORKING)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert not (tmp_path / "screen-profile").exists()
    async with asyncio.timeout(30):
        while browsers(tmp_path):
            await asyncio.sleep(0.1)


async def run_once(screen: KioskScreen) -> DeviceError:
    with pytest.raises(DeviceError) as lost:
        async with asyncio.timeout(40):
            await screen.run()
    return lost.value


async def test_not_installed(tmp_path: Path) -> None:
    settings = ScreenSection(command=("no-such-compositor",))
    lost = await run_once(KioskScreen(settings, str, tmp_path))
    assert lost.cause.code == "screen.not_installed"
    assert lost.cause.params["program"] == "no-such-compositor"


async def test_not_to_be_started(tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("not a program")
    settings = ScreenSection(command=(str(program),))
    lost = await run_once(KioskScreen(settings, str, tmp_path))
    assert lost.cause.code == "screen.not_started"


async def test_a_browser_without_the_page_was_never_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that shows "this site cannot be reached"."""
    monkeypatch.setattr("devices.screen.STARTING_SECONDS", 0.1)
    monkeypatch.setattr("devices.screen.FIRST_PAGE_SECONDS", 0.5)
    screen = KioskScreen(ScreenSection(command=("sh", "-c", "sleep 600")), str, tmp_path)
    lost = await run_once(screen)
    assert lost.cause.code == "screen.no_page"
    assert screen.health.value.condition is Condition.STARTING


async def test_one_that_ends_at_once_was_never_working(tmp_path: Path) -> None:
    """As cage does without a display."""
    screen = KioskScreen(ScreenSection(command=("sh", "-c", "exit 7")), str, tmp_path)
    seen: list[Condition] = []

    async def watch() -> None:
        async for health in screen.health.changes():
            seen.append(health.condition)  # noqa: PERF401 - it never ends

    watcher = asyncio.create_task(watch())
    lost = await run_once(screen)
    watcher.cancel()
    assert lost.cause.params["status"] == 7
    assert Condition.WORKING not in seen


@pytest.mark.parametrize("grace", [0.3, 60.0], ids=["once", "asked again"])
async def test_one_that_will_not_go_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grace: float
) -> None:
    """With what it started: a compositor that hangs must not leave its browser behind. Whoever runs
    it asks once more when it takes too long."""
    monkeypatch.setattr("devices.screen.GRACE_SECONDS", grace)
    script = f"trap '' TERM; sleep 600 & echo $! > {tmp_path}/child; while :; do wait; done"
    screen = KioskScreen(ScreenSection(command=("sh", "-c", script)), str, tmp_path)
    task = asyncio.create_task(screen.run())
    child = tmp_path / "child"
    async with asyncio.timeout(30):
        while not (child.exists() and child.read_text().strip()):
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pid = int(child.read_text())
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)
