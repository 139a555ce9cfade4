import asyncio
import sqlite3
import subprocess
import sys
import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from base.cause import Refused
from storage.engine import Database
from storage.errors import StorageError


@pytest.fixture
async def database(tmp_path):
    async with await Database.open(tmp_path / "house.db") as database:
        await database.write(
            lambda c: c.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)"))
        )
        yield database


def note(body, number=None):
    return lambda c: c.execute(
        text("INSERT INTO notes (id, body) VALUES (:id, :body)"), {"id": number, "body": body}
    )


async def bodies(database):
    query = text("SELECT body FROM notes ORDER BY id")
    return await database.read(lambda c: list(c.execute(query).scalars()))


async def test_what_is_written_is_read_back_also_after_it_was_closed(tmp_path):
    path = tmp_path / "folder" / "house.db"
    async with await Database.open(path) as database:
        await database.write(lambda c: c.execute(text("CREATE TABLE notes (id, body)")))
        await database.write(note("đã lưu"))
    async with await Database.open(path) as database:
        assert await bodies(database) == ["đã lưu"]


async def test_it_is_set_so_that_a_power_cut_loses_nothing(database):
    def settings(connection):
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {n: connection.execute(text(f"PRAGMA {n}")).scalar() for n in names}

    found = await database.write(settings)
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


async def test_a_failing_job_does_not_take_the_others_with_it(database):
    def broken(connection):
        note("half")(connection)
        raise ZeroDivisionError

    release = hold_writer(database)
    jobs = [
        asyncio.ensure_future(job)
        for job in (
            database.write(note("one", 1)),
            database.write(broken),
            database.write(note("twice", 1)),
            database.write(note("two", 2)),
        )
    ]
    await asyncio.sleep(0)
    release.set()
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert isinstance(outcomes[2], IntegrityError)
    assert not isinstance(outcomes[0], Exception)
    assert not isinstance(outcomes[3], Exception)
    assert await bodies(database) == ["one", "two"]


def hold_writer(database):
    release = threading.Event()
    database_is_busy = database.write(lambda _: release.wait(20))
    asyncio.ensure_future(database_is_busy)  # noqa: RUF006 - awaited by what waits behind it
    return release


