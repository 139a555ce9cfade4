"""The hall's picture with something wrong, as a camera would send it: for drills and tests."""

from collections.abc import Iterator

import av
import numpy as np
from av.codec.context import CodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from devices.judging import Fault
from devices.virtual.hall_picture import (
    FRAMES_PER_SECOND,
    HEIGHT,
    KEY_FRAME_SECONDS,
    WIDTH,
    Clip,
    encode,
    units,
)

_BLURRED_TO = (40, 22)
"""Width and height; what is smaller is gone."""


def spoilt(clip: Clip, fault: Fault) -> Clip:
    """From key frame to key frame, again and again. Blocks for a moment while it encodes."""
    frames = _standing(clip) if fault is Fault.FROZEN else _grainy(_luma_of(clip, fault))
    return Clip(tuple(units(b"".join(encode(frames)))), clip.frames_per_second)


def _first(clip: Clip) -> VideoFrame:
    decoder = CodecContext.create("h264", "r")
    return (decoder.decode(av.Packet(clip.units[0])) + decoder.decode(None))[0]


def _standing(clip: Clip) -> Iterator[VideoFrame]:
    """The sensor has stopped, and its last picture is encoded again and again."""
    pixels = _first(clip).to_ndarray(format="yuv420p")
    for _ in range(KEY_FRAME_SECONDS * FRAMES_PER_SECOND):
        yield VideoFrame.from_ndarray(pixels, format="yuv420p")


def _grainy(luma: NDArray[np.float32]) -> Iterator[VideoFrame]:
    grain = np.random.default_rng(7).normal(0, 1.6, (HEIGHT, WIDTH))
    pixels = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    for number in range(KEY_FRAME_SECONDS * FRAMES_PER_SECOND):
        noise = np.roll(grain, 37 * number)
        pixels[:HEIGHT] = np.clip(np.rint(luma + noise), 16, 235)
        yield VideoFrame.from_ndarray(pixels, format="yuv420p")


def _luma_of(clip: Clip, fault: Fault) -> NDArray[np.float32]:
    if fault is Fault.BLACK:
        return np.full((HEIGHT, WIDTH), 17, np.float32)
    if fault is Fault.COVERED:
        return np.full((HEIGHT, WIDTH), 70, np.float32)
    frame = _first(clip)
    if fault is Fault.BLURRED:
        small = frame.reformat(*_BLURRED_TO, interpolation=Interpolation.AREA)
        frame = small.reformat(WIDTH, HEIGHT, interpolation=Interpolation.BICUBIC)
    luma = frame.to_ndarray(format="yuv420p")[:HEIGHT].astype(np.float32)
    return 16 + (luma - 16) * 4 if fault is Fault.OVEREXPOSED else luma
