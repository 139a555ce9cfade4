"""Tried before a meeting: does everything work that it needs?

    found = await rehearse(Stage(equipment, data, lambda: True))

Each check looks at one thing within its own time, all of them at once: none disturbs another. What
could not be measured is said so and never counts as good. It changes nothing but that a chirp is
heard in the hall: the room opens the microphone for it, and the eye for the pictures.
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from base.cause import Cause
from devices.device import Condition, Health, Power, VideoSource
from rooms.equipment import Equipment
from rooms.measuring import disk_health
from rooms.rehearsal import Finding, Found, Outcome
from rooms.relay import RelayCondition
from rooms.signals import ILL
from rooms.sound_test import FALLBACK, run_sound_test
from rooms.view import Connection

LOOK_AGAIN_SECONDS: Final = 0.1
SLOW_SECONDS: Final = 0.4
"""To the ward and back: people begin to talk over each other (ITU-T G.114 has 150 ms one way)."""
ENOUGH_MEGABITS: Final = 3.0
"""The hall's picture once (1.5 Mbit/s and what is around it) and somebody else's, with room for
sound and for what else runs in a house."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is tried."""

    equipment: Equipment
    data: Path
    """The folder whose disk has to have room."""
    stage_shown: Callable[[], bool]
    """Whether a big screen shows the house's page now."""


Check = Callable[[Stage], Awaitable[Found]]


async def rehearse(
    stage: Stage, checks: tuple[tuple[str, float, Check], ...] | None = None
) -> Found:
    """Every check at once; what takes too long, or stumbles, is unmeasured."""

    async def run(subject: str, seconds: float, check: Check) -> Found:
        try:
            async with asyncio.timeout(seconds):
                return await check(stage)
        except TimeoutError:
            pass
        except Exception:
            log.exception("%s could not be tried", subject)
        return (Finding(subject, Outcome.UNMEASURED, Cause(f"rehearsal.{subject}_unmeasured")),)

    found = await asyncio.gather(*(run(*one) for one in (checks or CHECKS)))
    return tuple(finding for some in found for finding in some)


# The checks


async def pictures(stage: Stage) -> Found:
    """Of every camera; without the first one nobody sees the hall."""
    cameras = stage.equipment.cameras
    if not cameras:
        return (Finding("camera", Outcome.BAD, Cause("rehearsal.no_camera")),)
    worst = [Outcome.BAD, *[Outcome.ADVICE] * (len(cameras) - 1)]
    return tuple(
        await asyncio.gather(*(_picture(stage, *one) for one in zip(cameras, worst, strict=True)))
    )


async def _picture(stage: Stage, camera: VideoSource, worst: Outcome) -> Finding:
    try:
        async with asyncio.timeout(PICTURE_SECONDS):
            while True:
                health = camera.health.value
                seen = stage.equipment.pictures.measured(camera.id)
                if health.condition is Condition.FAILED:
                    return _ill(camera.id, health, worst, camera.name)
                if seen is not None and seen.cause is not None:
                    return Finding(camera.id, worst, seen.cause)
                if seen is not None and health.condition is Condition.IMPAIRED:
                    return _ill(camera.id, health, Outcome.ADVICE, camera.name)
                if seen is not None and health.condition is Condition.WORKING:
                    cause = Cause("rehearsal.picture_good", name=camera.name)
                    return Finding(camera.id, Outcome.GOOD, cause)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
    except TimeoutError:
        cause = Cause("rehearsal.picture_unmeasured", name=camera.name)
        return Finding(camera.id, Outcome.UNMEASURED, cause)


