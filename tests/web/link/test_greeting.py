"""Who may link, and what a house is told when it may not."""

import asyncio
import json
from base64 import b64encode

import pytest
import websockets
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse

from base.cause import Cause
from rooms.view import Connection
from web.link.channel import MOST_REASON_BYTES
from web.link.house import Hub
from web.link.hub import read_credentials
from web.link.messages import VERSION
from web.sentences import say
from web.sentences.link import SENTENCES

nothing = PlainTextResponse("nothing")


def basic(text):
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "credentials"),
    [
        (basic("to-5:a:b"), ("to-5", "a:b")),
        (basic("to-5:khóa").replace("Basic", "basic"), ("to-5", "khóa")),
        (basic("to-5"), None),
        ("Bearer x", None),
        ("Basic ***", None),
        ("Basic //79", None),
        ("", None),
    ],
)
def test_credentials_are_read_or_there_are_none(header, credentials):
    headers = [(b"authorization", header.encode())]
    assert read_credentials(HTTPConnection({"type": "http", "headers": headers})) == credentials


@pytest.mark.parametrize(("house", "secret"), [("to-5", "another"), ("", ""), ("to-5", "")])
async def test_a_wrong_key_is_refused_and_told(hub, dial, until_state, house, secret):
    link = dial(hub.link_url, nothing, house=house, secret=secret)
    state = await until_state(link, Connection.AWAY, "link.wrong_key")
    assert "cấp mã mới" in say(state.cause, "vi")
    assert not hub.sessions.linked.value


async def test_the_key_stands_in_nothing_that_is_written(hub, dial, until_state, caplog):
    caplog.set_level("DEBUG")
    link = dial(hub.link_url, nothing, secret="geheimnis-123")
    state = await until_state(link, Connection.AWAY)
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("websockets")]
    assert "geheimnis-123" not in f"{state} {ours} {Hub('ws://x', 'to-5', 'geheimnis-123')}"


@pytest.mark.parametrize(
    ("version", "code"),
    [(VERSION - 1, "link.house_outdated"), (VERSION + 1, "link.hub_outdated")],
)
async def test_a_version_that_does_not_fit_is_refused(hub, key, version, code):
    async with websockets.connect(
        hub.link_url, additional_headers={"Authorization": basic(f"to-5:{key}")}, proxy=None
    ) as socket:
        await socket.send(json.dumps({"type": "hello", "version": version}))
        refusal = json.loads(await asyncio.wait_for(socket.recv(), 30))
        await asyncio.wait_for(socket.wait_closed(), 30)
    assert refusal == {
        "type": "refuse",
        "code": code,
        "params": {"house": version, "hub": VERSION},
    }
    assert socket.close_code == 4406
    assert not hub.sessions.linked.value


async def test_the_house_says_a_refusal_in_words(dial, until_state):
    async def serve(socket):
        await socket.recv()
        params = {"house": 1, "hub": 2}
        await socket.send(
            json.dumps({"type": "refuse", "code": "link.house_outdated", "params": params})
        )
        await socket.wait_closed()

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        link = dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", nothing)
        state = await until_state(link, Connection.AWAY)
    assert state.cause == Cause("link.house_outdated", house=1, hub=2)
    assert "Cập nhật phần mềm trên máy này" in say(state.cause, "vi")


@pytest.mark.parametrize(
    "first",
    ["not JSON", '{"type":"summary"}', '{"type":"ping","number":1}', b"\0\0\0\1\0x"],
)
async def test_whoever_does_not_say_hello_is_not_linked(hub, key, first):
    async with websockets.connect(
        hub.link_url, additional_headers={"Authorization": basic(f"to-5:{key}")}, proxy=None
    ) as socket:
        await socket.send(first)
        await asyncio.wait_for(socket.wait_closed(), 30)
    assert socket.close_code == 1002
    assert not hub.sessions.linked.value


@pytest.mark.parametrize(
    "message",
    [
        "garbage",
        '{"type":"welcome","public_url":"http://x","version":1}',
        '{"type":"open","channel":1,"kind":"http","method":"GET","path":"/"}',
        '{"type":"hello","version":1}',
    ],
)
async def test_a_house_that_breaks_the_protocol_is_put_out(hub, key, message):
    async with websockets.connect(
        hub.link_url, additional_headers={"Authorization": basic(f"to-5:{key}")}, proxy=None
    ) as socket:
        await socket.send('{"type":"hello","version":1}')
        await hub.until("to-5", linked=True)
        await socket.send('{"type":"from-the-future"}')
        await socket.send(message)
        await asyncio.wait_for(socket.wait_closed(), 30)
    assert socket.close_code == 1002
    await hub.until("to-5", linked=False)


async def test_what_is_no_hub_is_told(serve, dial, until_state):
    port = await serve(nothing)
    link = dial(f"ws://127.0.0.1:{port}/link", nothing)
    assert (await until_state(link, Connection.AWAY)).cause.code == "link.not_a_hub"


async def test_a_hub_that_is_down_behind_its_proxy_is_told(dial, until_state):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        link = dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", nothing)
        assert (await until_state(link, Connection.AWAY)).cause.code == "link.hub_down"


async def test_the_key_goes_to_one_host_alone(hub, dial, until_state):
    asked = []

    async def answer(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        location = f"Location: {hub.link_url}\r\n"
        writer.write(f"HTTP/1.1 307 Moved\r\n{location}Content-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        link = dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", nothing)
        assert (await until_state(link, Connection.AWAY)).cause.code == "link.not_a_hub"
    assert asked
    assert not hub.sessions.linked.value


def test_words_for_a_closing_fit_into_it():
    for code, sentence in SENTENCES.items():
        if code in {"link.house_away", "link.house_busy", "link.house_slow", "link.house_failed"}:
            assert len(sentence.vi.encode()) <= MOST_REASON_BYTES, code
            assert len(sentence.en.encode()) <= MOST_REASON_BYTES, code
