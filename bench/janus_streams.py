"""WHIP and WHEP in front of Janus' VideoRoom, for streams with names: Debian's Janus has neither.

    POST   /whip/<stream>       published in the one room; 409 where somebody does already
    POST   /whep/<stream>       406 with an offer, which a PATCH answers (draft-ietf-wish-whep,
                                4.3); 404 while nobody publishes
    PATCH, DELETE <session>

Each session has a handle and a session of its own at Janus, so that no two wait for the same event.
"""

import secrets
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.janus_room import ROOM, Janus, JanusError

SDP = "application/sdp"


@dataclass
class _Session:
    janus: Janus
    handle: str
    stream: str
    publishes: bool


@dataclass
class Front:
    """Before one Janus, whose room is there."""

    address: str
    token: str
    feeds: dict[str, int] = field(default_factory=dict)
    """By stream: who publishes it, as the room knows him."""
    sessions: dict[str, _Session] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/whip/{stream}", self._publish, methods=["POST"]),
                Route("/whep/{stream}", self._watch, methods=["POST"]),
                Route("/session/{name}", self._answer, methods=["PATCH"]),
                Route("/session/{name}", self._end, methods=["DELETE"]),
            ]
        )

    async def close(self) -> None:
        for session in self.sessions.values():
            await session.janus.close()

    async def _publish(self, request: Request) -> Response:
        stream = request.path_params["stream"]
        if not self._allowed(request):
            return Response(status_code=401)
        if stream in self.feeds:
            return Response(status_code=409)
        session = await self._open(stream, publishes=True)
        offer = {"type": "offer", "sdp": (await request.body()).decode()}
        told = await session.janus.say(
            session.handle,
            offer,
            request="joinandconfigure",
            room=ROOM,
            ptype="publisher",
            display=stream,
        )
        self.feeds[stream] = told["plugindata"]["data"]["id"]
        return self._described(session, told["jsep"]["sdp"], 201)

    async def _watch(self, request: Request) -> Response:
        stream = request.path_params["stream"]
        if not self._allowed(request):
            return Response(status_code=401)
        if stream not in self.feeds:
            return Response(status_code=404)
        session = await self._open(stream, publishes=False)
        streams = [{"feed": self.feeds[stream]}]
        try:
            told = await session.janus.say(
                session.handle, request="join", room=ROOM, ptype="subscriber", streams=streams
            )
        except JanusError:  # it is there, and sends nothing yet
            await session.janus.close()
            return Response(status_code=404)
        return self._described(session, told["jsep"]["sdp"], 406)

    async def _answer(self, request: Request) -> Response:
        session = self.sessions[request.path_params["name"]]
        answer = {"type": "answer", "sdp": (await request.body()).decode()}
        await session.janus.say(session.handle, answer, request="start", room=ROOM)
        return Response(status_code=204)

    async def _end(self, request: Request) -> Response:
        session = self.sessions.pop(request.path_params["name"], None)
        if session is None:
            return Response(status_code=404)
        if session.publishes:
            self.feeds.pop(session.stream, None)
        await session.janus.end(session.handle)
        await session.janus.close()
        return Response()

    async def _open(self, stream: str, *, publishes: bool) -> _Session:
        janus = Janus(self.address)
        await janus.open()
        return _Session(janus, await janus.attach(), stream, publishes)

    def _described(self, session: _Session, sdp: str, status: int) -> Response:
        name = secrets.token_urlsafe(12)
        self.sessions[name] = session
        return Response(sdp, status, {"Location": f"/session/{name}", "Content-Type": SDP})

    def _allowed(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.token}"
