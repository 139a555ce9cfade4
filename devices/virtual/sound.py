"""A hall's sound made of software: a private PulseAudio whose air carries sound both ways.

    async with virtual_sound(folder) as hall:
        sound = ProcessSound(
            SoundSection(microphone=hall.microphone, loudspeaker=hall.loudspeaker),
            environment=hall.environment,
        )
        await hall.play_into_microphone(Path("resident.wav"))

The loudspeaker (`house_speakers`) is heard by the microphone through the air (`room_air`), 20 ms
later and as loud as it is, in the faint noise of a quiet hall. The real sound process runs over it:
nothing in the driver is replaced.
Needs the programs of Debian's `pulseaudio`, `pulseaudio-utils` and `libasound2-plugins`; residents
speak where `espeak-ng` is installed and hum where it is not.
"""

import asyncio
import json
import os
import shutil
import subprocess
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from devices.device import Samples

MICROPHONE = "house_mic"
SECOND = "second_mic"
LAPTOP = "hdmi_sound"
LOUDSPEAKER = "house_spk"
RATE = 48000

_PROGRAMS = ("pulseaudio", "pactl", "pacat", "paplay", "setpriv")
_READY_WITHIN = 15.0
_LONGEST_SOCKET_PATH = 100
_LOUDSPEAKER = """\
load-module module-null-sink sink_name=house_speakers rate=48000 channels=1 channel_map=mono
load-module module-loopback source=house_speakers.monitor sink=room_air latency_msec=20 \
source_dont_move=true sink_dont_move=true"""
_MICROPHONE = "load-module module-remap-source source_name=house_mic master=room_air.monitor"
_SECOND = "load-module module-remap-source source_name=second_mic master=room_air.monitor"
_SERVER = f"""\
load-module module-native-protocol-unix auth-anonymous=1 socket={{socket}}
load-module module-null-sink sink_name=room_air rate=48000 channels=1 channel_map=mono
{_LOUDSPEAKER}
{_MICROPHONE}
set-default-sink house_speakers
set-default-source house_mic
"""
_SECOND_DEVICE = """
pcm.second_mic {{ type pulse server "{server}" device "second_mic"
    hint {{ show on description "second microphone" }} }}
"""
_DONGLE = "load-module module-null-sink sink_name=laptop rate=96000 channels=1 channel_map=mono"
_DONGLE_DEVICE = """
pcm.hdmi_sound {{ type pulse server "{server}" device "laptop.monitor"
    hint {{ show on description "HDMI dongle" }} }}
"""
_DEVICES = """\
</usr/share/alsa/alsa.conf>
pcm.house_spk {{ type pulse server "{server}" device "house_speakers"
    hint {{ show on description "house loudspeakers" }} }}
pcm.house_mic {{ type pulse server "{server}" device "house_mic"
    hint {{ show on description "house microphone" }} }}
"""
_RESIDENTS = (
    "Kính thưa các bác, loa ở khu vực đầu ngõ nghe chưa rõ lắm ạ.",
    "Tôi xin hỏi về việc thu gom rác thải ở tổ dân phố mình.",
    "Đèn đường đoạn gần trường mầm non hỏng đã hai tuần nay rồi.",
    "Vâng, bà con chúng tôi nhất trí với ý kiến của bác tổ trưởng.",
)


def missing_programs() -> tuple[str, ...]:
    """Which programs of the virtual sound are not installed here."""
    return tuple(p for p in _PROGRAMS if shutil.which(p) is None)


