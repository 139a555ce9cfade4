"""How evenly loud the hall is, and that nothing is too loud, beside what one would take instead.

    python -m bench.levels

Somebody far from the microphone and somebody at it speak in a hall with a fan: WebRTC's and Speex's
automatic gain get the same. The limiter gets what is up to 12 dB beyond full scale, and so does
FFmpeg's `alimiter`, with the same ceiling.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import av
import av.filter
import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate, resample_poly

from bench.chain_peers import own, speex, webrtc
from bench.chain_scenes import active_level, at_level, fan, resident
from bench.echo_scenes import RATE, Sound
from bench.figures import Conditions, Figure, table
from devices.sound.gain import TARGET
from devices.sound.limiter import CEILING, Limiter
from devices.sound.protocol import FRAME

SECONDS = 24.0
SPEAKERS = {"quiet": -45.0, "loud": -12.0}
"""dBFS at the microphone while they speak."""
FAN = 25.0
"""dB that it is quieter than them."""
_WINDOW = 0.4
_SETTLED = 14.0
"""Seconds after which a gain has had its time."""
_NEAR = 3.0
_LATEST = 0.1

Level = Callable[[Sound], Sound]


@dataclass(frozen=True, slots=True)
class Evened:
    level: float
    """dBFS while he speaks, once the gain has had its time."""
    takes: float
    """Seconds of the sound until his gain is within 3 dB of that, and stays."""
    pumps: float
    """dB, standard deviation of the gain from 0.4 s to 0.4 s of his speech then."""


def evened(near: Sound, out: Sound) -> Evened:
    """`near` is who speaks, without the fan."""
    matches = np.abs(correlate(out, near, "full", "fft"))
    late = int(np.argmax(matches[len(near) - 1 : len(near) - 1 + int(_LATEST * RATE)]))
    out = np.concatenate([out[late:], np.zeros(late, np.float32)])
    size = int(_WINDOW * RATE)
    spoken, come = (_levels(sound, size) for sound in (near, out))
    says = spoken > active_level(near) - 10
    gains, at = (come - spoken)[says], np.flatnonzero(says) * _WINDOW
    settled = float(np.mean(gains[at >= _SETTLED]))
    off = at[np.abs(gains - settled) > _NEAR]
    return Evened(
        level=active_level(out[int(_SETTLED * RATE) :]),
        takes=float(off[-1] + _WINDOW) if len(off) else 0.0,
        pumps=float(np.std(gains[at >= _SETTLED])),
    )


def _levels(sound: Sound, size: int) -> NDArray[np.float64]:
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    powers = np.mean(np.square(frames, dtype=np.float64), axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(powers + 1e-12)
    return levels


def too_loud(seed: int = 1) -> dict[str, Sound]:
    """Beyond full scale, with quiet before it."""
    rng = np.random.default_rng(seed)
    at = np.arange(2 * RATE) / RATE
    loud = {
        "tone": 2 * np.sin(2 * np.pi * 997 * at),
        "high tone": 2 * np.sin(2 * np.pi * (RATE / 4) * at + np.pi / 4),
        "noise": 0.5 * rng.standard_normal(2 * RATE),
        "speech": 4 * resident(seed, -20, 2.0),
    }
    quiet = np.zeros(RATE // 2)
    return {name: np.concatenate([quiet, sound]).astype(np.float32) for name, sound in loud.items()}


def limited(sound: Sound) -> Sound:
    limiter = Limiter()
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    return np.concatenate([limiter.process(frame) for frame in frames])


def alimiter(sound: Sound) -> Sound:
    """FFmpeg's, looking 2.5 ms ahead as ours does."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono")
    limiter = graph.add("alimiter", f"limit={CEILING}:attack=2.5:release=50:level=disabled")
    sink = graph.add("abuffersink")
    source.link_to(limiter)
    limiter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
    frame.sample_rate = RATE
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray().ravel())
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(parts).astype(np.float32)


def true_peak(sound: Sound) -> float:
    """dBFS, between the samples too."""
    fine = np.abs(resample_poly(sound.astype(np.float64), 8, 1)[800:-800])
    return float(20 * np.log10(fine.max()))


def level_figures() -> list[Figure]:
    """Raises RuntimeError where there is nobody to speak, OSError where there is no Speex."""
    conditions, figures = Conditions.now(), []
    peers: dict[str, Level] = {
        "WebRTC": partial(webrtc, gain=True),
        "Speex": partial(speex, target=TARGET),
    }
    for name, level in SPEAKERS.items():
        near = resident(2, level, SECONDS)
        heard = (near + at_level(fan(SECONDS, 2), level - FAN)).astype(np.float32)
        ours = evened(near, own(heard, gain=True))
        for peer, process in peers.items():
            theirs = evened(near, process(heard))
            for what, unit, goal in (
                ("level", "dBFS", f"at {level:.0f} dBFS; target {TARGET:.0f}"),
                ("takes", "s", f"within {_NEAR:.0f} dB of where it stays"),
                ("pumps", "dB", "standard deviation of the gain then"),
            ):
                values = getattr(ours, what), getattr(theirs, what)
                remark = f"beside {peer}; {goal}"
                figures.append(
                    Figure(
                        f"gain-{name}-{what}", values[0], unit, peer, values[1], conditions, remark
                    )
                )
    for name, sound in too_loud().items():
        peaks = true_peak(limited(sound)), true_peak(alimiter(sound))
        remark = f"true peak; {true_peak(sound):.0f} before, ceiling {20 * np.log10(CEILING):.1f}"
        figures.append(
            Figure(
                f"limiter-{name.replace(' ', '-')}",
                *(peaks[0], "dBFS", "FFmpeg's alimiter", peaks[1], conditions, remark),
            )
        )
    return figures


if __name__ == "__main__":
    sys.stdout.write(table(level_figures()) + "\n")
