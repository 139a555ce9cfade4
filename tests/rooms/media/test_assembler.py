import asyncio
import itertools
import random

from rooms.media.assembler import (
    ASK_AGAIN_SECONDS,
    FRAME_PACKETS,
    GIVE_UP_SECONDS,
    FrameAssembler,
    VideoPacket,
)
from rooms.media.payloads import Codec, Frame

KEY = (b"\x67\x42", b"\x68\xce", b"\x65\x88")
DELTA = (b"\x41\x9a",)


class Line:
    """What an assembler delivers and asks for."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.asked: list[list[int]] = []
        self.key_frames_asked = 0
        self.assembler = FrameAssembler(
            lambda: Codec.H264, self.frames.append, self.asked.append, self.ask_key_frame
        )

    def ask_key_frame(self) -> None:
        self.key_frames_asked += 1


def packets(frames: list[tuple[bytes, ...]], first: int = 65_530) -> list[VideoPacket]:
    found: list[VideoPacket] = []
    for number, payloads in enumerate(frames):
        for index, payload in enumerate(payloads):
            found.append(
                VideoPacket(
                    (first + len(found)) & 0xFFFF,
                    (0xFFFFF000 + number * 3000) & 0xFFFFFFFF,
                    index == len(payloads) - 1,
                    payload,
                )
            )
    return found


async def test_frames_come_out_whole_over_both_wraps() -> None:
    line = Line()
    for packet in packets([KEY, DELTA, DELTA, DELTA, DELTA, DELTA]):
        line.assembler.add(packet)
    assert [frame.payloads for frame in line.frames] == [KEY, *[DELTA] * 5]
    times = [frame.timestamp for frame in line.frames]
    assert [b - a for a, b in itertools.pairwise(times)] == [3000] * 5
    assert [frame.key for frame in line.frames] == [True] + [False] * 5


async def test_packets_out_of_order_are_put_in_order() -> None:
    line = Line()
    sent = packets([KEY] * 20)
    shuffled = sent[:1] + sorted(sent[1:], key=lambda _: random.random())
    for packet in shuffled:
        line.assembler.add(packet)
    assert [frame.payloads for frame in line.frames] == [KEY] * 20
    line.assembler.close()


async def test_a_lost_packet_is_asked_for_again_until_it_comes() -> None:
    line = Line()
    sent = packets([KEY, DELTA, DELTA], first=100)
    for packet in (*sent[:3], sent[4]):
        line.assembler.add(packet)
    await asyncio.sleep(0.1)
    assert len(line.asked) >= 2
    assert line.asked[0] == [103]
    assert len(line.frames) == 1
    line.assembler.add(sent[3])
    assert len(line.frames) == 3
    asked = len(line.asked)
    await asyncio.sleep(0.08)
    assert len(line.asked) == asked, "what has come is not asked for again"


async def test_a_gap_is_given_up_and_the_next_key_frame_shown() -> None:
    line = Line()
    sent = packets([KEY, DELTA, DELTA, KEY, DELTA], first=100)
    for packet in (*sent[:3], *sent[4:5]):
        line.assembler.add(packet)
    await asyncio.sleep(GIVE_UP_SECONDS + 0.15)
    assert line.key_frames_asked > 0
    for packet in sent[5:]:
        line.assembler.add(packet)
    assert [frame.key for frame in line.frames] == [True, True, False]


async def test_nothing_is_shown_before_the_first_key_frame() -> None:
    line = Line()
    for packet in packets([DELTA, DELTA, KEY, DELTA]):
        line.assembler.add(packet)
    assert [frame.payloads for frame in line.frames] == [KEY, DELTA]
    assert line.key_frames_asked == 2


async def test_empty_probes_are_swallowed() -> None:
    line = Line()
    first, second, third = packets([KEY], first=7)
    line.assembler.add(first)
    line.assembler.add(VideoPacket(8, 5, False, b""))
    line.assembler.add(VideoPacket(9, second.timestamp, False, second.payload))
    line.assembler.add(VideoPacket(10, third.timestamp, True, third.payload))
    assert [frame.payloads for frame in line.frames] == [KEY]


async def test_many_gaps_at_once_are_asked_for_in_one_rhythm() -> None:
    """A slow line that loses a tenth: some gap is always open, and none is asked for twice."""
    line = Line()
    stream = packets([KEY, *[DELTA] * 300])
    late: list[VideoPacket] = []
    began = asyncio.get_running_loop().time()
    for index, packet in enumerate(stream):
        if index % 10 == 5:
            late.append(packet)
        else:
            line.assembler.add(packet)
        if len(late) > 1:  # it comes when the next one is missing
            line.assembler.add(late.pop(0))
        await asyncio.sleep(0.003)
    elapsed = asyncio.get_running_loop().time() - began
    line.assembler.close()
    assert len(line.frames) > 200
    assert len(line.asked) <= elapsed / ASK_AGAIN_SECONDS + 1


async def test_a_picture_without_an_end_is_not_kept() -> None:
    line = Line()
    for packet in packets([KEY, (b"\x41\x9a",) * (3 * FRAME_PACKETS), KEY]):
        line.assembler.add(packet)
    assert [frame.payloads for frame in line.frames] == [KEY, KEY]
    assert line.key_frames_asked > 0
