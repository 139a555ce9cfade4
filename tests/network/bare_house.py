"""A house's media alone, for a browser on a bad line: the bridge, the drawn hall, a tone, one page.

    python -m tests.network.bare_house 55.2.0.1 8000 CACHE

says `ready`. `POST /offer/NAME` answers an offer; `/lines` tells what each line is given.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import Route

from base.latest import Latest
from devices import h264
from devices.device import AccessUnit, Condition, Health, Samples, VideoSource
from devices.virtual.hall_picture import load_clip
from rooms.media.bridge import Bridge

STATIC = Path(__file__).parents[2] / "web" / "static"
PAGE = """<!doctype html><title>guest</title>
<audio id=sound autoplay></audio><video id=hall autoplay muted playsinline></video>
<script type=module>
import { Peer } from "/peer.js";
const hall = document.getElementById("hall");
window.shown = [];
const seen = (now) => {
  window.shown.push([performance.now(), hall.videoWidth]);
  hall.requestVideoFrameCallback(seen);
};
hall.requestVideoFrameCallback(seen);
window.join = async (name) => {
  const began = performance.now();
  window.peer = new Peer({}, { connected() {}, failed() { window.failed = true; } });
  document.getElementById("sound").srcObject = window.peer.streams[0];
  hall.srcObject = window.peer.streams[1];
  const sdp = await window.peer.offer();
  const answer = await fetch(`/offer/${name}`, { method: "POST", body: sdp });
  await window.peer.answer(await answer.text());
  return began;
};
window.heard = async () => {
  const found = {};
  (await window.peer.lines[0].receiver.getStats()).forEach((s) => {
    if (s.type === "inbound-rtp") Object.assign(found, {
      all: s.totalSamplesReceived, concealed: s.concealedSamples,
      silent: s.silentConcealedSamples, lost: s.packetsLost, received: s.packetsReceived,
      events: s.concealmentEvents});
  });
  return found;
};
// The longest pauses between two pictures since a moment, in ms: [when, how long].
window.pauses = (since) => window.shown.slice(1)
  .map(([at], n) => [at, at - window.shown[n][0]])
  .filter(([at, long]) => at >= since && long > 120);
window.ready = true;
</script>"""


class Camera:
    id = "hall"

    def __init__(self, cache: Path) -> None:
        self.health: Latest[Health] = Latest(Health(Condition.WORKING))
        self._clip = load_clip(cache)
        self._sinks: list[Callable[[AccessUnit], None]] = []

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    async def run(self) -> None:
        began, number = time.monotonic(), 0
        units = [(u, h264.decodable_alone(h264.split(u))) for u in self._clip.units]
        while True:
            data, key = units[number % len(units)]
            for sink in tuple(self._sinks):
                sink(AccessUnit(data, number * 3000, key, time.monotonic()))
            number += 1
            await asyncio.sleep(max(0.0, began + number / 30 - time.monotonic()))


class Tone:
    """A microphone that hears one; nobody hears its loudspeaker."""

    def __init__(self) -> None:
        self._sinks: list[Callable[[Samples], None]] = []

    def subscribe(self, sink: Callable[[Samples], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def play(self, samples: Samples) -> None: ...

    async def run(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            while sent < (time.monotonic() - began) * 100:
                moment = (np.arange(480) + sent * 480) / 48_000
                for sink in tuple(self._sinks):
                    sink((8000 * np.sin(2 * np.pi * 440 * moment)).astype(np.int16))
                sent += 1
            await asyncio.sleep(0.005)


async def run(host: str, port: int, cache: Path) -> None:
    camera, tone = Camera(cache), Tone()
    cameras: list[VideoSource] = [camera]  # type: ignore[list-item]
    bridge = Bridge(cameras, tone)  # type: ignore[arg-type]
    bridge.set_live(True)

    async def offer(request: Request) -> Response:
        sdp = (await request.body()).decode()
        return PlainTextResponse(await bridge.answer(request.path_params["name"], sdp, hears=True))

    async def lines(_: Request) -> Response:
        return JSONResponse({name: line.layer for name, line in bridge.lines.value.items()})

    routes = [
        Route("/", lambda _: HTMLResponse(PAGE)),
        Route("/peer.js", lambda _: FileResponse(STATIC / "peer.js")),
        Route("/offer/{name}", offer, methods=["POST"]),
        Route("/lines", lines),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), host=host, port=port, log_level="warning")
    )
    async with asyncio.TaskGroup() as group:
        for job in (bridge.run(), camera.run(), tone.run()):
            group.create_task(job)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await server.serve()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
