"""From a phone in the hall to another system, and what the technician sees of it."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Checker

from avcontrol.house import open_house
from avcontrol.outward import letter
from config.settings import HouseSection, HouseSettings, WebSection
from config.targets import WebhookTarget
from feedback.consent import WORDING
from feedback.delivery import receiver_of
from feedback.outbox import Parcel, put
from feedback.tables import outbox
from feedback.targets.target import Event
from rooms.view import Role
from storage.engine import Database
from tests.ports import free_port
from web.access import cookie_name

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    def __init__(self):
        self.status = 204
        self.requests = asyncio.Queue()

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.put_nowait((headers, body))
        writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver():
    receiver = Receiver()
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", 0) as server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver


@pytest.fixture
async def start(receiver, tmp_path):
    secret = tmp_path / "city.secret"
    secret.write_text(SECRET)
    settings = HouseSettings(
        house=HouseSection(name="Nhà văn hóa Tổ 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=tmp_path / "house",
        targets=(
            WebhookTarget(
                kind="webhook",
                id="city",
                url=f"http://127.0.0.1:{receiver.port}/hook",
                secret_file=secret,
            ),
        ),
    )
    async with AsyncExitStack() as stack:

        async def start():
            house = await stack.enter_async_context(open_house(settings))
            let_in = await house.access.let_in(Role.TECHNICIAN, "Kỹ")
            client = httpx.AsyncClient(
                base_url=house.url,
                headers={"Origin": house.url, "Accept": "text/html"},
                cookies={cookie_name(Role.TECHNICIAN): let_in.secret},
                trust_env=False,
                timeout=30,
            )
            return await stack.enter_async_context(client)

        yield start


async def until_shows(client, words):
    async with asyncio.timeout(40):
        while words not in (page := (await client.get("/technician/outward")).text):
            await asyncio.sleep(0.1)
    return page


async def test_a_question_of_a_phone_arrives_signed_and_without_a_name(start, receiver):
    client = await start()
    asked = {"text": "Bao giờ sửa cống ngõ 5?", "name": "Trần Văn Bình", "key": "k" * 32}
    asked["consent"] = WORDING
    assert (await client.post("/ask", data=asked)).status_code == 303
    headers, body = await asyncio.wait_for(receiver.requests.get(), 40)
    told = Checker(SECRET).verify(body, headers)
    assert told["type"] == "case.received"
    assert told["data"]["text"] == asked["text"]
    assert told["data"]["authority"]["name"]
    assert "Bình" not in body.decode()
    page = await until_shows(client, 'data-value="waiting">0<')
    assert 'data-code="working"' in page


async def test_a_system_that_is_gone_is_seen_and_begun_with_again(start, receiver):
    receiver.status = 410
    client = await start()
    await client.post("/ask", data={"text": "Đèn đường hỏng", "key": "a" * 32})
    page = await until_shows(client, 'data-code="stopped"')
    assert "trả lời mã 410" in page
    receiver.status = 204
    resent = await client.post("/technician/outward/resend", data={"target": "city"})
    assert resent.headers["location"] == "/technician/outward"
    await until_shows(client, 'data-code="working"')
    ids = {(await receiver.requests.get())[0]["webhook-id"] for _ in range(2)}
    assert len(ids) == 1, "the same event"


async def test_what_was_given_up_is_sent_again_by_a_tap(start, receiver, tmp_path):
    (tmp_path / "house").mkdir()
    async with await Database.open(tmp_path / "house" / "house.db") as database:
        await database.write(given_up)
    client = await start()
    page = await until_shows(client, "phản ánh 1f")
    assert 'data-code="given-up"' in page
    wrong = await client.post(
        "/technician/outward/resend", data={"target": "moon"}, headers={"Accept": "text/html"}
    )
    assert "không còn trong tệp cấu hình" in wrong.text
    await client.post("/technician/outward/resend", data={"target": "city", "event": "1f-7"})
    headers, body = await asyncio.wait_for(receiver.requests.get(), 40)
    assert (headers["webhook-id"], json.loads(body)["data"]) == ("1f-7", {"text": "cũ"})
    assert "phản ánh 1f" not in await until_shows(client, 'data-code="working"')


def given_up(connection):
    put(connection, receiver_of("city"), Parcel("1f-7", "case.changed", {"text": "cũ"}, "1f"))
    connection.execute(update(outbox).values(given_up_at=datetime.now(UTC)))


async def test_others_do_not_see_it(start):
    client = await start()
    client.cookies.clear()
    answer = await client.get("/technician/outward")
    assert answer.status_code in {303, 401}
    assert (await client.post("/technician/outward/resend")).status_code in {303, 401}


def test_an_event_in_words():
    body = {
        "text": "Cống   tắc\nnước đọng",
        "authority": {"code": "economy", "name": "Phòng Kinh tế"},
        "due_at": "2026-12-15T10:00:00Z",
        "answer": {"text": "Đã thông cống", "by": "Bà Hoa", "office": None},
    }
    event = Event("1f-7", "case.answered", "1f", body, 1)
    vietnamese = letter("Nhà văn hóa Tổ 5", "vi", event)
    assert vietnamese.subject == "[Nhà văn hóa Tổ 5] Cống tắc nước đọng"
    assert "17:00 thứ Ba, 15/12/2026" in vietnamese.body
    assert "Trả lời của Bà Hoa: Đã thông cống" in vietnamese.body
    for kind in (
        "received",
        "changed",
        "refused",
        "reopened",
        "handed_over",
        "reminded",
        "escalated",
    ):
        other = letter("Ward", "en", Event("1", f"case.{kind}", "1f", body | {"answer": None}, 1))
        assert f"outward.{kind}" not in other.body
