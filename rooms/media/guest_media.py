"""The media of one guest, by his peer connection."""

from collections.abc import Callable
from dataclasses import dataclass

from rooms.media.adapting import Adapting
from rooms.media.assembler import FrameAssembler
from rooms.media.fanout import OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.incoming import CalmKeyFrames, assemble
from rooms.media.payloads import Codec
from rooms.media.peer import Peer
from rooms.shown import Layer


@dataclass(slots=True)
class GuestMedia:
    """Lives as long as his peer connection."""

    id: str
    peer: Peer
    camera: Feed
    screen: Feed
    hall_line: OutgoingVideo
    floor_line: OutgoingVideo
    assemblers: tuple[FrameAssembler, FrameAssembler]
    adapting: Adapting
    goes_first: bool
    """Where the house's line does not carry everybody."""
    on_lost: Callable[[], None]

    def close(self) -> None:
        self.adapting.close()
        self.hall_line.close()
        self.floor_line.close()
        for assembler in self.assemblers:
            assembler.close()


def guest_media(
    guest_id: str, peer: Peer, layer: Layer, *, goes_first: bool, on_lost: Callable[[], None]
) -> GuestMedia:
    """`layer` is what was found of his line before."""
    camera = Feed(f"camera of {guest_id}", Codec.H264, CalmKeyFrames(peer.hall))
    screen = Feed(f"screen of {guest_id}", Codec.H264, CalmKeyFrames(peer.floor))
    adapting = Adapting(peer, layer)
    hall_line, floor_line = (
        OutgoingVideo(line, pacer=adapting.pacer) for line in (peer.hall, peer.floor)
    )
    for line, outgoing in ((peer.hall, hall_line), (peer.floor, floor_line)):
        line.on_key_frame_wanted = outgoing.key_frame_wanted
    return GuestMedia(
        guest_id,
        peer,
        camera,
        screen,
        hall_line,
        floor_line,
        (assemble(peer.hall, camera), assemble(peer.floor, screen)),
        adapting,
        goes_first,
        on_lost,
    )
