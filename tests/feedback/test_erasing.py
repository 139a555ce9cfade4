"""What is erased is found nowhere any more, and the ledger stays right."""

import json
from datetime import date

import pytest
from sqlalchemy import make_url

from feedback import attachments, store, votes
from feedback.case import Answer, CaseState, Place
from feedback.casework import draft_answer, publish, reopen, take, transfer
from feedback.desk import Desk
from feedback.erasing import change_name, erase
from feedback.handover import tell
from feedback.ledger_book import Book, mark
from feedback.ledger_check import check
from feedback.ledger_lines import Signer
from feedback.outbox import Outbox
from feedback.outward import Outward
from feedback.pictures import Sheet
from storage.engine import Database

SECRET = "Xuân Trường"
NAME = "Bà Nguyễn Thị Tuyết Mai"
ANSWER = Answer("Đã xây xong ở Xuân Trường", "Phòng Kinh tế", date(2026, 12, 1))
WORDS = (SECRET, "xuan truong", NAME, "Tuyết Mai")


@pytest.fixture
def place(request, tmp_path):
    """Both databases where a test names `where`."""
    both = "where" in request.fixturenames
    return request.getfixturevalue("where") if both else tmp_path / "house.db"


@pytest.fixture
async def house(place, make_office):
    async with await Database.open(place) as database:
        yield make_office(database, Place.HOUSE)


@pytest.fixture
def found(place, request):
    """In which tables one of the words stands; in SQLite also in which of its files."""

    def look(words=WORDS):
        if isinstance(place, str):
            server = request.getfixturevalue("postgres")
            name = make_url(place).database
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            names = [row[0] for row in server.run(query, name)]
            rows = {n: str(server.run(f"SELECT * FROM {n}", name)) for n in names}
            return {n for n, text in rows.items() if any(word in text for word in words)}
        files = place.parent.glob(f"{place.name}*")
        return {
            file.name for file in files if any(word.encode() in file.read_bytes() for word in words)
        }

    return look


async def checked(house, tmp_path):
    """Its export, as anybody checks it."""
    path = tmp_path / "ledger.jsonl"
    book = Book(house.database, Signer(b"k" * 32, "Tổ dân phố 5"))
    path.write_bytes(b"".join([lines async for lines in book.export()]))
    with path.open("rb") as file:
        return check(file)


async def a_full_case(house):
    """That stands wherever the words of one can stand."""
    out = Outward(house.database, ["city"], here=Place.HOUSE)
    await out.step()
    case = await house.received(f"Nhà tôi ở {SECRET}, ngõ 5", name=NAME)
    up = Outbox(house.database, "ward")

    def more(connection):
        store.reword(connection, case.id, f"Một nhà ở {SECRET}", by="leader An", at=house.now)
        votes.cast(connection, case.id, "m", b"d" * 32, house.now)
        tell(connection, up, case.id, number=1, state="approved")
        photo = Sheet("image/jpeg", SECRET.encode(), SECRET.encode(), 1, 1)
        kind, most = attachments.Kind.ASKED, 1_000
        at = house.now
        attachments.add(
            connection, case.id, kind, photo, by="resident", at=at, house=None, most_bytes=most
        )

    await house.database.write(more)
    await house.do(transfer, case, to="economy", reason=f"Việc ở {SECRET}")
    await house.database.write(lambda c: tell(c, up, case.id, number=1, state="approved"))
    while await out.step():
        pass
    return case


async def test_no_byte_of_it_is_left_and_the_ledger_is_right(house, found, tmp_path, where):
    other = await house.received("Đèn đường ngõ 9 hỏng")
    case = await a_full_case(house)
    merged = await house.received("Cùng việc đó")
    await house.database.write(
        lambda c: store.merge(c, merged.id, case.id, by="leader An", at=house.now)
    )
    assert found(), "or this test would see nothing"

    def write(connection):
        return erase(connection, case.id, by="leader An", at=house.now)

    assert await house.database.write(write) is True
    assert found() == set()
    assert await house.database.write(write) is False, "once"

    known = await house.find(case)
    assert (known.case.text, known.case.name, known.case.answer) == ("", None, None)
    assert (known.case.state, known.case.erased_at) == (CaseState.REFUSED, house.now)
    assert known.work.owner.code == "office" and known.case.receipt == case.receipt
    assert (await house.lines(case))[-1] == ("erased", None, None)
    assert (await house.find(merged)).case.same_as is None, "it is answered by itself"
    assert (await house.find(other)).case.text == "Đèn đường ngõ 9 hỏng"

    said = await checked(house, tmp_path)
    assert said.head.sums["received"] == 3
    assert (said.head.sums["erased"], said.head.sums["open"]) == (1, 2)
    begun = await house.database.read(lambda c: mark(c, case.id))
    assert begun.hash and begun.proof is None
    out = Outward(house.database, ["city"], here=Place.HOUSE)
    while await out.step():
        pass
    rows = await Outbox(house.database, "target/city").oldest(99)
    ours = [parcel for parcel in rows if parcel.subject == case.id or case.id in parcel.id]
    assert [parcel.kind for parcel in ours] == ["case.erased"]
    assert json.dumps(ours[0].body).count(case.id) and ours[0].body["text"] == ""


