"""One picture that stands, coded once, to be shown again and again in the place of a live one."""

import threading
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from devices.device import AccessUnit, Picture
from devices.timeline import TICKS
from devices.transcode import Encoder

PER_SECOND: Final = 5
PICTURES: Final = 10
"""From key frame to key frame: two seconds, of which all but the first say that nothing changed."""
_BITRATE: Final = 2_000_000

Drawn = NDArray[np.uint8]
"""Height × width × RGB; both even."""


class Still:
    """Never empty, and never ends: after the last unit comes the first, a key frame."""

    def __init__(self, drawn: Drawn) -> None:
        """Codes it, some 50 ms at 720p: not on the event loop."""
        height, width = drawn.shape[:2]
        frame = VideoFrame.from_ndarray(drawn, format="rgb24")
        encoder = Encoder(width, height, PER_SECOND, _BITRATE, threading.Event())
        self.picture: Picture = encoder.picture
        self._units = [
            unit
            for number in range(PICTURES)
            for unit in encoder.encode(frame, number * TICKS // PER_SECOND, 0.0)
        ]

    def unit(self, number: int, timestamp: int, arrived: float) -> AccessUnit:
        """The picture of this number, which begins with a key frame at 0."""
        coded = self._units[number % len(self._units)]
        return AccessUnit(coded.data, timestamp, coded.key, arrived)
