"""Brings who speaks in the hall to one loudness, near the microphone or far from it.

Only speech of the hall moves the gain up: what the canceller says comes from the hall, and what has
a voice's pitch. A fan, rain, applause or the rest of an official's echo leave it where it is, and a
noise is never made louder than `_QUIET_NOISE`.
"""

import math

import numpy as np

from devices.sound.echo.rates import Sound, windows
from devices.sound.fourier import irfft, rfft
from devices.sound.protocol import FRAME

TARGET = -22.0
"""dBFS, root mean square while somebody speaks."""
LEAST, MOST = -6.0, 24.0
"""dB."""
_RAISE, _LOWER, _LOWER_FAST, _GLIDE = 0.055, 0.08, 0.3, 0.2
"""dB a frame of 10 ms."""
_TOO_LOUD = 6.0
"""dB above the target, from which on it is lowered fast."""
_CLOSE = 1.0
"""dB that nobody hears."""
_QUIET_NOISE = -52.0
"""dBFS that a noise may have in the end."""

_DOWN = 4
"""To 12 kHz: a voice's pitch and its first formants."""
_MEAN = np.full(_DOWN, 1 / _DOWN, np.float32)
_SPAN = 512
_SHORTEST, _LONGEST = 30, 160
"""Samples at 12 kHz of a voice's period: 400 to 75 Hz."""
_VOICED = 0.55
_EVERY = 2
"""Frames from look to look."""
_BEGINS, _HUMS = 4, 200
"""Frames with a pitch without a break, from which on it is a voice, and a machine's hum."""
_AFTER = 20
"""Frames in which a voice goes on without a pitch."""
_MEMORY = 150
"""Frames of speech, until the level of what was said counts a third."""
_LOUDER = 4.0
"""Times the mean, from which on a louder voice is believed at once."""


class Pitch:
    """Whether a sound has a voice's pitch: by its autocorrelation, over 43 ms."""

    def __init__(self) -> None:
        self._past = np.zeros(_SPAN, np.float32)
        window = np.hanning(_SPAN + 2)[1:-1]
        self._window = window.astype(np.float32)
        own = irfft(np.abs(rfft(window, 2 * _SPAN)) ** 2)[: _LONGEST + 1]
        self._own = (own / own[0]).astype(np.float32)

    def add(self, sound: Sound) -> None:
        """One frame of 480 samples at 48 kHz."""
        low = windows(sound, _DOWN, _DOWN) @ _MEAN
        self._past = np.concatenate([self._past[len(low) :], low])

    def is_there(self) -> bool:
        spectrum = rfft(self._past * self._window, 2 * _SPAN)
        alike = irfft(spectrum.real**2 + spectrum.imag**2)[: _LONGEST + 1]
        if alike[0] < 1e-9:
            return False
        return bool((alike / (alike[0] * self._own))[_SHORTEST:].max() > _VOICED)


class AutomaticGain:
    def __init__(self) -> None:
        self.decibels = 0.0
        """The gain as it is now."""
        self._wanted = 0.0
        self._pitch = Pitch()
        self._voiced = 0
        self._looks = False
        self._voice = 0
        self._power = 0.0
        self._frames = 0

    @property
    def hears_speech(self) -> bool:
        return self._voice > 0

    def process(self, sound: Sound, speaks: bool, noise: float, *, off: bool, most: float) -> Sound:
        """One frame. `speaks` says that the sound may come from the hall, `noise` is the mean
        square of the noise in it. While `off` the gain is on its way to 0 dB; it never is more
        than `most` dB."""
        self._looks = not self._looks
        self._pitch.add(sound)
        if self._looks:
            self._voiced = self._voiced + _EVERY if self._pitch.is_there() else 0
        has_voice = speaks and _BEGINS <= self._voiced < _HUMS
        self._voice = _AFTER if has_voice else max(0, self._voice - 1)
        if off:
            self._turn_to(0.0, _GLIDE, _GLIDE)
        else:
            if self._voice and speaks:
                self._follow(float(sound @ sound) / FRAME)
            noisy = 10 * math.log10(noise + 1e-10)
            most = min(most, MOST, max(_QUIET_NOISE - noisy, 0.0))
            self._turn_to(min(self._wanted, most), _GLIDE, _LOWER_FAST)
        return self._applied(sound)

    def _follow(self, power: float) -> None:
        self._frames = min(self._frames + 1, _MEMORY)
        share = 1 / self._frames
        if power > _LOUDER * self._power:
            share = max(share, 0.03)
        elif power < 0.03 * self._power:
            return  # a pause
        self._power += share * (power - self._power)
        if self._frames < _AFTER:
            return
        off = TARGET - 10 * math.log10(self._power + 1e-10) - self._wanted
        if off > _CLOSE:
            self._wanted = min(self._wanted + _RAISE, MOST)
        elif off < -_TOO_LOUD:
            self._wanted = max(self._wanted - _LOWER_FAST, LEAST)
        elif off < -_CLOSE:
            self._wanted = max(self._wanted - _LOWER, LEAST)

    def _turn_to(self, decibels: float, up: float, down: float) -> None:
        self._before = self.decibels
        self.decibels += min(max(decibels - self.decibels, -down), up)

    def _applied(self, sound: Sound) -> Sound:
        first, last = 10 ** (self._before / 20), 10 ** (self.decibels / 20)
        if first == last:
            return sound * np.float32(last) if last != 1 else sound
        return sound * np.linspace(first, last, len(sound), dtype=np.float32)
