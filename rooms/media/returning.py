"""Notices a guest whose machine sends back what the hall says: it stands in the hall, or its own
microphone hears its loudspeaker.

    if returning.add(inputs, heard):    # 20 ms of each, as they are mixed; once a second
        who = returning.look()

His sound then has, some tenths of a second later, the others' pattern over time and frequency.
People who merely talk at once have patterns of their own, which agree by chance at no delay for
long. So the logarithms of the energies in some bands are compared, less their slow means, at
each delay; whoever agrees at one and the same delay several times running sends something back.
"""

from collections import deque
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from devices.device import Samples
from rooms.media.opus import FRAME_SAMPLES

WINDOW: Final = 300
"""Frames of 20 ms that are compared: 6 s."""
EARLIEST, LATEST = 2, 75
"""Frames by which it may come back later: a mixer in the house is quicker than any browser."""
_EVERY: Final = 50
_EDGES: Final = np.unique(np.round(np.geomspace(250, 4000, 15) / 50).astype(int))
_FLOOR: Final = 1e-7
"""Mean square of a band that counts as nothing: -70 dBFS."""
_SLOW: Final = 51
"""Frames over which a mean is taken off: louder and softer in general say nothing."""
_AGREES: Final = 0.3
"""Correlation from which on a delay counts; by chance it stays below."""
_ACTIVE: Final = 75
"""Frames with sound from others in the window: less tells nothing."""
_AUDIBLE: Final = 1e-5
"""Mean square of his louder frames, -50 dBFS: what is softer disturbs nobody."""
_SURE: Final = 4
"""Looks running that find the same delay, within `_APART` frames."""
_APART: Final = 2
_FORGETS: Final = 8
"""Looks that find nothing, though others speak, until he counts as silent."""

Bands = NDArray[np.float32]
"""Energy of each band in each frame."""


class _Voice:
    def __init__(self) -> None:
        self.frames: list[Samples | None] = []
        self.bands: Bands = np.zeros((WINDOW, len(_EDGES) - 1), np.float32)
        self.found: deque[int] = deque(maxlen=_SURE)
        """Delays, the last one last."""
        self.returns = False
        self.nothing = 0


class Returning:
    """Belongs to the event loop's thread; a look takes about a millisecond for each who speaks."""

    def __init__(self, hall: str) -> None:
        """`hall` is its name among the inputs."""
        self._hall = hall
        self._voices: dict[str, _Voice] = {}
        self._frames = 0

    def add(self, inputs: Mapping[str, Samples], heard: Collection[str]) -> bool:
        """20 ms of everybody who is in the mix, the hall among them; `heard` are the guests who
        may be. Tells whether it is time to look."""
        self._frames += 1
        for name in self._voices.keys() - {self._hall, *heard}:
            del self._voices[name]
        for name in (self._hall, *heard):
            voice = self._voices.setdefault(name, _Voice())
            voice.frames.append(inputs.get(name))
        return self._frames % _EVERY == 0

    def look(self) -> frozenset[str]:
        """The guests who send back what others say."""
        for voice in self._voices.values():
            new = _bands(voice.frames)[-WINDOW:]
            voice.frames.clear()
            voice.bands = np.concatenate([voice.bands, new])[-WINDOW:]
        total = sum((voice.bands for voice in self._voices.values()), np.zeros(1, np.float32))
        for name, voice in self._voices.items():
            if name != self._hall:
                self._judge(voice, np.maximum(total - voice.bands, 0))
        return frozenset(name for name, voice in self._voices.items() if voice.returns)

    @staticmethod
    def _judge(voice: _Voice, others: Bands) -> None:
        delay = delay_of(voice.bands, others)
        if delay is None:
            if _tells(others):
                voice.nothing += 1
                voice.found.clear()
        else:
            voice.nothing = 0
            voice.found.append(delay)
        if len(voice.found) == _SURE and max(voice.found) - min(voice.found) <= _APART:
            voice.returns = True
        elif voice.nothing >= _FORGETS:
            voice.returns = False


def agreement(own: Bands, others: Bands) -> NDArray[np.float64]:
    """Correlation of the one with the other, for each delay from `EARLIEST` to `LATEST`."""
    mine, theirs = _pattern(own), _pattern(others)
    size = 512
    spectra = np.fft.rfft(mine, size, axis=0) * np.fft.rfft(theirs, size, axis=0).conj()
    cross = np.fft.irfft(spectra.sum(axis=1), size)[EARLIEST : LATEST + 1]
    # Of what overlaps at that delay alone.
    of_mine = np.cumsum(np.square(mine).sum(axis=1)[::-1])[::-1][EARLIEST : LATEST + 1]
    of_theirs = np.cumsum(np.square(theirs).sum(axis=1))[::-1][EARLIEST : LATEST + 1]
    found: NDArray[np.float64] = cross / np.sqrt(of_mine * of_theirs + 1e-3)
    return found


def delay_of(own: Bands, others: Bands) -> int | None:
    """Frames by which what others say comes back; None where it does not."""
    if not _tells(others) or np.percentile(own.sum(axis=1), 90) < _AUDIBLE:
        return None
    found = agreement(own, others)
    best = int(np.argmax(found))
    return best + EARLIEST if found[best] > _AGREES else None


def _tells(others: Bands) -> bool:
    return int(np.count_nonzero(others.sum(axis=1) > 20 * _FLOOR)) >= _ACTIVE


def _bands(frames: list[Samples | None]) -> Bands:
    if not any(frame is not None for frame in frames):
        return np.zeros((len(frames), len(_EDGES) - 1), np.float32)
    silence = np.zeros(FRAME_SAMPLES, np.int16)
    sound = np.stack([silence if f is None else f for f in frames]).astype(np.float32) / 32768
    spectra = np.fft.rfft(sound * _WINDOW_SHAPE, axis=1)
    power = (spectra.real**2 + spectra.imag**2) * np.float32(2 / FRAME_SAMPLES**2)
    bands: Bands = np.add.reduceat(power[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    return bands


_WINDOW_SHAPE: Final = np.hanning(FRAME_SAMPLES).astype(np.float32)


def _pattern(bands: Bands) -> NDArray[np.float64]:
    """What is louder and softer than usual, in about 0 to 5."""
    level = np.log10(bands.astype(np.float64) + _FLOOR)
    padded = np.pad(level, ((_SLOW // 2, _SLOW // 2), (0, 0)), "edge")
    sums = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0)
    slow: NDArray[np.float64] = level - (sums[_SLOW:] - sums[:-_SLOW]) / _SLOW
    return slow
