"""One RTSP connection, from the viewer's side (RFC 2326).

    client = await Client.open(address, login)
    offer = await client.describe()
    await client.set_up(offer, stream, udp=False)
    await client.play(offer)
    await client.ended                     # raises what ended it
    client.close()

It speaks with one stream of one camera. Nothing is read in a thread: what comes is handed to the
stream in the same step of the event loop.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from devices.rtp.conversation import (
    UNAUTHORIZED,
    Conversation,
    Login,
    LostError,
    MovedError,
    RefusedError,
)
from devices.rtp.description import Offer, read_description
from devices.rtp.lines import UdpPair
from devices.rtp.messages import Interleaved
from devices.rtp.reports import REPORT_SECONDS, ByeError
from devices.rtp.stream import Stream

CONNECT_SECONDS: Final = 4.0
_TLS_SECONDS: Final = 6.0
_SESSION_SECONDS: Final = 60.0
"""Where the camera says nothing else (RFC 2326, 12.37)."""
_LEAST_ALIVE_SECONDS: Final = 2.0
_FAREWELL_SECONDS: Final = 1.0


class Client(Conversation):
    def __init__(self, address: str, login: Login) -> None:
        super().__init__(login)
        self._address = address
        self._knows = ""
        """The methods it says it has."""
        self._session_seconds = _SESSION_SECONDS
        self._playing = ""
        self._stream: Stream | None = None
        self._channels = (0, 1)
        self._udp: UdpPair | None = None
        self._late: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, address: str, login: Login) -> "Client":
        """`address` is `rtsp://` or `rtsps://`, without user and password. Raises OSError and
        TimeoutError; ssl.SSLError where the other side speaks no TLS."""
        parts = urlsplit(address)
        secure = parts.scheme == "rtsps"
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS + (_TLS_SECONDS if secure else 0.0)):
            _, client = await loop.create_connection(
                lambda: cls(address, login),
                parts.hostname or "",
                parts.port or (322 if secure else 554),
                ssl=_unproven() if secure else None,
            )
        return client

    @property
    def can_udp(self) -> bool:
        """Not beside TLS, which would be for nothing then."""
        return not self._address.startswith("rtsps://")

    async def describe(self) -> Offer:
        """Raises RefusedError, MovedError, LostError, UnreadableError, NoVideoError, OddError."""
        try:
            known = await self.ask("OPTIONS", self._address)
            self._knows = known.headers.get("public", "").upper()
        except RefusedError as refused:  # some cameras do not know it
            if refused.status == UNAUTHORIZED and self.has_login:
                raise  # asked again, it would lock us out the sooner
        answer = await self.ask("DESCRIBE", self._address, {"Accept": "application/sdp"})
        base = answer.headers.get("content-base") or answer.headers.get("content-location") or ""
        if not base.lower().startswith(("rtsp://", "rtsps://")):
            base = self._address
        return read_description(answer.body, base)

    async def set_up(self, offer: Offer, stream: Stream, *, udp: bool) -> None:
        """Pictures may come from here on. Raises RefusedError, MovedError, LostError, OSError."""
        self._stream = stream
        wanted = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if self._udp is not None:
            self._udp.close()
            self._udp = None
        if udp:
            assert self.transport is not None
            local = self.transport.get_extra_info("sockname")[0]
            camera = self.transport.get_extra_info("peername")[0]
            self._udp = await UdpPair.open(local, camera, self._take, self._take_report)
            wanted = f"RTP/AVP;unicast;client_port={self._udp.port}-{self._udp.port + 1}"
        answer = await self.ask("SETUP", offer.control, {"Transport": wanted})
        self.session, _, more = answer.headers.get("session", "").partition(";")
        self.session = self.session.strip()
        if found := re.search(r"timeout\s*=\s*(\d{1,6})", more, re.IGNORECASE | re.ASCII):
            self._session_seconds = max(float(found[1]), 2 * _LEAST_ALIVE_SECONDS)
        transport = answer.headers.get("transport", "")
        if self._udp is None:
            if pair := _pair("interleaved", transport):
                self._channels = pair
        elif pair := _pair("server_port", transport):
            source = re.search(r"source\s*=\s*([0-9A-Fa-f:.]+)", transport)
            self._udp.reach(source[1] if source else camera, pair)

    async def play(self, offer: Offer) -> None:
        """Raises RefusedError, MovedError and LostError."""
        await self.ask("PLAY", offer.aggregate, {"Range": "npt=0.000-"})
        self._playing = offer.aggregate

    async def stay(self) -> None:
        """Keep the session alive and report what was received, until cancelled."""
        alive = time.monotonic()
        while True:
            await asyncio.sleep(min(REPORT_SECONDS, self._session_seconds / 3))
            now = time.monotonic()
            self._report(now)
            if now - alive >= self._session_seconds / 2 - REPORT_SECONDS / 2:
                alive = now
                await self._say_alive()

    def close(self) -> None:
        """Says goodbye without waiting for an answer."""
        if self._udp is not None:
            self._udp.close()
        if self._late is not None:
            self._late.cancel()
        self.fail(LostError())
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if self.session:
            self.send("TEARDOWN", self._playing or self._address, {})
        transport.close()
        if transport.get_write_buffer_size():  # it does not listen any more
            asyncio.get_running_loop().call_later(_FAREWELL_SECONDS, transport.abort)

    # What comes

    def take_interleaved(self, packet: Interleaved, now: float) -> None:
        if packet.channel == self._channels[0]:
            self._take(packet.data, now)
        elif packet.channel == self._channels[1]:
            self._take_report(packet.data, now)

    def _take(self, data: bytes, now: float) -> None:
        if self._stream is None:
            return
        self._guarded(self._stream.take, data, now)
        if self._late is None and self._stream.due is not None:
            self._late = asyncio.get_running_loop().call_later(
                max(0.0, self._stream.due - now), self._overdue
            )

    def _overdue(self) -> None:
        self._late = None
        if self._stream is None:
            return
        now = time.monotonic()
        self._guarded(self._stream.overdue, now)
        if self._stream.due is not None and not self.ended.done():
            self._late = asyncio.get_running_loop().call_later(
                max(0.001, self._stream.due - now), self._overdue
            )

    def _take_report(self, data: bytes, now: float) -> None:
        if self._stream is not None:
            self._guarded(self._stream.take_report, data, now)

    def _guarded(self, take: Callable[..., None], *values: object) -> None:
        """What it raises is raised where `ended` is awaited."""
        if self.ended.done():
            return
        try:
            take(*values)
        except ByeError:
            self.fail(LostError())
        except Exception as error:
            self.fail(error)

    # What is said

    def _report(self, now: float) -> None:
        if self._stream is None:
            return
        data = self._stream.report(now)
        if self._udp is not None:
            self._udp.report(data)
        elif self.transport is not None and not self.transport.get_write_buffer_size():
            head = bytes((0x24, self._channels[1])) + len(data).to_bytes(2, "big")
            self.transport.write(head + data)

    async def _say_alive(self) -> None:
        """What a camera answers to it does not matter while pictures come."""
        method = "GET_PARAMETER" if "GET_PARAMETER" in self._knows else "OPTIONS"
        with contextlib.suppress(MovedError, TimeoutError):
            try:
                async with asyncio.timeout(self._session_seconds / 4):
                    await self.ask(method, self._playing)
            except RefusedError:
                self._knows = ""


def _pair(name: str, transport: str) -> tuple[int, int] | None:
    found = re.search(rf"{name}\s*=\s*(\d{{1,5}})(?:-(\d{{1,5}}))?", transport, re.ASCII)
    return (int(found[1]), int(found[2] or int(found[1]) + 1)) if found else None


def _unproven() -> ssl.SSLContext:
    """Cameras sign for themselves, and with old ciphers: this keeps listeners out, not forgers."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
