"""Photos go both ways through the real link, whatever the line does, and none holds up a case."""

import asyncio
import io
import os
import re

from PIL import Image
from sqlalchemy import text

from feedback.attachments import Kind
from feedback.pictures import PDF, Sheet
from rooms.meeting import Actor
from rooms.view import Role
from ward.accounts import AccountRole

LEADER = Actor(Role.LEADER, "Bác Lan")
TEXT = "Cống ngõ 5 tắc"


def photo(size=(900, 600)):
    """Of many pieces: noise is large."""
    data = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(3 * size[0] * size[1])).save(data, "JPEG")
    return data.getvalue()


def links(page):
    return re.findall(r'href="([^"]*/photos/[0-9a-f]{16})"', page.text)


async def until(holds, seconds=40):
    async with asyncio.timeout(seconds):
        while not (found := await holds()):
            await asyncio.sleep(0.05)
    return found


async def stored(database):
    query = "SELECT sha256, public, sent, to_send FROM attachments ORDER BY seq"
    return [tuple(row) for row in await database.read(lambda c: c.execute(text(query)).all())]


async def sums(database):
    return [row[0] for row in await stored(database)]


async def test_a_photo_that_is_asked_with_is_on_both_sides(hub, link_house):
    linked = await link_house(hub)
    house = linked.house
    resident = hub.client()
    asked = await resident.post(
        "/h/to-5/ask", data={"text": TEXT}, files=[("photo", ("a.jpg", photo(), "image/jpeg"))]
    )
    receipt = asked.headers["location"]
    (there,) = links(await resident.get(receipt))
    seen = (await resident.get(there)).content
    await until(lambda: sums(house.database))
    assert await sums(house.database) == await sums(hub.database)
    (question,) = await until(lambda: _with_photos(house))
    leader = await house.client_as(Role.LEADER)
    assert (await leader.get(f"/panel/photos/{question.photos[0].id}")).content == seen
    small = await leader.get(f"/panel/photos/{question.photos[0].id}?size=small")
    assert Image.open(io.BytesIO(small.content)).size == (320, 213), "made anew on this side"

    # Asked in the house, while the line is cut again and again in the middle of it.
    await linked.hang_up()
    receipt = await house.room.ask("Đèn hỏng", name=None, via="phone", key="", by=None)
    sheet = await house.room.album.sheet(photo((1000, 800)))
    await house.room.album.add_by_receipt(receipt.code.replace("-", ""), sheet)
    assert len(sheet.content) > 16 * 16 * 1024, "of more pieces than one spell of the line takes"
    for _ in range(2):
        before = (await stored(house.database))[-1]
        await linked.dial()
        await until(lambda was=before: _more_sent(house, was))
        await linked.hang_up()
    cut = (await stored(house.database))[-1]
    assert cut[2] > 0, "it goes on where it was"
    page = await hub.client().get(f"/h/to-5/receipt/{receipt.code}")
    assert "Đèn hỏng" in page.text, "its case did not wait for it"
    await linked.dial()
    await until(lambda: _is(hub.database, 2))
    assert await sums(hub.database) == await sums(house.database)
    (there,) = links(await hub.client().get(f"/h/to-5/receipt/{receipt.code}"))
    assert (await hub.client().get(there)).content == sheet.content
    left = "SELECT count(*) FROM attachment_pieces"
    assert await hub.database.read(lambda c: c.execute(text(left)).scalar_one()) == 0
    await until(lambda: _all_sent(house.database))

    # What everybody may see, the other side shows too.
    shown = next(q for q in house.room.view.value.questions if q.text == "Đèn hỏng")
    await house.room.show_photos(LEADER, shown.id, True)
    await house.room.answer_question(LEADER, shown.id, "Đã thay.")
    paper = Sheet(PDF, b"%PDF-1.7\n%%EOF\n")
    await house.room.attach_to_answer(LEADER, shown.id, [paper])
    board = await until(lambda: _both(hub))
    assert [link.split("/")[2] for link in links(board)] == ["to-5", "to-5"]
    assert (await hub.client().get(links(board)[1])).content == paper.content


async def test_a_house_sends_nothing_of_others_and_no_file_that_is_none(hub, link_house):
    """One that was broken into."""
    linked = await link_house(hub)
    other = await hub.site.desk("to-6").ask(TEXT, name=None, key="")
    theirs = await hub.database.read(
        lambda c: c.execute(text("SELECT id FROM cases WHERE house = 'to-6'")).scalar_one()
    )
    assert other.code
    album = linked.house.room.album
    own = await linked.house.room.ask(TEXT, name=None, via="phone", key="", by=None)
    for case_id, sheet in (
        (theirs, await album.sheet(photo((60, 40)))),
        (own.question_id, Sheet("image/jpeg", b"<script>alert(1)</script>")),
        (own.question_id, Sheet(PDF, b"MZ")),
    ):
        await album.add(case_id, Kind.ASKED, sheet, by="resident")

    await until(lambda: _all_sent(linked.house.database))
    assert await stored(hub.database) == []


