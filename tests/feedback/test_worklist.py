"""What a handler finds to do, on both databases."""

from datetime import date

import pytest

from feedback.case import Answer, Place
from feedback.casework import accept, confirm_topic, publish, set_urgency, take, transfer
from feedback.topics import Topic, Urgency
from feedback.worklist import Counts, View, Worklist
from storage.engine import Database


@pytest.fixture
async def office(where, make_office):
    async with await Database.open(where) as database:
        yield make_office(database, Place.WARD)


@pytest.fixture
def worklist(office):
    return Worklist(office.database, office.rules, now=lambda: office.now)


async def texts(worklist, by, view, **more):
    return [dossier.case.text for dossier in await worklist.find(by, view, **more)]


async def test_mine_new_late_and_all(office, worklist):
    mine, new, done = [await office.received(text) for text in ("Của tôi", "Câu mới", "Xong rồi")]
    for case in (mine, done):
        await office.do(take, case)
    answer = Answer("Đã sửa", "Văn phòng", date(2026, 12, 1))
    await office.do(publish, done, answer=answer)
    lights = await office.received("Đèn hỏng")
    await office.do(confirm_topic, lights, topic=Topic.INFRASTRUCTURE)
    assert await worklist.counts(office.hoa) == Counts(mine=1, new=1, late=0, open=2)
    assert await worklist.counts(office.minh) == Counts(mine=0, new=1, late=0, open=1)
    assert await worklist.counts(office.chief) == Counts(mine=0, new=2, late=0, open=3)
    assert await texts(worklist, office.hoa, View.MINE) == ["Của tôi"]
    assert await texts(worklist, office.hoa, View.NEW) == ["Câu mới"]
    assert await texts(worklist, office.minh, View.NEW) == ["Đèn hỏng"]
    assert (await texts(worklist, office.hoa, View.ALL))[-1] == "Xong rồi", "closed ones last"
    office.pass_(days=30)
    assert await worklist.counts(office.hoa) == Counts(mine=1, new=1, late=2, open=2)
    assert set(await texts(worklist, office.hoa, View.LATE)) == {"Của tôi", "Câu mới"}
    assert new.id


async def test_what_was_transferred_is_new_to_whoever_is_to_acknowledge_it(office, worklist):
    case = await office.received("Cống tắc")
    await office.do(take, case)
    await office.do(transfer, case, to="economy", reason="Thoát nước")
    assert await texts(worklist, office.minh, View.NEW) == ["Cống tắc"]
    assert await texts(worklist, office.hoa, View.NEW) == []
    assert await texts(worklist, office.hoa, View.OPEN) == ["Cống tắc"], "still theirs"
    await office.do(accept, case, office.minh)
    assert await texts(worklist, office.hoa, View.ALL) == []
    assert await texts(worklist, office.minh, View.MINE) == ["Cống tắc"]


async def test_what_is_due_first_comes_first(office, worklist):
    for number in range(3):
        await office.received(f"Câu {number}")
        office.pass_(days=1)
    urgent = await office.received("Dây điện đứt")
    await office.do(set_urgency, urgent, urgency=Urgency.URGENT)
    ordered = ["Dây điện đứt", "Câu 0", "Câu 1", "Câu 2"]
    assert await texts(worklist, office.hoa, View.OPEN) == ordered
    assert await texts(worklist, office.hoa, View.OPEN, skip=1, most=2) == ordered[1:3]


@pytest.mark.parametrize(
    "words", ["cong ngo 5", "CỐNG", "ngõ 5 cống", "tắc", " đọng ", "cống ngõ 5"]
)
async def test_words_are_found_with_accents_and_without(office, worklist, words):
    await office.received("Cống ngõ 5 tắc, nước đọng")
    await office.received("Đèn đường 100% hỏng_rồi")
    assert await texts(worklist, office.hoa, View.ALL, words=words) == ["Cống ngõ 5 tắc, nước đọng"]
    assert await texts(worklist, office.hoa, View.ALL, words="0% hong_") == [
        "Đèn đường 100% hỏng_rồi"
    ]
    assert await texts(worklist, office.hoa, View.ALL, words="100_") == []


async def test_a_receipt_finds_its_case_and_a_house_its_own(office, worklist):
    first = await office.received("Cống tắc", house_id="to-5")
    await office.received("Đèn hỏng", house_id="to-9")
    code = f"{first.receipt[:4]}-{first.receipt[4:8]}-{first.receipt[8:]}".lower()
    assert await texts(worklist, office.hoa, View.ALL, words=code) == ["Cống tắc"]
    assert await texts(worklist, office.hoa, View.ALL, house="to-9") == ["Đèn hỏng"]
    assert await texts(worklist, office.hoa, View.NEW) == [], "on their way to the houses"
