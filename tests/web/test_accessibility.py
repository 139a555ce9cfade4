"""Every page, in both languages, full of people, questions and faults: axe finds nothing, nothing
is out of reach at a small size or at 200 %, and a finger of any age hits the buttons."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from base.cause import Cause
from devices.device import (
    Advice,
    Condition,
    Cover,
    DisplayState,
    Framing,
    Health,
    Kind,
    Power,
    Turns,
    VolumeKnob,
)
from devices.device import Controls as CameraControls
from feedback.data_request import Kind as Asked
from rooms.meeting import Actor
from rooms.papers import Paper
from rooms.relay import RelayCondition, RelayState
from rooms.shown import Floor, FloorKind
from rooms.view import (
    Connection,
    DeviceView,
    GuestView,
    HallRequest,
    HallWish,
    HdmiView,
    LinkState,
    Phase,
    Presence,
    QuestionState,
    QuestionView,
    Role,
    SoundTest,
    SoundView,
)
from rooms.ward_meeting import WardMeeting, WardView
from web.pages import PANEL

pytestmark = pytest.mark.peer

LEADER = Actor(Role.LEADER, "Bác Lan")
PHASES = ["idle", "opening", "live", "closing"]
PLACES = [*PANEL, "/panel/schedule", "/secretary", "/stage", "/technician"]
OTHERS = [
    "/minutes",
    "/slips",
    "/slips/enter",
    "/ask",
    "/questions",
    "/board",
    "/receipt",
    "/privacy",
    "/data-requests",
    "/listen",
    "/content",
    "/content/usb",
    "/pair",
    "/login",
    "/password",
    "/nowhere",
]
SIZES = [(360, 740), (640, 400), (1280, 800), (1920, 1080)]
STEPS = ["check", "lobby", "call", "left"]
TEXTS = [
    "Đường ngõ 42 ngập từ cuối tuần trước đến nay chưa rút, xe máy không qua được, các cháu đi học "
    "phải vòng ra đường lớn rất nguy hiểm. Đề nghị phường cho biết khi nào khơi lại cống?",
    "Bao giờ có kết quả xét hộ cận nghèo năm nay?",
    "Đèn đường trước nhà số 17 hỏng đã hai tháng.",
    "Rác ở điểm tập kết bốc mùi, đề nghị đổi giờ thu gom.",
]

AT_STEP = """(step) => {
  document.getElementById("call").dataset.at = step;
  for (const part of document.querySelectorAll("[data-step]")) {
    part.hidden = part.dataset.step !== step;
  }
}"""

WATCH_FOCUS = """() => {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const wanted = [...document.querySelectorAll(controls)].filter((element) =>
    element.checkVisibility({visibilityProperty: true}) && !element.disabled
    && !(element.type === "radio" && !element.checked));
  const reached = new Set();
  window.unseen = [];
  const told = (element) => element.outerHTML.slice(0, 120);
  window.unreached = () => wanted.filter((element) => !reached.has(element)).map(told);
  document.addEventListener("focusin", ({target}) => {
    reached.add(target);
    if (getComputedStyle(target).outlineStyle === "none") unseen.push(told(target));
  });
  return wanted.length;
}"""

NAMELESS = """() => [...document.querySelectorAll("a[href], button, summary")]
  .filter((element) => !element.dataset.action)
  .map((element) => element.outerHTML.slice(0, 120))"""

OUT_OF_SIGHT = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && element.checkVisibility()
    && !element.closest(".skip-link, .visually-hidden, .stage-language");
}).map((element) => element.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll("button, select, summary, .button, .more, input")]
  .filter((element) => element.type !== "hidden")
  .filter((element) => element.checkVisibility() && !element.closest(".skip-link"))
  .filter((element) => {
    const target = element.closest("label:has([type=checkbox], [type=radio])") ?? element;
    const box = target.getBoundingClientRect();
    return box.height < 63.5 || box.width < 63.5;
  }).map((element) => element.outerHTML.slice(0, 120))"""

