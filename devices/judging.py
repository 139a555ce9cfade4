"""What is wrong with a picture, from the picture alone: black, covered, over-exposed, blurred,
frozen.

    judge = Judge()
    look = look_at(unit.data)              # one key frame, decoded and measured: some milliseconds
    judge.add(look, unit.arrived)
    judge.fault                            # None, or Fault.BLACK once it has lasted

A frozen picture is one whose key frames come out the same to the last bit, which no sensor's noise
allows. Less than that proves nothing: an encoder that holds its bit rate shows a frozen hall a
little differently each time, just as a still hall looks behind a camera's noise reduction. The
tenth of the picture that changes most is left aside, because some cameras go on writing the time
onto a picture that stands.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import av
import numpy as np
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

SMALL: Final = (320, 180)
"""Width and height of what is judged."""
STEP: Final = 3
"""Every third pixel of every third line is compared with the picture before, as it was decoded:
scaling would take away the noise by which a living picture is known."""
BLOCKS: Final = (10, 16)
"""Rows and columns of the parts that are compared."""

BLACK_BELOW: Final = 30
"""Luma, of which 16 is black: nearly all of the picture is darker."""
WHITE_ABOVE: Final = 228
"""Luma, of which 235 is white."""
WHITE_SHARE: Final = 0.75
LEAST_CONTRAST: Final = 14
"""Luma between the darkest and the brightest parts; a cloth over the lens has less."""
LEAST_SHARPNESS: Final = 0.12
"""Of edges, against the contrast there is."""
GAUSSIAN: Final = 3.45
"""Between the size that noise has in the middle, and the one that 2 % of it exceed."""

LASTS_SECONDS: Final = 3.5
"""So long is something wrong before it is said, and well again before that is."""
FROZEN_SECONDS: Final = 5.5
FROZEN_PICTURES: Final = 3
"""So many are the same."""


class Fault(StrEnum):
    BLACK = "black"
    COVERED = "covered"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture, measured."""

    darkest: float
    """Luma below which 2 % of the picture lie."""
    brightest: float
    """Luma above which 2 % of it lie."""
    white: float
    """Share that is as good as white."""
    sharpness: float
    """Of its edges, against the contrast."""
    pixels: NDArray[np.uint8]
    """Some of its luma, to be compared with another picture's."""

    @property
    def fault(self) -> Fault | None:
        """What this one picture shows."""
        if self.brightest < BLACK_BELOW:
            return Fault.BLACK
        if self.white > WHITE_SHARE:
            return Fault.OVEREXPOSED
        if self.brightest - self.darkest < LEAST_CONTRAST:
            return Fault.COVERED
        if self.sharpness < LEAST_SHARPNESS:
            return Fault.BLURRED
        return None

    def is_same_as(self, other: "Look") -> bool:
        """To the last bit, but for the tenth of the picture that changed most."""
        if self.pixels.shape != other.pixels.shape:
            return False
        rows, columns = BLOCKS
        height, width = (size // n for size, n in zip(self.pixels.shape, BLOCKS, strict=True))
        differs = (self.pixels != other.pixels)[: rows * height, : columns * width]
        changed = differs.reshape(rows, height, columns, width).any(axis=(1, 3))
        return bool(changed.mean() <= 0.1)


def look_at(key_frame: bytes) -> Look | None:
    """Decode and measure one key frame in Annex B; None where it cannot be decoded."""
    decoder = CodecContext.create("h264", "r")
    decoder.thread_count = 1
    try:
        frames = decoder.decode(av.Packet(key_frame)) + decoder.decode(None)
    except FFmpegError:
        return None
    return measure(frames[0]) if frames else None


def measure(frame: VideoFrame) -> Look:
    width, height = SMALL
    planar = frame.reformat(format="yuv420p")
    small = _luma(planar.reformat(width, height, interpolation=Interpolation.AREA))
    values = small.astype(np.int16)
    darkest, brightest = np.percentile(values[::2, ::2], (2, 98))
    return Look(
        darkest=float(darkest),
        brightest=float(brightest),
        white=float((small > WHITE_ABOVE).mean()),
        sharpness=_edges(values) / max(1.0, float(brightest - darkest)),
        pixels=_luma(planar)[::STEP, ::STEP].copy(),
    )


def _edges(values: NDArray[np.int16]) -> float:
    """How strong the strongest edges are, in luma: the Laplacian, which noise has everywhere and
    edges have in a few places; what the noise makes of it is taken off."""
    height, width = values.shape
    small = values.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    sides = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:]
    middle, strongest = np.percentile(np.abs(4 * small[1:-1, 1:-1] - sides), (50, 98))
    return max(0.0, float(strongest - GAUSSIAN * middle))


class Judge:
    """Says what is wrong once it has lasted, and no more once it is well for as long."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self.measured = False
        """Whether there is a finding at all: without one, `fault` says nothing."""
        self._seen: Fault | None = None
        self._seen_since: float | None = None
        self._before: Look | None = None
        self._same: list[float] = []
        """When each of the last pictures came, as far back as they are all the same."""

    def add(self, look: Look, arrived: float) -> None:
        """`arrived`: seconds on `time.monotonic()`, of pictures a second or two apart."""
        if self._before is None or not look.is_same_as(self._before):
            self._same.clear()
        self._same.append(arrived)
        self._before = look
        seen = look.fault
        if seen is None and len(self._same) > 1:
            if not self._stands(arrived):
                return  # it may stand, or not
            seen = Fault.FROZEN
        if self._seen_since is None or seen is not self._seen:
            self._seen, self._seen_since = seen, arrived
        if seen is self.fault and self.measured:
            return
        lasted = arrived - self._seen_since
        if seen is Fault.FROZEN or lasted >= LASTS_SECONDS:
            self.fault, self.measured = seen, True

    def _stands(self, now: float) -> bool:
        return len(self._same) >= FROZEN_PICTURES and now - self._same[0] >= FROZEN_SECONDS


def _luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """Of a planar picture, 8 bit; a view into it."""
    plane = frame.planes[0]
    lines: NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8)
    return lines.reshape(-1, plane.line_size)[: frame.height, : frame.width]
