"""aiortc's own sending, in the place of `stream`: slower by far, but nobody's private names.

Chosen by `Bridge(stock_senders=True)`, to compare with and to fall back to.
"""

import asyncio
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from rooms.media.payloads import Codec, join_h264, join_vp8

MOST_WAITING = 600
"""Pictures, or 20 ms of sound each; the kept pictures of a feed are fewer."""
RATES = {"video": 90_000, "audio": 48_000}


class CodedTrack(MediaStreamTrack):
    """What is coded already, for a sender that passes packets of libav on."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.waiting: asyncio.Queue[av.Packet[Any]] = asyncio.Queue()
        super().__init__()

    async def recv(self) -> Any:
        if self.readyState != "live":
            raise MediaStreamError
        return await self.waiting.get()


class StockStream:
    """Belongs to the event loop's thread."""

    def __init__(self, kind: str, connected: Callable[[], bool]) -> None:
        self.track = CodedTrack(kind)
        self.codec: Codec | None = None
        """None for sound."""
        self._base = Fraction(1, RATES[kind])
        self._connected = connected

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        """As `stream.RtpStream` does; aiortc marks every packet of sound."""
        if not self._connected():
            return False
        if self.track.waiting.qsize() < MOST_WAITING:
            packet = av.Packet(self._join(payloads))
            packet.pts = packet.dts = timestamp
            packet.time_base = self._base
            self.track.waiting.put_nowait(packet)
        return True

    @property
    def counted(self) -> tuple[int, int]:
        """Nobody counts here."""
        return 0, 0

    def give_up(self) -> None:
        """aiortc sends again whatever it has."""

    def repeat(self, octets: float) -> float:
        """It repeats nothing unasked."""
        return 0.0

    def _join(self, payloads: Sequence[bytes]) -> bytes:
        if self.codec is Codec.H264:
            return join_h264(payloads)
        return join_vp8(payloads) if self.codec is Codec.VP8 else payloads[0]
