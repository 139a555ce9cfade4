"""The ONVIF that a camera made of software speaks: SOAP 1.2 over HTTP, for the demo and the tests.

Device, Media and PTZ Service Specifications, as far as a driver asks for them, with WS-Security's
UsernameToken (its digest, its clock, no token twice). `Habits` are what real cameras do that no
specification asks for. What is set in the encoders is remembered and told; the drawn picture does
not follow it.
"""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from devices.virtual.head import Head, Look
from devices.virtual.onvif_replies import (
    DATE_AND_TIME,
    DEVICE_INFORMATION,
    ENVELOPE,
    FAULT,
    OPTIONS,
    STATUS,
    Coding,
    capabilities,
    encoder,
    nodes,
    preset,
    profile,
)
from devices.virtual.rtsp_server import Login
from devices.virtual.username_token import TokenGuard

_WORDS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 500: "Error"}
_MOST_BODY = 100_000
_TT = "{http://www.onvif.org/ver10/schema}"
_FREE: Final = ("GetSystemDateAndTime",)
"""What everybody may ask."""


class FaultError(Exception):
    """Answered as a SOAP fault with this subcode of ONVIF's."""

    def __init__(self, subcode: str, reason: str = "") -> None:
        super().__init__(subcode)
        self.subcode, self.reason = subcode, reason or subcode


@dataclass
class Habits:
    """What this camera is like; the defaults are a good one's. May be changed while it runs."""

    clock: timedelta = timedelta()
    """How far its clock is ahead."""
    hides_clock: bool = False
    """Even the time is told only to those who log in."""
    reports: str = ""
    """The address it believes it has, `http://10.0.0.9:8000`; empty is the true one."""
    lacks: frozenset[str] = frozenset()
    """Operations that it answers with ActionNotSupported, whatever its capabilities say."""
    heeds_timeout: bool = True
    speeds: tuple[float, float] = (-1.0, 1.0)
    """Lowest and highest that it takes; anything else is refused."""
    turns: bool = True
    """It has motors, and a service for them."""
    silent: bool = False
    """Takes every connection and answers nothing."""
    babbles: bool = False
    """Answers with what is no SOAP."""
    main: Coding = field(default_factory=Coding)
    second: Coding | None = field(default_factory=lambda: Coding("H264", 640, 360, 15, 15))
    """None is a camera with one stream."""


