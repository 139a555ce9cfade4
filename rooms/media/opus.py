"""Opus, mono, 48 kHz (RFC 6716, RFC 7587), through libopus itself: libav hides its error
correction, its concealment and its bitrate while it runs.

    encoder = OpusEncoder(bits_per_second=24_000, loss_percent=10)
    payload = encoder.encode(samples)     # 10 or 20 ms; see `is_silence`
    decoder = OpusDecoder()
    decoder.decode(payload)
    decoder.recover(payload, 960)         # what was lost just before this payload
    decoder.conceal(960)                  # where nothing is known of it

Uses the distribution's `libopus0`, and where it is not installed the one that PyAV brings.
"""

import ctypes
import weakref
from functools import cache
from pathlib import Path

import av
import numpy as np

from devices.device import Samples
from devices.sound.stretch import is_quiet

FRAME_SAMPLES = 960
RATE = 48_000
BITS_PER_SECOND = 32_000
LONGEST_SAMPLES = 5760
"""Of one packet: 120 ms (RFC 6716, section 3.2.5)."""
STEP_SAMPLES = 120
"""2.5 ms: what is recovered or concealed is a multiple of it."""

_MOST_BYTES = 1275
_APPLICATION_VOIP = 2048
_SET_BITRATE = 4002
_SET_COMPLEXITY = 4010
_SET_INBAND_FEC = 4012
_SET_PACKET_LOSS = 4014
_SET_DTX = 4016
_COMPLEXITY = 6
"""Of ten. The encoders of a meeting run beside everything else; speech gains nothing above."""


class OpusError(Exception):
    """The payload is not Opus, or not whole."""


@cache
def _library() -> ctypes.PyDLL:
    # PyDLL keeps Python's lock: a call takes some 50 µs, and getting the lock back can take 5 ms.
    wheel = Path(av.__file__).parent.with_name("av.libs")
    for name in ("libopus.so.0", *map(str, wheel.glob("libopus*.so*"))):
        try:
            library = ctypes.PyDLL(name)
        except OSError:
            continue
        pointer, number = ctypes.c_void_p, ctypes.c_int32
        for function, result, arguments in (
            ("encoder_create", pointer, (number, number, number, pointer)),
            ("decoder_create", pointer, (number, number, pointer)),
            ("encoder_destroy", None, (pointer,)),
            ("decoder_destroy", None, (pointer,)),
            ("encode", number, (pointer, pointer, number, pointer, number)),
            ("decode", number, (pointer, ctypes.c_char_p, number, pointer, number, number)),
            ("packet_get_nb_samples", number, (ctypes.c_char_p, number, number)),
        ):
            call = getattr(library, f"opus_{function}")
            call.restype, call.argtypes = result, arguments
        return library
    raise RuntimeError("there is no libopus here: apt-get install libopus0")


