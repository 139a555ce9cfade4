"""What points at somebody is looked at before an answer of a meeting makes it public: one tap."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")
ASKED = "Cống ngõ 5 tắc, gọi 0912 345 678"


async def ask(house, text=ASKED):
    return (await house.room.ask(text, name=None, via="phone", key="", by=None)).question_id


async def board(house):
    return (await house.client().get("/board")).text


async def test_in_a_meeting_a_tap_hides_it_and_the_meeting_goes_on(house, browser):
    question = await ask(house)
    await house.room.start_meeting(LEADER)
    await house.room.approve_question(LEADER, question)
    await house.room.show_question(LEADER, question)
    context = await browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(house.open_link(Role.LEADER))
    await page.locator('[data-action="answer-question"]').first.click()
    await page.locator('[data-action="hide-marks"]').wait_for()
    await expect(page.locator("mark")).to_have_text(["0912 345 678"])
    await page.wait_for_load_state()
    assert (await Axe().run(page)).response["violations"] == []
    await page.locator('[data-action="hide-marks"]').click()
    await page.wait_for_url("**/panel")
    await context.close()
    shown = await board(house)
    assert "Cống ngõ 5 tắc, gọi […]" in shown and "0912" not in shown
    (answered,) = house.room.view.value.questions
    assert answered.original == ASKED, "what was asked stays, for those who deal with it"


async def test_without_a_script_it_is_the_same_and_may_be_kept(house):
    question = await ask(house, "Cống ngõ 5 tắc")
    leader = await house.client_as(Role.LEADER)
    form = {"question": question, "text": "Gọi tổ trưởng: 0987 654 321", "other": "Bà Hoa"}
    from_ = {"Referer": f"{house.url}/panel/questions"}
    page = await leader.post("/do/answer-question", data=form, headers=from_)
    assert page.status_code == 422
    assert "<mark>0987 654 321</mark>" in page.text and 'value="Bà Hoa"' in page.text
    assert house.room.view.value.questions[0].answer is None, "nothing is public yet"
    kept = form | {"marked": "keep", "back": "/panel/questions"}
    done = await leader.post("/do/answer-question", data=kept)
    assert (done.status_code, done.headers["location"]) == (303, "/panel/questions")
    assert "0987 654 321" in await board(house)
    # A correction is looked at again; what was published with it before is not asked about.
    again = await leader.post("/do/answer-question", data=form | {"text": "Đã thông cống"})
    assert again.status_code == 303


@pytest.mark.parametrize("fields", [{"marked": "whatever"}, {"back": "https://x.example/"}])
async def test_a_form_that_nobody_sent(house, fields):
    question = await ask(house, "Cống ngõ 5 tắc")
    leader = await house.client_as(Role.LEADER)
    form = {"question": question, "text": "Đã thông"} | fields
    answer = await leader.post("/do/answer-question", data=form)
    if "back" in fields:
        assert answer.headers["location"].startswith("/")
        assert not answer.headers["location"].startswith("//")
    else:
        assert answer.status_code == 400


async def test_a_script_is_told_which_words(house):
    question = await ask(house)
    leader = await house.client_as(Role.LEADER)
    headers = {"Accept": "application/json"}
    form = {"question": question, "text": "Đã thông"}
    answer = await leader.post("/do/answer-question", data=form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "question.marks_open")
    assert "0912 345 678" in answer.json()["message"]


async def test_before_a_question_is_public_one_tap_hides_what_points_at_somebody(house, client):
    question = await ask(house, "Đèn trước nhà số 7 hỏng, gọi 0912 345 678")
    plain = await ask(house, "Cống trước nhà số 9 tắc")
    leader = await house.client_as(Role.LEADER)
    for path in ("/panel", "/panel/questions"):
        page = (await leader.get(path)).text
        row = page.split(f'id="question-{question}"')[1].split("</li>")[0]
        assert "<mark>0912 345 678</mark>" in row and "<mark>số 7</mark>" not in row
        hiding, as_it_is = (f'data-action="approve-{what}"' for what in ("hiding", "question"))
        assert row.index(hiding) < row.index(as_it_is)
        assert page.count('data-value="personal"') == 1, "an address is what it is about"
    hiding = {"question": question, "marked": "hide"}
    assert (await leader.post("/do/approve-question", data=hiding)).status_code == 303
    assert (await leader.post("/do/approve-question", data={"question": plain})).status_code == 303
    shown = (await client.get("/questions")).text
    assert "nhà số 7 hỏng, gọi […]" in shown and "0912" not in shown and "nhà số 9" in shown
    told = (await client.get("/published.json")).text
    assert "0912" not in told
    (hidden, as_it_was) = house.room.view.value.questions
    assert hidden.original and not hidden.personal and as_it_was.original is None