class OnvifServer:
    """One camera. `stream` gives its RTSP address and `snapshot` a JPEG, or None;
    `second_stream` the address of its second stream, where that has one of its own."""

    def __init__(
        self,
        head: Head,
        stream: Callable[[], str],
        login: Login | None = None,
        habits: Habits | None = None,
        snapshot: Callable[[], bytes | None] = lambda: None,
        *,
        second_stream: Callable[[], str] | None = None,
    ) -> None:
        self.head = head
        self.habits = habits or Habits()
        self.asked: list[str] = []
        """The operations that it was asked for, in their order."""
        self._stream = stream
        self._second_stream = second_stream or stream
        self._snapshot = snapshot
        self._login = login
        self._guard = TokenGuard(login.user, login.password) if login else None
        self._nonce = secrets.token_hex(16)
        self._server: asyncio.Server | None = None
        self._host, self._port = "127.0.0.1", 0
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}/onvif/device_service"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError where the port is taken."""
        self._host = host
        self._server = await asyncio.start_server(self._serve, host, port or self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self._serving.values():
                writer.transport.abort()
            if self._serving:
                await asyncio.wait(tuple(self._serving))
            await self._server.wait_closed()
            self._server = None

    # HTTP

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving[task] = writer
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, ValueError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"(?im)^content-length:\s*(\d+)", head)
                size = min(int(length[1]) if length else 0, _MOST_BODY)
                body = await reader.readexactly(size)
                if self.habits.silent:
                    await reader.read()  # until whoever asks gives up
                    break
                writer.write(self._answer(head, body))
                await writer.drain()
        self._serving.pop(task, None)
        writer.close()

    def _answer(self, head: str, body: bytes) -> bytes:
        if self.habits.babbles:
            return _http(200, b"<html><body>Please log in</body></html>", "text/html")
        method, path, _ = head.split(" ", 2)
        if method == "GET":
            return self._picture(path, head)
        try:
            status, text = 200, self._soap(body)
        except FaultError as fault:
            status = 400
            text = FAULT.format(subcode=fault.subcode, reason=fault.reason)
        whole = ENVELOPE.format(body=text).encode()
        return _http(status, whole, "application/soap+xml; charset=utf-8")

    def _picture(self, path: str, head: str) -> bytes:
        if not path.startswith("/snapshot"):
            return _http(404, b"", "text/plain")
        given = re.search(r"(?im)^authorization:\s*(.+?)\s*$", head)
        if self._login and not self._login.allows("GET", given[1] if given else "", self._nonce):
            challenge = f'WWW-Authenticate: Digest realm="camera", nonce="{self._nonce}"\r\n'
            return _http(401, b"", "text/plain", challenge)
        jpeg = self._snapshot()
        return _http(200, jpeg, "image/jpeg") if jpeg else _http(404, b"", "text/plain")

    # SOAP

    def _soap(self, body: bytes) -> str:
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            envelope = etree.fromstring(body, parser)
            asked = envelope.find("{*}Body")[0]
        except (etree.XMLSyntaxError, TypeError, IndexError):
            raise FaultError("WellFormed") from None
        name = etree.QName(asked).localname
        self.asked.append(name)
        clock = datetime.now(UTC) + self.habits.clock
        free = name in _FREE and not self.habits.hides_clock
        if self._guard and not free and not self._guard.admits(envelope, clock):
            raise FaultError("NotAuthorized", "Sender not Authorized")
        operation = None if name in self.habits.lacks else _OPERATIONS.get(name)
        if operation is None or (name in _PTZ and not self.habits.turns):
            raise FaultError("ActionNotSupported", f"{name} is not there")
        return operation(self, asked)

    def _origin(self) -> str:
        return self.habits.reports or f"http://{self._host}:{self._port}"

    def _date_and_time(self, _: Any) -> str:
        return DATE_AND_TIME.format(now=datetime.now(UTC) + self.habits.clock)

    def _capabilities(self, _: Any) -> str:
        return capabilities(self._origin(), turns=self.habits.turns)

    def _codings(self) -> dict[str, Coding]:
        second = {"second": self.habits.second} if self.habits.second else {}
        return {"main": self.habits.main, **second}

    def _profiles(self, _: Any) -> str:
        found = (profile(token, one, self.habits.turns) for token, one in self._codings().items())
        return f"<trt:GetProfilesResponse>{''.join(found)}</trt:GetProfilesResponse>"

    def _uri(self, asked: Any, operation: str, address: str) -> str:
        if _text(asked, "ProfileToken") not in self._codings():
            raise FaultError("NoProfile")
        return (
            f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{address}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
            "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
            f"</trt:MediaUri></trt:{operation}Response>"
        )

    def _stream_uri(self, asked: Any) -> str:
        second = _text(asked, "ProfileToken") == "second"
        address = self._second_stream() if second else self._stream()
        if self.habits.reports:
            believed = re.sub(r"^http://([^:/]+).*", r"\1", self.habits.reports)
            address = re.sub(r"//[^:/]+", f"//{believed}", address)
        return self._uri(asked, "GetStreamUri", address)

    def _snapshot_uri(self, asked: Any) -> str:
        return self._uri(asked, "GetSnapshotUri", f"{self._origin()}/snapshot.jpg")

    def _encoder(self, asked: Any) -> str:
        token = _text(asked, "ConfigurationToken").removeprefix("encoder-")
        if token not in self._codings():
            raise FaultError("NoConfig")
        found = encoder("trt:Configuration", token, self._codings()[token])
        return (
            f"<trt:GetVideoEncoderConfigurationResponse>{found}"
            "</trt:GetVideoEncoderConfigurationResponse>"
        )

    def _set_encoder(self, asked: Any) -> str:
        told = asked.find("{*}Configuration")
        token = (told.get("token") or "").removeprefix("encoder-")
        if token not in self._codings():
            raise FaultError("NoConfig")
        coding = Coding(
            told.findtext(f"{_TT}Encoding"),
            int(told.findtext(f"{_TT}Resolution/{_TT}Width")),
            int(told.findtext(f"{_TT}Resolution/{_TT}Height")),
            int(told.findtext(f"{_TT}RateControl/{_TT}FrameRateLimit")),
            int(told.findtext(f"{_TT}H264/{_TT}GovLength")),
            told.findtext(f"{_TT}H264/{_TT}H264Profile"),
        )
        if (coding.width, coding.height) not in Coding.SIZES or coding.encoding != "H264":
            raise FaultError("ConfigModify", "the size or the coding is not possible")
        if token == "main":  # noqa: S105 - a name, not a secret
            self.habits.main = coding
        else:
            self.habits.second = coding
        return "<trt:SetVideoEncoderConfigurationResponse/>"

    # PTZ

    def _move(self, asked: Any) -> str:
        low, high = self.habits.speeds
        pan_tilt, zoom = asked.find(".//{*}PanTilt"), asked.find(".//{*}Zoom")
        pan, tilt, closer = (
            0.0 if axis is None else float(axis.get(name))
            for axis, name in ((pan_tilt, "x"), (pan_tilt, "y"), (zoom, "x"))
        )
        if not all(low <= speed <= high for speed in (pan, tilt, closer)):
            raise FaultError("InvalidVelocity")
        told = re.fullmatch(r"PT([\d.]+)S", _text(asked, "Timeout"))
        seconds = float(told[1]) if told and self.habits.heeds_timeout else None
        self.head.turn(pan / high, tilt / high, closer / high, seconds)
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, _: Any) -> str:
        self.head.stop()
        return "<tptz:StopResponse/>"

    def _status(self, _: Any) -> str:
        look, moving = self.head.look(), "MOVING" if self.head.moving else "IDLE"
        return STATUS.format(look=look, moving=moving, now=datetime.now(UTC))

    def _presets(self, _: Any) -> str:
        found = "".join(preset(token, place) for token, place in self.head.places.items())
        return f"<tptz:GetPresetsResponse>{found}</tptz:GetPresetsResponse>"

    def _save(self, asked: Any) -> str:
        token = self.head.save(_text(asked, "PresetName"), _text(asked, "PresetToken") or None)
        return (
            f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken>"
            "</tptz:SetPresetResponse>"
        )

    def _go(self, asked: Any) -> str:
        place = self.head.places.get(_text(asked, "PresetToken"))
        if place is None:
            raise FaultError("NoToken")
        self.head.go(place.look)
        return "<tptz:GotoPresetResponse/>"

    def _home(self, _: Any) -> str:
        self.head.go(Look())
        return "<tptz:GotoHomePositionResponse/>"


