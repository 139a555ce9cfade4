"""How a noise in the hall is lowered, beside WebRTC's and Speex's suppressors in the same run.

    python -m bench.chain

Somebody speaks beside a fan, and under a tin roof in the rain, 10 and 20 dB louder than that.
Nobody far away says anything.
"""

import ctypes
import sys
from collections.abc import Callable
from ctypes.util import find_library

import numpy as np
from pesq import pesq
from pystoi import stoi
from pywebrtc_audio import AudioProcessor
from scipy.signal import correlate, resample_poly

from bench.chain_scenes import SECONDS, at_level, fan, rain, resident
from bench.echo_peers import in_frames, whole
from bench.echo_scenes import RATE, Sound
from devices.sound.chain import SoundChain, to_samples, to_sound
from devices.sound.protocol import FRAME

_SLOW = 16000
_SPOKEN = slice(4 * RATE, 18 * RATE)
_PAUSE = slice(21 * RATE, 24 * RATE)
_LATEST = RATE // 10
Clean = Callable[[Sound], Sound]


def own(heard: Sound) -> Sound:
    """The hall's chain, its gain held."""
    chain, silence = SoundChain(automatic=False), np.zeros(FRAME, np.int16)
    frames = to_samples(heard).reshape(-1, FRAME)
    return to_sound(np.concatenate([chain.process(frame, silence) for frame in frames]))


def webrtc(heard: Sound) -> Sound:
    processor = AudioProcessor(
        sample_rate=RATE,
        echo_cancellation=False,
        noise_suppression=True,
        high_pass_filter=True,
        auto_gain_control=False,
        ns_level=1,
    )
    return in_frames(heard, np.zeros_like(heard), FRAME, processor.process)[0]


def speex(heard: Sound) -> Sound:
    """At 16 kHz. Raises OSError where libspeexdsp is not installed."""
    library = ctypes.CDLL(find_library("speexdsp") or "libspeexdsp.so.1")
    pointer = ctypes.c_void_p
    library.speex_preprocess_state_init.restype = pointer
    state = pointer(library.speex_preprocess_state_init(_SLOW // 100, _SLOW))

    def process(microphone: Sound, _: Sound) -> Sound:
        samples = whole(microphone)
        library.speex_preprocess_run(state, samples.ctypes.data_as(pointer))
        return samples.astype(np.float32) / np.float32(32767)

    slow = resample_poly(heard, 1, 3).astype(np.float32)
    try:
        out = in_frames(slow, slow, _SLOW // 100, process)[0]
    finally:
        library.speex_preprocess_state_destroy(state)
    return np.asarray(resample_poly(out, 3, 1), np.float32)


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
    "avcontrol": own,
    "WebRTC": webrtc,
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
