"""Makes speech a few milliseconds longer or shorter without changing its pitch: a period of it is
left out or said twice, where it looks like the one beside it (waveform similarity overlap-add,
Verhelst and Roelands 1993).
"""

import numpy as np

from devices.device import Samples

FADE = 240
"""Samples over which one period goes over into another: 5 ms at 48 kHz."""
LONGEST = 600
"""Samples that are left out or added at once: the period of a voice of 80 Hz."""
ENOUGH = LONGEST + FADE
"""Samples at the beginning of a sound that are looked at."""
_SHORTEST = 120
_QUIET = 330
_COARSE = 3
_RISING = np.linspace(0, 1, FADE, dtype=np.float32)


def stretch(samples: Samples, wanted: int, alike: float) -> Samples:
    """Up to `wanted` samples longer, or shorter where it is negative, at the beginning; unchanged
    where nothing there is `alike` enough (correlation, -1 to 1) or there are under `ENOUGH`."""
    if len(samples) < ENOUGH:
        return samples
    period = _period(samples[:ENOUGH], min(abs(wanted), LONGEST), alike)
    if not period:
        return samples
    before, after = (samples, samples[period:]) if wanted < 0 else (samples[period:], samples)
    joined = before[:FADE] + _RISING * (after[:FADE].astype(np.float32) - before[:FADE])
    kept = samples[:0] if wanted < 0 else samples[:period]
    return np.concatenate((kept, joined.astype(np.int16), after[FADE:]))


def is_quiet(samples: Samples) -> bool:
    """Under -40 dBFS: nobody hears what is left out of it."""
    return max(int(samples.max()), -int(samples.min())) < _QUIET


def _period(start: Samples, most: int, alike: float) -> int:
    """By how many samples the beginning may be moved; 0 where by none."""
    if is_quiet(start):
        return most
    if most < _SHORTEST:
        return 0
    sound = start[: most + FADE].astype(np.float32)
    sound = sound[: len(sound) // _COARSE * _COARSE].reshape(-1, _COARSE).mean(axis=1)
    width = FADE // _COARSE
    likeness = np.correlate(sound, sound[:width])
    energies = np.cumsum(np.concatenate(([0.0], np.square(sound, dtype=np.float64))))
    energies = energies[width:] - energies[:-width]
    likeness = likeness / np.sqrt(energies * energies[0] + 1.0)
    first = _SHORTEST // _COARSE
    best = first + int(np.argmax(likeness[first:]))
    return best * _COARSE if likeness[best] >= alike else 0