_PTZ: Final[dict[str, Callable[[OnvifServer, Any], str]]] = {
    "GetNodes": lambda server, _: nodes(*server.habits.speeds),
    "GetStatus": OnvifServer._status,
    "ContinuousMove": OnvifServer._move,
    "Stop": OnvifServer._stop,
    "GetPresets": OnvifServer._presets,
    "SetPreset": OnvifServer._save,
    "GotoPreset": OnvifServer._go,
    "GotoHomePosition": OnvifServer._home,
}
_OPERATIONS: Final[dict[str, Callable[[OnvifServer, Any], str]]] = {
    "GetSystemDateAndTime": OnvifServer._date_and_time,
    "GetCapabilities": OnvifServer._capabilities,
    "GetDeviceInformation": lambda _, __: DEVICE_INFORMATION,
    "GetProfiles": OnvifServer._profiles,
    "GetStreamUri": OnvifServer._stream_uri,
    "GetSnapshotUri": OnvifServer._snapshot_uri,
    "SetSynchronizationPoint": lambda _, __: "<trt:SetSynchronizationPointResponse/>",
    "GetVideoEncoderConfiguration": OnvifServer._encoder,
    "GetVideoEncoderConfigurationOptions": lambda _, __: OPTIONS,
    "SetVideoEncoderConfiguration": OnvifServer._set_encoder,
    **_PTZ,
}


def _text(asked: Any, name: str) -> str:
    return (asked.findtext(f"{{*}}{name}") or "").strip()


def _http(status: int, body: bytes, kind: str, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: {kind}\r\n{more}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
