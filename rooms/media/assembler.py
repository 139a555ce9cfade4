"""Puts a browser's video packets in order and hands out whole frames.

Nothing is decoded. A gap is asked for again every 30 ms (RFC 4585 NACK); after 250 ms it is given
up, and frames are held back until the next key frame, because what refers to a lost picture would
only smear.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rooms.media.payloads import Codec, Frame, is_key

ASK_AGAIN_SECONDS = 0.03
GIVE_UP_SECONDS = 0.25
WAITING_PACKETS = 1024
"""Packets held behind a gap; more than this is given up at once."""
FRAME_PACKETS = 2048
"""A picture of more packets than this, some 2.5 MB, has no end."""


@dataclass(frozen=True, slots=True)
class VideoPacket:
    sequence: int
    """16 bits, wraps."""
    timestamp: int
    marker: bool
    payload: bytes


class FrameAssembler:
    """Belongs to the event loop's thread; `close` it when the line goes."""

    def __init__(
        self,
        codec: Callable[[], Codec],
        deliver: Callable[[Frame], None],
        ask_again: Callable[[list[int]], None],
        request_key_frame: Callable[[], None],
    ) -> None:
        """`codec` is known only when packets come; `ask_again` takes 16-bit sequence numbers."""
        self._codec = codec
        self._deliver = deliver
        self._ask_again = ask_again
        self._request_key_frame = request_key_frame
        self._loop = asyncio.get_running_loop()
        self._next: int | None = None
        self._newest = 0
        self._waiting: dict[int, VideoPacket] = {}
        self._payloads: list[bytes] = []
        self._timestamp = 0
        self._needs_key = True
        self._gap_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def add(self, packet: VideoPacket) -> None:
        if self._next is None:
            self._next = self._newest = packet.sequence
            self._timestamp = packet.timestamp
        sequence = _unwrap(packet.sequence, self._newest, 16)
        if sequence < self._next:
            return
        self._newest = max(self._newest, sequence)
        self._waiting[sequence] = packet
        self._take_in_order()
        if not self._waiting:
            self._gap_since = None
        elif len(self._waiting) > WAITING_PACKETS:
            self._give_up()
        elif self._gap_since is None:
            self._gap_since = self._loop.time()
            if self._timer is None:  # else it asks for this gap too, soon enough
                self._chase()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take_in_order(self) -> None:
        assert self._next is not None
        while (packet := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            self._gap_since = None
            if packet.payload:  # an empty one only probes the line
                self._payloads.append(packet.payload)
            if packet.marker and self._payloads:
                self._finish(packet.timestamp)
            elif len(self._payloads) > FRAME_PACKETS:
                self._wait_for_key()

    def _finish(self, timestamp: int) -> None:
        payloads = tuple(self._payloads)
        self._payloads.clear()
        key = is_key(self._codec(), payloads)
        if self._needs_key and not key:
            self._request_key_frame()
            return
        self._needs_key = False
        self._timestamp = _unwrap(timestamp, self._timestamp, 32)
        self._deliver(Frame(payloads, self._timestamp, key))

    def _chase(self) -> None:
        """Ask for what is missing now, and again until it came or is given up."""
        self._timer = None
        if not self._waiting or self._next is None:
            return
        now = self._loop.time()
        if self._gap_since is None:
            self._gap_since = now
        if now - self._gap_since > GIVE_UP_SECONDS:
            self._give_up()
        missing = [
            sequence & 0xFFFF
            for sequence in range(self._next, self._newest)
            if sequence not in self._waiting
        ]
        if missing:
            self._ask_again(missing)
            self._timer = self._loop.call_later(ASK_AGAIN_SECONDS, self._chase)

    def _give_up(self) -> None:
        """Go on behind the gap, with the next key frame."""
        self._next = min(self._waiting)
        self._gap_since = None
        self._wait_for_key()
        self._take_in_order()

    def _wait_for_key(self) -> None:
        self._payloads.clear()
        self._needs_key = True
        self._request_key_frame()


def _unwrap(value: int, near: int, bits: int) -> int:
    """The number nearest to `near` whose low bits are `value`."""
    half = 1 << bits - 1
    return near + (value - near + half & (1 << bits) - 1) - half
