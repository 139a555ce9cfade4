"""What every test may use: a real browser, a real PostgreSQL server, a real relay."""

import fcntl
import gc
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.async_api import Browser, async_playwright, expect
from sqlalchemy import URL

import config
from base.garbage import settle
from devices.virtual.hall_picture import load_small_clip
from storage.postgres import Postgres
from storage.sqlite import Sqlite
from tests.chromium import connect
from tests.ports import free_port

hypothesis.settings.register_profile("tests", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("tests")
expect.set_options(timeout=30_000)  # as long as Playwright waits for everything else

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
]


def pytest_configure() -> None:
    """Nothing that is imported becomes garbage, and short tests leave little."""
    gc.disable()
    gc.set_threshold(100_000)


def pytest_collection_finish() -> None:
    """The modules of all tests are too many to be looked through again and again."""
    settle()


EXECUTABLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's Chromium with a camera and a microphone of its own making, one for all tests of a
    worker; the address at which Playwright finds it."""
    options = {"executablePath": EXECUTABLE, "args": CHROMIUM_FLAGS, "host": "127.0.0.1"}
    settings = tmp_path_factory.mktemp("chromium") / "server.json"
    settings.write_text(json.dumps(options))
    command = [sys.executable, "-m", "playwright", "launch-server", "--browser", "chromium"]
    process = subprocess.Popen(
        [*command, "--config", str(settings)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    try:
        address = process.stdout.readline().strip()
        assert address, "Chromium did not start; its message stands above"
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()  # until the last of them has ended


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Nothing is left in it of what other tests did: their contexts end with them."""
    async with connect(chromium) as browser:
        yield browser


@pytest.fixture
async def launch_browser() -> AsyncIterator[Callable[..., Awaitable[Browser]]]:
    """Starts other Chromiums, with flags or in an environment of their own."""
    async with async_playwright() as playwright, AsyncExitStack() as stack:

        async def launch(
            executable: str = EXECUTABLE,
            more: Sequence[str] = (),
            **environment: str,
        ) -> Browser:
            browser = await playwright.chromium.launch(
                executable_path=executable,
                args=[*CHROMIUM_FLAGS, *more],
                env={**os.environ, **environment},
            )
            stack.push_async_callback(browser.close)
            return browser

        yield launch


