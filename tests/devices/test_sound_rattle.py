"""A loudspeaker that rattles is told from one that is only cheap, and from a noisy hall."""

import shutil
import subprocess
import wave

import numpy as np
import pytest
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from devices.device import ChirpKind
from devices.sound.chain import to_samples, to_sound
from devices.sound.frame_path import SILENCE
from devices.sound.probe import FRAME, Probe

RATE = 48000
WORDS = "Nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân, rác thì không có ai dọn."


def clips(share):
    return lambda sound: np.clip(sound, -share * sound.max(), share * sound.max())


def overdriven(sound):
    """Softly: 6 % of the third harmonic, as a small loudspeaker that is turned up."""
    return np.tanh(sound / sound.max()) * sound.max()


def lopsided(sound):
    """15 % of the second: a cheap cone."""
    return sound + 0.3 * sound**2 / sound.max()


def loose(sound):
    """A screw that is hit whenever the cone is far out, from 200 to 500 Hz."""
    rng = np.random.default_rng(3)
    cone = sosfilt(butter(2, (200, 500), "band", fs=RATE, output="sos"), sound)
    cone /= np.abs(cone).max()
    hits = np.zeros(len(sound))
    at = np.flatnonzero((cone[1:] > 0.6) & (cone[:-1] <= 0.6))
    hits[at] = 1 + 0.2 * rng.standard_normal(len(at))
    time = np.arange(RATE // 50) / RATE
    ring = np.exp(-600 * time) * np.sin(2 * np.pi * 2800 * time)
    return sound + 0.4 * sound.max() * np.convolve(hits, ring)[: len(sound)]


def words(folder):
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    path = folder / "words.wav"
    subprocess.run([program, "-v", "vi", "-s", "130", "-w", str(path), WORDS], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        return resample_poly(samples, RATE, file.getframerate())


def probed(loudspeaker, other, below, seed=1):
    """What the chirp tells in a hall of 0.6 s, with another sound so many dB below it."""
    probe = Probe(ChirpKind.TEST)
    played = []
    while len(played) < probe._left:
        played.append(probe.mix(SILENCE))
    sound = to_sound(np.concatenate(played)).astype(float)
    rng = np.random.default_rng(seed)
    time = np.arange(int(0.6 * RATE)) / RATE
    path = rng.standard_normal(len(time)) * 10 ** (-3 * time / 0.6)
    path = np.concatenate([np.zeros(int(0.15 * RATE)), 0.5 * path / np.linalg.norm(path)])
    path[int(0.15 * RATE)] += 0.4
    heard = fftconvolve(loudspeaker(sound), path)[: len(sound)]
    loud = np.std(heard[RATE // 2 : RATE])
    heard += loud * 10 ** (-below / 20) * np.resize(other, len(heard)) / np.std(other)
    frames = to_samples(heard.astype(np.float32)).reshape(-1, FRAME)
    for microphone, frame in zip(frames, played, strict=True):
        probe.record(microphone, frame)
    assert probe.over
    return probe.told()


@pytest.mark.parametrize("loudspeaker", [clips(0.7), clips(0.4), loose])
def test_a_loudspeaker_that_clips_or_has_something_loose_rattles(loudspeaker):
    noise = np.random.default_rng(2).standard_normal(4 * RATE)
    told = probed(loudspeaker, noise, 40)
    assert told.delay is not None
    assert told.rattles


def test_neither_a_sound_nor_a_cheap_loudspeaker_rattles_nor_a_loud_hall(tmp_path):
    noise = np.random.default_rng(2).standard_normal(4 * RATE)
    spoken = words(tmp_path)
    found = {
        "quiet": probed(lambda sound: sound, noise, 60),
        "overdriven softly": probed(overdriven, noise, 60),
        "lopsided": probed(lopsided, noise, 60),
        "noise": probed(lambda sound: sound, noise, 0),
        **{
            f"speech {seed}": probed(lambda sound: sound, np.roll(spoken, 9999 * seed), 3, seed)
            for seed in range(6)
        },
    }
    assert all(told.delay is not None for told in found.values())
    assert [name for name, told in found.items() if told.rattles] == []
