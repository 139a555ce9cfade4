"""The hub's pages in a real browser: nothing out of reach, axe finds nothing, live without
reloading; and a house's page runs under the policy that the hub gives it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from base.cause import Cause
from devices.device import Condition
from feedback import casework
from feedback.actions import Handler
from feedback.case import Answer, CaseState
from feedback.intake import check, receive
from feedback.topics import Urgency
from rooms.hub_commands import Wanted
from rooms.meeting import Actor
from rooms.view import Role
from ward.accounts import AccountRole
from ward.alerts import Patience
from web.hub.access import COOKIE
from web.link.messages import DeviceSummary, Summary, Waiting, encode

pytestmark = pytest.mark.peer

LEADER = Actor(Role.LEADER, "Bác Lan")
PASSWORD = "chín con voi đi chợ"
AT_ONCE = Patience(away=timedelta(0), device=timedelta(0), sound=timedelta(0))
SIZES = [(1280, 800), (360, 740)]

OUT_OF_SIGHT = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && element.checkVisibility()
    && !element.closest(".skip-link, .visually-hidden");
}).map((element) => element.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll("button, select, summary, .button, input")]
  .filter((element) => element.type !== "hidden" && element.checkVisibility())
  .filter((element) => !element.closest(".skip-link"))
  .filter((element) => {
    const target = element.closest("label:has([type=checkbox], [type=radio])") ?? element;
    const box = target.getBoundingClientRect();
    return box.height < 63.5 || box.width < 63.5;
  }).map((element) => element.outerHTML.slice(0, 120))"""


NAMELESS = """() => [...document.querySelectorAll("a[href], button, summary")]
  .filter((element) => !element.dataset.action)
  .map((element) => element.outerHTML.slice(0, 120))"""

UNTOLD = """() => [...document.querySelectorAll(".number, .pill, .code")]
  .filter((element) => !element.closest("[data-value]") && !element.querySelector("[data-value]"))
  .filter((element) => element.localName !== "input")
  .map((element) => element.outerHTML.slice(0, 120))"""
"""Numbers, states and codes on a page that no script can find."""

CUT = """() => [...document.querySelectorAll("textarea[readonly]")]
  .filter((element) => element.scrollHeight > element.clientHeight)
  .map((element) => element.outerHTML.slice(0, 120))"""
"""Something to be copied of which a part is out of sight."""


@dataclass
class Ward:
    page: Page
    """Of the admin."""
    places: list[str]
    """Every page of the hub that has an address."""


@pytest.fixture
async def ward(hub, browser, link_house):
    """A browser of the admin, in a ward with a house in every state."""
    houses = hub.site.houses
    linked = await link_house(hub, "to-7")
    for number, name in [(3, "Tổ dân phố 3"), (5, "Tổ dân phố 5, Khu phố Tân Thành"), (9, "Tổ 9")]:
        code = await houses.invite(f"to-{number}", f"Nhà văn hóa {name}")
        if number != 9:
            await houses.enrol(code)
    now = datetime.now(UTC)
    devices = (
        DeviceSummary("camera", Condition.WORKING.value),
        DeviceSummary("microphone", Condition.IMPAIRED.value, since=now),
        DeviceSummary("projector", Condition.FAILED.value, Cause("projector.no_answer").code),
    )
    waiting = (Waiting("a1", "Ông Nguyễn Hoàng Phương Nam", Role.SPEAKER.value),)
    summary = encode(Summary("live", "Họp tổ dân phố tháng 7", 3, 2, devices, waiting))
    assert isinstance(summary, str)
    await houses.linked("to-5", "here")
    await houses.seen("to-5", "here", summary)
    await houses.linked("to-3", "there")
    await houses.away("to-3", "there")
    await hub.site.alerts.look(await houses.all(), AT_ONCE)
    for alert in await hub.site.alerts.open():
        if alert.house_id == "to-5":
            await hub.site.alerts.acknowledge(alert.id, "Trần Văn Kỹ")
    room = linked.house.room
    plan = await room.plan_meeting(LEADER, "Họp tháng 12", now + timedelta(minutes=20), 60)
    await hub.site.plans.keep("to-7", plan.body())
    await hub.site.plans.plan("to-7", "Bàn việc", now + timedelta(days=3), 60, by="Bà Hoa")
    official, _ = await hub.site.accounts.create(
        "hoa@phuong.example", "Trần Thị Hoa", AccountRole.OFFICIAL
    )
    meeting = await hub.site.planning.plan(
        "Họp toàn phường", now + timedelta(days=4), 60, ["to-3", "to-5"], by=official
    )
    wanted = Wanted(Role.SPEAKER, "Cụ Bảy", timedelta(days=1), lobby=True, personal=True)
    invitation = await room.invite_from_hub(Actor(Role.HUB, official.name), official.id, wanted)
    await room.enter(invitation.id, "Cụ Bảy", "a" * 32)
    receipt = await hub.site.desk("to-5").ask("Đèn hỏng?", name="Bà Năm", key="")
    cases = [await case_in_state(hub, state) for state in CaseState]
    secret = await hub.secret_of(AccountRole.ADMIN, "Nguyễn Văn An")
    context = await browser.new_context(locale="vi-VN")
    await context.add_cookies([{"name": COOKIE, "value": secret, "url": hub.url}])
    places = ["/", "/houses", "/houses/to-5", "/houses/to-7", "/houses/to-9"]
    places += ["/houses/to-5/plans", f"/houses/to-7/plans/{plan.id}"]
    places += ["/houses/to-7/invitations", f"/houses/to-7/invitations/{invitation.id}"]
    places += ["/meetings", "/meetings/plan", f"/meetings/{meeting}", f"/meetings/{meeting}/plan"]
    places += ["/houses/to-3/invitations", "/watch", "/watch/needed", "/watch/outward"]
    places += ["/accounts", "/login", "/welcome", "/nix", "/h/to-3/join/x"]
    places += ["/h/to-5/ask", "/h/to-5/questions", "/h/to-5/board"]
    places += ["/committee", "/work?view=refused&authority=office&topic=-"]
    places += ["/work", "/work?view=all&words=cong", *(f"/work/{case}" for case in cases)]
    places += ["/h/to-5/receipt", f"/h/to-5/receipt/{receipt.code}"]
    yield Ward(await context.new_page(), places)
    await context.close()


