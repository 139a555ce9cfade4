"""The link is lost, is noticed, and comes back; what was passing through it ends cleanly."""

import asyncio
import signal
import socket
import sys
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import httpx
import websockets
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from rooms.view import Connection
from web.link.line import SILENT_SECONDS

NOTICED = SILENT_SECONDS + 25
"""A generous ceiling for a busy machine; by itself TCP would take a quarter of an hour."""


class Echo:
    """A house's application: says everything back, and knows who is there."""

    def __init__(self):
        self.open = 0
        self.slow = asyncio.Event()
        self.endings = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            if scope["path"].endswith("/slow"):
                self.slow.set()
                await asyncio.sleep(60)
            await PlainTextResponse("xin chào")(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        self.open += 1
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect as gone:
            self.endings.append(gone.code)
        finally:
            self.open -= 1


async def echoes(socket, text="một"):
    await socket.send(text)
    return await asyncio.wait_for(socket.recv(), 30) == text


async def close_code(socket):
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(40):
            while True:
                await socket.recv()
    return socket.close_code


async def nobody_in(app):
    async with asyncio.timeout(30):
        while app.open:
            await asyncio.sleep(0.02)


async def test_a_line_that_falls_silent_is_noticed_at_both_ends(hub, dial, weak_line, until_state):
    app, line = Echo(), await weak_line(hub.port)
    link = dial(line.link_url, app)
    await hub.until("to-5", linked=True)
    async with hub.browse("/ws/call") as browser:
        assert await echoes(browser)
        began = time.monotonic()
        line.stall()
        await until_state(link, Connection.AWAY, "link.silent")
        assert time.monotonic() - began < NOTICED
        await hub.until("to-5", linked=False)
        assert time.monotonic() - began < NOTICED
        assert await close_code(browser) == 1012
        await nobody_in(app)
        assert app.endings == [1012]


async def test_it_comes_back_by_itself(hub, dial, weak_line, until_state):
    app, line = Echo(), await weak_line(hub.port)
    link = dial(line.link_url, app)
    await until_state(link, Connection.LINKED)
    for _ in range(2):
        line.cut()
        await until_state(link, Connection.AWAY, "link.closed")
        await until_state(link, Connection.LINKED)
        await hub.until("to-5", linked=True)
        async with hub.browse("/ws/call") as browser:
            assert await echoes(browser)


async def test_a_quiet_line_is_kept(hub, dial, until_state):
    link = dial(hub.link_url, Echo())
    await hub.until("to-5", linked=True)
    session = hub.sessions.of("to-5")
    await asyncio.sleep(SILENT_SECONDS + 1)
    assert hub.sessions.of("to-5") is session
    assert link.round_trip is not None and 0 < link.round_trip < 3
    assert session.round_trip is not None


async def test_without_the_house_a_browser_is_told_in_words(hub):
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, timeout=30) as client:
        answer = await client.get("/h/to-5/join/a")
    assert answer.status_code == 503
    assert answer.json()["code"] == "link.house_away"
    async with hub.browse("/ws/call") as browser:
        assert await close_code(browser) == 4503
        assert browser.close_reason == answer.json()["message"]
    async with hub.browse("/ws/call", additional_headers={"Cookie": "lang=en"}) as browser:
        assert await close_code(browser) == 4503
        assert "offline" in browser.close_reason


async def test_a_request_under_way_ends_with_the_link(hub, dial, weak_line, until_state):
    line = await weak_line(hub.port)
    app = Echo()
    dial(line.link_url, app)
    await hub.until("to-5", linked=True)
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, timeout=30) as client:
        asking = asyncio.create_task(client.get("/h/to-5/join/slow"))
        await asyncio.wait_for(app.slow.wait(), 30)
        line.cut()
        answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (503, "link.house_away")


async def test_a_newer_connection_takes_the_place_of_the_older(hub, dial, until_state):
    old, new = Echo(), Echo()
    first = dial(hub.link_url, old)
    await hub.until("to-5", linked=True)
    session = hub.sessions.of("to-5")
    async with hub.browse("/ws/call") as before:
        assert await echoes(before)
        second = dial(hub.link_url, new)
        await until_state(second, Connection.LINKED)
        await until_state(first, Connection.AWAY, "link.replaced")
        assert await close_code(before) == 1012
    assert hub.sessions.of("to-5") is not session
    async with hub.browse("/ws/call") as after:
        assert await echoes(after)
        assert (old.open, new.open) == (0, 1)
    await asyncio.sleep(2)
    assert second.state.value.connection is Connection.LINKED, "the older does not push back"


