"""The drawn hall through a camera that turns and zooms: a part of it, scaled to the whole.

Where the camera looks straight ahead, the clip goes out as it is, at no cost; anything else is
decoded, cut and coded anew, once for all viewers. It goes back to the clip at its next key frame.
"""

import threading
from collections.abc import Callable

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from devices import h264
from devices.picture import to_jpeg
from devices.transcode import Encoder, cut
from devices.virtual.hall_picture import Clip
from devices.virtual.head import Look
from devices.virtual.rtsp_server import CLOCK, Broadcast

_KEPT = 90
"""Pictures that are remembered for viewers who are late."""

_Made = tuple[list[bytes], bool]
"""RTP payloads, and whether decoding can begin here."""


class SteeredBroadcast(Broadcast):
    def __init__(self, clip: Clip, look: Callable[[], Look]) -> None:
        self._look = look
        self._lens: _Lens | None = None
        self._made: dict[int, _Made] = {}
        self._newest = -1
        self._key = clip.units[0]
        super().__init__(clip)

    def show(self, clip: Clip) -> None:
        super().show(clip)
        self._lens = None

    def payloads(self, number: int) -> list[bytes]:
        return self._picture(number)[0]

    def is_key(self, number: int) -> bool:
        return self._picture(number)[1]

    def snapshot(self) -> bytes | None:
        """The newest key frame as a JPEG."""
        return to_jpeg(self._key)

    def _picture(self, number: int) -> _Made:
        if number in self._made:
            return self._made[number]
        if number < self._newest:
            return [], False  # he is later than anything that is remembered
        made = self._make(number)
        self._newest = number
        self._made[number] = made
        for old in [one for one in self._made if one < number - _KEPT]:
            del self._made[old]
        return made

    def _make(self, number: int) -> _Made:
        look = self._look()
        index = number % len(self.clip.units)
        unit, key = self.clip.units[index], super().is_key(number)
        if look == Look() and (self._lens is None or key):
            self._lens = None
        else:
            self._lens = self._lens or _Lens(self.clip)
            stamp = number * CLOCK // self.clip.frames_per_second
            unit, key = self._lens.picture(index, look, stamp)
        if key:
            self._key = unit
        return h264.payloads(unit), key


class _Lens:
    """Cuts and codes, picture after picture. A picture that was left out begins it anew."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        self._next = -1
        self._decoder: VideoCodecContext
        self._encoder: Encoder

    def picture(self, index: int, look: Look, stamp: int) -> tuple[bytes, bool]:
        """Annex B. `stamp` counts 90,000 a second."""
        if index != self._next:
            self._begin(index)
        self._next = (index + 1) % len(self._clip.units)
        frame = self._decode(index)
        (unit,) = self._encoder.encode(_cut(frame, look), stamp, 0.0)
        return unit.data, unit.key

    def _begin(self, index: int) -> None:
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1  # a picture out for each picture in
        self._decoder = decoder
        clip = self._clip
        self._encoder = Encoder(
            clip.width, clip.height, clip.frames_per_second, clip.bitrate, threading.Event()
        )
        key = index
        while not h264.decodable_alone(h264.split(self._clip.units[key])):
            key -= 1
        for earlier in range(key, index):
            self._decode(earlier)

    def _decode(self, index: int) -> VideoFrame:
        (frame,) = self._decoder.decode(av.Packet(self._clip.units[index]))
        return frame


def _cut(frame: VideoFrame, look: Look) -> VideoFrame:
    """What is seen of it; the encoder scales it to the whole."""
    left, top, wide, high = look.box
    box = (left * frame.width, top * frame.height, wide * frame.width, high * frame.height)
    return cut(frame, box)