class VirtualSound:
    """One private sound server. `start` and `kill` may alternate, for drills."""

    microphone = MICROPHONE
    second = SECOND
    """Another one, once it was brought."""
    loudspeaker = LOUDSPEAKER
    laptop = LAPTOP
    """The sound of an HDMI dongle, once it was brought."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError where the folder's path is too long for a Unix socket."""
        self._folder = folder
        self._socket = folder / "native"
        if len(str(self._socket)) > _LONGEST_SOCKET_PATH:
            raise ValueError(f"{folder} is too long a path for a socket")
        self._server: asyncio.subprocess.Process | None = None
        self._noise: asyncio.subprocess.Process | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What a sound process needs beside its own environment to find these devices."""
        folder = str(self._folder)
        return {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": folder,
            "XDG_RUNTIME_DIR": folder,
            "ALSA_CONFIG_PATH": str(self._folder / "alsa.conf"),
        }

    async def start(self) -> None:
        """Returns once it answers. Raises RuntimeError where it ends or stays silent."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        script = self._folder / "house.pa"
        script.write_text(_SERVER.format(socket=self._socket))
        (self._folder / "alsa.conf").write_text(_DEVICES.format(server=f"unix:{self._socket}"))
        with (self._folder / "pulseaudio.log").open("ab") as log:
            # setpriv: without its parent nobody would ever end it.
            self._server = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig=KILL", "pulseaudio", "-n", "--daemonize=no",
                "--disallow-exit", "--exit-idle-time=-1",
                "--use-pid-file=no", "--disable-shm=yes", "-F", str(script),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment() | {"HOME": str(self._folder)},
            )  # fmt: skip
        try:
            async with asyncio.timeout(_READY_WITHIN):
                while MICROPHONE not in await self._ask("list", "short", "sources"):
                    if self._server.returncode is not None:
                        raise RuntimeError(f"PulseAudio ended: see {log.name}")
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            await self.kill()
            raise RuntimeError("PulseAudio does not answer") from error
        # A microphone in a hall is never quite silent: -65 dBFS.
        self._noise = await self._run(
            "setpriv", "--pdeathsig=KILL", "pacat", "--playback", "--device=room_air", "--raw",
            "--format=s16le", "--rate=8000", "--channels=1", "--volume=6500", "/dev/urandom",
        )  # fmt: skip

    async def silence(self) -> None:
        """The microphone gives nothing but zeros, as one that is switched off."""
        noise, self._noise = self._noise, None
        if noise is not None:
            await _end(noise)

    @property
    def process_id(self) -> int | None:
        """Of the sound server, to stop it for a while or to look at it."""
        return self._server.pid if self._server is not None else None

    async def kill(self) -> None:
        """End it at once, as a crash would; does nothing where none runs."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(ProcessLookupError):
                server.kill()
            await server.wait()
        await self.silence()

    async def play_into_microphone(self, sound: Path) -> None:
        """Play a WAV file into the air of the hall; returns when it is over. Raises RuntimeError
        where the server or the file is not there."""
        player = await self._run("paplay", "--device=room_air", str(sound))
        await _finish(player)
        if player.returncode:
            raise RuntimeError(f"{sound} cannot be played")

    async def record_loudspeaker(self, seconds: float) -> Samples:
        """What the loudspeaker plays from now on: 48 kHz, mono, s16."""
        recorder = await self._run(
            "pacat", "--record", "--device=house_speakers.monitor", "--raw", "--format=s16le",
            f"--rate={RATE}", "--channels=1", "--latency-msec=20",
        )  # fmt: skip
        try:
            assert recorder.stdout is not None
            data = await recorder.stdout.readexactly(round(seconds * RATE) * 2)
        finally:
            await _end(recorder)
        return np.frombuffer(data, np.dtype("<i2"))

    async def recorders(self) -> list[int]:
        """Process ids of the programs that the server gives recorded sound to."""
        return [
            int(output["properties"]["application.process.id"])
            for output in await self._ask_json("source-outputs")
            if "application.process.id" in output["properties"]
        ]

    async def turn_volume(self, percent: int) -> None:
        """The loudspeaker's, in the system's mixer."""
        await self._ask("set-sink-volume", "house_speakers", f"{percent}%")

    async def volume(self) -> int:
        """Of the loudspeaker in the system's mixer, in percent."""
        answer = await self._ask("get-sink-volume", "house_speakers")
        return int(answer.split("%")[0].split()[-1])

    async def turn_gain(self, percent: int) -> None:
        """The microphone's, in the system's mixer."""
        await self._ask("set-source-volume", "house_mic", f"{percent}%")

    async def mute(
        self, *, microphone: bool | None = None, loudspeaker: bool | None = None
    ) -> None:
        """By a button on the device, or in the system's mixer; None leaves it as it is."""
        if microphone is not None:
            await self._ask("set-source-mute", "house_mic", str(int(microphone)))
        if loudspeaker is not None:
            await self._ask("set-sink-mute", "house_speakers", str(int(loudspeaker)))

    async def muted(self) -> tuple[bool, bool]:
        """Microphone and loudspeaker."""
        answers = [
            await self._ask("get-source-mute", "house_mic"),
            await self._ask("get-sink-mute", "house_speakers"),
        ]
        return answers[0].strip().endswith("yes"), answers[1].strip().endswith("yes")

    async def remove_loudspeaker(self) -> None:
        """Take the loudspeaker away while the server runs, as a pulled cable would."""
        for sink in await self._ask_json("sinks"):
            if sink["name"] == "house_speakers":
                await self._ask("unload-module", str(sink["owner_module"]))

    async def add_loudspeaker(self) -> None:
        """Plug it in again; it is heard in the hall as before."""
        for line in _LOUDSPEAKER.splitlines():
            await self._ask("load-module", *line.split()[1:])
        await self._ask("set-default-sink", "house_speakers")

    async def remove_microphone(self) -> None:
        for source in await self._ask_json("sources"):
            if source["name"] == "house_mic":
                await self._ask("unload-module", str(source["owner_module"]))

    async def add_microphone(self, rate: int = RATE) -> None:
        await self._ask("load-module", *_MICROPHONE.split()[1:], f"rate={rate}")
        await self._ask("set-default-source", "house_mic")

    async def bring_second_microphone(self) -> None:
        """Into the same hall; a sound process that is started later finds it."""
        await self._ask("load-module", *_SECOND.split()[1:])
        with (self._folder / "alsa.conf").open("a") as config:
            config.write(_SECOND_DEVICE.format(server=f"unix:{self._socket}"))

    async def bring_laptop(self) -> None:
        """On an HDMI dongle, which says what a MacroSilicon MS2109 says: 96 kHz, mono. A sound
        process that is started later finds it."""
        await self._ask("load-module", *_DONGLE.split()[1:])
        with (self._folder / "alsa.conf").open("a") as config:
            config.write(_DONGLE_DEVICE.format(server=f"unix:{self._socket}"))

    async def play_on_laptop(self, sound: Path, *, again: bool = False) -> None:
        """Play a WAV file there; returns when it is over, or never. Raises RuntimeError."""
        while True:
            player = await self._run("paplay", "--device=laptop", str(sound))
            await _finish(player)
            if player.returncode:
                raise RuntimeError(f"{sound} cannot be played")
            if not again:
                return

    async def residents(self) -> None:
        """Somebody in the hall speaks, pauses, and another goes on; until cancelled."""
        sounds = await asyncio.to_thread(_resident_sounds, self._folder)
        while True:
            for sound in sounds:
                with suppress(RuntimeError):  # during a drill there is no server
                    await self.play_into_microphone(sound)
                await asyncio.sleep(2)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    async def _run(self, *command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment(),
        )

    async def _ask(self, *question: str) -> str:
        return (await _finish(await self._run("pactl", *question))).decode()

    async def _ask_json(self, what: str) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = json.loads(
            await self._ask("--format=json", "list", what) or "[]"
        )
        return answer


