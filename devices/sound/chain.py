"""From what the microphone picked up to what remote ears hear.

microphone ──> high-pass ──> EchoCanceller ──> AutomaticGain ──> Limiter ──> daemon
"""

import numpy as np
from numpy.typing import NDArray

from devices.device import Samples
from devices.sound import limiter
from devices.sound.echo import canceller
from devices.sound.echo.canceller import EchoCanceller
from devices.sound.filters import Biquad, high_pass
from devices.sound.gain import MOST, AutomaticGain
from devices.sound.limiter import Limiter

FULL_SCALE = 32768
RUMBLE = 60.0
"""Hz, below which there is a street and the knocking on a table. Higher, it would begin to turn the
phases of a man's voice."""


class SoundChain:
    LATENCY = canceller.LATENCY + limiter.LATENCY
    """Samples by which a sound comes out later than it went in."""

    def __init__(self, *, automatic: bool = True) -> None:
        """Not `automatic`: the gain stays at 0 dB."""
        self._automatic = automatic
        self._high_pass = Biquad(high_pass(RUMBLE))
        self.canceller = EchoCanceller()
        self.gain = AutomaticGain()
        self._limiter = Limiter()

    def process(self, microphone: Samples, played: Samples) -> Samples:
        """One frame. `played` is what went to the loudspeaker since the last one, after the volume:
        the reference for what is taken out again. It is one frame, too, but now and then two or
        none, where the clocks of two sound cards differ."""
        heard = self._high_pass.process(to_sound(microphone)).astype(np.float32)
        sound = self.canceller.process(heard, to_sound(played))
        sound = self.gain.process(
            sound, self.canceller.speaks, self.canceller.noise, off=not self._automatic, most=MOST
        )
        return to_samples(self._limiter.process(sound))


def to_sound(samples: Samples) -> NDArray[np.float32]:
    """Full scale at 1."""
    return samples.astype(np.float32) * np.float32(1 / FULL_SCALE)


def to_samples(sound: NDArray[np.float32]) -> Samples:
    """What is beyond full scale stays there: wrapping around would be a loud click."""
    whole = np.rint(sound * np.float32(FULL_SCALE))
    samples: Samples = np.clip(whole, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return samples
