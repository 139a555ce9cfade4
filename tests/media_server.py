"""A media server as small as can be: WHIP in, WHEP out, with whatever way of describing a stream.

    async with MediaServer(clip).serving() as server:
        server.sends["ward"] = 440.0        # from now on somebody sends there: a tone, pictures
        server.whip("to-5"), server.whep("ward")
        server.got["to-5"].hears(700.0)     # what somebody sent there

aiortc is at its end. Its `way`: it `answers` who asks for a stream, `offers` by itself (406), or
`only offers`, and reads nobody else's (415).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from fractions import Fraction
from typing import Any

import av
import numpy as np
import uvicorn
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from devices.device import Samples
from tests.ports import free_port
from tests.tones import is_in

TOKEN = "mot-ma-kho-doan-2026"
RATE = 48_000


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._at = 0
        self._began = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        due = self._began + self._at / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        times = (self._at + np.arange(960)) / RATE
        samples = (8000 * np.sin(2 * np.pi * self._hertz * times)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += 960
        return frame


class Pictures(MediaStreamTrack):
    """As they were encoded, 15 a second."""

    kind = "video"

    def __init__(self, units: Any) -> None:
        super().__init__()
        self._units = units
        self._count = 0
        self._began = time.monotonic()

    async def recv(self) -> Any:
        due = self._began + self._count / 15
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        packet = av.Packet(bytes(self._units[self._count % len(self._units)]))
        packet.pts, packet.time_base = self._count * 6000, Fraction(1, 90_000)
        self._count += 1
        return packet


class Got:
    """What one stream brought."""

    def __init__(self) -> None:
        self.pictures = 0
        self.size = (0, 0)
        self.sound: list[Samples] = []
        """Of the last second."""

    async def take(self, track: Any) -> None:
        with suppress(Exception):  # it ends
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.pictures += 1
                    self.size = frame.width, frame.height
                else:
                    self.sound = [*self.sound[-49:], frame.to_ndarray().reshape(-1, 2)[:, 0]]

    def hears(self, hertz: float) -> bool:
        return len(self.sound) >= 25 and is_in(np.concatenate(self.sound[-25:]), hertz)

    def is_silent(self) -> bool:
        """Of a silence there is a packet now and then."""
        return len(self.sound) > 1 and float(np.abs(np.concatenate(self.sound[-2:])).max()) < 100


class MediaServer:
    def __init__(self, units: Any, way: str = "answers") -> None:
        self.way = way
        self.sends: dict[str, float] = {}
        """Streams that somebody publishes, each with a tone."""
        self.got: dict[str, Got] = {}
        self.asked: list[tuple[str, str, str]] = []
        """Method, path and token of each request."""
        self.refuses = 0
        """The status of all answers, where it is not 0."""
        self.port = free_port()
        self._units = units
        self._peers: dict[str, RTCPeerConnection] = {}
        self._taking: set[asyncio.Task[None]] = set()

    def whip(self, stream: str) -> str:
        return f"http://127.0.0.1:{self.port}/whip/{stream}"

    def whep(self, stream: str) -> str:
        return f"http://127.0.0.1:{self.port}/whep/{stream}"

    def sessions(self, kind: str) -> list[str]:
        return [path for path in self._peers if path.startswith(f"/{kind}/")]

    async def lose(self, kind: str) -> None:
        """All of its sessions."""
        for path in self.sessions(kind):
            await self._peers.pop(path).close()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["MediaServer"]:
        routes = [
            Route("/whip/{stream}", self._publish, methods=["POST"]),
            Route("/whep/{stream}", self._watch, methods=["POST"]),
            Route("/moved/{stream}", self._moved, methods=["POST"]),
            Route("/{kind}/{stream}/{session}", self._session, methods=["PATCH", "DELETE"]),
        ]
        app = Starlette(routes=routes)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield self
        finally:
            for peer in tuple(self._peers.values()):
                await peer.close()
            for task in self._taking:
                task.cancel()
            server.should_exit = True
            await serving

    def _refused(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.asked.append((request.method, request.url.path, token))
        if self.refuses or token != TOKEN:
            return Response("v=1", self.refuses or 401)
        return None

    def _peer(self) -> RTCPeerConnection:
        return RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )

    async def _moved(self, request: Request) -> Response:
        self._refused(request)
        return RedirectResponse(self.whep(request.path_params["stream"]), 307)

    async def _publish(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        peer, got = self._peer(), Got()

        def take(track: Any) -> None:
            self._taking.add(asyncio.ensure_future(got.take(track)))

        peer.on("track", take)
        await peer.setRemoteDescription(
            RTCSessionDescription((await request.body()).decode(), "offer")
        )
        await peer.setLocalDescription(await peer.createAnswer())
        self.got[request.path_params["stream"]] = got
        return self._made(request, peer, 201)

    async def _watch(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        stream, offer = request.path_params["stream"], (await request.body()).decode()
        if stream not in self.sends:
            return Response(status_code=404)
        if self.way == "only offers" and offer:
            return Response(status_code=415)
        peer = self._peer()
        peer.addTransceiver(Tone(self.sends[stream]), direction="sendonly")
        pictures = peer.addTransceiver(Pictures(self._units), direction="sendonly")
        capabilities = RTCRtpSender.getCapabilities("video")
        assert capabilities is not None
        pictures.setCodecPreferences([c for c in capabilities.codecs if c.name == "H264"])
        if self.way == "answers":
            await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
            return self._made(request, peer, 201)
        await peer.setLocalDescription(await peer.createOffer())
        return self._made(request, peer, 406 if offer else 201)

    def _made(self, request: Request, peer: RTCPeerConnection, status: int) -> Response:
        path = f"{request.url.path}/{len(self.asked)}"
        self._peers[path] = peer
        headers = {"Location": path, "Content-Type": "application/sdp"}
        return Response(peer.localDescription.sdp, status, headers)

    async def _session(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        if request.method == "DELETE":
            if (peer := self._peers.pop(request.url.path, None)) is not None:
                await peer.close()
            return Response()
        answer = RTCSessionDescription((await request.body()).decode(), "answer")
        await self._peers[request.url.path].setRemoteDescription(answer)
        return Response(status_code=204)
