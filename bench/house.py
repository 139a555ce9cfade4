"""A whole house to be measured: the daemon as it is installed, with equipment made of software."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
from websockets.asyncio.client import connect

from bench.processes import free_port, program, until_healthy
from devices.virtual.projector import VirtualProjector
from devices.virtual.sound import VirtualSound
from rooms.view import Role
from web.tokens import Tokens, load_key

SETTINGS = """
data = "{data}"

[house]
name = "Nhà văn hóa Tổ dân phố 5"
ward = "Phường Hòa Bình"

[web]
port = {port}

[meeting]
undo_end_seconds = 3

[[cameras]]
kind = "rtsp"
id = "camera"
name = "Camera hội trường"
url = "{camera}"

[sound]
microphone = "{sound.microphone}"
loudspeaker = "{sound.loudspeaker}"

[projector]
kind = "pjlink"
host = "{projector.host}"
port = {projector.port}
"""
PHASE = re.compile(r'data-value="phase" data-code="(\w+)"')
WAITING = re.compile(r'data-value="questions-waiting">(\d+)<')
PANEL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands in the hall; outlives the daemon."""

    folder: Path
    camera: str
    sound: VirtualSound
    projector: VirtualProjector


class Waiting:
    """The panel's count of questions that are not approved yet."""

    def __init__(self) -> None:
        self.moments: list[tuple[int, float]] = []
        """A new count, and when it was seen first, monotonic."""
        self._read = asyncio.Event()

    @property
    def waiting(self) -> int:
        return self.moments[-1][0]

    def read(self, message: str) -> None:
        found = WAITING.search(json.loads(message).get("regions", {}).get("status", ""))
        if found and (not self.moments or int(found[1]) > self.waiting):
            self.moments.append((int(found[1]), time.monotonic()))
            self._read.set()

    async def until(self, count: int) -> None:
        while self.waiting < count:
            self._read.clear()
            await self._read.wait()


class House:
    """A running daemon, and its leader at the panel."""

    def __init__(self, url: str, data: Path, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self.pid = process.pid
        self._data = data
        self._browser = httpx.AsyncClient(
            base_url=url, headers={"Origin": url}, follow_redirects=True, timeout=20
        )

    @property
    def sound_pid(self) -> int:
        """Of the sound process. Raises RuntimeError where there is none."""
        for child in psutil.Process(self.pid).children():
            if "devices.sound.child" in child.cmdline():
                return child.pid
        raise RuntimeError("the daemon has no sound process")

    async def log_in(self) -> None:
        tokens = Tokens(load_key(self._data / "signing.key"))
        token = tokens.sign("open", {"role": Role.LEADER.value, "name": "Tổ trưởng"})
        (await self._browser.get(f"/open/{token}")).raise_for_status()

    async def start_meeting(self) -> float:
        """Returns the seconds from the tap to the moment when the panel shows that it is live."""
        return await self._press("start-meeting", "live")

    async def end_meeting(self) -> None:
        await self._press("end-meeting", "idle")

    async def invite(self) -> str:
        """A link that needs no lobby and that many may use, for the meeting that runs."""
        form = {"whom": "officials", "days": "1", "name": "Cán bộ phường", "lobby": "no"}
        answer = await self._browser.post("/do/create-invitation", data=form)
        answer.raise_for_status()
        if (found := re.search(r'data-value="invitation-link">\s*(\S+?)\s*<', answer.text)) is None:
            raise RuntimeError("no invitation on the page")
        return self.url + urlsplit(found[1]).path

    async def guests(self) -> list[str]:
        """The ids of those who are here, in order of arrival."""
        page = await self._browser.get("/panel/guests")
        return re.findall(r'data-value="presence-(\w+)"', page.text)

    async def give_floor(self, guest: str) -> None:
        """To an official's camera, or back to the hall where it is empty."""
        form = {"kind": "camera", "guest": guest} if guest else {"kind": "hall"}
        (await self._browser.post("/do/give-floor", data=form)).raise_for_status()

    async def do(self, action: str, **form: str) -> None:
        """A tap on the panel."""
        answer = await self._browser.post(
            f"/do/{action}", data=form, headers={"Accept": "application/json"}
        )
        answer.raise_for_status()

    async def close(self) -> None:
        await self._browser.aclose()

    async def ask(self) -> float:
        """Returns the seconds from a resident's tap, past his receipt, to the moment when the panel
        shows the question."""
        key = secrets.token_hex(16)
        form = {"text": f"Bao giờ sửa đèn đường {key}?", "key": key}
        return await self._post("/ask", form, lambda html: key in html)

    @asynccontextmanager
    async def watch_waiting(self) -> AsyncIterator["Waiting"]:
        """A panel that somebody looks at: how many questions it says are waiting, and since when.
        Entered once it shows them."""
        async with self._panel() as line:
            seen = Waiting()
            seen.read(str(await line.recv()))

            async def look() -> None:
                async for message in line:
                    seen.read(str(message))

            looking = asyncio.create_task(look())
            try:
                yield seen
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)

    def _panel(self) -> connect:
        cookies = "; ".join(f"{name}={value}" for name, value in self._browser.cookies.items())
        return connect(
            f"{self.url.replace('http', 'ws', 1)}/live/panel",
            origin=self.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies},
        )

    async def _press(self, button: str, awaited: str) -> float:
        """Returns the seconds until the panel's live line shows the phase."""
        return await self._post(f"/do/{button}", {}, lambda html: awaited in PHASE.findall(html))

    async def _post(self, path: str, form: dict[str, str], shown: Callable[[str], bool]) -> float:
        """Returns the seconds until the panel's live line shows what came of it."""
        async with self._panel() as line, asyncio.timeout(PANEL_SECONDS):
            await line.recv()  # the page as it is
            began = time.perf_counter()
            posting = asyncio.create_task(
                self._browser.post(path, data=form, headers={"Accept": "application/json"})
            )
            async for message in line:
                regions = json.loads(message).get("regions", {})
                if shown("".join(regions.values())):
                    break
            seconds = time.perf_counter() - began
            (await posting).raise_for_status()
            return seconds


@asynccontextmanager
async def open_house(hall: Surroundings, name: str) -> AsyncIterator[tuple[House, float]]:
    """Start the daemon on the data folder of this name. Gives it with the seconds from the start
    of its process to its first answer. Raises RuntimeError where it does not come."""
    port = free_port()
    data = hall.folder / name
    settings = hall.folder / f"{name}.toml"
    settings.write_text(
        SETTINGS.format(
            data=data, port=port, camera=hall.camera, sound=hall.sound, projector=hall.projector
        )
    )
    began = time.perf_counter()
    async with program(
        *("-m", "avcontrol", "house", "--config", str(settings)),
        log=hall.folder / f"{name}.log",
        environment=hall.sound.environment,
    ) as process:
        await until_healthy(process, port)
        seconds = time.perf_counter() - began
        house = House(f"http://127.0.0.1:{port}", data, process)
        try:
            await house.log_in()
            yield house, seconds
        finally:
            await house.close()
