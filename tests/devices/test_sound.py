"""The hall's sound over a real PulseAudio: heard, played, lost and got back."""

import asyncio
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import pytest

from base.cause import Cause
from base.latest import Latest
from config.settings import SoundSection
from devices.device import (
    ChirpKind,
    Condition,
    Device,
    DeviceError,
    Echo,
    EchoState,
    Health,
    Samples,
    Turns,
    VolumeKnob,
)
from devices.sound.away import CALM_SECONDS
from devices.sound.hall import CONVERTING, ProcessSound
from devices.sound.listing import list_sound_devices
from devices.sound.mixer import Mixer
from devices.virtual.sound import VirtualSound, missing_programs, tone, virtual_sound, write_wav
from web.sentences import say

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio"),
]
CEILING = 20.0
RATE = 48000
T = TypeVar("T")


@pytest.fixture
async def hall() -> AsyncIterator[VirtualSound]:
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        async with virtual_sound(Path(folder)) as hall:
            yield hall


@asynccontextmanager
async def sound_over(
    environment: Mapping[str, str],
    microphone: str = "house_mic",
    loudspeaker: str = "house_spk",
    gain: int | None = None,
    fallback: str = "",
) -> AsyncIterator[ProcessSound]:
    settings = SoundSection(
        microphone=microphone,
        loudspeaker=loudspeaker,
        microphone_gain=gain,
        fallback_microphone=fallback,
    )
    sound = ProcessSound(settings, environment=environment)
    running = asyncio.create_task(sound.run())
    try:
        yield sound
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def sound(hall: VirtualSound) -> AsyncIterator[ProcessSound]:
    async with sound_over(hall.environment) as sound:
        yield sound


async def becomes(latest: Latest[T], right: Callable[[T], bool]) -> T:
    async with asyncio.timeout(CEILING):
        async for value in latest.changes():
            if right(value):
                return value
    raise AssertionError


async def health(device: Device, condition: Condition) -> Health:
    return await becomes(device.health, lambda health: health.condition is condition)


async def failure(device: Device, code: str) -> Cause:
    found = await becomes(
        device.health, lambda health: health.cause is not None and health.cause.code == code
    )
    assert found.condition is Condition.FAILED
    assert found.cause is not None
    assert say(found.cause, "vi") != code
    assert say(found.cause, "en") != code
    return found.cause


class Ear:
    """Collects what the microphone hears."""

    def __init__(self, sound: ProcessSound) -> None:
        self.frames: list[Samples] = []
        self.stop = sound.subscribe(self.frames.append)

    async def hears(self, frames: int) -> Samples:
        """So many new frames."""
        start = len(self.frames)
        async with asyncio.timeout(CEILING):
            while len(self.frames) < start + frames:
                await asyncio.sleep(0.02)
        return np.concatenate(self.frames[start:])


@asynccontextmanager
async def playing(sound: ProcessSound, frequency: float) -> AsyncIterator[None]:
    """Somebody far away sings into the loudspeaker, 20 ms at a time."""

    def sung(sent: int) -> Samples:
        n = np.arange(sent * 960, (sent + 1) * 960)
        return np.asarray(16000 * np.sin(2 * np.pi * frequency * n / RATE), np.int16)

    async with feeding(sound, sung):
        yield


@asynccontextmanager
async def playing_noise(sound: ProcessSound) -> AsyncIterator[None]:
    rng = np.random.default_rng(5)
    async with feeding(sound, lambda _: np.asarray(2000 * rng.standard_normal(960), np.int16)):
        yield


@asynccontextmanager
async def feeding(sound: ProcessSound, piece: Callable[[int], Samples]) -> AsyncIterator[None]:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), 0
        while True:
            sound.play(piece(sent))
            sent += 1
            await asyncio.sleep(start + sent * 0.02 - loop.time())

    task = asyncio.create_task(play())
    try:
        yield
    finally:
        task.cancel()


