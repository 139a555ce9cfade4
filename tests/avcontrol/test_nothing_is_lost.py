"""Nothing that a phone holds a receipt for is lost or there twice, whatever ends the program: a
`kill -9` at any moment, a file system that is cut off under load, a PostgreSQL that is killed.

Phones ask and write down each receipt that they get. What was sent and not acknowledged they send
again with the same key, as a browser does. Afterwards the history is checked by what everybody may
see: each receipt's page, and the exported ledger, which `avcontrol ledger verify` finds whole, and
in which exactly as many questions were received as there are receipts.
"""

import asyncio
import fcntl
import os
import random
import re
import secrets
import signal
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from bench.phone import Answer, Phone
from storage.engine import Database
from tests.ports import free_port
from ward.houses import Houses

ROOT = Path(__file__).parents[2]
PHONES = 12
UP_SECONDS = 60

_NOT_NOW = {429, 500, 502, 503, 504}
"""It has not stored it, or does not know whether it has."""

HOUSE = """
data = "{data}"
[house]
name = "Nhà văn hóa Tổ dân phố 5"
ward = "Phường Mẫu"
[web]
port = {port}
"""
WARD = """
data = "{data}"
[ward]
name = "Phường Mẫu"
[web]
port = {port}
public_url = "http://127.0.0.1:{port}"
[storage]
url = "{url}"
password_file = "{password}"
"""

# As avcontrol, but that it may be told to be less careful.
PROGRAM = """
import sys
import storage.sqlite
careful, synchronous = storage.sqlite._engine, sys.argv.pop(1)
storage.sqlite._engine = lambda path, begin, *pragmas: careful(
    path, begin, *(pragma.replace("= FULL", f"= {synchronous}") for pragma in pragmas)
)
from avcontrol.cli import main
sys.exit(main())
"""


