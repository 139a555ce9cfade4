"""Whether a loudspeaker rattles, by what it adds to a chirp.

Of a sweep that rises exponentially, what comes back at n times the frequency that was given stands
behind the deconvolution L·ln n before the impulse response, L = duration / ln(highest / lowest)
(Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique",
AES 108, 2000). Every cheap loudspeaker adds the second and the third. An amplifier that clips, a
loose screw, a torn cone add the higher ones, too, and those are what is looked for: each begins at
its own moment, which the sounds of the hall do not.
"""

import numpy as np

from devices.sound.chirp import HIGH, LOWEST, SECONDS, Sound, deconvolved

_RATE = 16000
_EARLIER = 1.0
"""Seconds before time zero that are looked at."""
_LOW, _TOP = 250.0, 7000.0
"""Hz."""
_NUMBERS = np.arange(4, 10)
_WINDOW, _LEAD = 0.010, 0.002
"""Seconds that each is summed over, and by which that begins earlier."""
_BEFORE = 0.012
"""So much before them it is looked how loud it is there anyway."""
_LEAST = -33.0
"""dB of all of them to the first sound from the loudspeaker. Overdriven softly, which adds 6 % of
the third, a loudspeaker has -45; one that clips 2 dB of its peaks has -30."""
_RISE, _RISE_OF_TWO = 2.5, 4.0
"""dB by which they are above what is there anyway: in the mean, and two of them at least."""
_SPREAD = (-6.0, 12.0)
"""dB that one counts: none rattles alone."""
_ENOUGH = 0.003
"""Peak of what was played; softer, the steps of its samples would look like a rattle."""


def rattles(played: Sound, heard: Sound, delay: float) -> bool:
    """Of a chirp of `chirp()` as it is by default, found in `heard` so many seconds late. Takes
    some 10 ms."""
    found = deconvolved(played, heard)
    if found is None or float(np.abs(played).max()) < _ENOUGH:
        return False
    response, size = found
    frequency = np.fft.rfftfreq(size, 1 / _RATE)
    response = response * ((frequency >= _LOW) & (frequency < _TOP))
    early = round(_EARLIER * _RATE)
    energy = np.square(np.roll(np.fft.irfft(response, size), early)[: 2 * early])
    sums = np.concatenate([[0.0], np.cumsum(energy)])

    def around(seconds: float) -> float:
        begin = early + round((seconds - _LEAD) * _RATE)
        return float(sums[begin + round(_WINDOW * _RATE)] - sums[begin])

    first = around(delay)
    moments = delay - SECONDS / np.log(HIGH / LOWEST) * np.log(_NUMBERS)
    now = np.array([around(moment) for moment in moments])
    before = np.array([around(moment - _BEFORE) for moment in moments])
    share = float((now - before).sum()) / (first + 1e-12)
    rises = np.clip(10 * np.log10((now + 1e-12) / (before + 1e-12)), *_SPREAD)
    return bool(
        share > 10 ** (_LEAST / 10) and rises.mean() > _RISE and np.sort(rises)[-2] > _RISE_OF_TWO
    )
