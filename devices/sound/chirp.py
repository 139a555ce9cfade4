"""Finds the loudspeaker in the microphone, by a chirp that was played: how late, how loud.

    found = find_chirp(played, heard)    # two recordings of the same time

A logarithmic chirp (Farina, "Simultaneous measurement of impulse response and distortion with a
swept-sine technique", AES 108, 2000) holds all frequencies at a low peak; regularised deconvolution
makes the hall's impulse response of it, over which noise is spread out. Somebody who speaks or
claps is not noise but bursts: each is early in one band and late in another, as the chirp is. So
the loudspeaker is where many bands, each for itself, begin at once.

Pure computation: the sound process and a rehearsal call it alike. Takes some 50 ms.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RATE = 48000
SECONDS = 1.0
LOWEST, HIGH = 200.0, 8000.0
"""Hz."""
LATEST = 0.6
"""Seconds by which the loudspeaker may be heard later than it was played."""

Sound = NDArray[np.float32]
"""At 48 kHz, full scale at 1."""

_RATE = 16000
_BIN = 16
"""Samples: 1 ms."""
_BINS = round(LATEST * _RATE) // _BIN
_EDGES = np.geomspace(250, 7000, 11)
"""Hz, of the bands."""
_EARLY = 8
"""Bins that the beginning lasts."""
_APART, _BEFORE = 4, 100
"""So many bins before it, and for so long, a band is quieter."""
_MOST = 20.0
"""Times by which it counts at most: no band finds a loudspeaker alone."""
_CLEAR = 1.45
"""Mean of their logarithms, 6 dB. Speech, music, claps, hum and noise stay below 1.3; an echo of
10 dB below them is above 1.55."""
_LASTS = 300
"""Bins for which the hall may go on sounding."""


@dataclass(frozen=True, slots=True)
class Found:
    delay: float
    """Seconds from what was played to the first of it that the microphone heard."""
    echo: float
    """dB by which the microphone has it louder than it was played; mostly negative."""


def chirp(seconds: float = SECONDS, peak: float = 0.18, low: float = LOWEST) -> Sound:
    """From `low` to 8000 Hz, faded in and out over 20 ms; `peak` of full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    growth = np.log(HIGH / low)
    phase = 2 * np.pi * low * seconds / growth * np.expm1(time / seconds * growth)
    fade = np.clip(np.minimum(time, time[::-1]) / 0.02, 0, 1)
    return np.asarray(peak * fade * np.sin(phase), np.float32)


def find_chirp(played: Sound, heard: Sound) -> Found | None:
    """None where it is not heard. The recordings are of one length; nothing but chirps is played
    in them, and nothing in their last `LATEST` seconds."""
    if (found := deconvolved(played, heard)) is None:
        return None
    response, size = found
    frequency = np.fft.rfftfreq(size, 1 / _RATE)
    whole = (frequency >= _EDGES[0]) & (frequency < _EDGES[-1])
    bands = np.stack(
        [
            _energy(response * ((frequency >= low) & (frequency < high)), size)
            for low, high in pairwise(_EDGES)
        ]
    )
    begins = _beginnings(bands)
    at = int(np.argmax(begins))
    if begins[at] < _CLEAR:
        return None
    energy = _energy(response * whole, size)[_APART + _BEFORE :]
    near = energy[at : at + 2 * _EARLY]
    at += int(np.argmax(near > 0.2 * near.max()))
    echo = energy[max(0, at - _APART) : at + _LASTS]
    left = float(echo.sum() - len(echo) * np.percentile(energy, 20))
    return Found(at * _BIN / _RATE, 10 * float(np.log10(max(left, 1e-12))))


def deconvolved(played: Sound, heard: Sound) -> tuple[NDArray[np.complexfloating], int] | None:
    """The spectrum of the impulse response from the one to the other at 16 kHz, as of a real
    transform of so many samples; None where nothing was played."""
    # Their import takes a second, and a sound process that starts again is waited for.
    from scipy.fft import next_fast_len  # noqa: PLC0415
    from scipy.signal import resample_poly  # noqa: PLC0415

    reference, sound = (resample_poly(one, 1, 3) for one in (played, heard))
    size = int(next_fast_len(2 * len(reference), real=True))
    frequency = np.fft.rfftfreq(size, 1 / _RATE)
    spectrum = np.fft.rfft(reference, size)
    power = spectrum.real**2 + spectrum.imag**2
    floor = 0.03 * float(power[(frequency >= _EDGES[0]) & (frequency < _EDGES[-1])].mean())
    if floor < 1e-6:
        return None
    return spectrum.conj() * np.fft.rfft(sound, size) / (power + floor), size


def _energy(response: NDArray[np.complexfloating], size: int) -> NDArray[np.float64]:
    """Of each bin, from `_APART + _BEFORE` bins before time zero on."""
    early = (_APART + _BEFORE) * _BIN
    whole = np.roll(np.fft.irfft(response, size), early)[: early + (_BINS + _EARLY) * _BIN]
    return np.asarray(np.square(whole).reshape(-1, _BIN).sum(axis=1), np.float64)


def _beginnings(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each bin from time zero on, by how much all bands are louder from there on than before:
    the mean of their logarithms."""
    sums = np.cumsum(np.pad(bands, ((0, 0), (1, 0))), axis=1)
    at = np.arange(_BINS) + _APART + _BEFORE
    now = (sums[:, at + _EARLY] - sums[:, at]) / _EARLY
    before = (sums[:, at - _APART] - sums[:, at - _APART - _BEFORE]) / _BEFORE
    rise = np.clip(now / (before + 1e-20), 1 / _MOST, _MOST)
    mean: NDArray[np.float64] = np.log(rise).mean(axis=0)
    return mean
