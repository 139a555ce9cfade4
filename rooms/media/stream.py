"""One outgoing RTP stream of one guest: its numbers, and what is kept for sending again.

Pictures are kept as they are shared by all guests; what is this guest's own of each is a number and
a time. Lost packets are sent again as RFC 4588 says.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from rooms.media.layout import Head, Layout, Layouts, lay_out

HISTORY = 512
"""Packets kept for sending again, at least; about two seconds of picture."""


class Way(Protocol):
    """Where packets leave; `path.py` has the real one."""

    @property
    def tag(self) -> int: ...

    def send(self, layout: Layout, sequence: int, timestamp: int, ssrc: int) -> bool:
        """False where they were not sent."""


class Numbers(NamedTuple):
    """What was negotiated for this stream."""

    ssrc: int
    payload_type: int
    rtx_ssrc: int = 0
    rtx_payload_type: int | None = None
    extension: bytes = b""


class _Kept(NamedTuple):
    first: int
    """Sequence number of its first packet; does not wrap."""
    timestamp: int
    payloads: Sequence[bytes]
    marked: bool


@dataclass(slots=True)
class Sent:
    """What a sender report says of a stream (RFC 3550, section 6.4.1); nothing that was sent
    again."""

    packets: int = 0
    octets: int = 0
    """Of payload."""
    timestamp: int = 0
    """The newest one on the wire."""
    moment: float = 0.0
    """When that was sent, by the monotonic clock."""


class RtpStream:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        layouts: Layouts,
        way: Callable[[], Way | None],
        first_sequence: int = 0,
    ) -> None:
        """`way` is None while there is no path."""
        self.numbers = Numbers(0, 0)
        self.sent = Sent()
        self._layouts = layouts
        self._heads: list[tuple[Numbers, int, Head | None]] = [(self.numbers, 0, None)] * 2
        self._way = way
        self._sequence = first_sequence
        self._rtx_sequence = first_sequence
        self._kept: deque[_Kept] = deque()
        self._kept_packets = 0
        self._given_up = first_sequence
        """What was sent before this is not sent again."""

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        """One picture, or 20 ms of sound. False while there is no path."""
        if (way := self._way()) is None:
            return False
        numbers, sequence = self.numbers, self._sequence
        layout = self._layouts.of(payloads, self._head(numbers, way.tag, marked))
        wire = timestamp & 0xFFFFFFFF
        count = len(payloads)
        self._sequence = sequence + count  # never twice the same, whatever comes of it
        if not way.send(layout, sequence & 0xFFFF, wire, numbers.ssrc):
            return False
        if numbers.rtx_payload_type is not None:
            self._keep(_Kept(sequence, wire, payloads, marked))
        sent = self.sent
        sent.timestamp, sent.moment = wire, time.monotonic()
        sent.packets += count
        sent.octets += layout.octets
        return True

    def _head(self, numbers: Numbers, tag: int, marked: bool) -> Head:
        """The same object again as long as nothing about it has changed."""
        known, of, head = self._heads[marked]
        if head is None or known is not numbers or of != tag:
            head = Head(numbers.payload_type, numbers.extension, tag, marked)
            self._heads[marked] = numbers, tag, head
        return head

    @property
    def counted(self) -> tuple[int, int]:
        """Packets and octets of payload so far."""
        return self.sent.packets, self.sent.octets

    def send_again(self, sequence: int) -> None:
        """A packet was reported lost (NACK), by its number on the wire."""
        numbers = self.numbers
        wanted = self._sequence - self.behind(sequence)
        if numbers.rtx_payload_type is None or (way := self._way()) is None:
            return
        if wanted < self._given_up:
            return
        for kept in reversed(self._kept):
            if kept.first <= wanted:
                break
        else:
            return
        number = wanted - kept.first
        if number < len(kept.payloads):
            self._again(way, kept, number)

    def behind(self, sequence: int) -> int:
        """How many packets ago a number on the wire was sent."""
        return (self._sequence - sequence) & 0xFFFF

    def give_up(self) -> None:
        """Nobody needs again what was sent so far."""
        self._given_up = self._sequence

    def repeat(self, octets: float) -> float:
        """Send so much once more that is not missed, the newest first; how much it was."""
        sent = 0.0
        if self.numbers.rtx_payload_type is None or (way := self._way()) is None:
            return sent
        for kept in reversed(self._kept):
            for number, payload in enumerate(kept.payloads):
                if sent >= octets:
                    return sent
                self._again(way, kept, number)
                sent += len(payload)
        return sent

    def _again(self, way: Way, kept: _Kept, number: int) -> None:
        numbers = self.numbers
        assert numbers.rtx_payload_type is not None
        payload = (kept.first + number & 0xFFFF).to_bytes(2, "big") + kept.payloads[number]
        marked = kept.marked and number == len(kept.payloads) - 1
        layout = lay_out((payload,), Head(numbers.rtx_payload_type, b"", way.tag, marked))
        way.send(layout, self._rtx_sequence, kept.timestamp, numbers.rtx_ssrc)
        self._rtx_sequence = self._rtx_sequence + 1 & 0xFFFF

    def _keep(self, kept: _Kept) -> None:
        self._kept.append(kept)
        self._kept_packets += len(kept.payloads)
        while self._kept_packets - len(self._kept[0].payloads) >= HISTORY:
            self._kept_packets -= len(self._kept.popleft().payloads)
