import asyncio
from datetime import UTC, datetime

import pytest

from base.cause import Refused
from config.feedback import FeedbackSection
from feedback import store
from feedback.case import CaseState, Place
from feedback.intake import check, give_owners, receive
from feedback.rules import Rules
from storage.engine import Database

NOW = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
RULES = Rules.of(FeedbackSection(), here=Place.HOUSE)


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


def draft(text="Đèn đường ngõ 5 hỏng", *, name="Bà Bình", via="phone", key="k1"):
    return check(text, name=name, via=via, key=key)


async def take(database, what, alongside=lambda _connection, _case: None):
    return await receive(database, what, RULES, by="resident", now=NOW, alongside=alongside)


def test_too_short_too_long_and_long_names_are_refused():
    for text, code in (
        ("", "feedback.too_short"),
        (" \x00a \n b", None),
        ("ab", "feedback.too_short"),
        ("ab\x00\x01\u202e", "feedback.too_short"),
        ("đ" * 2000, None),
        ("đ" * 2001, "feedback.too_long"),
    ):
        if code is None:
            draft(text)
            continue
        with pytest.raises(Refused) as refused:
            draft(text)
        assert refused.value.cause.code == code
    draft(name="N" * 80)
    with pytest.raises(Refused) as refused:
        draft(name="N" * 81)
    assert refused.value.cause.code == "feedback.name_too_long"


def test_an_empty_name_is_nobody():
    assert draft(name=None).name is draft(name="").name is draft(name=" \t\x00").name is None
    assert draft(name="  Bà\tBình ").name == "Bà Bình"


async def test_a_case_is_on_the_disk_when_it_is_acknowledged(database, outside):
    case, _ = await take(database, draft("Rác <b>đầy</b> đường & hôi"))
    rows = outside("SELECT id, text, name, via, state FROM cases")
    assert rows == [(case.id, "Rác <b>đầy</b> đường & hôi", "Bà Bình", "phone", "waiting")]


async def test_sent_twice_is_one_case(database):
    first, _ = await take(database, draft())
    again, _ = await take(database, draft(name="bà bình"))
    assert again == first
    cases = await asyncio.gather(*(take(database, draft(key="k2")) for _ in range(50)))
    assert len({case.id for case, _ in cases}) == 1
    assert cases[0][0].id != first.id


async def test_another_text_under_the_same_key_is_not_lost(database):
    first, _ = await take(database, draft("Đèn hỏng"))
    second, _ = await take(database, draft("Đèn hỏng, cả nước nữa"))
    assert (first.text, second.text) == ("Đèn hỏng", "Đèn hỏng, cả nước nữa")
    assert first.receipt != second.receipt


async def test_an_empty_key_is_a_new_one_each_time(database):
    first, _ = await take(database, draft(key=""))
    second, _ = await take(database, draft(key=""))
    assert first.id != second.id


async def test_what_is_stored_alongside_is_stored_with_it_or_not_at_all(database):
    def fail(_connection, _case):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await take(database, draft(), fail)
    assert await database.read(lambda c: store.by_key(c, draft().key_sha256)) is None
    case, alongside = await take(database, draft(), lambda _, case: case.receipt)
    assert alongside == case.receipt


async def test_every_change_is_in_the_history(database):
    case, _ = await take(database, draft())

    def answer(text, state=CaseState.ANSWERED):
        return database.write(
            lambda c: store.close(c, case.id, state, text, answered_by="An", by="leader An", at=NOW)
        )

    await answer("Mai sửa")
    await answer("Tối nay sửa")
    await database.write(lambda c: store.reopen(c, case.id, by="leader An", at=NOW))
    await answer("Không thuộc tổ", CaseState.REFUSED)
    found = await database.read(lambda c: store.by_receipt(c, case.receipt))
    assert (found.state, found.answer, found.answered_by, found.answered_at) == (
        CaseState.REFUSED,
        "Không thuộc tổ",
        "An",
        NOW,
    )
    history = await database.read(lambda c: store.history(c, case.id))
    assert [(entry.who, entry.what, entry.text) for entry in history] == [
        ("resident", "received", case.text),
        ("leader An", "answered", "Mai sửa"),
        ("leader An", "answered", "Tối nay sửa"),
        ("leader An", "reopened", None),
        ("leader An", "refused", "Không thuộc tổ"),
    ]


async def test_the_cases_of_an_older_version_get_an_owner_and_a_deadline(database, outside):
    kept, _ = await take(database, draft())
    left, _ = await take(database, draft(key="k2"))
    outside(f"DELETE FROM case_work WHERE case_id = '{left.id}'")
    before = (await database.read(lambda c: store.find(c, kept.id))).work
    assert await database.write(lambda c: give_owners(c, RULES)) == 1
    assert await database.write(lambda c: give_owners(c, RULES)) == 0
    works = [
        (await database.read(lambda c, i=i: store.find(c, i))).work for i in (kept.id, left.id)
    ]
    assert works == [before, before]
    assert before.owner.code == "office" and before.due_at > NOW
