"""Every fault there is: how its peer breaks, how it works again, and where that shows."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import psutil

from devices.device import Power
from devices.judging import Fault as Picture
from devices.virtual.projector import Manner
from tests.faults.running import CEILING, PASSWORD, DumbServer, Running, resize

Does = Callable[[Running], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    break_it: Does
    mend: Does
    signal: str
    """Whose tile; empty where only a rehearsal tells."""
    subject: str
    """Of the rehearsal's finding; as the signal where it is empty."""
    codes: str
    """Of the causes that say what is wrong, a regular expression."""
    soon: float
    """Seconds within which it is to be noticed on an idle machine; a figure and no claim."""

    @property
    def late(self) -> float:
        """Seconds after which it is a mistake, on a busy machine, too."""
        return 2 * self.soon if self.signal == "projector" else CEILING


async def camera_refuses(house: Running) -> None:
    await house.camera.stop()
    assert house.camera.onvif is not None
    await house.camera.onvif.stop()


async def camera_is_back(house: Running) -> None:
    assert house.camera.onvif is not None
    await house.camera.start()
    await house.camera.onvif.start()


async def camera_is_silent(house: Running) -> None:
    assert house.camera.onvif is not None
    house.camera.onvif.habits.silent = True
    await house.camera.stop()
    house.aids["dumb"] = DumbServer(urlsplit(house.camera.url).port or 0)
    await house.aids["dumb"].start()


async def camera_speaks_again(house: Running) -> None:
    assert house.camera.onvif is not None
    await house.aids.pop("dumb").stop()
    house.camera.onvif.habits.silent = False
    await house.camera.start()


async def stall(house: Running) -> None:
    house.gstreamer.process.send_signal(signal.SIGSTOP)


async def go_on(house: Running) -> None:
    house.gstreamer.process.send_signal(signal.SIGCONT)


def with_password(password: str) -> Does:
    async def restart(house: Running) -> None:
        house.gstreamer.kill()
        house.gstreamer._login = ["admin", password]
        house.gstreamer.start()

    return restart


async def wrong_clock(house: Running) -> None:
    """Its power is cut."""
    await camera_refuses(house)


async def back_in_the_year_2000(house: Running) -> None:
    assert house.camera.onvif is not None
    house.camera.onvif.habits.clock = timedelta(days=-9800)
    await camera_is_back(house)


def shows(picture: Picture | None) -> Does:
    async def show(house: Running) -> None:
        await house.camera.show(picture)

    return show


async def webcam_gone(house: Running) -> None:
    assert house.webcam is not None
    await house.webcam.unplug()


async def webcam_back(house: Running) -> None:
    assert house.webcam is not None
    await house.webcam.plug_in()


async def unplug_projector(house: Running) -> None:
    await house.projector.unplug()


async def plug_in_projector(house: Running) -> None:
    await house.projector.plug_in()
    house.projector.press_power()


async def press_projector(house: Running) -> None:
    house.projector.press_power()


async def press_projector_again(house: Running) -> None:
    async with asyncio.timeout(60):
        while house.projector.power is not Power.OFF:
            await asyncio.sleep(0.1)
    house.projector.press_power()


def projector_password(password: str) -> Does:
    """Whoever is let in stays in until the line is cut, as it is where a menu is altered."""

    async def alter(house: Running) -> None:
        house.projector.password = password
        for writer in tuple(house.projector.connections):
            writer.transport.abort()

    return alter


def projector(**fields: object) -> Does:
    async def alter(house: Running) -> None:
        for name, value in fields.items():
            setattr(house.projector, name, value)

    return alter


def sound(do: str, **arguments: bool) -> Does:
    async def alter(house: Running) -> None:
        await getattr(house.sound, do)(**arguments)

    return alter


def server(number: signal.Signals) -> Does:
    async def send(house: Running) -> None:
        assert house.sound is not None
        assert house.sound.process_id is not None
        os.kill(house.sound.process_id, number)

    return send


async def kill_sound_process(house: Running) -> None:
    """Stopped first: it is there again so quickly that nobody would see it gone."""
    for child in psutil.Process(house.daemon).children(recursive=True):
        if "devices.sound.child" in child.cmdline():
            child.kill()


async def nothing(_: Running) -> None:
    """The house mends it."""