SMALL_TEXT = """(least) => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.closest(".skip-link, .visually-hidden, .stage-language")) continue;
    if (parseFloat(getComputedStyle(element).fontSize) < least) found.push(element.outerHTML);
  }
  return found;
}"""


def device(number, kind, name, condition, cause=None, **more):
    return DeviceView(f"{kind}-{number}", kind, name, Health(condition, cause), **more)


def guest(number, name, presence=Presence.CONNECTED, role=Role.OFFICIAL, **more):
    usual = {
        "microphone": True,
        "silenced": False,
        "camera": True,
        "sharing": False,
        "hand_raised": False,
        "speaking": False,
    }
    return GuestView(f"g{number}", name, role, presence, **{**usual, **more})


def question(number, state, name=None):
    asked_at = datetime.now(UTC) - timedelta(minutes=number)
    answer = "Sẽ sửa trong tháng." if state is QuestionState.ANSWERED else None
    text = TEXTS[number % len(TEXTS)]
    return QuestionView(f"q{number}", number, text, name, "phone", asked_at, state, answer)


HOST = {"host": "192.168.1.30"}
FRAMINGS = {
    "idle": Framing(wanted=False),
    "opening": Framing(wanted=True),
    "live": Framing(wanted=True, people=4),
    "closing": Framing(wanted=True, people=1),
}
BOTH = (Cover.HIDDEN, Cover.FROZEN)
DISPLAYS = {
    "idle": (Cause("projector.no_answer", **HOST), DisplayState(Power.UNKNOWN, None, True)),
    "opening": (
        Cause("tv.other_source"),
        DisplayState(Power.ON, "other", wanted=True),
    ),
    "live": (
        Cause("projector.hidden"),
        DisplayState(Power.ON, "31", None, 4210, "HDMI 1", 730, cover=Cover.HIDDEN, covers=BOTH),
    ),
    "closing": (
        Cause("projector.silent", **HOST),
        DisplayState(Power.ON, "31", None, 4210, "HDMI 1", cover=Cover.SHOWN, covers=BOTH),
    ),
}
"""What differs in a house with another camera or display, one in each phase."""


