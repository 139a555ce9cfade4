"""What stands around a meeting of the whole ward: houses, their hub, a real Janus, an official.

Each house is the daemon as it is installed, with a sound server of its own; they look at one
virtual camera. All of it has to run in a network namespace with the address `HOST`.
"""

import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, Page

from bench.house import House
from bench.janus import janus
from bench.janus_room import OTHER_PLUGINS, Janus
from bench.janus_streams import Front
from bench.joining import browser
from bench.processes import program, until_healthy
from devices.virtual.sound import VirtualSound, virtual_sound
from rooms.view import Role
from storage.engine import Database
from ward.accounts import AccountRole, Accounts
from ward.houses import Houses
from ward.meeting_planning import MeetingPlanning
from ward.passwords import Passwords
from ward.sessions import Sessions
from web.hub.access import COOKIE
from web.tokens import Tokens, load_key

HOST = "10.78.0.1"
JANUS_PORT, MEDIA_PORT, HUB_PORT, FIRST_HOUSE_PORT = 8088, 8089, 8090, 8100
HUB_URL = f"http://127.0.0.1:{HUB_PORT}"
MEDIA_KEY = "mot-ma-kho-doan-2026"
TITLE = "Họp toàn phường về thoát nước"
CEILING_SECONDS = 120.0

HUB_TOML = """
data = "{folder}/ward"
[ward]
name = "Phường Hòa Bình"
[web]
port = {port}
[media_server]
whip_url = "http://{host}:{media}/whip/{{stream}}"
whep_url = "http://{host}:{media}/whep/{{stream}}"
publish_token_file = "{folder}/media.token"
watch_token_file = "{folder}/media.token"
"""
HOUSE_TOML = """
data = "{folder}/data"
[house]
name = "{name}"
ward = "Phường Hòa Bình"
[web]
port = {port}
[[cameras]]
kind = "rtsp"
id = "camera"
name = "Camera hội trường"
url = "{camera}"
[sound]
microphone = "{sound.microphone}"
loudspeaker = "{sound.loudspeaker}"
[link]
url = "http://127.0.0.1:{hub}"
house = "{id}"
key_file = "{folder}/link.key"
"""


def say(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")


async def until(
    holds: Callable[[], Awaitable[bool]], what: str, seconds: float = CEILING_SECONDS
) -> float:
    """Seconds that it took. Raises RuntimeError where it does not come."""
    began = time.monotonic()
    while not await holds():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"did not come: {what}")
        await asyncio.sleep(0.02)
    return time.monotonic() - began


@dataclass
class Hall:
    """One house, its loudspeaker and its microphone."""

    id: str
    name: str
    house: House
    sound: VirtualSound
    data: Path

    def page(self, role: Role) -> str:
        """An address that lets a tablet or a screen in."""
        tokens = Tokens(load_key(self.data / "signing.key"))
        token = tokens.sign("open", {"role": role.value, "name": "Tổ trưởng"})
        return f"{self.house.url}/open/{token}"


@dataclass
class Scene:
    meeting: str
    halls: list[Hall]
    janus: int
    """Its process."""
    official: Page
    """Of the one who presides."""
    other: Page
    """Of another one, who watches."""
    chromium: Browser

    def row(self, hall: Hall) -> str:
        return f"#house-{hall.id}"

    async def state(self, hall: Hall) -> str:
        """Of a house on the official's page."""
        shown = self.official.locator(f"{self.row(hall)} [data-value=house-state]")
        return await shown.get_attribute("data-code") or ""


# What stands in the scene


@dataclass(frozen=True)
class Prepared:
    """In a new database of a hub."""

    keys: dict[str, str]
    """Of the houses."""
    session: str
    """Of the official who presides."""
    other: str
    """Of another one."""
    meeting: str


async def prepare(data: Path, names: dict[str, str]) -> Prepared:
    async with await Database.open(data / "ward.db") as database:
        houses, passwords = Houses(database), Passwords()
        keys = {}
        for house_id, name in names.items():
            _, keys[house_id] = await houses.enrol(await houses.invite(house_id, name))
        accounts = Accounts(database, passwords)
        account, code = await accounts.create(
            "hoa@phuong.example", "Trần Thị Hoa", AccountRole.OFFICIAL
        )
        await accounts.set_password(code, "chín con voi đi chợ")
        opened = await Sessions(database, passwords).open(account)
        starts = datetime.now(UTC) + timedelta(minutes=20)
        meeting = await MeetingPlanning(database).plan(TITLE, starts, 90, list(names), by=account)
        binh, _ = await accounts.create("binh@phuong.example", "Lê Văn Bình", AccountRole.OFFICIAL)
        other = await Sessions(database, passwords).open(binh)
        return Prepared(keys, opened.secret, other.secret, meeting)


