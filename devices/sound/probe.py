"""A chirp out of the loudspeaker, and what the microphone makes of it.

probe = Probe(ChirpKind.TEST)
frame = probe.mix(frame)              # on its way to the loudspeaker
probe.record(microphone, played)      # as the canceller gets them
if probe.over:
    told = probe.told()               # some 10 ms of computing
"""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from devices.device import ChirpHeard, ChirpKind, Samples
from devices.sound.chirp import LATEST, RATE, Sound, chirp, find_chirp
from devices.sound.rattle import rattles

FRAME = 480
FULL_SCALE = 32768
_QUIET_FRAMES = 30
"""Before the chirp: what the hall sounds like without it."""
_AHEAD = 6
"""Of these, that a loudspeaker's stream may have taken at once."""
_WAITS = 20
"""Frames that what is played may take to the loudspeaker and beside the microphone."""


def sound_of(kind: ChirpKind) -> Sound:
    """Whole frames at 48 kHz, full scale at 1."""
    if kind is ChirpKind.TEST:
        return chirp()
    up = chirp(0.65, 0.1, low=100.0)
    return np.concatenate([up, up[::-1]])


class Probe:
    """`mix` may be called on another thread than the rest."""

    def __init__(self, kind: ChirpKind) -> None:
        self._kind = kind
        sound = np.rint(sound_of(kind) * FULL_SCALE).astype(np.int16)
        self._frames = deque([np.zeros(FRAME, np.int16)] * _QUIET_FRAMES)
        self._frames.extend(sound.reshape(-1, FRAME))
        self._left = len(self._frames) + round(LATEST * RATE) // FRAME + _WAITS
        self._microphone: list[Samples] = []
        self._played: list[Samples] = []

    def mix(self, frame: Samples) -> Samples:
        """The frame, and the next 10 ms of the chirp."""
        if not self._frames:
            return frame
        both = frame.astype(np.int32) + self._frames.popleft()
        clipped: Samples = np.clip(both, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
        return clipped

    @property
    def over(self) -> bool:
        return self._left <= 0

    def record(self, microphone: Samples, played: Samples) -> None:
        """Take one frame, and what was played since the last."""
        if not self.over:
            self._microphone.append(microphone)
            self._played.append(played)
            self._left -= 1

    def told(self) -> ChirpHeard:
        microphone, played = np.concatenate(self._microphone), np.concatenate(self._played)
        # From their ends: in between there may have been more or less played than heard.
        length = min(len(microphone), len(played))
        heard = _scaled(microphone[len(microphone) - length :])
        sound = _scaled(played[len(played) - length :])
        # What is played may wait longer beside the microphone than on its way through the hall.
        late = np.concatenate([np.zeros(_WAITS * FRAME // 2, np.float32), heard])[:length]
        found = find_chirp(sound, late)
        # Of the microphone as it came: cut, it may begin with the chirp.
        before = _scaled(microphone[: (_QUIET_FRAMES - _AHEAD) * FRAME])
        quiet = float(np.mean(np.square(before, dtype=np.float64)))
        return ChirpHeard(
            delay=max(0.0, found.delay - _WAITS * FRAME / 2 / RATE) if found else None,
            echo=found.echo if found else None,
            noise=_dbfs(quiet**0.5),
            microphone=_dbfs(float(np.abs(heard).max(initial=0))),
            loudspeaker=_dbfs(float(np.abs(sound).max(initial=0))),
            rattles=self._kind is ChirpKind.TEST
            and found is not None
            and rattles(sound, late, found.delay),
        )


def _dbfs(magnitude: float) -> float:
    return max(-100.0, min(0.0, 20 * math.log10(magnitude + 1e-9)))


def _scaled(samples: Samples) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(FULL_SCALE)
