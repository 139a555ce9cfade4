"""RTP packets (RFC 3550, section 5.1): read, and put in order where the line mixed them up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WAIT_SECONDS: Final = 0.05
"""For a packet that others have overtaken; longer than a switch or a radio holds one back."""
_MOST_HELD: Final = 256
_JUMP: Final = 1000
"""A number this far away is no late packet: the camera has begun anew."""


@dataclass(frozen=True, slots=True)
class Packet:
    sequence: int
    """16 bit."""
    timestamp: int
    """32 bit, 90 kHz."""
    marker: bool
    ssrc: int
    payload: bytes
    arrived: float
    """Seconds on `time.monotonic()`."""


def read_packet(data: bytes, payload_type: int, arrived: float) -> Packet | None:
    """None where it is not RTP, of another kind, or without anything in it."""
    if len(data) < 13 or data[0] >> 6 != 2 or data[1] & 0x7F != payload_type:
        return None
    start, end = 12 + 4 * (data[0] & 0x0F), len(data)
    if data[0] & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if data[0] & 0x20:
        end -= data[-1]
    if start >= end:
        return None
    return Packet(
        data[2] << 8 | data[3],
        int.from_bytes(data[4:8], "big"),
        data[1] >= 0x80,
        int.from_bytes(data[8:12], "big"),
        data[start:end],
        arrived,
    )


def distance(later: int, earlier: int, bits: int = 16) -> int:
    """From one number to another, whichever way is shorter round their circle."""
    half = 1 << bits - 1
    return (later - earlier + half) % (2 * half) - half


class Order:
    """Gives packets in the order of their numbers; one that stays away is not waited for long.

        order = Order()
        for packet, lost in order.push(packet): ...
        for packet, lost in order.overdue(now): ...      # from a timer, at `order.due`

    `lost` says that some in front of it never came.
    """

    def __init__(self, wait: float = WAIT_SECONDS) -> None:
        """`wait` 0: on a line that keeps the order by itself."""
        self.lost = 0
        """Packets that never came."""
        self._wait = wait
        self._expected: int | None = None
        self._held: dict[int, Packet] = {}

    @property
    def due(self) -> float | None:
        """When the packets that are held are given up waiting for; None where none is."""
        if not self._held:
            return None
        return min(packet.arrived for packet in self._held.values()) + self._wait

    def push(self, packet: Packet) -> Iterator[tuple[Packet, bool]]:
        if self._expected is None:
            self._expected = packet.sequence
        ahead = distance(packet.sequence, self._expected)
        if abs(ahead) > _JUMP:
            yield from self._release()
            self._expected = (packet.sequence + 1) & 0xFFFF
            yield packet, True
        elif ahead == 0:
            self._expected = (packet.sequence + 1) & 0xFFFF
            yield packet, False
            yield from self._following()
        elif ahead > 0:
            self._held.setdefault(packet.sequence, packet)
            if not self._wait or len(self._held) > _MOST_HELD:
                yield from self._release()
        # else it was given up already, or came twice

    def overdue(self, now: float) -> Iterator[tuple[Packet, bool]]:
        while (due := self.due) is not None and due <= now:
            yield from self._skip()

    def restart(self) -> None:
        """What comes next begins anew."""
        self._expected = None
        self._held.clear()

    def _release(self) -> Iterator[tuple[Packet, bool]]:
        while self._held:
            yield from self._skip()

    def _skip(self) -> Iterator[tuple[Packet, bool]]:
        """Up to the first that is there."""
        assert self._expected is not None
        expected = self._expected
        first = min(self._held, key=lambda number: distance(number, expected))
        self.lost += distance(first, expected)
        self._expected = (first + 1) & 0xFFFF
        yield self._held.pop(first), True
        yield from self._following()

    def _following(self) -> Iterator[tuple[Packet, bool]]:
        assert self._expected is not None
        while (packet := self._held.pop(self._expected, None)) is not None:
            self._expected = (self._expected + 1) & 0xFFFF
            yield packet, False