def busy(view, phase):
    """An evening on which everything happens at once."""
    host = HOST
    states = [QuestionState.ON_STAGE, QuestionState.APPROVED, QuestionState.ANSWERED]
    states += [QuestionState.WAITING] * 8 + [QuestionState.DISMISSED]
    guests = (
        guest(1, "Nguyễn Thị Hồng Nhung, Phó Chủ tịch phường", Presence.LOBBY),
        guest(2, "Trần Quốc Bảo, cán bộ Địa chính, Xây dựng", Presence.LOBBY),
        guest(3, "Phạm Thị Thanh Huyền, Chủ tịch Hội Liên hiệp Phụ nữ phường", speaking=True),
        guest(4, "Lê Văn Đức, Công an khu vực", hand_raised=True, hand_position=1, sharing=True),
        guest(5, "Bác Vũ Đình Khánh", Presence.AWAY, Role.VIEWER),
        guest(6, "Hoàng Minh Tuấn", role=Role.VIEWER, silenced=True),
        guest(7, "Phường Tân Thành", role=Role.WARD, returns=True),
    )
    gathering = WardMeeting(
        "m", "Họp toàn phường về phòng cháy", datetime.now(UTC), 90, is_open=True
    )
    trouble = Health(Condition.IMPAIRED, Cause("attend.no_path", host="media.tan-thanh.example"))
    return replace(
        view,
        house="Nhà văn hóa Tổ dân phố 5, Khu phố Tân Thành",
        phase=Phase(phase),
        title="Họp tổ dân phố tháng 7",
        devices=(
            device(
                1,
                Kind.CAMERA,
                "Camera sân khấu",
                Condition.WORKING,
                presets=(("1", "Toàn cảnh hội trường"), ("2", "Bục phát biểu")),
                controls=CameraControls(turns=True, zooms=True, home=True, saves=True),
                advice=Advice(
                    (
                        Cause("camera.set_codec", name="Camera sân khấu", codec="H.265"),
                        Cause("camera.set_no_second", name="Camera sân khấu"),
                    ),
                    can_be_set=True,
                ),
            ),
            device(
                2,
                Kind.CAMERA,
                "Webcam bàn thư ký",
                Condition.FAILED,
                Cause("camera.no_answer", name="Webcam bàn thư ký", **host),
                framing=FRAMINGS[phase],
            ),
            device(
                1,
                Kind.MICROPHONE,
                "Micro hội trường",
                Condition.WORKING,
                last_fault=Health(Condition.FAILED, Cause("sound.process_died", status=-9)),
            ),
            device(
                1,
                Kind.LOUDSPEAKER,
                "Loa hội trường",
                Condition.IMPAIRED,
                Cause("sound.loudspeaker_clipped"),
            ),
            device(
                1,
                Kind.PROJECTOR,
                "Máy chiếu",
                Condition.FAILED if phase == "idle" else Condition.IMPAIRED,
                DISPLAYS[phase][0],
                display=DISPLAYS[phase][1],
            ),
        ),
        sound=SoundView(
            microphone_open=phase == "live",
            muted=phase == "live",
            volume=70,
            knob=VolumeKnob(Turns.CARD, "Master", muted=phase == "live"),
        ),
        guests=guests,
        floor=Floor(FloorKind.CAMERA, "g3") if phase == "live" else Floor(),
        questions=tuple(question(n + 1, state) for n, state in enumerate(states)),
        papers=tuple(
            Paper(f"p{n}", f"Dự toán sửa đường ngõ {n}", tuple("0123456789"), page=n, of=70)
            for n in range(1, 7)
        ),
        hdmi=HdmiView("Cáp HDMI (máy tính xách tay)", True, phase == "closing", muted=False),
        notices=(
            DISPLAYS[phase][0],
            Cause("camera.no_answer", name="Webcam bàn thư ký", **host),
        ),
        undo_end_until=datetime.now(UTC) + timedelta(minutes=5) if phase == "closing" else None,
        hall_asked=HallRequest("technician", HallWish.PICTURE) if phase == "idle" else None,
        sound_test=SoundTest("technician", Cause("sound.test_nothing_heard", loudspeaker=-24)),
        ward_meeting=WardView(gathering, True)
        if phase == "idle"
        else WardView(gathering, True, joined=True, hand=True, health=trouble),
        link=LinkState(Connection.LINKED),
        relay=RelayState(
            RelayCondition.LIMITED,
            Cause("relay.only_tcp", host="turn.phuong-tan-thanh.example", way="TLS 443"),
        ),
    )


@pytest.fixture
async def show(house, browser):
    """Opens a page of a house that is in this phase; the browser is paired for every role."""
    context = await browser.new_context()
    page = await context.new_page()
    for role in [Role.LEADER, Role.SECRETARY, Role.STAGE, Role.TECHNICIAN]:
        await context.request.get(house.open_link(role), max_redirects=0)

    async def show(path, phase="live", *, language="vi", size=(1280, 800), change=None):
        view = busy(house.room.view.value, phase)
        house.shows(replace(view, **change) if change else view)
        await context.add_cookies([{"name": "lang", "value": language, "url": house.url}])
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.goto(house.url + path)
        await page.evaluate("document.fonts.ready")
        return page

    yield show
    await context.close()


async def invited(house):
    expires = datetime.now(UTC) + timedelta(days=1)
    return await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Bà Hoa", expires=expires, lobby=True
    )


IN_BOTH = pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.soak)])
"""The other language has the same elements: its longer words are looked at elsewhere each time."""


async def faults(page):
    results = await Axe().run(page)
    return [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]])
        for violation in results.response["violations"]
    ]


@pytest.mark.parametrize(
    ("language", "phase"),
    [*(("vi", phase) for phase in PHASES), ("en", "live")]
    + [pytest.param("en", phase, marks=pytest.mark.soak) for phase in PHASES if phase != "live"],
)
async def test_every_page_of_the_house_is_for_all_eyes_and_fingers_and_scripts(
    show, language, phase
):
    for path in PLACES:
        page = await show(path, phase, language=language)
        assert await page.evaluate(NAMELESS) == [], path
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        assert await faults(page) == [], path
        if path != "/stage":  # nobody touches it
            assert await page.evaluate(SMALL) == [], path


