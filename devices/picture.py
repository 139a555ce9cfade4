"""A small still of what a camera shows, for the panel's preview.

    preview = Preview(camera, may_ask=lambda: not meeting)
    still = await preview.take()          # None before the first key frame
    still.jpeg

The newest key frame is decoded when somebody asks, never before, in a worker thread. Where it is
older than a second, the camera is asked for another, unless that would cost others something.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
from av.codec.context import CodecContext
from av.error import FFmpegError

from devices.device import AccessUnit, VideoSource
from devices.transcode import fit

LARGEST = (640, 480)
"""Width and height."""
OLD_SECONDS = 0.9


@dataclass(frozen=True, slots=True)
class Still:
    jpeg: bytes
    arrived: float
    """Of the picture, seconds on `time.monotonic()`."""


class Preview:
    """Watches one camera. Belongs to the event loop's thread."""

    def __init__(self, source: VideoSource, may_ask: Callable[[], bool] = lambda: False) -> None:
        """`may_ask` says whether a key frame more is nobody's loss."""
        self._source = source
        self._may_ask = may_ask
        self._newest: AccessUnit | None = None
        self._still: Still | None = None
        self._taking = asyncio.Lock()
        self.close = source.subscribe(self._keep)
        """Stop watching."""

    def _keep(self, unit: AccessUnit) -> None:
        if unit.key:
            self._newest = unit

    async def take(self) -> Still | None:
        """The newest still; many who ask at once share one. None where there is no picture yet,
        or none that can be decoded."""
        unit = self._newest
        if (unit is None or time.monotonic() - unit.arrived > OLD_SECONDS) and self._may_ask():
            self._source.request_key_frame()
        async with self._taking:
            unit = self._newest
            if unit is None:
                return None
            if self._still is None or self._still.arrived != unit.arrived:
                jpeg = await asyncio.to_thread(to_jpeg, unit.data)
                self._still = Still(jpeg, unit.arrived) if jpeg else None
            return self._still


def to_jpeg(key_frame: bytes) -> bytes | None:
    """One key frame in Annex B as a JPEG of at most 640×480; None if it cannot be decoded."""
    decoder = CodecContext.create("h264", "r")
    try:
        frames = decoder.decode(av.Packet(key_frame)) + decoder.decode(None)
    except FFmpegError:
        return None
    if not frames:
        return None
    width, height = fit(frames[0].width, frames[0].height, *LARGEST)
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = 5
    still = frames[0].reformat(width, height, format="yuvj420p")
    still.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(still), *encoder.encode(None)])
