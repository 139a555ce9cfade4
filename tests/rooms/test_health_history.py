"""A fault that went away by itself is still there to be read, also after a restart."""

import asyncio

from sqlalchemy import select

from base.cause import Cause
from devices.device import Condition, Health
from rooms.health_history import KEPT
from rooms.tables import device_health


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


async def test_old_lines_go(house):
    conditions = (Condition.FAILED, Condition.WORKING)
    for number in range(KEPT + 10):
        house.projector.health.set(Health(conditions[number % 2]))
        await house.ticks(1)
    assert len(await kept(house, "projector")) == KEPT
    assert await kept(house), "those of others stay"
