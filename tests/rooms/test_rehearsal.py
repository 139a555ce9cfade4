"""Trying everything before a meeting: who may, when, and what a verdict is worth."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause
from devices.device import Condition, DisplayState, Health, Power
from rooms import rehearsal_checks
from rooms.rehearsal import Finding, Outcome, Rehearsal, Verdict, read, write
from rooms.rehearsal_checks import Stage, rehearse
from rooms.relay import RelayCondition, RelayState
from rooms.view import Connection, LinkState, Phase

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = Finding("disk", Outcome.GOOD, Cause("rehearsal.disk_good", free=20.5))


def tried(*outcomes, ended=NOW):
    found = tuple(Finding("x", Outcome(o), Cause(f"rehearsal.{o}")) for o in outcomes)
    return Rehearsal("Bác Lan", NOW, ended, found)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["good", "good"], Verdict.READY),
        (["good", "unmeasured"], Verdict.READY_BUT),
        (["good", "advice"], Verdict.READY_BUT),
        (["unmeasured", "bad", "good"], Verdict.NOT_READY),
        ([], Verdict.READY_BUT),  # nothing measured is not good
    ],
)
def test_what_was_not_measured_is_never_green(outcomes, verdict):
    assert tried(*outcomes).verdict is verdict


def test_an_old_green_or_one_that_something_came_after_is_none():
    green = tried("good")
    assert green.verdict_now((), NOW + timedelta(minutes=90)) is Verdict.READY
    assert green.verdict_now((), NOW + timedelta(hours=3)) is Verdict.OUTDATED
    assert green.verdict_now((Cause("camera.lost"),), NOW) is Verdict.OUTDATED
    assert tried("good", ended=None).verdict_now((), NOW) is Verdict.RUNNING


def test_it_comes_back_from_the_disk_as_it_was():
    done = Rehearsal("Bác Lan", NOW, NOW + timedelta(seconds=9), (GOOD,))
    assert read(write(done)) == done
    assert read('["written otherwise"]') is None


async def test_what_takes_too_long_or_stumbles_is_unmeasured(house):
    async def for_ever(stage):
        await asyncio.Event().wait()

    async def stumbles(stage):
        raise OSError

    stage = Stage(house.equipment, house.folder, lambda: True)
    checks = (("clock", 0.01, for_ever), ("disk", 5.0, stumbles), ("line", 5.0, a_good_line))
    found = await rehearse(stage, checks)
    assert [(f.subject, f.outcome.value) for f in found] == [
        ("clock", "unmeasured"),
        ("disk", "unmeasured"),
        ("line", "good"),
    ]


async def a_good_line(stage):
    return (Finding("line", Outcome.GOOD, Cause("rehearsal.line_good", ms=40)),)


async def test_each_check_leaves_green_with_its_fault(house):
    stage = Stage(house.equipment, house.folder, lambda: True)

    async def outcome(check, on=stage):
        (finding,) = await check(on)
        return finding.outcome.value, finding.cause.code

    house.projector.state.set(DisplayState(Power.ON, "31"))
    assert await outcome(rehearsal_checks.projector) == ("good", "rehearsal.projector_on")
    house.projector.health.set(Health(Condition.IMPAIRED, Cause("projector.other_input")))
    assert await outcome(rehearsal_checks.projector) == ("advice", "projector.other_input")

    assert await outcome(rehearsal_checks.screen) == ("good", "rehearsal.stage_shown")
    dark = replace(stage, stage_shown=lambda: False)
    assert await outcome(rehearsal_checks.screen, dark) == ("advice", "rehearsal.stage_missing")
    house.screen.fail("screen.ended")
    assert await outcome(rehearsal_checks.screen) == ("advice", "screen.ended")

    house.sound.microphone.fail("sound.microphone_missing")
    assert await outcome(rehearsal_checks.sound) == ("bad", "sound.microphone_missing")

    assert await rehearsal_checks.line(stage) == ()
    house.equipment.link.set(LinkState(Connection.LINKED))
    assert await outcome(rehearsal_checks.line) == ("unmeasured", "rehearsal.line_unmeasured")
    for seconds, found in ((0.04, ("good", "line_good")), (0.9, ("advice", "line_slow"))):
        measured = replace(
            stage, equipment=replace(stage.equipment, round_trip=lambda s=seconds: s)
        )
        (finding,) = await rehearsal_checks.line(measured)
        assert (finding.outcome.value, finding.cause.code) == (found[0], f"rehearsal.{found[1]}")
    house.equipment.link.set(LinkState(Connection.AWAY, Cause("link.silent")))
    assert await outcome(rehearsal_checks.line) == ("bad", "link.silent")

    assert await rehearsal_checks.relay(stage) == ()
    house.equipment.relay.set(RelayState(RelayCondition.WORKING, Cause("relay.works")))
    assert await outcome(rehearsal_checks.relay) == ("good", "relay.works")
    house.equipment.relay.set(RelayState(RelayCondition.FAILED, Cause("relay.silent")))
    assert await outcome(rehearsal_checks.relay) == ("advice", "relay.silent")


@pytest.fixture
def trying(monkeypatch):
    """Checks that end when they are told to."""
    done = asyncio.Event()

    async def wait(stage):
        await done.wait()
        return (GOOD,)

    monkeypatch.setattr(rehearsal_checks, "CHECKS", (("disk", 30.0, wait),))
    return done


async def test_the_microphone_is_open_meanwhile_and_the_result_is_kept(house, trying):
    await house.room.rehearse(house.leader)
    assert house.view.rehearsal.verdict is Verdict.RUNNING
    assert house.sound.microphone_open.value
    assert house.projector.watched
    trying.set()
    done = (await house.until(lambda v: v.rehearsal.ended is not None)).rehearsal
    assert (done.verdict, done.by, done.found) == (Verdict.READY, house.leader.name, (GOOD,))
    assert not house.sound.microphone_open.value
    assert not house.projector.watched
    await house.restart(minutes=1)
    assert (await house.until(lambda v: v.rehearsal is not None)).rehearsal == done


async def test_never_in_a_meeting_whose_start_ends_it(house, trying, refused):
    await house.room.rehearse(house.technician)
    await house.live()
    assert house.view.rehearsal is None  # there was none before
    assert house.sound.microphone_open.value  # it is the meeting's now
    async with refused("room.not_while_live"):
        await house.room.rehearse(house.leader)
    async with refused("room.not_your_part"):
        await house.room.rehearse(house.secretary)


async def test_by_itself_half_an_hour_before_a_planned_meeting_and_once(house, trying):
    trying.set()
    starts = house.time.wall + timedelta(minutes=40)
    await house.room.plan_meeting(house.leader, "Họp tổ", starts, 60)
    await house.ticks()
    assert house.view.rehearsal is None
    house.time.pass_(minutes=11)
    done = await house.until(lambda v: v.rehearsal is not None and v.rehearsal.ended)
    assert done.rehearsal.by == ""
    house.time.pass_(minutes=5)
    await house.ticks()
    assert house.view.rehearsal == done.rehearsal
    assert house.view.phase is Phase.IDLE


def sees(house, code):
    ill = Health(Condition.IMPAIRED, Cause(code, name="Camera"))
    house.equipment.pictures.found.set({house.camera.id: ill})


async def test_what_a_rehearsal_saw_stays_and_what_a_meeting_saw_at_its_end_does_not(house, trying):
    """At the end of a meeting the lights go out, and that is nobody's to mend."""
    pictures = house.equipment.pictures
    await house.room.rehearse(house.leader)
    sees(house, "camera.black")
    trying.set()
    view = await house.until(lambda v: v.rehearsal.ended and v.devices[0].picture)
    assert view.devices[0].health.cause.code == "camera.black"
    assert pictures.measured(house.camera.id) is None, "another rehearsal looks again"
    await house.live()
    sees(house, "camera.covered")
    await house.ended()
    await house.until(lambda v: v.devices[0].picture is None)
    assert house.view.devices[0].health.condition is Condition.WORKING
