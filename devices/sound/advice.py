"""What is wrong with the sound in the hall, told from seconds of it and never from one moment.

    advice = Advice()
    advice.played(frame, gain)   # every 10 ms, as it came, and the volume that it is played at
    advice.heard(frame)          # every 10 ms, as the microphone gave it
    advice.news()                # [(Kind.MICROPHONE, Cause("sound.microphone_clipped"))]

It looks at the microphone's own sound, before echo canceller and gain control, in blocks of 100 ms.
Each complaint comes and goes at different thresholds, so that it does not flicker. What it cannot
know it does not say: a quiet hall is no quiet microphone until somebody speaks in it.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from base.cause import Cause
from devices.device import Kind, Samples

FRAMES: Final = 10
"""In a block of 100 ms."""
RATE: Final = 8000
"""Hz, at which speech and hum are looked for."""
_FULL: Final = 32600
"""A sample beyond this is as loud as there is."""
_DEAD: Final = 2
"""Between lowest and highest sample of a block: not even the noise of an amplifier."""
_FAINT: Final = 8
"""Peak of a block, -72 dBFS: no hall with people in it is as quiet for long."""
_ALIVE: Final = 12
_SPEECH_RISES: Final = 8.0
"""dB above what the hall sounds like anyway."""
_VOICED: Final = 0.45
"""Of a block's power repeats with the pitch of a voice."""
_LOUDSPEAKER_SOUNDS: Final = 100
"""Peak, -50 dBFS."""
_LOUDSPEAKER_LOUD: Final = 1000
"""Peak, -30 dBFS."""
_TAIL: Final = 6
"""Blocks in which the hall still sounds of what was played."""
_QUIET_DBFS: Final = -48.0
_NOT_QUIET_DBFS: Final = -44.0
_HUM_DBFS: Final = -55.0

_WINDOW: Final = 1200
"""Blocks that are remembered: two minutes."""


@dataclass(frozen=True, slots=True)
class _Block:
    peak: int
    dead: bool
    clipped: bool
    driven: bool
    """The loudspeaker was loud."""
    dbfs: float
    alone: bool
    """The loudspeaker was silent, and its echo over."""
    voiced: bool


class Advice:
    """`played` may be called on another thread; everything else belongs to one."""

    def __init__(self) -> None:
        self._microphone = _Microphone()
        self._loudspeaker = _Loudspeaker()
        self._muted: set[Kind] = set()
        self._told: dict[Kind, Cause | None] = {}

    def played(self, frame: Samples, gain: float) -> None:
        self._loudspeaker.add(frame, gain)

    def heard(self, frame: Samples) -> None:
        self._microphone.add(frame, self._loudspeaker.taken_peak())

    def microphone_opened(self) -> None:
        """Forget what was heard before."""
        self._microphone = _Microphone()

    def muted(self, kind: Kind, muted: bool) -> None:
        """By a button on the device or in the system's mixer: this goes before what is heard."""
        (self._muted.add if muted else self._muted.discard)(kind)

    def news(self) -> list[tuple[Kind, Cause | None]]:
        """What has changed since the last call."""
        now: dict[Kind, Cause | None]
        now = {Kind.MICROPHONE: self._microphone.cause, Kind.LOUDSPEAKER: self._loudspeaker.cause}
        now |= {kind: Cause(f"sound.{kind}_muted") for kind in self._muted}
        changed = [(kind, cause) for kind, cause in now.items() if self._told.get(kind) != cause]
        self._told = dict(now)
        return changed


class _Loudspeaker:
    """What comes to be played: whether it is torn already."""

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self._peak = 0.0
        self._full = 0
        self._frames = 0
        self._clipped: deque[bool] = deque(maxlen=150)

    def add(self, frame: Samples, gain: float) -> None:
        peak = max(int(frame.max()), -int(frame.min()))
        self._peak = max(self._peak, peak * gain)
        if peak >= _FULL:
            self._full += _full(frame)
        self._frames += 1
        if self._frames == FRAMES:
            self._clipped.append(self._full >= 5)
            self._frames = self._full = 0
            torn = _torn(self._clipped, self.cause is not None)
            self.cause = Cause("sound.loudspeaker_clipped") if torn else None

    def taken_peak(self) -> float:
        """Of what left the loudspeaker since the last call."""
        peak, self._peak = self._peak, 0.0
        return peak


