"""A fault that went away by itself is still there to be read, also after a restart."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from base.cause import Cause
from devices.device import Condition, Health
from rooms import health_history
from rooms.health_history import history, outages
from rooms.signals import LINE, signals_of, wrong_now
from rooms.tables import device_health
from rooms.view import Connection, LinkState


def camera(view):
    return view.devices[0]


async def kept(house, device="camera"):
    query = select(device_health.c.condition).where(device_health.c.device == device)
    async with asyncio.timeout(20):
        return await house.database.read(lambda c: list(c.execute(query).scalars()))


async def test_the_last_fault_outlives_the_recovery_and_a_restart(house):
    house.camera.fail("camera.silent")
    await house.until(lambda view: camera(view).last_fault is not None)  # it was noted
    since = camera(house.view).health.since
    house.camera.health.set(Health(Condition.WORKING))
    for _ in range(2):
        view = await house.until(lambda view: camera(view).health.condition is Condition.WORKING)
        fault = camera(view).last_fault
        assert fault == Health(Condition.FAILED, Cause("camera.silent", name="Thiết bị camera"))
        assert fault.since == since
        await house.ticks()
        await house.restart(minutes=1)


async def test_what_is_tried_again_all_night_leaves_one_line(house):
    for _ in range(5):
        for health in (
            Health(Condition.FAILED, Cause("camera.silent")),
            Health(Condition.STARTING),
        ):
            house.camera.health.set(health)
            await house.ticks(1)
    assert (await kept(house))[-1] == "failed"
    assert (await kept(house)).count("failed") == 1


async def test_old_lines_go(house, monkeypatch):
    monkeypatch.setattr("rooms.health_history.KEPT", 5)
    conditions = (Condition.FAILED, Condition.WORKING)
    for number in range(8):
        house.projector.health.set(Health(conditions[number % 2]))
        await house.ticks(1)
    assert len(await kept(house, "projector")) == 5
    assert await kept(house), "those of others stay"


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ago(**time):
    return NOW - timedelta(**time)


def noted(*lines):
    """Writes `(signal, condition, at, code)` into the history."""

    def write(connection):
        for signal, condition, at, *code in lines:
            cause = Cause(code[0], host="x") if code else None
            health_history.note(connection, signal, Health(Condition(condition), cause, at))

    return write


async def test_outages_are_counted_as_people_would(house):
    """One that had two causes is one; the house being off is none, and ends one."""
    await house.database.write(
        noted(
            ("own.house", "working", ago(days=9)),
            ("beamer", "working", ago(days=9)),
            ("beamer", "failed", ago(days=5), "projector.no_answer"),
            ("beamer", "failed", ago(days=5, minutes=-5), "projector.hung_up"),
            ("beamer", "working", ago(days=5, minutes=-12)),
            ("beamer", "impaired", ago(days=3), "projector.lamp"),
            ("beamer", "failed", ago(days=2), "projector.no_answer"),
            ("own.house", "unknown", ago(days=2, minutes=-3)),
            ("own.house", "working", ago(days=1)),
            ("beamer", "standby", ago(days=1)),
        )
    )
    found = (await house.database.read(lambda c: history(c, ago(days=7), NOW)))["beamer"]
    told = outages(found)
    assert (told.count, told.longest) == (2, timedelta(minutes=12))
    assert told.codes == {"projector.no_answer", "projector.hung_up"}
    assert outages(found, Condition.IMPAIRED).count == 1
    assert outages(found, Condition.UNKNOWN).altogether == timedelta(days=1, minutes=-3)
    assert sum((spell.lasted for spell in found), timedelta()) == timedelta(days=7)


async def test_a_clock_that_was_wrong_turns_nothing_around(house):
    await house.database.write(
        noted(
            ("clocked", "working", ago(days=3)),
            ("clocked", "failed", datetime(1970, 1, 1, tzinfo=UTC)),
            ("clocked", "working", ago(days=-400)),
            ("clocked", "failed", ago(days=1)),
        )
    )
    found = (await house.database.read(lambda c: history(c, ago(days=7), NOW)))["clocked"]
    assert all(spell.lasted > timedelta() for spell in found)
    assert found[-1].condition is Condition.FAILED
    assert sum((spell.lasted for spell in found), timedelta()) == timedelta(days=7)


async def test_line_relay_and_disk_are_noted_like_devices(house):
    away = LinkState(Connection.AWAY, Cause("link.no_answer", host="hop.example"))
    house.equipment.link.set(away)
    view = await house.until(lambda view: view.link.connection is Connection.AWAY)
    assert [(s.id, s.health.condition) for s in signals_of(view)][-1] == (LINE, Condition.FAILED)
    assert away.cause in wrong_now(view)
    house.equipment.link.set(LinkState(Connection.LINKED))
    async with house.patience():
        while await kept(house, LINE) != ["failed", "working"]:
            await asyncio.sleep(0.01)
