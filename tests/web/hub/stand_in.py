"""A stand-in for a media server, made with aiortc: it takes what is published (WHIP), and shows a
plain picture and silence for every house that is said to publish (WHEP). A real one, Janus, stands
in tests/network."""

import asyncio
from dataclasses import dataclass, field

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class StandIn:
    shows: set[str] = field(default_factory=set)
    """Streams that somebody publishes, as far as whoever watches goes."""
    heard: dict[str, set[str]] = field(default_factory=dict)
    """By stream: the kinds of which something came."""
    sessions: dict[str, RTCPeerConnection] = field(default_factory=dict)
    """By `whip/<stream>` and `whep/<stream>`, those that were not ended."""
    listening: list[asyncio.Task[None]] = field(default_factory=list)

    def app(self) -> Starlette:
        path = "/{door}/{stream}"
        return Starlette(routes=[Route(path, self._answer, methods=["POST", "DELETE"])])

    async def close(self) -> None:
        for task in self.listening:
            task.cancel()
        await asyncio.gather(*self.listening, return_exceptions=True)
        await asyncio.gather(*(peer.close() for peer in self.sessions.values()))

    async def _answer(self, request: Request) -> Response:
        door, stream = request.path_params["door"], request.path_params["stream"]
        name = f"{door}/{stream}"
        if request.method == "DELETE":
            if (peer := self.sessions.pop(name, None)) is not None:
                await peer.close()
            return Response()
        if door == "whep" and stream not in self.shows:
            return Response(status_code=404)
        peer = self.sessions[name] = RTCPeerConnection()
        if door == "whip":
            heard = self.heard.setdefault(stream, set())
            peer.on("track", lambda track: self._listen(track, heard))
        else:
            peer.addTrack(AudioStreamTrack())
            peer.addTrack(VideoStreamTrack())
        offer = RTCSessionDescription((await request.body()).decode(), "offer")
        await peer.setRemoteDescription(offer)
        await peer.setLocalDescription(await peer.createAnswer())
        headers = {"Location": f"/{name}", "Content-Type": "application/sdp"}
        return Response(peer.localDescription.sdp, 201, headers)

    def _listen(self, track: MediaStreamTrack, heard: set[str]) -> None:
        async def listen() -> None:
            while True:
                await track.recv()
                heard.add(track.kind)

        self.listening.append(asyncio.create_task(listen()))
