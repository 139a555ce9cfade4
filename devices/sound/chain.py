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
from devices.sound.howl import SPAN
from devices.sound.howl_guard import HowlGuard
from devices.sound.limiter import Limiter

FULL_SCALE = 32768
LOWEST = {False: 60.0, True: 20.0}
"""Hz that are let through without and with music. Below 60 there is a street and the knocking on a
table; higher, it would begin to turn the phases of a man's voice."""


class SoundChain:
    LATENCY = canceller.LATENCY + limiter.LATENCY
    """Samples by which a sound comes out later than it went in."""

    def __init__(self, *, automatic: bool = True) -> None:
        """Not `automatic`: the gain stays at 0 dB."""
        self._automatic = automatic
        self._high_passes = {music: Biquad(high_pass(hertz)) for music, hertz in LOWEST.items()}
        self._had_music = False
        self.canceller = EchoCanceller()
        self.gain = AutomaticGain()
        self.howls = HowlGuard()
        self.music = False
        """What is heard is music: nothing that is made for speech touches it."""
        self._duck = 1.0
        self._limiter = Limiter()

    def process(self, microphone: Samples, played: Samples) -> Samples:
        """One frame. `played` is what went to the loudspeaker since the last one, after the volume:
        the reference for what is taken out again. It is one frame, too, but now and then two or
        none, where the clocks of two sound cards differ."""
        heard = self._without_rumble(to_sound(microphone))
        sound = self.canceller.process(heard, to_sound(played), music=self.music)
        self.howls.process(
            self.canceller.last_heard(SPAN), watches=not self.music, plays=self.canceller.plays
        )
        sound = self.gain.process(
            sound,
            self.canceller.speaks,
            self.canceller.noise,
            off=self.music or not self._automatic,
            # A howl is no reason to make anything louder.
            most=MOST if self.howls.howl is None else self.gain.decibels,
        )
        for tone in self.howls.sent:
            sound = tone.process(sound).astype(np.float32)
        return to_samples(self._limiter.process(self._turned_down(sound)))

    def _without_rumble(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        before, self._had_music = self._had_music, self.music
        out = self._high_passes[self.music].process(sound)
        if before is not self.music:
            last = self._high_passes[before].process(sound)
            out = last + np.linspace(0, 1, len(sound)) * (out - last)
        return out.astype(np.float32)

    def _turned_down(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        before, self._duck = self._duck, 10 ** (self.howls.duck_of_sent / 20)
        if before == self._duck == 1:
            return sound
        return sound * np.linspace(before, self._duck, len(sound), dtype=np.float32)


def to_sound(samples: Samples) -> NDArray[np.float32]:
    """Full scale at 1."""
    return samples.astype(np.float32) * np.float32(1 / FULL_SCALE)


def to_samples(sound: NDArray[np.float32]) -> Samples:
    """What is beyond full scale stays there: wrapping around would be a loud click."""
    whole = np.rint(sound * np.float32(FULL_SCALE))
    samples: Samples = np.clip(whole, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return samples
