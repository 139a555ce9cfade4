import asyncio
import signal
import socket
import time

import httpx
import pytest
import websockets
from starlette.responses import PlainTextResponse, StreamingResponse

from base.cause import Refused
from config.settings import WebSection
from rooms.view import Role
from web.server import KEEP_ALIVE_SECONDS, DeadlineProtocol, WebServer


class Hasty(DeadlineProtocol):
    header_seconds = 0.4
    body_seconds = 0.4
    unread_seconds = 0.4


class Patient(Hasty):
    """Where something has to arrive in time, on a machine that is busy."""

    header_seconds = 2.0


async def hello(scope, receive, send):
    await PlainTextResponse("xin chào")(scope, receive, send)


async def closed_after(port: int, *parts: bytes, pause: float = 0.0) -> float:
    """Seconds until the server closed the connection, while parts trickle in."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()

    async def trickle() -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)

    sending = asyncio.create_task(trickle())
    try:
        async with asyncio.timeout(40):
            try:
                while await reader.read(1 << 16):
                    pass
            except ConnectionError:
                pass
        return time.monotonic() - began
    finally:
        sending.cancel()
        writer.close()


# Deadlines


@pytest.mark.parametrize(
    "part", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "]
)
async def test_an_unfinished_header_is_not_waited_for(serve, part):
    port = await serve(hello, protocol=Hasty)
    assert await closed_after(port, part) >= 0.35


async def test_a_trickle_wins_no_time(serve):
    port = await serve(hello, protocol=Hasty)
    slowly = [b"GET / HTTP/1.1\r\n", *[b"X-A: b\r\n"] * 1000]
    assert await closed_after(port, *slowly, pause=0.05) < 30


async def test_the_second_header_on_a_connection_has_a_deadline_too(serve):
    port = await serve(hello, protocol=Hasty)
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert await closed_after(port, request, request[:20], pause=0.1) < 0.8 * KEEP_ALIVE_SECONDS


async def test_a_body_that_nobody_reads_has_a_deadline(serve):
    port = await serve(hello, protocol=Hasty)
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    assert await closed_after(port, request, *[b"a"] * 900, pause=0.1) < 30


async def test_an_answer_that_nobody_reads_is_dropped(serve):
    done = asyncio.Event()

    async def endless(scope, receive, send):
        async def pieces():
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)
            finally:
                done.set()

        await StreamingResponse(pieces())(scope, receive, send)

    port = await serve(endless, protocol=Hasty)
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(done.wait(), 30)
    writer.close()


async def test_a_good_connection_is_kept(serve):
    """Idle between two requests for longer than a header may take."""
    port = await serve(hello, protocol=Patient)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil("xin chào".encode()), 30)
        assert answer.startswith(b"HTTP/1.1 200")
        await asyncio.sleep(1.2 * Patient.header_seconds)
    writer.close()
    assert DeadlineProtocol.header_seconds < KEEP_ALIVE_SECONDS


async def test_a_websocket_outlives_the_deadlines_of_requests(start_house):
    house = await start_house(protocol=Patient)
    let_in = await house.access.let_in(Role.STAGE, "")
    async with websockets.connect(
        f"ws://127.0.0.1:{house.port}/live/stage",
        origin=house.url,
        additional_headers={"Cookie": f"av_stage={let_in.secret}"},
    ) as socket:
        await asyncio.sleep(1.2 * Patient.header_seconds)
        await asyncio.wait_for(await socket.ping(), 30)


# Starting and stopping


async def test_it_stops_in_time_whatever_is_open(start_house):
    house = await start_house()
    let_in = await house.access.let_in(Role.STAGE, "")
    idle = await asyncio.open_connection("127.0.0.1", house.port)
    half = await asyncio.open_connection("127.0.0.1", house.port)
    half[1].write(
        f"POST /ask HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Length: 9\r\n\r\na".encode()
    )
    async with websockets.connect(
        f"ws://127.0.0.1:{house.port}/live/stage",
        origin=house.url,
        additional_headers={"Cookie": f"av_stage={let_in.secret}"},
    ) as socket:
        await asyncio.wait_for(socket.recv(), 30)
        began = time.monotonic()
        house.serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await house.serving
        assert time.monotonic() - began < 12
        with pytest.raises(websockets.ConnectionClosed) as closed:
            while True:
                await asyncio.wait_for(socket.recv(), 30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
    for _, writer in (idle, half):
        writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", house.port)


async def test_what_was_begun_is_finished_first(serve_until):
    begun = asyncio.Event()

    async def slow(scope, receive, send):
        begun.set()
        await asyncio.sleep(0.5)
        await PlainTextResponse("done")(scope, receive, send)

    port, serving = await serve_until(slow)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/", timeout=30))
        await asyncio.wait_for(begun.wait(), 30)
        serving.cancel()
        assert (await asking).text == "done"


async def test_a_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = WebServer(hello, WebSection(port=port))
        with pytest.raises(Refused) as refused:
            server.bind()
    assert refused.value.cause.code == "web.port_taken"
    assert refused.value.cause.params["port"] == port
    with pytest.raises(Refused, match=r"web\.address_unusable"):
        WebServer(hello, WebSection(host="192.0.2.1")).bind(0)


async def test_signals_stay_the_daemons(serve):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    await serve(hello)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
