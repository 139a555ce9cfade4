"""The leader asks for help from the panel; the technician takes it on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from base.cause import Cause
from rooms.attention import Alarm, Help, Severity
from rooms.view import Role
from tests.web.test_accessibility import OUT_OF_SIGHT, SMALL, faults

NOW = datetime.now(UTC)
ASKED = Help("x", "Bác Lan", "Máy chiếu không trả lời.", NOW, addressed=True)
TAKEN = replace(ASKED, taken_by="Anh Tuấn", taken_at=NOW)


async def test_one_tap_says_what_is_wrong_and_whom_to_call(house):
    leader = await house.client_as(Role.LEADER)
    house.shows(notices=(Cause("projector.no_answer", host="192.168.1.30"),))
    assert 'data-action="ask-for-help"' in (await leader.get("/panel")).text
    done = await leader.post("/do/ask-for-help")
    assert done.status_code == 303
    asked = house.room.view.value.help
    assert "192.168.1.30" in asked.words
    page = (await leader.get("/panel")).text
    assert 'data-value="help" data-code="nobody"' in page, "nobody is set up to be told"


async def test_nothing_of_it_while_nothing_is_wrong(house):
    leader = await house.client_as(Role.LEADER)
    assert "ask-for-help" not in (await leader.get("/panel")).text
    assert "ask-for-help" in (await leader.get("/panel/equipment")).text, "two taps away"


async def test_the_technician_takes_it_on_and_has_his_quiet(house):
    technician = await house.client_as(Role.TECHNICIAN, "Anh Tuấn")
    leader = await house.client_as(Role.LEADER)
    assert (await technician.post("/do/take-help")).status_code == 409
    await leader.post("/do/ask-for-help")
    assert "take-help" in (await technician.get("/technician")).text
    await technician.post("/do/take-help")
    assert "Anh Tuấn đã nhận" in (await leader.get("/panel")).text
    await technician.post("/do/be-quiet", data={"quiet": "yes"})
    page = (await technician.get("/technician")).text
    assert "không báo cho ai đến" in page and 'data-action="tell-again"' in page
    assert "avcontrol_alarms_quiet 1.0" in (await technician.get("/metrics")).text


@pytest.mark.peer
async def test_it_can_be_read_and_tapped(house, browser):
    context = await browser.new_context()
    for role in (Role.LEADER, Role.TECHNICIAN):
        await context.request.get(house.open_link(role), max_redirects=0)
    page = await context.new_page()
    alarm = Alarm("own.line", Severity.NOW, Cause("alarm.no_sound"), "line", "", NOW)
    house.shows(
        notices=(Cause("projector.no_answer", host="192.168.1.30"),), help=TAKEN, alarms=(alarm,)
    )
    for path in ("/panel", "/panel/equipment", "/technician"):
        for width, height in ((1280, 800), (360, 740)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.goto(house.url + path)
            assert await page.evaluate(OUT_OF_SIGHT) == [], (path, width)
            assert await page.evaluate(SMALL) == [], (path, width)
        assert await faults(page) == [], path
    await context.close()