def write_secret(file: Path, secret: str) -> None:
    file.touch(0o600)
    file.write_text(secret)


@asynccontextmanager
async def media_server(folder: Path) -> AsyncIterator[int]:
    """Janus with a WHIP and WHEP front; its process."""
    running = janus(
        folder, host=HOST, port=JANUS_PORT, video=5004, sound=5006, without=OTHER_PLUGINS
    )
    async with running as (pid, address):
        room = Janus(address)
        await room.begin(publishers=20)
        front = Front(address, MEDIA_KEY)
        listening = socket.create_server((HOST, MEDIA_PORT))
        server = uvicorn.Server(uvicorn.Config(front.app(), log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield pid
        finally:
            server.should_exit = True
            await serving
            await front.close()
            await room.close()


@asynccontextmanager
async def open_hall(
    folder: Path, name: str, *, port: int, camera: str, key: str
) -> AsyncIterator[Hall]:
    """`folder` is named as the house is."""
    house_id = folder.name
    write_secret(folder / "link.key", key)
    with tempfile.TemporaryDirectory(prefix="avcontrol-") as short:
        async with virtual_sound(Path(short)) as sound:
            facts = {"folder": folder, "name": name, "port": port, "camera": camera}
            facts |= {"sound": sound, "hub": HUB_PORT, "id": house_id}
            config = folder / "house.toml"
            config.write_text(HOUSE_TOML.format(**facts))
            arguments = ("-m", "avcontrol", "house", "--config", str(config))
            log = folder / "daemon.log"
            async with program(*arguments, log=log, environment=sound.environment) as process:
                await until_healthy(process, port)
                house = House(f"http://127.0.0.1:{port}", folder / "data", process)
                await house.log_in()
                try:
                    yield Hall(house_id, name, house, sound, folder / "data")
                finally:
                    await house.close()


@asynccontextmanager
async def open_scene(folder: Path, count: int, cache: Path) -> AsyncIterator[Scene]:
    names = {f"to-{n}": f"Nhà văn hóa Tổ dân phố {n}" for n in range(1, count + 1)}
    (folder / "ward").mkdir()
    prepared = await prepare(folder / "ward", names)
    write_secret(folder / "media.token", MEDIA_KEY)
    facts = {"folder": folder, "port": HUB_PORT, "host": HOST, "media": MEDIA_PORT}
    config = folder / "ward.toml"
    config.write_text(HUB_TOML.format(**facts))
    async with AsyncExitStack() as stack:
        say("the media server, the camera, the hub")
        pid = await stack.enter_async_context(media_server(folder))
        camera = await stack.enter_async_context(
            program(
                *("-m", "devices.virtual.camera", "--port", "0", "--cache", str(cache)),
                log=folder / "camera.log",
                speaks=True,
            )
        )
        assert camera.stdout is not None
        address = (await asyncio.wait_for(camera.stdout.readline(), 120)).decode().strip()
        arguments = ("-m", "avcontrol", "ward", "--config", str(config))
        hub = await stack.enter_async_context(program(*arguments, log=folder / "hub.log"))
        await until_healthy(hub, HUB_PORT)
        halls = []
        for number, (house_id, name) in enumerate(names.items()):
            say(name)
            (folder / house_id).mkdir()
            hall = open_hall(
                folder / house_id,
                name,
                port=FIRST_HOUSE_PORT + number,
                camera=address,
                key=prepared.keys[house_id],
            )
            halls.append(await stack.enter_async_context(hall))
        chromium = await stack.enter_async_context(browser())
        presiding = await official(chromium, prepared.session)
        other = await official(chromium, prepared.other)
        yield Scene(prepared.meeting, halls, pid, presiding, other, chromium)


async def official(chromium: Browser, session: str) -> Page:
    """A browser of somebody's who is logged in at the hub."""
    context = await chromium.new_context(locale="vi-VN", permissions=["camera", "microphone"])
    await context.add_cookies([{"name": COOKIE, "value": session, "url": HUB_URL}])
    return await context.new_page()