async def sound(stage: Stage) -> Found:
    """A chirp out of the loudspeaker, found in the microphone."""
    hall = stage.equipment.sound
    if hall is None:
        return (Finding("sound", Outcome.BAD, Cause("room.no_sound")),)
    ends = (hall.microphone, hall.loudspeaker)

    def broken() -> Found:
        return tuple(
            _ill(end.id, end.health.value, Outcome.BAD, end.name)
            for end in ends
            if end.health.value.condition is Condition.FAILED
        )

    if found := broken():
        return found
    heard = await run_sound_test(hall, tone=False)
    if found := broken():
        return found
    outcome = {
        "sound.test_heard": Outcome.GOOD,
        "sound.test_too_loud": Outcome.ADVICE,
        "sound.test_rattles": Outcome.ADVICE,
    }
    tested = Finding("sound", outcome.get(heard.code, Outcome.BAD), heard)
    stood_in = hall.microphone.health.value.cause
    if stood_in is not None and stood_in.code == FALLBACK:
        return (Finding(hall.microphone.id, Outcome.ADVICE, stood_in), tested)
    return (tested,)


async def projector(stage: Stage) -> Found:
    """On, and showing the right input, as it says itself when it is asked now."""
    display = stage.equipment.display
    if display is None:
        return ()
    try:
        async with asyncio.timeout(PROJECTOR_SECONDS):
            await display.look()
    except TimeoutError:
        if display.health.value.condition is not Condition.FAILED:
            cause = Cause("rehearsal.projector_unmeasured", name=display.name)
            return (Finding(display.id, Outcome.UNMEASURED, cause),)
    health, power = display.health.value, display.state.value.power
    if health.condition in ILL:
        return (_ill(display.id, health, Outcome.ADVICE, display.name),)
    code = {
        Power.ON: "rehearsal.projector_on",
        Power.OFF: "rehearsal.projector_off",
        Power.WARMING: "room.projector_warming",
        Power.COOLING: "room.projector_cooling",
        Power.UNKNOWN: "rehearsal.projector_unmeasured",
    }[power]
    outcome = {Power.ON: Outcome.GOOD, Power.UNKNOWN: Outcome.UNMEASURED}
    state = display.state.value
    if power is Power.ON and state.input is None:
        cause = Cause("rehearsal.projector_input_unknown", name=display.name)
        return (Finding(display.id, Outcome.UNMEASURED, cause),)
    cause = Cause(code, name=display.name)
    if power is Power.ON:
        cause = Cause(code, name=display.name, input=state.input_name or state.input or "")
    return (Finding(display.id, outcome.get(power, Outcome.ADVICE), cause),)


async def screen(stage: Stage) -> Found:
    """The big screen shows the house's page."""
    found = stage.equipment.screen
    if found is not None and found.health.value.condition is Condition.FAILED:
        return (_ill(found.id, found.health.value, Outcome.ADVICE, found.name),)
    starting = found is not None and found.health.value.condition is not Condition.WORKING
    if stage.stage_shown() and not starting:
        return (Finding("stage", Outcome.GOOD, Cause("rehearsal.stage_shown")),)
    return (Finding("stage", Outcome.ADVICE, Cause("rehearsal.stage_missing")),)


async def disk(stage: Stage) -> Found:
    usage = await asyncio.to_thread(shutil.disk_usage, stage.data)
    health = disk_health(usage.free / 1e9)
    if health.cause is None:
        cause = Cause("rehearsal.disk_good", free=round(usage.free / 1e9))
        return (Finding("disk", Outcome.GOOD, cause),)
    outcome = Outcome.BAD if health.condition is Condition.FAILED else Outcome.ADVICE
    return (Finding("disk", outcome, health.cause),)


async def clock(stage: Stage) -> Found:
    """By the hub's time where it is known, else as the system knows it."""
    health = stage.equipment.clock.value
    if health is not None and health.condition in ILL:
        worst = Outcome.BAD if health.condition is Condition.FAILED else Outcome.ADVICE
        return (_ill("clock", health, worst, ""),)
    if health is not None and health.condition is Condition.WORKING:
        known = stage.equipment.hub_time() is not None
        code = "rehearsal.clock_as_hub" if known else "rehearsal.clock_good"
        return (Finding("clock", Outcome.GOOD, Cause(code)),)
    return (Finding("clock", Outcome.UNMEASURED, Cause("rehearsal.clock_unmeasured")),)


