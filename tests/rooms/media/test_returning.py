"""Whose machine sends back what the hall says, and whose does not. Speech is espeak-ng's."""

import shutil
import subprocess
import wave

import numpy as np
import pytest
from scipy.signal import fftconvolve, resample_poly

from rooms.media.returning import Returning

RATE = 48000
FRAME = 960
SECONDS = 14
TEXTS = (
    ("vi", "Thưa các đồng chí, nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân. Cống "
     "thoát nước bị đất đá lấp kín, rác thì không có người dọn, các cháu đi học phải lội nước."),
    ("vi+f2", "Kính thưa bà con, hôm nay ủy ban trả lời từng câu hỏi. Đơn vị thi công đã khảo sát "
     "xong, tuần sau sẽ đào đường. Phường có kinh phí và sẽ lắp hai mươi bóng đèn mới."),
    ("vi+m3", "Vâng, tôi xin ghi nhận ý kiến của bác. Chúng tôi đề nghị công ty môi trường thu gom "
     "hai ngày một lần, và cử cán bộ địa chính xuống kiểm tra ngay trong tuần này ạ."),
)  # fmt: skip


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    spoken = []
    for number, (voice, text) in enumerate(TEXTS):
        path = tmp_path_factory.mktemp("voices") / f"{number}.wav"
        subprocess.run([program, "-v", voice, "-s", "150", "-w", path, text], check=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
            sound = np.resize(resample_poly(samples, RATE, file.getframerate()), SECONDS * RATE)
        spoken.append(0.06 * sound / np.std(sound))
    return spoken


def late(sound, seconds, gain=1.0):
    """As another microphone in a reverberant hall has it, so much later."""
    time = np.arange(RATE // 3) / RATE
    response = np.random.default_rng(2).standard_normal(len(time)) * 10 ** (-3 * time / 0.4)
    heard = fftconvolve(np.concatenate([np.zeros(int(seconds * RATE)), sound]), response)
    heard = heard[: len(sound)]
    return gain * heard * np.std(sound) / np.std(heard)


def told(heard=("a", "b"), **sounds):
    """Who is named, after each second."""
    returning = Returning("hall")
    noise = 1e-4 * np.random.default_rng(3).standard_normal(SECONDS * RATE)
    samples = {name: np.int16(np.clip(s + noise, -1, 1) * 32767) for name, s in sounds.items()}
    return [
        returning.look()
        for at in range(0, SECONDS * RATE, FRAME)
        if returning.add({name: s[at : at + FRAME] for name, s in samples.items()}, heard)
    ]


@pytest.mark.parametrize("delay", [0.08, 0.35, 1.2])
def test_a_laptop_in_the_hall_is_named(voices, delay):
    """It has the resident, and the official out of the hall's loudspeakers."""
    resident, official, _ = voices
    resident = resident.copy()
    resident[7 * RATE :] = 0
    official = official.copy()
    official[: 7 * RATE] = 0
    named = told(hall=resident, a=official, b=late(resident + official, delay, 0.5))
    assert named[-1] == {"b"}
    assert {"a"} not in named


def test_it_is_named_while_its_owner_speaks_too(voices):
    resident, owner, _ = voices
    named = told(hall=resident, b=late(resident, 0.3) + 0.5 * owner)
    assert named[-1] == {"b"}


def test_nobody_is_named_for_talking_at_the_same_time(voices):
    resident, first, second = voices
    residue = 0.01 * late(first + second, 0.2)
    """What the echo canceller leaves of them."""
    assert set(told(hall=resident + residue, a=first, b=second)) == {frozenset()}
    assert set(told(hall=residue, a=first, b=second)) == {frozenset()}


def test_what_nobody_hears_disturbs_nobody(voices):
    assert set(told(hall=voices[0], b=late(voices[0], 0.3, 0.01))) == {frozenset()}


def test_who_is_muted_is_named_no_more(voices):
    resident = voices[0]
    returning = Returning("hall")
    sounds = {"hall": resident, "b": late(resident, 0.3)}
    samples = {name: np.int16(sound * 32767) for name, sound in sounds.items()}
    for at in range(0, SECONDS * RATE, FRAME):
        if returning.add({n: s[at : at + FRAME] for n, s in samples.items()}, {"b"}):
            named = returning.look()
    assert named == {"b"}
    for at in range(0, RATE, FRAME):
        if returning.add({"hall": samples["hall"][at : at + FRAME]}, ()):
            named = returning.look()
    assert named == frozenset()
