"""A house enrols at a real hub; whatever else answers is told from one."""

import asyncio
import json
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from avcontrol.enrol import enrol
from base.cause import Refused
from config.check import read_settings
from config.ward import WardSection, WardSettings
from feedback.ledger_book import Book
from feedback.ledger_lines import Signer
from storage.engine import Database
from web.hub.app import create_hub_app
from web.hub.site import HubSite
from web.server import WebServer
from web.tokens import Tokens

CONFIG = '[house]\nname = "Nhà văn hóa"\nward = "Phường"\n'


def refused(url: str, path: Path, code: str = "K7QM-2ZRT-9DTA") -> str:
    with pytest.raises(Refused) as error:
        enrol(url, code, path)
    assert not path.exists()
    assert list(path.parent.glob("*.new")) == []
    return error.value.cause.code


@pytest.fixture
def answer_with() -> Iterator[Callable[..., str]]:
    """Something on a free port that answers every POST like this; its address."""
    servers: list[HTTPServer] = []

    def serve(status: int, body: bytes, location: str = "") -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


async def test_the_command_writes_the_key_and_says_what_to_do(tmp_path: Path) -> None:
    settings = WardSettings(ward=WardSection(name="Phường Mẫu"))
    async with await Database.open(tmp_path / "ward.db") as database:
        book = Book(database, Signer(b"k" * 32, "Phường Mẫu"))
        site = HubSite.of(settings, database, no_deliveries, Tokens(b"k" * 32), book)
        server = WebServer(create_hub_app(site), settings.web)
        _, port = server.bind(0)
        serving = asyncio.create_task(server.run())
        await asyncio.wait_for(server.started.wait(), 30)
        code = await site.houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")
        config = tmp_path / "house.toml"
        config.write_text(f'data = "{tmp_path}"\n{CONFIG}')
        command = [sys.executable, "-m", "avcontrol", "--language", "en", "enrol"]
        command += ["--config", str(config), "--hub", f"http://127.0.0.1:{port}/", "--code", code]
        for expected in [0, 1]:
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, err = (text.decode() for text in await process.communicate())
            assert process.returncode == expected, err
            if expected == 0:
                section = out.partition("\n\n")[2]
        assert "works once" in err
        key_file = tmp_path / "link.key"
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        config.write_text(config.read_text() + section)
        link = read_settings(config, {}).link
        assert link is not None
        assert (link.url, link.house, link.key_file) == (
            f"http://127.0.0.1:{port}",
            "to-5",
            key_file,
        )
        key = key_file.read_text().strip()
        assert key not in out
        assert await site.houses.identify("to-5", key) is not None
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def no_deliveries(house_id: str) -> object:
    raise AssertionError(f"{house_id} has not dialled")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hop.example", "enrol.address"),
        ("ftp://hop.example", "enrol.address"),
        ("https://hop.example/hub", "enrol.address"),
        ("https://me@hop.example", "enrol.address"),
        ("http://hop.example", "enrol.not_secure"),
        ("http://203.0.114.9", "enrol.not_secure"),
        ("http://127.0.0.1:9", "enrol.no_answer"),
    ],
)
def test_addresses_that_are_of_no_use(tmp_path: Path, url: str, code: str) -> None:
    assert refused(url, tmp_path / "link.key") == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>Wi-Fi</html>", "enrol.not_a_hub"),
        (200, b'{"house": 5}', "enrol.not_a_hub"),
        (200, b"\xff", "enrol.not_a_hub"),
        (404, b"", "enrol.not_a_hub"),
        (302, b"", "enrol.not_a_hub"),
        (403, b"{}", "ward.wrong_code"),
        (429, b"{}", "enrol.slow_down"),
    ],
)
def test_what_answers_is_no_hub_or_refuses(
    tmp_path: Path, answer_with: Callable[..., str], status: int, body: bytes, code: str
) -> None:
    elsewhere = answer_with(201, json.dumps({"house": "to-5", "key": "k"}).encode())
    assert refused(answer_with(status, body, elsewhere), tmp_path / "link.key") == code


def test_the_code_is_not_used_where_the_key_has_no_place(
    tmp_path: Path, answer_with: Callable[..., str]
) -> None:
    if os.geteuid() == 0:
        (tmp_path / "file").touch()
        nowhere = tmp_path / "file" / "link.key"
    else:
        tmp_path.chmod(0o500)
        nowhere = tmp_path / "link.key"
    with pytest.raises(Refused) as error:
        enrol("http://127.0.0.1:9", "K7QM-2ZRT-9DTA", nowhere)
    assert error.value.cause.code == "enrol.cannot_write"


def test_an_older_key_is_replaced_only_by_a_new_one(
    tmp_path: Path, answer_with: Callable[..., str]
) -> None:
    path = tmp_path / "link.key"
    path.write_text("old")
    with pytest.raises(Refused):
        enrol(answer_with(403, b"{}"), "K7QM-2ZRT-9DTA", path)
    assert path.read_text() == "old"
    told = json.dumps({"house": "to-5", "key": "new"}).encode()
    assert enrol(answer_with(201, told), "K7QM-2ZRT-9DTA", path).house == "to-5"
    assert path.read_text() == "new\n"