@IN_BOTH
async def test_every_other_page_is_for_all_eyes_and_fingers_and_scripts(house, show, language):
    invitation = await invited(house)
    join = house.access.invitation_link(invitation.id)
    receipt = await house.room.ask(TEXTS[0], name="Bà Mai", via="phone", key="", by=None)
    await house.room.requests.ask(receipt.code, Asked.CORRECT_NAME, name="Bà Tuyết Mai")
    own = [f"/receipt/{receipt.code}", f"/receipt/{receipt.code}/data"]
    for path in [join, f"/invitation/{invitation.id}", *own, *OTHERS]:
        page = await show(path, language=language)
        assert await page.evaluate(NAMELESS) == [], path
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        assert await faults(page) == [], path
        assert await page.evaluate(SMALL) == [], path


@IN_BOTH
async def test_axe_finds_nothing_at_any_step_of_the_call(house, show, language):
    page = await show(house.access.invitation_link((await invited(house)).id), language=language)
    for step in STEPS:
        await page.evaluate(AT_STEP, step)
        assert await faults(page) == [], step


@IN_BOTH
async def test_axe_finds_nothing_where_a_code_is_shown(show, language):
    page = await show("/technician", language=language)
    await page.click("#pair > summary")
    await page.fill("#pair-name", "Máy tính bảng bác Lan")
    await page.click("[data-action=create-pairing]")
    code = page.locator("[data-value=pairing-code]")
    await code.wait_for()
    assert await faults(page) == []
    size = await code.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 40, "read across a room"


@IN_BOTH
async def test_axe_finds_nothing_where_the_meeting_asks_to_go_on(show, language):
    for path in ["/panel", "/secretary"]:
        page = await show(path, language=language, change={"awaits_confirmation": True})
        assert await page.locator("[data-action=confirm-presence]").count() == 1
        assert await faults(page) == []


@pytest.mark.parametrize("phase", ["idle", "live"])
async def test_nothing_is_cut_off_at_any_size_nor_too_small_for_old_eyes(house, show, phase):
    """640 × 400 is the leader's tablet at 200 %."""
    join = house.access.invitation_link((await invited(house)).id)
    for path in [*PLACES, join, *(OTHERS if phase == "idle" else ())]:
        page = await show(path, phase)
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            await page.wait_for_function("width => innerWidth === width", arg=width)
            assert await page.evaluate(OUT_OF_SIGHT) == [], (path, width)
            needed = await page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, path
            if width == (1920 if path == "/stage" else 1280) and path not in OTHERS:
                least = 40 if path == "/stage" else 20
                assert await page.evaluate(SMALL_TEXT, least) == [], path


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_main_screen_of_the_tablet_does_not_scroll(show, language):
    for phase in PHASES:
        page = await show("/panel", phase, language=language)
        assert await page.evaluate("document.documentElement.scrollHeight") == 800, phase
        main = await page.evaluate("[content.scrollHeight, content.clientHeight]")
        assert main[0] == main[1], phase
        bar = page.locator("#bar .button")
        assert await bar.count() <= 5, phase
        for button in await bar.all():
            box = await button.bounding_box()
            assert box["y"] + box["height"] <= 800, phase


@pytest.mark.parametrize("phase", ["live", "closing"])
async def test_long_names_and_questions_cut_nothing_off(show, phase):
    """Whoever leans on a key, or has much to say."""
    text = "Kính thưa các đồng chí, ngõ 5 ngập nước mỗi khi mưa to. " * 35
    long = QuestionView(
        "long", 1, text, "A" * 60, "phone", datetime.now(UTC), QuestionState.WAITING, None
    )
    usual = question(2, QuestionState.WAITING)
    page = await show("/panel", phase, change={"questions": (long, usual), "guests": ()})
    for side in ("#controls", "#queue"):
        wide = await page.eval_on_selector(side, "(e) => [e.scrollWidth, e.clientWidth]")
        assert wide[0] == wide[1], side
    box = await page.locator(f"text={usual.text[:30]}").bounding_box()
    assert box["y"] < 800, "the next question is in sight"
    if phase == "live":
        await page.click("[data-action=read-question]")
        await expect(page.locator("#question-long .question-text")).to_contain_text(text.strip())


