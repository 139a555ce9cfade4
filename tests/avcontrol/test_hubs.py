"""Two daemons of a hub behind Debian's nginx, PostgreSQL their only shared state; one is killed."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx
import pytest
import websockets

import config
from avcontrol.enrol import enrol
from avcontrol.house import House, open_house
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from rooms.meeting import Actor
from rooms.view import Connection, Role
from storage.engine import Database
from tests.ports import free_port
from ward.houses import Houses
from ward.processes import Processes

pytestmark = pytest.mark.peer

EXAMPLE = Path(config.__file__).parent / "nginx.example.conf"
LEADER = Actor(Role.LEADER, "Bác Lan")


@dataclass
class Daemon:
    url: str
    inside: str
    log: Path
    process: asyncio.subprocess.Process


@asynccontextmanager
async def daemon(folder: Path, name: str, database: str, public_url: str) -> AsyncIterator[Daemon]:
    """`avcontrol ward`, as its unit starts it."""
    port, inner = free_port(), free_port()
    parts = urlsplit(database)
    secret = folder / "database.password"
    secret.touch(mode=0o600)
    secret.write_text(unquote(parts.password or ""))
    host = f"{parts.username}@{parts.hostname}:{parts.port}"
    settings = folder / f"{name}.toml"
    settings.write_text(
        f'data = "{name}"\n[ward]\nname = "Phường Mẫu"\n'
        f'[web]\nport = {port}\npublic_url = "{public_url}"\nbehind_proxy = true\n'
        f'[storage]\nurl = "{urlunsplit(parts._replace(netloc=host))}"\n'
        f'password_file = "{secret}"\n[peers]\nport = {inner}\n'
    )
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "avcontrol", "ward", "--config", str(settings), stderr=file
        )
    try:
        found = Daemon(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{inner}", log, process)
        await answering(found.url)
        yield found
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def balancer(folder: Path, port: int, *ports: int) -> AsyncIterator[str]:
    """nginx with the upstream of the example, without TLS."""
    text = EXAMPLE.read_text()
    servers = "\n".join(f"server 127.0.0.1:{p} max_fails=1 fail_timeout=2s;" for p in ports)
    text = re.sub(r"server 127.0.0.1:8090.*\n.*8091.*", servers, text)
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"listen 443.*\n.*listen \[::\]:443.*", f"listen 127.0.0.1:{port};", text)
    text = re.sub(r"( *ssl_.*\n)", "", text)
    site = folder / "site.conf"
    site.write_text(text)
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/p;\n"
        f"include {site};\n}}\n"
    )
    process = await asyncio.create_subprocess_exec(
        "/usr/sbin/nginx", "-p", str(folder), "-c", str(main), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await answering(url)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def answering(url: str) -> None:
    async with asyncio.timeout(40), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"{url}/healthz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


async def admin_link(settings: Path, at: str) -> str:
    """What `avcontrol link` prints for one daemon, asked of the daemon at another address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "avcontrol", "link", "--config", str(settings)),
        *("--role", "admin"),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return at + urlsplit(printed.decode().strip()).path


async def linked(house: House) -> None:
    async with asyncio.timeout(40):
        async for view in house.room.view.changes():
            if view.link.connection is Connection.LINKED:
                return


@pytest.mark.timeout(300)  # it starts four programs
async def test_one_of_two_is_killed_and_the_other_takes_over(
    tmp_path: Path, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        daemons = [
            await stack.enter_async_context(daemon(tmp_path, name, postgres_url, address))
            for name in ("one", "two")
        ]
        ports = [int(d.url.rpartition(":")[2]) for d in daemons]
        await stack.enter_async_context(balancer(tmp_path, port, *ports))
        database = await stack.enter_async_context(await Database.open(postgres_url))
        code = await Houses(database).invite("to-5", "Nhà văn hóa Tổ dân phố 5")
        enrolled = await asyncio.to_thread(enrol, address, code, tmp_path / "link.key")
        settings = HouseSettings(
            house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
            web=WebSection(port=free_port()),
            data=tmp_path / "house",
            link=LinkSection(url=address, house="to-5", key_file=enrolled.key_file),
        )
        house = await stack.enter_async_context(open_house(settings))
        browser = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))

        async def holder() -> Daemon:
            async with asyncio.timeout(40):
                while (process := await Processes(database).holder_of("to-5")) is None:
                    await asyncio.sleep(0.1)
            return next(d for d in daemons if d.inside == process.address)

        opened = await browser.get(await admin_link(tmp_path / "one.toml", daemons[1].url))
        assert opened.headers["location"] == "/welcome", "signed by one, read by the other"

        await linked(house)
        first = await holder()
        other = next(d for d in daemons if d is not first)
        made = await house.room.create_invitation(
            LEADER,
            Role.OFFICIAL,
            "Bà Hoa",
            expires=datetime.now(UTC) + timedelta(hours=1),
            lobby=False,
        )
        path = f"/h/to-5{house.access.invitation_link(made.id)}"
        assert "Bà Hoa" in (await browser.get(other.url + path)).text, "passed on"
        await house.room.start_meeting(LEADER)
        guest = await house.room.enter(made.id, "Bà Hoa")
        live, token = "/h/to-5/live/official", house.access.guest_token(guest, 1)
        line = await websockets.connect(
            other.url.replace("http", "ws", 1) + live, origin=other.url, proxy=None
        )
        await line.send(json.dumps({"token": token}))
        await line.recv()

        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
        with pytest.raises(websockets.ConnectionClosed):
            async with asyncio.timeout(40):
                while True:
                    await line.recv()
        assert line.close_code == 1012, "the page comes back by itself"
        async with asyncio.timeout(40):
            while await holder() is not other:
                await asyncio.sleep(0.1)
        await linked(house)
        page = await browser.get(address + path)
        assert "Bà Hoa" in page.text
        url = address.replace("http", "ws", 1) + live
        async with websockets.connect(url, origin=address, proxy=None) as again:
            await again.send(json.dumps({"token": token}))
            assert "regions" in json.loads(await again.recv())
        log = other.log.read_text()
        assert "/h/to-5/join/…" in log
        assert path.rpartition("/")[2] not in first.log.read_text() + log
