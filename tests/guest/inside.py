"""What runs inside the guest: a webcam, a microphone and a loudspeaker are pulled out while they
are in use, by the kernel's own means, and come back under other numbers.

Every step tells what it saw as a line `::step {json}`; the test outside judges it.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from base.garbage import settle
from config.settings import Webcam as WebcamSettings
from devices.device import Condition, Device, Kind, Samples
from devices.discovery.plugged_in import find_sound, find_webcams
from devices.keep_running import keep_running
from devices.sound import listing
from devices.sound.alsa import Card
from devices.sound.hall import CONVERTING
from devices.sound.mixer import Mixer
from devices.sound.protocol import FRAME, State
from devices.sound.sliders import Mixed
from devices.sound.streams import Streams
from devices.webcam import Webcam

CEILING: Final = 150.0
"""Seconds: the guest computes some ten times as slowly as a machine does."""
TONE = """
import sys, numpy as np, sounddevice
names = [row["name"] for row in sounddevice.query_devices()]
tone = (8000 * np.sin(2 * np.pi * 880 * np.arange(48000) / 48000)).astype(np.int16)
device, rate = names.index(sys.argv[1]), int(sys.argv[2])
sounddevice.play(np.tile(tone, 600), rate, device=device, blocking=True)
"""

SOFTVOL = """
</usr/share/alsa/alsa.conf>
pcm.made { type softvol slave.pcm "hw:Dummy" control { name "PCM Playback Volume" card Dummy } }
"""
OPEN = """
import ctypes
pcm = ctypes.c_void_p()
assert ctypes.CDLL("libasound.so.2").snd_pcm_open(ctypes.byref(pcm), b"made", 0, 0) == 0
"""


def tell(step: str, **what: object) -> None:
    print(f"::{step} {json.dumps(what)}", flush=True)


async def until(holds: Callable[[], bool]) -> float:
    """Seconds that it took. Raises TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(CEILING):
        while not holds():
            await asyncio.sleep(0.02)
    return time.monotonic() - began


def drive(what: str, driver: str, device: str) -> asyncio.Task[None]:
    """Bind or unbind; the kernel lets go of a sound card only when everybody has closed it."""
    node = Path("/sys/bus/platform/drivers") / driver / what
    return asyncio.create_task(asyncio.to_thread(node.write_text, device))


def state(device: Device) -> dict[str, object]:
    health = device.health.value
    return {"condition": health.condition, "code": health.cause and health.cause.code}


def works(device: Device) -> Callable[[], bool]:
    return lambda: device.health.value.condition in (Condition.WORKING, Condition.IMPAIRED)


def failed(device: Device) -> Callable[[], bool]:
    return lambda: device.health.value.condition is Condition.FAILED