async def test_an_answer_is_published_with_what_its_handler_chose(hub, link_house):
    """From the house up to the ward, and the answer with its photo and paper down again."""
    linked = await link_house(hub)
    room = linked.house.room
    receipt = await room.ask(TEXT, name=None, via="phone", key="", by=None)
    code = receipt.code.replace("-", "")
    await room.album.add_by_receipt(code, await room.album.sheet(photo((320, 200))))
    linked.house.ends_at_once()
    await room.start_meeting(LEADER)
    await room.end_meeting(LEADER)
    case = receipt.question_id
    handler = await hub.client_as(AccountRole.HANDLER)
    await until(lambda: _opens(handler, case))
    await until(lambda: _is(hub.database, 1))
    page = await press(handler, case, "take")
    page = await handler.get(f"/work/{case}")
    (asked,) = links(page)
    assert (await handler.get(asked)).headers["content-type"] == "image/jpeg"
    stranger = hub.client()
    assert (await stranger.get(asked)).status_code == 303, "log in first"

    done = {"text": "Đã thông cống", "office": "Phòng Kinh tế", "done_on": "2026-11-20"}
    pictures = [("photo", (f"{i}.jpg", photo((64 + i, 48)), "image/jpeg")) for i in range(2)]
    paper = ("photo", ("bb.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf"))
    # What is missing is said, and neither the words nor the photos are lost.
    late = await press(handler, case, "publish", files=[*pictures, paper], **done | {"office": ""})
    assert late.status_code == 422 and "Đã thông cống" in late.text
    kept = re.findall(r'name="with" value="([0-9a-f]{16})"', late.text)
    assert len(kept) == 3
    broken = await press(
        handler, case, "publish", files=[("photo", ("x", b"MZ"))], **done, **{"with": kept}
    )
    assert broken.status_code == 422 and 'data-code="picture.not_one"' in broken.text
    assert "Đã thông cống" in broken.text
    for one in kept:
        assert (await stranger.get(f"/h/to-5/board/photos/{one}")).status_code == 404, "a draft"
    chosen = {"with": [kept[0], kept[2]], "listed": kept}
    answer = await press(handler, case, "publish", **done, **chosen)
    assert answer.status_code == 303, answer.text
    board = await stranger.get("/h/to-5/board")
    assert links(board) == [f"/h/to-5/board/photos/{one}" for one in (kept[0], kept[2])]
    assert (await handler.get(f"/work/{case}/photos/{kept[1]}")).status_code == 404, "taken out"

    # In the house, on its own board and under the receipt; the resident's own stays his.
    phone = linked.house.client()
    board = await until(lambda: _shows(phone, "/board", 2))
    assert links(board) == [f"/board/photos/{one}" for one in (kept[0], kept[2])]
    assert len(links(await phone.get(f"/receipt/{code}"))) == 3
    again = done | {"photos_shown": "yes", "with": kept[0], "listed": [kept[0], kept[2]]}
    await press(handler, case, "publish", **again)
    board = await until(lambda: _shows(phone, f"/receipt/{code}", 2))
    assert len(links(await phone.get("/board"))) == 2, "the one of the question, and of the answer"
    assert (await phone.get(f"/board/photos/{kept[2]}")).status_code == 404, "taken back"


async def press(client, case, action, *, files=None, **fields):
    page = (await client.get(f"/work/{case}")).text
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    return await client.post(f"/work/{case}/{action}", data={"seen": seen, **fields}, files=files)


async def _opens(handler, case):
    return (await handler.get(f"/work/{case}")).status_code == 200


async def _shows(phone, path, number):
    page = await phone.get(path)
    return page if len(links(page)) == number else None


async def _with_photos(house):
    return [q for q in house.room.view.value.questions if q.photos]


async def _more_sent(house, before):
    row = (await stored(house.database))[-1]
    return row[2] > before[2] or not row[3]


async def _all_sent(database):
    return all(not row[3] for row in await stored(database))


async def _is(database, number):
    return len(await stored(database)) == number


async def _both(hub):
    board = await hub.client().get("/h/to-5/board")
    return board if len(links(board)) == 2 else None