async def test_whether_it_may_be_switched_off_is_in_sight_among_faults(show):
    for safe, line in ((True, "tắt điện được rồi"), (False, "khoan tắt điện")):
        page = await show("/panel", "idle", change={"safe_to_switch_off": safe, "hall_asked": None})
        box = await page.locator(f"#controls p:has-text('{line}')").bounding_box()
        assert box["y"] + box["height"] < 690, f"“{line}” above the bar"


async def test_a_crowd_at_the_door_hides_no_hand(show):
    crowd = tuple(guest(n, f"Ông Nguyễn Văn {n}", Presence.LOBBY) for n in range(8))
    raised = {"hand_raised": True, "hand_position": 1}
    hands = (
        guest(10, "Bà Mai", **raised),
        guest(11, "Ông Ba", Presence.AWAY, **raised),
        guest(12, "Bà Tư", Presence.LOBBY, **raised),
    )
    page = await show("/panel", change={"guests": (*crowd, *hands), "questions": ()})
    queue = page.locator("#queue")
    assert await queue.locator("[data-action=give-floor]").count() == 1, "who can speak now"
    box = await queue.locator("[data-action=give-floor]").bounding_box()
    assert box["y"] + box["height"] < 690, "above the bar"
    assert await queue.locator("[data-action=admit]").count() == 2
    await page.click("[data-action=whole-lobby]")
    await expect(page.locator("[data-action=admit]")).to_have_count(9)


async def test_the_stage_fits_its_screen(show):
    for floor in (Floor(), Floor(FloorKind.CAMERA, "g3")):
        page = await show("/stage", size=(1920, 1080), change={"floor": floor})
        clipped = await page.evaluate(
            """() => [...document.querySelectorAll(".stage *")].filter((element) => {
              const box = element.getBoundingClientRect();
              return element.checkVisibility() && box.width
                && (box.bottom > 1081 || box.right > 1921);
            }).map((element) => element.outerHTML.slice(0, 100))"""
        )
        assert clipped == [], floor


async def press_tab(page, times):
    """As Playwright does, without a way there and back for each."""
    keys = await page.context.new_cdp_session(page)
    key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    await asyncio.gather(
        *(
            keys.send("Input.dispatchKeyEvent", {"type": kind, **key})
            for _ in range(times)
            for kind in ("rawKeyDown", "keyUp")
        )
    )
    await keys.detach()


async def test_the_keyboard_reaches_every_control_and_shows_where_it_is(house, show):
    join = house.access.invitation_link((await invited(house)).id)
    for path in [*PLACES, *OTHERS, *(f"{join} {step}" for step in STEPS)]:
        path, _, step = path.partition(" ")
        page = await show(path)
        if step:
            await page.evaluate(AT_STEP, step)
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        wanted = await page.evaluate(WATCH_FOCUS)
        await press_tab(page, wanted + 12)  # regions that scroll are stops of their own
        assert await page.evaluate("[unreached(), unseen]") == [[], []], path


@pytest.mark.parametrize("phase", ["idle", "opening", "closing"])
async def test_every_control_of_the_other_pages_has_a_name_for_scripts(house, phase):
    """In a meeting: above, in a browser."""
    house.shows(busy(house.room.view.value, phase))
    people = [await house.client_as(role) for role in (Role.LEADER, Role.TECHNICIAN)]
    invitation = await invited(house)
    join = house.access.invitation_link(invitation.id)
    for path in [*OTHERS, f"/invitation/{invitation.id}", join]:
        answers = [await person.get(path, follow_redirects=True) for person in people]
        for page in {answer.text for answer in answers}:
            found = Controls()
            found.feed(page)
            assert found.seen and found.nameless == [], path


