"""A running house and everything that can break in it, each by its own real peer.

    async with running_house(tmp_path, cache) as house:
        await house.green()
        await FAULTS["a camera refuses"].break_it(house)

The daemon runs in this process or, for soaks, in one of its own; the cameras are the virtual one
(RTSP and ONVIF with a password), GStreamer's server (RTSP with Digest) and a webcam that is a
stream of raw pictures; the sound is PulseAudio's, the projector speaks PJLink, the ward is real.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from html import unescape
from pathlib import Path
from typing import Any, Final

import av
import httpx
import uvicorn.server
import websockets
from av.codec.context import CodecContext
from prometheus_client.parser import text_string_to_metric_families
from websockets import Origin

from avcontrol.demo import HOUSE_ID
from avcontrol.house import open_house
from avcontrol.ward import Ward, open_ward
from config.check import read_settings
from config.ward import HubWebSection, WardSection, WardSettings
from devices.virtual.camera import VirtualCamera, serve_camera
from devices.virtual.hall_picture import load_small_clip
from devices.virtual.projector import VirtualProjector, virtual_projector
from devices.virtual.sound import VirtualSound, virtual_sound
from rooms.view import Role
from tests.ports import free_port
from ward.accounts import AccountRole

CEILING: Final = 60.0
"""Seconds in which something has to be seen, on a busy machine."""
GREEN: Final = frozenset({"working", "on"})
PASSWORD: Final = "mật khẩu"


async def until(
    holds: Callable[[], Awaitable[object]], what: str, seconds: float = CEILING
) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    seen: object = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                if (seen := await holds()) is True:
                    return time.monotonic() - began
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{what} did not come within {seconds} s: {seen}") from None


class RawWebcam:
    """What a webcam sends, over a socket: pulling it out closes that."""

    def __init__(self, cache: Path) -> None:
        self._pictures = _raw(cache)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            writer.write(Y4M)
            while not writer.is_closing():
                for picture in self._pictures:
                    writer.write(picture)
                    await writer.drain()
                    await asyncio.sleep(0.2)
        self._writers.discard(writer)
        writer.close()


Y4M: Final = b"YUV4MPEG2 W320 H180 F5:1 Ip A1:1 C420jpeg\n"


def _raw(cache: Path) -> list[bytes]:
    """Some of the virtual hall's pictures."""
    decoder = CodecContext.create("h264", "r")
    found: list[bytes] = []
    for unit in load_small_clip(cache).units[:45]:
        for frame in decoder.decode(av.Packet(unit)):
            small = frame.reformat(320, 180, format="yuv420p").to_ndarray()
            found.append(b"FRAME\n" + small.tobytes())
    return found[::3]


