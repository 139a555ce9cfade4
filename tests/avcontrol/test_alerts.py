"""The watchman of a ward's hub, and a receiver that really is one."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from avcontrol.alerts import Watchman, message, teller
from avcontrol.ward import open_ward
from base.cause import Cause
from config.ward import AlertsSection, HubWebSection, WardSection, WardSettings
from feedback import post_health
from feedback.post import Post, mailbox_of
from storage.engine import Database
from tests.ports import free_port
from ward.alerts import Alerts, Patience
from ward.houses import Houses

MAILBOX = "hop@phuong.example"
AT_ONCE = Patience(away=timedelta(0), device=timedelta(0), sound=timedelta(0))
ILL = (
    '{"phase": "live", "title": "", "guests": 0, "waiting": 0, "devices": [{"kind": "projector", '
    '"condition": "failed", "cause": "projector.no_answer", "params": {"host": "192.168.1.30"}, '
    '"name": "Máy chiếu"}]}'
)


class Receiver:
    """Takes in what Apprise posts to a `json://` address."""

    def __init__(self):
        self.got = asyncio.Queue()
        self.status = 200

    @asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield f"json://:s3cret@127.0.0.1:{port}/alerts"

    async def _answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        said = json.loads(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % self.status)
        await writer.drain()
        writer.close()
        self.got.put_nowait((said["title"], said["message"]))


@pytest.fixture
async def receiver():
    return Receiver()


@pytest.fixture
async def database(tmp_path):
    async with await Database.open(tmp_path / "ward.db") as database:
        yield database


@pytest.fixture
async def houses(database):
    houses = Houses(database)
    for number in (5, 6):
        await houses.enrol(await houses.invite(f"to-{number}", f"Nhà văn hóa Tổ {number}"))
        await houses.linked(f"to-{number}", "mark")
        await houses.seen(f"to-{number}", "mark", ILL)
    return houses


def watchman(database, houses, *urls, grace=0.0):
    def write(alerts):
        return message("Phường Mẫu", "https://hop.example", "vi", alerts)

    return Watchman(
        houses,
        Post(database, [MAILBOX], mailbox=MAILBOX),
        Alerts(database),
        AT_ONCE,
        grace=timedelta(seconds=grace),
        write=write,
        tell=teller(urls),
    )


async def test_one_message_in_words_for_all_that_began_and_another_when_it_is_over(
    database, houses, receiver, monkeypatch
):
    monkeypatch.setattr("ward.alerts.OVER_AFTER", timedelta(0))
    async with receiver.listening() as url:
        watching = watchman(database, houses, url)
        await watching.look()
        await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Phường Mẫu: 2 nhà văn hóa cần người xem"
        assert "⚠ Nhà văn hóa Tổ 5: Máy chiếu: " in body
        assert "192.168.1.30" in body
        assert "Đang họp mà không micro nào hoạt động" in body
        assert body.endswith("https://hop.example/watch")
        assert receiver.got.empty(), "once"
        well = ILL.replace("failed", "working").replace("live", "idle")
        await houses.seen("to-5", "mark", well)
        for _ in range(3):
            await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Phường Mẫu: đã ổn trở lại"
        assert "✓ Nhà văn hóa Tổ 5: " in body
        assert "Tổ 6" not in body
        assert receiver.got.empty()


async def test_somebody_who_cannot_be_reached_keeps_nothing_from_the_others(
    database, houses, receiver, caplog
):
    dead = Receiver()
    dead.status = 500
    async with receiver.listening() as url, dead.listening() as broken:
        await watchman(database, houses, broken, "nonsense", url).look()
        await asyncio.wait_for(receiver.got.get(), 40)
    assert "address 1 for alerts was not reached" in caplog.text
    assert "address 2 for alerts cannot be used" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_hub_tells_whom_its_settings_name(tmp_path, houses, database, receiver):
    """The daemon's own watchman: a house that was last seen an hour ago."""
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None)
    await database.write(
        lambda c: c.execute(text("UPDATE ward_houses SET seen_at = :at"), {"at": str(hour_ago)})
    )
    await database.aclose()
    async with receiver.listening() as url:
        urls = tmp_path / "alerts.urls"
        urls.write_text(f"# người trực\n{url}\n")
        port = free_port()
        settings = WardSettings(
            ward=WardSection(name="Phường Mẫu", language="en"),
            web=HubWebSection(port=port, public_url="https://hop.example"),
            data=tmp_path,
            alerts=AlertsSection(urls_file=urls, grace_minutes=0),
        )
        async with open_ward(settings):
            title, body = await asyncio.wait_for(receiver.got.get(), 40)
    assert title == "Phường Mẫu: houses that need somebody: 2"
    assert "⚠ Nhà văn hóa Tổ 6: Lost in the middle of a meeting" in body
    assert body.endswith("https://hop.example/watch")


async def test_the_houses_get_time_to_come_back(database, houses, receiver, caplog):
    caplog.set_level(logging.INFO)
    async with receiver.listening() as url:
        waiting = watchman(database, houses, url, grace=0.5)
        await waiting.look()
        assert await Alerts(database).open() == ()
        await asyncio.sleep(0.6)
        await waiting.look()
        await asyncio.wait_for(receiver.got.get(), 40)
        # A hub that could not look for a while knows no more than one that has just started.
        await houses.away("to-6", "mark")
        waiting._looked -= 120
        await waiting.look()
        assert "away" not in {alert.key for alert in await Alerts(database).open()}


async def test_the_hubs_own_mail_is_told_of_once_by_all_its_processes(
    database, receiver, monkeypatch
):
    monkeypatch.setattr("ward.alerts.OVER_AFTER", timedelta(0))
    now = datetime.now(UTC)
    refused = Cause("mail.password", user="hop")
    name = mailbox_of(MAILBOX)
    async with receiver.listening() as url:
        both = [watchman(database, Houses(database), url) for _ in range(2)]
        await database.write(lambda c: post_health.lost(c, name, refused, at=now))
        for watching in (*both, *both):
            await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Phường Mẫu: máy chủ của phường cần người xem"
        assert f"⚠ Máy chủ của phường: {MAILBOX}: Máy chủ thư từ chối tên hop" in body
        assert receiver.got.empty(), "once"
        await database.write(lambda c: post_health.well(c, name, at=now))
        for watching in (*both, *both):
            await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Phường Mẫu: đã ổn trở lại"
        assert "✓ Máy chủ của phường: đã hết lúc" in body
        assert receiver.got.empty()
