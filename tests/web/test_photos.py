"""Photos of a question: by phone without JavaScript, under the receipt, by the secretary; and who
sees them."""

import asyncio
import io
import re

import httpx
from axe_playwright_python.async_playwright import Axe
from PIL import Image

from feedback import attachments
from rooms.meeting import Actor
from rooms.view import Role

TEXT = "Cống ngõ 5 tắc"
AS_JSON = {"Accept": "application/json"}
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"


def photo(colour="red", size=(640, 480), **more):
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG", **more)
    return data.getvalue()


def files(*contents):
    return [("photo", (f"{i}.jpg", one, "image/jpeg")) for i, one in enumerate(contents)]


async def ask(client: httpx.AsyncClient, *contents: bytes, text: str = TEXT, **more: str) -> str:
    answer = await client.post("/ask", data={"text": text, **more}, files=files(*contents))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def links(page):
    return re.findall(r'href="([^"]*/photos/[0-9a-f]{16})"', page.text)


async def until(look):
    async with asyncio.timeout(20):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


async def test_a_photo_comes_with_the_question_and_is_seen_by_those_who_deal_with_it(
    house, client, tmp_path
):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.0)})
    path = await ask(client, photo("red", (3000, 1500), exif=exif), photo("blue"), key="k1")
    assert "?" not in path
    receipt = await client.get(path)
    first, _ = links(receipt)
    seen = await client.get(first)
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert Image.open(io.BytesIO(seen.content)).size == (1600, 800)
    assert b"Exif" not in seen.content
    small = await client.get(f"{first}?size=small")
    assert Image.open(io.BytesIO(small.content)).size == (320, 160)
    again = await ask(client, photo("blue"), key="k1")
    assert len(links(await client.get(again))) == 2, "sent twice, stored once"

    # The queue has them, with the head of what was merged; nobody else.
    (question,) = await until(
        lambda: [q for q in house.room.view.value.questions if len(q.photos) == 2]
    )
    leader = await house.client_as(Role.LEADER)
    panel = await leader.get("/panel/questions")
    assert links(panel) == [f"/panel/photos/{one.id}" for one in question.photos]
    assert (await leader.get(links(panel)[0])).content == seen.content
    own = first.rsplit("/", 1)[1]
    stranger = house.client()
    stage = await house.client_as(Role.STAGE)
    for who, address, status in (
        (stranger, f"/panel/photos/{own}", 303),
        (stranger, f"/board/photos/{own}", 404),
        (stranger, f"/receipt/{'0' * 12}/photos/{own}", 404),
        (stage, f"/stage/photos/{own}", 404),
        (leader, f"/panel/photos/{'0' * 16}", 404),
    ):
        assert (await who.get(address)).status_code == status, address
    other = await ask(stranger, photo("green"), text="Một câu khác")
    crossed = await stranger.get(f"{other}/photos/{own}")
    assert crossed.status_code == 404, "a receipt opens the photos of its own question"

    # Until somebody says so.
    shown = {"question": question.id, "shown": "yes"}
    assert (await leader.post("/do/show-photos", data=shown, headers=AS_JSON)).status_code == 204
    assert (await stranger.get(f"/board/photos/{own}")).content == seen.content
    assert (await stage.get(f"/stage/photos/{own}")).content == seen.content
    await until(lambda: house.room.view.value.questions[0].photos[0].public)
    assert 'data-action="hide-photos"' in (await leader.get("/panel/questions")).text
    await leader.post("/do/show-photos", data=shown | {"shown": "no"}, headers=AS_JSON)
    assert (await stranger.get(f"/board/photos/{own}")).status_code == 404

    # Its hash stands in the ledger, and erasing takes the photo and leaves that.
    history = await house.room.workplace.history(question.id)
    lines = [line.text for line in history if line.what == "attached"]
    assert lines == [one.sha256 for one in question.photos]
    erased = await house.database.write(lambda c: attachments.erase(c, question.id))
    assert erased == 2
    assert (await client.get(first)).status_code == 404


async def test_a_question_is_received_whatever_its_photo_is(house, client):
    four = [photo(colour) for colour in ("red", "blue", "green", "white")]
    for contents, code, kept in (
        ([HEIC], "picture.heic", 0),
        ([photo("red")[:700]], "picture.broken", 0),
        ([b"x" * 12_000_001], "picture.too_large", 0),
        (four, "attachment.too_many", 3),
        ([photo("red"), b"MZ"], "picture.not_one", 1),
    ):
        path = await ask(client, *contents, text=f"{TEXT} {code}")
        assert path.endswith(f"?photo={code}")
        page = await client.get(path)
        assert f'data-code="{code}"' in page.text
        assert "Câu hỏi đã nhận, nhưng có ảnh thì chưa" in page.text
        assert len(links(page)) == kept
    assert len(house.room.view.value.questions) == 5
    address = f"{path.partition('?')[0]}/photos"
    added = await client.post(address, files=files(photo("yellow")))
    assert added.headers["location"].endswith("?photo=added")
    assert len(links(await client.get(added.headers["location"]))) == 2
    told = await client.post(address, files=files(HEIC), headers=AS_JSON)
    assert (told.status_code, told.json()["code"]) == (422, "picture.heic")
    assert "HEIC" in told.json()["message"]
    # A house without room for any takes the question all the same.
    house.room.album._most_bytes = 10
    path = await ask(client, photo(), text="Một câu khác")
    assert path.endswith("?photo=attachment.no_room")
    assert "attachments_megabytes" in (await client.get(path)).text


