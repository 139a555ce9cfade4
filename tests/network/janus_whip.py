"""A WHIP endpoint in front of Janus' VideoRoom, as small as can be: Debian's Janus has none of its
own. One room; what is published in it goes on as RTP, so that whoever tests can look at it."""

import secrets

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.janus_room import ROOM, ROOM_KEY, Janus


def endpoint(janus: Janus, token: str, forward: tuple[str, int, int]) -> Starlette:
    """`POST /whip`, `DELETE /whip/<session>`; `forward` is where RTP of pictures and sound goes:
    host and two ports."""
    handles: dict[str, str] = {}

    async def publish(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {token}":
            return Response(status_code=401)
        handle = await janus.attach()
        offer = {"type": "offer", "sdp": (await request.body()).decode()}
        told = await janus.say(
            handle, offer, request="joinandconfigure", room=ROOM, ptype="publisher"
        )
        host, video, sound = forward
        streams = [{"mid": "0", "port": sound}, {"mid": "1", "port": video}]
        await janus.say(
            handle,
            request="rtp_forward",
            room=ROOM,
            secret=ROOM_KEY,
            publisher_id=told["plugindata"]["data"]["id"],
            host=host,
            streams=[stream | {"host": host} for stream in streams],
        )
        name = secrets.token_urlsafe(12)
        handles[name] = handle
        headers = {"Location": f"/whip/{name}", "Content-Type": "application/sdp"}
        return Response(told["jsep"]["sdp"], 201, headers)

    async def end(request: Request) -> Response:
        await janus.end(handles.pop(request.path_params["name"]))
        return Response()

    return Starlette(
        routes=[
            Route("/whip", publish, methods=["POST"]),
            Route("/whip/{name}", end, methods=["DELETE"]),
        ]
    )
