"""Caddy and nginx from the distribution, each with its example file, in front of a real hub with a
real house: pages, link and sockets over HTTPS, and the browser's address arrives."""

import asyncio
import json
import logging
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import websockets

import config
from avcontrol.enrol import enrol
from avcontrol.house import House, open_house
from avcontrol.ward import Ward, open_ward
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from config.ward import HubWebSection, WardSection, WardSettings
from rooms.meeting import Actor
from rooms.view import Connection, Role
from tests.ports import free_port

pytestmark = pytest.mark.peer

FOLDER = Path(config.__file__).parent
LEADER = Actor(Role.LEADER, "Bác Lan")
BROWSER = "127.0.0.2"
"""Loopback has more than one address: the proxy must see this one, and tell it."""


def changed(text: str, *changes: tuple[str, str]) -> str:
    for pattern, new in changes:
        text, count = re.subn(pattern, lambda _, new=new: new, text)
        assert count, f"the example has no {pattern} any more"
    return text


def nginx(folder: Path, port: int, hub: int) -> list[str]:
    """The example as it stands, but for ports, certificate and the log's place."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    site = changed(
        (FOLDER / "nginx.example.conf").read_text(),
        (r"127\.0\.0\.1:8090", f"127.0.0.1:{hub}"),
        (r"listen 80;\n.*listen \[::\]:80;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 443 ssl http2;\n.*\[::\]:443.*", f"listen 127.0.0.1:{port} ssl http2;"),
        (r"hop\.phuong-mau\.example;", "localhost;"),
        (r"/etc/letsencrypt/\S+/fullchain.pem", str(cert)),
        (r"/etc/letsencrypt/\S+/privkey.pem", str(key)),
        (r"/var/log/nginx/error.log", "stderr"),
    )
    (folder / "site.conf").write_text(site)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ {temporary}\ninclude {folder}/site.conf;\n}}\n"
    )
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, hub: int) -> list[str]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    text = changed(
        (FOLDER / "Caddyfile.example").read_text(),
        (r"127\.0\.0\.1:8090 \{", f"127.0.0.1:{hub} {{"),
        (r"\n\{\n", "\n{\n\tadmin off\n\tauto_https disable_redirects\n"),
        (
            r"\nhop\.phuong-mau\.example \{",
            f"\nhttps://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {cert} {key}",
        ),
    )
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")


@pytest.mark.parametrize("program", [nginx, pytest.param(caddy, marks=needs_caddy)])
async def test_a_hub_behind_its_proxy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    certificate: tuple[Path, Path],
    program: Callable[[Path, int, int], list[str]],
) -> None:
    caplog.set_level(logging.INFO, "web")
    cert, _ = (Path(shutil.copy(file, tmp_path)) for file in certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    port, hub = free_port(), free_port()
    address = f"https://localhost:{port}"
    settings = WardSettings(
        ward=WardSection(name="Phường Mẫu"),
        web=HubWebSection(port=hub, public_url=address, behind_proxy=True),
        data=tmp_path / "ward",
    )
    trusted = ssl.create_default_context(cafile=str(cert))
    async with AsyncExitStack() as stack:
        ward = await stack.enter_async_context(open_ward(settings))
        proxy = await asyncio.create_subprocess_exec(
            *program(tmp_path, port, hub), stderr=asyncio.subprocess.PIPE
        )
        stack.push_async_callback(ended, proxy)
        browser = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(verify=trusted, local_address=BROWSER),
                base_url=address,
                headers={"Origin": address, "X-Forwarded-For": "203.0.113.9"},
            )
        )
        await answering(browser, proxy)
        await pages_work(browser, ward)
        house = await stack.enter_async_context(linked_house(ward, address, tmp_path))
        await the_house_is_reached(browser, house, address, trusted)
        lines = [record.getMessage() for record in caplog.records]
        assert f"{BROWSER} GET /h/to-5/join/… 200" in "\n".join(lines)
        assert f"{BROWSER} GET /join/… 200" in "\n".join(lines), "and the house knows it"
        assert "203.0.113.9" not in "\n".join(lines), "what the browser claims"


async def ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def answering(browser: httpx.AsyncClient, proxy: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30):
        while True:
            assert proxy.returncode is None, (await proxy.communicate())[1].decode()
            try:
                if (await browser.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def pages_work(browser: httpx.AsyncClient, ward: Ward) -> None:
    page = await browser.get("/welcome")
    assert page.status_code == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    code = await ward.site.accounts.first_code()
    form = {"code": code, "name": "An", "login": "an@x.vn", "password": "chín con voi đi chợ"}
    welcomed = await browser.post("/welcome", data=form)
    assert welcomed.headers["location"] == "/houses"
    assert "; Secure" in welcomed.headers["set-cookie"], "the hub knows that it is HTTPS"
    assert (await browser.get("/houses")).status_code == 200
    foreign = await browser.post("/houses", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    large, json_please = b"x" * 70_000, {"Accept": "application/json"}
    said = await browser.post("/api/enrol", content=large, headers=json_please)
    assert (said.status_code, said.json()["code"]) == (413, "web.too_large"), "in the hub's words"
    far_too_large = await browser.post("/api/enrol", content=b"x" * 1_200_000)
    assert far_too_large.status_code in {413, 502}, "Caddy has no words for it"


@asynccontextmanager
async def linked_house(ward: Ward, address: str, folder: Path) -> AsyncIterator[House]:
    code = await ward.site.houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")
    enrolled = await asyncio.to_thread(enrol, address, code, folder / "link.key")
    settings = HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=folder / "house",
        link=LinkSection(url=address, house="to-5", key_file=enrolled.key_file),
    )
    async with open_house(settings) as house:
        yield house


async def the_house_is_reached(
    browser: httpx.AsyncClient, house: House, address: str, trusted: ssl.SSLContext
) -> None:
    async with asyncio.timeout(30):
        async for view in house.room.view.changes():
            if view.link.connection is Connection.LINKED:
                assert view.link.public_url == f"{address}/h/to-5"
                break
    made = await house.room.create_invitation(
        LEADER,
        Role.OFFICIAL,
        "Bà Hoa",
        expires=datetime.now(UTC) + timedelta(hours=1),
        lobby=False,
    )
    path = f"/h/to-5{house.access.invitation_link(made.id)}"
    assert "Bà Hoa" in (await browser.get(path)).text
    await house.room.start_meeting(LEADER)
    guest = await house.room.enter(made.id, "Bà Hoa")
    live = f"{address.replace('http', 'ws', 1)}/h/to-5/live/official"
    async with websockets.connect(live, origin=address, proxy=None, ssl=trusted) as line:
        await line.send(json.dumps({"token": house.access.guest_token(guest, 1)}))
        assert "regions" in json.loads(await asyncio.wait_for(line.recv(), 20))
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(live, origin="https://evil.example", proxy=None, ssl=trusted)