async def case_in_state(hub, state):
    """A case of the ward's own, as a handler left it."""
    hoa = Handler("a1", "Trần Thị Hoa")
    draft = check(f"Cống ngõ 5 tắc ({state}), gọi 0912 345 678", name=None, via="phone", key="")
    case, _ = await receive(
        hub.database,
        draft,
        hub.site.rules,
        by="resident",
        now=datetime.now(UTC),
        alongside=lambda *_: None,
    )

    async def do(action, *values, **more):
        await hub.site.workplace.do(action, case.id, hoa, None, *values, **more)

    if state is CaseState.TRANSFERRED:
        await do(casework.transfer, "economy", "Thuộc phòng Kinh tế")
    elif state is CaseState.REFUSED:
        await do(casework.refuse, "Cống chính do tỉnh quản lý", "Sở Xây dựng")
    elif state is not CaseState.WAITING:
        await do(casework.take)
        await do(casework.set_urgency, Urgency.URGENT)
        await do(casework.draft_answer, Answer("Đã thông cống", "Phòng Kinh tế", date(2026, 11, 2)))
    if state is CaseState.ANSWERED:
        answer = Answer("Đã thông cống", "Phòng Kinh tế", date(2026, 11, 2))
        await do(casework.publish, answer, public_text="Cống ngõ 5 tắc")
    return case.id


async def faults(page):
    results = await Axe().run(page)
    return [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]])
        for violation in results.response["violations"]
    ]


async def look(page, where, axe_at):
    """Nothing is wrong with the page that is open, at any size; axe looks at one of them."""
    await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate(NAMELESS) == [], where
    assert await page.evaluate(UNTOLD) == [], where
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.wait_for_function("width => innerWidth === width", arg=size[0])
        assert await page.evaluate(OUT_OF_SIGHT) == [], (where, size)
        assert await page.evaluate(SMALL) == [], (where, size)
        assert await page.evaluate(CUT) == [], (where, size)
        if size == axe_at:
            assert await faults(page) == [], where


@pytest.mark.parametrize(
    ("language", "axe_at"),
    [("vi", SIZES[0]), pytest.param("en", SIZES[1], marks=pytest.mark.soak)],
)
async def test_pages_for_everybody(hub, ward, language, axe_at):
    page = ward.page
    await page.context.add_cookies([{"name": "lang", "value": language, "url": hub.url}])
    for place in ward.places:
        await page.goto(hub.url + place)
        await look(page, place, axe_at)
    await page.goto(f"{hub.url}/houses/to-9")
    await page.click("#key > summary")
    await page.click("[data-action=new-code]")
    await page.wait_for_selector("[data-value=enrolment-code]")
    await look(page, "a house's code", axe_at)
    await page.goto(f"{hub.url}/accounts")
    await page.locator("[data-value=account] summary").first.click()
    await page.locator("[data-action=new-password-code]").first.click()
    await page.wait_for_selector("[data-value=account-code]")
    await look(page, "an account's code", axe_at)
    await page.goto(f"{hub.url}/houses/to-7")
    left = page.locator("[data-value=countdown]")
    await expect(left).not_to_have_text(await left.inner_text())


