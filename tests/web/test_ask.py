import asyncio
import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
import segno
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from starlette.requests import Request

from base.cause import Refused
from bench.phones import ask_all
from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Role
from storage.errors import StorageError
from web.language import date
from web.limiting import ASKING, Limit, Limits
from web.residents import asking

LEADER = Actor(Role.LEADER, "Bác Lan")
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "vi-VN"}
AS_JSON = {"Accept": "application/json"}
TEXT = "Khi nào sửa đường ngõ 5?"


async def ask(client: httpx.AsyncClient, text: str = TEXT, key: str = "", **more: str) -> str:
    """The path of the receipt."""
    answer = await client.post("/ask", data={"text": text, "key": key, "consent": WORDING, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def value(page: httpx.Response, name: str) -> str:
    return value_of(page.text, name)


def value_of(page: str, name: str) -> str:
    rest = page.split(f'data-value="{name}"')[1].split(">", 1)[1]
    return html.unescape(rest.partition("<")[0])


def questions(house):
    return house.room.view.value.questions


# Asking


async def test_a_question_gets_a_receipt_that_finds_it(house, client):
    path = await ask(client, name="Ông Tư")
    receipt = await client.get(path)
    assert receipt.status_code == 200
    code = value(receipt, "receipt")
    assert value(receipt, "text") == TEXT
    assert value(receipt, "state") == "Đã nhận, đang chờ duyệt"
    (question,) = questions(house)
    assert (question.text, question.asked_by, question.via) == (TEXT, "Ông Tư", "phone")

    somewhere_else = house.client()
    found = await somewhere_else.get("/receipt", params={"code": code.lower().replace("-", " ")})
    assert found.status_code == 303
    assert value(await somewhere_else.get(found.headers["location"]), "receipt") == code


async def test_it_is_stored_before_the_receipt_is_told(start_house, tmp_path):
    folder = tmp_path / "kept"
    before = await start_house(folder=folder)
    path = await ask(before.client())
    await before.stop()

    after = await start_house(folder=folder)
    assert value(await after.client().get(path), "text") == TEXT


async def test_a_script_is_told_in_json(house, client):
    as_json = {"Accept": "application/json"}
    answer = await client.post("/ask", data={"text": TEXT}, headers=as_json)
    assert answer.status_code == 201
    told = answer.json()
    found = (await client.get(told["url"], headers=as_json)).json()
    assert found["receipt"] == told["receipt"]
    assert (found["text"], found["state"], found["answer"]) == (TEXT, "waiting", None)
    empty = await client.post("/ask", data={"text": " "}, headers=as_json)
    assert (empty.status_code, empty.json()["code"]) == (422, "feedback.too_short")


async def test_the_same_page_sent_twice_is_one_question(house, client):
    paths = await asyncio.gather(*(ask(house.client(), key="k1") for _ in range(5)))
    assert len(set(paths)) == 1
    assert len(questions(house)) == 1
    await ask(client, "Một câu khác", key="k1")
    assert len(questions(house)) == 2


async def test_the_same_words_again_from_the_same_browser_are_one_question(house, client):
    """The way back restores the words, and the page that is fetched anew brings another key."""
    first = await ask(client, key="k1")
    again = await ask(client, f"  {TEXT}\r\n", key="k2")
    assert again == f"{first}?sent=before"
    page = await client.get(again)
    assert 'data-value="sent-before"' in page.text and "Câu này bà con đã gửi rồi" in page.text
    assert 'data-value="sent-before"' not in (await client.get(first)).text
    told = await client.post("/ask", data={"text": TEXT, "key": "k3"}, headers=AS_JSON)
    assert (told.status_code, told.json()["url"]) == (200, again)
    assert len(house.room.view.value.questions) == 1


async def test_the_same_words_of_somebody_else_or_later_are_another_question(
    house, client, monkeypatch
):
    first = await ask(client, key="k1")
    assert not (await ask(house.client(), key="k2")).startswith(first)
    assert not (await ask(client, "Một câu khác", key="k3")).startswith(first)
    monkeypatch.setattr(asking, "_SAME", timedelta(0))
    assert not (await ask(client, key="k4")).startswith(first)
    assert len(house.room.view.value.questions) == 4


async def test_every_page_has_a_key_of_its_own(client):
    keys = {
        (await client.get(path)).text.split('name="key" value="')[1][:32] for path in ("/", "/ask")
    }
    assert len(keys) == 2


async def test_markup_is_shown_and_never_obeyed(house, client):
    text = '<script>alert(1)</script> <b>đậm</b> & "ngoặc" {{ 7*7 }} </textarea>'
    path = await ask(client, text, name="<i>Ông Tư</i>")
    page = await client.get(path)
    assert value(page, "text") == text
    assert "<script>alert" not in page.text and "<b>" not in page.text
    too_long = await client.post("/ask", data={"text": text * 100})
    assert "<script>alert" not in too_long.text


async def test_what_was_refused_stays_in_the_form(client):
    long = "dài " * 600
    form = {"text": long, "name": "Bà Năm", "key": "k7", "consent": WORDING}
    answer = await client.post("/ask", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and "feedback.too_long" in answer.text
    assert long.strip() in answer.text
    assert 'value="Bà Năm"' in answer.text and 'value="k7"' in answer.text


async def test_a_full_disk_is_told_and_the_draft_kept(house, client, monkeypatch):
    async def full(*args: object, **more: object) -> None:
        raise StorageError("storage.disk_full")

    monkeypatch.setattr(house.room, "ask", full)
    answer = await client.post("/ask", data={"text": TEXT})
    assert answer.status_code == 503
    assert TEXT in answer.text and 'role="alert"' in answer.text
    assert "vẫn còn ở dưới" in answer.text


async def test_a_whole_hall_behind_one_address_asks_at_once(house):
    told = await ask_all(house.url, 60, connect=0.2, seconds=0.5)
    assert (told.receipts, told.refused) == (60, {})
    assert sorted(number for _, _, number in told.asked) == list(range(1, 61))
    assert len(questions(house)) == 60
    panel = (await (await house.client_as(Role.LEADER)).get("/panel")).text
    assert value_of(panel, "questions-waiting") == "60"
    assert panel.count('data-action="approve-question"') == 30, "nobody looks through more"
    assert 'href="/panel/questions" data-action="all-questions"' in panel


async def test_a_thousand_phones_that_share_an_address_are_no_flood():
    limits, request = (
        Limits(),
        Request({"type": "http", "client": ("203.0.113.7", 1), "headers": []}),
    )
    for _ in range(2_000):  # and each of them once more
        await limits.count(ASKING, request)
    with pytest.raises(Refused):
        for _ in range(2_000):
            await limits.count(ASKING, request)


async def test_a_flood_is_slowed_down_and_loses_no_draft(house, client, monkeypatch):
    few = Limit.of("asking", each="3/minute", all="1200/minute")
    monkeypatch.setattr(asking, "ASKING", few)
    answers = [await client.post("/ask", data={"text": TEXT, "key": "same"}) for _ in range(5)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert slowed[0].headers.get("content-type", "").startswith("text/html")
    assert TEXT in slowed[0].text and "phút" in slowed[0].text


# Looking up


async def test_a_wrong_code_is_told_in_words(client):
    for code in ("K7QM-3XWP-9DTA", "tôi quên mã rồi", "x" * 500):
        answer = await client.get("/receipt", params={"code": code}, follow_redirects=True)
        assert answer.status_code == 404
        assert "receipt.not_found" in answer.text
        assert 'data-action="find-receipt"' in answer.text


async def test_guessing_is_stopped_but_ones_own_is_still_shown(house, client):
    own = await ask(client)
    guesser = house.client()
    wrong = [await guesser.get(f"/receipt/AAAABBBBCCC{n % 10}") for n in range(22)]
    assert [answer.status_code for answer in wrong] == [404] * 20 + [429] * 2
    assert (await guesser.get(own)).status_code == 429
    assert (await client.get(own)).status_code == 200
    forged = house.client(av_receipts="WyJBQUFBQkJCQkNDQzEiXQ.AAAA")
    assert (await forged.get(own)).status_code == 429


async def test_the_receipt_shows_the_answer(house, client):
    path = await ask(client)
    (question,) = questions(house)
    await house.room.answer_question(LEADER, question.id, "Tháng 12 sẽ sửa <xong>.")
    page = await client.get(path)
    assert value(page, "state") == "Đã trả lời"
    assert value(page, "answer") == "Tháng 12 sẽ sửa <xong>."


async def test_the_receipt_tells_why_not(house, client):
    path = await ask(client)
    (question,) = questions(house)
    await house.room.dismiss_question(LEADER, question.id, "Trùng với câu số 1")
    page = await client.get(path)
    assert value(page, "answer") == "Trùng với câu số 1"
    assert "Lý do" in page.text


# The board


async def test_the_board_shows_what_was_answered_newest_first(house, client):
    assert "Chưa có câu nào" in (await client.get("/board")).text
    for n in range(23):
        await ask(client, f"Câu hỏi số {n}.", name="Ông Tư")
    for question in questions(house)[:22]:
        await house.room.answer_question(LEADER, question.id, f"Trả lời {question.number}")
    first = (await client.get("/board")).text
    assert f", {date(datetime.now(UTC), 'vi')}</h2>" in first, "each meeting has a first question"
    assert "trả lời lúc" in first
    second = (await client.get("/board?page=2")).text
    assert first.count('data-value="answered-question"') == 20
    assert second.count('data-value="answered-question"') == 2
    assert first.index("Câu hỏi số 21.") < first.index("Câu hỏi số 20.")
    assert "Câu hỏi số 22." not in first + second
    assert "Ông Tư" not in first + second
    assert 'rel="next"' in first and 'rel="next"' not in second and 'rel="prev"' in second
    told = (await client.get("/board", headers={"Accept": "application/json"})).json()
    assert (told["more"], len(told["questions"])) == (True, 20)
    assert (told["questions"][0]["state"], told["questions"][0]["in_time"]) == ("answered", True)
    for odd in ("0", "-1", "x", "9" * 5000, "²"):
        assert (await client.get("/board", params={"page": odd})).status_code == 200


# In a browser


@pytest.fixture
async def phone(house, browser):
    context = await browser.new_context(**PHONE, base_url=house.url)
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("path", ["/", "/ask"])
async def test_a_phone_asks(house, browser, path, script):
    context = await browser.new_context(**PHONE, base_url=house.url, java_script_enabled=script)
    page = await context.new_page()
    await page.goto(path)
    await page.fill("#text", TEXT)
    await page.click('[data-action="send-question"]')
    await page.wait_for_url("**/receipt/*")
    code = await page.text_content('[data-value="receipt"]')
    assert code is not None and len(code.replace("-", "")) == 12
    assert await page.text_content('[data-value="text"]') == TEXT
    assert [question.text for question in questions(house)] == [TEXT]
    if script:
        assert await page.evaluate("localStorage.getItem('av-question')") is None
    await context.close()


async def test_a_question_written_without_a_line_is_sent_once_there_is_one(house, phone):
    await phone.goto("/")
    await phone.fill("#text", TEXT)
    await phone.context.set_offline(True)
    await phone.click('[data-action="send-question"]')
    await expect(phone.locator("#ask-status")).to_contain_text("tự gửi")
    await phone.context.set_offline(False)
    await phone.wait_for_url("**/receipt/*")
    assert [question.text for question in questions(house)] == [TEXT]


async def test_a_page_closed_without_a_line_sends_when_it_is_opened_again(house, phone):
    await phone.goto("/")
    await phone.fill("#text", TEXT)
    await phone.context.set_offline(True)
    await phone.click('[data-action="send-question"]')
    await expect(phone.locator("#ask-status")).to_contain_text("tự gửi")
    await phone.close()
    again = await phone.context.new_page()
    await phone.context.set_offline(False)
    await again.goto("/")
    await again.wait_for_url("**/receipt/*")
    assert [question.text for question in questions(house)] == [TEXT]


async def test_a_lost_answer_makes_no_second_question(house, phone):
    lost = 0

    async def lose_the_first_answer(route):
        nonlocal lost
        if lost:
            await route.continue_()
        else:
            lost += 1
            await route.fetch()
            await route.abort()

    await phone.route("**/ask", lose_the_first_answer)
    await phone.goto("/")
    await phone.fill("#text", TEXT)
    await phone.click('[data-action="send-question"]')
    await phone.wait_for_url("**/receipt/*")
    assert lost == 1
    assert len(questions(house)) == 1


async def test_a_phone_is_told_that_the_disk_is_full_and_sends_once_there_is_room(
    house, phone, monkeypatch
):
    async def full(*args, **more):
        raise StorageError("storage.disk_full")

    monkeypatch.setattr(house.room, "ask", full)
    await phone.goto("/")
    await phone.fill("#text", TEXT)
    await phone.click('[data-action="send-question"]')
    await expect(phone.locator("#ask-status")).to_contain_text(re.compile("đã đầy.*tự gửi lại"))
    monkeypatch.undo()
    await phone.wait_for_url("**/receipt/*")
    assert [question.text for question in questions(house)] == [TEXT]


async def test_a_closed_page_keeps_the_draft(house, phone):
    await phone.goto("/")
    await phone.type("#text", "Đang viết dở")
    await phone.click('[data-action="open-naming"]')
    await phone.type("#name", "Bà Năm")
    await phone.check('[data-action="consent"]')
    await phone.goto("/board")
    await phone.goto("/")
    assert await phone.input_value("#text") == "Đang viết dở"
    assert await phone.input_value("#name") == "Bà Năm"


async def test_a_refusal_is_told_and_can_be_mended(house, phone):
    await phone.goto("/")
    await phone.fill("#text", "ạ ")
    await phone.click('[data-action="send-question"]')
    # "Being sent" stands there first.
    await expect(phone.locator("#ask-status")).to_contain_text("ít nhất 3 chữ cái")
    await phone.fill("#text", TEXT)
    await phone.click('[data-action="send-question"]')
    await phone.wait_for_url("**/receipt/*")


async def test_a_first_visit_weighs_little(house, browser):
    """Bytes on the wire, headers too, with an empty cache."""
    context = await browser.new_context(**PHONE)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    weights: list[float] = []
    hosts: set[str] = set()
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    await session.send("Network.enable")
    await page.goto(house.url, wait_until="networkidle")
    assert len(weights) >= 4
    assert sum(weights) <= 50_000
    assert hosts == {f"127.0.0.1:{house.port}"}
    await context.close()


async def all_pages(house) -> list[str]:
    client = house.client()
    waiting, done = await ask(client), await ask(client, "Bao giờ có đèn đường?", name="Ông Tư")
    await house.room.answer_question(LEADER, questions(house)[1].id, "Tuần sau. " * 20)
    code = await house.access.create_pairing(Role.LEADER, "")
    return [
        "/",
        waiting,
        done,
        "/receipt",
        "/receipt/K7QM3XWP9DTA",
        "/board",
        "/board?words=den+duong&topic=&state=answered",
        "/board?words=K7QM-3XWP-9DTA",
        "/pair",
        f"/pair?code={code}",
        "/login",
        "/nowhere",
    ]


MEASURE = """() => {
  const seen = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 1;
  const small = [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((e) => seen(e) && e.getBoundingClientRect().height < 63.5)
    .map((e) => e.outerHTML.slice(0, 80));
  const tiny = [...document.querySelectorAll("body *")]
    .filter((e) => seen(e) && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 20)
    .map((e) => e.outerHTML.slice(0, 80));
  return { small, tiny, wide: document.documentElement.scrollWidth > innerWidth };
}"""


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.soak)])
async def test_every_page_is_fit_for_old_eyes_and_thick_fingers(house, phone, language):
    await phone.goto(f"/language/{language}")
    for path in await all_pages(house):
        await phone.goto(path)
        found = await phone.evaluate(MEASURE)
        assert found == {"small": [], "tiny": [], "wide": False}, path
        report = await Axe().run(phone)
        assert report.response["violations"] == [], (path, report.generate_report())


async def test_the_code_for_the_wall_leads_to_the_ask_page(house, client, phone):
    drawn = await client.get("/qr.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert len(drawn.content) < 4000
    wanted = segno.make(f"{house.url}/ask", error="m", micro=False)
    dark = sum(sum(row) for row in wanted.matrix)
    await phone.goto("/")
    counted = await phone.evaluate(COUNT_DARK, wanted.symbol_size(border=4)[0])
    assert counted == dark


COUNT_DARK = """async (modules) => {
  const image = new Image();
  image.src = "/qr.svg";
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = modules * 8;
  const paper = canvas.getContext("2d");
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let y = 0; y < modules; y++) {
    for (let x = 0; x < modules; x++) {
      dark += paper.getImageData(x * 8 + 4, y * 8 + 4, 1, 1).data[0] < 128;
    }
  }
  return dark;
}"""


# What whoever has the receipt says to the answer


async def answered_receipt(house, client):
    path = await ask(client)
    (question,) = questions(house)
    await house.room.answer_question(LEADER, question.id, "Tháng sau sửa.")
    return path


async def test_an_answer_is_rated_once_by_whoever_has_the_receipt(house, client):
    path = await answered_receipt(house, client)
    assert 'data-action="rate-answer"' in (await client.get(path)).text
    rated = await client.post(f"{path}/say", data={"what": "rate", "stars": "4"})
    assert rated.status_code == 303
    page = await client.get(rated.headers["location"])
    assert 'data-value="rating" data-code="4"' in page.text and "Đã ghi nhận" in page.text
    assert 'data-action="rate-answer"' not in page.text
    again = await client.post(f"{path}/say", data={"what": "rate", "stars": "1"})
    assert again.status_code == 409 and 'data-code="case.rated"' in again.text
    for wrong in ("9", "x", ""):
        odd = await client.post(f"{path}/say", data={"what": "rate", "stars": wrong})
        assert odd.status_code == 422, wrong


async def test_what_is_not_done_is_opened_again_with_a_reason(house, client):
    path = await answered_receipt(house, client)
    empty = await client.post(f"{path}/say", data={"what": "reopen", "text": " "})
    assert empty.status_code == 422 and "Tháng sau sửa." in empty.text
    again = await client.post(f"{path}/say", data={"what": "reopen", "text": "Chưa sửa <gì>"})
    assert again.status_code == 303
    page = await client.get(path)
    assert value(page, "state") == "Đã duyệt, đang chờ trả lời"
    assert "Tháng sau sửa." not in page.text
    told = (await client.get(path, headers={"Accept": "application/json"})).json()
    assert (told["case_state"], told["reopened"]) == ("waiting", 1)
    as_json = {"Accept": "application/json"}
    data = {"what": "reopen", "text": "Vẫn chưa"}
    refused = await client.post(f"{path}/say", data=data, headers=as_json)
    assert (refused.status_code, refused.json()["code"]) == (409, "case.not_while_waiting")
    unknown = await client.post("/receipt/AAAABBBBCCCC/say", data=data)
    assert unknown.status_code == 404
