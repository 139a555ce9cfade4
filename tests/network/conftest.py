"""Networks in software: a house and an official, each behind a router that hides it, and the world.

    house 192.168.10.2 ── house's router ─┐                    ┌─ official's router ── official
                          55.0.0.10       ├── the world ───────┤  55.0.0.20            192.168.20.2
                                          │   55.0.0.1 hub     └─ 55.0.0.30  neighbour (no router)
                                          │   55.0.0.2 coturn
                                          └── nobody outside: these networks end here

Every namespace is made by the test and taken away with everything in it, also after a failure. What
runs inside is what runs in a ward: the daemons, Debian's coturn by the example, Chromium.
"""

import asyncio
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser, Page

from storage.engine import Database
from tests.network.firefox import Page as FirefoxPage
from tests.network.firefox import firefox
from ward.houses import Houses

HUB, RELAY = "55.0.0.1", "55.0.0.2"
HUB_URL = f"http://{HUB}:443"
CAMERA = Path(__file__).parent.parent / "gst_camera.py"
T = TypeVar("T")

ROUTER = """
table inet router {
  chain nat {
    type nat hook postrouting priority srcnat;
    oifname "out" jump hide
  }
  chain hide {
    masquerade fully-random
  }
  chain input {
    type filter hook input priority filter;
    iifname "out" ct state new drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "in" jump line
  }
  chain line {
    accept
  }
}
"""
HIDES = {
    "a new port for everybody": "masquerade fully-random",
    "one port": "masquerade",
}
"""What others see of a connection: a symmetric NAT, or what most routers at home do."""
LINES = {
    "open": ("accept",),
    "no UDP": ("meta l4proto udp drop", "accept"),
    "TLS alone": ("tcp dport 443 accept", "drop"),
    "the ward alone": (f"ip daddr {{ {HUB}, {RELAY} }} accept", "drop"),
}
"""What a router lets out."""
CUT = """
table inet cut {{
  chain forward {{
    type filter hook forward priority -10;
    {what} drop
  }}
}}
"""
RELAY_WATCH = f"""
table inet watch {{
  counter relayed {{
  }}
  chain input {{
    type filter hook input priority filter;
    ip daddr {RELAY} udp dport 49152-65535 counter name relayed
  }}
}}
"""