class Phones:
    """They outlive the program and remember what it told them."""

    def __init__(self, port: int, root: str = "") -> None:
        self.port, self._root = port, root
        self.receipts: dict[str, str] = {}
        """What was acknowledged: its text, by the receipt."""
        self.unsure: dict[str, str] = {}
        """What was sent and not acknowledged: its text, by the key."""
        self.cut = False
        """Whoever reads an answer now does not know whether it was sent before the cut."""
        self.late = set[str]()
        """Receipts that were read after a cut had begun: nobody was promised anything."""
        self.again = 0
        """How many acknowledgements were told twice."""
        self._stopping = False

    async def ask_until(self, ended: asyncio.Future[None]) -> None:
        """All of them, each as fast as it can, over lines that may break."""
        self._stopping = False
        asking = [asyncio.ensure_future(self._phone()) for _ in range(PHONES)]
        await ended
        self._stopping = True
        await asyncio.gather(*asking)

    async def ask_again(self) -> None:
        """What nobody acknowledged, until it is."""
        self.cut = False
        async with Phone("127.0.0.1", self.port) as phone:
            for key in list(self.unsure):
                for _ in range(50):
                    if key in self.unsure:
                        await self._ask(phone, key)
        assert not self.unsure

    async def _phone(self) -> None:
        while not self._stopping:
            phone = Phone("127.0.0.1", self.port)
            with suppress(OSError, EOFError):
                await phone.connect()
                while not self._stopping:
                    key = self._key()
                    self.unsure[key] = f"Bao giờ sửa đèn đường {key}?"
                    await self._ask(phone, key)
                    if random.random() < 0.1 and key not in self.unsure:
                        await self._same_again(phone, key)
            phone.close()
            await asyncio.sleep(0.02)

    def _key(self) -> str:
        """A new one, or one that is still unsure; another may be sending that at this moment."""
        unsure = list(self.unsure)
        return random.choice(unsure) if unsure and random.random() < 0.5 else secrets.token_hex(8)

    async def _ask(self, phone: Phone, key: str) -> None:
        text = f"Bao giờ sửa đèn đường {key}?"
        answer = await phone.post(f"{self._root}/ask", text=text, key=key)
        if answer.status in _NOT_NOW:
            await asyncio.sleep(0.25)
        elif self.cut:
            self.late.add(answer.json()["receipt"])
        else:
            self._told(answer, text)
            self.unsure.pop(key, None)

    async def _same_again(self, phone: Phone, key: str) -> None:
        text = f"Bao giờ sửa đèn đường {key}?"
        answer = await phone.post(f"{self._root}/ask", text=text, key=key)
        if answer.status not in _NOT_NOW and not self.cut:
            assert self._told(answer, text), "the same key is the same question"
            self.again += 1

    def _told(self, answer: Answer, text: str) -> bool:
        """Whether it was known before."""
        assert answer.status == 201, answer
        receipt = answer.json()["receipt"]
        known = receipt in self.receipts
        assert self.receipts.setdefault(receipt, text) == text
        return known

    async def lost(self, receipts: set[str]) -> list[str]:
        """Those of them that the program does not know any more, or only a part of."""
        missing = []
        async with Phone("127.0.0.1", self.port) as phone:
            for receipt in receipts:
                answer = await phone.get(f"{self._root}/receipt/{receipt}")
                if answer.status == 404 or answer.status == 429:
                    missing.append(receipt)
                    continue
                told = answer.json()
                assert told["text"] == self.receipts.get(receipt, told["text"])
                assert told["owner"] and told["due_at"], (
                    "nothing is without an owner and a deadline"
                )
        return missing

    async def check_history(self, folder: Path) -> None:
        """Every receipt is known, none is lost, and there is nothing else."""
        await self.ask_again()
        assert not await self.lost(set(self.receipts))
        exported = folder / "ledger.jsonl"
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.get(f"http://127.0.0.1:{self.port}/ledger.jsonl")
            exported.write_bytes(answer.raise_for_status().content)
        verified = subprocess.run(
            [sys.executable, "-m", "avcontrol", "ledger", "verify", str(exported)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
        received = exported.read_text().count('"kind":"received"')
        assert received == len(self.receipts), "as many as there are receipts: none twice"
        sums = re.findall(r"\d+", verified.stdout)
        assert str(received) in sums


class Server:
    """`avcontrol house` or `avcontrol ward` in a process of its own, from a bare configuration."""

    def __init__(self, kind: str, folder: Path, settings: str, synchronous: str = "FULL") -> None:
        self.port = free_port()
        self._folder, self._settings, self._kind = folder, folder / f"{kind}.toml", kind
        self._settings.write_text(settings.replace("{port}", str(self.port)))
        self._synchronous = synchronous
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", PROGRAM, self._synchronous),
                *(self._kind, "--config", str(self._settings)),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    async def answers(self) -> None:
        """Raises AssertionError where it has ended instead."""
        assert self.process
        deadline = time.monotonic() + UP_SECONDS
        while True:
            with suppress(OSError, EOFError):
                async with Phone("127.0.0.1", self.port) as phone:
                    if (await phone.get("/healthz")).status == 200:
                        return
            log = (self._folder / "log").read_text()[-3000:]
            assert self.process.returncode is None, log
            assert time.monotonic() < deadline, log
            await asyncio.sleep(0.03)

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    try:
        yield server
    finally:
        await server.kill()


async def one_end(server: Server, phones: Phones, end: "End") -> set[str]:
    """Start, ask, and let it come to its end; the receipts that were told meanwhile."""
    before = set(phones.receipts)
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await server.start()
    phones.cut = False
    asking = asyncio.ensure_future(phones.ask_until(ended))
    try:
        if random.random() < 0.15:  # while it starts, recovers, writes its first lines
            await asyncio.sleep(random.uniform(0.3, 2.0))
        else:
            await server.answers()
            await asyncio.sleep(random.uniform(0.02, 0.8))
        await end(server, phones)
    finally:
        ended.set_result(None)
        await asyncio.wait_for(asking, 30)
    return phones.receipts.keys() - before


class End:
    """How it ends: here, at once and by the hardest signal that there is."""

    async def __call__(self, server: Server, phones: Phones) -> None:
        await server.kill()


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(2, marks=pytest.mark.timeout(300)),
        pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ],
)
@pytest.mark.peer
async def test_a_house_that_is_killed_at_any_moment(tmp_path: Path, kills: int) -> None:
    settings = HOUSE.replace("{data}", str(tmp_path / "data"))
    async with running(Server("house", tmp_path, settings)) as server:
        phones, told = Phones(server.port), set[str]()
        for _ in range(kills):
            told |= await one_end(server, phones, End())
        await server.start()
        await server.answers()
        unsure = len(phones.unsure)
        await phones.check_history(tmp_path)
    print(
        f"{kills} kills, {len(told)} acknowledged, {unsure} sent again, {phones.again} told twice"
    )
    assert len(told) >= kills


class Killing(End):
    """The hub, the server's process that writes for it, or the whole server."""

    def __init__(self, postgres: object) -> None:
        self._postgres = postgres
        self.ends = {"hub": 0, "backend": 0, "server": 0}

    async def __call__(self, server: Server, phones: Phones) -> None:
        which = random.choice(list(self.ends))
        self.ends[which] += 1
        postgres: object = self._postgres
        if which == "backend":
            await asyncio.to_thread(_kill_backend, postgres)
        elif which == "server":
            await asyncio.to_thread(postgres.kill)  # type: ignore[attr-defined]
        if which != "hub":
            await asyncio.to_thread(postgres.start)  # type: ignore[attr-defined]
            await asyncio.sleep(random.uniform(0, 1.0))
        await server.kill()


