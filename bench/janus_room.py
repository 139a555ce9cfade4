"""Janus' VideoRoom over its HTTP API: one room, in which streams are published and watched."""

import itertools
from typing import Any

import httpx

ROOM = 1234
ROOM_KEY = "phong-hop"
OTHER_PLUGINS = ",".join(
    f"libjanus_{name}.so"
    for name in (
        *("audiobridge", "echotest", "nosip", "recordplay", "sip", "streaming", "textroom"),
        *("videocall", "voicemail", "duktape", "lua"),
    )
)
"""What is not needed for it."""


class JanusError(Exception):
    """What the plugin refuses."""


class Janus:
    """One session of its HTTP API, with one handle a publisher."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)
        self._session = ""
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        self._session = f"{self._address}/{await self._id(self._address, janus='create')}"

    async def begin(self, publishers: int = 4) -> None:
        """With the room."""
        await self.open()
        handle = await self.attach()
        codecs = {"audiocodec": "opus", "videocodec": "h264", "h264_profile": "42e01f"}
        wanted = {"room": ROOM, "secret": ROOM_KEY, "publishers": publishers, **codecs}
        await self.say(handle, request="create", **wanted)

    async def attach(self) -> str:
        wanted = {"janus": "attach", "plugin": "janus.plugin.videoroom"}
        return f"{self._session}/{await self._id(self._session, **wanted)}"

    async def say(self, handle: str, jsep: Any = None, **body: Any) -> dict[str, Any]:
        """What the plugin answers, also where it comes later. Raises JanusError."""
        message = {"janus": "message", "body": body} | ({"jsep": jsep} if jsep else {})
        answer = await self._post(handle, message)
        while answer["janus"] != "success":
            answer = (await self._client.get(self._session, params={"maxev": 1})).json()
            answer = answer[0] if isinstance(answer, list) else answer
            if answer["janus"] == "event":
                break
        told: dict[str, Any] = answer
        if "error" in told["plugindata"]["data"]:
            raise JanusError(told["plugindata"]["data"]["error"])
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