class DumbServer:
    """Takes connections and says nothing, as a camera does that has no viewer to spare."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            await reader.read()
        self._writers.discard(writer)
        writer.close()


@dataclass
class Running:
    """The house as whoever is outside sees it, and its peers."""

    url: str
    link: Callable[[str], Awaitable[str]]
    camera: VirtualCamera
    projector: VirtualProjector
    folder: Path
    webcam: RawWebcam | None = None
    sound: VirtualSound | None = None
    gstreamer: Any = None
    daemon: int = 0
    """Its process."""
    disk: Path | None = None
    hub: Any = None
    aids: dict[str, Any] = field(default_factory=dict)
    """What a fault keeps until it is mended."""
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    stage: Any = None

    async def client(self, role: str) -> httpx.AsyncClient:
        if role not in self.clients:
            client = httpx.AsyncClient(
                base_url=self.url,
                headers={"Origin": self.url, "Accept": "text/html"},
                trust_env=False,
                verify=False,
                timeout=30,
            )
            await client.get(await self.link(role))
            self.clients[role] = client
        return self.clients[role]

    async def do(self, action: str, role: str = "leader", **form: str) -> None:
        answer = await (await self.client(role)).post(f"/do/{action}", data=form)
        assert answer.status_code in (200, 204, 303), answer.text

    # The four places

    async def health(self) -> dict[str, Any]:
        told: dict[str, Any] = (await (await self.client("technician")).get("/healthz")).json()
        return told

    async def signal(self, id_: str) -> dict[str, Any]:
        return next((s for s in (await self.health())["signals"] if s["id"] == id_), {})

    async def tile(self, id_: str) -> tuple[str, str]:
        """Its code on the technician's pages, and all the words beside it."""
        client = await self.client("technician")
        page = (await client.get("/technician/health")).text
        found = re.search(
            rf'data-value="history-{re.escape(id_)}" data-code="(\w+)"(.*?)</li>', page, re.DOTALL
        )
        if found is None:
            return "", ""
        code, words = found[1], unescape(re.sub(r"<[^>]+>", " ", found[2]))
        equipment = (await client.get("/technician")).text
        device = re.search(rf'data-value="device-{re.escape(id_)}" data-code="(\w+)"', equipment)
        if device is not None and (code in GREEN or code == "standby"):
            code = device[1]  # a display's power stands for its being well
        return code, words

    async def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        text = (await (await self.client("technician")).get("/metrics")).text
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of those that have these labels among theirs."""
        return sum(
            value
            for (known, has), value in (await self.metrics()).items()
            if known == name and labels.items() <= dict(has).items()
        )

    async def everywhere(self, id_: str) -> dict[str, bool]:
        """In which of the places this signal is green. A busy machine cuts holes into the sound and
        says so: that is none of the faults."""
        signal = await self.signal(id_)
        if str(signal.get("code")).endswith("_choppy"):
            return dict.fromkeys(("tile", "api", "metric"), True)
        return {
            "tile": (await self.tile(id_))[0] in GREEN,
            "api": signal.get("condition") in GREEN,
            "metric": await self.metric("avcontrol_signal", id=id_, condition="working") == 1,
        }

    # Trying everything

    async def rehearse(self) -> dict[str, Any]:
        """What came of it."""
        before = (await self.health())["rehearsal"]
        await self.do("rehearse", "technician")

        async def over() -> bool:
            now = (await self.health())["rehearsal"]
            ended = now is not None and now["verdict"] != "running" and now["ended_at"]
            return bool(ended and (before is None or now["ended_at"] != before["ended_at"]))

        await until(over, "the rehearsal's end")
        found: dict[str, Any] = (await self.health())["rehearsal"]
        return found

    async def aclose(self) -> None:
        if self.stage is not None:
            await self.hide_stage()
        for client in self.clients.values():
            await client.aclose()

    # The big screen

    async def show_stage(self) -> None:
        """A page with the line that the big screen's has."""
        client = await self.client("stage")
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self.stage = await websockets.connect(
            self.url.replace("http", "ws", 1) + "/ws/call",
            origin=Origin(self.url),
            additional_headers={"Cookie": cookies},
            proxy=None,
        )
        await self.stage.send(json.dumps({"type": "join", "stage": True}))
        assert json.loads(await asyncio.wait_for(self.stage.recv(), 20))["type"] == "welcome"
        self.aids["stage reader"] = asyncio.create_task(_answer(self.stage))

    async def hide_stage(self) -> None:
        self.aids.pop("stage reader").cancel()
        await self.stage.close()
        self.stage = None


async def _answer(line: Any) -> None:
    with suppress(websockets.ConnectionClosed):
        async for text in line:
            if json.loads(text).get("type") == "ping":
                await line.send('{"type": "pong"}')