def _kill_backend(postgres: object) -> None:
    query = "SELECT pid FROM pg_stat_activity WHERE datname = 'ward' ORDER BY random() LIMIT 1"
    with suppress(ProcessLookupError, psycopg.OperationalError):
        for (pid,) in postgres.run(query):  # type: ignore[attr-defined]
            os.kill(pid, signal.SIGKILL)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.peer
async def test_a_hub_whose_database_is_killed_too(tmp_path: Path, postgres, postgres_url) -> None:
    postgres.run("ALTER SYSTEM SET fsync = on")
    postgres.run("SELECT pg_reload_conf()")
    async with await Database.open(postgres_url) as database:
        houses = Houses(database)
        await houses.enrol(await houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5"))
    password = tmp_path / "password"
    password.write_text(postgres.PASSWORD)
    password.chmod(0o600)
    url = f"postgresql://{postgres.USER}@127.0.0.1:{postgres.port}/{postgres.DATABASE}"
    settings = WARD.format(data=tmp_path / "data", url=url, password=password, port="{port}")
    killing = Killing(postgres)
    try:
        async with running(Server("ward", tmp_path, settings)) as server:
            phones, told = Phones(server.port, "/h/to-5"), set[str]()
            for _ in range(40):
                told |= await one_end(server, phones, killing)
            await server.start()
            await server.answers()
            await phones.check_history(tmp_path)
    finally:
        postgres.start()
        postgres.run("ALTER SYSTEM RESET fsync")
    print(f"{killing.ends}, {len(told)} acknowledged, {phones.again} told twice")
    assert len(told) >= 40


_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32): linux/fs/ext4/ext4.h
_NO_LOG_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more is written, as if the power were gone. What no fsync
has asked for is lost, and what was being written may be there in part."""


class Disk(End):
    """A file system of its own in a file, which can be cut off.

    What counts as acknowledged is what was read before the cut began: an fsync that is under way
    at that moment may come back as done, as no power cut would let it.
    """

    def __init__(self, folder: Path) -> None:
        self._image, self.path = folder / "disk.img", folder / "disk"

    def make(self) -> None:
        with self._image.open("wb") as file:
            file.truncate(256 * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self._image)], check=True)
        self.path.mkdir()
        self._mount()

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", str(self._image), str(self.path)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.path)], check=True)

    def cut_off(self) -> None:
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def come_back(self) -> None:
        """Its journal is read, as after a power cut."""
        self.unmount()
        self._mount()

    async def __call__(self, server: Server, phones: Phones) -> None:
        phones.cut = True
        self.cut_off()
        await asyncio.sleep(random.uniform(0, 0.2))
        await server.kill()
        self.come_back()


@contextmanager
def cut_disk(folder: Path) -> Iterator[Disk]:
    disk = Disk(folder)
    try:
        disk.make()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here; it takes root and a loop device: {error}")
    try:
        yield disk
    finally:
        disk.unmount()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.peer
async def test_a_file_system_that_is_cut_off_under_load(tmp_path: Path) -> None:
    cuts = 50
    with cut_disk(tmp_path) as disk:
        settings = HOUSE.replace("{data}", str(disk.path / "data"))
        async with running(Server("house", tmp_path, settings)) as server:
            phones, told = Phones(server.port), set[str]()
            for _ in range(cuts):
                told |= await one_end(server, phones, disk)
            await server.start()
            await server.answers()
            unknown = len(await phones.lost(phones.late - phones.receipts.keys()))
            await phones.check_history(tmp_path)
            await server.kill()
    print(
        f"{cuts} cuts, {len(told)} acknowledged, {phones.again} told twice; of "
        f"{len(phones.late)} answers read after a cut had begun {unknown} are not known"
    )
    assert len(told) >= cuts


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.peer
async def test_a_cut_is_one_the_careless_lose_by_it(tmp_path: Path) -> None:
    """Were the database less careful, the same cuts and the same check would find losses."""
    with cut_disk(tmp_path) as disk:
        settings = HOUSE.replace("{data}", str(disk.path / "data"))
        async with running(Server("house", tmp_path, settings, "NORMAL")) as server:
            phones = Phones(server.port)
            for _ in range(20):
                told = await one_end(server, phones, disk)
                await server.start()
                await server.answers()
                lost = await phones.lost(told)
                await server.kill()
                if lost:
                    break
            else:
                pytest.fail("20 cuts, and nothing was lost")
    print(f"{len(lost)} of {len(told)} acknowledged were lost")
