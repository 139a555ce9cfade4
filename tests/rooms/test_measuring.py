"""What the house can tell in numbers, and that it was off."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from base.latest import Latest
from devices.device import Condition, DisplayState, Health, Levels, Power
from rooms.measuring import Machine, Measuring, disk_health, of_equipment
from rooms.numbers import Quantity
from rooms.signals import HOUSE, LINE


@asynccontextmanager
async def running(house):
    measuring = Measuring(house.database, house.equipment, house.folder, house.time.clock())
    task = asyncio.create_task(measuring.run())
    async with house.patience():
        while not await house.room.curves(HOUSE, house.time.wall - timedelta(days=1)):
            await asyncio.sleep(0.01)
    try:
        yield measuring
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_time_in_which_the_house_was_off_is_not_well(house):
    began = house.time.wall
    async with running(house):
        house.screen.health.set(Health(Condition.FAILED, None, began))
        async with house.patience():
            while "screen" not in (found := await house.room.history(began - timedelta(hours=1))):
                await asyncio.sleep(0.01)
            while found["screen"][-1].condition is not Condition.FAILED:
                house.time.pass_(seconds=1)
                found = await house.room.history(began - timedelta(hours=1))
    await house.restart(minutes=120)
    async with running(house), house.patience():
        dark = timedelta()
        while not dark:  # it is noted once the house measures again
            await asyncio.sleep(0.01)
            spells = (await house.room.history(began))["screen"]
            off = (s.lasted for s in spells if s.condition is Condition.UNKNOWN)
            dark = sum(off, timedelta())
    assert timedelta(minutes=110) < dark <= timedelta(minutes=120), spells


async def test_the_machine_and_the_disk_are_told(house):
    async with running(house):
        curves = await house.room.curves("own.disk", house.time.wall - timedelta(days=1))
        points, _ = curves["free"]
        assert points[0].mean > 0
        await house.until(lambda view: view.disk is not None)


def test_a_disk_that_fills_up():
    assert disk_health(50.0).condition is Condition.WORKING
    assert disk_health(1.5).condition is Condition.IMPAIRED
    assert disk_health(0.2).condition is Condition.FAILED
    assert disk_health(None).condition is Condition.UNKNOWN


async def test_what_is_closed_or_not_told_has_no_number(house):
    names = {quantity.name for quantity in of_equipment(house.equipment)}
    assert names == {"volume"}
    house.sound.levels = Latest(Levels(-20.0, -30.0))
    house.sound.open_microphone()
    house.projector.state.set(DisplayState(Power.ON, lamp_hours=120))
    equipment = replace(house.equipment, round_trip=lambda: 0.04)
    found = of_equipment(equipment)
    assert found[Quantity("projector", "lamp_hours")] == 120
    assert found[Quantity("microphone", "level")] == -20.0
    assert found[Quantity(LINE, "round_trip")] == 40.0


def test_a_machine_without_sensors_says_nothing_of_them(tmp_path):
    found = Machine(tmp_path, proc=tmp_path, thermal=tmp_path).look()
    assert {quantity.name for quantity in found} == {"free", "up"}
    zone = tmp_path / "thermal_zone0"
    zone.mkdir()
    (zone / "temp").write_text("48500\n")
    (tmp_path / "stat").write_text("cpu  10 0 10 80 0 0 0 0 0 0\n")
    machine = Machine(tmp_path, proc=tmp_path, thermal=tmp_path)
    assert machine.look()[Quantity(HOUSE, "temperature")] == 48.5
    (tmp_path / "stat").write_text("cpu  40 0 10 150 0 0 0 0 0 0\n")
    assert machine.look()[Quantity(HOUSE, "cpu")] == 30.0
