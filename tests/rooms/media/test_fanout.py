import struct
from dataclasses import dataclass, field

import pytest

from rooms.media.fanout import OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.layout import Layout, Layouts
from rooms.media.payloads import Codec, Frame
from rooms.media.stream import HISTORY, Numbers, RtpStream


@dataclass
class Wire:
    """Takes packets in the place of the way to a browser, and protects nothing."""

    tag: int = 0
    open: bool = True
    packets: list[bytes] = field(default_factory=list)

    def send(self, layout: Layout, sequence: int, timestamp: int, ssrc: int) -> bool:
        for number, (at, size) in enumerate(layout.packets):
            numbers = struct.pack("!HLL", sequence + number & 0xFFFF, timestamp, ssrc)
            self.packets.append(
                layout.data[at : at + 2] + numbers + layout.data[at + 12 : at + size]
            )
        return True

    def line(self, first_sequence: int = 0) -> RtpStream:
        way = lambda: self if self.open else None  # noqa: E731
        stream = RtpStream(Layouts(), way, first_sequence)
        stream.numbers = Numbers(11, 102, 12, 103)
        return stream

    def read(self) -> list[tuple[int, int, int, int, bytes]]:
        """Payload type, sequence, timestamp, SSRC and payload of each."""
        return [
            (second & 0x7F, sequence, timestamp, ssrc, packet[12:])
            for packet in self.packets
            for _, second, sequence, timestamp, ssrc in [struct.unpack("!BBHLL", packet[:12])]
        ]


def frame(number: int, *, key: bool = False, name: bytes = b"f") -> Frame:
    return Frame((name + b"%da" % number, name + b"%db" % number), number * 3000, key)


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def test_a_late_viewer_gets_the_kept_pictures_at_once(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    feed.publish(frame(0))
    for number in range(1, 31):
        feed.publish(frame(number, key=number == 1))
    OutgoingVideo(wire.line()).watch(feed)
    sent = wire.read()
    assert [payload for *_, payload in sent][:4] == [b"f1a", b"f1b", b"f2a", b"f2b"]
    assert len(sent) == 60
    times = [timestamp for _, _, timestamp, _, _ in sent]
    assert times == sorted(times)
    assert times[-1] - times[0] < 3000, "squeezed, so that the browser is in the present"
    feed.publish(frame(31))
    assert wire.read()[-1][2] - times[-1] == 3000


async def test_a_line_without_a_path_begins_when_there_is_one(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    feed.publish(frame(1, key=True))
    wire.open = False
    outgoing = OutgoingVideo(wire.line())
    outgoing.watch(feed)
    feed.publish(frame(2))
    assert not wire.packets
    wire.open = True
    outgoing.begin()
    assert [payload for *_, payload in wire.read()] == [b"f1a", b"f1b", b"f2a", b"f2b"]


async def test_a_switch_waits_for_a_key_frame_and_goes_on_without_a_seam(wire: Wire) -> None:
    asked: list[str] = []
    one = Feed("one", Codec.H264, lambda: asked.append("one"))
    two = Feed("two", Codec.H264, lambda: asked.append("two"))
    outgoing = OutgoingVideo(wire.line(first_sequence=65_534))
    outgoing.watch(one)
    assert asked == ["one"]
    one.publish(frame(1_000, key=True, name=b"1-"))
    outgoing.watch(two)
    assert asked == ["one", "two"]
    two.publish(frame(5, name=b"2-"))
    one.publish(frame(1_001, name=b"1-"))
    two.publish(frame(6, key=True, name=b"2-"))
    one.publish(frame(1_002, name=b"1-"))
    two.publish(frame(7, name=b"2-"))
    sent = wire.read()
    assert [payload for *_, payload in sent[::2]] == [b"1-1000a", b"1-1001a", b"2-6a", b"2-7a"]
    assert [sequence for _, sequence, *_ in sent] == [65_534, 65_535, 0, 1, 2, 3, 4, 5]
    times = [timestamp for _, _, timestamp, _, _ in sent[::2]]
    assert times == sorted(times)
    assert {ssrc for _, _, _, ssrc, _ in sent} == {11}
    assert one.viewers == 0
    assert two.viewers == 1
    outgoing.close()
    assert two.viewers == 0


async def test_a_lost_packet_is_sent_again_from_the_history(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    line = wire.line()
    OutgoingVideo(line).watch(feed)
    feed.publish(frame(1, key=True))
    lost = wire.read()[1]
    wire.packets.clear()
    line.send_again(lost[1])
    ((payload_type, _, timestamp, ssrc, payload),) = wire.read()
    assert (payload_type, ssrc, timestamp) == (103, 12, lost[2])
    assert payload == struct.pack("!H", lost[1]) + lost[4]
    wire.packets.clear()
    line.send_again(lost[1] + 1)
    line.send_again(lost[1] + HISTORY)
    assert not wire.packets


async def test_the_history_is_as_long_as_it_says(wire: Wire) -> None:
    """Whole pictures, of many packets or of one; numbers that wrapped meanwhile."""
    line = wire.line(first_sequence=65_000)
    pictures = [tuple(b"%d.%d" % (p, n) for n in range(p % 9 + 1)) for p in range(300)]
    for number, picture in enumerate(pictures):
        assert line.send(picture, number * 3000)
    sent = wire.read()
    wire.packets.clear()
    for _, sequence, *_ in sent[-HISTORY:]:
        line.send_again(sequence)
    again = wire.read()
    assert [packet[4][2:] for packet in again] == [packet[4] for packet in sent[-HISTORY:]]
    assert [packet[2] for packet in again] == [packet[2] for packet in sent[-HISTORY:]]
    numbers = [sequence for _, sequence, *_ in again]
    assert numbers == [numbers[0] + n & 0xFFFF for n in range(HISTORY)]
    wire.packets.clear()
    line.send_again(sent[0][1])
    line.send_again(sent[-1][1] + 1 & 0xFFFF)
    assert not wire.packets
    wire.open = False
    line.send_again(sent[-1][1])
    assert not wire.packets


async def test_a_lost_picture_is_mended_from_the_kept_ones_or_by_the_source(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    outgoing = OutgoingVideo(wire.line())
    outgoing.watch(feed)
    feed.publish(frame(1, key=True))
    feed.publish(frame(2))
    wire.packets.clear()
    outgoing._replayed = -10.0
    outgoing.key_frame_wanted()
    feed.publish(frame(3))
    assert [payload for *_, payload in wire.read()[::2]] == [b"f1a", b"f2a", b"f3a"]
    asked: list[int] = []
    camera = Feed("official", Codec.H264, lambda: asked.append(1))
    outgoing.watch(camera)
    camera.publish(frame(9, key=True))
    asked.clear()
    outgoing.key_frame_wanted()
    assert asked == [1]
    outgoing.close()


async def test_sender_reports_count_every_packet(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    line = wire.line()
    OutgoingVideo(line).watch(feed)
    feed.publish(frame(1, key=True))
    feed.publish(frame(2))
    line.send_again(1)
    assert (line.sent.packets, line.sent.octets) == (4, 12), "what is sent again is not new"
    assert line.sent.timestamp == wire.read()[3][2]
