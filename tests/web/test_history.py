"""The technician reads what was, drawn by the house itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from base.cause import Cause
from devices.device import Condition, Health, Kind
from rooms import health_history, numbers
from rooms.numbers import Gathered, Point, Quantity
from rooms.signals import HOUSE
from rooms.view import Connection, DeviceView, LinkState, Role
from tests.web.test_accessibility import OUT_OF_SIGHT, SMALL, faults
from web.charts import HEIGHT, LEAST_WIDTH, WIDTH, draw_band, draw_line

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ago(**time):
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture
async def remembered(house):
    """A house whose projector was away three times in a week, and whose line is slow at night."""
    working, failed = Health(Condition.WORKING), Cause("projector.no_answer", host="192.168.1.30")

    def write(connection):
        note = health_history.note
        note(connection, HOUSE, replace(working, since=ago(days=20)))
        note(connection, "projector", replace(working, since=ago(days=20)))
        for days, minutes in ((5, 2), (3, 12), (1, 7)):
            note(connection, "projector", Health(Condition.FAILED, failed, ago(days=days)))
            after = replace(working, since=ago(days=days, minutes=-minutes))
            note(connection, "projector", after)
        for hours in range(160, 0, -1):
            value = 120.0 + hours % 24
            found = {
                Quantity("projector", "lamp_hours"): numbers.one(2000 - hours // 4),
                Quantity(HOUSE, "temperature"): Gathered(value / 3, value / 2, value, 2),
            }
            numbers.note(connection, ago(hours=hours), found)

    await house.database.write(write)
    beamer = DeviceView("projector", Kind.PROJECTOR, "Máy chiếu", working)
    house.shows(replace(house.room.view.value, devices=(beamer,)))
    return house


async def test_the_past_in_words_and_drawn_without_a_script(remembered):
    technician = await remembered.client_as(Role.TECHNICIAN)
    page = (await technician.get("/technician/health")).text
    assert "Máy chiếu mất liên lạc 3 lần trong 7 ngày, lâu nhất 12 phút." in page
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]
    assert page.count('class="was-failed" x=') == 3
    one = (await technician.get("/technician/health/projector?days=30")).text
    assert "mất liên lạc 3 lần trong 30 ngày" in one
    assert one.count('data-value="spell"') == 3
    assert "Mới nhất 2000, thấp nhất 1960, cao nhất 2000." in one
    assert "<polyline" in one and 'role="img" aria-label="Bóng đèn đã dùng (giờ). Mới' in one
    house = (await technician.get("/technician/health/own.house")).text
    assert 'data-code="quantity.temperature"' in house


async def test_only_the_technician_reads_it(remembered):
    leader = await remembered.client_as(Role.LEADER)
    for path in ("/technician/health", "/technician/health/projector"):
        assert (await leader.get(path)).status_code != 200
    technician = await remembered.client_as(Role.TECHNICIAN)
    assert (await technician.get("/technician/health/nothing")).status_code == 404


@pytest.mark.peer
async def test_it_can_be_read_on_a_tablet_and_a_telephone(remembered, browser):
    context = await browser.new_context(java_script_enabled=True)
    await context.request.get(remembered.open_link(Role.TECHNICIAN), max_redirects=0)
    page = await context.new_page()
    for path in ("/technician/health", "/technician/health/projector"):
        for width, height in ((1280, 800), (360, 740)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.goto(remembered.url + path)
            await expect(page.locator("[data-value=band-projector]")).to_be_visible()
            assert await page.evaluate(OUT_OF_SIGHT) == [], (path, width)
            assert await page.evaluate(SMALL) == [], (path, width)
        assert await faults(page) == [], path
    await context.close()


async def test_a_fault_leaves_tile_verdict_api_and_metric_and_they_say_the_same(house, client):
    """One truth, also for what is no device."""
    away = LinkState(Connection.AWAY, Cause("link.no_answer", host="hop.example"))
    for link, condition, status in (
        (LinkState(Connection.LINKED), "working", "ok"),
        (away, "failed", "impaired"),
        (LinkState(Connection.LINKED), "working", "ok"),
    ):
        house.link_is(link)
        told = (await client.get("/healthz")).json()
        assert told["status"] == status
        (signal,) = told["signals"]
        assert (signal["id"], signal["condition"]) == ("own.line", condition)
        assert bool(signal["words"]) is (condition == "failed")
        metric = f'avcontrol_signal{{condition="{condition}",id="own.line",kind="line"}} 1.0'
        assert metric in (await client.get("/metrics")).text


def test_a_minute_is_seen_among_ninety_days_and_gaps_are_gaps():
    spell = health_history.Spell
    since, fault = NOW - timedelta(days=90), NOW - timedelta(days=2)
    spells = [
        spell(Condition.WORKING, None, since, fault),
        spell(Condition.FAILED, None, fault, fault + timedelta(minutes=1)),
        spell(Condition.WORKING, None, fault + timedelta(minutes=1), NOW),
    ]
    blocks = draw_band(spells, since, NOW)
    assert blocks[-1].condition is Condition.FAILED, "on top"
    assert blocks[-1].width == LEAST_WIDTH
    assert sum(b.width for b in blocks) == pytest.approx(WIDTH, abs=LEAST_WIDTH + 0.1)
    points = [Point(NOW - timedelta(hours=n), 40, 60, 50) for n in (9, 8, 7, 2, 1)]
    line = draw_line(points, 3600, NOW - timedelta(hours=10), NOW)
    assert len(line.strokes) == len(line.shadows) == 2
    assert (line.low, line.high, line.newest) == (40, 60, 50)
    assert f",{HEIGHT / 2:.1f}" in line.strokes[0]
