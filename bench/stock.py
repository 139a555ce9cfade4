"""The peer to compare with: the same camera through aiortc as its documentation shows it.

    python -m bench.stock --camera rtsp://… --port 8091

`MediaPlayer(decode=False)`, a `MediaRelay`, one sender a viewer; nothing is decoded or encoded, and
no group of pictures is kept. So that it has no less to send than the house, sound goes with it,
encoded once for all. Its page asks for camera and microphone first, as the house's does: without
that permission Chromium hides its addresses, and a stock server takes a second to look them up.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import av
import numpy as np
import uvicorn
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaPlayer, MediaRelay
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rooms.media.opus import FRAME_SAMPLES, OpusEncoder

PAGE = """<!doctype html><meta charset="utf-8"><title>stock</title>
<button data-action="join">join</button>
<video id="own-video" autoplay muted playsinline></video>
<video id="hall-video" autoplay muted playsinline></video><audio id="hall-audio" autoplay></audio>
<script type="module">
const find = (id) => document.getElementById(id);
find("own-video").srcObject = await navigator.mediaDevices.getUserMedia({ audio: true, video: {
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } });
document.querySelector("[data-action=join]").addEventListener("click", async () => {
  const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const [video, audio] = ["video", "audio"].map(
    (kind) => connection.addTransceiver(kind, { direction: "recvonly" }));
  find("hall-video").srcObject = new MediaStream([video.receiver.track]);
  find("hall-audio").srcObject = new MediaStream([audio.receiver.track]);
  await connection.setLocalDescription();
  if (connection.iceGatheringState !== "complete") await new Promise((resolve) => {
    connection.onicegatheringstatechange =
      () => connection.iceGatheringState === "complete" && resolve();
  });
  const answer = await fetch("/offer", {
    method: "POST", body: JSON.stringify({ sdp: connection.localDescription.sdp }) });
  await connection.setRemoteDescription({ type: "answer", sdp: (await answer.json()).sdp });
});
</script>"""


class Murmur(MediaStreamTrack):
    """Sound in packets of 20 ms that are encoded already."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._encoder = OpusEncoder()
        noise = np.random.default_rng(5).normal(0, 300, FRAME_SAMPLES * 50)
        self._noise = noise.astype(np.int16).reshape(50, FRAME_SAMPLES)
        self._number = 0
        self._began = asyncio.get_running_loop().time()

    async def recv(self) -> "av.Packet[Any]":
        self._number += 1
        due = self._began + 0.02 * self._number
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        packet = av.Packet(self._encoder.encode(self._noise[self._number % 50]))
        packet.pts = self._number * FRAME_SAMPLES
        packet.time_base = Fraction(1, 48_000)
        return packet


def create_app(camera: str) -> Starlette:
    relay = MediaRelay()
    tracks: list[MediaStreamTrack] = []
    connections: set[RTCPeerConnection] = set()

    async def read_on(track: MediaStreamTrack) -> None:
        """The camera is read whether anybody looks or not, as in the house: otherwise the first
        viewer would get what piled up."""
        while True:
            await track.recv()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        player = await asyncio.to_thread(
            MediaPlayer, camera, format="rtsp", options={"rtsp_transport": "tcp"}, decode=False
        )
        assert player.video is not None
        tracks.extend((player.video, Murmur()))
        reading = [asyncio.create_task(read_on(relay.subscribe(track))) for track in tracks]
        yield
        for task in reading:
            task.cancel()
        await asyncio.gather(*(connection.close() for connection in tuple(connections)))
        player.video.stop()

    async def offer(request: Request) -> Response:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.add(connection)

        @connection.on("connectionstatechange")
        async def changed() -> None:
            if connection.connectionState in {"failed", "closed"}:
                connections.discard(connection)
                await connection.close()

        for track in tracks:
            sending = connection.addTransceiver(relay.subscribe(track), direction="sendonly")
            if track.kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                sending.setCodecPreferences([c for c in codecs if c.name in {"H264", "rtx"}])
        sdp = (await request.json())["sdp"]
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return JSONResponse({"sdp": connection.localDescription.sdp})

    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/healthz", healthz),
            Route("/offer", offer, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--camera", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvicorn.run(
        create_app(options.camera),
        host="127.0.0.1",
        port=options.port,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
