"""Notices that the hall howls: a loop of microphone and loudspeaker that is louder each time round.

A howl is one tone that stands far above its neighbours, has no partials, keeps its pitch to a
tenth of a percent, and either grows evenly or stays (the criteria that T. van Waterschoot and
M. Moonen compare in "Fifty years of acoustic feedback control", Proc. IEEE 99, 2011: peak to
neighbours, peak to harmonics, persistence, and the slope's deviation). Voices and instruments have
partials, their pitch wavers, or their tones die away; where several are in tune, it is music. What
takes long to come round is no single tone: see `rounds.Rounds`.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.rates import Sound
from devices.sound.fourier import rfft

SPAN = 1024
"""Samples at 16 kHz that are looked at, 64 ms."""
EVERY = 2
"""Frames of 10 ms from look to look."""
_HERTZ = 16000 / SPAN
_FIRST, _LAST = 11, 440
"""Bins: 170 Hz to 6.9 kHz."""
_STANDS_OUT = 15.0
"""dB above what is 60 to 100 Hz away."""
_LEAST = -62.0
"""dBFS."""
_MOST_TONES = 5
_SAME = 0.8
"""Bins that a tone may have moved from one look to the next."""
_PATIENCE = 2
"""Looks in which it may be missing."""
_LOOKS = 15
"""0.3 s that say whether a tone keeps its pitch."""
_GROWS = ((8, 1.0), (15, 1.0), (30, 1.2), (50, 2.0))
"""Looks in which a howl may grow by `_RISE`, and dB that it may differ from growing evenly: long
ways round make steps."""
_RISE = 9.0
_SOME = -1.0
"""dB in the last looks, below which nothing grows."""
_UNEVEN = 0.015
"""The same for each dB a second, because a look blurs what is fast."""
_KEEPS = 0.0012
_KEEPS_HERTZ = 0.8
"""Standard deviation, of the pitch or in Hz."""
_ALONE = 15.0
"""dB above its partials."""
_LOUD, _LOUD_STAYING = -48.0, -38.0
"""dBFS from which on a tone counts that grows, or stays."""
_STAYS = 125
"""Looks for which one stays that was not seen to grow: 2.5 s."""
_WAVERS = 1.5
"""dB by which its level may differ meanwhile."""
_DOMINATES = 10.0
"""dB above all the rest together."""
_BESIDE = 25.0
"""dB below it, from which on other tones count."""
_FEW = 6
_RATIOS = (4, 3, 2, 3 / 2, 4 / 3, 3 / 4, 2 / 3, 1 / 2, 1 / 3, 1 / 4)
_IN_TUNE = 0.004


@dataclass(slots=True)
class _Tone:
    hertz: deque[float] = field(default_factory=lambda: deque(maxlen=_STAYS))
    levels: deque[float] = field(default_factory=lambda: deque(maxlen=_STAYS))
    alone: deque[float] = field(default_factory=lambda: deque(maxlen=_STAYS))
    """dB above the strongest of its partials."""
    above: float = 0.0
    """dB above all the rest."""
    missing: int = 0

    def keeps_pitch(self, looks: int) -> bool:
        if len(self.hertz) < looks:
            return False
        last = np.array(self.hertz)[-looks:]
        return float(last.std()) < max(_KEEPS_HERTZ, _KEEPS * float(last.mean()))

    def has_partials(self, others: "list[_Tone]") -> bool:
        ratios = (other.hertz[-1] / self.hertz[-1] for other in others)
        return any(abs(ratio / one - 1) < _IN_TUNE for ratio in ratios for one in _RATIOS)

    def is_alone(self, looks: int) -> bool:
        return float(np.median(np.array(self.alone)[-looks:])) > _ALONE

    def grows(self) -> bool:
        """By a straight line, in dB."""
        if len(self.levels) < _GROWS[0][0] or self.levels[-1] < self.levels[-_FEW] + _SOME:
            return False
        every = np.array(self.levels)
        for looks, uneven in _GROWS:
            if len(every) < looks:
                return False
            levels = every[-looks:]
            at = (np.arange(looks) - (looks - 1) / 2) * 0.01 * EVERY
            slope = float(at @ levels / (at @ at))
            off = float((levels - levels.mean() - slope * at).std())
            if (
                slope * looks * 0.01 * EVERY > _RISE
                and off < uneven + _UNEVEN * slope
                and self.keeps_pitch(looks)
            ):
                return True
        return False

    def stays(self) -> bool:
        levels = np.array(self.levels)
        if len(levels) < _STAYS or self.above < _DOMINATES:
            return False
        if not (self.keeps_pitch(_STAYS) and self.is_alone(_STAYS)):
            return False
        half = len(levels) // 2
        falls = float(levels[:half].mean() - levels[half:].mean())
        return float(levels.std()) < _WAVERS and falls < 0.7


class HowlDetector:
    def __init__(self) -> None:
        window = np.hanning(SPAN + 1)[:-1]
        self._window = (window * 2 / window.sum()).astype(np.float32)
        self._tones: list[_Tone] = []
        self._levels: NDArray[np.float32] = np.full(SPAN // 2 + 1, -120, np.float32)
        self.power: NDArray[np.float32] = np.full(SPAN // 2 + 1, 1e-12, np.float32)
        """The spectrum of the last look, 1 for a tone of full scale."""

    def look(self, heard: Sound, *, plays: bool = False) -> tuple[float, float] | None:
        """The howl's pitch in Hz and its level in dBFS. `heard` are the last `SPAN` samples at
        16 kHz; to be called every `EVERY` frames. While something `plays`, a tone that only stays
        is none: somebody far away may have it."""
        spectrum = rfft(heard * self._window)
        power = self.power = spectrum.real**2 + spectrum.imag**2 + np.float32(1e-12)
        levels = self._levels = 10 * np.log10(power)
        total = float(power[_FIRST - 4 :].sum())
        self._follow(power, levels, total)
        now = [tone for tone in self._tones if not tone.missing]
        steady = [tone for tone in now if tone.keeps_pitch(_FEW)]
        for tone in now:
            level = tone.levels[-1]
            others = [o for o in steady if o is not tone and o.levels[-1] > level - _BESIDE]
            growing = level > _LOUD and not tone.has_partials(others) and tone.grows()
            if growing or (level > _LOUD_STAYING and not (plays or others) and tone.stays()):
                return tone.hertz[-1], level
        return None

    def strongest(self) -> tuple[float, float]:
        """Pitch in Hz and level in dBFS of what was loudest in the last look."""
        peak = _FIRST + int(np.argmax(self._levels[_FIRST:_LAST]))
        return peak * _HERTZ, float(self._levels[peak])

    def level_at(self, hertz: float) -> float:
        """dBFS there in the last look."""
        peak = round(hertz / _HERTZ)
        return float(self._levels[peak - 1 : peak + 2].max())

    def _follow(
        self, power: NDArray[np.float32], levels: NDArray[np.float32], total: float
    ) -> None:
        for tone in self._tones:
            tone.missing += 1
        for peak in _peaks(levels):
            a, b, c = levels[peak - 1 : peak + 2]
            hertz = (peak + 0.5 * float((a - c) / (a - 2 * b + c - 1e-9))) * _HERTZ
            tone = self._known(hertz)
            own = float(power[peak - 2 : peak + 3].sum())
            tone.hertz.append(hertz)
            tone.levels.append(float(b))
            tone.alone.append(float(b) - _partials(levels, hertz / _HERTZ))
            tone.above = 10 * np.log10(own / max(total - own, 1e-12))
            tone.missing = 0
        self._tones = [tone for tone in self._tones if tone.missing <= _PATIENCE]

    def _known(self, hertz: float) -> _Tone:
        for tone in self._tones:
            if tone.missing and abs(tone.hertz[-1] - hertz) < _SAME * _HERTZ:
                return tone
        self._tones.append(tone := _Tone())
        return tone


def _peaks(levels: NDArray[np.float32]) -> list[int]:
    here = levels[_FIRST:_LAST]
    beside = np.maximum.reduce(
        [levels[_FIRST + off : _LAST + off] for off in (-6, -5, -4, 4, 5, 6)]
    )
    found = np.flatnonzero(
        (here > levels[_FIRST - 1 : _LAST - 1])
        & (here >= levels[_FIRST + 1 : _LAST + 1])
        & (here > beside + _STANDS_OUT)
        & (here > _LEAST)
    )
    strongest = found[np.argsort(here[found])[::-1][:_MOST_TONES]]
    return [int(at) + _FIRST for at in strongest]


def _partials(levels: NDArray[np.float32], at: float) -> float:
    """The strongest of those of a tone of which this one may be the first, second or third."""
    strongest = -120.0
    for ratio in (2.0, 0.5, 1.5, 1 / 3, 2 / 3):
        peak = round(at * ratio)
        if 5 < peak < len(levels) - 2:
            strongest = max(strongest, float(levels[peak - 1 : peak + 2].max()))
    return strongest
