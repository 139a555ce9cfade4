"""The voice of one guest, from Opus packets to 20 ms of sound at a time.

A short buffer evens out the line: it fills to 40 ms, hides up to 60 ms of loss behind the last
sound fading away, then is silent and fills anew. It never holds more than 120 ms, so that a line
that stood still does not leave its delay behind.
"""

import numpy as np

from devices.device import Samples
from rooms.media.opus import FRAME_SAMPLES, OpusDecoder, OpusError

FILL_PACKETS = 2
MOST_PACKETS = 6
CONCEALED_FRAMES = 3


class Voice:
    """Belongs to the event loop's thread. `take` is called every 20 ms, by the mixer alone."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._packets: dict[int, bytes] = {}
        self._newest = 0
        self._next: int | None = None
        self._playing = False
        self._concealed = 0
        self._rest = np.empty(0, np.int16)
        self._last = np.zeros(FRAME_SAMPLES, np.int16)

    def add(self, sequence: int, payload: bytes) -> None:
        """Take one packet; `sequence` is RTP's, 16 bits."""
        if self._next is None:
            self._next = self._newest = sequence
        offset = (sequence - self._newest + 0x8000 & 0xFFFF) - 0x8000
        unwrapped = self._newest + offset
        if unwrapped < self._next or not payload:
            return
        self._newest = max(self._newest, unwrapped)
        self._packets[unwrapped] = payload
        if len(self._packets) > MOST_PACKETS:
            for old in sorted(self._packets)[:-FILL_PACKETS]:
                del self._packets[old]
            self._next = min(self._packets)

    def take(self) -> Samples | None:
        """The next `FRAME_SAMPLES` samples; None where there is nothing to hear."""
        if not self._playing:
            if len(self._packets) < FILL_PACKETS:
                return None
            self._playing = True
            self._next = min(self._packets)
        while len(self._rest) < FRAME_SAMPLES:
            decoded = self._decode_next()
            if decoded is None:
                return self._conceal()
            self._rest = np.concatenate((self._rest, decoded))
        frame, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
        self._last = frame
        self._concealed = 0
        return frame

    def _decode_next(self) -> Samples | None:
        """Sound of the packet whose turn it is; None where it is missing."""
        assert self._next is not None
        payload = self._packets.pop(self._next, None)
        if payload is None:
            if self._packets:  # lost: its time passes all the same
                self._next += 1
            return None
        self._next += 1
        try:
            return self._decoder.decode(payload)
        except OpusError:
            return None

    def _conceal(self) -> Samples | None:
        self._concealed += 1
        if self._concealed > CONCEALED_FRAMES:
            self._playing = bool(self._packets)
            self._concealed = 0 if not self._playing else self._concealed
            self._rest = self._rest[:0]
            return None
        fade = np.linspace(1.0, 0.5, FRAME_SAMPLES, dtype=np.float32)
        self._last = (self._last * fade).astype(np.int16)
        return self._last
