"""Brings the voices of far-away guests to one loudness."""

import numpy as np

from devices.device import Samples
from rooms.media.opus import FRAME_SAMPLES

WANTED_DBFS = -23.0
MOST_DB = 12.0
_SPEECH_DBFS = -50.0
"""What is quieter is no speech, whoever sends it."""
_OVER_NOISE_DB = 9.0
_FALLS_DB = 0.06
_RISES_DB = 0.04
"""A step for each 20 ms in which somebody speaks: 3 dB down and 2 dB up in a second."""
_NOISE_RISES_DB = 0.02
_LEVEL_FOLLOWS = 0.02


class Loudness:
    """The gain of one voice. It moves while somebody speaks and stays in pauses, so that nobody's
    noise grows."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._speech: float | None = None
        self._noise: float | None = None
        self._gain = 1.0

    def even(self, samples: Samples, dbfs: float) -> Samples:
        """One frame, whose level `dbfs` is."""
        self._learn(dbfs, len(samples) / FRAME_SAMPLES)
        before, self._gain = self._gain, 10 ** (self.gain_db / 20)
        if before == self._gain == 1.0:
            return samples
        curve = np.linspace(before, self._gain, len(samples), dtype=np.float32)
        louder: Samples = np.clip(samples * curve, -32_768, 32_767).astype(np.int16)
        return louder

    def _learn(self, dbfs: float, steps: float) -> None:
        if dbfs <= -100:
            return
        self._noise = (
            dbfs if self._noise is None else min(dbfs, self._noise + steps * _NOISE_RISES_DB)
        )
        if dbfs < max(_SPEECH_DBFS, self._noise + _OVER_NOISE_DB):
            return
        speech = dbfs if self._speech is None else self._speech
        self._speech = speech + steps * _LEVEL_FOLLOWS * (dbfs - speech)
        wanted = max(-MOST_DB, min(MOST_DB, WANTED_DBFS - self._speech))
        step = wanted - self.gain_db
        self.gain_db += max(-_FALLS_DB * steps, min(_RISES_DB * steps, step))
