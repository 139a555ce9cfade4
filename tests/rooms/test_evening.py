"""What a power cut leaves behind: no mains, a clock that went back, a house that was off."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from base.cause import Cause
from devices.device import Condition, Echo, EchoState, Health
from devices.service import is_enabled, own_unit
from rooms import rehearsal_checks, store
from rooms.alarms import Patience, troubles
from rooms.attention import Severity
from rooms.rehearsal_checks import Stage
from rooms.signals import CLOCK, POWER, is_well, signals_of
from rooms.start import Ended
from rooms.starting import KEPT_AS, Starting
from rooms.view import Connection, LinkState
from rooms.wall_clock import UNSET_SECONDS, ClockWatch, newest_entry

ON_BATTERY = Cause("power.on_battery_time", charge=80, minutes=20)


def signal(view, id_):
    return next((one for one in signals_of(view) if one.id == id_), None)


async def test_without_mains_it_is_said_everywhere_and_somebody_is_told_soon(house):
    house.time.wall = datetime.now(UTC) + timedelta(minutes=1)  # it is noted by the real clock
    assert signal(house.view, POWER) is None  # nothing tells of it
    house.equipment.power.set(Health(Condition.WORKING))
    await house.until(lambda v: v.power is not None)
    house.equipment.power.set(Health(Condition.IMPAIRED, ON_BATTERY))
    view = await house.until(lambda v: ON_BATTERY in v.notices)
    assert not is_well(view)
    (told,) = [one for one in troubles(view, Patience()) if one.key == POWER]
    assert (told.severity, told.patience) == (Severity.SOON, timedelta(minutes=2))
    await house.room.start_meeting(house.leader)
    (told,) = [one for one in troubles(house.view, Patience()) if one.key == POWER]
    assert told.severity is Severity.TODAY
    async with house.patience():
        began = house.time.wall - timedelta(days=1)
        while not (await house.room.history(began)).get(POWER):
            await asyncio.sleep(0.01)


async def test_an_empty_battery_in_the_microphone_is_the_microphones(house):
    low = Cause("sound.microphone_battery", charge=10)
    house.equipment.microphone_battery.set(Health(Condition.IMPAIRED, low))
    view = await house.until(lambda v: low in v.notices)  # also while the microphone is closed
    assert next(one for one in view.devices if one.id == "microphone").health.cause == low
    stage = Stage(house.equipment, house.folder, lambda: True)
    assert [f.cause for f in await rehearsal_checks.power(stage)] == [low]
    house.sound.microphone.fail("sound.microphone_missing")  # which is worse
    await house.until(lambda v: low not in v.notices)


async def test_an_amplifier_that_is_off_is_the_loudspeakers_fault(house):
    house.sound.microphone.health.set(Health(Condition.WORKING))
    house.sound.echo.set(Echo(EchoState.UNHEARD))
    view = await house.until(lambda v: "sound.amplifier_off" in [cause.code for cause in v.notices])
    loudspeaker = next(one for one in view.devices if one.id == "loudspeaker")
    assert loudspeaker.health.condition is Condition.IMPAIRED
    silent = Cause("sound.microphone_silent")  # who hears nothing at all blames nobody
    house.sound.microphone.health.set(Health(Condition.IMPAIRED, silent))
    await house.until(lambda v: [cause.code for cause in v.notices] == [silent.code])


class Watched:
    def __init__(self, house, watch, said):
        self.house, self.watch, self.said = house, watch, said

    async def __call__(self):
        await self.watch.look()
        health = self.house.equipment.clock.value
        return health.condition.value, health.cause.code if health.cause else None


@pytest.fixture
def watched(house):
    """Looks at the clock; `said` is what the system says of it."""
    said = [None]

    async def synchronized():
        return said[0]

    watch = ClockWatch(house.database, house.equipment, house.time.clock(), synchronized)
    return Watched(house, watch, said)


async def test_a_clock_that_nobody_knows_of_is_never_green(house, watched):
    assert await watched() == ("unknown", "rehearsal.clock_unmeasured")
    watched.said[0] = False
    house.time.pass_(minutes=1)
    assert await watched() == ("starting", None)
    house.time.pass_(seconds=UNSET_SECONDS)
    assert await watched() == ("impaired", "rehearsal.clock_unset")
    watched.said[0] = True
    house.time.pass_(minutes=1)
    assert await watched() == ("working", None)


async def test_a_clock_that_went_back_after_a_power_cut_is_told_and_one_meets(house, watched):
    watched.watch._newest = await house.database.read(newest_entry)
    await house.room.want_projector(house.leader, True)
    watched.watch._newest = await house.database.read(newest_entry)
    house.time.wall -= timedelta(days=3)
    assert await watched() == ("failed", "clock.goes_back")
    view = await house.until(lambda v: v.notices and v.notices[0].code == "clock.goes_back")
    assert signal(view, CLOCK).health.condition is Condition.FAILED
    assert CLOCK in [trouble.key for trouble in troubles(view, Patience())]
    await house.live()
    await house.ask()
    watched.said[0] = True  # the network has set it
    house.time.pass_(minutes=2)
    house.time.wall += timedelta(days=3)
    assert await watched() == ("working", None)


async def test_the_hubs_time_counts_more_than_what_the_system_says(house, watched):
    hub = [house.time.wall]
    object.__setattr__(house.equipment, "hub_time", lambda: hub[0])
    assert await watched() == ("working", None)
    stage = Stage(house.equipment, house.folder, lambda: True)
    (found,) = await rehearsal_checks.clock(stage)
    assert (found.outcome.value, found.cause.code) == ("good", "rehearsal.clock_as_hub")
    watched.said[0] = True
    for away, code, count in (
        (timedelta(minutes=7), "clock.slow_minutes", 7),
        (timedelta(hours=-5), "clock.fast_hours", 5),
        (timedelta(days=80), "clock.slow_days", 80),
    ):
        hub[0] = house.time.wall + away
        assert await watched() == ("failed", code)
        assert house.equipment.clock.value.cause.params["count"] == count
    (found,) = await rehearsal_checks.clock(stage)
    assert (found.outcome.value, found.cause.code) == ("bad", "clock.slow_days")


async def test_a_certificate_from_the_future_is_a_clock_that_is_behind(house, watched):
    early = Cause("link.certificate_early", host="hop.phuong.example")
    house.equipment.link.set(LinkState(Connection.AWAY, early))
    assert await watched() == ("failed", "clock.before_certificate")


@asynccontextmanager
async def run(house, boot):
    """One life of the house; `kill` is what a power cut does to it."""
    starting = Starting(house.database, house.equipment.start, house.time.clock(), boot)
    answers = asyncio.Event()
    task = asyncio.create_task(starting.run(answers))
    answers.set()
    async with house.patience():
        async for start in house.equipment.start.changes():
            if start is not None:
                break
    try:
        yield start
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        house.equipment.start.set(None)


async def test_a_power_cut_is_told_from_a_clean_end_and_from_a_program_that_died(house):
    boot = house.folder / "boot_id"
    boot.write_text("first\n")

    async def as_if_killed(kept):
        """What the disk held in the middle of its life."""
        await house.database.write(partial(store.set_value, name=KEPT_AS, new=kept))

    async with run(house, boot) as start:
        assert start.ended is Ended.NEVER
        assert not start.whole_machine
    house.time.pass_(minutes=30)
    async with run(house, boot) as start:
        assert start.ended is Ended.CLEANLY
        assert house.time.wall - start.ended_at == timedelta(minutes=30)
        kept = await house.database.read(lambda c: store.value(c, KEPT_AS))
    await as_if_killed(kept)
    async with run(house, boot) as start:
        assert start.ended is Ended.LOST
    await as_if_killed(kept)
    boot.write_text("second\n")
    async with run(house, boot) as start:
        assert start.ended is Ended.POWER_CUT
        assert start.whole_machine
        assert start.took > 0
        await house.until(lambda v: v.start == start)


def test_only_an_enabled_service_comes_back_by_itself(tmp_path):
    assert not is_enabled(units=tmp_path)
    (tmp_path / "multi-user.target.wants").mkdir()
    (tmp_path / "multi-user.target.wants" / "avcontrol-house.service").symlink_to("/nowhere")
    assert is_enabled(units=tmp_path)
    cgroup = tmp_path / "cgroup"
    for text, unit in (
        ("0::/system.slice/avcontrol-house.service\n", "avcontrol-house.service"),
        ("0::/user.slice/user-0.slice/user@0.service/app.slice/a.service\n", ""),
        ("0::/user.slice/user-0.slice/session-1.scope\n", ""),
    ):
        cgroup.write_text(text)
        assert own_unit(cgroup) == unit
