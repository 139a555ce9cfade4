"""A case has one home; what travels may come late, twice, or from a stranger."""

import pytest

from config.feedback import FeedbackSection
from feedback import store
from feedback.case import Place
from feedback.consent import WORDING
from feedback.desk import Desk
from feedback.handover import read_copy, read_question, take_over, tell
from feedback.outbox import Outbox
from feedback.rules import Rules
from storage.engine import Database

TEXT = "Bao giờ sửa cống ngõ 5?"
RULES = Rules.of(FeedbackSection(), here=Place.WARD)


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


@pytest.fixture
def desk(database):
    return Desk(database, "to-5", RULES)


def copy(**more):
    body = {
        "id": "00112233445566aa",
        "receipt": "K7QM3XWP9DTA",
        "revision": 1,
        "number": 3,
        "text": TEXT,
        "origin": "house",
        "received_at": "2026-07-22T13:15:00+00:00",
        "state": "waiting",
    }
    return body | more


def answer(text, revision, at="2026-07-22T14:00:00Z"):
    return {"revision": revision, "state": "answered", "answer": text, "answered_at": at}


async def sent(desk):
    return [parcel.body for parcel in await desk.outbox().oldest(50)]


# Down


async def test_a_question_is_at_the_ward_until_the_house_has_it(desk):
    receipt = await desk.ask(TEXT, name="Bà Năm", key="k1")
    assert await desk.ask(TEXT, name="Bà Năm", key="k1") == receipt
    (parcel,) = await desk.outbox().oldest(50)
    assert parcel.kind == "question"
    question = read_question(parcel.body)
    assert (question.text, question.name) == (TEXT, "Bà Năm")
    found = await desk.find_receipt(receipt.code.lower())
    assert (found.origin, found.home, found.state) == (Place.WARD, Place.WARD, "waiting")

    await desk.outbox().handed_over(parcel.id)
    assert (await desk.find_receipt(receipt.code)).home is Place.HOUSE
    assert await desk.ask(TEXT, name="Bà Năm", key="k1") == receipt, "a phone that asks once more"
    await desk.ask("Câu khác ạ", name=None, key="k1")
    assert [body["text"] for body in await sent(desk)] == ["Câu khác ạ"]


async def test_the_name_is_forgotten_with_the_hand_over(database, desk, outside):
    await desk.ask(TEXT, name="Bà Năm", key="k1")
    (parcel,) = await desk.outbox().oldest(50)
    await desk.outbox().handed_over(parcel.id)
    assert outside("SELECT name FROM cases") == [(None,)]


async def test_one_phone_asks_two_houses(database, desk):
    other = Desk(database, "to-9", RULES)
    first, second = [await each.ask(TEXT, name=None, key="k1") for each in (desk, other)]
    assert first != second
    assert await other.find_receipt(first.code) is None
    assert len(await sent(desk)) == len(await sent(other)) == 1


# Up


async def test_copies_that_come_late_or_twice_change_nothing(desk):
    for body in (
        copy(),
        copy(**answer("Tháng 9 sửa.", 3)),
        copy(**answer("Tháng 9 sửa.", 3)),
        copy(),
        copy(revision=2, state="approved"),
    ):
        await desk.keep_copy(body)
    found = await desk.find_receipt("K7QM-3XWP-9DTA")
    assert (found.state, found.answer, found.number) == ("answered", "Tháng 9 sửa.", 3)
    assert [row.answer for row in await desk.answered(10)] == ["Tháng 9 sửa."]
    await desk.keep_copy(copy(revision=4, state="approved"))
    assert await desk.answered(10) == (), "opened again"
    assert (await desk.find_receipt("K7QM3XWP9DTA")).answer is None


