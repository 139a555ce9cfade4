"""The panel in a real browser: what a finger does, and what becomes of it."""

import asyncio
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from base.latest import Latest
from devices.device import Levels
from rooms.meeting import Actor
from rooms.view import Phase, QuestionState, Role
from web.app import create_app
from web.server import WebServer

pytestmark = pytest.mark.peer

LEADER = Actor(Role.LEADER, "Bác Lan")
LOUD = {"microphone": -23.0, "loudspeaker": -12.5}
"""dBFS."""


@pytest.fixture
async def panel(house, browser):
    """The leader's tablet."""
    page = await tablet(house, browser)
    yield page
    await page.context.close()


async def tablet(house, browser, role=Role.LEADER, path=None, **options):
    options = {"viewport": {"width": 1280, "height": 800}, **options}
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.broken = []
    page.on("pageerror", lambda error: page.broken.append(str(error)))
    page.on(
        "console",
        lambda line: page.broken.append(line.text) if "Content Security" in line.text else None,
    )
    await page.goto(house.open_link(role))
    if path:
        await page.goto(house.url + path)
    return page


async def ask(house, text="Bao giờ sửa cống ngõ 5?"):
    key = secrets.token_hex(16)
    return await house.room.ask(text, name=None, via="phone", key=key, by=None)


async def enter(house, name):
    expires = datetime.now(UTC) + timedelta(days=1)
    invitation = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "", expires=expires, lobby=True
    )
    return await house.room.enter(invitation.id, name)


async def becomes(house, wanted):
    async with asyncio.timeout(30):
        async for view in house.room.view.changes():
            if wanted(view):
                return


async def phase(house, wanted):
    await becomes(house, lambda view: view.phase is wanted)


async def test_from_start_to_undo(house, panel):
    await panel.click("[data-action=start-meeting]")
    await panel.wait_for_selector("[data-value=phase][data-code=live]")
    await panel.click("[data-action=end-meeting]")
    await panel.wait_for_selector("[data-value=phase][data-code=closing]")
    await panel.click("[data-action=undo-end]")
    await panel.wait_for_selector("[data-value=phase][data-code=live]")
    assert house.room.view.value.phase is Phase.LIVE
    assert panel.url == f"{house.url}/panel", "nothing was reloaded"
    assert panel.broken == []


async def test_a_meeting_that_would_end_for_being_alone_goes_on_at_a_tap(house, panel):
    await house.room.start_meeting(LEADER)
    minutes = house.site.settings.meeting.alone_minutes
    house.room._touched -= 60.0 * minutes - 100.0
    button = panel.locator(".notice [data-action=confirm-presence]")
    await button.click()
    await button.wait_for(state="detached")
    assert house.room.view.value.phase is Phase.LIVE


async def test_the_leader_agrees_before_a_technician_looks_into_the_hall(house, panel, browser):
    technician = await tablet(house, browser, Role.TECHNICIAN)
    await technician.click("[data-action=watch-hall]")
    await technician.wait_for_selector("text=Đang chờ tổ trưởng bấm Đồng ý")
    assert house.room.view.value.hall_watched_by is None
    await panel.click("[data-action=allow-hall]")
    await technician.wait_for_selector("text=đang xem thử")
    assert house.room.view.value.hall_watched_by
    await technician.context.close()


async def test_the_same_without_javascript(house, browser):
    panel = await tablet(house, browser, java_script_enabled=False)
    await panel.click("[data-action=start-meeting]")
    await phase(house, Phase.LIVE)
    await ask(house)
    await panel.reload()
    for action, after in [
        ("approve-question", QuestionState.APPROVED),
        ("show-question", QuestionState.ON_STAGE),
        ("answer-question", QuestionState.ANSWERED),
    ]:
        await panel.click(f"[data-action={action}]")
        await becomes(house, lambda view, after=after: view.questions[0].state is after)
    await panel.click("[data-action=end-meeting]")
    await panel.click("[data-action=undo-end]")
    await expect(panel.locator("[data-value=phase]")).to_have_attribute("data-code", "live")
    await panel.context.close()


async def test_a_question_and_a_guest_come_by_themselves(house, panel):
    await enter(house, "Ông Nam")
    await panel.wait_for_selector("text=Ông Nam")
    await ask(house)
    await panel.wait_for_selector("text=Bao giờ sửa cống ngõ 5?")
    await expect(panel.locator("[data-value=questions-waiting]")).to_have_text("1")
    await panel.click("[data-action=admit]")
    await panel.wait_for_selector("[data-action=admit]", state="detached")
    await expect(panel.locator("[data-value=guests]")).to_have_text("1")


