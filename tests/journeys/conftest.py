"""A house as it stands: the daemon in a process of its own, and every peer a real one.

The camera is GStreamer's RTSP server, the sound is PulseAudio's, the projector speaks PJLink over
TCP, the browsers are Chromium. What no machine without a hall can have is simulated: the air
between loudspeaker and microphone, and the lamp of the projector.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import websockets
from playwright.async_api import Browser, BrowserContext, Page
from websockets import Origin

from devices.device import Samples
from devices.virtual.projector import VirtualProjector, virtual_projector
from devices.virtual.sound import VirtualSound, virtual_sound
from tests.ports import free_port

SETTINGS = """
data = "{data}"

[house]
name = "Nhà văn hóa Tổ dân phố 5"
ward = "Phường Hòa Bình"
telephone = "024 3000 0005"

[web]
port = {port}

[[cameras]]
kind = "rtsp"
id = "camera"
name = "Camera hội trường"
url = "rtsp://127.0.0.1:{camera}/cam"

[sound]
microphone = "{sound.microphone}"
loudspeaker = "{sound.loudspeaker}"

[projector]
kind = "pjlink"
host = "127.0.0.1"
port = {projector.port}
"""

LAPTOP = """
[hdmi]
input = "testsrc2=size=640x360:rate=15,realtime"
format = "lavfi"
width = 640
height = 360
sound = "{sound.laptop}"
"""

CAMERA = Path(__file__).parent.parent / "gst_camera.py"


async def until(holds: Callable[[], object], seconds: float = 40, what: str = "") -> None:
    """Wait until something holds; fails after the ceiling, saying what did not come."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                answer = holds()
                if isinstance(answer, Awaitable):
                    answer = await answer
                if answer:
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"did not happen within {seconds} s: {what or holds}")


PITCH = """async () => {
  const context = new AudioContext({sampleRate: 48000});
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  analyser.smoothingTimeConstant = 0;
  const sound = document.getElementById("hall-audio").srcObject;
  context.createMediaStreamSource(sound).connect(analyser);
  await new Promise((done) => setTimeout(done, 1000));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  await context.close();
  const loudest = bins.indexOf(Math.max(...bins));
  return [loudest * 48000 / 16384, bins[loudest]];
}"""


