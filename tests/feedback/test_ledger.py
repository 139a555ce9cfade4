"""Every lawful change of a case is in the ledger, in the same transaction, in one chain."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from config.feedback import FeedbackSection
from feedback import ledger, store
from feedback.case import CaseState, Place
from feedback.desk import Desk
from feedback.handover import Question, take_over
from feedback.intake import check, receive
from feedback.ledger_lines import LedgerEntry, Tally, commitment
from feedback.rules import Rules
from storage.engine import Database

NOW = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
CONTENT = "Đèn đường ngõ 5 hỏng"
RULES = Rules.of(FeedbackSection(), here=Place.HOUSE)
WARD_RULES = Rules.of(FeedbackSection(), here=Place.WARD)


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


async def take(database, text=CONTENT, *, key="", alongside=lambda _connection, _case: None):
    draft = check(text, name="Bà Bình", via="phone", key=key)
    case, _ = await receive(database, draft, RULES, by="resident", now=NOW, alongside=alongside)
    return case


async def close(database, case, state=CaseState.ANSWERED, text="Mai sửa"):
    await database.write(
        lambda c: store.close(c, case.id, state, text, answered_by="An", by="leader An", at=NOW)
    )


@pytest.fixture
def entries(outside):
    def read():
        rows = outside("SELECT line FROM ledger ORDER BY number")
        return [LedgerEntry.read(json.loads(line)) for (line,) in rows]

    return read


def kinds(entries):
    return [(entry.kind, entry.case) for entry in entries]


def sums(entries, house=None):
    tally = Tally()
    for entry in entries:
        tally.add(entry)
    return {name: count for name, count in tally.sums(house).items() if count}


def check_chain(entries):
    previous = "0" * 64
    for number, entry in enumerate(entries):
        assert (entry.number, entry.previous) == (number, previous)
        assert entry.right_hash() == entry.hash
        previous = entry.hash


async def test_each_change_has_its_entry(database, entries):
    first, second = await take(database), await take(database)
    await close(database, first)
    await database.write(lambda c: store.reopen(c, first.id, by="leader An", at=NOW))
    await close(database, first, CaseState.REFUSED, "Không thuộc tổ")
    found = entries()
    check_chain(found)
    assert kinds(found) == [
        ("begun", 0),
        ("received", 1),
        ("received", 2),
        ("answered", 1),
        ("reopened", 1),
        ("refused", 1),
    ]
    assert sums(found) == {"received": 2, "refused": 1, "open": 1}
    assert second.text not in json.dumps([entry.body() for entry in found], ensure_ascii=False)
    assert {entry.at for entry in found[1:]} == {"2026-03-01T19:30:00.000000Z"}


async def test_an_entry_commits_to_what_was_said(database, entries, outside):
    case = await take(database)
    await close(database, case)
    ((salt,),) = outside("SELECT salt FROM case_seals")
    _, received, answered = entries()
    said = {"number": 1, "receipt": case.receipt, "text": CONTENT, "who": "resident"}
    assert received.commitment == commitment(salt, said)
    said = {"number": 2, "receipt": None, "text": "Mai sửa", "who": "leader An"}
    assert answered.commitment == commitment(salt, said)


async def test_a_change_that_fails_leaves_no_entry(database, entries):
    def fail(_connection, _case):
        raise ZeroDivisionError

    await take(database)
    with pytest.raises(ZeroDivisionError):
        await take(database, "Câu khác", alongside=fail)
    assert kinds(entries()) == [("begun", 0), ("received", 1)]


async def test_sent_twice_is_received_once(database, entries):
    await asyncio.gather(*(take(database, key="k1") for _ in range(20)))
    assert kinds(entries()) == [("begun", 0), ("received", 1)]


async def test_many_at_once_are_one_chain(database, entries):
    await asyncio.gather(*(take(database) for _ in range(100)))
    check_chain(entries())
    assert sums(entries()) == {"received": 100, "open": 100}


async def test_a_change_that_does_not_say_whether_it_is_public_is_a_mistake(database):
    case = await take(database)
    unheard_of = store.Entry(case.id, NOW, "leader An", "sung")
    with pytest.raises(KeyError, match="sung"):
        await database.write(lambda c: store.append(c, unheard_of))
    assert {state.value for state in CaseState if not state.is_open} <= ledger.KINDS.keys()


async def test_what_is_handed_down_stands_in_both_ledgers(database, entries):
    desk = Desk(database, "to-5", WARD_RULES)
    await desk.ask(CONTENT, name=None, key="k1")
    await Desk(database, "to-9", WARD_RULES).ask(CONTENT, name=None, key="k1")
    (parcel,) = await desk.outbox().oldest(9)
    for _ in range(2):
        await desk.outbox().handed_over(parcel.id)
    found = entries()
    assert kinds(found) == [("begun", 0), ("received", 1), ("received", 2), ("handed_over", 1)]
    assert [entry.facts.get("house") for entry in found[1:]] == ["to-5", "to-9", None]
    assert sums(found) == {"received": 2, "handed_over": 1, "open": 1}
    assert sums(found, "to-5") == {"received": 1, "handed_over": 1}
    assert sums(found, "to-9") == {"received": 1, "open": 1}


async def test_a_house_takes_over_what_the_ward_received(database, entries):
    question = Question("00112233445566aa", "K7QM3XWP9DTA", CONTENT, None, NOW)
    await database.write(lambda c: take_over(c, RULES, question))
    assert kinds(entries()) == [("begun", 0), ("taken_over", 1)]
    assert sums(entries()) == {"received": 1, "open": 1}


async def test_what_is_erased_can_no_longer_be_shown(database, entries, outside):
    open_one, answered = await take(database), await take(database)
    await close(database, answered)
    for case in (open_one, answered):
        for _ in range(2):
            await database.write(lambda c, case=case: ledger.erase(c, case.id, at=NOW))
    found = entries()
    check_chain(found)
    assert kinds(found)[-2:] == [("erased", 1), ("erased", 2)]
    assert sums(found) == {"received": 2, "answered": 1, "erased": 1}
    assert outside("SELECT salt FROM case_seals") == [(None,), (None,)]
    with pytest.raises(ValueError, match="erased"):
        await close(database, answered)


async def test_cases_of_a_time_without_a_ledger_are_adopted(database, entries, outside):
    """In their order; also by an event that comes first."""
    first, second, third = [await take(database) for _ in range(3)]
    await close(database, second)
    for table in ("ledger", "case_seals"):
        outside(f"DELETE FROM {table}")
    outside(f"UPDATE cases SET home = 'ward' WHERE id = '{third.id}'")  # handed up
    await close(database, first, CaseState.REFUSED)
    assert await database.write(ledger.adopt_all) == 2
    assert await database.write(ledger.adopt_all) == 0
    found = entries()
    check_chain(found)
    assert kinds(found) == [
        ("begun", 0),
        ("adopted", 1),
        ("refused", 1),
        ("adopted", 3),
        ("adopted", 4),
    ]
    assert sums(found) == {"received": 3, "answered": 1, "refused": 1, "handed_over": 1}