def sh(*command: str, text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Namespace:
    """A machine, as far as its network goes."""

    def __init__(self, name: str) -> None:
        """Raises AssertionError where none can be made."""
        self.name = name
        sh("ip", "netns", "add", name)

    @property
    def prefix(self) -> list[str]:
        """Before a command that is to run in it."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--"]

    def sh(self, *command: str, text: str | None = None) -> str:
        return sh(*self.prefix, *command, text=text)

    def address(self, device: str, *addresses: str, via: str = "") -> None:
        for address in addresses:
            self.sh("ip", "address", "add", address, "dev", device)
        self.sh("ip", "link", "set", device, "up")
        if via:
            self.sh("ip", "route", "add", "default", "via", via)

    def route(self, line: str) -> None:
        """Be a router between `in` and `out`, whose line lets this out."""
        self.sh("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        self.sh("nft", "-f", "-", text=ROUTER)
        self.let_out(line)

    def let_out(self, line: str) -> None:
        rules = [f"add rule inet router line {rule}" for rule in LINES[line]]
        self.sh("nft", "-f", "-", text="\n".join(["flush chain inet router line", *rules]))

    def hide(self, how: str) -> None:
        rules = ("flush chain inet router hide", f"add rule inet router hide {HIDES[how]}")
        self.sh("nft", "-f", "-", text="\n".join(rules))

    def cut(self, what: str = "") -> None:
        """Let nothing through, or nothing of this, and be it long established."""
        self.sh("nft", "-f", "-", text=CUT.format(what=what))

    def mend(self) -> None:
        self.sh("nft", "delete", "table", "inet", "cut")

    def work(self, job: Callable[[], T]) -> T:
        """Run it in a thread that lives in this namespace."""

        def enter() -> None:
            with Path("/run/netns", self.name).open() as place:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(place.fileno(), 0x40000000):
                    raise OSError(ctypes.get_errno(), "setns")

        with ThreadPoolExecutor(1, initializer=enter) as thread:
            return thread.submit(job).result()

    def end(self) -> None:
        """With whatever still runs in it."""
        for pid in subprocess.run(
            ["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False
        ).stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", self.name], check=False)


@dataclass
class World:
    outside: Namespace
    house: Namespace
    house_router: Namespace
    official: Namespace
    neighbour: Namespace
    official_router: Namespace

    def relayed_bytes(self) -> int:
        """What the relay was sent to pass on, by anybody."""
        listing = self.outside.sh("nft", "list", "counter", "inet", "watch", "relayed")
        return int(listing.split("bytes")[1].split()[0])


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with ExitStack() as stack:

        def namespace(name: str) -> Namespace:
            made = Namespace(f"av{os.getpid()}-{name}")
            stack.callback(made.end)
            made.sh("ip", "link", "set", "lo", "up")
            return made

        try:
            Namespace(f"av{os.getpid()}-trial").end()
        except AssertionError as error:
            pytest.skip(f"no network namespaces can be made here: {error}")
        outside = namespace("world")
        outside.sh("ip", "link", "add", "net", "type", "bridge")
        outside.address("net", f"{HUB}/24", f"{RELAY}/24")
        outside.sh("nft", "-f", "-", text=RELAY_WATCH)

        def plug_in(who: Namespace, device: str) -> None:
            port = f"to-{who.name.rpartition('-')[2]}"[:15]
            sh("ip", "link", "add", device, "netns", who.name, "type", "veth",
               "peer", "name", port, "netns", outside.name)  # fmt: skip
            outside.sh("ip", "link", "set", port, "master", "net", "up")

        def behind_router(name: str, network: str, address: str) -> tuple[Namespace, Namespace]:
            router, machine = namespace(f"{name}router"), namespace(name)
            plug_in(router, "out")
            router.address("out", f"{address}/24", via=HUB)
            sh("ip", "link", "add", "in", "netns", router.name, "type", "veth",
               "peer", "name", "eth0", "netns", machine.name)  # fmt: skip
            router.address("in", f"{network}.1/24")
            machine.address("eth0", f"{network}.2/24", via=f"{network}.1")
            router.route("open")
            return machine, router

        house, house_router = behind_router("house", "192.168.10", "55.0.0.10")
        official, official_router = behind_router("official", "192.168.20", "55.0.0.20")
        neighbour = namespace("neighbour")
        plug_in(neighbour, "eth0")
        neighbour.address("eth0", "55.0.0.30/24", via=HUB)
        yield World(outside, house, house_router, official, neighbour, official_router)


@dataclass(frozen=True)
class Certificates:
    authority: Path
    relay: tuple[Path, Path]
    """Certificate and key."""
    home: Path
    """Of a user whose Chromium trusts the authority."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority of the test's own, the relay's certificate, and a browser that trusts it."""
    folder = tmp_path_factory.mktemp("certificates")
    authority_key, authority = _certificate("Authority of the tests", None)
    key, certificate = _certificate(RELAY, (authority_key, authority))
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "relay.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "relay.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    home = folder / "home"
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    sh("certutil", "-d", f"sql:{database}", "-N", "--empty-password")
    sh("certutil", "-d", f"sql:{database}", "-A", "-n", "tests", "-t", "C,,", "-i",
       str(folder / "ca.pem"))  # fmt: skip
    return Certificates(folder / "ca.pem", (folder / "relay.pem", folder / "relay.key"), home)


def _certificate(
    name: str, issuer: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))])
        builder = builder.add_extension(alternative, critical=False)
    return key, builder.sign(issuer[0] if issuer else key, hashes.SHA256())


