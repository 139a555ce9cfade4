"""The ledger as everybody sees it: exported, added up, signed once a day."""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Refused
from config.feedback import FeedbackSection
from feedback import ledger, ledger_book, store
from feedback.case import CaseState, Entry, Place
from feedback.desk import Desk
from feedback.intake import check as checked
from feedback.intake import receive
from feedback.ledger_book import Book, heads_of, keep_head
from feedback.ledger_check import check, compare
from feedback.ledger_lines import Signer
from feedback.outbox import Outbox
from feedback.rules import Rules
from storage.engine import Database

RULES = Rules.of(FeedbackSection(), here=Place.HOUSE)
NOW = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
NAME = "Nhà văn hóa Tổ dân phố 5"
SIGNER = Signer(b"k" * 32, NAME)


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


async def take(database, text="Đèn đường ngõ 5 hỏng"):
    draft = checked(text, name="Bà Bình", via="phone", key="")
    case, _ = await receive(
        database, draft, RULES, by="resident", now=NOW, alongside=lambda _connection, _case: None
    )
    return case


async def exported(book):
    return b"".join([lines async for lines in book.export()]).splitlines(keepends=True)


async def test_a_ledger_without_cases_is_a_ledger(database):
    book = Book(database, SIGNER)
    found = check(await exported(book))
    assert (found.head.number, found.head.name, found.head.key) == (0, NAME, SIGNER.public)
    assert set((await book.sums()).values()) == {0}


async def test_whatever_happens_the_export_is_right_and_adds_up(database, monkeypatch):
    monkeypatch.setattr(ledger_book, "_AT_ONCE", 7)
    book, chance, known, gone = Book(database, SIGNER), random.Random(7), {}, set()

    def act(connection):
        case_id = chance.choice(list(known.keys() - gone))
        what = chance.choice(["answered", "refused", "reopened", "erased"])
        if what == "reopened":
            store.reopen(connection, case_id, by="leader An", at=NOW)
        elif what == "erased":
            ledger.erase(connection, case_id, at=NOW)
            gone.add(case_id)
            if known[case_id] != "open":
                return
        else:
            store.close(
                connection, case_id, CaseState(what), "x", answered_by="An", by="An", at=NOW
            )
        known[case_id] = "open" if what == "reopened" else what

    for _ in range(12):
        known |= dict.fromkeys([(await take(database)).id for _ in range(3)], "open")
        for _ in range(3):
            await database.write(act)
        found = check(await exported(book))
        sums = Counter(known.values()) | Counter(received=len(known))
        assert {name: count for name, count in found.head.sums.items() if count} == sums
        assert await book.sums() == await Book(database, SIGNER).sums() == found.head.sums


async def test_erasure_leaves_nothing_to_guess_by_and_a_ledger_that_is_right(database):
    book = Book(database, SIGNER)
    case, other = await take(database), await take(database)
    proof = (await database.read(lambda c: ledger_book.mark(c, case.id))).proof
    before = check(await exported(book))
    assert before.prove(json.loads(json.dumps(proof))) == 1
    await database.write(lambda c: ledger.erase(c, case.id, at=NOW))
    after = check(await exported(book))
    assert compare(after, [before.head]) == 1
    assert (await database.read(lambda c: ledger_book.mark(c, case.id))).proof is None
    assert (await database.read(lambda c: ledger_book.mark(c, other.id))).proof is not None
    assert after.head.sums["erased"] == after.head.sums["open"] == 1


async def test_a_proof_of_something_else_proves_nothing(database):
    book = Book(database, SIGNER)
    case = await take(database)
    mark = await database.read(lambda c: ledger_book.mark(c, case.id))
    proof = json.loads(json.dumps(mark.proof))
    found = check(await exported(book))
    for altered, code in (
        (proof | {"content": proof["content"] | {"text": "Đèn sáng"}}, "ledger.proof_wrong"),
        (proof | {"salt": "00" * 32}, "ledger.proof_wrong"),
        (proof | {"entry": proof["entry"] | {"hash": "0" * 64}}, "ledger.not_in_it"),
        (proof | {"entry": proof["entry"] | {"commitment": "0" * 64}}, "ledger.proof_wrong"),
        (proof | {"salt": "đ"}, "ledger.proof_unreadable"),
        ({}, "ledger.proof_unreadable"),
    ):
        with pytest.raises(Refused) as refused:
            found.prove(altered)
        assert refused.value.cause.code == code


async def test_the_mark_of_a_receipt_is_found_in_the_export(database):
    book = Book(database, SIGNER)
    await take(database)
    case = await take(database)
    mark = await database.read(lambda c: ledger_book.mark(c, case.id))
    assert mark.number == 2
    assert check(await exported(book)).find(mark.hash[:16]) == 2
    assert await database.read(lambda c: ledger_book.mark(c, "unknown")) is None


