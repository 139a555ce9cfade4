"""Many viewers in one process that count pictures and decode nothing.

    python -m bench.viewers house http://127.0.0.1:8080/join/<token> --count 20
    python -m bench.viewers stock http://127.0.0.1:8091 --count 20

Every line on standard input is answered with one line of JSON, the first as soon as all see the
hall: `{"pictures": [312, 310, …]}`, whole pictures that each got so far. It ends when its input
does. Viewers of a house join as its own pages do (web/PROTOCOL.md), with camera and microphone off.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvloop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket
from websockets.asyncio.client import ClientConnection, connect

JOIN_SECONDS = 40.0
AT_ONCE = 5
"""Viewers that join at the same time."""


class Counter:
    """Stands in the place of aiortc's jitter buffer; reports and requests of lost packets go on."""

    def __init__(self) -> None:
        self.pictures = 0
        self.seen = asyncio.Event()
        self._end: int | None = None
        self._packets = 0

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._packets += 1
        if packet.marker:
            if self._end is not None and packet.sequence_number - self._end & 0xFFFF == (
                self._packets
            ):
                self.pictures += 1
                self.seen.set()
            self._end = packet.sequence_number
            self._packets = 0
        return False, None


class Idle(MediaStreamTrack):
    """Has nothing to send; without a track the sender would look for one fifty times a second."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        await asyncio.get_running_loop().create_future()


async def negotiate(
    directions: tuple[tuple[str, str], ...], exchange: Callable[[str], Awaitable[str]]
) -> tuple[RTCPeerConnection, Counter]:
    """Connect with these lines, the first video of which is the hall's."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    hall: Counter | None = None
    for kind, direction in directions:
        track = kind if direction == "recvonly" else Idle(kind)
        receiver: Any = connection.addTransceiver(track, direction=direction).receiver
        counter = receiver._RTCRtpReceiver__jitter_buffer = Counter()
        if kind == "video":
            hall = hall or counter
    assert hall is not None
    await connection.setLocalDescription(await connection.createOffer())
    answer = await exchange(connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await hall.seen.wait()
    return connection, hall


async def view_stock(stack: AsyncExitStack, url: str, number: int) -> Counter:
    async def exchange(sdp: str) -> str:
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.post(f"{url}/offer", json={"sdp": sdp})
            answer.raise_for_status()
            return str(answer.json()["sdp"])

    lines = (("video", "recvonly"), ("audio", "recvonly"))
    connection, counter = await negotiate(lines, exchange)
    stack.push_async_callback(connection.close)
    return counter


async def view_house(stack: AsyncExitStack, link: str, number: int) -> Counter:
    return await join_house(stack, link, f"Cán bộ {number}")


async def join_house(
    stack: AsyncExitStack,
    link: str,
    name: str,
    resume: str = "",
    keep: Callable[[str], object] = lambda _: None,
) -> Counter:
    """Join, until the stack is closed; then leave. `resume` is what the house gave him before; what
    it gives him now is to `keep`. Raises RuntimeError where he is not let in."""
    parts = urlsplit(link)
    line = await stack.enter_async_context(
        connect(f"ws://{parts.netloc}/ws/call", origin=f"http://{parts.netloc}")  # type: ignore[arg-type]
    )

    async def say(kind: str, **fields: object) -> None:
        await line.send(json.dumps({"type": kind, **fields}))

    async def exchange(sdp: str) -> str:
        await say("offer", sdp=sdp)
        return str((await _hear(line, "answer"))["sdp"])

    token = parts.path.rpartition("/")[2]
    await say("join", token=token, name=name, resume=resume)
    keep((await _hear(line, "welcome"))["resume"])
    await say("set", microphone=False, camera=False, sharing=False, hand=False)
    lines = (("audio", "sendrecv"), ("video", "sendrecv"), ("video", "sendrecv"))
    connection, counter = await negotiate(lines, exchange)
    stack.push_async_callback(connection.close)
    stack.push_async_callback(say, "leave")
    staying = asyncio.create_task(_stay(line))
    stack.callback(staying.cancel)
    return counter


async def _stay(line: ClientConnection) -> None:
    async def ping() -> None:
        while True:
            await line.send('{"type": "ping"}')
            await asyncio.sleep(1)

    async def listen() -> None:
        async for message in line:
            if json.loads(message)["type"] in {"end", "refused"}:
                raise RuntimeError(f"a viewer was sent away: {message!r}")

    await asyncio.gather(ping(), listen())


async def _hear(line: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type; what else comes meanwhile is of no interest."""
    async for text in line:
        message: dict[str, Any] = json.loads(text)
        if message["type"] == kind:
            return message
        if message["type"] in {"end", "refused"}:
            break
    raise RuntimeError(f"the house did not say {kind!r}")


async def serve(options: argparse.Namespace) -> None:
    view = view_house if options.server == "house" else view_stock
    async with AsyncExitStack() as stack:
        counters: list[Counter] = []
        async with asyncio.timeout(JOIN_SECONDS):
            for first in range(0, options.count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, options.count))
                counters += await asyncio.gather(
                    *(view(stack, options.address, number) for number in numbers)
                )
        while await asyncio.to_thread(sys.stdin.readline):
            sys.stdout.write(json.dumps({"pictures": [c.pictures for c in counters]}) + "\n")
            sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="Viewers that count pictures.")
    parser.add_argument("server", choices=["house", "stock"])
    parser.add_argument("address", help="invitation link of a house, or address of the other")
    parser.add_argument("--count", type=int, default=1)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(options))


if __name__ == "__main__":
    main()