class Daemon:
    """A process in a namespace, ready once its log says so."""

    def __init__(self, where: Namespace, log: Path, *command: str, **environment: str) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*where.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | environment,
            )

    def until(self, words: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.log():
            assert self.process.poll() is None, self.log()[-3000:]
            assert time.monotonic() < deadline, f"no “{words}”:\n{self.log()[-3000:]}"
            time.sleep(0.05)

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


WARD_TOML = """
data = "{folder}/ward"
[ward]
name = "Phường Hòa Bình"
[web]
host = "{hub}"
port = 443
public_url = "{hub_url}"
[turn]
urls = [
  "turn:{relay}:3478",
  "turn:{relay}:3478?transport=tcp",
  "turns:{relay}:443?transport=tcp",
]
secret_file = "turn.secret"
"""

HOUSE_TOML = """
data = "{folder}/house"
[house]
name = "Nhà văn hóa Tổ dân phố 5"
ward = "Phường Hòa Bình"
[web]
port = 8080
[[cameras]]
kind = "rtsp"
id = "camera"
name = "Camera hội trường"
url = "rtsp://127.0.0.1:8554/cam"
[link]
url = "{hub_url}"
house = "to-5"
key_file = "link.key"
"""


@dataclass
class Ward:
    """A ward and a house of it, in a meeting."""

    world: World
    folder: Path
    invitation: str
    """An address that lets an official in without the lobby."""
    house: Daemon
    hub: Daemon
    tablet: httpx.Client

    async def in_the_hall(self, job: Callable[[httpx.Client], T]) -> T:
        """What the leader's tablet, in the hall, is told."""
        return await asyncio.to_thread(self.world.house.work, lambda: job(self.tablet))


@pytest.fixture(scope="session")
def ward(
    world: World, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory,
    coturn: Callable[..., Any],
) -> Iterator[Ward]:  # fmt: skip
    folder = tmp_path_factory.mktemp("ward")
    facts = {"folder": folder, "hub": HUB, "hub_url": HUB_URL, "relay": RELAY}
    (folder / "ward.toml").write_text(WARD_TOML.format(**facts))
    (folder / "house.toml").write_text(HOUSE_TOML.format(**facts))
    (folder / "ward").mkdir()
    with ExitStack() as stack:
        relay = coturn(
            RELAY, port=3478, certificate=certificates.relay, inside=world.outside.prefix
        )
        stack.callback(relay.stop)
        relay.start()
        for name, secret in {
            "turn.secret": relay.SECRET,
            "link.key": asyncio.run(_enrolled(folder / "ward" / "ward.db")),
        }.items():
            (folder / name).touch(0o600)
            (folder / name).write_text(secret)
        python = (sys.executable, "-m", "avcontrol", "--language", "en")

        def start(where: Namespace, name: str, *command: str, **environment: str) -> Daemon:
            daemon = Daemon(where, folder / f"{name}.log", *command, **environment)
            stack.callback(daemon.end)
            return daemon

        start(world.house, "camera", "/usr/bin/python3", str(CAMERA), "8554")
        config = ("--config", str(folder / "ward.toml"))
        hub = start(world.outside, "hub", *python, "ward", *config)
        hub.until("answers at")
        config = ("--config", str(folder / "house.toml"))
        trust = {"SSL_CERT_FILE": str(certificates.authority)}
        house = start(world.house, "house", *python, "house", *config, **trust)
        house.until("linked to the ward")
        house.until("'relay.works'")
        link = sh(*python, "link", *config, "--role", "leader").strip()
        base = link.partition("/open/")[0]
        with httpx.Client(
            base_url=base, headers={"Origin": base}, trust_env=False, follow_redirects=True
        ) as tablet:
            invitation = world.house.work(lambda: _invite(tablet, link))
            yield Ward(world, folder, f"{HUB_URL}/h/to-5{invitation}", house, hub, tablet)


async def _enrolled(path: Path) -> str:
    async with await Database.open(path) as database:
        houses = Houses(database)
        _, key = await houses.enrol(await houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5"))
        return key


def _invite(tablet: httpx.Client, link: str) -> str:
    """As the leader does on a tablet without JavaScript: start the meeting, invite an official."""
    assert tablet.get(link).status_code == 200
    assert tablet.post("/do/start-meeting").status_code == 200
    page = tablet.post("/do/create-invitation", data={"whom": "officials", "days": "1"}).text
    found = re.search(r"/join/[^\"<&\s]+", page)
    assert found, page
    return found[0]


WATCH_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...parameters) { super(...parameters); window.connections.push(this); }
};
"""
SELECTED = """
async () => {
  const stats = await window.connections.at(-1).getStats();
  const transport = [...stats.values()].find((part) => part.type === "transport");
  const pair = stats.get(transport.selectedCandidatePairId);
  const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
  return {
    local: local.candidateType,
    remote: remote.candidateType,
    by: local.relayProtocol ?? local.protocol,
  };
}
"""
PICTURES = """() => {
  if (window.pictures === undefined) {
    const video = document.getElementById("hall-video");
    const seen = () => {
      window.pictures += 1;
      video.requestVideoFrameCallback(seen);
    };
    window.pictures = 0;
    video.requestVideoFrameCallback(seen);
  }
  return window.pictures;
}"""
SHOWN = """() => ({
  ...document.getElementById("call").dataset,
  problem: document.getElementById("call-problem").textContent,
})"""
FRAMES = """() => {
  const video = document.getElementById("hall-video");
  // Firefox counts those of a call nowhere else.
  return video.mozPaintedFrames ?? video.getVideoPlaybackQuality().totalVideoFrames;
}"""


@dataclass
class Official:
    page: Page | FirefoxPage
    joined: float = field(default_factory=time.monotonic)

    async def sees(self, frames: int, ceiling: float = 60) -> float:
        """Seconds from his tap on "join" until he has seen so many pictures of the hall."""
        try:
            async with asyncio.timeout(ceiling):
                while await self.pictures() < frames:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"sees nothing: {await self.page.evaluate(SHOWN)}")
        return time.monotonic() - self.joined

    async def pictures(self) -> int:
        """Of the hall, decoded so far."""
        shown: int = await self.page.evaluate(FRAMES)
        return shown

    async def shown(self) -> int:
        """Shown so far, from the first time this is asked; of a path that died, the last stays."""
        count: int = await self.page.evaluate(PICTURES)
        return count

    async def status(self) -> str:
        said: str = await self.page.evaluate("() => document.getElementById('call').dataset.status")
        return said

    async def path(self) -> dict[str, Any]:
        """The candidates that his browser settled on."""
        selected: dict[str, Any] = await self.page.evaluate(SELECTED)
        return selected


@pytest.fixture
def join(
    ward: Ward, certificates: Certificates, launch_browser: Callable[..., Awaitable[Browser]]
) -> Callable[[Namespace], Any]:
    @asynccontextmanager
    async def chromium(where: Namespace) -> AsyncIterator[Page]:
        with tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False) as script:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            script.write(f'#!/bin/sh\nexec {" ".join(where.prefix)} {chromium} "$@"\n')
        Path(script.name).chmod(0o755)
        try:
            browser = await launch_browser(
                executable=script.name,
                more=[f"--unsafely-treat-insecure-origin-as-secure={HUB_URL}"],
                HOME=str(certificates.home),
            )
            page = await browser.new_page(locale="vi-VN")
            await page.add_init_script(WATCH_CONNECTIONS)
            yield page
        finally:
            Path(script.name).unlink()

    async def is_gone() -> None:
        """A browser that is closed too soon has not said that he leaves."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            people = await ward.in_the_hall(lambda tablet: tablet.get("/panel/guests").text)
            if 'id="remove-' not in people:
                return
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def join(where: Namespace, browser: str = "chromium") -> AsyncIterator[Official]:
        """An official's browser there, which has just pressed "join"."""
        opening = chromium(where) if browser == "chromium" else firefox(where, secure=HUB)
        async with opening as page:
            await page.goto(ward.invitation)
            await page.fill("#name", "Bà Hoa")
            await page.click("[data-action=join]")
            yield Official(page)
            await page.click("[data-action=leave]")
            await is_gone()

    return join