@pytest.mark.parametrize("damage", ["at", "line", "gap"])
async def test_no_head_is_signed_over_what_was_altered_in_the_database(database, outside, damage):
    for _ in range(3):
        await take(database)
    if damage == "gap":
        outside("DELETE FROM ledger WHERE number = 2")
    else:
        change = {"at": "2026-03-01', '2020-03-01'", "line": "{', '['"}[damage]
        outside(f"UPDATE ledger SET line = replace(line, '{change}) WHERE number = 2")
    book = Book(database, SIGNER)
    for asked in (book.head, book.sums, book.sign_of_day, lambda: exported(book)):
        with pytest.raises(Refused) as refused:
            await asked()
        assert (refused.value.cause.code, refused.value.cause.params["entry"]) == (
            "ledger.damaged",
            2,
        )


async def test_one_head_a_day_whichever_process_is_first(database):
    today = NOW
    outbox = Outbox(database, "ward")
    books = [Book(database, SIGNER, outbox, lambda: today) for _ in range(3)]
    for day in range(3):
        today = NOW + timedelta(days=day)
        await take(database)
        signed = await asyncio.gather(*(book.sign_of_day() for book in books))
        assert sum(signed) == 1
        assert not await books[0].sign_of_day()
    heads = await books[0].heads()
    assert [(head.at[:10], head.number) for head in heads] == [
        ("2026-03-01", 1),
        ("2026-03-02", 2),
        ("2026-03-03", 3),
    ]
    assert compare(check(await exported(books[1])), heads) == 3
    parcels = await outbox.oldest(10)
    assert [parcel.kind for parcel in parcels] == ["ledger-head"] * 3
    for parcel in parcels:
        await database.write(lambda c, body=parcel.body: keep_head(c, "to-5", body))
    assert list(await heads_of(database, "to-5")) == list(heads)


async def test_it_signs_at_its_start(database):
    book = Book(database, SIGNER)
    running = asyncio.create_task(book.run())
    async with asyncio.timeout(20):
        while not await book.heads():
            await asyncio.sleep(0.02)
    running.cancel()


async def test_the_ward_keeps_what_does_not_fit_and_says_so(database, caplog):
    book = Book(database, SIGNER, now=lambda: NOW)
    heads = []
    for _ in range(3):
        await take(database)
        heads.append(await book.head())

    async def keep(head, house="to-5"):
        await database.write(lambda c: keep_head(c, house, json.loads(head.line())))

    for head in (heads[0], heads[2], heads[2], heads[0]):
        await keep(head)
    assert "anew" not in caplog.text
    assert list(await heads_of(database, "to-5")) == [heads[0], heads[2]]
    told = heads[2]
    stranger = Signer(b"x" * 32, NAME)
    for signer, number, hash_, origin, at in (
        (SIGNER, told.number, "0" * 64, told.origin, NOW),  # written anew
        (SIGNER, 1, told.hash, told.origin, NOW + timedelta(days=1)),  # cut
        (SIGNER, 9, told.hash, "0" * 64, NOW),  # another ledger
        (stranger, 9, told.hash, told.origin, NOW),  # another key
    ):
        caplog.clear()
        await keep(signer.sign(number, hash_, origin, told.sums, at))
        assert "house to-5 has cut its ledger or written it anew" in caplog.text
    assert len(await heads_of(database, "to-5")) == 6
    caplog.clear()
    await database.write(lambda c: keep_head(c, "to-6", {"signature": "none"}))
    forged = json.loads(told.line()) | {"number": 99}
    await database.write(lambda c: keep_head(c, "to-6", forged))
    assert await heads_of(database, "to-6") == []
    assert "not signed" in caplog.text and "makes no sense" in caplog.text


ASKING = """
import asyncio, sys
from config.feedback import FeedbackSection
from feedback.case import Place
from feedback.desk import Desk
from feedback.rules import Rules
from storage.engine import Database

async def main(url, house):
    async with await Database.open(url) as database:
        rules = Rules.of(FeedbackSection(), here=Place.WARD)
        desk = Desk(database, house, rules)
        for lap in range(5):
            asked = (desk.ask(f"Câu {lap} {n}", name=None, key="") for n in range(10))
            await asyncio.gather(*asked)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_of_a_hub_write_one_chain(postgres_url):
    async with await Database.open(postgres_url) as database:
        command = [sys.executable, "-c", ASKING, postgres_url]
        running = [subprocess.Popen([*command, house]) for house in ("to-5", "to-9")]
        desk = Desk(database, "to-7", Rules.of(FeedbackSection(), here=Place.WARD))
        for n in range(20):
            await desk.ask(f"Câu {n}", name=None, key="")
        for process in running:
            assert await asyncio.to_thread(process.wait, 50) == 0
        book = Book(database, SIGNER)
        lines = await exported(book)
        assert check(lines).head.number == 120
        houses = Counter(json.loads(line)["facts"].get("house") for line in lines[1:-1])
        assert houses == {"to-5": 50, "to-7": 20, "to-9": 50}
        assert (await book.sums("to-9"))["open"] == 50
        assert (await book.sums())["received"] == 120


async def test_after_an_erasure_nothing_follows(database):
    case = await take(database)
    await database.write(lambda c: ledger.erase(c, case.id, at=NOW))
    with pytest.raises(ValueError, match="erased"):
        await database.write(lambda c: store.append(c, Entry(case.id, NOW, "An", "reopened")))
