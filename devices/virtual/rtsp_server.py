"""The RTSP that a camera speaks to one viewer at a time per connection, RTP inside it over TCP.

RFC 2326 with interleaved binary data (section 10.12), Digest authentication (RFC 2617), RTP and
sender reports (RFC 3550), H.264 in packetization-mode 1 (RFC 6184).
"""

import asyncio
import base64
import contextlib
import hashlib
import re
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass

from devices import h264
from devices.virtual.hall_picture import Clip

CLOCK = 90_000
PAYLOAD_TYPE = 96
REPORT_EVERY = 5.0
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    454: "Session Not Found",
    461: "Unsupported Transport",
    501: "Not Implemented",
}
_REALM = "camera"
_TO_1900 = 2_208_988_800
"""Seconds from NTP's epoch to Unix's."""
_MOST_WAITING = 512 * 1024
"""Bytes that a slow viewer may have outstanding; beyond it he misses pictures, as on a camera."""


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str

    def allows(self, method: str, authorization: str, nonce: str) -> bool:
        """Digest without `qop`, as in RFC 2069, which every client still speaks."""
        given = dict(re.findall(r'(\w+)="([^"]*)"', authorization))
        wanted = _md5(
            _md5(self.user, _REALM, self.password), nonce, _md5(method, given.get("uri", ""))
        )
        return (
            authorization.startswith("Digest ")
            and given.get("username") == self.user
            and given.get("nonce") == nonce
            and secrets.compare_digest(given.get("response", ""), wanted)
        )


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


