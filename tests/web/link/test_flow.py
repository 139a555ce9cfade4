"""A browser that does not read stops its own channel, and nobody else's."""

import asyncio
import json
import tracemalloc
from base64 import b64encode

import pytest
import websockets
from starlette.websockets import WebSocket, WebSocketDisconnect

from web.link.channel import (
    MOST_MESSAGE_BYTES,
    PIECE_COST,
    WINDOW_BYTES,
    Channel,
    ChannelEndedError,
)
from web.link.messages import MOST_PIECE_BYTES, Credit, Data, End, ProtocolError

MIB = 1024 * 1024


@pytest.fixture
def wire():
    return []


@pytest.fixture
def channel(wire):
    async def send(message):
        wire.append(message)

    return Channel(7, send, wire.append)


def pieces(wire):
    return [message for message in wire if isinstance(message, Data)]


async def turns():
    """All that needs nothing but the event loop is done; no clock says when."""
    for _ in range(5_000):
        await asyncio.sleep(0)


async def test_no_more_goes_out_than_the_window_holds(channel, wire):
    sending = asyncio.create_task(channel.send(bytes(2 * WINDOW_BYTES)))
    await turns()
    sent = sum(len(piece.payload) + PIECE_COST for piece in pieces(wire))
    assert WINDOW_BYTES - MOST_PIECE_BYTES - PIECE_COST < sent <= WINDOW_BYTES
    channel.take_credit(sent)
    await turns()
    assert not sending.done()
    channel.take_credit(WINDOW_BYTES // 2)
    await asyncio.wait_for(sending, 30)
    assert b"".join(piece.payload for piece in pieces(wire)) == bytes(2 * WINDOW_BYTES)
    assert [piece.more for piece in pieces(wire)] == [True] * 31 + [False]


async def test_empty_messages_are_not_free(channel, wire):
    async def chatter():
        while True:
            await channel.send(b"", text=True)

    chattering = asyncio.create_task(chatter())
    async with asyncio.timeout(30):
        while len(wire) < WINDOW_BYTES // PIECE_COST:
            await asyncio.sleep(0)
    await turns()
    chattering.cancel()
    assert len(wire) == WINDOW_BYTES // PIECE_COST


async def test_messages_of_two_tasks_do_not_mix(channel, wire):
    sending = [
        asyncio.create_task(channel.send(letter * 3 * MOST_PIECE_BYTES)) for letter in (b"a", b"b")
    ]
    await asyncio.gather(*sending)
    assert [piece.payload[:1] for piece in pieces(wire)] == [b"a"] * 3 + [b"b"] * 3


async def test_a_message_broken_off_ends_the_channel(channel, wire):
    sending = asyncio.create_task(channel.send(bytes(2 * WINDOW_BYTES)))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert isinstance(wire[-1], End)
    with pytest.raises(ChannelEndedError):
        await channel.send(b"next")


async def test_room_is_given_back_when_it_was_used(channel, wire):
    whole = WINDOW_BYTES // (MOST_PIECE_BYTES + PIECE_COST)
    piece = Data(7, bytes(MOST_PIECE_BYTES), text=False, more=True)
    for _ in range(whole):
        channel.take_piece(piece)
    with pytest.raises(ProtocolError):
        channel.take_piece(piece)
    for _ in range(whole):
        assert not [m for m in wire if isinstance(m, Credit) and m.bytes > WINDOW_BYTES]
        await channel.receive()
    given = sum(message.bytes for message in wire if isinstance(message, Credit))
    assert whole * (MOST_PIECE_BYTES + PIECE_COST) - given < WINDOW_BYTES // 4


async def test_credit_out_of_nothing_is_refused(channel):
    with pytest.raises(ProtocolError):
        channel.take_credit(1)


async def test_a_message_that_never_ends_is_bounded(channel, wire):
    async def pour():
        while not channel.ended.is_set():
            while (
                sum(m.bytes for m in wire if isinstance(m, Credit)) + WINDOW_BYTES < poured + 17000
            ):
                await asyncio.sleep(0)
                if channel.ended.is_set():
                    return
            channel.take_piece(Data(7, bytes(MOST_PIECE_BYTES), text=False, more=True))
            add()

    poured = 0

    def add():
        nonlocal poured
        poured += MOST_PIECE_BYTES + PIECE_COST

    pouring = asyncio.create_task(pour())
    with pytest.raises(ChannelEndedError) as ended:
        await asyncio.wait_for(channel.receive_message(), 30)
    await pouring
    assert ended.value.code == 1009
    assert poured < MOST_MESSAGE_BYTES + 2 * WINDOW_BYTES


async def test_text_that_is_none_ends_the_channel(channel, wire):
    channel.take_piece(Data(7, b"\xff", text=True, more=False))
    with pytest.raises(ChannelEndedError) as ended:
        await channel.receive_message()
    assert ended.value.code == 1007
    assert wire == [End(7, 1007)]


async def test_what_was_sent_before_the_end_still_counts(channel):
    channel.take_piece(Data(7, b"last", text=True, more=False))
    channel.take_end(4403, "not any longer")
    assert await channel.receive_message() == "last"
    with pytest.raises(ChannelEndedError) as ended:
        await channel.receive_message()
    assert (ended.value.code, ended.value.reason) == (4403, "not any longer")


# Through the hub


class Flood:
    """`/live/official` pours as much as it may; `/ws/call` answers as ever."""

    def __init__(self):
        self.poured = 0
        self.done = asyncio.Event()

    async def __call__(self, scope, receive, send):
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        try:
            if scope["path"].endswith("/ws/call"):
                while True:
                    await socket.send_text(await socket.receive_text())
            while True:
                await socket.send_bytes(bytes(50_000))
                self.poured += 50_000
        except WebSocketDisconnect:
            self.done.set()


async def test_a_browser_that_does_not_read_grows_nothing_and_holds_up_nobody(hub, dial):
    app = Flood()
    link = dial(hub.link_url, app)
    await hub.until("to-5", linked=True)
    slow_reader, slow = await asyncio.open_connection("127.0.0.1", hub.port, limit=1024)
    tracemalloc.start()
    try:
        slow.write(
            f"GET /h/to-5/live/official HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        async with hub.browse("/ws/call") as quick:
            poured, stood = 0, 0
            async with asyncio.timeout(90):
                while stood < 20:  # the house waits: for four seconds it has poured nothing
                    for _ in range(20):
                        await quick.send("một")
                        assert await quick.recv() == "một"
                    await asyncio.sleep(0.2)
                    stood = stood + 1 if app.poured == poured > 0 else 0
                    poured = app.poured
            assert tracemalloc.get_traced_memory()[1] < 12 * MIB
            assert link.state.value.public_url, "and the link lives"
            slow.transport.abort()
            await asyncio.wait_for(app.done.wait(), 30)
    finally:
        tracemalloc.stop()
        slow.close()
        del slow_reader


async def test_a_house_that_does_not_keep_to_the_window_is_put_out(hub, key):
    credentials = b64encode(f"to-5:{key}".encode()).decode()
    async with websockets.connect(
        hub.link_url,
        additional_headers={"Authorization": f"Basic {credentials}"},
        proxy=None,
        compression=None,
    ) as house:
        await house.send('{"type":"hello","version":1}')
        await hub.until("to-5", linked=True)
        stalled = asyncio.create_task(stall(hub))
        async with asyncio.timeout(60):
            while True:
                frame = await house.recv()
                if isinstance(frame, str) and json.loads(frame)["type"] == "open":
                    break
            await house.send('{"type":"accept","channel":1}')
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await house.send(bytes([0, 0, 0, 1, 0]) + bytes(MOST_PIECE_BYTES))
        assert house.close_code == 1002
        stalled.cancel()


async def stall(hub):
    # compressed, so many zeros would all find room on the way
    async with hub.browse("/ws/call", max_queue=1, close_timeout=0.1, compression=None):
        await asyncio.sleep(30)
