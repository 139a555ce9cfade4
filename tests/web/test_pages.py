"""The pages as a browser without JavaScript sees them, on a real room and database."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment

from base.cause import Cause
from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Connection, LinkState, Outside, Phase, QuestionState, Role
from web.language import translations
from web.live import PAGES
from web.pages import PANEL, region_context
from web.sentences import access, feedback, pages, rooms

LEADER = Actor(Role.LEADER, "Bác Lan")
TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


async def ask(house, text="Bao giờ sửa cống ngõ 5?", name=None):
    key = secrets.token_hex(16)
    return await house.room.ask(text, name=name, via="phone", key=key, by=None)


async def invite(house, **more):
    options = {"expires": datetime.now(UTC) + timedelta(days=1), "lobby": True, **more}
    return await house.room.create_invitation(LEADER, Role.OFFICIAL, "Bà Hoa", **options)


def value(html, name):
    """What stands in the element of this data-value."""
    return re.search(rf'data-value="{name}"[^>]*>([^<]*)<', html)[1].strip()


def state(house, number=0):
    return house.room.view.value.questions[number].state


# Who sees what


@pytest.mark.parametrize("path", [*PANEL, "/secretary", "/stage", "/invitation/x"])
async def test_a_page_of_the_hall_is_for_paired_browsers(house, client, path):
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/pair?next=")


async def test_the_technicians_page_asks_for_the_password(client):
    answer = await client.get("/technician")
    assert answer.headers["location"].startswith("/login")


async def test_a_secretary_does_not_get_the_leaders_panel(house):
    secretary = await house.client_as(Role.SECRETARY)
    assert (await secretary.get("/panel")).status_code == 303
    assert (await secretary.get("/secretary")).status_code == 200


async def test_a_form_of_somebody_unpaired_is_refused(house, client):
    answer = await client.post("/do/start-meeting")
    assert answer.status_code == 401
    assert house.room.view.value.phase is Phase.IDLE


async def test_the_room_decides_what_a_secretary_may_do(house):
    secretary = await house.client_as(Role.SECRETARY)
    answer = await secretary.post("/do/start-meeting", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "room.not_your_part"


# The leader's panel


async def test_a_meeting_without_javascript_from_start_to_undo(house):
    leader = await house.client_as(Role.LEADER)
    page = (await leader.get("/panel")).text
    assert 'data-action="start-meeting"' in page
    assert 'data-action="end-meeting"' not in page

    answer = await leader.post("/do/start-meeting", headers={"Referer": f"{house.url}/panel"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/panel")
    async for view in house.room.view.changes():
        if view.phase is Phase.LIVE:
            break
    page = (await leader.get("/panel")).text
    assert 'data-value="phase" data-code="live"' in page
    assert page.count('data-action="end-meeting"') == 1

    await leader.post("/do/end-meeting")
    page = (await leader.get("/panel")).text
    assert 'data-code="closing"' in page
    assert page.count('data-action="undo-end"') == 1
    await leader.post("/do/undo-end")
    assert house.room.view.value.phase is Phase.LIVE


async def test_a_form_leads_back_to_the_page_where_it_stood(house):
    leader = await house.client_as(Role.LEADER)
    referer = {"Referer": f"{house.url}/panel/picture"}
    answer = await leader.post("/do/set-title", data={"title": "Họp quý 3"}, headers=referer)
    assert answer.headers["location"] == "/panel/picture"
    assert house.room.view.value.title == "Họp quý 3"


async def test_the_leader_names_the_meeting_and_the_stage_shows_it(house):
    leader, stage = await house.client_as(Role.LEADER), await house.client_as(Role.STAGE)
    page = (await leader.get("/panel/picture")).text
    assert 'action="/do/set-title"' in page
    await leader.post("/do/set-title", data={"title": "Họp về dự án thoát nước"})
    assert "Họp về dự án thoát nước" in (await stage.get("/stage")).text
    assert 'value="Họp về dự án thoát nước"' in (await leader.get("/panel/picture")).text


async def test_a_script_gets_no_content_or_words(house):
    leader = await house.client_as(Role.LEADER)
    json = {"Accept": "application/json"}
    done = await leader.post("/do/set-title", data={"title": "Họp"}, headers=json)
    assert done.status_code == 204
    refused = await leader.post("/do/undo-end", headers=json)
    assert refused.status_code == 409
    assert " " in refused.json()["message"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("admit", {}),
        ("set-volume", {"percent": "250"}),
        ("set-volume", {"percent": "loud"}),
        ("give-floor", {"kind": "nobody"}),
        ("give-floor", {"kind": "camera"}),
    ],
)
async def test_a_form_that_no_page_of_ours_sends_is_a_bad_request(house, action, fields):
    leader = await house.client_as(Role.LEADER)
    assert (await leader.post(f"/do/{action}", data=fields)).status_code == 400


async def test_there_is_no_command_beside_the_table(house):
    leader = await house.client_as(Role.LEADER)
    assert (await leader.post("/do/view")).status_code == 404
    assert (await leader.get("/do/start-meeting")).status_code == 405


async def test_the_lobby_waits_on_the_main_page(house):
    leader = await house.client_as(Role.LEADER)
    guest_id = await house.room.enter((await invite(house)).id, "Ông Nam <b>")
    page = (await leader.get("/panel")).text
    assert "Ông Nam &lt;b&gt;" in page
    assert value(page, "guests") == "0"
    await leader.post("/do/admit", data={"guest": guest_id})
    page = (await leader.get("/panel")).text
    assert value(page, "guests") == "1"
    assert 'data-action="admit"' not in page


# Questions


async def test_a_question_goes_from_approval_to_the_answer_on_one_page(house):
    leader = await house.client_as(Role.LEADER)
    receipt = await ask(house, name="Bà Lý")
    await house.room.start_meeting(LEADER)
    async for view in house.room.view.changes():
        if view.phase is Phase.LIVE:
            break
    for action, after in [
        ("approve-question", QuestionState.APPROVED),
        ("show-question", QuestionState.ON_STAGE),
        ("answer-question", QuestionState.ANSWERED),
    ]:
        page = (await leader.get("/panel")).text
        form = re.search(rf'<form[^>]*action="/do/{action}"(.*?)</form>', page, re.DOTALL)[1]
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        await leader.post(f"/do/{action}", data={**fields, "text": ""})
        assert state(house) is after
    found = await house.room.find_receipt(receipt.code)
    assert "trả lời trực tiếp" in found.answer


async def test_markup_in_a_question_and_its_answer_stays_text_on_every_page(house, client):
    text = "<script>alert(1)</script><img src=x onerror=alert(2)> có được không?"
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"
    receipt = await ask(house, text, name="<b>Bà</b> Lý")
    await house.room.start_meeting(LEADER)
    await house.room.show_question(LEADER, receipt.question_id)
    pages = {
        "/panel": Role.LEADER,
        "/panel/questions": Role.LEADER,
        "/panel/end": Role.LEADER,
        "/secretary": Role.SECRETARY,
        "/stage": Role.STAGE,
    }
    for path, role in pages.items():
        page = (await (await house.client_as(role)).get(path)).text
        assert escaped in page, path
        assert "&lt;b&gt;Bà&lt;/b&gt; Lý" in page, path
        assert not re.search("<script>|<img src=x|<b>Bà", page), path

    await house.room.answer_question(LEADER, receipt.question_id, text)
    context = region_context(house.site, house.room.view.value, "official", house.url)
    official = house.site.templates.render("regions/guest_questions.html", "vi", **context)
    told = [(await client.get(path)).text for path in ("/board", f"/receipt/{receipt.code}")]
    for page in (official, *told):
        assert page.count(escaped) == 2, "the question and its answer"
        assert not re.search("<script>|<img src=x", page)


async def test_the_answer_that_was_written_down_is_kept(house):
    leader = await house.client_as(Role.LEADER)
    receipt = await ask(house)
    fields = {"question": receipt.question_id, "text": "Tháng 9 sửa.", "spoken": "x"}
    await leader.post("/do/answer-question", data=fields)
    assert (await house.room.find_receipt(receipt.code)).answer == "Tháng 9 sửa."


async def test_a_dismissal_needs_a_reason_and_the_asker_reads_it(house):
    leader = await house.client_as(Role.LEADER)
    receipt = await ask(house)
    refused = await leader.post("/do/dismiss-question", data={"question": receipt.question_id})
    assert refused.status_code >= 400
    assert state(house) is QuestionState.WAITING
    fields = {"question": receipt.question_id, "reason": "Trùng với câu khác", "more": "câu 3"}
    await leader.post("/do/dismiss-question", data=fields)
    assert (await house.room.find_receipt(receipt.code)).answer == "Trùng với câu khác: câu 3"


async def test_yes_is_an_answer_and_nothing_is_none(house):
    leader = await house.client_as(Role.LEADER)
    receipt = await ask(house)
    fields = {"question": receipt.question_id, "text": "  "}
    assert (await leader.post("/do/answer-question", data=fields)).status_code == 422
    await leader.post("/do/answer-question", data={**fields, "text": "Có"})
    assert (await house.room.find_receipt(receipt.code)).answer == "Có"


async def test_a_field_takes_as_much_as_the_room(house):
    leader = await house.client_as(Role.LEADER)
    receipt = await ask(house)
    await house.room.start_meeting(LEADER)
    await house.room.show_question(LEADER, receipt.question_id)
    page = (await leader.get("/panel/questions")).text
    limits = re.findall(r'<textarea[^>]* maxlength="(\d+)"', page)
    assert set(limits) == {"2000"}
    fields = {"question": receipt.question_id, "text": "đ" * 2001}
    assert (await leader.post("/do/answer-question", data=fields)).status_code == 422


async def test_what_is_open_is_read_out_before_the_second_tap_ends_the_meeting(house):
    leader = await house.client_as(Role.LEADER)
    text = "Ngõ 5 ngập nước mỗi khi mưa to. " * 20
    receipt = await ask(house, text, name="Bà Lý")
    await house.room.start_meeting(LEADER)
    page = (await leader.get("/panel")).text
    assert re.search(r'<a [^>]*href="/panel/end" data-action="end-meeting"', page)
    assert 'action="/do/end-meeting"' not in page

    page = (await leader.get("/panel/end")).text
    assert value(page, "questions-open") == "1"
    assert text.strip() in page
    assert "Bà Lý" in page
    assert page.count('data-action="end-meeting"') == 1
    await leader.post("/do/end-meeting", headers={"Referer": f"{house.url}/panel/end"})
    assert house.room.view.value.phase is Phase.CLOSING
    assert 'data-action="undo-end"' in (await leader.get("/panel/end")).text

    # with nothing left to read out, one tap is enough
    await leader.post("/do/undo-end")
    await leader.post("/do/answer-question", data={"question": receipt.question_id, "text": "Rồi"})
    page = (await leader.get("/panel")).text
    assert page.count('action="/do/end-meeting"') == 1


async def test_the_number_of_waiting_questions_is_a_value(house):
    leader = await house.client_as(Role.LEADER)
    await ask(house)
    await ask(house, "Đèn đường hỏng.")
    assert value((await leader.get("/panel")).text, "questions-waiting") == "2"


@pytest.mark.parametrize(
    ("role", "path"), [(Role.SECRETARY, "/secretary"), (Role.LEADER, "/panel/questions")]
)
async def test_whoever_runs_the_queue_asks_for_somebody_once(house, role, path):
    secretary = await house.client_as(role)
    page = (await secretary.get(path)).text
    assert 'data-action="enter-question"' in page
    key = re.search(r'name="key" value="(\w{32})"', page)[1]
    fields = {"key": key, "text": "Cụ Tư hỏi lương hưu.", "name": "Cụ Tư", "consent": WORDING}
    json = {"Accept": "application/json"}
    first = await secretary.post("/do/enter-question", data=fields, headers=json)
    again = await secretary.post("/do/enter-question", data=fields, headers=json)
    assert first.json()["message"] == again.json()["message"]
    (question,) = house.room.view.value.questions
    assert (question.text, question.asked_by, question.via) == (
        "Cụ Tư hỏi lương hưu.",
        "Cụ Tư",
        "hall",
    )


async def test_open_questions_of_an_earlier_meeting_stand_on_the_questions_page(house):
    leader = await house.client_as(Role.LEADER)
    house.ends_at_once()
    receipt = await ask(house, "Câu còn lại của lần trước?")
    await house.room.start_meeting(LEADER)
    async for view in house.room.view.changes():
        if view.phase is Phase.LIVE:
            await house.room.end_meeting(LEADER)
        if view.phase is Phase.IDLE and not view.questions:
            break
    page = (await leader.get("/panel/questions")).text
    assert f'id="earlier-{receipt.question_id}"' in page
    fields = {"question": receipt.question_id, "text": "Đã xong."}
    await leader.post("/do/answer-question", data=fields)
    assert "earlier-" not in (await leader.get("/panel/questions")).text


# Invitations and guests


async def test_an_invitation_from_the_form_to_the_officials_page(house, client):
    leader = await house.client_as(Role.LEADER)
    made = await leader.post("/do/create-invitation", data={"name": "Bà Hoa", "days": "7"})
    page = (await leader.get(made.headers["location"])).text
    link = value(page, "invitation-link")
    assert link.startswith(f"{house.url}/join/")

    official = await client.get(link)
    assert official.status_code == 200
    assert "camera=(self)" in official.headers["permissions-policy"]
    for part in ["hall-video", "floor-video", "own-video", "hall-audio", "camera-choice", "name"]:
        assert f'id="{part}"' in official.text
    for action in ["join", "leave", "toggle-microphone", "toggle-camera", "share-screen"]:
        assert official.text.count(f'data-action="{action}"') == 1

    fields = {"invitation": made.headers["location"].rpartition("/")[2]}
    await leader.post("/do/revoke-invitation", data=fields)
    assert (await client.get(link)).status_code >= 400
    assert "invitation-link" not in (await leader.get(made.headers["location"])).text


async def test_whoever_has_only_the_link_reads_no_names_and_no_questions(house, client):
    invitation = await invite(house)
    await house.room.enter(invitation.id, "Ông Nam")
    receipt = await ask(house, "Riêng của hội trường?")
    await house.room.approve_question(LEADER, receipt.question_id)
    page = (await client.get(house.access.invitation_link(invitation.id))).text
    assert "Ông Nam" not in page
    assert "Riêng của hội trường?" not in page


async def test_an_altered_link_is_told_in_words(house, client):
    link = house.access.invitation_link((await invite(house)).id)
    answer = await client.get(link[:-3] + "abc")
    assert answer.status_code == 404
    assert "Đường dẫn" in answer.text


# Previews and the stage


async def test_outside_a_meeting_nobody_looks_unseen(house):
    leader = await house.client_as(Role.LEADER)
    stage = await house.client_as(Role.STAGE)
    answer = await leader.get("/panel/preview/camera.jpg", headers={"Accept": "application/json"})
    assert answer.json()["code"] == "web.watch_first"
    await leader.post("/do/watch-hall", data={"watching": "yes"})
    assert "đang xem thử camera" in (await stage.get("/stage")).text
    answer = await leader.get("/panel/preview/camera.jpg", headers={"Accept": "application/json"})
    assert answer.json()["code"] == "web.not_found"  # this house has no camera


async def test_a_restarted_meeting_is_not_looked_into_before_the_hall_agrees(house):
    technician = await house.client_as(Role.TECHNICIAN)
    await house.room.start_meeting(LEADER)
    for awaits, code in ((True, "web.confirm_first"), (False, "web.not_found")):
        house.shows(awaits_confirmation=awaits)
        answer = await technician.get(
            "/panel/preview/camera.jpg", headers={"Accept": "application/json"}
        )
        assert answer.json()["code"] == code
        page = await technician.get("/technician")
        assert ('class="previews"' in page.text) is not awaits
        # an official sees black: he is told why
        context = region_context(house.site, house.room.view.value, "official", house.url)
        people = house.site.templates.render("regions/guest_people.html", "vi", **context)
        assert ("Đang chờ tổ trưởng cho họp tiếp" in people) is awaits


async def test_the_stage_shows_where_to_ask_and_never_a_way_in(start_house):
    house = await start_house(public_url="https://to5.example")
    await house.access.create_pairing(Role.LEADER, "Máy tính bảng")
    stage = await house.client_as(Role.STAGE)
    page = (await stage.get("/stage")).text
    assert "<svg" in page
    assert "to5." in page
    assert "/pair" not in page
    assert "pairing" not in page


async def test_what_is_sent_to_people_leads_to_the_ward_where_there_is_one(house):
    leader = await house.client_as(Role.LEADER)
    made = await leader.post("/do/create-invitation", data={"name": "Bà Hoa", "days": "1"})
    path = made.headers["location"]
    link = value((await leader.get(path)).text, "invitation-link")
    assert link.startswith(f"{house.url}/join/")
    outside = Outside("https://hop.example/h/to-5", "https://hop.example/to-5")
    house.link_is(LinkState(Connection.LINKED, outside=outside))
    link = value((await leader.get(path)).text, "invitation-link")
    assert link.startswith("https://hop.example/h/to-5/join/")
    page = (await leader.get("/panel/questions")).text
    assert 'data-value="ask-address" data-code="https://hop.example/to-5"' in page
    drawn = (await leader.get("/qr.svg")).content
    house.link_is(LinkState())
    assert (await leader.get("/qr.svg")).content != drawn


# The technician


async def test_the_technician_pairs_and_revokes_a_device(house, client):
    technician = await house.client_as(Role.TECHNICIAN, "")
    fields = {"role": "leader", "name": "Máy tính bảng bác Lan"}
    page = (await technician.post("/technician/pairing", data=fields)).text
    code = value(page, "pairing-code")
    paired = await client.post("/pair", data={"code": code})
    assert paired.status_code == 303
    assert (await client.get("/panel")).status_code == 200

    page = (await technician.get("/technician")).text
    assert "Máy tính bảng bác Lan" in page
    device = next(d for d in house.access.paired() if d.role is Role.LEADER)
    await technician.post("/technician/revoke", data={"device": device.id})
    assert (await client.get("/panel")).status_code == 303


async def test_the_technician_logs_out_and_changes_his_password_from_his_page(house):
    technician = await house.client_as(Role.TECHNICIAN, "")
    page = (await technician.get("/technician")).text
    assert 'href="/password" data-action="change-password"' in page
    assert re.search(r'action="/logout"><button type="submit"', page)
    assert (await technician.post("/logout")).headers["location"] == "/login"
    assert (await technician.get("/technician")).status_code == 303


async def test_only_a_paired_role_gets_a_pairing_code(house):
    technician = await house.client_as(Role.TECHNICIAN, "")
    fields = {"role": "technician", "name": "x"}
    assert (await technician.post("/technician/pairing", data=fields)).status_code == 400


async def test_the_leader_cannot_pair_devices(house):
    leader = await house.client_as(Role.LEADER)
    fields = {"role": "leader", "name": "x"}
    assert (await leader.post("/technician/pairing", data=fields)).status_code == 401


# Languages and regions


async def test_the_cookie_chooses_the_language(house):
    leader = await house.client_as(Role.LEADER)
    assert "Bắt đầu họp" in (await leader.get("/panel")).text
    leader.cookies.set("lang", "en")
    page = (await leader.get("/panel")).text
    assert "Start meeting" in page
    assert '<html lang="en">' in page


def test_every_text_of_every_template_has_its_english():
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.policies["ext.i18n.trimmed"] = True
    english = translations("en")
    missing = []
    for path in TEMPLATES.rglob("*.html"):
        for _, _, text in environment.extract_translations(path.read_text()):
            source = text if isinstance(text, str) else text[0]
            if english.gettext(source) == source and source != "Camera":
                missing.append((path.name, source))
    assert not missing


@pytest.mark.parametrize(
    ("language", "quoted"), [("vi", r"[“]([^”{]+)”"), ("en", r"[Pp]ress “([^”{]+)”")]
)
def test_whatever_button_a_sentence_names_stands_on_a_page(language, quoted):
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.policies["ext.i18n.trimmed"] = True
    labels = {
        translations(language).gettext(text if isinstance(text, str) else text[0])
        for path in TEMPLATES.rglob("*.html")
        for _, _, text in environment.extract_translations(path.read_text())
    }
    of_pages = (rooms.SENTENCES, pages.SENTENCES, access.SENTENCES, feedback.SENTENCES)
    named = [
        label
        for sentences in of_pages
        for sentence in sentences.values()
        for label in re.findall(quoted, getattr(sentence, language))
    ]
    assert len(named) > 4
    assert [label for label in named if label not in labels] == []


async def test_the_live_regions_are_those_of_the_page(house):
    invitation = await invite(house)
    paths = {name: path for path, name in PANEL.items()} | {
        "panel-schedule": "/panel/schedule",
        "secretary": "/secretary",
        "content": "/content",
        "stage": "/stage",
        "technician": "/technician",
        "official": house.access.invitation_link(invitation.id),
    }
    for name, page in PAGES.items():
        browser = await house.client_as(page.roles[0])
        html = (await browser.get(paths[name])).text
        assert f'data-live-page="{name}"' in html
        regions = re.findall(r'<\w+ id="([\w-]+)"[^>]* data-live[ >]', html)
        assert sorted(regions) == sorted(page.regions), name


async def test_the_technician_reads_how_the_house_is_linked_to_its_ward(house):
    technician = await house.client_as(Role.TECHNICIAN)
    assert 'data-value="link"' not in (await technician.get("/technician")).text
    for state, words in [
        (LinkState(Connection.AWAY, Cause("link.no_answer", host="hop.example")), "hop.example"),
        (LinkState(Connection.LINKED, public_url="https://hop.example/h/to-5"), "Đang kết nối"),
    ]:
        house.link_is(state)
        page = (await technician.get("/technician")).text
        assert f'data-value="link" data-code="{state.connection}"' in page
        assert words in page