class OpusEncoder:
    """Speech. Belongs to one thread. Tells silence by a byte (DTX), but only what is quiet, too:
    libopus takes every steady sound for noise that need not be sent."""

    def __init__(self, bits_per_second: int = BITS_PER_SECOND, loss_percent: int = 10) -> None:
        """Raises RuntimeError where there is no libopus."""
        library = _library()
        state = library.opus_encoder_create(RATE, 1, _APPLICATION_VOIP, None)
        if not state:
            raise MemoryError("an Opus encoder")
        weakref.finalize(self, library.opus_encoder_destroy, state)
        self._state = ctypes.c_void_p(state)
        self._set = library.opus_encoder_ctl
        self._encode = library.opus_encode
        self._payload = ctypes.create_string_buffer(_MOST_BYTES)
        self._wish: tuple[int, int] | None = None
        self._control(_SET_COMPLEXITY, _COMPLEXITY)
        self._quiet = False
        self.adapt(bits_per_second, loss_percent)

    def adapt(self, bits_per_second: int, loss_percent: int) -> None:
        """From the next frame on. With any loss, each packet carries the one before it a second
        time, coarser (RFC 6716, section 2.1.7). Raises ValueError outside 6,000 to 510,000 and
        0 to 100."""
        wish = bits_per_second, loss_percent
        if wish == self._wish:
            return
        if not 6_000 <= bits_per_second <= 510_000 or not 0 <= loss_percent <= 100:
            raise ValueError(f"{wish} are no bits per second and percent of loss")
        self._wish = wish
        self._control(_SET_BITRATE, bits_per_second)
        self._control(_SET_INBAND_FEC, int(loss_percent > 0))
        self._control(_SET_PACKET_LOSS, loss_percent)

    def encode(self, samples: Samples) -> bytes:
        """One payload of `FRAME_SAMPLES` samples, or of half as many."""
        if samples.shape not in ((FRAME_SAMPLES,), (FRAME_SAMPLES // 2,)):
            raise ValueError(f"{samples.shape} is not one frame of {FRAME_SAMPLES} or half of it")
        pcm = np.ascontiguousarray(samples, np.int16)
        if (quiet := is_quiet(pcm)) != self._quiet:
            self._quiet = quiet
            self._control(_SET_DTX, int(quiet))
        size = self._encode(self._state, pcm.ctypes.data, len(pcm), self._payload, _MOST_BYTES)
        if size < 0:
            raise OpusError(f"libopus says {size}")
        return self._payload.raw[:size]

    def _control(self, request: int, value: int) -> None:
        status = self._set(self._state, ctypes.c_int(request), ctypes.c_int32(value))
        assert status == 0, f"libopus refuses {request} = {value}"


class OpusDecoder:
    """Stereo becomes mono. Belongs to one thread. Whatever the payload, it fails in words."""

    def __init__(self) -> None:
        """Raises RuntimeError where there is no libopus."""
        library = _library()
        state = library.opus_decoder_create(RATE, 1, None)
        if not state:
            raise MemoryError("an Opus decoder")
        weakref.finalize(self, library.opus_decoder_destroy, state)
        self._state = ctypes.c_void_p(state)
        self._decode = library.opus_decode
        self._pcm = np.empty(LONGEST_SAMPLES, np.int16)
        self._address = self._pcm.ctypes.data

    def decode(self, payload: bytes) -> Samples:
        """The samples of one payload. Raises OpusError."""
        if not payload:
            raise OpusError("an empty payload")
        return self._run(payload, LONGEST_SAMPLES, recover=False)

    def recover(self, payload: bytes, samples: int) -> Samples:
        """So many samples, which were lost just before this payload: its error correction has
        the last of them, the others are concealed; all of them where it has none. Decode the
        payload itself afterwards. Raises OpusError, ValueError."""
        if not payload:
            raise OpusError("an empty payload")
        return self._run(payload, _whole_steps(samples), recover=True)

    def conceal(self, samples: int) -> Samples:
        """So many samples of what was heard last, fading; after the packet that began a silence,
        its noise. Raises OpusError, ValueError."""
        return self._run(None, _whole_steps(samples), recover=False)

    def _run(self, payload: bytes | None, most: int, *, recover: bool) -> Samples:
        size = len(payload) if payload is not None else 0
        count = self._decode(self._state, payload, size, self._address, most, int(recover))
        if count < 0:
            raise OpusError(f"libopus says {count}")
        return self._pcm[:count].copy()


def duration(payload: bytes) -> int:
    """Samples at 48 kHz in a payload, up to `LONGEST_SAMPLES`. Raises OpusError."""
    count: int = _library().opus_packet_get_nb_samples(payload, len(payload), RATE)
    if not payload or not 0 < count <= LONGEST_SAMPLES:
        raise OpusError("not an Opus payload")
    return count


def is_silence(payload: bytes) -> bool:
    """Whether it only says that there is silence from here on (DTX): it need not be sent, and
    none may follow for a while (RFC 7587, section 3.1.3)."""
    return len(payload) <= 2


def _whole_steps(samples: int) -> int:
    if not 0 < samples <= LONGEST_SAMPLES or samples % STEP_SAMPLES:
        raise ValueError(f"{samples} samples are not whole steps of {STEP_SAMPLES}")
    return samples
