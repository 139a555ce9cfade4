import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.device import Samples
from rooms.media.opus import (
    FRAME_SAMPLES,
    LONGEST_SAMPLES,
    OpusDecoder,
    OpusEncoder,
    OpusError,
    duration,
    is_silence,
)


def tone(hertz: float, frames: int, peak: int = 8000) -> list[Samples]:
    time = np.arange(frames * FRAME_SAMPLES) / 48_000
    return np.split((peak * np.sin(2 * np.pi * hertz * time)).astype(np.int16), frames)


def vowels(frames: int) -> list[Samples]:
    """Speech to Opus: 120 pulses a second, pitch and formant gliding."""
    time = np.arange(frames * FRAME_SAMPLES) / 48_000
    pitch = 120 * time + 4 * np.sin(2 * np.pi * 1.5 * time)
    formant = 600 + 300 * np.sin(2 * np.pi * 2.3 * time)
    sound = np.exp(-8 * (pitch % 1)) * np.sin(2 * np.pi * formant / 120 * (pitch % 1))
    return np.split((12_000 * sound).astype(np.int16), frames)


def pitch(samples: Samples) -> float:
    """The loudest frequency in hertz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 48_000 / len(samples))


def likeness(one: Samples, other: Samples) -> float:
    """Of two sounds' spectra, 0 to 1: 30 ms with 10 ms between them."""

    def spectra(samples: Samples) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(samples.astype(float), 1440)[::480]
        return np.abs(np.fft.rfft(windows * np.hanning(1440)))[:, :120] ** 0.5

    a, b = spectra(one), spectra(other)
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)))


def test_opus_keeps_a_tone() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    sound = np.concatenate([decoder.decode(encoder.encode(frame)) for frame in tone(440, 50)])
    assert len(sound) == 50 * FRAME_SAMPLES
    assert pitch(sound[4800:]) == pytest.approx(440, rel=0.01)


def test_what_was_lost_comes_again_with_the_next_packet() -> None:
    frames = vowels(120)
    encoder = OpusEncoder(bits_per_second=24_000, loss_percent=20)
    payloads = [encoder.encode(frame) for frame in frames]
    whole, recovering, concealing = OpusDecoder(), OpusDecoder(), OpusDecoder()
    original = np.concatenate([whole.decode(payload) for payload in payloads])
    recovered, concealed = [], []
    for number, payload in enumerate(payloads):
        if number % 3 != 2:
            recovered.append(recovering.decode(payload))
            concealed.append(concealing.decode(payload))
        else:
            recovered.append(recovering.recover(payloads[(number + 1) % 120], FRAME_SAMPLES))
            concealed.append(concealing.conceal(FRAME_SAMPLES))
    alike = [likeness(original, np.concatenate(sound)) for sound in (recovered, concealed)]
    assert alike[0] > alike[1] + 0.02, alike


def test_the_bitrate_follows_while_it_runs() -> None:
    encoder = OpusEncoder(bits_per_second=32_000)
    frames = vowels(100)
    many = sum(len(encoder.encode(frame)) for frame in frames)
    encoder.adapt(14_000, 20)
    few = sum(len(encoder.encode(frame)) for frame in frames)
    assert few < 0.6 * many
    with pytest.raises(ValueError, match="bits per second"):
        encoder.adapt(100, 0)


def test_silence_is_told_once_and_then_now_and_again() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    silence = np.zeros(FRAME_SAMPLES, np.int16)
    payloads = [encoder.encode(frame) for frame in [*vowels(20), *[silence] * 100]]
    silent = [is_silence(payload) for payload in payloads]
    assert not any(silent[:20])
    assert 70 < sum(silent) < 100, "a packet about every 400 ms tells the noise"
    for payload in payloads:
        decoder.decode(payload)
    assert np.abs(decoder.conceal(FRAME_SAMPLES)).max() < 100


def test_a_steady_sound_is_not_taken_for_silence() -> None:
    encoder = OpusEncoder()
    assert not any(is_silence(encoder.encode(frame)) for frame in tone(440, 200, peak=2000))


def test_a_lost_beginning_is_silence() -> None:
    assert not OpusDecoder().conceal(FRAME_SAMPLES).any()


@settings(max_examples=150)
@given(st.binary(max_size=1500), st.booleans())
def test_no_payload_brings_the_decoder_down(payload: bytes, lost_before: bool) -> None:
    decoder = OpusDecoder()
    for _ in range(2):
        try:
            if lost_before:
                assert len(decoder.recover(payload, FRAME_SAMPLES)) == FRAME_SAMPLES
            samples = decoder.decode(payload)
        except OpusError:
            continue
        assert 0 < len(samples) == duration(payload) <= LONGEST_SAMPLES
    assert len(decoder.conceal(FRAME_SAMPLES)) == FRAME_SAMPLES, "and it goes on"


@pytest.mark.parametrize("samples", [0, -120, 100, LONGEST_SAMPLES + 120])
def test_what_is_concealed_is_whole_steps(samples: int) -> None:
    with pytest.raises(ValueError, match="steps"):
        OpusDecoder().conceal(samples)