def opened(folder: str) -> list[str]:
    """The nodes below a folder that this process has open."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(number.readlink()))
    return sorted(name for name in found if name.startswith(folder))


async def webcam() -> None:
    (found,) = find_webcams()
    tell("webcam-found", address=found.address, name=found.name)
    settings = WebcamSettings(
        kind="webcam", id="webcam", name="Webcam", input=found.address,
        width=320, height=180, frames_per_second=5,
    )  # fmt: skip
    camera = Webcam(settings, silent_after=20.0)
    units: list[float] = []
    camera.subscribe(lambda unit: units.append(unit.arrived))
    running = asyncio.create_task(keep_running(camera))
    tell("webcam-streams", seconds=await until(lambda: works(camera)() and len(units) > 5))
    before = Path(found.address).resolve()
    with before.open("rb"):  # so that its number is not given again
        gone = drive("unbind", "vivid", "vivid.0")
        tell("webcam-gone", seconds=await until(failed(camera)), **state(camera))
        await gone
        counted = len(units)
        await drive("bind", "vivid", "vivid.0")
        back = await until(lambda: works(camera)() and len(units) > counted + 5)
        after = Path(found.address).resolve()
        tell("webcam-back", seconds=back, before=before.name, after=after.name,
             opened=[Path(one).name for one in opened("/dev/video")], **state(camera))  # fmt: skip
    running.cancel()
    await asyncio.wait({running})


def number_of(name: str) -> int:
    """Of the sound card of this name."""
    for path in Path("/proc/asound").glob("card*/id"):
        if path.read_text().strip() == name:
            return int(path.parent.name[4:])
    return -1


async def sound() -> None:
    began = time.monotonic()
    names = [one.address for one in await asyncio.to_thread(find_sound)]
    tell("sound-found", addresses=names, seconds=time.monotonic() - began)
    hall = Hall()
    checking = asyncio.create_task(hall.check())
    began = await until(lambda: hall.works(Kind.MICROPHONE) and hall.works(Kind.LOUDSPEAKER))
    told = {kind.value: hall.told(kind) for kind in hall.states}
    tell("sound-streams", seconds=began, **told)
    volume = Volume(hall.flows)
    looking = asyncio.create_task(volume.look())
    await turn_volume(volume)

    # The loudspeaker: while it is away another card takes its number.
    number = number_of("Dummy")
    gone = drive("unbind", "snd_dummy", "snd_dummy.0")
    tell("loudspeaker-gone", seconds=await until(lambda: hall.failed(Kind.LOUDSPEAKER)),
         **hall.told(Kind.LOUDSPEAKER))  # fmt: skip
    await gone
    await drive("unbind", "snd_aloop", "snd_aloop.1")
    await drive("bind", "snd_aloop", "snd_aloop.1")
    await drive("bind", "snd_dummy", "snd_dummy.0")
    back = await until(lambda: hall.works(Kind.LOUDSPEAKER) and plays("Dummy"))
    tell(
        "loudspeaker-back",
        seconds=back,
        before=number,
        after=number_of("Dummy"),
        **hall.told(Kind.LOUDSPEAKER),
    )
    back = await until(lambda: masters_value() == 70 and volume.percent not in (None, 40))
    tell("volume-back", seconds=back, **volume.told())

    # The microphone: a tone goes into the other end of its cable.
    tone = play_tone()
    tell("microphone-hears", seconds=await until(hall.hears))
    gone = drive("unbind", "snd_aloop", "snd_aloop.0")
    tell("microphone-gone", seconds=await until(lambda: hall.failed(Kind.MICROPHONE)),
         **hall.told(Kind.MICROPHONE))  # fmt: skip
    tone.kill()
    tone.wait()
    await gone
    hall.heard.clear()
    await drive("bind", "snd_aloop", "snd_aloop.0")
    back = await until(lambda: hall.works(Kind.MICROPHONE))
    tone = play_tone()
    again = await until(hall.hears)
    tell("microphone-back", seconds=back, heard_after=again, **hall.told(Kind.MICROPHONE))
    tone.kill()
    tone.wait()

    # Its cable has another rate when it is opened the next time, as a card may that was replaced.
    hall.want_microphone(False)
    await until(lambda: kernels("card4/pcm1c/sub0/status") == "closed")
    tone = play_tone(44100)
    await until(lambda: "rate: 44100" in kernels("card4/pcm0p/sub0/hw_params"))
    hall.heard.clear()
    hall.want_microphone(True)
    again = await until(lambda: hall.hears() and hall.works(Kind.MICROPHONE))
    rate = "rate: 44100" in kernels("card4/pcm1c/sub0/hw_params")
    tell("microphone-rate", seconds=again, kernel=rate, **hall.told(Kind.MICROPHONE))
    tone.kill()
    tone.wait()
    hall.ends = volume.ends = True
    await asyncio.gather(checking, looking)


class Volume:
    """The system's mixer as the sound process looks at it."""

    def __init__(self, flows: Callable[[Kind], bool]) -> None:
        self.ends = False
        self.wish: int | None = None
        self.mixed = Mixed()
        self._mixer = Mixer(flows)

    async def look(self) -> None:
        while not self.ends:
            wish, self.wish = self.wish, None
            self.mixed = await asyncio.to_thread(self._mixer.look, wish)
            await asyncio.sleep(0.25)
        self._mixer.close()

    @property
    def percent(self) -> int | None:
        return self.mixed.loudspeaker and self.mixed.loudspeaker.percent

    def told(self) -> dict[str, object]:
        slider = self.mixed.loudspeaker
        return {
            "percent": slider and slider.percent,
            "factor": slider and slider.factor,
            "by": slider and slider.by,
            "control": slider and slider.control,
            "microphone": self.mixed.microphone is not None,
        }


