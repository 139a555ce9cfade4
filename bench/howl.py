"""How soon a howl is turned down, and whether anything else is taken for one.

    python -m bench.howl

Somebody in the hall has the meeting open on a telephone that plays what the hall's microphone
sends: a closed loop that is 6 or 3 dB louder each time round at its strongest frequency, in
calculated halls. A resident speaks all the while, and the loop begins with his words. Each loop
runs without the guard first, which tells when a howl would be heard. Then the chain hears speech,
music, noise and silence, which are none. Neither WebRTC's nor Speex's chain looks for howls: there
is no peer.
"""

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.signal import butter, sosfilt

from bench.chain_scenes import resident
from bench.echo_scenes import HALL, RATE, WIDE_HALL, Sound, paths
from bench.figures import Conditions, Figure, table
from bench.howl_sounds import no_howls
from devices.sound.chain import SoundChain, to_samples, to_sound
from devices.sound.frame_path import FramePath
from devices.sound.howl_guard import HowlGuard
from devices.sound.protocol import FRAME

GAINS = (6.0, 3.0)
SPOKEN = -35.0
"""dBFS of the resident."""
HEARD = -32.0
"""dBFS in the microphone, over a tenth of a second, from which on everybody hears a howl."""
GOES_ON = -45.0
"""dBFS in its last second: what is softer has died by itself."""
SECONDS = 6.0
ROUNDS = (0.06, 0.1, 0.15, 0.25, 0.4)
"""Seconds that the network and the telephone take."""
ROOMS = (
    (HALL, 0.6, 501),
    (WIDE_HALL, 0.7, 503),
    ((14.0, 9.0, 3.8), 0.5, 512),
    ((8.0, 6.0, 3.0), 0.8, 514),
)
_LASTS = 0.3
"""Seconds of the path: what is later is far below it."""


@dataclass(frozen=True, slots=True)
class Loop:
    gain: float
    """dB."""
    round: float
    took: float
    """Seconds from when everybody would hear it until it is turned down; infinite where never."""
    free: float
    held: float
    """dBFS in its last second, without and with the guard."""


class _Deaf(HowlGuard):
    def process(self, heard: Sound, *, watches: bool, plays: bool = False) -> None:
        pass


def telephone(room: tuple[float, float, float], rt60: float, seed: int) -> Sound:
    """From what it is given to the hall's microphone, as loud as makes the loop 0 dB."""
    path = paths(room, rt60, seed)[0][: int(_LASTS * RATE)].copy()
    path[-len(path) // 6 :] *= np.linspace(1, 0, len(path[-len(path) // 6 :]), dtype=np.float32)
    small = sosfilt(butter(2, (500, 6000), "band", fs=RATE, output="sos"), path)
    loudest = np.abs(np.fft.rfft(small, 1 << 17)).max()
    return np.asarray(small / loudest, np.float32)


def run(
    response: Sound, seconds: float, near: Sound, *, guarded: bool
) -> tuple[Sound, float | None]:
    """dBFS in the microphone without the resident, of every frame, and when it was turned down."""
    size = 1 << (len(response) + FRAME).bit_length()
    of_response = np.fft.rfft(response, size)
    ringing = np.zeros(len(response) + FRAME)
    path = FramePath()
    path.volume = 100
    path.microphone_opened()
    if not guarded:
        path.chain.howls = _Deaf()
    late = deque([np.zeros(FRAME, np.float32)] * round(seconds * 100))
    levels, ducked = [], None
    for number, spoken in enumerate(near[: len(near) // FRAME * FRAME].reshape(-1, FRAME)):
        path.next_played()
        if (out := late.popleft()).any():
            ringing += np.fft.irfft(of_response * np.fft.rfft(out, size), size)[: len(ringing)]
        rings = np.clip(ringing[:FRAME], -1, 1)
        ringing = np.concatenate([ringing[FRAME:], np.zeros(FRAME)])
        heard = np.clip(rings + spoken, -1, 1).astype(np.float32)
        late.append(to_sound(path.captured(to_samples(heard))))
        levels.append(10 * np.log10(np.mean(rings**2) + 1e-10))
        if ducked is None and path.chain.howls.duck < 0:
            ducked = number / 100
    return np.asarray(levels, np.float32), ducked


def heard_at(levels: Sound) -> float | None:
    """Seconds until it is as loud as `HEARD` for a tenth of a second."""
    loud = np.convolve(levels > HEARD, np.ones(10), "valid") >= 10
    return float(np.argmax(loud)) / 100 if loud.any() else None


def loops() -> Iterator[Loop]:
    """Those that would be heard and do not die by themselves."""
    for room, rt60, seed in ROOMS:
        unity = telephone(room, rt60, seed)
        rng = np.random.default_rng(seed)
        near = resident(seed, SPOKEN, SECONDS)
        near = near + 3e-4 * rng.standard_normal(len(near)).astype(np.float32)
        near[: RATE // 2] = 0
        for gain, seconds in product(GAINS, ROUNDS):
            response = unity * np.float32(10 ** (gain / 20))
            free, _ = run(response, seconds, near, guarded=False)
            begins = heard_at(free)
            if begins is None or free[-100:].mean() < GOES_ON:
                continue
            held, ducked = run(response, seconds, near, guarded=True)
            took = float("inf") if ducked is None else max(0.0, ducked - begins)
            yield Loop(gain, seconds, took, float(free[-100:].mean()), float(held[-100:].mean()))


def false_alarms(sound: Sound) -> int:
    """How often something in it was taken for a howl."""
    chain, silence, alarms, before = SoundChain(), np.zeros(FRAME, np.int16), 0, False
    for frame in to_samples(sound[: len(sound) // FRAME * FRAME]).reshape(-1, FRAME):
        chain.process(frame, silence)
        now = chain.howls.howl is not None
        alarms += now and not before
        before = now
    return alarms


def howl_figures() -> list[Figure]:
    """Raises RuntimeError where there is nobody to speak."""
    conditions = Conditions.now()
    found = list(loops())
    figures = []
    for gain, seconds in product(GAINS, ROUNDS):
        these = [loop for loop in found if (loop.gain, loop.round) == (gain, seconds)]
        if not these:
            continue
        free, held = (np.mean([getattr(loop, side) for loop in these]) for side in ("free", "held"))
        remark = (
            f"slower of {len(these)} halls, from when it is heard; goal <= 1; then"
            f" {held:.0f} dBFS, {free:.0f} if nothing is done"
        )
        took = max(loop.took for loop in these)
        name = f"howl-{gain:.0f}db-{1000 * seconds:.0f}ms-round"
        figures.append(Figure(name, took, "s", None, None, conditions, remark))
    for name, sound in no_howls().items():
        remark = f"in {len(sound) / RATE:.0f} s; goal 0"
        alarms = float(false_alarms(sound))
        figures.append(Figure(f"howl-in-{name}", alarms, "alarms", None, None, conditions, remark))
    return figures


if __name__ == "__main__":
    sys.stdout.write(table(howl_figures()) + "\n")