async def test_the_hub_is_started_again(start_hub, dial, until_state):
    hub, app = await start_hub(), Echo()
    link = dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    async with hub.browse("/ws/call") as browser:
        assert await echoes(browser)
        await hub.stop()
        await until_state(link, Connection.AWAY)
        assert await close_code(browser) == 1012
        await nobody_in(app)
    again = await start_hub(hub.port)
    await again.until("to-5", linked=True)
    async with again.browse("/ws/call") as browser:
        assert await echoes(browser)


async def test_an_application_that_clings_to_a_channel_is_let_go(hub, dial, until_state):
    clinging = asyncio.Event()
    let_go = asyncio.Event()

    async def app(scope, receive, send):
        await WebSocket(scope, receive, send).accept()
        clinging.set()
        try:
            await asyncio.sleep(3600)
        finally:
            let_go.set()

    dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    async with hub.browse("/ws/call"):
        await asyncio.wait_for(clinging.wait(), 30)
    await asyncio.wait_for(let_go.wait(), 30)


CHILD = """
import asyncio, json, sys
import websockets

async def main():
    async with websockets.connect(sys.argv[1], additional_headers={"Authorization": sys.argv[2]},
                                  ping_interval=None, proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "version": 1}))
        async def beat():
            while True:
                await socket.send(json.dumps({"type": "ping", "number": 1}))
                await asyncio.sleep(1)
        beating = asyncio.create_task(beat())
        async for frame in socket:
            if isinstance(frame, str) and json.loads(frame)["type"] == "open":
                await socket.send(json.dumps({"type": "accept",
                                              "channel": json.loads(frame)["channel"]}))

asyncio.run(main())
"""


async def test_a_house_that_stands_still_is_noticed(hub, key, tmp_path):
    script = Path(tmp_path / "house.py")
    script.write_text(CHILD)
    credentials = b64encode(f"to-5:{key}".encode()).decode()
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(script), hub.link_url, f"Basic {credentials}"
    )
    try:
        await hub.until("to-5", linked=True)
        async with hub.browse("/ws/call") as browser:
            await asyncio.sleep(SILENT_SECONDS + 0.5)
            assert "to-5" in hub.sessions.linked.value
            child.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            assert await close_code(browser) == 1012
            assert time.monotonic() - began < NOTICED
            await hub.until("to-5", linked=False)
    finally:
        child.kill()
        await child.wait()


async def test_a_hub_that_stands_still_is_noticed(dial, until_state):
    """It takes the connection and says hello, then nothing: no pong, no closing."""

    over = asyncio.Event()

    async def serve(socket):
        await socket.recv()
        await socket.send('{"type":"welcome","public_url":"http://ward.example/h/to-5"}')
        await over.wait()

    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        link = dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", Echo())
        await until_state(link, Connection.LINKED)
        began = time.monotonic()
        await until_state(link, Connection.AWAY, "link.silent")
        assert time.monotonic() - began < NOTICED
        over.set()


async def test_a_line_that_comes_back_is_not_kept_waiting_by_an_attempt_that_hangs(
    dial, until_state, monkeypatch
):
    """The first connections end in nothing, as through a router that has just started again."""
    monkeypatch.setattr("web.link.house.KNOCK_SECONDS", 0.2)
    monkeypatch.setattr("web.link.house.OPENING_SECONDS", 60.0)
    attempts, over = [], asyncio.Event()

    async def serve(socket):
        await socket.recv()
        await socket.send('{"type":"welcome","public_url":"http://ward.example/h/to-5"}')
        await over.wait()

    async def swallow(connection, request):
        attempts.append(connection)
        if len(attempts) <= 2:
            await over.wait()

    async with websockets.serve(serve, "127.0.0.1", 0, process_request=swallow) as server:
        link = dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", Echo())
        await until_state(link, Connection.LINKED)  # it does not wait for the first to fail
        assert len(attempts) == 3
        over.set()


async def test_soon_after_a_loss_the_pauses_stay_short(dial, monkeypatch):
    monkeypatch.setattr("web.link.house.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("web.link.house.EAGER_PAUSE", 0.05)
    dialled = asyncio.Semaphore(0)

    async def hang_up(reader, writer):
        dialled.release()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link", Echo())
        async with asyncio.timeout(40):  # twelve pauses that double would take more than a minute
            for _ in range(12):
                await dialled.acquire()


async def test_nobody_at_the_address_is_told(dial, until_state):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    state = await until_state(dial(f"ws://127.0.0.1:{port}/link", Echo()), Connection.AWAY)
    assert (state.cause.code, state.cause.params["host"]) == ("link.no_answer", "127.0.0.1")
    nowhere = dial("ws://hub.invalid/link", Echo())
    assert (await until_state(nowhere, Connection.AWAY)).cause.code == "link.no_name"
