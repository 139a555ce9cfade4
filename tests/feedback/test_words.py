"""Whoever has the receipt opens his case again, or rates the answer, wherever he looks it up."""

from dataclasses import replace
from datetime import date

import pytest

from feedback import handoff, store
from feedback.case import Answer, CaseState, Place
from feedback.casework import publish, take
from feedback.desk import Desk, words_of
from feedback.handoff import follow, offer, read_standing
from feedback.outbox import Outbox, Parcel
from feedback.receipt import parse_receipt
from feedback.words import Word, Words, known_here
from feedback.workplace import Workplace
from storage.engine import Database

ANSWER = Answer("Đã nạo vét cống.", "Phòng Kinh tế", date(2026, 12, 1))
AGAIN = Word.reopening("Lại tắc rồi")


@pytest.fixture
async def house(tmp_path, make_office):
    async with await Database.open(tmp_path / "below.db") as database:
        house = make_office(database, Place.HOUSE)

        def find(connection, typed):
            case = store.by_receipt(connection, parse_receipt(typed))
            return case and known_here(connection, case.id, "ward", house.place)

        house.words = Words(house.place, find)
        yield house


@pytest.fixture
async def ward(tmp_path, make_office):
    async with await Database.open(tmp_path / "ward.db") as database:
        ward = make_office(database, Place.WARD)
        tell = handoff.tell_house
        ward.place = Workplace(database, ward.rules, tell, now=lambda: ward.now)
        ward.desk = Desk(database, "to-5", ward.rules)
        ward.words = words_of(ward.place, "to-5")
        yield ward


def up(house):
    return Outbox(house.database, "ward")


async def carry(house, ward):
    """What there is, once in each direction."""
    take_in = {"handoff": ward.desk.take_up, "word": ward.words.hear}
    for outbox, kinds in ((up(house), take_in), (ward.desk.outbox(), None)):
        for parcel in await _waiting(outbox):
            if kinds:
                await kinds[parcel.kind](parcel.body)
            elif parcel.kind == "word":
                await house.words.hear(parcel.body)
            else:
                standing = read_standing(parcel.body)
                await house.database.write(lambda c, s=standing: follow(c, s))
            await outbox.handed_over(parcel.id)


async def _waiting(outbox):
    """What waits now; there is no end to waiting for more."""
    none = Parcel("none", "none", {})
    return [one for one in await outbox.oldest(100, lambda _: [none]) if one is not none]


@pytest.fixture
async def answered_above(house, ward):
    case = await house.received()
    await house.database.write(lambda c: offer(c, up(house), case.id, number=1))
    await carry(house, ward)
    await ward.do(take, case)
    await ward.do(publish, case, answer=ANSWER)
    await carry(house, ward)
    assert (await house.find(case)).case.answer == ANSWER.text
    return case


async def test_said_in_the_house_it_is_done_at_the_ward(house, ward, answered_above):
    for _ in range(2):
        await house.words.say(answered_above.receipt, AGAIN)
    assert len(await _waiting(up(house))) == 1, "the same word twice is one"
    assert (await house.find(answered_above)).case.state is CaseState.ANSWERED, "not its to do"
    await carry(house, ward)
    above, below = await ward.find(answered_above), await house.find(answered_above)
    assert (above.case.state, above.work.reopened) == (CaseState.WAITING, 1)
    assert (below.case.state, below.work.reopened) == (CaseState.WAITING, 1)
    assert below.work.due_at == above.work.due_at


async def test_it_is_rated_from_the_house(house, ward, answered_above, refused):
    await house.words.say(answered_above.receipt, Word.rating(4))
    await carry(house, ward)
    assert (await ward.find(answered_above)).work.rating == 4
    assert (await house.find(answered_above)).work.rating == 4
    async with refused("case.rated"):
        await house.words.say(answered_above.receipt, Word.rating(1))


async def test_what_cannot_be_is_refused_where_it_is_said(house, ward, answered_above, refused):
    async with refused("receipt.not_found"):
        await house.words.say("0000-0000-0000", AGAIN)
    async with refused("feedback.empty"):
        await house.words.say(answered_above.receipt, Word.reopening(" "))
    async with refused("case.stars"):
        await house.words.say(answered_above.receipt, Word.rating(9))
    await house.words.say(answered_above.receipt, AGAIN)
    await carry(house, ward)
    async with refused("case.not_while_waiting"):
        await house.words.say(answered_above.receipt, Word.reopening("Vẫn tắc"))


async def test_at_home_it_is_done_at_once(ward, answered_above):
    await ward.words.say(answered_above.receipt, AGAIN)
    assert (await ward.find(answered_above)).case.state is CaseState.WAITING


def copy(**more):
    return {
        "id": "00112233445566aa",
        "receipt": "K7QM3XWP9DTA",
        "revision": 2,
        "number": 3,
        "text": "Cống tắc",
        "origin": "house",
        "received_at": "2026-12-01T02:00:00Z",
        "state": "answered",
        "answer": "Mai sửa",
        "answered_at": AGAIN.at.isoformat(),
    } | more


async def test_said_at_the_hub_of_a_case_of_the_house_it_goes_down(ward, refused):
    progress = {
        "state": "answered",
        "owner": "Tổ trưởng tổ dân phố",
        "due_at": "2026-12-15T10:00:00Z",
        "due_rule": "Luật",
    }
    await ward.desk.keep_copy(copy(progress=progress))
    await ward.words.say("K7QM-3XWP-9DTA", AGAIN)
    (parcel,) = await ward.desk.outbox().oldest(9)
    assert (parcel.kind, parcel.body["id"]) == ("word", "00112233445566aa")
    assert parcel.body["text"] == AGAIN.text


async def test_a_house_of_an_older_version_is_not_spoken_to(ward, refused):
    await ward.desk.keep_copy(copy())
    async with refused("case.elsewhere"):
        await ward.words.say("K7QM-3XWP-9DTA", AGAIN)


async def test_what_comes_down_is_done_in_the_house(house):
    case = await house.received()
    await house.do(take, case, house.chief)
    await house.do(publish, case, house.chief, answer=ANSWER)
    body = {"id": case.id, "what": "reopen", "at": AGAIN.at.isoformat(), "text": "Lại tắc"}
    for _ in range(2):
        await house.words.hear(body)
    assert (await house.find(case)).work.reopened == 1
    await house.words.hear(body | {"text": "Muộn rồi"})
    await house.words.hear({"id": "x"})
    await house.words.hear(body | {"id": "f" * 16})
    assert (await house.find(case)).work.reopened == 1, "what cannot be comes to nothing"


async def test_a_house_speaks_of_its_own_cases_alone(ward, answered_above):
    stranger = words_of(ward.place, "to-9")
    said = replace(AGAIN, id=answered_above.id)
    body = {"id": said.id, "what": "reopen", "at": said.at.isoformat(), "text": said.text}
    await stranger.hear(body)
    assert (await ward.find(answered_above)).case.state is CaseState.ANSWERED
