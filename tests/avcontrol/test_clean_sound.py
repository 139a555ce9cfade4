"""The hall's sound chain over files."""

import wave

import numpy as np
import pytest

from avcontrol.cli import main


def write(path, samples, rate=48000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.asarray(samples, "<i2").tobytes())


def clean(folder, *more):
    names = ("microphone", "loudspeaker", "out")
    arguments = [part for name in names for part in (f"--{name}", str(folder / f"{name}.wav"))]
    with pytest.raises(SystemExit) as ended:
        main([*more, "clean-sound", *arguments])
    return ended.value.code


def test_who_speaks_comes_out_in_time_and_as_long_as_he_was(tmp_path):
    rng = np.random.default_rng(1)
    speaks = np.repeat(rng.random(14) > 0.4, 4800)[:66_000]
    turns = 2 * np.pi * np.cumsum(260 + 40 * np.sin(np.arange(66_000) / 9600)) / 48_000
    voice = 1500 * speaks * sum(np.sin(n * turns + n * n) / n**0.5 for n in range(1, 12))
    write(tmp_path / "microphone.wav", voice)
    write(tmp_path / "loudspeaker.wav", np.zeros(48_000))
    assert clean(tmp_path) == 0
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 48000, 66_000)
        out = np.frombuffer(file.readframes(66_000), "<i2").astype(float)
    shifts = range(-20, 21)
    alike = [np.corrcoef(np.roll(voice, shift)[24_000:], out[24_000:])[0, 1] for shift in shifts]
    assert abs(shifts[int(np.argmax(alike))]) <= 1
    assert max(alike) > 0.95


def test_a_file_that_is_not_as_it_has_to_be_is_told_with_what_to_do(tmp_path, capsys):
    write(tmp_path / "microphone.wav", np.zeros(480), rate=44_100)
    assert clean(tmp_path, "--language", "en") == 1
    assert "ffmpeg" in capsys.readouterr().err
    (tmp_path / "microphone.wav").write_bytes(b"no sound")
    assert clean(tmp_path, "--language", "vi") == 1
    assert "Không đọc được tệp âm thanh" in capsys.readouterr().err
    (tmp_path / "microphone.wav").unlink()
    assert clean(tmp_path) == 1
    assert not (tmp_path / "out.wav").exists()
