import struct
from dataclasses import dataclass, field

import pytest

from rooms.media.fanout import HISTORY, OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.payloads import Codec, Frame


@dataclass
class Wire:
    """Takes packets in the place of a browser's line."""

    ssrc: int = 11
    payload_type: int = 102
    rtx_ssrc: int = 12
    rtx_payload_type: int | None = 103
    extension: bytes = b""
    open: bool = True
    packets: list[bytes] = field(default_factory=list)
    counted: int = 0

    def send(self, packet: bytes) -> bool:
        if self.open:
            self.packets.append(packet)
        return self.open

    def count(self, timestamp: int, packets: int, octets: int) -> None:
        self.counted += packets

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
    OutgoingVideo(wire).watch(feed)
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
    outgoing = OutgoingVideo(wire)
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
    outgoing = OutgoingVideo(wire, first_sequence=65_534)
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
    outgoing = OutgoingVideo(wire)
    outgoing.watch(feed)
    feed.publish(frame(1, key=True))
    lost = wire.read()[1]
    wire.packets.clear()
    outgoing.send_again(lost[1])
    ((payload_type, _, timestamp, ssrc, payload),) = wire.read()
    assert (payload_type, ssrc, timestamp) == (103, 12, lost[2])
    assert payload == struct.pack("!H", lost[1]) + lost[4]
    wire.packets.clear()
    outgoing.send_again(lost[1] + 1)
    outgoing.send_again(lost[1] + HISTORY)
    assert not wire.packets


async def test_a_lost_picture_is_mended_from_the_kept_ones_or_by_the_source(wire: Wire) -> None:
    feed = Feed("hall", Codec.H264)
    outgoing = OutgoingVideo(wire)
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
    OutgoingVideo(wire).watch(feed)
    feed.publish(frame(1, key=True))
    feed.publish(frame(2))
    assert wire.counted == 4
