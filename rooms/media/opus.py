"""Opus in frames of 20 ms, mono, 48 kHz (RFC 6716, RFC 7587), through libopus in PyAV."""

from fractions import Fraction

import av
import numpy as np

from devices.device import Samples

FRAME_SAMPLES = 960
BITS_PER_SECOND = 32_000


class OpusEncoder:
    """Speech with in-band forward error correction, prepared for 10 % loss."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, av.AudioCodecContext)
        codec.sample_rate = 48_000
        codec.layout = "mono"
        codec.format = "s16"
        codec.bit_rate = BITS_PER_SECOND
        codec.time_base = Fraction(1, 48_000)
        codec.options = {
            "application": "voip",
            "frame_duration": "20",
            "fec": "1",
            "packet_loss": "10",
        }
        self._codec = codec
        self._samples = 0

    def encode(self, samples: Samples) -> bytes:
        """One payload of `FRAME_SAMPLES` samples."""
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48_000
        frame.pts = self._samples
        self._samples += len(samples)
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


class OpusDecoder:
    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        assert isinstance(codec, av.AudioCodecContext)
        codec.sample_rate = 48_000
        codec.layout = "mono"
        self._codec = codec

    def decode(self, payload: bytes) -> Samples:
        """The samples of one payload; none where it cannot be decoded."""
        try:
            frames = self._codec.decode(av.Packet(payload))
        except av.FFmpegError:
            return np.empty(0, np.int16)
        if not frames:
            return np.empty(0, np.int16)
        return np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(
            np.int16, copy=False
        )
