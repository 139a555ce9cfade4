"""The hall's chain and its peers for noise and gain, from a microphone to what is sent."""

import ctypes
from ctypes.util import find_library

import numpy as np
from pywebrtc_audio import AudioProcessor
from scipy.signal import resample_poly

from bench.echo_peers import in_frames, whole
from bench.echo_scenes import RATE, Sound
from devices.sound.chain import SoundChain, to_samples, to_sound
from devices.sound.protocol import FRAME

_SLOW = 16000
_SET_AGC, _SET_AGC_LEVEL = 2, 6
"""The requests' numbers of speex_preprocess_ctl."""


def own(heard: Sound, *, gain: bool) -> Sound:
    """The hall's whole chain; without `gain` it is held."""
    chain, silence = SoundChain(automatic=gain), np.zeros(FRAME, np.int16)
    frames = to_samples(heard).reshape(-1, FRAME)
    return to_sound(np.concatenate([chain.process(frame, silence) for frame in frames]))


def webrtc(heard: Sound, *, gain: bool) -> Sound:
    processor = AudioProcessor(
        sample_rate=RATE,
        echo_cancellation=False,
        noise_suppression=True,
        high_pass_filter=True,
        auto_gain_control=gain,
        ns_level=1,
    )
    return in_frames(heard, np.zeros_like(heard), FRAME, processor.process)[0]


def speex(heard: Sound, *, target: float | None = None) -> Sound:
    """At 16 kHz; its gain aims at `target` dBFS, without one it has none. Raises OSError where
    libspeexdsp is not installed."""
    library = ctypes.CDLL(find_library("speexdsp") or "libspeexdsp.so.1")
    pointer = ctypes.c_void_p
    library.speex_preprocess_state_init.restype = pointer
    state = pointer(library.speex_preprocess_state_init(_SLOW // 100, _SLOW))
    if target is not None:
        library.speex_preprocess_ctl(state, _SET_AGC, ctypes.byref(ctypes.c_int(1)))
        level = ctypes.c_float(32768 * 10 ** (target / 20))
        library.speex_preprocess_ctl(state, _SET_AGC_LEVEL, ctypes.byref(level))

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