async def test_what_is_being_typed_outlives_a_redraw(house, panel):
    await house.room.start_meeting(LEADER)
    await phase(house, Phase.LIVE)
    receipt = await ask(house)
    await house.room.approve_question(LEADER, receipt.question_id)
    await house.room.show_question(LEADER, receipt.question_id)
    await panel.click("details[id^=words-] > summary")
    box = panel.locator("textarea[name=text]")
    await box.fill("Phường sẽ khơi cống")
    await box.press("End")
    await ask(house, "Một câu khác")
    await panel.wait_for_selector("text=Một câu khác")
    assert await box.input_value() == "Phường sẽ khơi cống"
    assert await box.evaluate("box => document.activeElement === box")

    # not even where the finger is elsewhere by now
    await panel.evaluate("document.activeElement.blur()")
    await ask(house, "Câu thứ ba")
    await panel.wait_for_selector("text=Câu thứ ba")
    assert await box.input_value() == "Phường sẽ khơi cống"
    await panel.click("[data-action=answer-question]")
    await panel.wait_for_selector("textarea[name=text]", state="detached")
    found = await house.room.find_receipt(receipt.code)
    assert found.answer == "Phường sẽ khơi cống"


async def test_a_double_tap_is_one_tap(house, panel):
    await house.room.start_meeting(LEADER)
    await phase(house, Phase.LIVE)
    await ask(house)
    sent = []
    panel.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    button = panel.locator("[data-action=approve-question]")
    place = await button.bounding_box()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    await panel.mouse.click(*middle)
    await panel.wait_for_selector("[data-action=show-question]")
    # the first tap has done its work, and another button stands there, when the second comes
    await panel.mouse.click(*middle)
    await panel.wait_for_selector("[data-action=answer-question]")
    await panel.mouse.down(click_count=2)
    await panel.mouse.up(click_count=2)
    # another command, which goes its way after it
    await panel.click("[data-action=mute-hall]")
    await panel.wait_for_selector("[data-action=mute-hall]:has-text('Bật tiếng')")
    assert [url.rpartition("/")[2] for url in sent] == [
        "approve-question",
        "show-question",
        "mute-hall",
    ]
    assert house.room.view.value.questions[0].state is QuestionState.ON_STAGE


async def test_a_failed_action_says_why_and_keeps_what_was_typed(house, browser):
    page = await tablet(house, browser, Role.SECRETARY)
    await page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
    await page.fill("#text", "Dài " * 900)
    await page.click("[data-action=enter-question]")
    await page.wait_for_selector("#problem:has-text('chữ cái')")
    assert await page.get_attribute("#problem", "role") == "alert"
    assert await page.input_value("#text") == "Dài " * 900

    await page.fill("#text", "Cụ Tư hỏi lương hưu.")
    await page.click("[data-action=enter-question]")
    code = await page.inner_text("[data-value=receipt]")
    assert len(code.replace("\n", "")) == 14
    await page.click("[data-action=back]")

    # a second question is another one, and the form is empty for it
    assert await page.input_value("#text") == ""
    await page.fill("#text", "Cụ Tư hỏi thêm.")
    await page.click("[data-action=enter-question]")
    await page.click("[data-action=back]")
    await page.wait_for_selector("[data-value=questions-waiting]:has-text('2')")
    await page.context.close()


async def test_a_lost_line_is_said_and_comes_back(house, panel):
    await panel.wait_for_selector("#line-lost", state="hidden")
    house.serving.cancel()
    await panel.wait_for_selector("#line-lost", state="visible")
    await panel.click("[data-action=start-meeting]")
    await panel.wait_for_selector("#problem:has-text('chưa trả lời')")
    assert house.room.view.value.phase is Phase.IDLE


async def test_a_page_finds_its_way_back_by_itself(house, browser):
    """The daemon is started again at the same address; the tablet was not touched."""
    panel = await tablet(house, browser)
    house.serving.cancel()
    await panel.wait_for_selector("#line-lost", state="visible")

    async def preview(camera_id):
        return None

    again = WebServer(create_app(house.site, preview=preview), house.site.settings.web)
    again.bind(house.port)
    serving = asyncio.create_task(again.run())
    await panel.wait_for_selector("#line-lost", state="hidden", timeout=30_000)
    await ask(house)
    await panel.wait_for_selector("text=Bao giờ sửa cống ngõ 5?")
    await panel.context.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_revoked_tablet_goes_to_the_pairing_page(house, panel):
    (device,) = house.access.paired()
    await house.access.revoke_device(device.id)
    await panel.wait_for_url(re.compile(r"/pair\?next="))