@pytest.fixture(scope="session")
def cheap_hasher() -> PasswordHasher:
    """Argon2 as weak as it can be: whoever tests accounts need not wait for each password."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def hall_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that holds the virtual camera's picture, drawn once for the tests of all workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "hall"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        load_small_clip(folder)
    return folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database that has its tables, to be copied: a quarter of the time that
    making them takes."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    backend = Sqlite(path)
    backend.migrate()
    backend.close()
    return path


class PostgresServer:
    """The distribution's PostgreSQL, on a loopback port, in a folder of its own."""

    USER = "hub"
    PASSWORD = "m:t/kh@u?%"
    DATABASE = "ward"
    MIGRATED = "migrated"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # It refuses to run as root.
        self._as_whom: dict[str, Any] = {"cwd": folder}
        (folder / "password").write_text(self.PASSWORD)
        if os.getuid() == 0:
            self._as_whom |= {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(folder / "password", "postgres", "postgres")
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        initdb = [self._program("initdb"), "-D", "data", "-U", "postgres", "--no-sync"]
        options = ["--auth-local=reject", "--auth-host=scram-sha-256", "--pwfile=password"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*initdb, *options, *locale],
            stdout=subprocess.DEVNULL,
            check=True,
            **self._as_whom,
        )
        # Tests of durability turn fsync on; the product must not need the server's help for
        # synchronous_commit.
        settings = {
            "port": self.port,
            "listen_addresses": "'127.0.0.1'",
            "unix_socket_directories": "''",
            "fsync": "off",
            "synchronous_commit": "off",
            "timezone": "'Asia/Ho_Chi_Minh'",
            "max_connections": 30,
            "shared_buffers": "16MB",
        }
        with (self._folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()
        self.run(f"CREATE ROLE {self.USER} LOGIN PASSWORD '{self.PASSWORD}'")
        self.run(f"CREATE DATABASE {self.DATABASE} OWNER {self.USER}")
        self.empty()

    def empty(self) -> None:
        """Ten times as fast as another database."""
        self.run(f"ALTER DATABASE {self.DATABASE} RESET ALL")
        self.run(f"ALTER DATABASE {self.DATABASE} CONNECTION LIMIT -1")
        left = f"FROM pg_stat_activity WHERE datname = '{self.DATABASE}'"
        self.run(f"SELECT pg_terminate_backend(pid, 10000) {left}")
        self.run("DROP SCHEMA public CASCADE", self.DATABASE)
        self.run(f"CREATE SCHEMA public AUTHORIZATION {self.USER}", self.DATABASE)

    def start(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            if self.process is None or self.process.poll() is not None:
                # Right after a kill, its old children may still hold the shared memory.
                with (self._folder / "log").open("ab") as log:
                    command = [self._program("postgres"), "-D", "data"]
                    self.process = subprocess.Popen(command, stderr=log, **self._as_whom)
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(2)  # "fast shutdown"
            self.process.wait(20)

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with closing(self.connect(database)) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """As the server's owner."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.PASSWORD,
            dbname=database,
            autocommit=True,
        )

    def url(self, database: str, **others: Any) -> str:
        """For the program: an account that owns its database and nothing else."""
        parts = {
            "username": self.USER,
            "password": self.PASSWORD,
            "host": "127.0.0.1",
            "port": self.port,
        } | others
        url = URL.create("postgresql", database=database, **parts)
        return url.render_as_string(hide_password=False)

    def _program(self, name: str) -> str:
        # Debian keeps them out of the PATH, a folder for each version.
        found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        newest = max(found, key=lambda path: int(path.parts[-3]), default=shutil.which(name))
        assert newest, "PostgreSQL is not installed; scripts/setup.sh test installs it"
        return str(newest)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = PostgresServer(folder)
    try:
        server.create()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database."""
    yield postgres.url(postgres.DATABASE)
    postgres.empty()


@pytest.fixture(scope="session")
def migrated_url(postgres: PostgresServer) -> str:
    """A PostgreSQL database that has its tables: emptying them takes a tenth of the time that
    making them does."""
    postgres.run(f"CREATE DATABASE {postgres.MIGRATED} OWNER {postgres.USER}")
    url = postgres.url(postgres.MIGRATED)
    backend = Postgres(url)
    backend.migrate()
    backend.close()
    return url


@pytest.fixture
def emptied_url(postgres: PostgresServer, migrated_url: str) -> str:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    names = {name for (name,) in postgres.run(query, postgres.MIGRATED)} - {"alembic_version"}
    postgres.run(f"TRUNCATE {', '.join(names)} RESTART IDENTITY", postgres.MIGRATED)
    return migrated_url


class Coturn:
    """The distribution's coturn, set up by the example that a ward gets."""

    EXAMPLE = Path(config.__file__).with_name("turnserver.example.conf")
    SECRET = "một bí mật: rất dài"

    def __init__(
        self,
        folder: Path,
        address: str = "127.0.0.1",
        *,
        port: int | None = None,
        certificate: tuple[Path, Path] | None = None,
        inside: Sequence[str] = (),
        **changes: object,
    ) -> None:
        """A free port where none is given; TLS with a certificate and its key alone. `changes`
        take the place of lines in the example, underscores standing for hyphens, False for none at
        all. `inside` goes before the command."""
        self._folder = folder
        self._inside = inside
        self.address = address
        self.port = port or free_port(address)
        self.process: subprocess.Popen[bytes] | None = None
        cert, key = certificate or (False, False)
        self._changes: dict[str, object] = {
            "static-auth-secret": self.SECRET,
            "log-file": "stdout",
            "syslog": False,
            "listening-ip": address,
            "relay-ip": address,
            "listening-port": self.port,
            "cert": cert,
            "pkey": key,
        }
        if not certificate:
            self._changes |= {"tls-listening-port": False, "no-tls": True}
        self._changes |= {key.replace("_", "-"): value for key, value in changes.items()}

    def settings(self) -> list[str]:
        """The example's lines, changed."""
        lines = [line.strip() for line in self.EXAMPLE.read_text(encoding="utf-8").splitlines()]
        kept = [
            line
            for line in lines
            if line and not line.startswith("#") and line.partition("=")[0] not in self._changes
        ]
        added = [
            key if value is True else f"{key}={value}"
            for key, value in self._changes.items()
            if value is not False
        ]
        return kept + added

    def start(self) -> None:
        (self._folder / "turnserver.conf").write_text("\n".join(self.settings()) + "\n")
        database = f"--db={self._folder / 'turndb'}"
        command = ["turnserver", "-c", "turnserver.conf", "--pidfile=", database]
        with (self._folder / "turnserver.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*self._inside, *command], cwd=self._folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        while "auth thread" not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def log(self) -> str:
        return (self._folder / "turnserver.log").read_text(errors="replace")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Coturn]:
    """A relay, told what `Coturn` is told; to be started and stopped by whoever asks for it."""
    return lambda *where, **changes: Coturn(tmp_path_factory.mktemp("coturn"), *where, **changes)


@pytest.fixture
def start_coturn(coturn: Callable[..., Coturn]) -> Iterator[Callable[..., Coturn]]:
    """Starts relays, which end with the test."""
    with ExitStack() as stack:

        def start(*where: str, **changes: Any) -> Coturn:
            relay = coturn(*where, **changes)
            stack.callback(relay.stop)
            relay.start()
            return relay

        yield start


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """What `Database.open` is given: a test that asks for it runs on both."""
    if request.param == "sqlite":
        return tmp_path / "house.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def outside(where: Path | str) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs a statement in the database as another program would, and commits it."""

    def run(statement: str) -> list[tuple[Any, ...]]:
        if isinstance(where, Path):
            with closing(sqlite3.connect(where, isolation_level=None)) as connection:
                return connection.execute(statement).fetchall()
        with closing(psycopg.connect(where, autocommit=True)) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    return run


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of `localhost`, vouched for by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(encoding))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(encoding, form, plain))
    return folder / "cert.pem", folder / "key.pem"
