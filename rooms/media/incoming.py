"""What a browser sends up: frames of its lines into feeds, and key frames asked of it."""

import time

from aiortc.rtp import RtpPacket

from rooms.media.assembler import FrameAssembler, VideoPacket
from rooms.media.feed import Feed
from rooms.media.peer import PeerLine

KEY_FRAME_PAUSE_SECONDS = 0.3


def assemble(line: PeerLine, feed: Feed) -> FrameAssembler:
    """Frames of a browser's line into a feed, in whatever codec was agreed on."""
    assembler = FrameAssembler(
        lambda: feed.codec, feed.publish, line.ask_again, line.request_key_frame
    )

    def take(packet: RtpPacket) -> None:
        assembler.add(
            VideoPacket(
                packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload
            )
        )

    line.on_packet = take
    return assembler


class CalmKeyFrames:
    """Asks a browser for key frames, but not for more than its encoder can make use of."""

    def __init__(self, line: PeerLine) -> None:
        self._line = line
        self._asked = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._asked > KEY_FRAME_PAUSE_SECONDS:
            self._asked = now
            self._line.request_key_frame()
