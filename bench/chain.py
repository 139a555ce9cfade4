"""How a noise in the hall is lowered, beside WebRTC's and Speex's suppressors in the same run.

    python -m bench.chain

Somebody speaks beside a fan, and under a tin roof in the rain, 10 and 20 dB louder than that.
Nobody far away says anything.
"""

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from pesq import pesq
from pystoi import stoi
from scipy.signal import correlate, resample_poly

from bench.chain_peers import own, speex, webrtc
from bench.chain_scenes import SECONDS, at_level, fan, rain, resident
from bench.echo_scenes import RATE, Sound

_SLOW = 16000
_SPOKEN = slice(4 * RATE, 18 * RATE)
_PAUSE = slice(21 * RATE, 24 * RATE)
_LATEST = RATE // 10
Clean = Callable[[Sound], Sound]


def score(near: Sound, heard: Sound, out: Sound) -> tuple[float, float, float]:
    """STOI, PESQ, and dB by which the noise is lower in a pause."""
    matches = np.abs(correlate(out[: 8 * RATE], near[: 8 * RATE], "full", "fft"))
    late = int(np.argmax(matches[8 * RATE - 1 : 8 * RATE - 1 + _LATEST]))
    out = np.concatenate([out[late:], np.zeros(late, np.float32)])
    clean, left = (resample_poly(sound[_SPOKEN], 1, 3) for sound in (near, out))
    before, after = (np.mean(np.square(s[_PAUSE], dtype=np.float64)) for s in (heard, out))
    lowered = 10 * np.log10(before / (after + 1e-12))
    return float(stoi(clean, left, _SLOW)), float(pesq(_SLOW, clean, left, "wb")), float(lowered)


CANDIDATES: dict[str, Clean] = {
    "nothing": lambda heard: heard,
    "avcontrol": partial(own, gain=False),
    "WebRTC": partial(webrtc, gain=False),
    "Speex": speex,
}


def main() -> None:
    scores: dict[str, list[tuple[float, float, float]]] = {name: [] for name in CANDIDATES}
    for noise in (fan, rain):
        for quiet in (10, 20):
            for seed in (1, 2):
                near = resident(seed, -30)
                near[19 * RATE :] = 0
                heard = near + at_level(noise(SECONDS, seed), -30 - quiet)
                for name, clean in CANDIDATES.items():
                    scores[name].append(score(near, heard, clean(heard)))
    for name, values in scores.items():
        intelligible, good, lowered = np.mean(values, axis=0)
        sys.stdout.write(f"{name:10} STOI {intelligible:.3f}  PESQ {good:.2f}  {-lowered:.1f} dB\n")


if __name__ == "__main__":
    main()
