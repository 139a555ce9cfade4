"""What holds on SQLite and on PostgreSQL alike."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from storage.engine import Database
from storage.errors import StorageError


async def test_what_is_written_is_read_back_also_after_it_was_closed(where, notes):
    async with await Database.open(where) as database:
        await database.write(notes.create)
        await database.write(notes.add("đã lưu"))
    async with await Database.open(where) as database:
        assert await notes.read(database) == ["đã lưu"]


async def test_a_failing_job_does_not_take_the_others_with_it(database, notes, hold_writer):
    def broken(connection):
        notes.add("half", 9)(connection)
        raise ZeroDivisionError

    release = await hold_writer(database)
    jobs = [
        asyncio.ensure_future(job)
        for job in (
            database.write(notes.add("one", 1)),
            database.write(broken),
            database.write(notes.add("twice", 1)),
            database.write(notes.add("two", 2)),
        )
    ]
    await asyncio.sleep(0)
    release.set()
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert isinstance(outcomes[2], IntegrityError)
    assert not isinstance(outcomes[0], Exception)
    assert not isinstance(outcomes[3], Exception)
    assert await notes.read(database) == ["one", "two"]


async def test_a_transaction_that_fails_at_its_end_fails_for_its_cause_alone(
    database, notes, hold_writer
):
    checked = "REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED"
    await database.write(lambda c: c.execute(text(f"CREATE TABLE links (id INTEGER {checked})")))
    release = await hold_writer(database)
    jobs = [
        asyncio.ensure_future(job)
        for job in (
            database.write(notes.add("one", 1)),
            database.write(lambda c: c.execute(text("INSERT INTO links VALUES (7)"))),
            database.write(notes.add("two", 2)),
        )
    ]
    await asyncio.sleep(0)
    release.set()
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [IntegrityError]
    assert isinstance(outcomes[1], IntegrityError)
    assert await notes.read(database) == ["one", "two"]


async def test_what_waits_shares_one_commit(database, notes, hold_writer):
    release = await hold_writer(database)
    commits = []

    def count(connection):
        commits.append(connection)

    jobs = [asyncio.ensure_future(database.write(notes.add(f"{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    event.listen(Engine, "commit", count)
    try:
        release.set()
        await asyncio.gather(*jobs)
    finally:
        event.remove(Engine, "commit", count)
    assert len(await notes.read(database)) == 100
    assert 1 <= len(commits) <= 5


async def test_the_answer_comes_after_the_commit(database, notes, outside):
    for n in range(20):
        await database.write(notes.add(f"{n}"))
        assert outside("SELECT count(*) FROM notes") == [(n + 1,)]


async def test_all_writing_happens_on_one_thread_and_connection(database):
    def who(connection):
        return threading.get_ident(), id(connection.connection.dbapi_connection)

    found = set(await asyncio.gather(*(database.write(who) for _ in range(50))))
    assert len(found) == 1
    assert found.pop()[0] != threading.get_ident()


async def test_a_reader_cannot_write(database, notes, where):
    with pytest.raises(StorageError) as refused:
        await database.read(notes.add("no"))
    kind = "read_only" if isinstance(where, Path) else "server_read_only"
    assert refused.value.cause.code == f"storage.{kind}"


async def test_what_is_asked_for_at_the_same_moment_is_read_together(database, notes, where):
    begun = 0

    def begins(_connection):
        nonlocal begun
        begun += 1

    event.listen(Engine, "begin", begins)
    try:
        found = await asyncio.gather(*(notes.read(database) for _ in range(3)))
    finally:
        event.remove(Engine, "begin", begins)
    assert found == [[], [], []]
    assert begun == (1 if isinstance(where, Path) else 3)


async def test_what_cannot_be_read_takes_nothing_with_it(database, notes):
    await database.write(notes.add("one"))

    def broken(connection):
        connection.execute(text("SELECT nothing FROM nowhere"))

    given_up = asyncio.ensure_future(notes.read(database))
    jobs = [asyncio.ensure_future(job) for job in (notes.read(database), database.read(broken))]
    jobs.append(asyncio.ensure_future(notes.read(database)))
    await asyncio.sleep(0)
    given_up.cancel()
    first, failure, last = await asyncio.gather(*jobs, return_exceptions=True)
    assert first == last == ["one"]
    assert isinstance(failure, Exception)


async def test_reading_goes_on_while_something_is_written(database, notes, hold_writer):
    await database.write(notes.add("one"))
    await hold_writer(database)
    assert await asyncio.wait_for(notes.read(database), 30) == ["one"]


async def test_a_reader_sees_one_state_while_others_write(database, notes):
    looked, written = threading.Event(), threading.Event()
    count = select(func.count()).select_from(notes.table)

    def look_twice(connection):
        first = connection.execute(count).scalar()
        looked.set()
        assert written.wait(20)
        return first, connection.execute(count).scalar()

    looking = asyncio.ensure_future(database.read(look_twice))
    assert await asyncio.to_thread(looked.wait, 20)
    await database.write(notes.add("meanwhile"))
    written.set()
    assert await looking == (0, 0)
    assert await notes.read(database) == ["meanwhile"]


async def test_numbers_are_given_in_the_order_of_writing(database, notes):
    numbers = await asyncio.gather(
        *(
            database.write(
                lambda c: c.execute(insert(notes.table).values(body="")).inserted_primary_key[0]
            )
            for _ in range(30)
        )
    )
    assert numbers == sorted(set(numbers))


async def test_too_many_waiting_are_refused_at_once(database, hold_writer):
    release = await hold_writer(database)
    waiting = [asyncio.ensure_future(database.write(lambda _: None)) for _ in range(5_001)]
    await asyncio.sleep(0)
    assert sum(job.done() for job in waiting) == 1
    release.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, StorageError)]
    assert [o.cause.code for o in refused] == ["storage.overloaded"]


async def test_closing_writes_what_waits_and_refuses_what_comes_later(where, notes, hold_writer):
    database = await Database.open(where)
    await database.write(notes.create)
    release = await hold_writer(database)
    waiting = [asyncio.ensure_future(database.write(notes.add(f"{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(database.aclose())
    await asyncio.sleep(0.05)
    for late in (database.write(notes.add("late")), notes.read(database)):
        with pytest.raises(StorageError) as refused:
            await late
        assert refused.value.cause.code == "storage.closed"
    release.set()
    await asyncio.gather(closing, *waiting)
    if isinstance(where, Path):
        assert not where.with_name("house.db-wal").exists()
    async with await Database.open(where) as database:
        assert len(await notes.read(database)) == 20


async def test_a_writer_that_gives_up_waiting_is_skipped(database, notes, hold_writer):
    release = await hold_writer(database)
    given_up = asyncio.ensure_future(database.write(notes.add("given up")))
    kept = asyncio.ensure_future(database.write(notes.add("kept")))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    release.set()
    await kept
    assert await notes.read(database) == ["kept"]