async def test_a_dismissal_with_its_reason(house, browser):
    page = await tablet(house, browser, path="/panel/questions")
    receipt = await ask(house)
    await page.click("details[id^=dismiss-] > summary")
    await page.fill("input[name=more]", "để lần sau")
    await page.click("[data-action=dismiss-question]")
    await page.wait_for_selector("[data-action=dismiss-question]", state="detached")
    found = await house.room.find_receipt(receipt.code)
    assert found.answer.endswith(": để lần sau")
    await page.context.close()


async def test_the_link_can_be_copied(house, browser):
    page = await tablet(house, browser, path="/panel/guests")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.click("#invite > summary")
    await page.click("[data-action=create-invitation]")
    await page.wait_for_selector("[data-action=copy-link]")
    async with asyncio.timeout(30):  # as who taps again, because the page was just coming
        while not await page.text_content("#done"):
            await page.click("[data-action=copy-link]")
            await asyncio.sleep(0.3)
    link = await page.input_value("[data-value=invitation-link]")
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await page.context.close()


async def test_the_stage_follows_the_question(house, browser):
    stage = await tablet(house, browser, Role.STAGE, viewport={"width": 1920, "height": 1080})
    await house.room.start_meeting(LEADER)
    await phase(house, Phase.LIVE)
    receipt = await ask(house, "<img src=x onerror=alert(1)> Bao giờ sửa cống ngõ 5?")
    await house.room.approve_question(LEADER, receipt.question_id)
    await house.room.show_question(LEADER, receipt.question_id)
    await stage.wait_for_selector(
        ".stage-question:has-text('<img src=x onerror=alert(1)> Bao giờ')"
    )
    assert await stage.locator(".stage-question img").count() == 0
    await house.room.answer_question(LEADER, receipt.question_id, "Tháng 9.")
    await stage.wait_for_selector(".stage-question", state="detached")
    await house.room.mute_hall(LEADER, True)
    await stage.wait_for_selector("text=Đã tắt tiếng")
    await stage.context.close()


async def test_a_slow_answer_holds_back_no_other_command_and_doubles_none(house, panel):
    await house.room.start_meeting(LEADER)
    await phase(house, Phase.LIVE)
    await ask(house)
    sent = []
    may_answer = asyncio.Event()

    async def slowly(route):
        sent.append(route.request.url)
        answer = await route.fetch()
        await may_answer.wait()
        await route.fulfill(response=answer)

    await panel.route("**/do/*", slowly)
    await panel.wait_for_selector("[data-action=approve-question]")
    # one command, twice in the same instant
    await panel.evaluate(
        """() => {
          const button = document.querySelector("[data-action=approve-question]");
          button.click();
          button.click();
        }"""
    )
    # the page shows what became of it before the answer is here; the next command goes its way
    await panel.click("[data-action=show-question]")
    await panel.wait_for_selector("[data-action=answer-question]")
    may_answer.set()
    assert [url.rpartition("/")[2] for url in sent] == ["approve-question", "show-question"]
    assert house.room.view.value.questions[0].state is QuestionState.ON_STAGE
    await panel.unroute_all(behavior="wait")


async def test_what_earlier_meetings_left_open_stays_in_sight(house, panel):
    await ask(house)
    await ask(house, "Bao giờ sửa đèn đường?")
    house.ends_at_once()
    await house.room.start_meeting(LEADER)
    await house.room.end_meeting(LEADER)
    await phase(house, Phase.IDLE)
    await panel.wait_for_selector("[data-value=questions-left-open]:has-text('2')")
    await panel.click("[data-action=earlier-questions]")
    await panel.wait_for_selector("text=Bao giờ sửa đèn đường?")


async def test_the_meters_show_what_is_measured_and_fall_when_nobody_may_listen(
    house, browser, serve
):
    levels = Latest(Levels(-100.0, -100.0))

    async def preview(camera_id):
        return None

    port = await serve(create_app(house.site, preview=preview, levels=levels))
    page = await tablet(replace(house, url=f"http://127.0.0.1:{port}"), browser, Role.TECHNICIAN)
    meters = {name: page.locator(f"[data-value=level-{name}]") for name in LOUD}
    for meter in meters.values():
        await expect(meter).to_have_js_property("value", -60)
    await house.room.start_meeting(LEADER)
    await phase(house, Phase.LIVE)
    levels.set(Levels(**LOUD))
    for name, meter in meters.items():
        await expect(meter).to_have_js_property("value", LOUD[name])
    house.shows(awaits_confirmation=True)
    levels.set(Levels(-5.0, -5.0))
    for meter in meters.values():
        await expect(meter).to_have_js_property("value", -60)
    await page.context.close()
