"""What a canceller did to a recording, in figures that say what listeners would."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pesq import PesqError, pesq
from pystoi import stoi
from scipy.signal import correlate, resample_poly

from bench.echo_scenes import (
    BOTH,
    CHANGE,
    FAR_AGAIN,
    FAR_ALONE,
    NEAR_ALONE,
    RATE,
    Recording,
    Scene,
    Sound,
)

_WINDOW = 0.25
_STEP = 0.05
_LATEST = 0.1
_ONSET = 0.2
_SPEECH_RATE = 16000


@dataclass(frozen=True, slots=True)
class Scores:
    erle: float
    """dB from the microphone to the output while the official speaks alone, from 3.5 s after his
    first word on; the noise is in both."""
    starts: float
    """Seconds from the first echo until a quarter of a second is 20 dB down; 7.5 where never."""
    recovers: float
    """Seconds from the change of the path until 20 dB are reached and stay; nan without one."""
    burst: float
    """dBFS of the loudest quarter of a second behind the change; nan without one."""
    left: float
    """dBFS of what is left while the official speaks alone."""
    both_loss: float
    """dB that the resident's voice loses while both speak."""
    onset_loss: float
    """The same for the first 0.2 s of each of his words there."""
    both_stoi: float
    both_pesq: float
    near_loss: float
    """dB that the resident's voice loses when he speaks alone."""
    near_stoi: float
    microseconds: float
    """Mean of the time that 10 ms take."""
    slowest: float
    """Milliseconds: 99.9 % of the frames take less."""


def score(scene: Scene, recording: Recording, out: Sound, took: list[float]) -> Scores:
    late = _lateness(out, recording.near)
    out = np.concatenate([out[late:], np.zeros(late, np.float32)])
    first = FAR_ALONE[0] + scene.delay
    starts = _until_cancelled(recording, out, first, FAR_ALONE[1] - 0.5, stays=False)
    recovers = burst = float("nan")
    if scene.change:
        recovers = _until_cancelled(recording, out, CHANGE, FAR_AGAIN[1] - 0.3, stays=True)
        burst = max(_level(out, at, at + _WINDOW) for at in _steps(CHANGE, FAR_AGAIN[1] - 0.3))
    settled = (4.0, FAR_ALONE[1])
    both = (BOTH[0] + 0.7, BOTH[1] - 0.3)
    near, cleaned = _cut(recording.near, both), _cut(out, both)
    near_alone, cleaned_alone = (_cut(sound, NEAR_ALONE) for sound in (recording.near, out))
    onsets = _onsets(near)
    slow_near, slow_cleaned = (resample_poly(sound, 1, 3) for sound in (near, cleaned))
    try:
        quality = float(pesq(_SPEECH_RATE, slow_near, slow_cleaned, "wb"))
    except PesqError:
        quality = 1.0  # it finds no speech in what is left
    return Scores(
        erle=_level(recording.microphone, *settled) - _level(out, *settled),
        starts=starts,
        recovers=recovers,
        burst=burst,
        left=_level(out, *settled),
        both_loss=_loss(near, cleaned),
        onset_loss=_loss(near[onsets], cleaned[onsets]),
        both_stoi=float(stoi(slow_near, slow_cleaned, _SPEECH_RATE)),
        both_pesq=quality,
        near_loss=_loss(near_alone, cleaned_alone),
        near_stoi=float(
            stoi(*(resample_poly(s, 1, 3) for s in (near_alone, cleaned_alone)), _SPEECH_RATE)
        ),
        microseconds=1e6 * float(np.mean(took)),
        slowest=1e3 * float(np.quantile(took, 0.999)),
    )


def _lateness(out: Sound, near: Sound) -> int:
    """Samples by which the output is later than the microphone, where one speaks alone."""
    a, b = _cut(out, NEAR_ALONE), _cut(near, NEAR_ALONE)
    matches = np.abs(correlate(a, b, "full", "fft"))
    zero = len(b) - 1
    return int(np.argmax(matches[zero : zero + int(_LATEST * RATE)]))


def _cut(sound: Sound, seconds: tuple[float, float]) -> Sound:
    return sound[int(seconds[0] * RATE) : int(seconds[1] * RATE)]


def _level(sound: Sound, begin: float, end: float) -> float:
    power = np.mean(np.square(_cut(sound, (begin, end)), dtype=np.float64))
    return float(10 * np.log10(power + 1e-12))


def _steps(begin: float, end: float) -> NDArray[np.float64]:
    return np.arange(begin, end - _WINDOW, _STEP)


def _until_cancelled(
    recording: Recording, out: Sound, begin: float, end: float, *, stays: bool
) -> float:
    """Windows in which there is hardly any echo say nothing."""
    loud = _level(recording.echo, *FAR_ALONE) - 20
    good = [
        _level(recording.microphone, at, at + _WINDOW) - _level(out, at, at + _WINDOW) >= 20
        for at in _steps(begin, end)
        if _level(recording.echo, at, at + _WINDOW) > loud
    ]
    if stays:
        bad = [number for number, is_good in enumerate(good) if not is_good]
        return (bad[-1] + 1) * _STEP if bad else 0.0
    return good.index(True) * _STEP if True in good else end - begin


def _loss(voice: Sound, out: Sound) -> float:
    """How much of it is in the output: what is left of its amplitude by projection."""
    share = abs(np.dot(out, voice) / (np.dot(voice, voice) + 1e-12))
    return float(-20 * np.log10(share + 1e-6))


def _onsets(near: Sound) -> NDArray[np.bool_]:
    """A mask of the first 0.2 s of each word behind a pause."""
    step = RATE // 50
    frames = near[: len(near) // step * step].reshape(-1, step)
    level = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)
    speaks = level > level.max() - 25
    mask = np.zeros(len(near), bool)
    for number in range(len(speaks)):
        if speaks[number] and not speaks[max(0, number - 5) : number].any():
            mask[number * step : number * step + int(_ONSET * RATE)] = True
    return mask
