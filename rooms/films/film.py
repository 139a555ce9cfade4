"""One file of a recording, while it is being made.

A fragmented MP4 (ISO/IEC 14496-12, section 8.8): its fragments are half a second long and each is
on the disk before the next one, so that whatever stops the machine costs less than a second.
"""

import io
import os
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.stream import Stream

from devices.device import Samples
from devices.h264 import PPS, SPS, nal_type, split

FRAGMENT_SECONDS: Final = 0.5
RATE: Final = 48_000
_PICTURES: Final = Fraction(1, 90_000)
_SOUND: Final = Fraction(1, RATE)
_BIT_RATE: Final = 64_000
_APART: Final = RATE // 10
"""Sound that comes earlier or later than this is put where it belongs."""
_OPTIONS: Final = {
    "movflags": "empty_moov+default_base_moof+frag_keyframe",
    "frag_duration": str(round(FRAGMENT_SECONDS * 1_000_000)),
    "flush_packets": "1",
}


def parameter_sets(data: bytes) -> tuple[bytes, ...]:
    """Of a key frame (Annex B): what must not change within a film."""
    return tuple(nal for nal in split(data) if nal_type(nal) in (SPS, PPS))


class Film:
    """Belongs to one thread, which may wait for the disk."""

    def __init__(self, path: Path, key_frame: bytes | None) -> None:
        """`key_frame` (Annex B, with SPS and PPS) is what the picture begins with; None is sound
        alone. Raises OSError, and av.FFmpegError for what is no key frame."""
        self.path = path
        self.seconds = 0.0
        """How long it is by now."""
        self._disk = _Disk(path)
        self._container = av.open(self._disk, "w", format="mp4", options=_OPTIONS)
        self._video: Stream | None = None
        if key_frame is not None:
            with av.open(io.BytesIO(key_frame), format="h264") as found:
                template = found.streams.video[0]
                self._video = self._container.add_stream_from_template(template, opaque=True)
        self._audio: AudioStream = self._container.add_stream("aac", rate=RATE, layout="mono")
        self._audio.bit_rate = _BIT_RATE
        self._shown = -1
        """The last picture's time."""
        self._heard = 0
        """Samples so far."""
        self._container.start_encoding()

    def picture(self, data: bytes, seconds: float, *, key: bool) -> None:
        """`data` is one coded picture, Annex B; `seconds` since the film's beginning. Raises
        OSError."""
        assert self._video is not None
        at = max(round(seconds * 90_000), self._shown + 1)
        self._shown = at
        packet = av.Packet(data)
        packet.pts = packet.dts = at
        packet.time_base = _PICTURES
        packet.is_keyframe = key
        packet.stream = self._video
        self._mux([packet], at / 90_000)

    def sound(self, samples: Samples, seconds: float) -> None:
        """48 kHz, mono; `seconds` since the film's beginning. What is missing in between is
        silence, what comes twice is left out. Raises OSError."""
        missing = round(seconds * RATE) - self._heard
        if missing > _APART:
            self._encode(np.zeros(missing, np.int16))
        elif missing < -_APART:
            samples = samples[min(len(samples), -missing) :]
        if len(samples):
            self._encode(samples)

    def close(self) -> None:
        """Write what is still held. Raises OSError."""
        try:
            self._mux(self._audio.encode(None), self.seconds)
            self._container.close()
        finally:
            self._disk.close()

    def _encode(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, _SOUND, self._heard
        self._heard += len(samples)
        self._mux(self._audio.encode(frame), self._heard / RATE)

    def _mux(self, packets: Sequence["av.Packet[Any]"], seconds: float) -> None:
        for packet in packets:
            self._container.mux(packet)
        self.seconds = max(self.seconds, seconds)
        self._disk.keep()


class _Disk(io.RawIOBase):
    """A file that is never more than a fragment behind. libav swallows what a write raises, so
    that is kept and raised where it is looked for."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._kept_at = time.monotonic()
        self._unkept = False
        self._error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        rest = memoryview(data)
        try:
            while rest and self._error is None:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            self._error = error
        self._unkept = True
        return len(data)

    def keep(self) -> None:
        """Raises OSError: the disk is full, or gone."""
        if self._error is None and self._unkept:
            now = time.monotonic()
            if now >= self._kept_at + FRAGMENT_SECONDS / 2:
                self._sync()
                self._kept_at, self._unkept = now, False
        if self._error is not None:
            raise self._error

    def _sync(self) -> None:
        try:
            os.fdatasync(self._file)
        except OSError as error:
            self._error = error

    def close(self) -> None:
        if not self.closed:
            self._sync()
            os.close(self._file)
            super().close()
            if self._error is not None:
                raise self._error
