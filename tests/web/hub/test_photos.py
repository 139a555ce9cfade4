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
    sheet = await house.room.album.sheet(photo((1600, 1200)))
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
    assert all(not row[3] for row in await stored(house.database))

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

    async def all_sent():
        return all(not row[3] for row in await stored(linked.house.database))

    await until(all_sent)
    assert await stored(hub.database) == []


async def _with_photos(house):
    return [q for q in house.room.view.value.questions if q.photos]


async def _more_sent(house, before):
    row = (await stored(house.database))[-1]
    return row[2] > before[2] or not row[3]


async def _is(database, number):
    return len(await stored(database)) == number


async def _both(hub):
    board = await hub.client().get("/h/to-5/board")
    return board if len(links(board)) == 2 else None