async def test_a_ward_is_set_up_by_hand(hub, browser, link_house):
    """From the code in the log to a house that shows itself, without a page being reloaded."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(hub.url)
    await page.click("[data-action=log-in-page]")
    await page.fill("#code", str(await hub.site.accounts.first_code()))
    await page.fill("#name", "Nguyễn Văn An")
    await page.fill("#login", "an@phuong.example")
    await page.fill("#password", PASSWORD)
    await page.click("[data-action=set-password]")
    await page.wait_for_url("**/houses")
    await page.click("#enrol summary")
    await page.fill("#name", "Nhà văn hóa Tổ 1")
    await page.fill("#id", "to-1")
    await page.click("[data-action=enrol-house]")
    code = await page.inner_text("[data-value=enrolment-code]")
    assert (await hub.site.houses.enrol(code))[0] == "to-1"
    async with page.expect_navigation():
        await page.click("[data-action=houses]")
    await page.evaluate("window.same = true")
    linked = await link_house(hub)
    row = page.locator("#house-to-5")
    await expect(row.locator("[data-value=link]")).to_have_attribute("data-code", "linked")
    await linked.house.room.start_meeting(LEADER)
    await expect(row.locator("[data-value=phase]")).to_have_attribute("data-code", "live")
    await linked.hang_up()
    await expect(row.locator("[data-value=link]")).to_have_attribute("data-code", "away")
    assert await page.evaluate("window.same")
    await page.click("[data-action=log-out]")
    await page.wait_for_url("**/login")
    await context.close()


async def test_a_handlers_day(hub, browser, link_house):
    """A question that a meeting left open is new on his list in the morning, and answered for
    everybody, with its receipt, before he goes."""
    linked = await link_house(hub)
    room = linked.house.room
    linked.house.ends_at_once()
    await room.start_meeting(LEADER)
    receipt = await room.ask("Cống ngõ 5 bao giờ sửa?", name="Bà Năm", via="hall", key="", by=None)
    await room.end_meeting(LEADER)
    account, code = await hub.site.accounts.create(
        "hoa@phuong.example", "Trần Thị Hoa", AccountRole.HANDLER
    )
    await hub.site.accounts.set_password(code, PASSWORD)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN")
    page = await context.new_page()
    await page.goto(f"{hub.url}/login")
    await page.fill("#login", account.login)
    await page.fill("#password", PASSWORD)
    await page.click("[data-action=log-in]")
    await page.wait_for_url("**/work")
    case = page.locator("[data-action=open-case]", has_text="Cống ngõ 5 bao giờ sửa?")
    async with asyncio.timeout(40):
        while not await case.count():
            await asyncio.sleep(0.5)
            await page.reload()
    await case.click()
    async with page.expect_navigation():  # what is filled in next is filled in there
        await page.click("[data-action=take-case]")
    await page.select_option("#topic", "infrastructure")
    async with page.expect_navigation():
        await page.click("[data-action=confirm-topic]")
    await page.fill("#answer", "Đã nạo vét cống sáng nay.")
    await page.fill("#done_on", date.today().isoformat())  # noqa: DTZ011 - his own calendar
    await page.click("[data-action=publish-answer]")
    await expect(page.locator("[data-value=case-state]")).to_have_attribute("data-code", "answered")
    for root in (f"{hub.url}/h/to-5", linked.house.url):
        async with asyncio.timeout(40):
            while True:
                await page.goto(f"{root}/receipt/{receipt.code}")
                if await page.get_by_text("Đã nạo vét cống sáng nay.").count():
                    break
                await asyncio.sleep(0.2)
        await page.goto(f"{root}/board")
        await expect(page.get_by_text("Đã nạo vét cống sáng nay.")).to_be_visible()
    await context.close()


async def test_a_houses_page_works_under_the_hubs_policy(hub, browser, link_house):
    linked = await link_house(hub)
    expires = datetime.now(UTC) + timedelta(hours=1)
    invitation = await linked.house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Bà Hoa", expires=expires, lobby=True
    )
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    path = linked.house.access.invitation_link(invitation.id)
    await page.goto(f"{hub.url}/h/to-5{path}")
    await expect(page.locator("#camera-choice option").first).to_be_attached()
    assert await page.evaluate("getComputedStyle(document.body).fontFamily.includes('Vietnam')")
    assert await page.evaluate("document.querySelector('use').getBoundingClientRect().width > 0"), (
        "the icons are there"
    )
    await page.click("[data-action=join]")
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "lobby")
    assert sockets[0] == hub.url.replace("http", "ws", 1) + "/h/to-5/ws/call"
    assert [words for words in said if "Content Security Policy" in words] == []
    await page.click("[data-action=stop-waiting]")
    await page.click("[data-action=language-en]")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{hub.url}/h/to-5{path}"
    await context.close()


async def test_a_house_that_is_away_shows_itself_once_it_is_back(hub, browser, link_house):
    linked = await link_house(hub)
    expires = datetime.now(UTC) + timedelta(hours=1)
    invitation = await linked.house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Bà Hoa", expires=expires, lobby=True
    )
    await linked.hang_up()
    await hub.until("to-5", lambda house: house.linked_at is None)
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{hub.url}/h/to-5{linked.house.access.invitation_link(invitation.id)}")
    await expect(page.locator("[data-value=error]")).to_have_attribute(
        "data-code", "link.house_away"
    )
    await linked.dial()
    await expect(page.locator("#name")).to_have_value("Bà Hoa")
    await context.close()
