"""The packets of one picture, laid out once for everybody who gets them.

    layouts = Layouts()
    layout = layouts.of(frame.payloads, head)     # the second guest gets the same again

What differs between guests, the sequence number, the timestamp and the SSRC, is left open and
filled in by `path`. Behind each packet there is room for the tag of SRTP, so that the packets stand
side by side as they are sent: neighbours of one size go to the kernel together (UDP_SEGMENT).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

RTP_HEADER_BYTES = 12
MOST_SEGMENTS = 60
"""Packets that Linux takes at once: 64, or 128 (UDP_MAX_SEGMENTS)."""
MOST_RUN_BYTES = 60_000
"""Of them together; they are one UDP datagram until they are cut apart."""
SOL_UDP, UDP_SEGMENT = 17, 103

Ancillary = list[tuple[int, int, bytes]]


class Head(NamedTuple):
    """What the packets of a picture say in their headers for this guest, and for many others."""

    payload_type: int
    extension: bytes
    """A whole RTP header extension block, or nothing (RFC 8285)."""
    tag: int
    """Bytes that SRTP adds."""
    marked: bool = True
    """The last packet has the marker."""


class Run(NamedTuple):
    """Packets side by side of which all but the last have one size."""

    start: int
    end: int
    """Behind the last one's tag."""
    step: int
    """Bytes from one packet to the next."""
    ancillary: Ancillary
    """Empty for a single packet."""


@dataclass(frozen=True, slots=True)
class Layout:
    data: bytes
    packets: tuple[tuple[int, int], ...]
    """Where each begins, and its bytes without the tag."""
    runs: tuple[Run, ...]
    octets: int
    """Of payload."""


class Layouts:
    """Remembers those of the newest picture. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._payloads: Sequence[bytes] = ()
        self._known: dict[Head, Layout] = {}
        self._head: Head | None = None
        self._layout: Layout | None = None

    def of(self, payloads: Sequence[bytes], head: Head) -> Layout:
        if payloads is not self._payloads:
            self._payloads = payloads
            self._known.clear()
        elif head == self._head and self._layout is not None:  # as most guests have it
            return self._layout
        layout = self._known.get(head)
        if layout is None:
            layout = self._known[head] = lay_out(payloads, head)
        self._head, self._layout = head, layout
        return layout


def lay_out(payloads: Sequence[bytes], head: Head) -> Layout:
    first = 0x90 if head.extension else 0x80
    last = len(payloads) - 1
    parts: list[bytes] = []
    packets: list[tuple[int, int]] = []
    at = 0
    for number, payload in enumerate(payloads):
        marker = (head.marked and number == last) << 7
        size = RTP_HEADER_BYTES + len(head.extension) + len(payload)
        parts += (
            bytes((first, marker | head.payload_type)),
            bytes(RTP_HEADER_BYTES - 2),
            head.extension,
            payload,
            bytes(head.tag),
        )
        packets.append((at, size))
        at += size + head.tag
    return Layout(
        b"".join(parts), tuple(packets), _runs(packets, head.tag), sum(map(len, payloads))
    )


def _runs(packets: Sequence[tuple[int, int]], tag: int) -> tuple[Run, ...]:
    runs: list[Run] = []
    first = 0
    for number, (at, size) in enumerate(packets):
        step = packets[first][1] + tag
        follows = packets[number + 1][1] + tag if number + 1 < len(packets) else 0
        count = number + 1 - first
        full = count == MOST_SEGMENTS or (count + 1) * step > MOST_RUN_BYTES
        if not follows or follows > step or size + tag < step or full:
            segment = struct.pack("@H", step)
            ancillary = [(SOL_UDP, UDP_SEGMENT, segment)] if count > 1 else []
            runs.append(Run(packets[first][0], at + size + tag, step, ancillary))
            first = number + 1
    return tuple(runs)