@dataclass
class Process:
    """A peer that can be killed and started again."""

    command: list[str]
    ready: Callable[[], Awaitable[bool]]
    environment: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    running: asyncio.subprocess.Process | None = None

    async def start(self, seconds: float = 60) -> None:
        output = self.log.open("ab") if self.log else asyncio.subprocess.DEVNULL
        self.running = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | self.environment,
        )
        try:
            async with asyncio.timeout(seconds):
                while not await self.ready():
                    if self.running.returncode is not None:
                        log = self.log.read_text() if self.log else ""
                        pytest.fail(f"{self.command} ended:\n{log[-3000:]}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"{self.command} does not answer")

    async def end(self, number: int = signal.SIGTERM) -> None:
        process, self.running = self.running, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(number)
        await asyncio.wait_for(process.wait(), 30)


@dataclass
class Hall:
    """Everything in the hall, and the daemon beside it."""

    url: str
    folder: Path
    config: Path
    daemon: Process
    camera: Process
    projector: VirtualProjector
    sound: VirtualSound
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    async def page(self, **options: object) -> Page:
        """A browser of somebody's own: its cookies are nobody else's."""
        context = await self.browser.new_context(locale="vi-VN", **options)
        await context.grant_permissions(["camera", "microphone"], origin=self.url)
        self.contexts.append(context)
        return await context.new_page()

    async def paired(self, role: str, **options: object) -> Page:
        """A page that was let in as this role, where it lands."""
        link = await self.command("link", "--config", str(self.config), "--role", role)
        page = await self.page(**options)
        await page.goto(link)
        return page

    async def command(self, *arguments: str) -> str:
        """What `avcontrol …` prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "avcontrol",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return output.decode().strip()

    async def invitation(self, panel: Page, *, lobby: bool = False) -> str:
        """The leader invites an official, as he would on his tablet; returns the link."""
        back = panel.url
        await panel.goto(f"{self.url}/panel/guests")
        await panel.click("#invite > summary")
        await panel.check("input[value=officials]")
        if not lobby:
            await panel.uncheck("input[name=lobby]")
        await panel.click("[data-action=create-invitation]")
        link = await panel.input_value("[data-value=invitation-link]")
        await panel.goto(back)
        return link.strip()

    async def official(self, link: str, name: str) -> Page:
        """An official who opened his link, gave his name and pressed "join"."""
        page = await self.page()
        await page.goto(link)
        await page.fill("#name", name)
        await page.click("[data-action=join]")
        return page

    async def refused_link(self, link: str) -> str:
        """The code with which this invitation is refused, on the page and on the call's line."""
        page = await self.page()
        answer = await page.goto(link)
        assert answer is not None
        assert answer.status in {403, 410}
        assert await page.inner_text("main")
        assert await page.locator("[data-action=join]").count() == 0
        address = self.url.replace("http", "ws", 1) + "/ws/call"
        async with websockets.connect(address, origin=Origin(self.url), proxy=None) as line:
            join = {"type": "join", "token": link.rpartition("/")[2], "name": "Ông Nam"}
            await line.send(json.dumps(join))
            told: dict[str, str] = json.loads(await asyncio.wait_for(line.recv(), 20))
        assert (told["type"], told.get("final")) == ("refused", True)
        return told["code"]

    def stored(self, statement: str) -> list[tuple[Any, ...]]:
        """What the daemon's database says to it, as it is now."""
        path = self.folder / "data" / "house.db"
        with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as database:
            return database.execute(statement).fetchall()

    async def health(self) -> dict[str, object]:
        """What /healthz answers; empty while nothing answers."""
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(self.url.rpartition(":")[2])
            )
        except OSError:
            return {}
        writer.write(b"GET /healthz HTTP/1.0\r\nHost: " + self.url[7:].encode() + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()
        body: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return body


class Journey:
    """What the journeys have in common, handed to them as a fixture."""

    until = staticmethod(until)

    @staticmethod
    async def phase(panel: Page) -> str:
        return await panel.get_attribute("[data-value=phase]", "data-code") or ""

    @staticmethod
    async def start_meeting(panel: Page) -> None:
        await panel.click("[data-action=start-meeting]")
        await panel.wait_for_selector("[data-value=phase][data-code=live]", state="attached")

    @staticmethod
    async def frames(page: Page, video: str) -> int:
        """Pictures decoded so far in the element of this id."""
        script = "(id) => document.getElementById(id).getVideoPlaybackQuality().totalVideoFrames"
        shown: int = await page.evaluate(script, video)
        return shown

    @staticmethod
    async def pitch(page: Page) -> tuple[float, float]:
        """The loudest tone that a page plays: Hertz and dBFS."""
        hertz, dbfs = await page.evaluate(PITCH)
        return hertz, dbfs

    @staticmethod
    async def tone_is_heard(page: Page, hertz: float, seconds: float = 40) -> None:
        async def heard() -> bool:
            found, dbfs = await Journey.pitch(page)
            return abs(found - hertz) < hertz / 100 and dbfs > -60

        await until(heard, seconds, f"{hertz} Hz in {page.url}")

    @staticmethod
    def loudness(samples: Samples) -> float:
        return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))

    @staticmethod
    async def picture_moves(page: Page, video: str, by: int = 15, seconds: float = 40) -> None:
        before = await Journey.frames(page, video)

        async def moved() -> bool:
            now = await Journey.frames(page, video)
            return now >= before + by or (now < before and now >= by)

        await until(moved, seconds, f"{by} pictures more in {video} of {page.url}")


@asynccontextmanager
async def open_hall(
    folder: Path, browser: Browser, more: str = "", *, laptop: bool = False
) -> AsyncIterator[Hall]:
    """`more` is for its settings; `laptop`: there is one, on an HDMI cable."""
    camera_port, port = free_port(), free_port()

    async def camera_answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", camera_port)
        except OSError:
            return False
        writer.close()
        return True

    camera = Process(["/usr/bin/python3", str(CAMERA), str(camera_port)], camera_answers)
    with tempfile.TemporaryDirectory(prefix="avcontrol-") as short:
        async with (
            virtual_sound(Path(short)) as sound,
            virtual_projector(warm=2, cool=2) as projector,
        ):
            config = folder / "house.toml"
            if laptop:
                await sound.bring_laptop()
            config.write_text(
                (SETTINGS + LAPTOP * laptop).format(
                    data=folder / "data",
                    port=port,
                    camera=camera_port,
                    sound=sound,
                    projector=projector,
                )
                + more
            )
            daemon = Process(
                [sys.executable, "-m", "avcontrol", "house", "--config", str(config)],
                lambda: answers(hall),
                dict(sound.environment),
                folder / "daemon.log",
            )
            hall = Hall(
                f"http://127.0.0.1:{port}",
                folder,
                config,
                daemon,
                camera,
                projector,
                sound,
                browser,
            )
            await camera.start()
            await daemon.start()
            try:
                yield hall
            finally:
                for context in hall.contexts:
                    await context.close()
                await daemon.end()
                await camera.end(signal.SIGKILL)


async def answers(hall: Hall) -> bool:
    return bool(await hall.health())


@pytest.fixture
async def hall(tmp_path: Path, browser: Browser) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path, browser) as hall:
        yield hall


@pytest.fixture
async def hall_with_laptop(tmp_path: Path, browser: Browser) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path, browser, laptop=True) as hall:
        yield hall


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    return lambda number: [free_port() for _ in range(number)]


@pytest.fixture
def journey() -> type[Journey]:
    return Journey
