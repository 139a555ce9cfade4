"""Encoding once, for everybody: a webcam's pictures, or those of a camera whose own coding
browsers cannot take over WebRTC. Runs in the thread of the camera's reader.

Out comes what every browser decodes: H.264 constrained baseline, one slice a picture, an IDR with
its parameter sets every two seconds.
"""

import contextlib
import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.codec.context import CodecContext, ThreadType
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from devices import h264
from devices.device import AccessUnit, Picture
from devices.timeline import TICKS, Timeline

KEY_FRAME_DISTANCE = 2 * TICKS
"""Between two key frames, whatever the source's rate of pictures really is."""
LEAST_KEY_FRAME_DISTANCE = TICKS // 3
"""However many viewers ask for one."""
LARGEST = (1280, 720)
"""Width and height of a transcoded picture; a larger one is scaled into it."""
BITRATE = 1_500_000
"""Bits a second of a transcoded picture."""
CATCH_UP_LATENESS = 0.5
"""Seconds; pictures later than this are decoded, since later ones rest on them, but not encoded."""


class Encoder:
    """libx264 without delay: one access unit out for each picture in."""

    def __init__(
        self,
        width: int,
        height: int,
        frames_per_second: float,
        bitrate: int,
        key_wanted: threading.Event,
    ) -> None:
        rate = Fraction(frames_per_second).limit_denominator(1001)
        self._width, self._height = width, height
        self._key_wanted = key_wanted
        self._step = round(TICKS / rate)
        self._count = 0
        self._last_key: int | None = None
        self._codec = CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height = width, height
        self._codec.pix_fmt = "yuv420p"
        self._codec.framerate = rate
        self._codec.time_base = 1 / rate
        self._codec.bit_rate = bitrate
        self._codec.max_b_frames = 0
        self._codec.gop_size = 1000  # key frames come by the clock
        self._codec.thread_count = 1  # more threads cut each picture into slices
        self._codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "forced-idr": "1",
            "maxrate": str(bitrate),
            "bufsize": str(bitrate // 2),
            "x264-params": "scenecut=0",
        }
        self.picture = Picture(width, height, float(rate), passed_through=False)

    def encode(self, frame: VideoFrame, timestamp: int, arrived: float) -> Iterator[AccessUnit]:
        scaled = frame.reformat(self._width, self._height, format="yuv420p")
        scaled.pts = self._count
        scaled.time_base = self._codec.time_base
        scaled.pict_type = PictureType.NONE
        if self._key_due(timestamp):
            self._key_wanted.clear()
            self._last_key = timestamp
            scaled.pict_type = PictureType.I
        self._count += 1
        for packet in self._codec.encode(scaled):
            data = bytes(packet)
            yield AccessUnit(data, timestamp, h264.decodable_alone(h264.split(data)), arrived)

    def _key_due(self, timestamp: int) -> bool:
        if self._last_key is None:
            return True
        distance = timestamp - self._last_key
        if self._key_wanted.is_set() and distance >= LEAST_KEY_FRAME_DISTANCE:
            return True
        return distance + self._step // 2 >= KEY_FRAME_DISTANCE


class Transcoder:
    """Decodes whatever the camera sends and encodes it anew."""

    def __init__(
        self, source: VideoCodecContext, timeline: Timeline, key_wanted: threading.Event
    ) -> None:
        decoder = CodecContext.create(source.codec, "r")
        assert isinstance(decoder, VideoCodecContext)
        self._decoder = decoder
        self._decoder.extradata = source.extradata
        # Never by frames: such threads hold packets that they free with Python's lock, and whoever
        # lets go of the decoder holds it while he waits for them. The daemon would stand still.
        self._decoder.thread_type = ThreadType.SLICE
        self._decoder.thread_count = 2
        self._frames_per_second = float(source.framerate or 0)
        self._timeline = timeline
        self._key_wanted = key_wanted
        self._encoder: Encoder | None = None

    @property
    def picture(self) -> Picture:
        assert self._encoder is not None
        return self._encoder.picture

    def decode(self, data: bytes, pts: int | None) -> list[VideoFrame]:
        """Pictures that are complete now, in the order of display; what is broken gives none."""
        packet = av.Packet(data)
        packet.pts = pts
        packet.time_base = Fraction(1, TICKS)
        with contextlib.suppress(FFmpegError):
            return self._decoder.decode(packet)
        return []

    def transcode(self, data: bytes, pts: int | None, arrived: float) -> Iterator[AccessUnit]:
        late = self._timeline.lateness(pts, arrived) > CATCH_UP_LATENESS
        for frame in self.decode(data, pts):
            timestamp = self._timeline.stamp(frame.pts, arrived)
            if late:
                continue
            if self._encoder is None:
                self._encoder = self._encoder_for(frame)
            yield from self._encoder.encode(frame, timestamp, arrived)

    def _encoder_for(self, frame: VideoFrame) -> Encoder:
        width, height = fit(frame.width, frame.height, *LARGEST)
        rate = min(max(self._frames_per_second or 25.0, 5.0), 30.0)
        return Encoder(width, height, rate, BITRATE, self._key_wanted)


def cut(frame: VideoFrame, box: tuple[float, float, float, float]) -> VideoFrame:
    """A part of a picture: left, top, width and height in its pixels, to the nearest fours."""
    left, top = round(box[0] / 4) * 4, round(box[1] / 4) * 4
    width, height = round(box[2] / 4) * 4, round(box[3] / 4) * 4
    width, height = min(width, frame.width - left) & ~3, min(height, frame.height - top) & ~3
    planar = frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
    part = VideoFrame(width, height, "yuv420p")
    for source, target, step in zip(planar.planes, part.planes, (1, 2, 2), strict=True):
        rows, columns = slice(top // step, (top + height) // step), left // step
        taken = lines(source)[rows, columns : columns + width // step]
        lines(target)[:, : width // step] = taken
    return part


def lines(plane: VideoPlane) -> NDArray[np.uint8]:
    """A view into it, padding included."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)


def fit(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """The largest even size of the same shape within the limits; nothing is enlarged."""
    scale = min(1.0, most_width / width, most_height / height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