SETTINGS: Final = """
data = "{data}"

[house]
name = "Nhà văn hóa Tổ dân phố 5"
ward = "Phường Hòa Bình"

[web]
port = {port}

[meeting]
undo_end_seconds = 3

[projector]
kind = "pjlink"
host = "127.0.0.1"
port = {projector.port}
password_file = "{password}"

[[cameras]]
kind = "rtsp"
id = "camera"
name = "Camera hội trường"
onvif = "{onvif}"
user = "admin"
password_file = "{password}"
"""
MORE: Final = """
[[cameras]]
kind = "rtsp"
id = "camera-2"
name = "Camera cửa"
url = "{gstreamer.url}"
user = "admin"
password_file = "{password}"

[[cameras]]
kind = "webcam"
id = "webcam"
name = "Webcam"
input = "tcp://127.0.0.1:{webcam.port}"
format = "yuv4mpegpipe"
width = 320
height = 180
frames_per_second = 5

[sound]
microphone = "{sound.microphone}"
loudspeaker = "{sound.loudspeaker}"

[link]
url = "{hub.url}"
house = "to-5"
key_file = "{key}"
"""
LAUNCH: Final = (
    "( videotestsrc is-live=true pattern=smpte horizontal-speed=2 "
    "! video/x-raw,width=640,height=360,framerate=10/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=10 "
    "! video/x-h264,profile=constrained-baseline "
    "! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


def settings_of(running: Running, port: int, password: Path, key: Path, *, more: bool) -> str:
    assert running.camera.onvif is not None
    text = SETTINGS + (MORE if more else "")
    return text.format(
        data=running.disk or running.folder / "data",
        port=port,
        onvif=running.camera.onvif.url,
        password=password,
        key=key,
        **{
            name: getattr(running, name)
            for name in ("projector", "gstreamer", "webcam", "sound", "hub")
        },
    )


@asynccontextmanager
async def small_house(folder: Path, cache: Path) -> AsyncIterator[Running]:
    """In this process: a camera and a projector."""
    async with AsyncExitStack() as stack:
        running, port, password = await _with_peers(stack, folder, cache)
        config = folder / "house.toml"
        config.write_text(settings_of(running, port, password, password, more=False))
        house = await stack.enter_async_context(open_house(read_settings(config, {})))

        async def link(role: str) -> str:
            until = datetime.now(UTC) + timedelta(hours=1)
            return house.access.open_link(Role(role), "Bác Lan", until=until)

        running.link = link
        yield running


@asynccontextmanager
async def whole_house(folder: Path, cache: Path, gstreamer: Any) -> AsyncIterator[Running]:
    """In a process of its own: everything. `gstreamer` is a camera that is not started yet and
    wants the password."""
    async with AsyncExitStack() as stack:
        running, port, password = await _with_peers(stack, folder, cache)
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
        running.sound = await stack.enter_async_context(virtual_sound(Path(short)))
        running.gstreamer = gstreamer
        gstreamer.start()
        stack.callback(gstreamer.kill)
        running.webcam = RawWebcam(cache)
        await running.webcam.plug_in()
        stack.push_async_callback(running.webcam.unplug)
        running.disk = stack.enter_context(small_disk(folder / "data"))
        running.hub = HubPeer(folder / "ward", free_port())
        await running.hub.start()
        stack.push_async_callback(running.hub.stop)
        key = folder / "ward.key"
        key.touch(mode=0o600)
        key.write_text(await running.hub.enrol())
        clock = folder / "clock"
        clock.write_text("yes")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "timedatectl").write_text(f"#!/bin/sh\ncat {clock}\n")
        (programs / "timedatectl").chmod(0o755)
        config = folder / "house.toml"
        config.write_text(settings_of(running, port, password, key, more=True))
        environment = {
            **os.environ,
            **running.sound.environment,
            "PATH": f"{programs}:{os.environ['PATH']}",
        }
        command = [sys.executable, "-m", "avcontrol"]
        with (folder / "house.log").open("wb") as log:
            daemon = await asyncio.create_subprocess_exec(
                *command, "house", "--config", str(config),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        running.daemon = daemon.pid

        async def link(role: str) -> str:
            said = await asyncio.to_thread(
                subprocess.run,
                [*command, "link", "--config", str(config), "--role", role],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            return said.stdout.strip()

        async def answers() -> bool:
            assert daemon.returncode is None, (folder / "house.log").read_text()[-3000:]
            with suppress(httpx.HTTPError):
                async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                    return (await client.get(f"{running.url}/healthz")).is_success
            return False

        running.link = link
        try:
            await until(answers, "the house's answer")
            yield running
        finally:
            daemon.terminate()
            await daemon.wait()


async def _with_peers(
    stack: AsyncExitStack, folder: Path, cache: Path
) -> tuple[Running, int, Path]:
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    camera = await stack.enter_async_context(serve_camera(cache, user="admin", password=PASSWORD))
    projector = await stack.enter_async_context(
        virtual_projector(warm=0.5, cool=3, password=PASSWORD)
    )
    port = free_port()
    running = Running(f"http://127.0.0.1:{port}", _nobody, camera, projector, folder)
    stack.push_async_callback(running.aclose)
    return running, port, password


async def _nobody(_: str) -> str:
    raise AssertionError("the house is not open yet")


class HubPeer:
    """A ward that goes away and comes back."""

    def __init__(self, folder: Path, port: int) -> None:
        self._settings = WardSettings(
            ward=WardSection(name="Phường Hòa Bình"),
            web=HubWebSection(port=port),
            data=folder,
        )
        self.url = f"http://127.0.0.1:{port}"
        self._open: AsyncExitStack | None = None
        self.ward: Ward | None = None
        self.ahead = timedelta()
        """Of the time, which every answer tells (RFC 9110, section 6.6.1); from the next start."""

    async def start(self) -> None:
        ahead = self.ahead.total_seconds()
        uvicorn.server.formatdate = lambda when, **how: formatdate(when + ahead, **how)  # type: ignore[attr-defined]
        self._open = AsyncExitStack()
        self.ward = await self._open.enter_async_context(open_ward(self._settings))

    async def stop(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.aclose()

    async def enrol(self) -> str:
        """The house's key."""
        assert self.ward is not None
        site = self.ward.site
        await site.accounts.create("admin@phuong.example", "Quản trị", AccountRole.ADMIN)
        await site.houses.invite(HOUSE_ID, "Nhà văn hóa Tổ dân phố 5")
        _, key = await site.houses.enrol(await site.houses.invite_again(HOUSE_ID))
        return key


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, with three gigabytes of which nothing is taken before it is used;
    `resize` makes it fuller."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3g,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