def spectrum(samples: Samples) -> tuple[float, float]:
    """The strongest frequency in Hz, and its level in dB."""
    size = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    at = int(size.argmax())
    return at * RATE / len(samples), float(20 * np.log10(size[at] / len(samples) + 1e-9))


async def loudness(hall: VirtualSound, frequency: float) -> float:
    """Level of the tone at the loudspeaker, once it is there; gaps of a busy machine left out."""
    async with asyncio.timeout(CEILING):
        while True:
            found, level = spectrum(await hall.record_loudspeaker(0.5))
            if abs(found - frequency) < 0.01 * frequency and level > 0:
                pieces = np.split(await hall.record_loudspeaker(1.0), 20)
                return sorted(spectrum(piece)[1] for piece in pieces)[15]


async def test_the_hall_is_heard(hall: VirtualSound, sound: ProcessSound, tmp_path: Path) -> None:
    write_wav(tmp_path / "tone.wav", tone(1000, 15))
    ear = Ear(sound)
    sound.open_microphone()
    await becomes(sound.microphone_open, bool)
    assert sound.microphone.health.value.condition is Condition.WORKING
    singing = asyncio.create_task(hall.play_into_microphone(tmp_path / "tone.wav"))
    try:
        await becomes(sound.levels, lambda levels: levels.microphone > -20)
        heard = await ear.hears(50)
    finally:
        singing.cancel()
    assert {frame.shape for frame in ear.frames} == {(480,)}
    assert heard.dtype == np.int16
    assert spectrum(heard)[0] == pytest.approx(1000, rel=0.01)
    assert sound.levels.value.microphone == pytest.approx(-12, abs=1)
    ear.stop()
    count = len(ear.frames)
    await asyncio.sleep(0.2)
    assert len(ear.frames) == count


