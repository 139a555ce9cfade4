"""What a connection says of its outgoing streams, about once a second (RFC 3550, section 6.4).

    reports = Reports(way, (Reported(stream, 90_000), …), "cname")
    reports.start()
    reports.stop()                          # says goodbye

The reports of all lines go in one packet (RFC 8108, section 5.3), and a guest costs one timer.
"""

import asyncio
import random
import struct
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from rooms.media.stream import RtpStream

LEAST_SECONDS: Final = 0.5
MOST_SECONDS: Final = 1.5
"""Between reports; varied, so that guests who came together do not report together (6.3.1)."""
NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970."""
_VERSION, _SENDER_REPORT, _DESCRIPTION, _GOODBYE, _CNAME = 0x80, 200, 202, 203, 1
_REPORT = struct.Struct("!BBHLQLLL")


class ReportWay(Protocol):
    """`path.Path` is one."""

    def report(self, data: bytes) -> None:
        """Protect and send a compound RTCP packet."""


class Reported(NamedTuple):
    stream: RtpStream
    rate: int
    """Of its timestamps, in Hz."""


class Reports:
    """Belongs to the event loop's thread."""

    def __init__(
        self, way: Callable[[], ReportWay | None], lines: Sequence[Reported], name: str
    ) -> None:
        """`name` is the CNAME of all lines: a browser plays them in step."""
        self._way = way
        self._lines = lines
        self._name = name.encode()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if self._timer is None:
            self._wait()

    def stop(self) -> None:
        """Say goodbye for every line that has sent (6.6)."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        sources = [line.stream.numbers.ssrc for line in self._lines if line.stream.sent.packets]
        if sources and (way := self._way()) is not None:
            way.report(self._now() + goodbye(sources))

    def _wait(self) -> None:
        pause = random.uniform(LEAST_SECONDS, MOST_SECONDS)
        self._timer = asyncio.get_running_loop().call_later(pause, self._tell)

    def _tell(self) -> None:
        self._wait()
        if (data := self._now()) and (way := self._way()) is not None:
            way.report(data)

    def _now(self) -> bytes:
        return b"".join(
            sender_report(line) + description(line.stream.numbers.ssrc, self._name)
            for line in self._lines
            if line.stream.sent.packets
        )


def sender_report(line: Reported) -> bytes:
    """The time by the wall and by the stream's timestamps, and what was sent (6.4.1)."""
    sent = line.stream.sent
    timestamp = sent.timestamp + int((time.monotonic() - sent.moment) * line.rate)
    return _REPORT.pack(
        _VERSION,
        _SENDER_REPORT,
        _REPORT.size // 4 - 1,
        line.stream.numbers.ssrc,
        ntp_time(),
        timestamp & 0xFFFFFFFF,
        sent.packets & 0xFFFFFFFF,
        sent.octets & 0xFFFFFFFF,
    )


def description(ssrc: int, name: bytes) -> bytes:
    """Whose stream it is (6.5)."""
    chunk = struct.pack("!LBB", ssrc, _CNAME, len(name)) + name
    chunk += bytes(4 - len(chunk) % 4)  # one zero ends the items
    return struct.pack("!BBH", _VERSION | 1, _DESCRIPTION, len(chunk) // 4) + chunk


def goodbye(sources: Sequence[int]) -> bytes:
    count = len(sources)
    return struct.pack(f"!BBH{count}L", _VERSION | count, _GOODBYE, count, *sources)


def ntp_time() -> int:
    """Now, as sender reports say it: seconds since 1900 in 32.32 bits (section 4)."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return seconds + NTP_EPOCH << 32 | (rest << 32) // 1_000_000_000
