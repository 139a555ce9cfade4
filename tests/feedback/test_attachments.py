"""Photos and papers in both databases, and their pieces from one to the other."""

import os

import pytest
from sqlalchemy import update

from base.cause import Refused
from feedback import attachment_way, attachments, ledger
from feedback.album import Album
from feedback.attachments import Kind
from feedback.case import Place
from feedback.pictures import JPEG, PDF, Darkroom, Sheet
from feedback.tables import cases
from storage.engine import Database


@pytest.fixture
async def ward(where, make_office):
    async with await Database.open(where) as database:
        yield make_office(database, Place.WARD)


def album_of(office, house="to-5", most=1_000_000):
    return Album(office.database, Darkroom(), house, most_bytes=most)


def jpeg(size=100):
    return Sheet(JPEG, os.urandom(size), b"small", 4, 3)


async def test_what_is_kept_counted_and_erased(ward, refused):
    case = await ward.received(house_id="to-5")
    album, sheet = album_of(ward), jpeg()
    one = await album.add(case.id, Kind.ASKED, sheet, by="resident")
    assert await album.add(case.id, Kind.ASKED, sheet, by="resident") == one
    assert (await album.content(one.id))[1] == sheet.content
    assert (await album.content(one.id, small=True))[1] == b"small"
    for _ in range(2):
        await album.add(case.id, Kind.ASKED, jpeg(), by="resident")
    async with refused("attachment.too_many"):
        await album.add(case.id, Kind.ASKED, jpeg(), by="resident")
    async with refused("attachment.no_room"):
        await album_of(ward, most=350).add(case.id, Kind.ANSWER, jpeg(), by="handler")
    async with refused("attachment.no_room"):
        await album_of(ward, None, most=50).add(case.id, Kind.ANSWER, jpeg(), by="handler")
    kept = [(what, text) for what, text, _ in await ward.lines(case) if what == "attached"]
    assert len(kept) == 3 and kept[0][1] == sheet.sha256

    # What everybody may see is one answer's, until the other side says otherwise.
    paper = await album.add(case.id, Kind.ANSWER, Sheet(PDF, b"%PDF-"), by="handler")
    other = await album.add(case.id, Kind.ANSWER, jpeg(), by="handler")

    async def run(what, *args, **more):
        return await ward.database.write(lambda c: what(c, *args, **more))

    await run(attachments.publish, case.id, [paper.id], by="handler", at=ward.now)
    await run(attachments.show, case.id, True)
    public = (await album.public_of([case.id]))[case.id]
    assert len(public) == 4 and other.id not in [found.id for found in public]
    await run(attachments.follow_shown, case.id, None)
    assert len((await album.public_of([case.id]))[case.id]) == 4
    await run(attachments.follow_shown, case.id, [one.id])
    assert [found.id for found in (await album.public_of([case.id]))[case.id]] == [one.id]
    await run(attachments.follow_shown, case.id, [])
    assert not (await album.public_of([case.id]))[case.id]
    await album.remove(case.id, one.id)
    await album.remove(case.id, other.id)
    left = (await album.of_cases([case.id]))[case.id]
    assert len(left) == 4 and other.id not in [found.id for found in left], "a draft alone goes"
    assert await run(attachments.erase, case.id) == 4
    assert await album.content(one.id) is None


async def test_whoever_asked_adds_none_to_what_was_answered(ward, refused):
    case = await ward.received(house_id="to-5")
    album, first = album_of(ward), jpeg()
    one = await album.add_by_receipt(case.receipt, first)
    await ward.database.write(
        lambda c: c.execute(update(cases).where(cases.c.id == case.id).values(state="answered"))
    )
    async with refused("attachment.answered"):
        await album.add_by_receipt(case.receipt, jpeg())
    assert await album.add_by_receipt(case.receipt, first) == one, "it was sent before"
    await ward.database.write(
        lambda c: c.execute(update(cases).where(cases.c.id == case.id).values(state="waiting"))
    )
    await album.add_by_receipt(case.receipt, jpeg())


async def test_pieces_go_on_where_they_were_and_come_together(ward):
    case = await ward.received(house_id="to-5")
    album = album_of(ward)
    content = b"%PDF-1.7\n" + os.urandom(40_000) + b"\n%%EOF\n"
    one = await album.add(case.id, Kind.ASKED, Sheet(PDF, content), by="resident")
    assert await ward.database.read(album_of(ward, "to-6").pieces) == (), "another house's"
    seen = []
    while pieces := await ward.database.read(album.pieces):
        assert len(pieces) <= attachment_way.AHEAD
        seen.append(pieces[0])  # the line is lost before the others are acknowledged
        await album.piece_sent(pieces[0].id)
        await album.piece_sent(pieces[0].id)
    assert [piece.id for piece in seen] == [f"attachment-{one.id}-{n}" for n in range(3)]

    # The other side: the same database will do, once it has it no more.
    await ward.database.write(lambda c: attachments.erase(c, case.id))
    receiver = album.receiver()
    await receiver.take({**seen[0].body, "data": "AAAA"})  # not as long as it should be
    await receiver.take({**seen[0].body, "number": -1})
    for piece in (seen[1], seen[0], seen[1]):
        await receiver.take(piece.body)
    assert await album.content(one.id) is None
    await receiver.take(seen[2].body)
    await receiver.take(seen[2].body)
    assert (await album.content(one.id))[1] == content
    assert await ward.database.read(album.pieces) == (), "it does not go back"

    # Nothing follows on a case that was erased.
    await ward.database.write(lambda c: attachments.erase(c, case.id))
    await ward.database.write(lambda c: ledger.erase(c, case.id, at=ward.now))
    for piece in seen:
        await receiver.take(piece.body)
    assert await album.content(one.id) is None
    with pytest.raises(Refused):
        await album.add_by_receipt("0" * 12, jpeg())
