"""From H.264 as a camera sends it to whole pictures that a viewer can take.

libav cuts its packets before every SPS. A camera that repeats SPS and PPS before each slice of a
key frame thereby gets its picture cut in pieces, which are put together again here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from devices import h264

LONGEST_KEY_DISTANCE = 4.2
"""Seconds between two key frames, of pictures that are passed on; a viewer who lost one waits this
long. Four, and a little for jitter."""


@dataclass(slots=True)
class CodedPicture:
    """One picture as the camera coded it."""

    nals: list[bytes]
    """SPS and PPS first, then SEI and slices; no delimiters, no filler."""
    pts: int | None
    """The camera's own 90 kHz; None where it gave none."""
    arrived: float
    """Seconds on `time.monotonic()`."""

    @property
    def data(self) -> bytes:
        return h264.join(self.nals)

    @property
    def key(self) -> bool:
        return h264.decodable_alone(self.nals)

    @property
    def has_b_slices(self) -> bool:
        return any(h264.is_b_slice(nal) for nal in self.nals)


class Assembler:
    """Puts the pieces of a picture together, and SPS and PPS in front of each key frame."""

    def __init__(self, extradata: bytes) -> None:
        sets = h264.read_extradata(extradata)
        self._length_size = sets.length_size
        self._parameter_sets = {h264.nal_type(nal): nal for nal in sets.nals}
        self._held: CodedPicture | None = None
        self._cuts_key_frames: bool | None = None
        """Seen at the first key frame; until then, and where it is so, a key frame waits for the
        next packet, because its rest may be in there."""

    def push(self, packet: bytes, pts: int | None, arrived: float) -> Iterator[CodedPicture]:
        """Take one packet; gives the pictures that are complete by now."""
        nals = self._split(packet)
        slices = [nal for nal in nals if h264.nal_type(nal) in (h264.SLICE, h264.IDR)]
        if slices and not h264.begins_picture(slices[0]):
            self._cuts_key_frames = True
            if self._held is not None:
                self._held.nals += slices
                self._held.pts = self._held.pts if self._held.pts is not None else pts
            return
        if self._held is not None:
            if self._cuts_key_frames is None:
                self._cuts_key_frames = False
            yield self._held
            self._held = None
        if not slices:
            self._remember(nals)
            return
        picture = CodedPicture(self._in_order(nals), pts, arrived)
        if picture.key and self._cuts_key_frames is not False:
            self._held = picture
        else:
            yield picture

    def whole(self, nals: list[bytes], pts: int | None, arrived: float) -> CodedPicture | None:
        """What is known to be all of one picture; None where it is parameter sets alone."""
        if not any(h264.nal_type(nal) in (h264.SLICE, h264.IDR) for nal in nals):
            self._remember(nals)
            return None
        return CodedPicture(self._in_order(nals), pts, arrived)

    @property
    def parameter_sets(self) -> list[bytes]:
        """Those that are known by now."""
        return [self._parameter_sets[k] for k in (h264.SPS, h264.PPS) if k in self._parameter_sets]

    def _split(self, packet: bytes) -> list[bytes]:
        if self._length_size and not h264.is_annex_b(packet):
            return list(h264.split_sized(packet, self._length_size))
        return list(h264.split(packet))

    def _remember(self, nals: list[bytes]) -> None:
        for nal in nals:
            if h264.nal_type(nal) in (h264.SPS, h264.PPS):
                self._parameter_sets[h264.nal_type(nal)] = nal

    def _in_order(self, nals: list[bytes]) -> list[bytes]:
        self._remember(nals)
        types = {h264.nal_type(nal) for nal in nals}
        sets: list[bytes] = []
        if types & {h264.IDR, h264.SPS, h264.PPS}:
            known = self._parameter_sets
            sets = [known[kind] for kind in (h264.SPS, h264.PPS) if kind in known]
        return sets + [n for n in nals if h264.nal_type(n) in (h264.SLICE, h264.IDR, h264.SEI)]