async def test_the_loudspeaker_plays_as_loud_as_asked(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    await health(sound.loudspeaker, Condition.WORKING)
    async with playing(sound, 700):
        sound.set_volume(100)
        await becomes(sound.volume, lambda percent: percent == 100)
        loud = await loudness(hall, 700)
        shown = await becomes(sound.levels, lambda levels: levels.loudspeaker > -7)
        assert shown.loudspeaker == pytest.approx(-6.2, abs=0.5)
        sound.set_volume(50)
        await becomes(sound.volume, lambda percent: percent == 50)
        soft = await loudness(hall, 700)
    assert loud - soft == pytest.approx(18.1, abs=1)


async def test_what_is_played_reaches_the_microphone_and_nobody_far_away(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    """Through the air; the echo canceller takes it out of what is heard elsewhere."""
    ear = Ear(sound)
    sound.open_microphone()
    await becomes(sound.microphone_open, bool)
    async with playing(sound, 440):
        await becomes(sound.levels, lambda levels: levels.microphone > -30)
        # A machine that runs four tests at once tears the path again and again.
        async with asyncio.timeout(3 * CEILING):
            while np.abs(await ear.hears(50)).max() > 100:  # -50 dBFS
                pass
        assert sound.levels.value.microphone > -30, "the meter shows what is in the hall"


async def test_a_torn_and_a_dead_microphone_are_told_in_words(
    hall: VirtualSound, sound: ProcessSound, tmp_path: Path
) -> None:
    sound.open_microphone()
    await health(sound.microphone, Condition.WORKING)
    write_wav(tmp_path / "loud.wav", tone(300, 20, peak=1.0))
    shouting = asyncio.create_task(hall.play_into_microphone(tmp_path / "loud.wav"))
    try:
        await advice(sound.microphone, "sound.microphone_clipped")
    finally:
        shouting.cancel()
    await hall.silence()
    await advice(sound.microphone, "sound.microphone_silent")
    assert sound.microphone_open.value
    sound.close_microphone()
    await health(sound.microphone, Condition.STANDBY)


async def test_a_howl_is_told(hall: VirtualSound, sound: ProcessSound, tmp_path: Path) -> None:
    """Through the whole sound process; what is done about it: `test_sound_howl.py`."""
    sound.open_microphone()
    await health(sound.microphone, Condition.WORKING)
    grows = 10 ** (np.minimum(60 * np.arange(12 * RATE) / RATE - 70, 0) / 20)
    write_wav(tmp_path / "howl.wav", tone(1234, 12) * grows)
    howling = asyncio.create_task(hall.play_into_microphone(tmp_path / "howl.wav"))
    try:
        await advice(sound.loudspeaker, "sound.howls")
    finally:
        howling.cancel()


async def advice(device: Device, code: str) -> None:
    found = await becomes(device.health, lambda health: health.cause == Cause(code))
    assert found.condition is Condition.IMPAIRED
    assert say(Cause(code), "vi") != code


async def test_a_chirp_tells_how_late_the_microphone_hears_the_loudspeaker(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    sound.set_volume(100)
    sound.open_microphone()
    await becomes(sound.microphone_open, bool)
    async with asyncio.timeout(CEILING):
        while (heard := await sound.chirp(ChirpKind.TEST)).delay is None or heard.rattles:
            pass  # a busy machine tore it
    assert 0 <= heard.delay < 0.6
    assert heard.echo == pytest.approx(0, abs=4)
    assert heard.loudspeaker == pytest.approx(-15, abs=1)
    assert heard.noise < -50
    async with playing_noise(sound):
        # A busy machine tears the first of it; what is measured goes on.
        await becomes(
            sound.echo,
            lambda e: (
                e.state is EchoState.READY
                and e.heard == pytest.approx(0, abs=4)
                and e.left is not None
                and e.left < -30
            ),
        )
    sound.close_microphone()
    assert sound.echo.value == Echo(), "nothing is known of a hall that is not heard"
    sound.open_microphone()
    await becomes(sound.microphone_open, bool)
    sound.set_volume(0)
    await becomes(sound.volume, lambda percent: percent == 0)
    await becomes(sound.levels, lambda levels: levels.loudspeaker < -90)
    await asyncio.sleep(0.5)  # what was played before is not among what is recorded
    assert (await sound.chirp(ChirpKind.TEST)).delay is None


async def until(asked: Callable[[], Awaitable[T]], right: T) -> None:
    async with asyncio.timeout(CEILING):
        while await asked() != right:
            await asyncio.sleep(0.1)


async def test_the_volume_is_the_systems_both_ways_and_holds_over_a_new_process(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    await health(sound.loudspeaker, Condition.WORKING)
    sound.set_volume(40)
    await until(hall.volume, 40)
    await becomes(sound.volume, lambda percent: percent == 40)
    await hall.turn_volume(65)
    began = time.monotonic()
    await becomes(sound.volume, lambda percent: percent == 65)
    print(f"the system's mixer was followed after {time.monotonic() - began:.2f} s")
    async with playing(sound, 700):
        await becomes(
            sound.levels,
            lambda levels: levels.loudspeaker == pytest.approx(-6.2 - 11.2, abs=0.5),
        )
    first = sound.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await failure(sound.loudspeaker, "sound.process_died")
    await health(sound.loudspeaker, Condition.WORKING)
    async with asyncio.timeout(CEILING):
        while sound.process_id in {None, first}:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    assert (await hall.volume(), sound.volume.value) == (65, 65)


async def test_a_volume_turned_while_our_stream_was_opened_again_holds(hall: VirtualSound) -> None:
    """Whoever turned it in that moment is not overruled by an older wish."""
    own = {**os.environ, **hall.environment}
    own["PULSE_PROP"] = f"application.process.id={os.getpid()}"
    mixer, server = Mixer(), own["PULSE_SERVER"]

    async def stream() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "pacat", "--device=house_speakers", "/dev/zero", env=own
        )

    async def seen(percent: int, wish: int | None = None) -> None:
        async with asyncio.timeout(CEILING):
            while (told := mixer.look(wish).loudspeaker) is None or told.percent != percent:
                wish = None if told else wish
                await asyncio.sleep(0.05)

    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("PULSE_SERVER", server)
        first = await stream()
        try:
            await seen(40, wish=40)
            await hall.turn_volume(65)
        finally:
            first.kill()
            await first.wait()
        second = await stream()
        try:
            await seen(65)
        finally:
            mixer.close()
            second.kill()
            await second.wait()
    assert await hall.volume() == 65


async def test_the_microphones_gain_is_known_and_set_where_the_settings_say_so(
    hall: VirtualSound,
) -> None:
    await hall.turn_gain(45)
    async with sound_over(hall.environment) as sound:
        assert sound.gain.value is None
        sound.open_microphone()
        await becomes(sound.gain, lambda percent: percent == 45)
        await hall.turn_gain(60)
        await becomes(sound.gain, lambda percent: percent == 60)
        sound.close_microphone()
        await becomes(sound.gain, lambda percent: percent is None)
    async with sound_over(hall.environment, gain=80) as sound:
        sound.open_microphone()
        await becomes(sound.gain, lambda percent: percent == 80)


async def test_what_is_muted_in_the_system_is_told_and_a_microphone_stays_muted(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    sound.open_microphone()
    await health(sound.microphone, Condition.WORKING)
    await hall.mute(microphone=True, loudspeaker=True)
    await advice(sound.loudspeaker, "sound.loudspeaker_muted")
    await advice(sound.microphone, "sound.microphone_muted")
    await becomes(sound.knob, lambda knob: knob == VolumeKnob(Turns.SERVER, muted=True))
    sound.set_volume(55)
    await health(sound.loudspeaker, Condition.WORKING)
    await becomes(sound.knob, lambda knob: knob == VolumeKnob(Turns.SERVER))
    sound.close_microphone()
    await health(sound.microphone, Condition.STANDBY)
    sound.open_microphone()
    await advice(sound.microphone, "sound.microphone_muted")
    assert await hall.muted() == (True, False)
    await hall.mute(microphone=False)
    await health(sound.microphone, Condition.WORKING)


async def test_a_closed_microphone_captures_nothing(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    ear = Ear(sound)
    await health(sound.microphone, Condition.STANDBY)
    await health(sound.loudspeaker, Condition.WORKING)
    assert sound.process_id not in await hall.recorders()
    await asyncio.sleep(0.5)
    assert ear.frames == []
    sound.open_microphone()
    await ear.hears(5)
    assert sound.process_id in await hall.recorders()
    sound.close_microphone()
    count = len(ear.frames)
    await health(sound.microphone, Condition.STANDBY)
    assert not sound.microphone_open.value
    assert sound.process_id not in await hall.recorders()
    await asyncio.sleep(0.3)
    assert len(ear.frames) == count


async def test_a_lost_sound_server_is_told_and_comes_back(
    hall: VirtualSound, sound: ProcessSound, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "devices.sound.hall")
    ear = Ear(sound)
    sound.open_microphone()
    await ear.hears(5)
    process = sound.process_id
    await hall.kill()
    await failure(sound.loudspeaker, "sound.loudspeaker_none")
    await failure(sound.microphone, "sound.microphone_none")
    assert not sound.microphone_open.value
    await asyncio.sleep(2)
    await hall.start()
    await health(sound.loudspeaker, Condition.WORKING)
    await health(sound.microphone, Condition.WORKING)
    await ear.hears(20)
    assert sound.process_id == process
    lines = [record.getMessage() for record in caplog.records]
    for device in ("microphone", "loudspeaker"):
        assert sum(line.startswith(f"{device} is lost") for line in lines) == 1
        assert sum(line.startswith(f"{device} is back") for line in lines) == 1


async def test_a_sound_server_that_starts_later_is_found(hall: VirtualSound) -> None:
    await hall.kill()
    async with sound_over(hall.environment) as sound:
        await failure(sound.microphone, "sound.microphone_none")
        await hall.start()
        await health(sound.microphone, Condition.STANDBY)
        await health(sound.loudspeaker, Condition.WORKING)


async def test_a_loudspeaker_that_was_pulled_out_is_told_though_pulse_goes_on_elsewhere(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    await health(sound.loudspeaker, Condition.WORKING)
    await hall.remove_loudspeaker()
    cause = await failure(sound.loudspeaker, "sound.loudspeaker_refused")
    assert cause.params["name"] == "house_spk"


async def test_another_microphone_stands_in_until_the_first_is_back_for_a_while(
    hall: VirtualSound, tmp_path: Path
) -> None:
    """And a microphone that comes back with another sample rate is heard as before."""
    await hall.bring_second_microphone()
    async with sound_over(hall.environment, fallback=hall.second) as sound:
        sound.open_microphone()
        await health(sound.microphone, Condition.WORKING)
        ear = Ear(sound)
        await ear.hears(5)
        await hall.remove_microphone()
        told = await becomes(
            sound.microphone.health,
            lambda h: h.cause is not None and h.cause.code == "sound.microphone_fallback",
        )
        assert told.condition is Condition.IMPAIRED
        assert told.cause is not None
        assert told.cause.params == {"name": "house_mic", "fallback": "second_mic"}
        await ear.hears(20)
        assert sound.microphone_open.value
        await hall.add_microphone(rate=44100)
        back = await health(sound.microphone, Condition.WORKING)
        assert (back.since - told.since).total_seconds() > CALM_SECONDS
        write_wav(tmp_path / "tone.wav", tone(1000, 1.5))
        await ear.hears(10)
        start = len(ear.frames)
        await hall.play_into_microphone(tmp_path / "tone.wav")
        heard = np.concatenate(ear.frames[start + 50 : start + 100])
        assert abs(spectrum(heard)[0] - 1000) < 20


async def test_where_neither_microphone_is_there_the_first_is_named(hall: VirtualSound) -> None:
    async with sound_over(hall.environment, "none_such", fallback="nor_this") as sound:
        cause = await failure(sound.microphone, "sound.microphone_missing")
        assert cause.params["name"] == "none_such"


async def test_a_closed_microphone_that_is_missing_says_who_stands_in(hall: VirtualSound) -> None:
    await hall.bring_second_microphone()
    async with sound_over(hall.environment, "none_such", fallback=hall.second) as sound:
        told = await health(sound.microphone, Condition.STANDBY)
        assert told.cause is not None
        assert told.cause.code == "sound.microphone_fallback"
        assert not sound.microphone_open.value


async def test_a_sound_server_that_hangs_is_told_and_comes_back(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    """Callbacks stop and nothing else happens, as with a card that was pulled out."""
    ear = Ear(sound)
    sound.open_microphone()
    await ear.hears(5)
    server = hall.process_id
    assert server is not None
    os.kill(server, signal.SIGSTOP)
    try:
        await failure(sound.loudspeaker, "sound.loudspeaker_stalled")
    finally:
        os.kill(server, signal.SIGCONT)
    await health(sound.loudspeaker, Condition.WORKING)
    await health(sound.microphone, Condition.WORKING)
    await ear.hears(20)


async def test_a_loudspeaker_that_stumbles_is_reopened_and_called_impaired(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    await health(sound.loudspeaker, Condition.WORKING)
    process = sound.process_id
    assert process is not None

    async def make_it_stumble() -> None:
        while True:
            os.kill(process, signal.SIGSTOP)
            await asyncio.sleep(0.4)
            os.kill(process, signal.SIGCONT)
            await asyncio.sleep(1.5)

    stumbling = asyncio.create_task(make_it_stumble())
    try:
        impaired = await health(sound.loudspeaker, Condition.IMPAIRED)
    finally:
        stumbling.cancel()
        os.kill(process, signal.SIGCONT)
    assert impaired.cause == Cause("sound.loudspeaker_choppy")
    assert sound.process_id == process
    async with playing(sound, 700):
        await loudness(hall, 700)


@pytest.mark.soak
async def test_after_a_stall_the_delay_is_what_it_was(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    """Whatever piled up meanwhile is gone again."""

    async def delay() -> float:
        while True:
            if (heard := await sound.chirp(ChirpKind.TEST)).delay is not None:
                return heard.delay

    sound.set_volume(100)
    sound.open_microphone()
    await becomes(sound.microphone_open, bool)
    async with asyncio.timeout(2 * CEILING):
        before = await delay()
        process = sound.process_id
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        await asyncio.sleep(0.5)
        os.kill(process, signal.SIGCONT)
        longest = 0.0
        while (after := await delay()) > before + 0.05:
            longest = max(longest, after)
    print(f"delay {before:.3f} s before, {after:.3f} s after, {longest:.3f} s meanwhile")
    assert sound.process_id == process


async def test_a_dead_sound_process_is_replaced_and_the_wishes_hold(
    hall: VirtualSound, sound: ProcessSound
) -> None:
    ear = Ear(sound)
    sound.open_microphone()
    sound.set_volume(35)
    await becomes(sound.volume, lambda percent: percent == 35)
    await ear.hears(5)
    first = sound.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    cause = await failure(sound.microphone, "sound.process_died")
    assert cause.params["status"] == -signal.SIGKILL
    await health(sound.microphone, Condition.WORKING)
    await ear.hears(20)
    assert sound.process_id != first
    # What tests/guest has in its own process, because it opens a card of the kernel.
    assert psutil.Process(sound.process_id).environ().items() >= CONVERTING.items()
    async with playing(sound, 700):
        sound.set_volume(35)
        await loudness(hall, 700)
        shown = sound.levels.value.loudspeaker
    assert shown == pytest.approx(-6.2 - 27.4, abs=1)


async def test_a_hung_sound_process_is_replaced(hall: VirtualSound, sound: ProcessSound) -> None:
    await health(sound.loudspeaker, Condition.WORKING)
    await asyncio.sleep(1)  # while it starts it has more time
    first = sound.process_id
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    await failure(sound.loudspeaker, "sound.process_hung")
    await health(sound.loudspeaker, Condition.WORKING)
    assert not psutil.pid_exists(first)


async def test_nothing_is_left_behind(hall: VirtualSound) -> None:
    async with sound_over(hall.environment) as sound:
        await health(sound.loudspeaker, Condition.WORKING)
        process = sound.process_id
    assert process is not None
    assert not psutil.pid_exists(process)


DAEMON = """
import asyncio, uvloop
from config.settings import SoundSection
from devices.device import Condition
from devices.sound.hall import ProcessSound

async def main():
    sound = ProcessSound(SoundSection(microphone="house_mic", loudspeaker="house_spk"))
    running = asyncio.create_task(sound.run())
    async for health in sound.loudspeaker.health.changes():
        if health.condition is Condition.WORKING:
            break
    print(sound.process_id, flush=True)
    await running

uvloop.run(main())
"""


async def test_the_sound_process_ends_with_a_daemon_that_was_killed(hall: VirtualSound) -> None:
    daemon = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        DAEMON,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **hall.environment},
    )
    try:
        assert daemon.stdout is not None
        async with asyncio.timeout(CEILING):
            child = psutil.Process(int(await daemon.stdout.readline()))
    finally:
        daemon.kill()
        await daemon.wait()
    async with asyncio.timeout(CEILING):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.05)


async def test_an_unknown_name_says_what_there_is(hall: VirtualSound) -> None:
    async with sound_over(hall.environment, microphone="Yealink") as sound:
        cause = await failure(sound.microphone, "sound.microphone_missing")
        assert "house_mic" in str(cause.params["present"])
        assert "Yealink" in say(cause, "vi")
        assert "house_mic" in say(cause, "vi")
        await health(sound.loudspeaker, Condition.WORKING)
        sound.open_microphone()
        await asyncio.sleep(0.5)
        assert not sound.microphone_open.value
        await failure(sound.microphone, "sound.microphone_missing")


async def test_a_name_that_fits_two_says_which(hall: VirtualSound) -> None:
    async with sound_over(hall.environment, loudspeaker="house") as sound:
        cause = await failure(sound.loudspeaker, "sound.loudspeaker_ambiguous")
        assert cause.params["present"] == "house_spk; house_mic"
        await health(sound.microphone, Condition.STANDBY)


async def test_a_part_of_the_name_is_enough(hall: VirtualSound) -> None:
    async with sound_over(hall.environment, microphone="E_Mic", loudspeaker="spk") as sound:
        await health(sound.microphone, Condition.STANDBY)
        await health(sound.loudspeaker, Condition.WORKING)


async def test_a_device_that_appears_while_the_other_works_is_taken(hall: VirtualSound) -> None:
    """The list of a running PortAudio is old; a fresh process has to see the new device."""
    config = Path(hall.environment["ALSA_CONFIG_PATH"])
    complete = config.read_text()
    config.write_text(complete.replace("pcm.house_mic", "pcm.another"))
    async with sound_over(hall.environment) as sound:
        await failure(sound.microphone, "sound.microphone_missing")
        await health(sound.loudspeaker, Condition.WORKING)
        config.write_text(complete)
        await health(sound.microphone, Condition.STANDBY)
        ear = Ear(sound)
        sound.open_microphone()
        await ear.hears(5)
        await health(sound.loudspeaker, Condition.WORKING)


async def test_a_missing_library_is_a_cause_and_no_crash(tmp_path: Path) -> None:
    # The real sounddevice, on a computer where no library is found.
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes.util\nctypes.util.find_library = lambda name: None\n"
    )
    environment = {"PYTHONPATH": str(tmp_path)}
    with pytest.raises(DeviceError) as raised:
        list_sound_devices({**os.environ, **environment})
    assert raised.value.cause == Cause("sound.library_missing")
    async with sound_over(environment) as sound:
        await failure(sound.microphone, "sound.library_missing")
        await failure(sound.loudspeaker, "sound.library_missing")
        process = sound.process_id
        await asyncio.sleep(0.5)
        assert sound.process_id == process is not None


async def test_the_devices_are_listed_with_their_channels(hall: VirtualSound) -> None:
    devices = await asyncio.to_thread(list_sound_devices, {**os.environ, **hall.environment})
    found = {device.name: device for device in devices}
    assert found["house_mic"].inputs > 0
    assert found["house_spk"].outputs > 0


async def test_a_sink_that_fails_harms_nobody_else(sound: ProcessSound) -> None:
    def broken(samples: Samples) -> None:
        raise RuntimeError("broken")

    sound.subscribe(broken)
    ear = Ear(sound)
    sound.open_microphone()
    await ear.hears(20)


def test_only_whole_frames_are_played() -> None:
    sound = ProcessSound(SoundSection(microphone="a", loudspeaker="b"))
    sound.play(np.zeros(960, np.int16))
    with pytest.raises(ValueError, match="481"):
        sound.play(np.zeros(481, np.int16))


async def test_residents_speak(hall: VirtualSound, sound: ProcessSound) -> None:
    sound.open_microphone()
    speaking = asyncio.create_task(hall.residents())
    try:
        await becomes(sound.levels, lambda levels: levels.microphone > -40)
    finally:
        speaking.cancel()