class Controls(HTMLParser):
    """What a finger or a script could press on a page."""

    def __init__(self):
        super().__init__()
        self.seen, self.nameless = 0, []

    def handle_starttag(self, tag, attrs):
        having = dict(attrs)
        if tag in {"button", "summary"} or (tag == "a" and "href" in having):
            self.seen += 1
            if not having.get("data-action"):
                self.nameless.append(self.get_starttag_text())


async def test_every_page_tells_scripts_how_the_meeting_stands(house, show):
    floor = Floor(FloorKind.CAMERA, "g3")
    for path, values in {
        "/panel": ["phase", "guests", "questions-waiting", "floor", "volume"],
        "/panel/guests": ["phase", "presence-g3"],
        "/panel/picture": ["phase", "floor", "volume"],
        "/panel/end": ["phase", "questions-open"],
        "/secretary": ["phase", "questions-waiting"],
        "/stage": ["phase", "floor", "question-on-stage"],
    }.items():
        page = await show(path, change={"floor": floor})
        for value in values:
            assert await page.locator(f"[data-value={value}]").count() == 1, (path, value)
    assert await page.get_attribute("[data-value=floor]", "data-code") == "camera"
    assert await page.get_attribute("[data-value=question-on-stage]", "data-code") == "q1"


@pytest.mark.parametrize("floor", ["hall", "guest"])
async def test_a_notebook_at_200_percent_is_mostly_picture(house, show, floor):
    page = await show(house.access.invitation_link((await invited(house)).id), size=(640, 400))
    problem = page.locator("#call-problem")
    await page.wait_for_selector("#microphone-choice option:not([value=''])", state="attached")
    assert await problem.inner_text() == ""
    await page.evaluate(AT_STEP, "call")
    connected = "(floor) => Object.assign(call.dataset, {floor, status: 'connected'})"
    await page.evaluate(connected, floor)
    buttons = [await b.bounding_box() for b in await page.locator(".call-bar .button").all()]
    assert len({box["y"] for box in buttons}) == 1, "one row"
    picture = await page.locator(
        "#floor-video" if floor == "guest" else "#hall-video"
    ).bounding_box()
    assert min(box["y"] for box in buttons) - picture["y"] >= 160
    assert await page.evaluate(SMALL) == []


async def test_a_meeting_with_nothing_to_answer_has_five_actions_also_where_a_machine_echoes(show):
    echoes = guest(1, "Ông Nam", returns=True)
    nothing = {"questions": (), "notices": (), "hdmi": None, "ward_meeting": None}
    page = await show("/panel", change={"guests": (echoes,), **nothing})
    await expect(page.get_by_text("Máy của Ông Nam đang vọng tiếng hội trường")).to_be_visible()
    controls = page.locator("main, #bar").locator("a[href], button, input, select, summary")
    names = [await c.get_attribute("data-action") for c in await controls.all()]
    bar = ["mute-hall", "panel-questions", "panel-guests", "panel-picture", "end-meeting"]
    assert [name for name in names if name] == bar


async def test_a_telephone_has_the_main_actions_in_sight(show):
    page = await show("/panel", size=(360, 740))
    for action in ["mute-hall", "end-meeting", "panel-questions", "panel-guests"]:
        box = await page.locator(f"#bar [data-action={action}]").bounding_box()
        assert box["y"] + box["height"] <= 740, action
    header = await page.locator(".top").bounding_box()
    assert header["height"] <= 170


async def test_the_picture_of_the_camera_is_in_sight(show):
    page = await show("/panel/picture")
    box = await page.locator(".preview").first.bounding_box()
    assert box["y"] + box["height"] < 690, "above the bar"


async def test_the_keyboard_alone_approves_a_question(house, show):
    page = await show("/panel", "idle")
    house.shows_what_is()
    await house.room.ask("Câu thật?", name=None, via="phone", key="k" * 32, by=None)
    await page.wait_for_selector("text=Câu thật?")
    await page.focus("[data-action=approve-question]")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-action=approve-question]", state="detached")
    assert house.room.view.value.questions[0].state is QuestionState.APPROVED