async def turn_volume(volume: Volume) -> None:
    """By us, then from elsewhere, beside a control that a program has put there."""
    config = Path("/tmp/softvol.conf")
    config.write_text(SOFTVOL)
    made = os.environ | {"ALSA_CONFIG_PATH": str(config)}
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", OPEN], env=made, check=True)
    volume.wish = 40
    seconds = await until(lambda: volume.percent == 40)
    tell("volume-set", seconds=seconds, kernel=masters_value(), **controls(), **volume.told())
    masters_value(70)
    seconds = await until(lambda: volume.percent not in (None, 40))
    tell("volume-turned", seconds=seconds, **volume.told())


def masters_value(value: int | None = None) -> int:
    """As another program reads it, or turns it first."""
    card = Card(f"hw:{number_of('Dummy')}")
    try:
        (master,) = (c for c in card.controls(Kind.LOUDSPEAKER) if c.name == "Master")
        if value is not None:
            master.turn(value)
        return master.value
    finally:
        card.close()


def controls() -> dict[str, list[str]]:
    """Those for playback, and what programs have made."""
    card = Card(f"hw:{number_of('Dummy')}")
    try:
        names = [control.name for control in card.controls(Kind.LOUDSPEAKER)]
        return {"controls": names, "made": sorted(card._made_by_programs())}
    finally:
        card.close()


class Hall:
    """The streams as the sound process has them. It itself cleans the sound, which is too much for
    the guest."""

    def __init__(self) -> None:
        self.ends = False
        self.states: dict[Kind, State] = {}
        self.heard: deque[float] = deque(maxlen=20)
        silence = np.zeros(FRAME, np.int16)
        self._streams = Streams(
            "Loopback: PCM (hw:4,1)", "Dummy: PCM",
            captured=self._take, next_played=lambda: silence, is_silent=lambda: True,
            tell=self._note,
        )  # fmt: skip
        self._streams.want_microphone(True)

    def flows(self, kind: Kind) -> bool:
        return self._streams.flows(kind)

    def want_microphone(self, wanted: bool) -> None:
        self._streams.want_microphone(wanted)

    def _take(self, samples: Samples) -> None:
        self.heard.append(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))

    def _note(self, state: State) -> None:
        self.states[state.device] = state
        tell(
            "state",
            kind=state.device,
            condition=state.condition,
            code=state.cause and state.cause.code,
        )

    async def check(self) -> None:
        """As the sound process does."""
        while not self.ends:
            await asyncio.to_thread(self._streams.check)
            await asyncio.sleep(0.1)
        await asyncio.to_thread(self._streams.close)

    def hears(self) -> bool:
        return max(self.heard, default=0.0) > 100

    def works(self, kind: Kind) -> bool:
        """A slow guest may stumble."""
        state = self.states.get(kind)
        return state is not None and state.condition in (Condition.WORKING, Condition.IMPAIRED)

    def failed(self, kind: Kind) -> bool:
        state = self.states.get(kind)
        return state is not None and state.condition is Condition.FAILED

    def told(self, kind: Kind) -> dict[str, object]:
        state = self.states[kind]
        return {"condition": state.condition, "code": state.cause and state.cause.code}


def play_tone(rate: int = 48000) -> subprocess.Popen[bytes]:
    """As a program plays that does not convert."""
    command = [sys.executable, "-c", TONE, "Loopback: PCM (hw:4,0)", str(rate)]
    return subprocess.Popen(command, env={**os.environ, **dict.fromkeys(CONVERTING, "0")})


def plays(name: str) -> bool:
    """Whether anybody plays on the sound card of this name."""
    return "RUNNING" in kernels(f"card{number_of(name)}/pcm0p/sub0/status")


def kernels(file: str) -> str:
    """What the kernel says of a stream."""
    return (Path("/proc/asound") / file).read_text().strip()


def be_patient() -> None:
    """To list the sound devices takes longer here than any machine needs. Only the guest's own
    copy of the file is altered."""
    path = Path(listing.__file__)
    text = path.read_text(encoding="utf-8")
    assert "_TIMEOUT = 10.0" in text
    path.write_text(text.replace("_TIMEOUT = 10.0", "_TIMEOUT = 120.0"), encoding="utf-8")
    listing._TIMEOUT = 120.0


async def main() -> None:
    settle()
    be_patient()
    os.environ.update(CONVERTING)  # as the sound process has it
    await webcam()
    await sound()
    tell("end")


if __name__ == "__main__":
    asyncio.run(main())