async def test_nothing_follows_on_what_was_erased(house, refused):
    case = await house.received(name=NAME)
    await house.database.write(lambda c: erase(c, case.id, by="leader An", at=house.now))
    for action, more in (
        (take, {}),
        (draft_answer, {"answer": ANSWER}),
        (reopen, {"reason": "Vẫn tắc"}),
    ):
        async with refused("case.erased"):
            await house.do(action, case, **more)
    await house.database.write(lambda c: tell(c, Outbox(house.database, "ward"), case.id,
                                              number=1, state="approved"))  # fmt: skip
    assert "case-" not in str(
        await house.database.read(lambda c: c.exec_driver_sql("SELECT id FROM outbox").all())
    )


async def test_a_public_answer_stays_with_nothing_but_what_everybody_may_read(
    house, found, tmp_path
):
    case = await a_full_case(house)
    plain = await house.received(f"Cống {SECRET} tắc, gọi {NAME}", name=NAME)
    await house.do(take, plain)
    answer = Answer("Đã nạo vét cống", "Phòng Kinh tế", date(2026, 12, 1))
    await house.do(publish, plain, answer=answer)
    await house.database.write(lambda c: erase(c, case.id, by="leader An", at=house.now))
    await house.database.write(
        lambda c: erase(c, plain.id, by="leader An", at=house.now, keeps="Cống tắc")
    )
    assert found() == set()
    known = (await house.find(plain)).case
    assert (known.text, known.answer, known.state) == (
        "Cống tắc",
        "Đã nạo vét cống",
        CaseState.ANSWERED,
    )
    assert (await checked(house, tmp_path)).head.sums["answered"] == 1


async def test_a_name_is_removed_or_corrected_and_the_rest_stays(house, found):
    case = await house.received("Cống ngõ 5 tắc", name=NAME)
    await house.database.write(
        lambda c: change_name(c, case.id, "Bà Mai", by="leader An", at=house.now)
    )
    assert (await house.find(case)).case.name == "Bà Mai"
    await house.database.write(
        lambda c: change_name(c, case.id, None, by="leader An", at=house.now)
    )
    assert found((NAME, "Bà Mai")) == set()
    known = (await house.find(case)).case
    assert (known.name, known.text) == (None, "Cống ngõ 5 tắc")
    assert [what for what, *_ in await house.lines(case)][-2:] == [
        "name_corrected",
        "name_removed",
    ]


async def test_the_wards_copy_goes_too_and_does_not_come_back(place, make_office, found):
    async with await Database.open(place) as database:
        ward = make_office(database, Place.WARD)
        desk = Desk(database, "to-5", ward.rules)
        body = {
            "id": "00112233445566aa",
            "receipt": "K7QM3XWP9DTA",
            "revision": 2,
            "number": 3,
            "text": f"Nhà ở {SECRET}",
            "origin": "house",
            "received_at": "2026-12-01T02:00:00Z",
            "state": "answered",
            "answer": f"Đã xong ở {SECRET}",
            "answered_at": "2026-12-01T03:00:00Z",
        }
        await desk.keep_copy(body)
        assert len(await desk.answered(9)) == 1
        await database.write(lambda c: erase(c, body["id"], by="house", at=ward.now))
        await desk.keep_copy(body | {"revision": 9})
        assert found() == set()
        assert await desk.answered(9) == ()
        view = await desk.find_receipt("K7QM-3XWP-9DTA")
        assert (view.text, view.answer, view.erased_at) == ("", None, ward.now)
        asked = body | {"id": "a" * 16, "receipt": "K7QM3XWP9DTB", "state": "approved"}
        await desk.keep_copy(asked)
        assert len(await desk.asked(None)) == 1
        await database.write(lambda c: erase(c, asked["id"], by="house", at=ward.now))
        assert await desk.asked(None) == ()
