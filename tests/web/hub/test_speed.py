"""How fast the line between a house and the hub is, measured over the hub's real pages."""

from dataclasses import replace

from starlette.applications import Starlette

from rooms import rehearsal_checks
from rooms.equipment import Equipment
from rooms.line_speed import LineSpeed
from rooms.rehearsal_checks import Stage
from rooms.view import Connection, LinkState
from web.link import speed
from web.link.house import Hub
from web.link.speed import measure_speed

NOBODY = Starlette()


async def a_house(hub):
    _, key = await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Nhà văn hóa"))
    return Hub(hub.url.replace("http", "ws", 1) + "/link", "to-5", key)


async def test_the_line_is_measured_both_ways(hub, monkeypatch):
    house = await a_house(hub)
    found = await measure_speed(house)
    assert found is not None
    assert found.down > 0
    assert found.up > 0
    monkeypatch.setattr(speed, "LEAST_BYTES", 10**9)
    assert await measure_speed(house) is None  # so little says nothing


async def test_who_has_no_key_and_who_meets_no_hub_are_unmeasured(hub, serve):
    house = await a_house(hub)
    assert await measure_speed(replace(house, key="made up")) is None
    port = await serve(NOBODY)
    assert await measure_speed(replace(house, url=f"ws://127.0.0.1:{port}/link")) is None


async def test_a_slow_line_is_advice_and_an_unmeasured_one_is_never_green(tmp_path):
    told: list[LineSpeed | None] = []

    async def measure():
        return told[-1]

    equipment = Equipment(measure_line=measure)
    stage = Stage(equipment, tmp_path, lambda: True)
    assert await rehearsal_checks.speed(stage) == ()  # it has no ward
    equipment.link.set(LinkState(Connection.LINKED))
    for found, outcome, code in (
        (None, "unmeasured", "speed_unmeasured"),
        (LineSpeed(25.0, 0.8), "advice", "speed_low"),
        (LineSpeed(25.0, 9.4), "good", "speed_good"),
    ):
        told.append(found)
        (finding,) = await rehearsal_checks.speed(stage)
        assert (finding.outcome.value, finding.cause.code) == (outcome, f"rehearsal.{code}")
    assert dict(finding.cause.params) == {"down": "25", "up": "9.4"}
