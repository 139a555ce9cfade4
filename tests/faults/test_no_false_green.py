"""Whatever breaks leaves green everywhere (tile, verdict, API, metric), is said in words, and is
green again once it works and not before."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bench.figures import Conditions, Figure, table, write
from devices.virtual.sound import missing_programs
from tests.devices.conftest import GStreamerCamera
from tests.faults.faults import FAULTS, Fault, nothing
from tests.faults.running import (
    CEILING,
    LAUNCH,
    PASSWORD,
    Running,
    small_house,
    until,
    whole_house,
)

SLICE = ("a camera refuses", "a projector's lamp is broken")
"""Without sound or a process of its own."""
STAYS_SECONDS = 3.0
WELL = {"good"}


async def is_green(house: Running, signal: str) -> None:
    async def holds() -> object:
        places = await house.everywhere(signal)
        return all(places.values()) or (places, await house.signal(signal))

    await until(holds, f"{signal} green everywhere")


async def has_left_green(house: Running, signal: str, late: float = CEILING) -> float:
    """Seconds until it has, in words."""

    async def holds() -> object:
        places = await house.everywhere(signal)
        return not any(places.values()) or (places, await house.signal(signal))

    took = await until(holds, f"{signal} green nowhere", late)
    said = await house.signal(signal)
    if said["words"] is not None:
        assert said["words"] != said["code"]
        assert " ".join(said["words"].split()) in " ".join((await house.tile(signal))[1].split())
    else:  # a projector that is off is not ill: its tile says what it does
        assert (await house.tile(signal))[0] in ("off", "cooling")
    return took


async def cause_is(house: Running, fault: Fault) -> None:
    async def holds() -> object:
        code = (await house.signal(fault.signal))["code"]
        return bool(re.fullmatch(fault.codes, str(code))) or code

    await until(holds, f"a cause of {fault.codes}")


async def nowhere_green_meanwhile(house: Running, signal: str) -> None:
    end = time.monotonic() + STAYS_SECONDS
    while time.monotonic() < end:
        places = await house.everywhere(signal)
        assert not any(places.values()), places
        await asyncio.sleep(0.2)


# --- a slice of it ------------------------------------------------------------------------------


async def test_a_dead_camera_and_a_broken_lamp_leave_green(
    tmp_path: Path, hall_cache: Path
) -> None:
    async with small_house(tmp_path, hall_cache) as house:
        await house.do("start-meeting")
        for name in SLICE:
            await leaves_green(house, FAULTS[name])


async def leaves_green(house: Running, fault: Fault) -> float:
    await is_green(house, fault.signal)
    await fault.break_it(house)
    took = await has_left_green(house, fault.signal, fault.late)
    await fault.mend(house)
    await is_green(house, fault.signal)
    return took


# --- all of it ----------------------------------------------------------------------------------

soak = [
    pytest.mark.soak,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio"),
]


@pytest.fixture(scope="module")
def figures() -> Iterator[list[Figure]]:
    """How soon each fault was noticed everywhere, and for how long the event loop stood still:
    build/faults.json."""
    found: list[Figure] = []
    yield found
    write(found, Path(__file__).parents[2] / "build" / "faults.json")
    print("", table(found), sep="\n")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, hall_cache: Path
) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("house")
    gstreamer = GStreamerCamera(LAUNCH, "admin", PASSWORD)
    async with whole_house(folder, hall_cache, gstreamer) as house:
        await house.do("want-projector", on="yes")
        await house.show_stage()
        yield house


async def ready(house: Running, subject: str = "") -> None:
    """A verified green: everything, or, where a machine is too busy for the sound and is rightly
    told to be looked at, this subject."""
    if (await house.health())["phase"] != "idle":
        await house.do("end-meeting")
        await until(lambda: is_idle(house), "the meeting's end")
    await house.do("want-projector", on="yes")

    async def tried() -> object:
        found = await house.rehearse()
        if found["verdict"] == "ready":
            assert await house.metric("avcontrol_rehearsal", verdict="ready") == 1
            return True
        only = await is_good(house, subject, found)
        return (only and await disturbed(house)) or found

    await until(tried, f"{subject or 'everything'} found good", 3 * CEILING)


async def is_idle(house: Running) -> bool:
    return bool((await house.health())["phase"] == "idle")


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.signal])
class TestInAMeeting:
    pytestmark = soak

    async def test_it_leaves_green(self, house: Running, name: str, figures: list[Figure]) -> None:
        fault = FAULTS[name]
        health = await house.health()
        if health["phase"] == "idle":
            await ready(house, fault.subject)
            await house.do("start-meeting")
        await is_green(house, fault.signal)
        if not await disturbed(house):
            await verdict_is(house, "ready")
        await fault.break_it(house)
        try:
            took = await has_left_green(house, fault.signal, fault.late)
            code = (await house.signal(fault.signal))["code"]
            remark = f"{code}, goal {fault.soon:.0f}"
            figures.append(Figure(name, round(took, 1), "s", None, None, Conditions.now(), remark))
            if fault.codes and fault.mend is not nothing:
                await cause_is(house, fault)
                assert (await house.health())["status"] != "ok"
                await verdict_is(house, "outdated")
            if fault.mend is not nothing:
                await nowhere_green_meanwhile(house, fault.signal)
        finally:
            await fault.mend(house)
        await is_green(house, fault.signal)
        figures += await longest_stalls(house, name)


async def longest_stalls(house: Running, name: str) -> Iterator[Figure]:
    """Of the last minute or two, in ms. The goal is 50 on a machine that has nothing else to do;
    on any other one the loop's own computing tells more."""
    values = {
        "longest stall of the event loop": await house.metric("avcontrol_loop_stall_seconds"),
        "of it computing": await house.metric("avcontrol_loop_busy_seconds"),
    }
    now = Conditions.now()
    return (
        Figure(name, round(1000 * value), "ms", None, None, now, what)
        for what, value in values.items()
    )


