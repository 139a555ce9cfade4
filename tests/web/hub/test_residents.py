"""Residents at the hub: they ask, find their receipt and read answers, with no house in reach."""

import io
import re
from urllib.parse import urlsplit

import pytest
import segno
from axe_playwright_python.async_playwright import Axe

from feedback.consent import WORDING
from feedback.handover import read_question, read_vote
from web.hub.app import create_hub_app
from web.hub.short import OWN, short_path
from web.limiting import Limit
from web.residents import asking

TEXT = "Khi nào sửa đường ngõ 5?"
NAME = "Nhà văn hóa Tổ dân phố 5"
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "vi-VN"}
AS_JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
async def houses(hub):
    """One that is enrolled and not linked, one that waits for its technician."""
    await hub.site.houses.enrol(await hub.site.houses.invite("to-5", NAME))
    await hub.site.houses.invite("to-9", "Nhà văn hóa Tổ 9")


async def ask(client, text=TEXT, key="", house="to-5", **more):
    """The path of the receipt."""
    form = {"text": text, "key": key, "consent": WORDING, **more}
    answer = await client.post(f"/h/{house}/ask", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def handed_down(hub, house="to-5"):
    parcels = await hub.site.desk(house).outbox().oldest(50)
    return [read_question(parcel.body) for parcel in parcels]


async def answered(hub, question, text, revision=2):
    """As the house would tell of it."""
    await hub.site.desk("to-5").keep_copy(
        {
            "id": question.id,
            "receipt": question.receipt,
            "revision": revision,
            "number": 7,
            "text": question.text,
            "origin": "ward",
            "received_at": question.received_at.isoformat(),
            "state": "answered",
            "answer": text,
            "answered_at": "2026-07-22T14:00:00Z",
        }
    )


async def test_a_question_gets_its_receipt_while_the_house_is_away(hub):
    path = await ask(hub.client(), name="Ông Tư")
    receipt = await hub.client().get(path)
    assert re.fullmatch(r"/h/to-5/receipt/[0-9A-Z-]{14}", path)
    assert TEXT in receipt.text and NAME in receipt.text
    assert 'data-code="ward-ward"' in receipt.text, "received here, still here"
    (question,) = await handed_down(hub)
    assert (question.text, question.name) == (TEXT, "Ông Tư")


async def test_a_complaint_comes_back_once_with_the_way_by_law(hub):
    form = {"text": "Tôi khiếu nại quyết định thu hồi đất."}
    back = await hub.client().post("/h/to-5/ask", data=form)
    assert back.status_code == 200 and "Nơi tiếp công dân" in back.text
    assert 'data-value="advice" data-code="complaint"' in back.text.split("<template")[0]
    await ask(hub.client(), form["text"], advised="yes")
    assert len(await handed_down(hub)) == 1, "not the first time"


async def test_the_answer_is_found_under_the_receipt_and_on_the_board(hub):
    path = await ask(hub.client(), name="Ông Tư")
    (question,) = await handed_down(hub)
    await answered(hub, question, "Tháng 12 sẽ sửa <xong>.")
    receipt = (await hub.client().get(path)).text
    assert "Tháng 12 sẽ sửa &lt;xong&gt;." in receipt and 'data-code="ward-house"' in receipt
    told = (await hub.client().get(path, headers=AS_JSON)).json()
    assert (told["number"], told["state"], told["origin"], told["home"]) == (
        *(7, "answered"),
        *("ward", "house"),
    )
    board = await hub.client().get("/h/to-5/board")
    assert "Tháng 12 sẽ sửa" in board.text and TEXT in board.text
    assert "Ông Tư" not in board.text + receipt
    typed = await hub.client().get("/h/to-5/receipt", params={"code": question.receipt.lower()})
    assert typed.headers["location"] == f"/h/to-5/receipt/{question.receipt}"


async def test_the_board_is_searched_and_taken_away_at_the_hub_too(hub):
    await ask(hub.client())
    await ask(hub.client(), "Câu chưa ai duyệt")
    (question, _) = await handed_down(hub)
    await answered(hub, question, "Tháng 12 sẽ sửa.")
    client = hub.client()
    assert "Tháng 12 sẽ sửa" in (await client.get("/h/to-5/board?words=thang+sua+duong")).text
    assert 'data-value="nothing-found"' in (await client.get("/h/to-5/board?words=duyet")).text
    told = (await client.get("/h/to-5/api/board?limit=1", headers=AS_JSON)).json()
    assert [case["id"] for case in told["cases"]] == [question.id] and told["next"] is None
    table = (await client.get("/h/to-5/board.csv")).text
    assert question.id in table and "duyệt" not in table


async def test_phones_ask_along_with_what_a_house_has_approved(hub):
    """Each once, and the house is told; away or not."""
    path = await ask(hub.client())
    (question,) = await handed_down(hub)
    desk = hub.site.desk("to-5")
    body = {
        "id": question.id,
        "receipt": question.receipt,
        "revision": 2,
        "number": 7,
        "text": TEXT,
        "public_text": "Bao giờ sửa đường ngõ 5?",
        "origin": "ward",
        "received_at": question.received_at.isoformat(),
        "state": "approved",
        "meeting": "0" * 16,
    }
    phones = [hub.client() for _ in range(3)]
    vote = f"/h/to-5/questions/{question.id}/vote"
    for phone in phones:
        assert "Chưa có câu nào" in (await phone.get("/h/to-5/questions")).text
    assert (await phones[0].post(vote)).status_code == 409, "not approved yet"
    await desk.keep_copy(body)
    for phone in (*phones, phones[0]):
        done = await phone.post(vote)
        assert done.headers["location"] == f"/h/to-5/questions#question-{question.id}"
    page = (await phones[0].get("/h/to-5/questions")).text
    assert "Bao giờ sửa đường ngõ 5?" in page and 'data-value="joined"' in page
    told = (await hub.client().get("/h/to-5/questions", headers=AS_JSON)).json()["questions"]
    assert [(one["askers"], one["joined"]) for one in told] == [(4, False)]
    parcels = [parcel for parcel in await desk.outbox().oldest(50) if parcel.kind == "vote"]
    assert len({parcel.body["device"] for parcel in parcels}) == len(parcels) == 3
    assert read_vote(parcels[0].body).id == question.id
    await desk.keep_copy(body | {"revision": 3, "votes": 9})
    assert ">10</strong>" in (await phones[1].get("/h/to-5/questions")).text, "with the hall's"
    assert "Chưa có câu nào" not in (await phones[1].get("/h/to-5/questions")).text
    assert (await hub.client().get(path)).status_code == 200
    await desk.keep_copy(body | {"revision": 4, "over": True})
    assert (await phones[0].post(vote)).status_code == 409, "the meeting is over"


async def test_the_same_page_sent_twice_is_one_question(hub):
    paths = {await ask(hub.client(), key="k1") for _ in range(3)}
    assert len(paths) == 1
    assert len(await handed_down(hub)) == 1
    told = await hub.client().post("/h/to-5/ask", data={"text": TEXT, "key": "k1"}, headers=AS_JSON)
    assert (told.status_code, told.json()["number"]) == (201, None)
    assert told.json()["url"] in paths


async def test_ones_own_receipts_are_kept_for_each_house(hub):
    client = hub.client()
    own = await ask(client)
    assert [cookie.path for cookie in client.cookies.jar] == ["/h/to-5/"]
    guesser = hub.client()
    wrong = [await guesser.get(f"/h/to-5/receipt/AAAABBBBCCC{n % 10}") for n in range(21)]
    assert [answer.status_code for answer in wrong] == [404] * 20 + [429]
    assert (await guesser.get(own)).status_code == 429
    assert (await client.get(own)).status_code == 200


async def test_a_flood_at_one_house_does_not_slow_down_another(hub, monkeypatch):
    few = Limit.of("asking", each="5/10minutes", all="20/10minutes")
    monkeypatch.setattr(asking, "ASKING", few)
    await hub.site.houses.enrol(await hub.site.houses.invite("to-6", "Tổ 6"))
    data = {"text": TEXT, "key": "same"}
    flood = [await hub.client().post("/h/to-5/ask", data=data) for _ in range(6)]
    assert [answer.status_code for answer in flood[:-1]] == [303] * 5
    assert flood[-1].status_code == 429 and TEXT in flood[-1].text
    await ask(hub.client(), house="to-6")


async def test_a_house_that_is_not_there_is_told_in_words(hub):
    for house in ("to-9", "to-404", "TO-5"):
        for page in ("", "ask", "board", "receipt", "receipt/K7QM3XWP9DTA", "qr.svg"):
            answer = await hub.client().get(f"/h/{house}/{page}")
            assert answer.status_code == 404
            assert 'data-code="ward.house_unknown"' in answer.text
        refused = await hub.client().post(f"/h/{house}/ask", data={"text": TEXT})
        assert refused.status_code == 404


async def test_a_house_whose_machine_is_replaced_still_takes_questions(hub):
    await hub.site.houses.linked("to-5", "here")
    await hub.site.houses.revoke("to-5")
    await ask(hub.client())


# Where to go


async def test_the_short_address_leads_to_the_ask_page(hub):
    client = hub.client()
    for path in ("/to-5", "/h/to-5", "/h/to-5/"):
        page = await client.get(path, follow_redirects=True)
        assert 'data-action="send-question"' in page.text, path
    assert (await client.get("/to-5")).status_code == 307
    assert (await client.get("/nowhere")).status_code == 404


async def test_no_house_takes_the_place_of_a_page_of_the_hub(hub, admin):
    routes = [getattr(route, "path", "") for route in create_hub_app(hub.site).routes]
    assert {path.split("/")[1] for path in routes} - {"", "{house}"} <= OWN
    assert routes[-1] == "/{house}", "every other page goes first"
    refused = await admin.post("/houses", data={"id": "login", "name": "Tổ 1"})
    assert 'data-code="ward.house_id_reserved"' in refused.text
    assert await hub.site.houses.find("login") is None
    assert short_path("login") == "/h/login/ask"


async def test_residents_choose_their_house_on_the_first_page(hub, admin):
    page = await hub.client().get("/")
    assert NAME in page.text and 'href="/h/to-5/ask"' in page.text
    assert "Tổ 9" not in page.text
    assert (await admin.get("/")).headers["location"] == "/houses"


async def test_the_code_for_the_wall_holds_the_short_address(hub):
    drawn = await hub.client().get("/h/to-5/qr.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    wanted = io.BytesIO()
    code = segno.make(f"{hub.url}/to-5", error="m", micro=False)
    code.save(wanted, kind="svg", border=4, omitsize=True, light="#fff")
    assert drawn.content == wanted.getvalue()


async def test_another_site_cannot_ask_for_a_visitor(hub):
    client = hub.client()
    client.headers["Origin"] = "https://evil.example"
    assert (await client.post("/h/to-5/ask", data={"text": TEXT})).status_code == 403


# In a browser


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
async def test_a_phone_asks_at_the_short_address(hub, browser, script):
    context = await browser.new_context(**PHONE, base_url=hub.url, java_script_enabled=script)
    page = await context.new_page()
    weights: list[float] = []
    hosts: set[str] = set()
    session = await context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    await session.send("Network.enable")
    await page.goto("/to-5", wait_until="networkidle")
    assert len(weights) >= 4 and sum(weights) <= 50_000
    assert hosts == {urlsplit(hub.url).netloc}
    await page.fill("#text", TEXT)
    await page.click('[data-action="send-question"]')
    await page.wait_for_url("**/h/to-5/receipt/*")
    assert await page.text_content('[data-value="text"]') == TEXT
    assert [question.text for question in await handed_down(hub)] == [TEXT]
    if script:
        assert await page.evaluate("localStorage.getItem('av-question/h/to-5')") is None
    await context.close()


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


@pytest.mark.peer
@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.soak)])
async def test_every_page_is_fit_for_old_eyes_and_thick_fingers(hub, browser, language):
    client = hub.client()
    waiting, done = await ask(client), await ask(client, "Bao giờ có đèn đường?")
    await answered(hub, (await handed_down(hub))[1], "Tuần sau. " * 20)
    context = await browser.new_context(**PHONE, base_url=hub.url)
    page = await context.new_page()
    await page.goto(f"/language/{language}")
    for path in ("/", "/to-5", waiting, done, "/h/to-5/receipt", "/h/to-5/board", "/h/to-404/"):
        await page.goto(path)
        found = await page.evaluate(MEASURE)
        assert found == {"small": [], "tiny": [], "wide": False}, path
        report = await Axe().run(page)
        assert report.response["violations"] == [], (path, report.generate_report())
    await context.close()