async def test_a_hidden_name_goes_down_apart_from_the_others_and_never_comes_back(
    office, database, desk
):
    """A house of before, which looks at `name` alone, has a question without a name."""
    more = {"name": "Bà Năm", "name_hidden": True, "consent": WORDING}
    receipt = await desk.ask(TEXT, key="k1", **more)
    (parcel,) = await desk.outbox().oldest(50)
    assert (parcel.body["name"], parcel.body["hidden_name"]) == (None, "Bà Năm")
    asked = await desk.find_receipt(receipt.code)
    assert (asked.consent.version, asked.name_hidden) == (WORDING, True)

    question = read_question(parcel.body)
    case = await office.database.write(lambda c: take_over(c, office.rules, question))
    below = (await office.find(case)).case
    assert (below.name, below.name_hidden, below.name_for_handlers) == ("Bà Năm", True, None)
    assert below.consent == asked.consent, "given when it was asked"

    outbox = Outbox(office.database, "ward")
    await office.database.write(lambda c: tell(c, outbox, case.id, number=1, state="waiting"))
    (told,) = await outbox.oldest(9)
    assert "Bà Năm" not in str(told.body)
    await desk.outbox().handed_over(parcel.id)
    await desk.keep_copy(told.body)
    found = await desk.find_receipt(receipt.code)
    assert (found.home, found.consent, found.name_hidden) == (Place.HOUSE, asked.consent, True)
    kept = await database.read(lambda c: store.by_id(c, case.id))
    assert kept.name is None, "it is forgotten once the house has it"


async def test_the_board_has_the_newest_answer_first(desk):
    for n in range(4):
        at = f"2026-07-22T1{n}:00:00Z"
        await desk.keep_copy(
            copy(id=f"{n:016x}", receipt=f"K7QM3XWP9DT{n}", **answer(f"Lần {n}", 2, at))
        )
    assert [row.answer for row in await desk.answered(2)] == ["Lần 3", "Lần 2"]


async def test_the_answer_is_found_under_the_wards_own_receipt(desk):
    receipt = await desk.ask(TEXT, name=None, key="k1")
    (parcel,) = await desk.outbox().oldest(50)
    known = {"id": parcel.body["id"], "receipt": parcel.body["receipt"], "origin": "ward"}
    await desk.keep_copy(copy(**known, **answer("Mai sửa.", 2)))
    found = await desk.find_receipt(receipt.code)
    assert (found.answer, found.origin, found.home) == ("Mai sửa.", Place.WARD, Place.HOUSE)


async def test_a_house_speaks_for_its_own_cases_alone(database, desk):
    await desk.keep_copy(copy())
    await desk.ask(TEXT, name=None, key="k1")
    (asked,) = await sent(desk)
    other = Desk(database, "to-9", RULES)
    for theirs in (
        {"receipt": "AAAAAAAAAAAA"},
        {"id": "f" * 16},
        {"id": asked["id"], "receipt": asked["receipt"]},
    ):
        await other.keep_copy(copy(**theirs, **answer("Không sửa đâu!", 9)))
    assert await other.answered(10) == await desk.answered(10) == ()
    assert (await desk.find_receipt("K7QM3XWP9DTA")).state == "waiting"
    assert (await desk.find_receipt(asked["receipt"])).home is Place.WARD


WRONG = [
    {"id": "x"},
    {"receipt": "ILOU"},
    {"revision": 0},
    {"number": "ba"},
    {"text": ""},
    {"text": "x" * 4001},
    {"origin": "moon"},
    {"received_at": "2026-07-22T13:15:00"},
    {"state": "Đã trả lời"},
    {"answer": 7},
]


async def test_what_makes_no_sense_is_dropped_and_holds_nothing_up(desk):
    for wrong in WRONG:
        await desk.keep_copy(copy(**wrong))
        assert await desk.find_receipt("K7QM3XWP9DTA") is None, wrong
    assert read_copy(copy(future="?")) == read_copy(copy())


async def test_what_no_database_takes_is_cleaned(desk):
    await desk.keep_copy(copy(text="Ngõ\0 5\u202e", **answer("Mai\0 sửa", 2)))
    assert (await desk.find_receipt("K7QM3XWP9DTA")).text == "Ngõ 5"