def disk(size: str) -> Does:
    async def alter(house: Running) -> None:
        assert house.disk is not None
        resize(house.disk, size)

    return alter


def clock(behind: timedelta) -> Does:
    """Of the house, by what the ward's time is, which it is told when it dials."""

    async def alter(house: Running) -> None:
        await house.hub.stop()
        house.hub.ahead = behind
        await house.hub.start()

    return alter


async def hub_away(house: Running) -> None:
    await house.hub.stop()


async def hub_back(house: Running) -> None:
    await house.hub.start()


async def hide_stage(house: Running) -> None:
    await house.hide_stage()


async def show_stage(house: Running) -> None:
    await house.show_stage()


def _f(
    break_it: Does, mend: Does, signal_: str, codes: str, subject: str = "", soon: float = 5.0
) -> Fault:
    return Fault(break_it, mend, signal_, subject or signal_, codes, soon)


PICTURE: Final = 10.0
FAULTS: Final[dict[str, Fault]] = {
    "a camera refuses": _f(camera_refuses, camera_is_back, "camera", r"camera\.refused"),
    "a camera accepts and stays silent": _f(
        camera_is_silent, camera_speaks_again, "camera", r"camera\.(silent|onvif_silent)"
    ),
    "a camera stalls in mid-stream": _f(stall, go_on, "camera-2", r"camera\.(stalled|silent)"),
    "a camera answers 401": _f(
        with_password("khác"), with_password(PASSWORD), "camera-2", r"camera\.wrong_password"
    ),
    "a camera reboots with a wrong clock": _f(
        wrong_clock, back_in_the_year_2000, "camera", r"camera\.refused"
    ),
    "a picture is black": _f(
        shows(Picture.BLACK), shows(None), "camera", r"camera\.black", soon=PICTURE
    ),
    "a picture is frozen": _f(
        shows(Picture.FROZEN), shows(None), "camera", r"camera\.frozen", soon=PICTURE
    ),
    "a webcam is gone": _f(webcam_gone, webcam_back, "webcam", r"webcam\.\w+"),
    "a projector refuses": _f(
        unplug_projector, plug_in_projector, "projector", r"projector\.no_answer"
    ),
    "a projector half-answers": _f(
        projector(manner=Manner.HALF_ANSWERS), projector(manner=Manner.PROPER), "projector",
        r"projector\.silent",
    ),
    "a projector cools": _f(
        press_projector, press_projector_again, "projector", ""
    ),
    "a projector wants another password": _f(
        projector_password("khác"), projector_password(PASSWORD), "projector",
        r"projector\.password",
    ),
    "a projector's lamp is broken": _f(
        projector(faults="020000"), projector(faults="000000"), "projector",
        r"projector\.lamp",
    ),
    "the microphone is gone": _f(
        sound("remove_microphone"), sound("add_microphone"), "microphone",
        r"sound\.microphone_\w+", "sound",
    ),
    "the microphone is silent": _f(
        sound("mute", microphone=True), sound("mute", microphone=False), "microphone",
        r"sound\.microphone_(muted|silent)", "sound",
    ),
    "the loudspeaker's sink is unloaded": _f(
        sound("remove_loudspeaker"), sound("add_loudspeaker"), "loudspeaker",
        r"sound\.loudspeaker_\w+", "sound",
    ),
    "the sound server is killed": _f(
        sound("kill"), sound("start"), "loudspeaker", r"sound\.\w+", "sound"
    ),
    "the sound server hangs": _f(
        server(signal.SIGSTOP), server(signal.SIGCONT), "loudspeaker", r"sound\.\w+", "sound"
    ),
    "the sound process is killed": _f(
        kill_sound_process, nothing, "loudspeaker", r"sound\.process_\w+", "sound"
    ),
    "the disk is full": _f(
        disk("200m"), disk("3g"), "own.disk", r"rehearsal\.disk_full", "disk", soon=15.0
    ),
    "the clock is wrong": _f(
        clock(timedelta(hours=3)), clock(timedelta()), "own.clock", r"clock\.slow_hours", "clock",
        soon=15.0,
    ),
    "the hub is away": _f(hub_away, hub_back, "own.line", r"link\.\w+", "line"),
    "the stage is not shown": _f(hide_stage, show_stage, "", "", "stage"),
}  # fmt: skip
"""Those without a code are no illness of the device: its tile says what it does."""