class _Microphone:
    def __init__(self) -> None:
        self.cause: Cause | None = None
        self._buffer = np.zeros(FRAMES * 480, np.int16)
        self._frames = 0
        self._played = 0.0
        self._since_played = _TAIL
        self._since_loud = _TAIL
        self._blocks: deque[_Block] = deque(maxlen=_WINDOW)
        self._second: list[NDArray[np.float32]] = []
        self._hums: deque[bool] = deque(maxlen=8)
        self._silent = self._clips = self._hum = self._quiet = False

    def add(self, frame: Samples, played: float) -> None:
        """`played` is the peak of what left the loudspeaker meanwhile."""
        at = self._frames * 480
        self._buffer[at : at + 480] = frame
        self._played = max(self._played, played)
        self._frames += 1
        if self._frames == FRAMES:
            self._look(self._buffer)
            self._frames, self._played = 0, 0.0

    def _look(self, samples: Samples) -> None:
        slow: NDArray[np.float32] = samples.reshape(-1, 48000 // RATE).mean(1, np.float32)
        self._since_played = 0 if self._played > _LOUDSPEAKER_SOUNDS else self._since_played + 1
        self._since_loud = 0 if self._played > _LOUDSPEAKER_LOUD else self._since_loud + 1
        low, high = int(samples.min()), int(samples.max())
        peak = max(high, -low)
        self._blocks.append(
            _Block(
                peak=peak,
                dead=high - low <= _DEAD,
                clipped=peak >= _FULL and _full(samples) >= 5,
                driven=self._since_loud < _TAIL,
                dbfs=_dbfs(slow),
                alone=self._since_played >= _TAIL,
                voiced=_is_voiced(slow),
            )
        )
        self._second.append(slow)
        if len(self._second) == 10:
            self._look_at_second(np.concatenate(self._second))
            self._second.clear()

    def _look_at_second(self, second: NDArray[np.float32]) -> None:
        recent = self._last(300)
        self._silent = _is_silent(recent, self._silent)
        self._clips = _torn([block.clipped for block in recent[-150:]], self._clips)
        floor = float(np.percentile([block.dbfs for block in recent], 10))
        spoken = floor + _SPEECH_RISES
        if all(block.alone and block.dbfs < spoken for block in recent[-10:]):
            self._hums.append(_is_hum(second))
        self._hum = sum(self._hums) > (2 if self._hum else 5)
        self._quiet = self._is_quiet(spoken)
        self.cause = self._worst(recent)

    def _is_quiet(self, spoken: float) -> bool:
        """Somebody has spoken for a while, and hardly ever loud enough. Who murmurs far from the
        microphone is no sign as long as others were heard well."""
        voices = [b.dbfs for b in self._blocks if b.voiced and b.alone and b.dbfs > spoken]
        if len(voices) < (30 if self._quiet else 60):
            return False
        loudest = float(np.percentile(voices, 90))
        return loudest < (_NOT_QUIET_DBFS if self._quiet else _QUIET_DBFS)

    def _worst(self, recent: list[_Block]) -> Cause | None:
        if self._silent:
            return Cause("sound.microphone_silent")
        if self._clips:
            clipped = [block.driven for block in recent[-150:] if block.clipped]
            # Half of it: who speaks over an official is loud by himself.
            driven = sum(clipped) > len(clipped) / 2
            return Cause(f"sound.microphone_{'overdriven' if driven else 'clipped'}")
        if self._hum:
            return Cause("sound.microphone_hums")
        return Cause("sound.microphone_quiet") if self._quiet else None

    def _last(self, count: int) -> list[_Block]:
        blocks = self._blocks
        return list(islice(blocks, max(0, len(blocks) - count), None))


def _full(samples: Samples) -> int:
    """Samples that are as loud as there is."""
    return int(np.count_nonzero((samples >= _FULL) | (samples <= -_FULL)))


def _torn(clipped: deque[bool] | list[bool], was: bool) -> bool:
    """Almost a second of the last ten is torn: a knock or a hand on the microphone is not."""
    if was:
        return sum(clipped) > 1
    return sum(islice(clipped, max(0, len(clipped) - 100), None)) >= 8


def _is_silent(recent: list[_Block], was: bool) -> bool:
    if was:
        return sum(block.peak > _ALIVE for block in recent[-10:]) < 5
    dead = len(recent) >= 50 and all(block.dead for block in recent[-50:])
    return dead or (len(recent) == 300 and all(block.peak < _FAINT for block in recent))


def _dbfs(samples: NDArray[np.float32]) -> float:
    steady = samples - samples.mean()
    return float(10 * np.log10(np.mean(steady * steady) / 32768**2 + 1e-10))


def _is_voiced(samples: NDArray[np.float32]) -> bool:
    """100 ms at 8 kHz: whether they repeat at the pitch of a voice, 80 to 400 Hz."""
    power = np.abs(np.fft.rfft(samples, 1600)) ** 2
    power[:14] = 0  # below 70 Hz: rumble
    power[200:] = 0  # above 1 kHz: hiss
    repeats = np.fft.irfft(power)
    return bool(repeats[20:100].max() > _VOICED * repeats[0] + 1e-9)


def _is_hum(second: NDArray[np.float32]) -> bool:
    """One second at 8 kHz: whether it is the mains, 50 Hz and its multiples. What hums in the air,
    a fan or a transformer, has the even ones alone."""
    power = np.abs(np.fft.rfft(second * np.hanning(len(second)))) ** 2
    near = (np.arange(1001) + 2) % 50 <= 4  # within 2 Hz of a multiple
    number = (np.arange(1001) + 25) // 50
    band = power[:1001] * (np.arange(1001) >= 40)
    whole = float(band.sum()) + 1e-9
    lines = float(band[near].sum())
    odd = float(band[near & (number % 2 == 1)].sum())
    return _dbfs(second) > _HUM_DBFS and lines > 0.6 * whole and odd > 0.2 * whole
