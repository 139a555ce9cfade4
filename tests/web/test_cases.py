"""The house's own place for cases: in a browser, from the question to what everybody reads."""

import io
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from axe_playwright_python.async_playwright import Axe
from PIL import Image

from feedback.reminders import Reminders
from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")
PHONE = {"width": 360, "height": 740}
_DRAWN = io.BytesIO()
Image.new("RGB", (64, 48), "green").save(_DRAWN, "PNG")
PHOTO = {"mimeType": "image/png", "buffer": _DRAWN.getvalue()}


@asynccontextmanager
async def at(browser, size=PHONE):
    context = await browser.new_context(locale="vi-VN", viewport=size)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def ask(house, text="Cống ngõ 5 tắc, nước đọng cả tuần"):
    return await house.room.ask(text, name=None, via="phone", key="", by=None)


async def press(page, action):
    """What is filled in next is filled in on the page that it leads to."""
    async with page.expect_navigation():
        await page.locator(f'[data-action="{action}"]').first.click()


async def faults(page):
    found = (await Axe().run(page)).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


async def test_from_the_question_to_the_public_answer_in_a_house_by_itself(house, browser):
    async with at(browser) as resident, at(browser) as panel:
        await resident.goto(f"{house.url}/ask")
        await resident.fill("textarea[name=text]", "Cống ngõ 5 tắc, gọi 0912 345 678")
        await press(resident, "send-question")
        await resident.wait_for_url("**/receipt/*")
        receipt = resident.url.partition("?")[0]

        await panel.goto(house.open_link(Role.LEADER))
        await panel.goto(f"{house.url}/panel/questions")
        assert await panel.locator('[data-value="cases-open"]').inner_text() == "1"
        await press(panel, "cases")
        assert await faults(panel) == []
        await press(panel, "open-case")
        assert await faults(panel) == []
        await press(panel, "take-case")
        await panel.select_option("#topic", "infrastructure")
        await press(panel, "confirm-topic")
        await panel.fill("#answer", "Đã nạo vét cống, nước rút hết.")
        await panel.fill("#done_on", "2026-11-20")
        await panel.set_input_files("#answer-photo", {"name": "a.png", **PHOTO})
        await press(panel, "publish-answer")
        assert "0912 345 678" in await panel.locator("mark").first.inner_text()
        assert await panel.locator('[data-action="choose-attached"]').count() == 1, "kept"
        await panel.fill("#public_text", "Cống ngõ 5 tắc")
        await press(panel, "publish-answer")
        state = panel.locator('[data-value="case-state"]')
        assert await state.get_attribute("data-code") == "answered"
        assert await faults(panel) == []

        await resident.goto(receipt)
        assert "Đã nạo vét cống" in await resident.locator('[data-value="answer"]').inner_text()
        await resident.goto(f"{house.url}/board")
        assert await resident.locator('[data-action="open-photo"]').count() == 1
        board = await resident.inner_text("main")
        assert "Cống ngõ 5 tắc" in board and "0912" not in board and "nước rút hết" in board


async def test_who_is_refused_is_told_whom_to_turn_to(house, browser):
    receipt = await ask(house)
    async with at(browser, {"width": 1280, "height": 800}) as panel, at(browser) as resident:
        await panel.goto(house.open_link(Role.SECRETARY))
        await panel.goto(f"{house.url}/cases/{receipt.question_id}")
        await panel.click('[data-action="open-refuse"]')
        await panel.fill("#refuse-reason", "Cống chính do tỉnh quản lý")
        await panel.fill("#next_holder", "Sở Xây dựng, 1 đường Mẫu")
        await press(panel, "refuse-case")
        await resident.goto(f"{house.url}/receipt/{receipt.code}")
        shown = await resident.inner_text("main")
        assert "Cống chính do tỉnh quản lý" in shown and "Sở Xây dựng, 1 đường Mẫu" in shown
        await panel.click('[data-action="open-reopen"]')
        await panel.fill("#reopen-reason", "Tỉnh giao lại cho phường")
        await press(panel, "reopen-case")
        state = panel.locator('[data-value="case-state"]')
        assert await state.get_attribute("data-code") == "waiting"


async def test_what_is_late_goes_to_the_steering_committee(house, browser, monkeypatch):
    with monkeypatch.context() as earlier:
        asked = datetime.now(UTC) - timedelta(days=60)
        earlier.setattr(house.room, "_clock", replace(house.room._clock, now=lambda: asked))
        receipt = await ask(house)
    rules, told = house.room.workplace.rules, []
    reminders = Reminders(house.database, rules, lambda _, one: told.append(one))
    assert await reminders.step() == 1
    assert told[0].to == rules.routing.steering_name
    async with at(browser) as panel:
        await panel.goto(house.open_link(Role.LEADER))
        await panel.goto(f"{house.url}/panel/questions")
        assert await panel.locator('[data-value="cases-late"]').inner_text() == "1"
        await press(panel, "cases")
        assert "view=late" in panel.url
        await press(panel, "open-case")
        assert await panel.locator('[data-value="late"]').count() == 1
        event = panel.locator('[data-value="event"][data-code="escalated"]')
        assert rules.routing.steering_name in await event.inner_text()
        assert receipt.question_id in panel.url


async def test_it_is_for_the_leader_and_the_secretary(house, client):
    receipt = await ask(house)
    technician = await house.client_as(Role.TECHNICIAN, "Kỹ")
    for who in (client, technician):
        for path in ("/cases", f"/cases/{receipt.question_id}"):
            assert (await who.get(path)).status_code in {302, 303, 401, 403}
        refused = await who.post(f"/cases/{receipt.question_id}/take", data={"seen": "1"})
        assert refused.status_code in {302, 303, 401, 403}
    secretary = await house.client_as(Role.SECRETARY, "Bà Bình")
    assert 'href="/cases"' in (await secretary.get("/secretary")).text
    page = (await secretary.get("/cases")).text
    assert f'href="/cases/{receipt.question_id}"' in page and "/work" not in page
    unknown = await secretary.get("/cases/0000000000000000")
    assert unknown.status_code == 404 and "case.unknown" in unknown.text
