"""From RTP packets to the NAL units of one picture (RFC 6184, packetization-mode 0 and 1).

A picture ends with the packet that has the marker, at once. Where a camera sets no marker, or sets
it behind each slice, it ends where the time of the next one differs: a picture later.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from devices import h264
from devices.rtp.packets import Packet, distance

_MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one picture; a camera's largest key frames are a tenth of it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a camera sent with one timestamp."""

    nals: list[bytes]
    pts: int
    """90 kHz, as the camera counts, without the wrap of its 32 bits."""
    arrived: float
    """When its last packet came, seconds on `time.monotonic()`."""
    damaged: bool = False
    """Something of it never came."""
    behind_gap: bool = False
    """Something in front of it never came; it may have been its own beginning."""


class Depacketizer:
    """Takes packets in their order."""

    def __init__(self) -> None:
        self._nals: list[bytes] = []
        self._fragments: list[bytes] = []
        """Of the NAL unit that comes in pieces; its own first byte is the first of them."""
        self._size = 0
        self._damaged = self._behind_gap = False
        self._open = False
        """There are packets of a picture that has not ended."""
        self._arrived = 0.0
        self._last: int | None = None
        """The timestamp of the newest packet, 32 bit."""
        self._pts = 0
        self._marks_pictures = True
        self._ended: int | None = None
        """The `pts` of the last picture that ended by its marker."""

    def push(self, packet: Packet, *, lost: bool = False) -> Iterator[Unit]:
        """The pictures that are whole now. `lost`: some packets in front of this one never came."""
        pts = self.extend(packet.timestamp)
        if self._open and pts != self._pts:
            if lost:  # what is missing may be of either
                self._damaged = True
            yield self._end()
        if lost:
            self._fragments.clear()
            if self._open:
                self._damaged = True
            else:
                self._behind_gap = True
        self._pts, self._last = pts, packet.timestamp
        self._open, self._arrived = True, packet.arrived
        self._size += len(packet.payload)
        if self._size > _MOST_BYTES:
            self._nals.clear()
            self._fragments.clear()
            self._damaged = True
        elif not self._take(packet.payload):
            self._damaged = True
        if packet.marker and self._marks_pictures and self._ends_here(pts):
            self._ended = pts
            yield self._end()

    def extend(self, timestamp: int) -> int:
        """A 32-bit timestamp as one that does not wrap, near the newest."""
        if self._last is None:
            return timestamp
        return self._pts + distance(timestamp, self._last, 32)

    def _ends_here(self, pts: int) -> bool:
        """Whether this marker is to be believed: a picture that goes on behind one says no."""
        slices = [n for n in self._nals if h264.nal_type(n) in (h264.SLICE, h264.IDR)]
        if not slices and not self._damaged:
            return False  # parameter sets: their picture is yet to come
        if slices and pts == self._ended and not h264.begins_picture(slices[0]):
            self._marks_pictures = False
            self._damaged = True
            log.info("the camera marks slices, not pictures: each is handed out one later")
        return True

    def _end(self) -> Unit:
        if self._fragments:
            self._damaged = True
        unit = Unit(self._nals, self._pts, self._arrived, self._damaged, self._behind_gap)
        self._nals, self._fragments, self._size = [], [], 0
        self._damaged = self._behind_gap = self._open = False
        return unit

    def _take(self, payload: bytes) -> bool:
        """False where it makes no sense, or where its beginning never came."""
        kind = h264.nal_type(payload)
        if kind == h264.FU_A:
            return self._take_fragment(payload)
        whole = not self._fragments
        self._fragments.clear()
        if kind == h264.STAP_A:
            return self._take_together(payload) and whole
        if not 0 < kind < h264.STAP_A:
            return False
        self._nals.append(payload)
        return whole

    def _take_fragment(self, payload: bytes) -> bool:
        """FU-A (section 5.8)."""
        if len(payload) < 3:
            return False
        whole = True
        if payload[1] & 0x80:
            whole = not self._fragments
            self._fragments = [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
        elif not self._fragments:
            return False
        self._fragments.append(payload[2:])
        if payload[1] & 0x40:
            self._nals.append(b"".join(self._fragments))
            self._fragments = []
        return whole

    def _take_together(self, payload: bytes) -> bool:
        """STAP-A (section 5.7.1)."""
        try:
            self._nals += h264.split_sized(payload[1:], 2)
        except ValueError:
            return False
        return True
