"""Halls made by calculation: what a microphone hears of a loudspeaker, a resident and noise.

A `Scene` says what is so (room, delay, clocks, levels), `record` makes the sound of it: the same
for the same scene on every run. Speech is espeak-ng's, in Vietnamese; rooms are pyroomacoustics'
(image sources and ray tracing). Every scene has the same course, so that one run of a canceller is
scored where only the official speaks, where only the resident does, and where both do:

    0.5-9.0 s    the official alone
    9.5-13.0 s   the resident alone
    13.0-21.0 s  both
    21.5-28.0 s  the official alone; at 23 s the path changes where the scene says so
"""

import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyroomacoustics as pra
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

Sound = NDArray[np.float32]
"""Samples at 48 kHz, full scale at 1."""

RATE = 48000
SECONDS = 28.0
CHANGE = 23.0
FAR_ALONE = (0.5, 9.0)
NEAR_ALONE = (9.5, 13.0)
BOTH = (13.0, 21.0)
FAR_AGAIN = (21.5, 28.0)
HALL = (10.0, 6.0, 3.2)
WIDE_HALL = (20.0, 12.0, 4.5)

TEXTS = (
    "Kính thưa bà con, hôm nay ủy ban nhân dân phường trả lời từng câu hỏi của tổ dân phố. "
    "Việc thứ nhất là đường ống nước sạch ở ngõ mười hai. Đơn vị thi công đã khảo sát xong, "
    "tuần sau sẽ đào đường và thay ống mới trong bốn ngày. Việc thứ hai là đèn chiếu sáng. "
    "Phường đã có kinh phí và sẽ lắp thêm hai mươi bóng trước cuối tháng. Mong bà con thông cảm.",
    "Thưa các đồng chí, nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân. "
    "Chúng tôi đã kiến nghị ba lần mà chưa thấy ai xuống xem. Cống thoát nước bị đất đá lấp kín, "
    "rác thì không có người dọn. Đề nghị phường cho biết bao giờ sửa và ai là người chịu trách "
    "nhiệm, để bà con chúng tôi còn theo dõi. Các cháu nhỏ đi học phải lội nước rất nguy hiểm.",
)
_VOICES = ("vi", "vi-vn-x-central", "vi-vn-x-south", "vi+f2", "vi-vn-x-south+f3", "vi+m3")


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    seed: int
    room: tuple[float, float, float] = HALL
    """Metres."""
    rt60: float = 0.6
    """Seconds."""
    delay: float = 0.12
    """Seconds from the reference to the loudspeaker's membrane."""
    drift: float = 0.0
    """ppm by which the loudspeaker's clock runs slower than the microphone's."""
    echo: float = 0.0
    """dB by which the official is louder than the resident, at the microphone."""
    quiet: float = 30.0
    """dB by which the resident is louder than the noise."""
    change: bool = False
    """At `CHANGE` the microphone is moved by 0.7 m and the door opens."""
    saturated: bool = False
    """The loudspeaker's amplifier is driven too hard."""


@dataclass(frozen=True, slots=True)
class Recording:
    far: Sound
    """As it was played: the reference."""
    microphone: Sound
    echo: Sound
    """The official's part of `microphone`."""
    near: Sound
    """The resident's part, with the room's sound on it."""
    noise: Sound


def record(scene: Scene) -> Recording:
    """Takes some seconds, most of them for the room."""
    rng = np.random.default_rng(scene.seed)
    length = int(SECONDS * RATE)
    voices = rng.permutation(len(_VOICES))
    pitches = rng.integers(25, 75, 2)
    official = speech(TEXTS[0], _VOICES[voices[0]], int(pitches[0]))
    resident = speech(TEXTS[1], _VOICES[voices[1]], int(pitches[1]))
    far = np.zeros(length, np.float32)
    for (begin, end), at in ((FAR_ALONE, 0.0), (BOTH, 8.0), (FAR_AGAIN, 3.0)):
        _lay(far, official, begin, end, at)
    dry = np.zeros(length, np.float32)
    for (begin, end), at in ((NEAR_ALONE, 0.0), ((BOTH[0] + 0.7, BOTH[1] - 0.3), 4.0)):
        _lay(dry, resident, begin, end, at)

    before, after, of_resident = paths(scene.room, scene.rt60, scene.seed)
    played = _slowed(far, scene.drift)
    if scene.saturated:
        played = (np.tanh(3 * played) / 3).astype(np.float32)
    played = np.concatenate([np.zeros(int(scene.delay * RATE), np.float32), played])[:length]
    echo = fftconvolve(played, before)[:length]
    if scene.change:
        at = int(CHANGE * RATE)
        echo[at:] = fftconvolve(played, after)[at:length]
    near = fftconvolve(dry, of_resident)[:length]

    resident_level = -30 if scene.echo > 5 else -26
    near *= to_level(near[_part(BOTH)], resident_level)
    echo *= to_level(echo[_part(BOTH)], resident_level + scene.echo)
    noise = _pink(length, rng)
    noise *= to_level(noise, resident_level - scene.quiet)
    parts = [part.astype(np.float32) for part in (echo, near, noise)]
    return Recording(far, np.clip(sum(parts), -1, 1).astype(np.float32), *parts)