async def disturbed(house: Running) -> bool:
    """Whether something is not well by itself: a busy machine cuts holes into the sound."""
    signals = (await house.health())["signals"]
    ill = [one["code"] for one in signals if one["condition"] in ("impaired", "failed")]
    if ill:
        print(f"disturbed by {ill}")
    return bool(ill)


async def verdict_is(house: Running, wanted: str) -> None:
    async def holds() -> object:
        verdict = (await house.health())["rehearsal"]["verdict"]
        counted = await house.metric("avcontrol_rehearsal", verdict="ready")
        return (verdict == wanted and counted == (wanted == "ready")) or (verdict, counted)

    await until(holds, f"the verdict {wanted}")


@pytest.mark.parametrize("name", [name for name, one in FAULTS.items() if one.mend is not nothing])
class TestInARehearsal:
    pytestmark = soak

    async def test_the_verdict_names_it(self, house: Running, name: str) -> None:
        fault = FAULTS[name]
        await ready(house, fault.subject)
        await fault.break_it(house)
        if fault.signal.startswith("own."):  # a rehearsal reads what is watched all the time
            await has_left_green(house, fault.signal)
        found = await house.rehearse()
        print(f"{name}: {[one for one in found['found'] if one['outcome'] != 'good']}")
        try:
            assert found["verdict"] != "ready", found
            assert await house.metric("avcontrol_rehearsal", verdict="ready") == 0
            # A sound server that moves a stream says nothing of it: that is found a moment later.
            outdated = found["verdict"] == "outdated"
            assert outdated or not await is_good(house, fault.subject, found), found
        finally:
            await fault.mend(house)


async def is_good(house: Running, subject: str, found: dict[str, Any]) -> bool:
    outcomes = [one["outcome"] for one in found["found"] if one["subject"] == subject]
    return bool(outcomes) and set(outcomes) <= WELL
