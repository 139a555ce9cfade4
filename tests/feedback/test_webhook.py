"""A signed POST to a real server on loopback, checked with the library of Standard Webhooks."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from base.cause import Cause
from config.targets import WebhookTarget
from feedback.targets.target import Event, NotDelivered, TargetGone
from feedback.targets.webhook import Webhook, retry_after

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + "Q2jDoiBjw6FuIGLhu5UgbeG7m3QgdMOtIG7DoG8="
EVENT = Event(
    "case-1-3", "case.changed", "1", {"at": "2026-11-25T08:00:00Z", "text": "Cống tắc"}, 1
)


class Server:
    """Says to each request what it is told to say."""

    def __init__(self):
        self.reply = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.requests = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc):
        self._server.close()

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        # The signature is case-sensitive; names of headers are not.
        raw = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head[1:] if line}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((head[0], raw, body))
        if self.reply:
            writer.write(self.reply)
            await writer.drain()
        writer.close()


@pytest.fixture
async def server():
    async with Server() as server:
        yield server


@pytest.fixture
async def client():
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def webhook(server, client, tmp_path):
    def make(*secrets):
        file = tmp_path / "secret"
        file.write_text("\n".join(secrets))
        url = f"http://127.0.0.1:{server.port}/hook?for=us"
        settings = WebhookTarget(kind="webhook", id="mayor", url=url, secret_file=file)
        return Webhook(settings, client, lambda: datetime.now(UTC))

    return make


async def test_the_receiver_can_check_it(server, webhook):
    await webhook(NEW).deliver(EVENT)
    ((request, headers, body),) = server.requests
    assert request == "POST /hook?for=us HTTP/1.1"
    told = Checker(NEW).verify(body, headers)
    assert told == {
        "type": "case.changed",
        "timestamp": "2026-11-25T08:00:00Z",
        "data": dict(EVENT.body),
    }
    assert headers["webhook-id"] == "case-1-3"
    with pytest.raises(WebhookVerificationError):
        Checker(NEW).verify(body.replace(b"1", b"2", 1), headers)


async def test_while_a_secret_is_replaced_both_are_valid(server, webhook):
    await webhook(NEW, OLD).deliver(EVENT)
    ((_, headers, body),) = server.requests
    for secret in (NEW, OLD):
        assert json.loads(body) == Checker(secret).verify(body, headers)


@pytest.mark.parametrize(
    ("reply", "cause", "patience"),
    [
        ("500 Internal Server Error", Cause("delivery.status", status=500), timedelta()),
        ("302 Found\r\nLocation: /other", Cause("delivery.status", status=302), timedelta()),
        (
            "429 Too Many Requests\r\nRetry-After: 90",
            Cause("delivery.status", status=429),
            timedelta(seconds=90),
        ),
    ],
)
async def test_what_is_no_acknowledgement(server, webhook, reply, cause, patience):
    server.reply = f"HTTP/1.1 {reply}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(NotDelivered) as failed:
        await webhook(NEW).deliver(EVENT)
    assert (failed.value.cause, failed.value.not_before) == (cause, patience)
    assert len(server.requests) == 1, "no redirect is followed"


async def test_one_that_is_gone(server, webhook):
    server.reply = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(TargetGone):
        await webhook(NEW).deliver(EVENT)


async def test_one_that_takes_it_and_says_nothing(server, webhook):
    server.reply = b""
    with pytest.raises(NotDelivered) as failed:
        await webhook(NEW).deliver(EVENT)
    assert failed.value.cause.code == "delivery.unreachable"


async def test_nobody_is_there(server, webhook):
    target = webhook(NEW)
    await server.__aexit__()
    with pytest.raises(NotDelivered) as failed:
        await target.deliver(EVENT)
    assert failed.value.cause == Cause("delivery.unreachable", error="ConnectError")


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_é", "whsec_c2hvcnQ=", NEW.removeprefix("whsec_")]
)
async def test_a_secret_that_is_none_sends_nothing(server, webhook, secret):
    with pytest.raises(NotDelivered) as failed:
        await webhook(secret).deliver(EVENT)
    assert failed.value.cause == Cause("delivery.secret")
    assert server.requests == []


def test_how_long_to_wait():
    now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert retry_after("120", now) == timedelta(minutes=2)
    assert retry_after("Wed, 25 Nov 2026 09:00:00 GMT", now) == timedelta(hours=1)
    for nonsense in ("", "soon", "-5", "Wed, 25 Nov 2020 09:00:00 GMT", "9" * 400):
        assert timedelta() <= retry_after(nonsense, now) <= timedelta(days=200)
