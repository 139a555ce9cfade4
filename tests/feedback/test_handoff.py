"""What a meeting left open goes up to the ward, once; what the ward says of it comes down."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from feedback import copies, handoff, store
from feedback.case import Answer, CaseState, Place
from feedback.casework import accept, confirm_topic, publish, refuse, take, transfer
from feedback.consent import WORDING
from feedback.desk import Desk
from feedback.handoff import follow, is_for_the_ward, offer, read_handoff, read_standing
from feedback.handover import read_copy, read_question, take_over
from feedback.outbox import Outbox
from feedback.topics import Topic
from feedback.workplace import Workplace
from storage.engine import Database
from web.link.courier import Delivery

ANSWER = Answer("Đã nạo vét cống.", "Phòng Kinh tế", date(2026, 12, 1))


@pytest.fixture
async def house(tmp_path, make_office):
    async with await Database.open(tmp_path / "below.db") as database:
        yield make_office(database, Place.HOUSE)


@pytest.fixture
async def ward(request, tmp_path, make_office):
    """On both databases where a test looks into them from `outside`."""
    looked_into = "outside" in request.fixturenames
    where = request.getfixturevalue("where") if looked_into else tmp_path / "ward.db"
    async with await Database.open(where) as database:
        office = make_office(database, Place.WARD)
        tell = handoff.tell_house
        office.place = Workplace(database, office.rules, tell, now=lambda: office.now)
        yield office


@pytest.fixture
def desk(ward):
    return Desk(ward.database, "to-5", ward.rules)


def up(house):
    return Outbox(house.database, "ward")


async def offered(house, case, number=12):
    await house.database.write(lambda c: offer(c, up(house), case.id, number=number))


async def carry_up(house, desk, *, times=1):
    for parcel in await up(house).oldest(50):
        assert Delivery(parcel.id, parcel.kind, parcel.body), "it fits into a frame"
        for _ in range(times):
            await desk.take_up(parcel.body)
        await up(house).handed_over(parcel.id)


async def carry_down(house, desk, *, times=1):
    """Those that were news."""
    news = 0
    for parcel in await desk.outbox().oldest(50):
        assert parcel.kind == "case"
        for _ in range(times):
            standing = read_standing(parcel.body)
            news += await house.database.write(lambda c, s=standing: follow(c, s))
        await desk.outbox().handed_over(parcel.id)
    return news


@pytest.fixture
async def handed(house, desk):
    """One that is at home at the ward, and both know it."""
    case = await house.received("Cống ngõ 5 tắc", name="Bà Năm")
    await offered(house, case)
    await carry_up(house, desk)
    assert await carry_down(house, desk) == 1
    return case


async def test_it_is_at_home_in_the_house_until_the_ward_has_it(house, ward, desk, refused):
    case = await house.received("Cống ngõ 5 tắc", name="Bà Năm")
    promised = (await house.find(case)).work
    await offered(house, case)
    async with refused("case.on_its_way"):
        await house.do(take, case)
    assert (await house.find(case)).case.home is Place.HOUSE
    await carry_up(house, desk)
    assert (await house.find(case)).case.home is Place.HOUSE, "the ward has not said so yet"
    above = await ward.find(case)
    assert (above.case.home, above.case.receipt, above.case.name) == (
        Place.WARD,
        case.receipt,
        "Bà Năm",
    )
    assert (above.house, above.number, above.work.owner.code) == ("to-5", 12, "office")
    assert (above.work.due_at, above.work.due_rule) == (promised.due_at, promised.due_rule)
    await carry_down(house, desk)
    below = await house.find(case)
    assert below.case.home is Place.WARD
    assert below.case.revision == above.case.revision
    async with refused("case.elsewhere"):
        await house.do(take, case)
    await ward.do(take, case)


async def test_the_house_follows_what_becomes_of_it(house, ward, desk, handed):
    await ward.do(take, handed)
    await ward.do(transfer, handed, to="economy", reason="Thoát nước")
    assert await carry_down(house, desk, times=2) == 2
    below = await house.find(handed)
    assert below.case.state is CaseState.TRANSFERRED
    assert below.work.transfer_to.name == "Phòng Kinh tế, Hạ tầng và Đô thị phường"
    await ward.do(accept, handed, ward.minh)
    await ward.do(publish, handed, ward.minh, answer=ANSWER, public_text="Cống tắc")
    await carry_down(house, desk)
    above, below = await ward.find(handed), await house.find(handed)
    assert (below.case.answer, below.case.public_text) == (ANSWER.text, "Cống tắc")
    assert (below.case.state, below.case.answered_by) == (CaseState.ANSWERED, "Lê Minh")
    assert (below.work.office, below.work.done_on) == (ANSWER.office, ANSWER.done_on)
    assert below.work.owner.name == above.work.owner.name
    assert below.case.revision == above.case.revision


async def test_an_older_word_changes_nothing(house, ward, desk, handed):
    await ward.do(take, handed)
    (older,) = await desk.outbox().oldest(1)
    await ward.do(refuse, handed, reason="Việc của điện", next_holder="Điện lực")
    await carry_down(house, desk)
    before = await house.find(handed)
    standing = read_standing(older.body)
    assert not await house.database.write(lambda c: follow(c, standing))
    assert await house.find(handed) == before
    assert (before.case.state, before.work.next_holder) == (CaseState.REFUSED, "Điện lực")


async def test_handed_up_twice_is_one_case_and_is_told_again(house, ward, desk, outside):
    """As after a kill between storing and acknowledging, on either side."""
    case = await house.received()
    await offered(house, case)
    await offered(house, case)
    (parcel,) = await up(house).oldest(50)
    await carry_up(house, desk, times=3)
    await ward.do(take, case)
    await desk.take_up(parcel.body)
    assert (await ward.find(case)).case.state is CaseState.IN_PROGRESS, "what was done stays"
    assert outside("SELECT COUNT(*) FROM cases") == [(1,)]
    kinds = [kind for (kind,) in outside("SELECT what FROM case_history ORDER BY seq")]
    assert kinds.count("taken_over") == 1
    assert await carry_down(house, desk, times=2) == 2


async def test_an_answer_to_the_offer_that_was_lost_is_asked_for_again(house, ward, desk):
    case = await house.received()
    await offered(house, case)
    await carry_up(house, desk)
    for parcel in await desk.outbox().oldest(9):
        await desk.outbox().handed_over(parcel.id)  # a hub that was set back to a backup
    await offered(house, case)
    await carry_up(house, desk)
    assert await carry_down(house, desk) == 1
    assert (await house.find(case)).case.home is Place.WARD


async def test_what_the_ward_received_comes_back_under_its_own_receipt(house, ward, desk):
    """Also where the house has not said yet that it had come down."""
    receipt = await desk.ask("Bao giờ sửa đèn?", name="Bà Năm", key="k1")
    (parcel,) = await desk.outbox().oldest(9)
    question = read_question(parcel.body)
    case = await house.database.write(lambda c: take_over(c, house.rules, question))
    await offered(house, case, number=3)
    await carry_up(house, desk)
    assert {parcel.kind for parcel in await desk.outbox().oldest(9)} == {"case"}
    await desk.outbox().handed_over(parcel.id)  # it comes late
    above = await ward.find(case)
    assert (above.case.home, above.number, above.case.name) == (Place.WARD, 3, "Bà Năm")
    await carry_down(house, desk)
    found = await desk.find_receipt(receipt.code)
    assert (found.home, found.number, found.over) == (Place.WARD, 3, True)
    assert (found.progress.owner, found.progress.state) == (
        "Văn phòng HĐND và UBND phường",
        CaseState.WAITING,
    )
    assert await desk.ask("Bao giờ sửa đèn?", name="Bà Năm", key="k1") == receipt


async def test_the_wards_board_and_receipt_show_it_as_its_own(ward, desk, handed):
    await ward.do(take, handed)
    await ward.do(publish, handed, answer=ANSWER, public_text="Cống tắc")
    found = await desk.find_receipt(handed.receipt)
    assert (found.state, found.answer, found.number) == ("answered", ANSWER.text, 12)
    assert (found.progress.office, found.progress.done_on) == (ANSWER.office, ANSWER.done_on)
    (shown,) = await desk.answered(10)
    assert (shown.text, shown.number, shown.office) == ("Cống tắc", 12, ANSWER.office)
    other = Desk(ward.database, "to-9", ward.rules)
    assert await other.answered(10) == ()
    assert await other.find_receipt(handed.receipt) is None


async def test_the_board_has_the_newest_first_wherever_it_was_answered(ward, desk, handed):
    await ward.do(take, handed)
    await ward.do(publish, handed, answer=ANSWER)
    for number, hours in ((1, -1), (2, 1)):
        body = {
            "id": f"{number:016x}",
            "receipt": f"K7QM3XWP9DT{number}",
            "revision": 2,
            "number": number,
            "text": "Câu khác",
            "origin": "house",
            "received_at": ward.now.isoformat(),
            "state": "answered",
            "answer": f"Lần {number}",
            "answered_at": (ward.now + timedelta(hours=hours)).isoformat(),
        }
        await desk.keep_copy(body)
    answers = ["Lần 2", ANSWER.text, "Lần 1"]
    assert [row.answer for row in await desk.answered(10)] == answers
    assert [row.answer for row in await desk.answered(2)] == answers[:2]


async def test_a_copy_that_comes_late_does_not_bring_the_old_state_back(ward, desk, handed):
    stale = {
        "id": handed.id,
        "receipt": handed.receipt,
        "revision": 99,
        "number": 12,
        "text": handed.text,
        "origin": "house",
        "received_at": ward.now.isoformat(),
        "state": "answered",
        "answer": "Không sửa",
        "answered_at": ward.now.isoformat(),
    }
    await desk.keep_copy(stale)
    assert (await desk.find_receipt(handed.receipt)).answer is None
    assert await ward.database.read(lambda c: copies.by_receipt(c, "to-5", handed.receipt)) is None


async def test_a_hidden_name_does_not_go_up(house, ward, desk):
    case = await house.received(name="Bà Năm", name_hidden=True, consent=WORDING)
    await offered(house, case)
    (parcel,) = await up(house).oldest(1)
    assert "Bà Năm" not in str(parcel.body)
    await carry_up(house, desk)
    above = (await ward.find(case)).case
    assert (above.name, above.name_hidden) == (None, True)
    assert (await house.find(case)).case.name == "Bà Năm"
    seen = await desk.find_receipt(case.receipt)
    assert (seen.home, seen.consent, seen.name_hidden) == (Place.WARD, case.consent, True)


async def test_a_house_speaks_for_its_own_cases_alone(house, ward, desk, handed, outside):
    stranger = Desk(ward.database, "to-9", ward.rules)
    other = await house.received("Câu khác")
    await offered(house, other)
    parcel = (await up(house).oldest(9))[-1]
    for theirs in (
        {"id": handed.id, "receipt": handed.receipt},
        {"id": "f" * 16, "receipt": handed.receipt},
        {"id": handed.id},
    ):
        await stranger.take_up(parcel.body | theirs)
    assert outside("SELECT id FROM cases") == [(handed.id,)]
    assert (await ward.find(handed)).house == "to-5"


async def test_the_ward_speaks_of_what_it_was_given_alone(house):
    case = await house.received()
    dossier = await house.find(case)
    theirs = await house.database.read(lambda c: handoff._standing(c, dossier))
    before = dossier
    for case_id in (case.id, "f" * 16):
        said = replace(theirs, id=case_id, revision=9, state=CaseState.REFUSED)
        assert not await house.database.write(lambda c, s=said: follow(c, s))
    assert await house.find(case) == before


async def test_what_is_for_the_ward(house):
    case = await house.received()
    assert is_for_the_ward(await house.find(case), house.rules)
    await house.do(confirm_topic, case, house.chief, topic=Topic.BLOCK_LIFE)
    assert not is_for_the_ward(await house.find(case), house.rules), "the block's own"
    await house.do(take, case, house.chief)
    await house.do(transfer, case, house.chief, to="economy", reason="Việc của phường")
    assert is_for_the_ward(await house.find(case), house.rules), "handed on by the leader"
    taken = await house.received()
    await house.do(take, taken)
    assert not is_for_the_ward(await house.find(taken), house.rules), "somebody is at it"


async def test_what_the_leader_handed_on_waits_for_that_authority(house, ward, desk):
    case = await house.received()
    await house.do(confirm_topic, case, house.chief, topic=Topic.BLOCK_LIFE)
    await house.do(transfer, case, house.chief, to="economy", reason="Việc của phường")
    await offered(house, case)
    await carry_up(house, desk)
    above = await ward.find(case)
    assert above.case.state is CaseState.TRANSFERRED
    assert (above.work.transfer_to.code, above.work.owner.code) == ("economy", "office")
    await ward.do(accept, case, ward.minh)
    lines = [what for what, _, _ in await ward.lines(case)]
    assert {"topic_confirmed", "transferred"} <= set(lines), "what the house did is known here"


async def test_an_authority_that_the_ward_does_not_know_is_replaced(house, ward, desk):
    case = await house.received()
    await offered(house, case)
    (parcel,) = await up(house).oldest(1)
    standing = parcel.body["standing"] | {"owner": "no-such-office", "topic": "public-safety"}
    await desk.take_up(parcel.body | {"standing": standing})
    assert (await ward.find(case)).work.owner.code == "police"


async def test_a_long_history_still_fits(house, desk, ward):
    text = "Đường ngõ 5 ngập nặng. " * 80
    case = await house.received(text[:2000])
    for number in range(60):
        entry = store.Entry(case.id, house.now, "leader An", "drafted", f"{number} {text[:1900]}")
        await house.database.write(lambda c, e=entry: store.append(c, e))
    await offered(house, case)
    await carry_up(house, desk)
    lines = [text for what, text, _ in await ward.lines(case) if what == "drafted"]
    assert lines and lines[-1].startswith("59 "), "the newest"


WRONG = [
    {"id": "x"},
    {"receipt": "ILOU"},
    {"number": 0},
    {"text": ""},
    {"text": "x" * 4001},
    {"via": "?"},
    {"standing": {}},
    {"history": [{"at": "gestern"}]},
    {"received_at": "2026-07-22T13:15:00"},
]


async def test_what_makes_no_sense_is_dropped_and_what_is_newer_is_read(house, desk, ward):
    case = await house.received()
    await offered(house, case)
    (parcel,) = await up(house).oldest(1)
    for wrong in WRONG:
        await desk.take_up(parcel.body | wrong)
        assert await desk.find_receipt(case.receipt) is None, wrong
    future = read_handoff(parcel.body | {"future": "?"})
    assert future == read_handoff(parcel.body)
    assert read_standing({"id": case.id}) is None


def test_a_copy_of_an_older_house_says_nothing_of_who_deals_with_it():
    body = {
        "id": "00112233445566aa",
        "receipt": "K7QM3XWP9DTA",
        "revision": 1,
        "number": 3,
        "text": "Cống tắc",
        "origin": "house",
        "received_at": datetime(2026, 7, 22, tzinfo=UTC).isoformat(),
        "state": "approved",
    }
    copy = read_copy(body)
    assert (copy.progress, copy.over) == (None, False)
