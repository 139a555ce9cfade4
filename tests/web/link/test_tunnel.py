"""A real house reached through the hub, as an official's browser does it."""

import asyncio
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import websockets
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket

from rooms.media.bridge import Bridge
from rooms.meeting import Actor
from rooms.view import Connection, Presence, Role
from web import call
from web.app import create_app
from web.link.channel import MOST_MESSAGE_BYTES
from web.link.messages import Answer, Data, Hello, Open, decode, encode

LEADER = Actor(Role.LEADER, "Bác Lan")


async def no_preview(camera_id):
    return None


@pytest.fixture
async def linked(house, hub, dial):
    """The house, with its own application linked to the hub."""
    app = create_app(house.site, preview=no_preview, more=call.routes(house.site, Bridge([], None)))
    dial(hub.link_url, app, room_view=house.room.view)
    await hub.until("to-5", linked=True)
    return house


@pytest.fixture
async def client(hub):
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, timeout=30) as client:
        yield client


async def invite(house, *, lobby=False):
    expires = datetime.now(UTC) + timedelta(days=1)
    invitation = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Ông Nam", expires=expires, lobby=lobby
    )
    return house.access.invitation_link(invitation.id)


async def said(socket, kind):
    async with asyncio.timeout(30):
        while (message := json.loads(await socket.recv()))["type"] != kind:
            pass
    return message


async def close_code(socket):
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    return socket.close_code


# The pages


async def test_the_page_of_an_invitation_is_the_houses_own(linked, client):
    path = await invite(linked)
    answer = await client.get(f"/h/to-5{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert 'data-action="join"' in answer.text
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert (await client.head(f"/h/to-5{path}")).status_code == 200


async def test_the_page_knows_where_the_hub_shows_it(linked, client):
    path = await invite(linked)
    answer = await client.get(f"/h/to-5{path}")
    assert f"back=/h/to-5{path}" in answer.text, "the language switch comes back here"


async def test_a_link_that_does_not_stand_is_told_in_the_readers_language(linked, client):
    vietnamese = await client.get("/h/to-5/join/broken", headers={"Accept": "text/html"})
    english = await client.get(
        "/h/to-5/join/broken", headers={"Accept": "text/html", "Cookie": "lang=en; other=x"}
    )
    assert vietnamese.status_code == english.status_code == 404
    assert '<html lang="vi"' in vietnamese.text
    assert '<html lang="en"' in english.text


async def test_no_secret_of_a_link_stands_in_the_houses_log(linked, client, caplog):
    caplog.set_level(logging.INFO, "web.request_log")
    path = await invite(linked)
    await client.get(f"/h/to-5{path}")
    lines = [record.getMessage() for record in caplog.records if "/join/" in record.getMessage()]
    assert lines
    assert not [line for line in lines if path in line]


# The call


async def test_an_official_comes_in_and_the_house_sees_him(linked, hub):
    path = await invite(linked)
    token = path.removeprefix("/join/")
    async with hub.browse("/ws/call") as socket:
        await socket.send(json.dumps({"type": "join", "token": token, "name": "Ông Nam"}))
        welcome = await said(socket, "welcome")
        assert (await said(socket, "state"))["presence"] == Presence.ADMITTED
        [guest] = linked.room.view.value.guests
        assert guest.name == "Ông Nam"
        assert welcome["guest"] == guest.id
        await socket.send(json.dumps({"type": "ping"}))
        await said(socket, "pong")
        assert (await hub.told("to-5", guests=1)).phase == "idle"

        async with hub.browse("/live/official") as live:
            await live.send(json.dumps({"token": welcome["resume"]}))
            message = json.loads(await asyncio.wait_for(live.recv(), 30))
            assert "Ông Nam" in message["regions"]["guest-people"]

        await linked.room.remove_guest(LEADER, guest.id)
        assert await said(socket, "end")
        assert await close_code(socket) == 1000


async def test_a_browser_that_goes_is_away_in_the_house(linked, hub):
    path = await invite(linked)
    async with hub.browse("/ws/call") as socket:
        join = {"type": "join", "token": path.removeprefix("/join/"), "name": "Ông Nam"}
        await socket.send(json.dumps(join))
        await said(socket, "state")
    async with asyncio.timeout(30):
        async for view in linked.room.view.changes():
            if view.guests[0].presence is Presence.AWAY:
                break


async def test_a_closing_keeps_its_code(linked, hub):
    async with hub.browse("/live/official") as socket:
        await socket.send(json.dumps({"token": "broken"}))
        assert await close_code(socket) == 4403


# What cannot be reached


@pytest.mark.parametrize(
    "path",
    [
        "/panel",
        "/technician",
        "/login",
        "/pair/K7QM-2ZRT",
        "/healthz",
        "/static/house.css",
        "/join/a/b",
        "/join/..%2fpanel",
        "/join/%2e%2e/panel",
        "//join/a",
    ],
)
async def test_the_hub_asks_for_guests_pages_only(linked, client, path):
    assert (await client.get(f"/h/to-5{path}")).status_code == 404


async def test_what_no_frame_may_hold_does_not_cost_the_link(linked, hub, client):
    assert (await client.get("/h/to-5/join/a?" + "x" * 3000)).status_code == 404
    odd = {"Accept-Language": "vi\x7f"}
    await client.get("/h/to-5/join/a", headers=odd)
    assert (await client.get("/h/to-5/join/a")).status_code == 404
    assert "to-5" in hub.sessions.linked.value


async def test_posting_is_not_for_guests(linked, client):
    path = await invite(linked)
    assert (await client.post(f"/h/to-5{path}", content=b"x=y")).status_code == 404


@pytest.mark.parametrize("path", ["/live/panel", "/live/stage", "/ws/call/x", "/join/a"])
async def test_no_other_websocket(linked, hub, path):
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with hub.browse(path):
            pass
    assert refused.value.response.status_code == 404


@pytest.fixture
async def evil_hub(dial):
    """A hub that was broken into: it asks for whatever it likes."""
    async with asyncio.timeout(20):
        asked = asyncio.Queue()

        async def serve(socket):
            assert isinstance(decode(await socket.recv()), Hello)
            await socket.send(
                '{"type":"welcome","public_url":"http://ward.example/h/to-5","version":1}'
            )
            await asked.put(socket)
            await socket.wait_closed()

        async with websockets.serve(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]

            async def connect(app):
                dial(f"ws://127.0.0.1:{port}/link", app)
                return await asked.get()

            yield connect


async def answer_of(socket, opening):
    await socket.send(encode(opening))
    await socket.send(encode(Data(opening.channel, b"", text=False, more=False)))
    async with asyncio.timeout(30):
        while not isinstance(message := decode(await socket.recv()), Answer):
            pass
    return message


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        ("http", "GET", "/panel"),
        ("http", "POST", "/do/start-meeting"),
        ("http", "GET", "/open/eyJyb2xlIjoi"),
        ("http", "POST", "/join/a"),
        ("http", "GET", "/join/../panel"),
        ("http", "GET", "/join/%2e%2e"),
        ("websocket", "GET", "/live/panel"),
        ("websocket", "GET", "/live/stage"),
        ("websocket", "POST", "/ws/call"),
        ("http", "GET", "/ws/call"),
    ],
)
async def test_the_house_refuses_whatever_the_hub_asks(evil_hub, kind, method, path):
    reached = []

    async def app(scope, receive, send):
        reached.append(scope["path"])
        await PlainTextResponse("secret")(scope, receive, send)

    socket = await evil_hub(app)
    assert (await answer_of(socket, Open(1, kind, method, path))).status == 404
    assert (await answer_of(socket, Open(2, "http", "GET", "/join/a"))).status == 200
    assert reached == ["/h/to-5/join/a"]