@asynccontextmanager
async def virtual_sound(folder: Path) -> AsyncIterator[VirtualSound]:
    """A hall whose sound server keeps its files in the folder, and ends with the block."""
    hall = VirtualSound(folder)
    try:
        await hall.start()
        yield hall
    finally:
        await hall.kill()


def tone(frequency: float, seconds: float, peak: float = 0.25) -> Samples:
    """A sine, faded in and out over 20 ms; `peak` of full scale."""
    n = np.arange(round(seconds * RATE))
    fade = np.clip(np.minimum(n, n[::-1]) / (0.02 * RATE), 0, 1)
    wave_form = peak * 32767 * fade * np.sin(2 * np.pi * frequency * n / RATE)
    return np.asarray(wave_form, np.int16)


def write_wav(path: Path, samples: Samples, rate: int = RATE) -> None:
    """Mono; `rate` in samples a second."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype(np.dtype("<i2")).tobytes())


def _resident_sounds(folder: Path) -> list[Path]:
    """Blocks while the speech is made."""
    espeak = shutil.which("espeak-ng")
    sounds = []
    for number, sentence in enumerate(_RESIDENTS):
        path = folder / f"resident-{number}.wav"
        if espeak is None or not _speak(espeak, sentence, number, path):
            notes = [tone(220 * 2 ** (step / 12), 0.4, 0.08) for step in (0, 4, 7, number)]
            write_wav(path, np.concatenate(notes))
        sounds.append(path)
    return sounds


def _speak(espeak: str, sentence: str, number: int, path: Path) -> bool:
    pitch = str(35 + 12 * number)
    command = [espeak, "-v", "vi", "-s", "140", "-p", pitch, "-a", "60", "-w", str(path), sentence]
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


async def _finish(process: asyncio.subprocess.Process) -> bytes:
    try:
        output, _ = await process.communicate()
    finally:
        await _end(process)
    return output


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