async def test_what_is_refused_for_its_words_comes_back_with_them(house, client):
    refused = await client.post("/ask", data={"text": "a", "name": "Bà Năm"}, files=files(photo()))
    assert refused.status_code == 422 and "Bà Năm" in refused.text
    assert 'enctype="multipart/form-data"' in refused.text
    assert not house.room.view.value.questions
    # Nothing else takes a large body, and not any.
    too_much = await client.post("/ask", files=files(bytes(41_000_000)))
    assert too_much.status_code == 413
    elsewhere = await client.post("/login", files=files(bytes(70_000)))
    assert elsewhere.status_code == 413


async def test_the_secretary_adds_the_slip_and_the_answer_has_a_photo_and_a_paper(house):
    secretary = await house.client_as(Role.SECRETARY, "Cô Hà")
    entered = await secretary.post(
        "/do/enter-question",
        data={"text": TEXT, "key": "k1"},
        files=files(photo("red"), HEIC),
        headers=AS_JSON,
    )
    url = entered.json()["url"]
    assert url.endswith("?photo=picture.heic")
    (question,) = await until(lambda: [q for q in house.room.view.value.questions if q.photos])
    page = await secretary.get(url)
    assert links(page) == [f"/panel/photos/{question.photos[0].id}"]
    assert 'data-value="photo-note"' in page.text

    leader = Actor(Role.LEADER, "Bác Lan")
    await house.room.approve_question(leader, question.id)
    answered = await secretary.post(
        "/do/answer-question",
        data={"question": question.id, "text": "Đã thông cống", "other": "Bác Lan"},
        files=[*files(photo("green")), ("photo", ("bb.pdf", PDF, "application/pdf"))],
        headers=AS_JSON,
    )
    assert answered.status_code == 204, answered.text
    code = (await house.room.workplace.find(question.id)).case.receipt
    phone = house.client()
    told = (await phone.get(f"/receipt/{code}", headers=AS_JSON)).json()["photos"]
    assert [(one["kind"], one["type"]) for one in told] == [
        ("asked", "image/jpeg"),
        ("answer", "image/jpeg"),
        ("answer", "application/pdf"),
    ]
    slip, _, paper = (one["id"] for one in told)
    public = await phone.get(f"/board/photos/{paper}")
    assert public.content == PDF
    assert public.headers["content-disposition"] == f'attachment; filename="{paper}.pdf"'
    assert public.headers["x-content-type-options"] == "nosniff"
    assert (await phone.get(f"/board/photos/{slip}")).status_code == 404
    board = await phone.get("/board")
    assert f'href="/board/photos/{paper}" download' in board.text and slip not in board.text
    listed = (await phone.get("/board", headers=AS_JSON)).json()["questions"][0]["photos"]
    assert [one["url"] for one in listed][1] == f"/board/photos/{paper}"
    # A correction brings others in their place.
    await secretary.post(
        "/do/answer-question",
        data={"question": question.id, "text": "Đã thông cống hôm qua"},
        files=files(photo("white")),
        headers=AS_JSON,
    )
    assert (await phone.get(f"/board/photos/{paper}")).status_code == 404


async def test_a_phone_sends_the_question_first_and_a_small_photo_after_it(
    house, browser, tmp_path
):
    large = tmp_path / "large.jpg"
    large.write_bytes(photo("red", (2400, 1800), quality=100) + bytes(500_000))
    sent = []
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    page = await context.new_page()
    page.on("request", lambda one: one.method == "POST" and sent.append(one))
    await page.goto(f"{house.url}/")
    await page.fill("#text", TEXT)
    await page.click('[data-action="open-photos"]')
    await page.set_input_files("#photo", large)
    await page.click('[data-action="send-question"]')
    await page.wait_for_selector('[data-value="photos"]')
    assert [one.url.removeprefix(house.url).split("/")[1] for one in sent] == ["ask", "receipt"]
    (stored,) = await until(lambda: [q for q in house.room.view.value.questions if q.photos])
    assert (stored.photos[0].width, stored.photos[0].height) == (1600, 1200)
    assert int(await sent[1].header_value("content-length")) < 300_000, "made smaller by the phone"

    # A line that carries the question and not its photo.
    await page.goto(f"{house.url}/")
    await page.route("**/photos", lambda route: route.abort())
    await page.fill("#text", "Một câu khác")
    await page.click('[data-action="open-photos"]')
    await page.set_input_files("#photo", large)
    await page.click('[data-action="send-question"]')
    note = await page.wait_for_selector('[data-value="photo-note"]')
    assert await note.get_attribute("data-code") == "attachment.later"
    assert len(house.room.view.value.questions) == 2
    assert not await page.evaluate("Object.keys(localStorage).length"), "nothing is left to send"
    results = await Axe().run(page)
    assert not results.response["violations"]
    await context.close()