async def test_the_hub_cannot_act_for_anybody(evil_hub):
    seen = {}

    async def app(scope, receive, send):
        seen.update({name.decode(): value.decode() for name, value in scope["headers"]})
        seen["client"], seen["root_path"] = scope["client"][0], scope["root_path"]
        headers = {"Set-Cookie": "av_leader=x", "Content-Security-Policy": "default-src *"}
        await Response("alert(1)", 200, headers, "text/javascript")(scope, receive, send)

    socket = await evil_hub(app)
    headers = (("cookie", "av_leader=stolen; lang=en"), ("authorization", "Bearer x"))
    headers += (("host", "elsewhere"), ("origin", "http://elsewhere"), ("x-forwarded-for", "::1"))
    opening = Open(1, "http", "GET", "/join/a", "", headers, "203.0.113.9")
    answer = await answer_of(socket, opening)
    assert seen == {
        "host": "localhost",
        "origin": "http://localhost",
        "cookie": "lang=en",
        "client": "203.0.113.9",
        "root_path": "/h/to-5",
    }
    assert dict(answer.headers) == {"content-type": "text/plain; charset=utf-8"}


# Applications that do not behave


async def test_an_application_that_fails_is_told_in_words(hub, dial, client):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).accept()
        raise RuntimeError("a mistake")

    dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    answer = await client.get("/h/to-5/join/a")
    assert answer.status_code == 503
    assert answer.json()["code"] == "link.house_failed"
    async with hub.browse("/ws/call") as socket:
        assert await close_code(socket) == 1011


async def test_large_messages_pass_whole_and_too_large_ones_end_the_channel(hub, dial):
    async def app(scope, receive, send):
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        await socket.send_text("ễ" * (MOST_MESSAGE_BYTES // 3))
        await socket.send_bytes(bytes(range(256)) * 2048)
        assert await socket.receive_text() == "x" * 60_000
        await socket.send_text("")
        await socket.send_text("x" * (MOST_MESSAGE_BYTES + 1))

    link = dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    async with hub.browse("/ws/call", max_size=None) as socket:
        assert await asyncio.wait_for(socket.recv(), 30) == "ễ" * (MOST_MESSAGE_BYTES // 3)
        assert await asyncio.wait_for(socket.recv(), 30) == bytes(range(256)) * 2048
        await socket.send("x" * 60_000)
        assert await asyncio.wait_for(socket.recv(), 30) == ""
        assert await close_code(socket) == 1009
    assert link.state.value.connection is Connection.LINKED


async def test_a_denial_of_the_houses_is_the_browsers(hub, dial):
    async def app(scope, receive, send):
        socket = WebSocket(scope, receive, send)
        await socket.send_denial_response(PlainTextResponse("no", 418))

    dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with hub.browse("/ws/call"):
            pass
    assert refused.value.response.status_code == 418
