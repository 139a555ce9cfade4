"""What a hall's microphone hears beside an official: quiet speech, fans, rain, music.

All of it is made here, the same on every run: speech and singing by espeak-ng, instruments by their
partials, noises by filters. Levels are dBFS, root mean square, of speech without its pauses.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from bench.echo_scenes import HALL, RATE, TEXTS, Sound, paths, speech, to_level

SECONDS = 24.0


def resident(seed: int, level: float, seconds: float = SECONDS) -> Sound:
    """Somebody 0.5 m from the microphone, in a hall with an RT60 of 0.6 s."""
    voice = speech(TEXTS[seed % 2], ("vi", "vi+f2", "vi-vn-x-south+f3", "vi+m3")[seed % 4], 40)
    dry = np.resize(voice, int(seconds * RATE))
    near = fftconvolve(dry, paths(HALL, 0.6, 300 + seed)[2])[: len(dry)]
    return np.asarray(near * 10 ** ((level - active_level(near)) / 20), np.float32)


def active_level(sound: NDArray[np.floating]) -> float:
    """dBFS of the 20 ms that are no more than 20 dB below the loudest of them."""
    frames = sound[: len(sound) // 960 * 960].reshape(-1, 960)
    powers = np.mean(np.square(frames, dtype=np.float64), axis=1)
    return float(10 * np.log10(np.mean(powers[powers > 0.01 * np.quantile(powers, 0.98)]) + 1e-12))


def fan(seconds: float, seed: int) -> Sound:
    """Air, 6 dB less an octave above 300 Hz, and the blades' 90 Hz with its partials."""
    rng = np.random.default_rng(seed)
    length = int(seconds * RATE)
    air = sosfilt(butter(1, 300, fs=RATE, output="sos"), rng.standard_normal(length))
    at = np.arange(length) / RATE
    blades = sum(np.sin(2 * np.pi * 90 * n * at + n) / n**2 for n in range(1, 7))
    sound: Sound = (air / np.std(air) + 0.4 * blades).astype(np.float32)
    return sound


def rain(seconds: float, seed: int) -> Sound:
    """On a tin roof: a hiss from 1 kHz on, and drops, 300 a second."""
    rng = np.random.default_rng(seed)
    length = int(seconds * RATE)
    hiss = sosfilt(
        butter(1, (1000, 9000), "band", fs=RATE, output="sos"), rng.standard_normal(length)
    )
    drops = np.zeros(length)
    drops[rng.integers(0, length, int(300 * seconds))] = rng.exponential(1, int(300 * seconds))
    at = np.arange(RATE // 50) / RATE
    drops = fftconvolve(drops, np.exp(-at * 400) * np.sin(2 * np.pi * 2300 * at))[:length]
    sound: Sound = (hiss / np.std(hiss) + 0.7 * drops / np.std(drops)).astype(np.float32)
    return sound


def at_level(sound: Sound, level: float) -> Sound:
    return (sound * to_level(sound, level)).astype(np.float32)
