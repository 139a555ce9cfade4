"""One stream of a camera: its packets in, its pictures and its clock out, reports back.

stream = Stream(offer.payload_type, on_unit, on_clock, in_order=True)
stream.take(data, now); stream.take_report(data, now)
stream.overdue(now)                    # at `stream.due`, on a line that mixes packets up
"""

from collections.abc import Callable
from typing import Final

from devices.rtp.packets import WAIT_SECONDS, Order, Packet, read_packet
from devices.rtp.reports import Reception, read_reports
from devices.rtp.units import Depacketizer, Unit

_REPORT_KINDS: Final = range(192, 224)
"""RFC 5761: where both come on one channel, these second bytes are RTCP."""


class Stream:
    def __init__(
        self,
        payload_type: int,
        on_unit: Callable[[Unit], None],
        on_clock: Callable[[int, float], None],
        *,
        in_order: bool,
    ) -> None:
        """`on_clock` is told that the camera's clock showed so many seconds since 1900 with a
        picture of this `pts`. `in_order` says that the line keeps packets in their order."""
        self.heard_at: float | None = None
        """When the last packet of a picture came."""
        self._payload_type = payload_type
        self._on_unit = on_unit
        self._on_clock = on_clock
        self._order = Order(0.0 if in_order else WAIT_SECONDS)
        self._depacketizer = Depacketizer()
        self._reception = Reception()

    @property
    def due(self) -> float | None:
        return self._order.due

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._order.lost

    def take(self, data: bytes, now: float) -> None:
        """One packet. Raises ByeError."""
        packet = read_packet(data, self._payload_type, now)
        if packet is None:
            if len(data) > 1 and data[1] in _REPORT_KINDS:
                self.take_report(data, now)
            return
        self.heard_at = now
        if not self._reception.note(packet):  # it has begun anew
            self._order.restart()
            self._depacketizer = Depacketizer()
        for one, lost in self._order.push(packet):
            self._push(one, lost)

    def overdue(self, now: float) -> None:
        for packet, lost in self._order.overdue(now):
            self._push(packet, lost)

    def take_report(self, data: bytes, now: float) -> None:
        """Raises ByeError."""
        for report in read_reports(data, self._reception.ssrc):
            self._reception.heard(report, now)
            if self.heard_at is not None:
                self._on_clock(self._depacketizer.extend(report.timestamp), report.seconds)

    def report(self, now: float) -> bytes:
        return self._reception.report(now)

    def _push(self, packet: Packet, lost: bool) -> None:
        for unit in self._depacketizer.push(packet, lost=lost):
            self._on_unit(unit)
