"""Finds how late the loudspeaker reaches the microphone, from any sound that is played."""

import numpy as np

from devices.sound.echo.rates import Sound
from devices.sound.fourier import irfft, rfft

SPAN = 8192
"""Samples at 16 kHz, half a second: the longest delay, and the length of each look."""
NEEDS = 2 * SPAN
_RATE = 16000
_KEEP = 0.8
_BIN = 32
_CLEAR = 10.0
"""Times the median energy of 2 ms; noise and speech of others stay below 5."""
_EARLIER = 640
"""Samples before the strongest reflection in which the first one is looked for."""


class DelayFinder:
    """Regularised deconvolution of the microphone by the reference, over the last looks."""

    def __init__(self) -> None:
        frequency = np.fft.rfftfreq(NEEDS, 1 / _RATE)
        self._band = (frequency > 200) & (frequency < 6000)
        self.forget()

    def forget(self) -> None:
        self._cross = np.zeros(SPAN + 1, np.complex64)
        self._power = np.zeros(SPAN + 1, np.float32)

    def look(self, played: Sound, heard: Sound) -> int | None:
        """The delay in samples at 16 kHz; None where it does not stand out.

        `played` are the last `NEEDS` samples, `heard` the last `SPAN`.
        """
        reference = rfft(played)
        late = np.zeros(NEEDS, np.float32)
        late[SPAN:] = heard
        self._cross *= np.float32(_KEEP)
        self._cross += rfft(late) * reference.conj()
        self._power *= np.float32(_KEEP)
        self._power += reference.real**2 + reference.imag**2
        mean = float(self._power[self._band].mean())
        if mean < NEEDS * 1e-7:
            return None
        response = irfft(self._band * self._cross / (self._power + 0.1 * mean))[:SPAN]
        energy = np.square(response).reshape(-1, _BIN).sum(axis=1)
        strongest = int(np.argmax(energy))
        if energy[strongest] < _CLEAR * np.median(energy):
            return None
        begin = max(0, strongest - _EARLIER // _BIN)
        early = energy[begin : strongest + 1] > 0.1 * energy[strongest]
        return (begin + int(np.argmax(early))) * _BIN
