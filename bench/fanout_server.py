"""The bridge of a house with nothing around it: RTP comes in, viewers come by `POST /offer`.

    python -m bench.fanout_server --host 10.77.0.1 --port 8090 --video 5004 --sound 5006 [--stock]

Sound is mixed and encoded once for all, as in a house; what comes as Opus is decoded before.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from base.latest import Latest
from devices.device import AccessUnit, Condition, Health, Kind, Picture, Samples, Unsubscribe
from rooms.media.assembler import FrameAssembler, VideoPacket
from rooms.media.bridge import Bridge
from rooms.media.opus import FRAME_SAMPLES, OpusDecoder
from rooms.media.payloads import Codec, Frame, join_h264


class Port(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._take(data)


class RtpCamera:
    """A `VideoSource` of what comes in at a port."""

    id, name, kind = "camera", "Camera", Kind.CAMERA

    def __init__(self) -> None:
        self.health: Latest[Health] = Latest(Health(Condition.WORKING))
        self.picture: Latest[Picture | None] = Latest(None)
        self._sinks: list[Callable[[AccessUnit], None]] = []
        self._assembler = FrameAssembler(
            lambda: Codec.H264, self._show, lambda _: None, lambda: None
        )

    async def run(self) -> None:
        await asyncio.Event().wait()

    def request_key_frame(self) -> None:
        """RTP alone has no way to ask."""

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Unsubscribe:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def take(self, data: bytes) -> None:
        sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
        self._assembler.add(VideoPacket(sequence, timestamp, data[1] > 127, data[12:]))

    def _show(self, frame: Frame) -> None:
        unit = AccessUnit(join_h264(frame.payloads), frame.timestamp, frame.key, time.monotonic())
        for sink in self._sinks:
            sink(unit)


class RtpSound:
    """A `HallSound` of what comes in at a port."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._sinks: list[Callable[[Samples], None]] = []

    def subscribe(self, sink: Callable[[Samples], None]) -> Unsubscribe:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def play(self, samples: Samples) -> None:
        """Nobody is in this hall."""

    def take(self, data: bytes) -> None:
        samples = self._decoder.decode(data[12:])
        half = FRAME_SAMPLES // 2
        for sink in self._sinks:
            sink(samples[:half])
            sink(samples[half:])


def create_app(options: argparse.Namespace) -> Starlette:
    bridges: list[Bridge] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        camera, sound = RtpCamera(), cast(Any, RtpSound())
        for port, take in ((options.video, camera.take), (options.sound, sound.take)):
            made = partial(Port, take)
            await loop.create_datagram_endpoint(made, local_addr=(options.host, port))
        bridge = Bridge([camera], sound, stock_senders=options.stock, most_guests=1000)
        bridge.set_live(True)
        bridges.append(bridge)
        running = asyncio.create_task(bridge.run())
        gc.freeze()
        yield
        running.cancel()

    async def offer(request: Request) -> Response:
        asked = await request.json()
        return JSONResponse(
            {"sdp": await bridges[0].answer(asked["name"], asked["sdp"], hears=True)}
        )

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route("/healthz", healthz), Route("/offer", offer, methods=["POST"])]
    return Starlette(routes=routes, lifespan=lifespan)


def main() -> None:
    parser = argparse.ArgumentParser(description="A bridge with nothing around it.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--video", type=int, required=True)
    parser.add_argument("--sound", type=int, required=True)
    parser.add_argument("--stock", action="store_true", help="aiortc's own senders")
    options = parser.parse_args()
    uvicorn.run(
        create_app(options),
        host=options.host,
        port=options.port,
        log_level="warning",
        loop="uvloop",
        timeout_graceful_shutdown=3,
        timeout_keep_alive=120,  # viewers join one after the other, on a busy machine slowly
    )


if __name__ == "__main__":
    main()