def _part(seconds: tuple[float, float]) -> slice:
    return slice(int(seconds[0] * RATE), int(seconds[1] * RATE))


def _lay(into: Sound, speech: Sound, begin: float, end: float, at: float) -> None:
    """From second `at` of the speech, from its start again where it is too short."""
    span = _part((begin, end))
    length = span.stop - span.start
    into[span] = np.resize(np.roll(speech, -int(at * RATE)), length)
    fade = RATE // 100
    into[span.start : span.start + fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    into[span.stop - fade : span.stop] *= np.linspace(1, 0, fade, dtype=np.float32)


def to_level(sound: NDArray[np.floating], level: float) -> float:
    """The factor that makes its mean power `level` dBFS."""
    return float(10 ** (level / 20) / np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


@lru_cache(64)
def speech(text: str, voice: str, pitch: int) -> Sound:
    """Raises RuntimeError where espeak-ng is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is not installed; scripts/setup.sh installs it")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(
            [program, "-v", voice, "-p", str(pitch), "-s", "150", "-w", path, text], check=True
        )
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    speech = resample_poly(samples, RATE, rate)
    speech = speech * to_level(speech, -23)
    clipped: Sound = np.clip(speech, -0.95, 0.95).astype(np.float32)
    return clipped


@lru_cache(8)
def paths(room: tuple[float, float, float], rt60: float, seed: int) -> tuple[Sound, Sound, Sound]:
    """Impulse responses: loudspeaker to microphone, to the moved microphone, resident to it."""
    rng = np.random.default_rng(seed)
    pra.random.seed(numpy=seed, libroom=seed)
    width, depth, height = room
    shift = rng.uniform(-0.5, 0.5, 2)
    loudspeaker = (0.5, depth / 2 + shift[0], min(2.4, height - 0.3))
    microphone = (width / 2 + shift[1], depth / 2, 1.0)
    moved = (microphone[0] + 0.5, microphone[1] + 0.5, 1.0)
    resident = (microphone[0], microphone[1] + rng.uniform(0.4, 0.9), 1.25)
    return (
        _impulse_response(room, rt60, loudspeaker, microphone),
        _impulse_response(room, rt60 * 0.9, loudspeaker, moved),
        _impulse_response(room, rt60, resident, microphone),
    )


def _impulse_response(
    room: tuple[float, float, float],
    rt60: float,
    source: tuple[float, float, float],
    microphone: tuple[float, float, float],
) -> Sound:
    absorption, order = pra.inverse_sabine(rt60, room)
    hall = pra.ShoeBox(
        room,
        fs=RATE,
        materials=pra.Material(absorption),
        max_order=min(order, 12),
        ray_tracing=True,
        air_absorption=True,
    )
    hall.set_ray_tracing(n_rays=6000, receiver_radius=0.4)
    hall.add_source(source)
    hall.add_microphone(microphone)
    hall.compute_rir()
    return np.asarray(hall.rir[0][0], np.float32)


def _slowed(sound: Sound, ppm: float) -> Sound:
    """As a clock that is `ppm` slower plays it: cubic interpolation of the fourfold rate."""
    if not ppm:
        return sound
    fine = resample_poly(sound, 4, 1)
    at = np.clip(np.arange(len(sound)) * (1 - ppm * 1e-6) * 4, 1, len(fine) - 3)
    whole = at.astype(int)
    part = at - whole
    a, b, c, d = (fine[whole + step] for step in (-1, 0, 1, 2))
    slope = c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a))
    slowed: Sound = (b + 0.5 * part * slope).astype(np.float32)
    return slowed


def _pink(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A fan and a street: 3 dB less an octave, flat below 50 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.arange(len(spectrum)) * RATE / length
    noise: NDArray[np.float64] = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency, 50)), length)
    return noise
