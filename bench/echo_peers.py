"""What one would take instead: WebRTC's canceller and Speex's, over the same recordings."""

import ctypes
import time
from collections.abc import Callable
from ctypes.util import find_library

import numpy as np
from numpy.typing import NDArray
from pywebrtc_audio import AudioProcessor
from scipy.signal import resample_poly

from bench.echo_scenes import RATE, Recording, Sound

_SPEEX_RATE = 16000
_SPEEX_TAIL = 0.4
_SET_SAMPLING_RATE = 24
_SET_ECHO_STATE = 24
"""The two requests' numbers, the one of speex_echo_ctl, the other of speex_preprocess_ctl."""


def aec3(recording: Recording) -> tuple[Sound, list[float]]:
    """WebRTC's AEC3 with its high-pass and its mild noise suppression, at 48 kHz. It looks for
    the delay by itself. Returns the sound and the seconds that each 10 ms took."""
    processor = AudioProcessor(
        sample_rate=RATE,
        echo_cancellation=True,
        noise_suppression=True,
        high_pass_filter=True,
        auto_gain_control=False,
        ns_level=1,
    )
    return in_frames(recording.microphone, recording.far, RATE // 100, processor.process)


def speex(recording: Recording, delay: float) -> tuple[Sound, list[float]]:
    """Speex's canceller and preprocessor at 16 kHz with a tail of 400 ms, and told the delay, which
    it could not find. Raises OSError where libspeexdsp is not installed."""
    library = ctypes.CDLL(find_library("speexdsp") or "libspeexdsp.so.1")
    pointer = ctypes.c_void_p
    library.speex_echo_state_init.restype = pointer
    library.speex_preprocess_state_init.restype = pointer
    frame = _SPEEX_RATE // 100
    rate = ctypes.c_int(_SPEEX_RATE)
    echo = pointer(library.speex_echo_state_init(frame, int(_SPEEX_TAIL * _SPEEX_RATE)))
    library.speex_echo_ctl(echo, _SET_SAMPLING_RATE, ctypes.byref(rate))
    after = pointer(library.speex_preprocess_state_init(frame, _SPEEX_RATE))
    library.speex_preprocess_ctl(after, _SET_ECHO_STATE, echo)

    def process(microphone: Sound, far: Sound) -> Sound:
        heard, played = whole(microphone), whole(far)
        out = np.zeros(frame, np.int16)
        at = [samples.ctypes.data_as(pointer) for samples in (heard, played, out)]
        library.speex_echo_cancellation(echo, *at)
        library.speex_preprocess_run(after, at[2])
        return out.astype(np.float32) / np.float32(32767)

    late = np.concatenate([np.zeros(int(max(delay - 0.01, 0) * RATE), np.float32), recording.far])
    microphone, far = (
        resample_poly(sound, 1, 3).astype(np.float32)
        for sound in (recording.microphone, late[: len(recording.far)])
    )
    try:
        out, took = in_frames(microphone, far, frame, process)
    finally:
        library.speex_preprocess_state_destroy(after)
        library.speex_echo_state_destroy(echo)
    return resample_poly(out, 3, 1).astype(np.float32), took


def whole(sound: Sound) -> NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def in_frames(
    microphone: Sound, far: Sound, frame: int, process: Callable[[Sound, Sound], Sound]
) -> tuple[Sound, list[float]]:
    out = np.zeros_like(microphone)
    took = []
    for at in range(0, len(microphone) - frame + 1, frame):
        span = slice(at, at + frame)
        heard, played = np.ascontiguousarray(microphone[span]), np.ascontiguousarray(far[span])
        began = time.thread_time()
        out[span] = process(heard, played)
        took.append(time.thread_time() - began)
    return out, took
