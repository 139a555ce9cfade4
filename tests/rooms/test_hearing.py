"""What counts as speech in the hall, from its peaks."""

import random
import shutil
import subprocess
import wave

import numpy as np
import pytest

from rooms.hearing import Hearing


def heard(peaks):
    """Whether speech was heard at any time."""
    hearing = Hearing()
    found = False
    for number, dbfs in enumerate(peaks):
        hearing.hear(dbfs, number / 10)
        found |= hearing.speech(number / 10)
    return found


def noise(dbfs, seconds=60):
    return [dbfs + random.Random(number).uniform(-3, 3) for number in range(10 * seconds)]


def raised(peaks, dbfs, start, seconds):
    return [
        dbfs if start <= number / 10 < start + seconds else peak
        for number, peak in enumerate(peaks)
    ]


@pytest.mark.parametrize(
    "peaks",
    [
        pytest.param(noise(-30), id="a fan"),
        pytest.param([-25.0] * 600, id="a hum"),
        pytest.param(raised(noise(-58), -12, 20, 0.3), id="a door"),
        pytest.param(raised(noise(-55), -25, 20, 6), id="a motorbike"),
        pytest.param([-100.0] * 600, id="silence"),
    ],
)
def test_what_is_no_speech(peaks):
    assert not heard(peaks)


def test_a_voice_is_speech_even_in_front_of_a_fan(tmp_path):
    peaks = spoken(tmp_path)
    assert heard(peaks)
    fan = noise(-38, len(peaks) // 10 + 1)
    assert heard(max(voice, hum) for voice, hum in zip(peaks, fan, strict=False))


def test_what_was_said_before_is_forgotten():
    hearing = Hearing()
    for number in range(100):
        hearing.hear(-20.0 if number % 10 < 5 else -60.0, number / 10)
    assert hearing.speech(10)
    assert not hearing.speech(25)
    assert not hearing.speech(1000)


def spoken(tmp_path):
    """The peaks of a sentence that espeak says, at the loudness of a voice across the hall."""
    sentence = (
        "Thưa bà con, hôm nay tổ dân phố ta họp về việc đổ rác đúng giờ. "
        "Cống đầu ngõ tắc đã ba tuần. Mỗi lần mưa, nước ngập đến bậc cửa. "
        "Xin phường cho biết, bao giờ thì sửa?"
    )
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    subprocess.run([program, "-v", "vi", "-w", str(tmp_path / "voice.wav"), sentence], check=True)
    with wave.open(str(tmp_path / "voice.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        step = file.getframerate() // 10
    loudest = np.abs(samples).max()
    parts = [np.abs(samples[at : at + step]).max() for at in range(0, len(samples), step)]
    return [max(-100.0, 20 * np.log10(part / loudest + 1e-9) - 22) for part in parts]
