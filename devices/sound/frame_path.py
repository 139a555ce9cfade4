"""What happens to every 10 ms between the sound card and the daemon.

    daemon ── play ──> Elastic ──> Limiter ──> volume ──┬──> (system's mixer) ──> loudspeaker
                                                        │ played, as loud as the mixer lets it be
    daemon <── SoundChain.process(microphone, played) <── microphone

Nothing here knows PortAudio or sockets, so tests run it as it is.
"""

import math
from collections import deque

import numpy as np

from devices.device import ChirpHeard, Samples
from devices.sound.advice import Advice
from devices.sound.chain import FULL_SCALE, SoundChain, to_samples, to_sound
from devices.sound.elastic import Elastic
from devices.sound.howl_guard import HowlGuard
from devices.sound.limiter import Limiter
from devices.sound.probe import Probe
from devices.sound.protocol import FRAME, MOST_FRAMES

SILENCE = np.zeros(FRAME, np.int16)
SILENCE.flags.writeable = False
NOTHING = SILENCE[:0]

LOWEST = -100.0
"""dBFS shown for silence."""

_PLAYED_AT_START = 2
"""Frames that wait when the microphone gives its first."""
_SILENT = 33
"""Of 32768, -60 dBFS: what is softer, nobody in a hall misses."""
_SILENT_FRAMES = 50

_PLAYED_WAITING = 10
"""Frames between the two callbacks beyond which one more is taken."""


def gain(percent: int) -> float:
    """The volume's law, cubic as PulseAudio's: (percent/100)³, that is 60·log10 dB.

    100 is 0 dB, 70 is -9.3 dB, 50 is -18.1 dB, 0 is silence; equal steps sound about equal.
    """
    return float((percent / 100) ** 3)


def peak(frame: Samples) -> int:
    """The largest magnitude, 0 to 32768."""
    return max(int(frame.max()), -int(frame.min()))


def scaled(frame: Samples, before: float, now: float) -> Samples:
    """Times `now`; from `before` on over this frame, because a step in the volume clicks."""
    if before == now == 1:
        return frame
    factor = np.linspace(before, now, FRAME) if before != now else np.float32(now)
    louder: Samples = np.clip(frame * factor, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return louder


def dbfs(magnitude: int) -> float:
    """A peak in dB under full scale, -100 to 0."""
    if magnitude <= 0:
        return LOWEST
    return max(LOWEST, min(0.0, 20 * math.log10(magnitude / FULL_SCALE)))


class FramePath:
    """The state that the frames of both directions pass through."""

    def __init__(self) -> None:
        self.queue = Elastic(FRAME)
        self.chain = SoundChain()
        self._limiter = Limiter()
        self.advice = Advice()
        self.probe: Probe | None = None
        """Under way; the next one may be put here whenever there is none."""
        self._delay: float | None = None
        """With which the last chirp was heard, in seconds."""
        self.volume = 0
        """Applied here; 100 where the system's mixer applies it."""
        self.mixed = 1.0
        """By how much the system's mixer multiplies what we give it. To the canceller a volume
        that it is not told of is another path of the echo, to be learned anew with every turn of
        the knob; so the reference is made as loud as the loudspeaker is, and the path stays. What
        hardware does beside the law, and the moment until the mixer was read, is left to it."""
        self.music = False
        """See `SoundChain.music`."""
        self._gain = 0.0
        self._mixed = 1.0
        self._played: deque[Samples] = deque(maxlen=MOST_FRAMES)
        self._just_opened = False
        self._silent_frames = 0
        self._microphone_peak = 0
        self._loudspeaker_peak = 0

    def play(self, samples: Samples) -> None:
        """Queue whole frames for the loudspeaker."""
        self.queue.put(samples)

    def next_played(self) -> Samples:
        """The frame that the loudspeaker plays now. On PortAudio's thread."""
        frame = self.queue.take()
        howls = self.chain.howls
        before, self._gain = self._gain, gain(self.volume) * 10 ** (howls.duck / 20)
        mixed_before, self._mixed = self._mixed, self.mixed
        if frame is None:
            frame = SILENCE
        self.advice.played(frame, self._gain * self._mixed)
        sound = self._limiter.process(to_sound(frame))
        for tone in howls.played:
            sound = tone.process(sound).astype(np.float32)
        frame = to_samples(sound)
        if (probe := self.probe) is not None:
            frame = probe.mix(frame)
        frame = scaled(frame, before, self._gain)
        played = scaled(frame, mixed_before, self._mixed)
        loudest = peak(played)
        self._silent_frames = 0 if loudest > _SILENT else self._silent_frames + 1
        self._loudspeaker_peak = max(self._loudspeaker_peak, loudest)
        self._played.append(played)
        return frame

    def is_silent(self) -> bool:
        """Nothing has been played for half a second."""
        return self._silent_frames >= _SILENT_FRAMES

    def microphone_opened(self) -> None:
        """Forget what was played and heard before."""
        self._played.clear()
        self._just_opened = True
        self.chain = SoundChain()
        if self._delay is not None:
            self.chain.canceller.expect(self._delay)
        self.advice.microphone_opened()
        self.probe = None

    def chirp_told(self, heard: ChirpHeard) -> None:
        """For the canceller."""
        if heard.delay is None:
            self.chain.canceller.meter.not_heard()
        else:
            self._delay = heard.delay
            self.chain.canceller.expect(heard.delay)

    def microphone_closed(self) -> None:
        """Nothing can howl any more."""
        self.chain.howls = HowlGuard()

    def captured(self, microphone: Samples) -> Samples:
        """A frame from the microphone, ready for the daemon."""
        # What it picks up, its echo included: the meter shows whether microphone and loudspeaker
        # work, and the sound test listens to it.
        self._microphone_peak = max(self._microphone_peak, peak(microphone))
        self.chain.music = self.music
        self.advice.heard(microphone)
        if self._just_opened:
            # What was played while it opened would stay in front, and the reference come later
            # than its echo: nothing could be cancelled then.
            self._just_opened = False
            while len(self._played) > _PLAYED_AT_START:
                self._played.popleft()
        played = self._take_played()
        if self.probe is not None:
            self.probe.record(microphone, played)
        return self.chain.process(microphone, played)

    def _take_played(self) -> Samples:
        """One frame; none or two where the loudspeaker's clock is slower or faster. So the frames
        that wait stay few, and none is lost or made up, which would tear the reference."""
        if not self._played:
            return NOTHING
        frame = self._played.popleft()
        if len(self._played) > _PLAYED_WAITING:
            frame = np.concatenate([frame, self._played.popleft()])
        return frame

    def peaks(self) -> tuple[float, float]:
        """Microphone and loudspeaker since the last call, in dBFS."""
        peaks = dbfs(self._microphone_peak), dbfs(self._loudspeaker_peak)
        self._microphone_peak = self._loudspeaker_peak = 0
        return peaks
