"""A WHIP endpoint in front of Janus' VideoRoom, as small as can be: Debian's Janus has none of its
own. One room; what is published in it goes on as RTP, so that whoever tests can look at it."""

import itertools
import secrets
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ROOM = 1234
SECRET = "phong-hop"


class Janus:
    """One session of its HTTP API, with one handle a publisher."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)
        self._session = ""
        self._numbers = itertools.count(1)

    async def begin(self) -> None:
        self._session = f"{self._address}/{await self._id(self._address, janus='create')}"
        handle = await self.attach()
        codecs = {"audiocodec": "opus", "videocodec": "h264", "h264_profile": "42e01f"}
        await self.say(handle, request="create", room=ROOM, secret=SECRET, publishers=4, **codecs)

    async def attach(self) -> str:
        wanted = {"janus": "attach", "plugin": "janus.plugin.videoroom"}
        return f"{self._session}/{await self._id(self._session, **wanted)}"

    async def say(self, handle: str, jsep: Any = None, **body: Any) -> dict[str, Any]:
        """What the plugin answers, also where it comes later."""
        message = {"janus": "message", "body": body} | ({"jsep": jsep} if jsep else {})
        answer = await self._post(handle, message)
        while answer["janus"] != "success":
            answer = (await self._client.get(self._session, params={"maxev": 1})).json()
            answer = answer[0] if isinstance(answer, list) else answer
            if answer["janus"] == "event":
                break
        told: dict[str, Any] = answer
        assert "error" not in told["plugindata"]["data"], told
        return told

    async def end(self, handle: str) -> None:
        await self._post(handle, {"janus": "detach"})

    async def close(self) -> None:
        await self._client.aclose()

    async def _id(self, url: str, **message: Any) -> int:
        number: int = (await self._post(url, message))["data"]["id"]
        return number

    async def _post(self, url: str, message: dict[str, Any]) -> dict[str, Any]:
        message |= {"transaction": str(next(self._numbers))}
        told: dict[str, Any] = (await self._client.post(url, json=message)).json()
        assert told["janus"] in ("success", "ack"), told
        return told


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
            secret=SECRET,
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