async def power(stage: Stage) -> Found:
    """Of the mains, where anything tells; and of the microphone's battery."""
    found: list[Finding] = []
    health, equipment = stage.equipment.power.value, stage.equipment
    if health is not None and health.cause is not None:
        worst = Outcome.BAD if health.condition is Condition.FAILED else Outcome.ADVICE
        found.append(Finding("power", worst, health.cause))
    elif health is not None:
        found.append(Finding("power", Outcome.GOOD, Cause("power.on_mains")))
    battery = equipment.microphone_battery.value
    if equipment.sound is not None and battery is not None and battery.cause is not None:
        found.append(Finding(equipment.sound.microphone.id, Outcome.ADVICE, battery.cause))
    return tuple(found)


async def line(stage: Stage) -> Found:
    """To the ward's hub: without it nobody comes in from afar."""
    link = stage.equipment.link.value
    match link.connection:
        case Connection.NONE:
            return ()
        case Connection.LINKED:
            if (seconds := stage.equipment.round_trip()) is not None:
                slow = seconds > SLOW_SECONDS
                code = "rehearsal.line_slow" if slow else "rehearsal.line_good"
                outcome = Outcome.ADVICE if slow else Outcome.GOOD
                return (Finding("line", outcome, Cause(code, ms=round(seconds * 1000))),)
        case Connection.AWAY if link.cause is not None:
            return (Finding("line", Outcome.BAD, link.cause),)
    return (Finding("line", Outcome.UNMEASURED, Cause("rehearsal.line_unmeasured")),)


async def speed(stage: Stage) -> Found:
    """What gets through to the hub and back. A house that has none is measured against nobody."""
    if stage.equipment.link.value.connection is Connection.NONE:
        return ()
    found = await stage.equipment.measure_line()
    if found is None:
        return (Finding("speed", Outcome.UNMEASURED, Cause("rehearsal.speed_unmeasured")),)
    enough = min(found.down, found.up) >= ENOUGH_MEGABITS
    cause = Cause(
        "rehearsal.speed_good" if enough else "rehearsal.speed_low",
        down=_megabits(found.down),
        up=_megabits(found.up),
    )
    return (Finding("speed", Outcome.GOOD if enough else Outcome.ADVICE, cause),)


def _megabits(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


async def relay(stage: Stage) -> Found:
    """As it was found when it was last tried, every few minutes."""
    state = stage.equipment.relay.value
    if state.condition is RelayCondition.NONE:
        return ()
    if state.condition is RelayCondition.UNMEASURED or state.cause is None:
        return (Finding("relay", Outcome.UNMEASURED, Cause("rehearsal.relay_unmeasured")),)
    works = state.condition is RelayCondition.WORKING
    return (Finding("relay", Outcome.GOOD if works else Outcome.ADVICE, state.cause),)


PICTURE_SECONDS: Final = 15.0
"""A frozen picture is one only after a while."""
PROJECTOR_SECONDS: Final = 10.0

CHECKS: Final[tuple[tuple[str, float, Check], ...]] = (
    ("picture", 16.0, pictures),
    ("sound", 16.0, sound),
    ("projector", 12.0, projector),
    ("stage", 2.0, screen),
    ("disk", 5.0, disk),
    ("clock", 5.0, clock),
    ("power", 2.0, power),
    ("line", 2.0, line),
    ("speed", 10.0, speed),
    ("relay", 2.0, relay),
)
"""What is tried, within how many seconds; what is worse stands first among its like."""


def _ill(subject: str, health: Health, outcome: Outcome, name: str) -> Finding:
    cause = health.cause or Cause(f"room.device_{health.condition}", name=name)
    return Finding(subject, outcome, cause)