class Broadcast:
    """A clip as an endless live picture, the same for all viewers."""

    def __init__(self, clip: Clip) -> None:
        self.show(clip)
        self._began = time.monotonic()
        self._first_stamp = secrets.randbits(32)

    def show(self, clip: Clip) -> None:
        """From now on another one, of as many pictures a second."""
        self.clip = clip
        self._payloads = [h264.payloads(unit) for unit in clip.units]
        self._keys = [h264.decodable_alone(h264.split(unit)) for unit in clip.units]

    def now(self) -> int:
        """Number of the picture that is live."""
        return int((time.monotonic() - self._began) * self.clip.frames_per_second) + 1

    def due(self, number: int) -> float:
        """Seconds on `time.monotonic()` at which the picture is to be sent."""
        return self._began + number / self.clip.frames_per_second

    def stamp(self, number: int) -> int:
        """Its RTP timestamp."""
        return (self._first_stamp + number * CLOCK // self.clip.frames_per_second) % 2**32

    def payloads(self, number: int) -> list[bytes]:
        return self._payloads[number % len(self._payloads)]

    def is_key(self, number: int) -> bool:
        return self._keys[number % len(self._keys)]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""


class Connection:
    """One viewer."""

    def __init__(
        self,
        broadcasts: Mapping[str, Broadcast],
        login: Login | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._broadcasts = broadcasts
        """By their paths."""
        self._broadcast = next(iter(broadcasts.values()))
        self._login = login
        self._reader = reader
        self._writer = writer
        self._nonce = secrets.token_hex(16)
        self._session = secrets.token_hex(8)
        self._channel: int | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._packets = 0
        self._octets = 0
        self._sending: asyncio.Task[None] | None = None
        self.over = asyncio.Event()

    async def serve(self) -> None:
        """Answer until the viewer leaves or tears the session down."""
        try:
            while request := await self._next_request():
                self._answer(request)
                if request.method == "TEARDOWN":
                    break
        finally:
            if self._sending is not None:
                self._sending.cancel()
            self._writer.close()
            self.over.set()

    def abort(self) -> None:
        """Cut the line without a word, as a pulled plug does."""
        self._writer.transport.abort()

    async def _next_request(self) -> Request | None:
        """None at the end of the connection. What the viewer reports by RTCP is skipped."""
        try:
            while (first := await self._reader.readexactly(1)) == b"$":
                size = (await self._reader.readexactly(3))[1:]
                await self._reader.readexactly(int.from_bytes(size, "big"))
            head = first + await self._reader.readuntil(b"\r\n\r\n")
            line, *rest = head.decode("utf-8", "replace").strip().split("\r\n")
            fields = (field.partition(":") for field in rest)
            headers = {name.strip().lower(): value.strip() for name, _, value in fields}
            if length := int(headers.get("content-length", "0")):
                await self._reader.readexactly(length)
            method, url, _ = line.split(" ", 2)
            return Request(method, url, headers)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            return None

    def _answer(self, request: Request) -> None:
        if self._login is not None and request.method != "OPTIONS":
            authorization = request.headers.get("authorization", "")
            if not self._login.allows(request.method, authorization, self._nonce):
                challenge = f'Digest realm="{_REALM}", nonce="{self._nonce}"'
                return self._reply(request, 401, {"WWW-Authenticate": challenge})
        known = {
            "OPTIONS": self._options,
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
        }
        if request.method in known:
            return known[request.method](request)
        alive = request.method in ("GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
        return self._reply(request, 200 if alive else 501)

    def _reply(
        self,
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        lines = [
            f"RTSP/1.0 {status} {REASONS[status]}",
            f"CSeq: {request.headers.get('cseq', '0')}",
        ]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def _options(self, request: Request) -> None:
        self._reply(request, 200, {"Public": METHODS})

    def _describe(self, request: Request) -> None:
        address = request.url.split("?")[0].rstrip("/")
        path = next((one for one in self._broadcasts if address.endswith(one)), None)
        if path is None:
            return self._reply(request, 404)
        self._broadcast = self._broadcasts[path]
        sps, pps = self._broadcast.clip.parameter_sets()
        sets = ",".join(base64.b64encode(nal).decode() for nal in (sps, pps))
        body = "\r\n".join(
            (
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=Hall",
                "c=IN IP4 0.0.0.0",
                "t=0 0",
                "a=control:*",
                f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
                f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}",
                f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={sps[1:4].hex()};"
                f"sprop-parameter-sets={sets}",
                f"a=framerate:{self._broadcast.clip.frames_per_second}",
                "a=control:video",
                "",
            )
        )
        headers = {"Content-Type": "application/sdp", "Content-Base": request.url.rstrip("/") + "/"}
        return self._reply(request, 200, headers, body)

    def _setup(self, request: Request) -> None:
        offers = request.headers.get("transport", "").split(",")
        offer = next((one for one in offers if "RTP/AVP/TCP" in one), None)
        if offer is None:
            return self._reply(request, 461)
        channels = re.search(r"interleaved=(\d+)", offer)
        self._channel = int(channels[1]) % 255 if channels else 0
        transport = (
            f"RTP/AVP/TCP;unicast;interleaved={self._channel}-{self._channel + 1};"
            f"ssrc={self._ssrc:08X}"
        )
        headers = {"Transport": transport, "Session": f"{self._session};timeout=60"}
        return self._reply(request, 200, headers)

    def _play(self, request: Request) -> None:
        named = request.headers.get("session", "").split(";")[0]
        if self._channel is None or named != self._session:
            return self._reply(request, 454)
        first = self._broadcast.now()
        info = (
            f"url={request.url.rstrip('/')}/video;seq={self._sequence};"
            f"rtptime={self._broadcast.stamp(first)}"
        )
        headers = {"Session": self._session, "Range": "npt=now-", "RTP-Info": info}
        self._reply(request, 200, headers)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_from(first, self._channel))
        return None

    async def _send_from(self, number: int, channel: int) -> None:
        waits_for_key = False
        reported = -REPORT_EVERY
        with contextlib.suppress(OSError):
            while not self._writer.is_closing():
                behind = time.monotonic() - self._broadcast.due(number)
                if behind > 1.0:  # this process has slept
                    number = self._broadcast.now()
                    waits_for_key = True
                    continue
                await asyncio.sleep(max(0.0, -behind))
                if self._writer.transport.get_write_buffer_size() > _MOST_WAITING:
                    waits_for_key = True
                if self._broadcast.is_key(number):
                    waits_for_key = False
                if not waits_for_key:
                    self._writer.write(self._packets_of(number, channel))
                    if time.monotonic() - reported >= REPORT_EVERY:
                        reported = time.monotonic()
                        self._writer.write(self._report(number, channel + 1))
                number += 1

    def _packets_of(self, number: int, channel: int) -> bytes:
        """One picture in RTP packets (RFC 3550, 5.1), each framed (RFC 2326, 10.12)."""
        stamp = self._broadcast.stamp(number)
        payloads = self._broadcast.payloads(number)
        pieces: list[bytes] = []
        for position, payload in enumerate(payloads):
            marker = 0x80 if position == len(payloads) - 1 else 0
            pieces.append(
                struct.pack(
                    "!cBHBBHII",
                    b"$",
                    channel,
                    12 + len(payload),
                    0x80,
                    marker | PAYLOAD_TYPE,
                    self._sequence,
                    stamp,
                    self._ssrc,
                )
            )
            pieces.append(payload)
            self._sequence = (self._sequence + 1) % 2**16
            self._octets += len(payload)
        self._packets += len(payloads)
        return b"".join(pieces)

    def _report(self, number: int, channel: int) -> bytes:
        """Sender report and CNAME (RFC 3550, 6.4.1 and 6.5.1), framed."""
        seconds = time.time() + _TO_1900 + self._broadcast.due(number) - time.monotonic()
        sender = struct.pack(
            "!BBHIQIII",
            0x80,
            200,
            6,
            self._ssrc,
            int(seconds * 2**32) % 2**64,
            self._broadcast.stamp(number),
            self._packets % 2**32,
            self._octets % 2**32,
        )
        name = struct.pack("!IBB", self._ssrc, 1, len(_REALM)) + _REALM.encode()
        name += b"\0" * (4 - len(name) % 4)
        description = struct.pack("!BBH", 0x81, 202, len(name) // 4) + name
        body = sender + description
        return struct.pack("!cBH", b"$", channel, len(body)) + body
