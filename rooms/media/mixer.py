"""Adds voices: everybody hears all the others and never himself.

mix = Mix({"hall": hall, "a": a, "b": b})
limiter.limit(mix.all())            # for those who are silent: one for all of them
limiter_of_a.limit(mix.without("a"))     # for a
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from devices.device import Samples
from rooms.media.opus import FRAME_SAMPLES

SPEAKING_DBFS = -45.0
HEARD_DBFS = -60.0
HANGOVER_SAMPLES = 28_800
"""A voice stays in the mix for 600 ms after its last sound, so that no ending is cut off."""
_FULL_SCALE = 32_767.0
_KNEE = 0.75 * _FULL_SCALE
_ATTACK_SAMPLES = 240
_RECOVERS = 0.02
"""Of the gain in 20 ms."""
_RISING_KEEPS, _FALLING_KEEPS = 0.7, 0.95
"""Of a smoothed level, in 20 ms."""


def level(samples: Samples) -> float:
    """Root mean square in dBFS, -100 for digital silence."""
    mean_square = float(np.mean(np.square(samples, dtype=np.float32)))
    return max(-100.0, 10 * float(np.log10(mean_square / _FULL_SCALE**2 + 1e-10)))


class Mix:
    """The sum of what is to be heard in these 10 or 20 ms."""

    def __init__(self, inputs: Mapping[str, Samples], samples: int = FRAME_SAMPLES) -> None:
        self._inputs = inputs
        self._sum: NDArray[np.int32] = np.zeros(samples, np.int32)
        for voice in inputs.values():
            self._sum += voice

    def all(self) -> NDArray[np.int32]:
        return self._sum

    def without(self, name: str) -> NDArray[np.int32]:
        own = self._inputs.get(name)
        return self._sum if own is None else self._sum - own

    def of(self, names: Iterable[str]) -> NDArray[np.int32]:
        """Of these alone."""
        total: NDArray[np.int32] = np.zeros_like(self._sum)
        for name in names:
            total += self._inputs[name]
        return total


class Limiter:
    """Brings one listener's sums into 16 bits. What would be over three quarters of full scale is
    turned down within 5 ms and up again within a second; a single voice passes unchanged."""

    def __init__(self) -> None:
        self._gain = 1.0

    def limit(self, total: NDArray[np.int32]) -> Samples:
        before = self._gain
        peak = max(1, int(np.abs(total).max()))
        recovered = before + _RECOVERS * len(total) / FRAME_SAMPLES
        self._gain = min(1.0, _KNEE / peak, recovered)
        if before == self._gain == 1.0:
            return total.astype(np.int16)
        turned = np.full(len(total), self._gain, np.float32)
        fade = _ATTACK_SAMPLES if self._gain < before else len(total)
        turned[:fade] = np.linspace(before, self._gain, fade, dtype=np.float32)
        return _bend(total * turned)


def _bend(loud: NDArray[np.float32]) -> Samples:
    """What the limiter was too slow for bends instead of breaking."""
    knee = _KNEE
    room = _FULL_SCALE - knee
    over = np.maximum(np.abs(loud) - knee, 0.0)
    bent = np.sign(loud) * (knee + room * np.tanh(over / room))
    return np.where(over > 0, bent, loud).astype(np.int16)


class Speaking:
    """Tells who speaks from one level every 10 or 20 ms each; remembers a little, so that a pause
    between two words does not end it."""

    def __init__(self) -> None:
        self._levels: dict[str, float] = {}
        self._hangover: dict[str, int] = {}
        self._quiet: dict[str, int] = {}

    def hear(self, name: str, dbfs: float, samples: int = FRAME_SAMPLES) -> bool:
        """Note the level of so many; tells whether this voice belongs into the mix."""
        smooth = self._levels.get(name, -100.0)
        kept = _RISING_KEEPS if dbfs > smooth else _FALLING_KEEPS
        self._levels[name] = dbfs + kept ** (samples / FRAME_SAMPLES) * (smooth - dbfs)
        if dbfs > HEARD_DBFS:
            self._quiet[name] = HANGOVER_SAMPLES
        else:
            self._quiet[name] = max(0, self._quiet.get(name, 0) - samples)
        if self._levels[name] > SPEAKING_DBFS:
            self._hangover[name] = HANGOVER_SAMPLES
        else:
            self._hangover[name] = max(0, self._hangover.get(name, 0) - samples)
        return self._quiet[name] > 0

    def forget(self, name: str) -> None:
        for table in (self._levels, self._hangover, self._quiet):
            table.pop(name, None)

    def now(self) -> tuple[str, ...]:
        """Who speaks, loudest first."""
        names = [name for name, left in self._hangover.items() if left]
        return tuple(sorted(names, key=lambda name: -self._levels[name]))