async def test_what_waits_shares_one_commit(database):
    release = hold_writer(database)
    await asyncio.sleep(0)
    commits = []

    def count(connection):
        commits.append(connection)

    jobs = [asyncio.ensure_future(database.write(note(f"{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    event.listen(Engine, "commit", count)
    try:
        release.set()
        await asyncio.gather(*jobs)
    finally:
        event.remove(Engine, "commit", count)
    assert len(await bodies(database)) == 100
    assert 1 <= len(commits) <= 5


async def test_the_answer_comes_after_the_commit(database, tmp_path):
    for n in range(20):
        await database.write(note(f"{n}"))
        with sqlite3.connect(tmp_path / "house.db") as other:
            assert other.execute("SELECT count(*) FROM notes").fetchone() == (n + 1,)


async def test_all_writing_happens_on_one_thread_and_connection(database):
    def who(connection):
        return threading.get_ident(), id(connection.connection.dbapi_connection)

    found = set(await asyncio.gather(*(database.write(who) for _ in range(50))))
    assert len(found) == 1
    assert found.pop()[0] != threading.get_ident()


async def test_a_reader_cannot_write(database):
    with pytest.raises(StorageError) as refused:
        await database.read(note("no"))
    assert refused.value.cause.code == "storage.read_only"


async def test_reading_goes_on_while_something_is_written(database):
    await database.write(note("one"))
    release = hold_writer(database)
    await asyncio.sleep(0.05)
    try:
        assert await asyncio.wait_for(bodies(database), 10) == ["one"]
    finally:
        release.set()


async def test_a_full_disk_is_said_in_words_and_reading_goes_on(database):
    await database.write(note("before"))
    pages = await database.write(lambda c: c.execute(text("PRAGMA page_count")).scalar())
    await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages + 2}")))
    big = "x" * 100_000
    outcomes = await asyncio.gather(
        database.write(note("small", 7)),
        *(database.write(note(big)) for _ in range(5)),
        return_exceptions=True,
    )
    assert [getattr(o, "cause", None) and o.cause.code for o in outcomes] == [
        None,
        *["storage.disk_full"] * 5,
    ]
    assert await bodies(database) == ["before", "small"]
    await database.write(lambda c: c.execute(text("PRAGMA max_page_count = 1000000")))
    await database.write(note("after"))
    assert (await bodies(database))[-1] == "after"


async def test_another_program_that_holds_the_file_is_said_in_words(database, tmp_path):
    other = sqlite3.connect(tmp_path / "house.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StorageError) as refused:
            await database.write(note("no"))
        assert refused.value.cause.code == "storage.busy"
    finally:
        other.execute("ROLLBACK")
        other.close()
    await database.write(note("yes"))
    assert await bodies(database) == ["yes"]


async def test_a_file_that_is_no_database_is_said_in_words(tmp_path):
    path = tmp_path / "house.db"
    path.write_bytes(b"This is not a database. " * 500)
    with pytest.raises(Refused) as refused:
        await Database.open(path)
    assert refused.value.cause.code == "storage.corrupt"
    path.unlink()
    await (await Database.open(path)).aclose()


async def test_a_damaged_page_is_said_in_words(tmp_path):
    path = tmp_path / "house.db"
    async with await Database.open(path) as database:
        await database.write(lambda c: c.execute(text("CREATE TABLE notes (id, body)")))
        for n in range(50):
            await database.write(note(f"{n}" * 1000))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - 10 * 4096)
        file.write(b"\xff" * 10 * 4096)
    async with await Database.open(path) as database:
        with pytest.raises(StorageError) as refused:
            await bodies(database)
    assert refused.value.cause.code == "storage.corrupt"


async def test_two_on_one_folder_are_refused(tmp_path):
    path = tmp_path / "house.db"
    program = f"""
import asyncio, pathlib
from storage.engine import Database
async def main():
    await Database.open(pathlib.Path({str(path)!r}))
    print("open", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        assert await asyncio.to_thread(other.stdout.readline) == b"open\n"
        with pytest.raises(StorageError) as refused:
            await Database.open(path)
        assert refused.value.cause.code == "storage.in_use"
        assert refused.value.cause.params == {"folder": str(tmp_path)}
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    async with await Database.open(path):
        with pytest.raises(StorageError):
            await Database.open(path)


async def test_too_many_waiting_are_refused_at_once(database):
    release = hold_writer(database)
    await asyncio.sleep(0.05)
    waiting = [asyncio.ensure_future(database.write(lambda _: None)) for _ in range(5_001)]
    await asyncio.sleep(0)
    assert sum(job.done() for job in waiting) == 1
    release.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, StorageError)]
    assert [o.cause.code for o in refused] == ["storage.overloaded"]


async def test_closing_writes_what_waits_and_refuses_what_comes_later(tmp_path):
    path = tmp_path / "house.db"
    database = await Database.open(path)
    await database.write(lambda c: c.execute(text("CREATE TABLE notes (id, body)")))
    release = hold_writer(database)
    waiting = [asyncio.ensure_future(database.write(note(f"{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(database.aclose())
    await asyncio.sleep(0.05)
    with pytest.raises(StorageError) as refused:
        await database.write(note("late"))
    assert refused.value.cause.code == "storage.closed"
    release.set()
    await asyncio.gather(closing, *waiting)
    assert not path.with_name("house.db-wal").exists()
    async with await Database.open(path) as database:
        assert len(await bodies(database)) == 20


async def test_a_writer_that_gives_up_waiting_is_skipped(database):
    release = hold_writer(database)
    await asyncio.sleep(0.05)
    given_up = asyncio.ensure_future(database.write(note("given up")))
    kept = asyncio.ensure_future(database.write(note("kept")))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    release.set()
    await kept
    assert await bodies(database) == ["kept"]
