"""What people ask about their data: with a clock, decided where the case is at home, known on both
sides."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from config.privacy import PrivacySection, RetentionSection
from feedback import store, votes
from feedback.case import Answer, CaseState, Place
from feedback.casework import publish, refuse, take
from feedback.data_request import Kind, RequestState
from feedback.data_requests import DataRequests
from feedback.desk import Desk
from feedback.handoff import follow, offer, read_standing, tell_house
from feedback.outbox import Outbox, Parcel
from feedback.own_data import OwnData
from feedback.retention import Retention
from feedback.tables import case_votes, outbox
from feedback.workplace import Workplace
from storage.engine import Database

NAME = "Bà Tuyết Mai"
ANSWER = Answer("Đã nạo vét cống.", "Phòng Kinh tế", date(2026, 12, 1))
SETTINGS = PrivacySection()


@pytest.fixture
async def house(tmp_path, make_office):
    async with await Database.open(tmp_path / "below.db") as database:
        house = make_office(database, Place.HOUSE)
        house.requests = DataRequests(house.place, SETTINGS, lambda _: "ward")
        yield house


@pytest.fixture
async def ward(request, tmp_path, make_office):
    """On both databases where a test names `where`."""
    both = "where" in request.fixturenames
    where = request.getfixturevalue("where") if both else tmp_path / "ward.db"
    async with await Database.open(where) as database:
        ward = make_office(database, Place.WARD)
        ward.place = Workplace(database, ward.rules, tell_house, now=lambda: ward.now)
        ward.requests = DataRequests(ward.place, SETTINGS, lambda house: house)
        ward.desk = Desk(database, "to-5", ward.rules)
        yield ward


async def carry(house, ward):
    """What there is, once in each direction."""
    up = Outbox(house.database, "ward")
    for parcel in await _waiting(house, "ward"):
        if parcel.kind == "handoff":
            await ward.desk.take_up(parcel.body)
        elif parcel.kind == "case":
            await ward.desk.keep_copy(parcel.body)
        else:
            assert parcel.kind == "privacy"
            for _ in range(2):
                await ward.requests.hear(parcel.body, "to-5")
        await up.handed_over(parcel.id)
    for parcel in await _waiting(ward, "to-5"):
        if parcel.kind == "privacy":
            await house.requests.hear(parcel.body)
        else:
            standing = read_standing(parcel.body)
            await house.database.write(lambda c, s=standing: follow(c, s))
        await ward.desk.outbox().handed_over(parcel.id)


async def _waiting(place, receiver):
    query = select(outbox).where(outbox.c.receiver == receiver).order_by(outbox.c.seq)
    rows = await place.database.read(lambda c: c.execute(query).all())
    return [Parcel(row.id, row.kind, json.loads(row.body)) for row in rows]


async def handed_up(house, ward, **more):
    case = await house.received("Cống ngõ 5 tắc, hỏi bà Mai", name=NAME, **more)
    up = Outbox(house.database, "ward")
    await house.database.write(lambda c: offer(c, up, case.id, number=1))
    await carry(house, ward)
    return case


async def states(requests, case, house_id=None):
    return [(one.kind, one.state) for one in await requests.of(case.receipt, house_id)]


async def test_it_has_its_legal_clock_and_the_same_twice_is_one(house, refused):
    case = await house.received(name=NAME)
    asked = await house.requests.ask(case.receipt, Kind.ERASE)
    # Tuesday 9:00 in Hanoi; the end of the second working day after it.
    assert asked.due_at == datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
    assert asked.due_rule == "Nghị định 356/2025/NĐ-CP, Điều 5"
    again = await house.requests.ask(case.receipt, Kind.ERASE)
    assert again.id == asked.id and await house.requests.count() == (1, 0)
    await house.requests.step()
    (filed,) = await house.requests.waiting(house.chief)
    assert (filed.request.reminded_at, filed.late) == (None, False)
    house.pass_(days=2, hours=4)
    await house.requests.step()
    (filed,) = await house.requests.waiting(house.chief)
    assert filed.request.reminded_at == house.now and not filed.late
    house.pass_(days=1)
    (filed,) = await house.requests.waiting(house.chief)
    assert filed.late and await house.requests.count() == (1, 1)
    async with refused("receipt.not_found"):
        await house.requests.ask("0000-0000-0000", Kind.ERASE)
    async with refused("privacy.name_missing"):
        await house.requests.ask(case.receipt, Kind.CORRECT_NAME, name=" ")


async def test_it_is_decided_once_by_whose_it_is_and_a_refusal_has_a_reason(house, refused):
    case = await house.received(name=NAME)
    asked = await house.requests.ask(case.receipt, Kind.CORRECT_NAME, name="Bà Mai", via="paper")
    async with refused("case.not_yours"):
        await house.requests.decide(asked.id, house.minh, RequestState.DONE)
    assert await house.requests.waiting(house.minh) == ()
    await house.requests.decide(asked.id, house.hoa, RequestState.DONE)
    await house.requests.decide(asked.id, house.hoa, RequestState.DONE)
    async with refused("privacy.decided"):
        await house.requests.decide(asked.id, house.hoa, RequestState.REFUSED, "Không")
    assert (await house.find(case)).case.name == "Bà Mai"
    erasing = await house.requests.ask(case.receipt, Kind.ERASE)
    async with refused("feedback.empty"):
        await house.requests.decide(erasing.id, house.hoa, RequestState.REFUSED, " ")
    async with refused("privacy.only_closed"):
        await house.requests.decide(erasing.id, house.hoa, RequestState.REDACTED, "Cống tắc")
    no = await house.requests.decide(erasing.id, house.hoa, RequestState.REFUSED, "Luật Lưu trữ")
    assert (no.text, no.decided_by) == ("Luật Lưu trữ", "Trần Thị Hoa")
    assert (await house.find(case)).case.text, "nothing was erased"


async def test_asked_in_the_house_it_is_done_at_the_ward_and_in_both(house, ward, where):
    case = await handed_up(house, ward)
    await house.requests.ask(case.receipt, Kind.REMOVE_NAME)
    house.pass_(minutes=1)
    asked = await house.requests.ask(case.receipt, Kind.ERASE)
    (_, away) = await house.requests.waiting(house.chief)
    assert away.away.code == "case.elsewhere"
    await carry(house, ward)
    assert len(await ward.requests.waiting(ward.hoa)) == 2
    await ward.do(take, case)
    await ward.do(publish, case, answer=ANSWER)
    await ward.requests.decide(asked.id, ward.hoa, RequestState.REDACTED, "Cống tắc")
    await carry(house, ward)
    for place, house_id in ((house, None), (ward, "to-5")):
        known = (await place.find(case)).case
        assert (known.text, known.name, known.public_text) == ("Cống tắc", None, None)
        assert known.answer == ANSWER.text and known.erased_at
        assert await states(place.requests, case, house_id) == [
            (Kind.REMOVE_NAME, RequestState.DONE),
            (Kind.ERASE, RequestState.REDACTED),
        ]
        lines = await place.database.read(lambda c: store.history(c, case.id))
        assert not any(line.text for line in lines)


async def test_asked_at_the_hub_of_a_case_of_the_house_it_is_done_there(house, ward, refused):
    case = await house.received("Cống ngõ 5 tắc", name=NAME)
    body = {
        "id": case.id,
        "receipt": case.receipt,
        "revision": 1,
        "number": 1,
        "text": case.text,
        "origin": "house",
        "received_at": case.received_at.isoformat(),
        "state": "waiting",
    }
    await ward.desk.keep_copy(body)
    asked = await ward.requests.ask(case.receipt, Kind.ERASE, house_id="to-5")
    async with refused("case.elsewhere"):
        await ward.requests.decide(asked.id, ward.chief, RequestState.DONE)
    async with refused("receipt.not_found"):
        await ward.requests.ask(case.receipt, Kind.ERASE, house_id="to-9")
    await carry(house, ward)
    await house.requests.decide(asked.id, house.chief, RequestState.DONE)
    await carry(house, ward)
    assert (await house.find(case)).case.text == ""
    view = await ward.desk.find_receipt(case.receipt)
    assert (view.text, view.erased_at) == ("", house.now)
    assert await states(ward.requests, case, "to-5") == [(Kind.ERASE, RequestState.DONE)]


async def test_a_house_speaks_of_its_own_and_decides_nothing_of_the_wards(house, ward):
    case = await handed_up(house, ward)
    asked = await house.requests.ask(case.receipt, Kind.ERASE)
    (parcel,) = await _waiting(house, "ward")
    await ward.requests.hear(parcel.body, "to-9")
    assert await ward.requests.count() == (0, 0)
    done = {"state": "done", "decided_at": "2026-12-01T03:00:00Z"}
    await ward.requests.hear(parcel.body | done, "to-5")
    await ward.requests.hear({"id": "x"}, "to-5")
    assert (await ward.find(case)).case.text, "it is the ward's to decide"
    assert await ward.requests.of(asked.receipt, "to-5") == ()


async def test_what_is_kept_is_told_whole(house, ward):
    case = await handed_up(house, ward)
    await ward.do(take, case)
    own = OwnData(ward.database, ward.requests, "to-5")
    await own.ask(case.receipt, Kind.REMOVE_NAME, "")
    kept = await own.kept(case.receipt)
    assert (kept["case"]["name"], kept["case"]["text"]) == (NAME, case.text)
    assert [line["what"] for line in kept["history"]] == ["taken_over", "taken"]
    assert kept["history"][-1]["who"] == "handler", "a role, no name"
    assert kept["ledger"]["number"] and kept["requests"][0]["kind"] == "remove_name"
    assert await OwnData(ward.database, ward.requests, "to-9").kept(case.receipt) is None


async def test_what_was_kept_long_enough_goes_by_rule(house, ward, where):
    rules = tuple(
        RetentionSection(what=what, after_days=days, rule="Luật")
        for what, days in (("names", 30), ("dismissed", 60), ("votes", 5), ("requests", 90))
    )
    answered, dismissed = await handed_up(house, ward), await handed_up(house, ward, key="2")
    still_open = await handed_up(house, ward, key="3")
    await ward.do(take, answered)
    await ward.do(publish, answered, answer=ANSWER)
    await ward.do(refuse, dismissed, reason="Việc riêng", next_holder="Tòa án")
    await ward.database.write(lambda c: votes.cast(c, answered.id, "m", b"d" * 32, ward.now))
    await carry(house, ward)
    retention = Retention(ward.place, ward.requests, rules)
    assert await retention.step() == 0

    def due():
        return {one.rule.what: one.count for one in before}

    ward.pass_(days=31)
    before = await retention.due()
    assert due() == {"names": 2, "dismissed": 0, "votes": 1, "requests": 0}
    while await retention.step():
        pass
    assert (await ward.find(answered)).case.name is None
    assert (await ward.find(answered)).case.text and (await ward.find(dismissed)).case.text
    assert (await ward.find(still_open)).case.name == NAME
    assert ("name_removed", None, "Luật") in await ward.lines(answered)
    query = select(case_votes.c.case_id)
    assert await ward.database.read(lambda c: c.execute(query).all()) == []
    ward.pass_(days=30)
    while await retention.step():
        pass
    assert (await ward.find(dismissed)).case.erased_at == ward.now
    assert (await ward.find(answered)).case.answer == ANSWER.text, "an answer stays"
    await carry(house, ward)
    below = await house.find(dismissed)
    assert (below.case.text, below.case.state) == ("", CaseState.REFUSED)
    (told,) = await house.requests.of(dismissed.receipt)
    assert (told.via, told.due_rule) == ("rule", "Luật")
    ward.now += timedelta(days=91)
    before = await retention.due()
    assert due()["requests"] == 1
    assert await retention.step() and await retention.due()
    assert await ward.requests.of(dismissed.receipt, "to-5") == ()
