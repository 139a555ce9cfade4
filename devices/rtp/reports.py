"""RTCP (RFC 3550, section 6): the camera's clock out of its reports, and ours to it.

Some cameras stop after a minute in which nobody reported to them.
"""

import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from devices.rtp.packets import Packet, distance

REPORT_SECONDS: Final = 5.0
_SENDER, _RECEIVER, _DESCRIPTION, _BYE = 200, 201, 202, 203
_CNAME: Final = b"viewer"


@dataclass(frozen=True, slots=True)
class ClockReport:
    """What a camera's clock showed with one of its timestamps."""

    ntp: int
    """64 bit, 32 of them below the second; since 1900."""
    timestamp: int
    """32 bit, 90 kHz."""

    @property
    def seconds(self) -> float:
        """Since 1900, as the camera believes."""
        return self.ntp / 2**32


class ByeError(Exception):
    """The camera says that it sends no more."""


def read_reports(data: bytes, ssrc: int | None) -> Iterator[ClockReport]:
    """Those of the stream `ssrc`, of any where that is None. Raises ByeError."""
    position = 0
    while position + 8 <= len(data) and data[position] >> 6 == 2:
        kind = data[position + 1]
        end = position + 4 + 4 * int.from_bytes(data[position + 2 : position + 4], "big")
        of = int.from_bytes(data[position + 4 : position + 8], "big")
        if kind == _SENDER and position + 20 <= end <= len(data) and ssrc in (None, of):
            ntp, timestamp = struct.unpack_from("!QI", data, position + 8)
            if ntp:  # 0 is a camera that has no clock
                yield ClockReport(ntp, timestamp)
        if kind == _BYE and data[position] & 0x1F and ssrc in (None, of):
            raise ByeError
        position = end


class Reception:
    """Counts what came of one stream, and tells it (sections 6.4.1, A.3 and A.8)."""

    def __init__(self) -> None:
        self._own = secrets.randbits(32)
        self.ssrc: int | None = None
        """Of the camera."""
        self._first = self._highest = 0
        """Sequence numbers without their wrap."""
        self._received = 0
        self._before = (0, 0)
        """Expected and received at the last report."""
        self._jitter = 0.0
        self._transit: int | None = None
        self._clock: tuple[int, float] | None = None
        """The middle 32 bits of the camera's last report, and when it came."""

    def note(self, packet: Packet) -> bool:
        """False where the camera has begun anew, with another number for its stream."""
        known = self.ssrc in (None, packet.ssrc)
        if packet.ssrc != self.ssrc:
            self.ssrc = packet.ssrc
            self._first = self._highest = packet.sequence
            self._received, self._before = 0, (0, 0)
            self._jitter, self._transit, self._clock = 0.0, None, None
        self._received += 1
        self._highest += max(0, distance(packet.sequence, self._highest & 0xFFFF))
        transit = int(packet.arrived * 90_000) - packet.timestamp
        if self._transit is not None:
            late = abs(distance(transit & 0xFFFFFFFF, self._transit & 0xFFFFFFFF, 32))
            self._jitter += (late - self._jitter) / 16
        self._transit = transit
        return known

    def heard(self, report: ClockReport, now: float) -> None:
        self._clock = (report.ntp >> 16 & 0xFFFFFFFF, now)

    def report(self, now: float) -> bytes:
        """A receiver report and a name, as every report must have."""
        block = b"" if self.ssrc is None else self._block(self.ssrc, now)
        head = struct.pack("!BBHI", 0x80 | bool(block), _RECEIVER, 1 + len(block) // 4, self._own)
        said = struct.pack("!IBB", self._own, 1, len(_CNAME)) + _CNAME
        said += b"\0" * (4 - len(said) % 4)
        return head + block + struct.pack("!BBH", 0x81, _DESCRIPTION, len(said) // 4) + said

    def _block(self, ssrc: int, now: float) -> bytes:
        expected = self._highest - self._first + 1
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        asked, came = expected - self._before[0], self._received - self._before[1]
        self._before = (expected, self._received)
        share = min(255, max(0, asked - came) * 256 // asked) if asked > 0 else 0
        middle, since = self._clock or (0, now)
        return struct.pack(
            "!IIIIII",
            ssrc,
            share << 24 | lost & 0xFFFFFF,
            self._highest & 0xFFFFFFFF,
            min(int(self._jitter), 0xFFFFFFFF),
            middle,
            min(int((now - since) * 65536), 0xFFFFFFFF),
        )
