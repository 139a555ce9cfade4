"""What only a file can do, or suffer."""

import asyncio
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import text

from base.cause import Refused
from storage.engine import Database
from storage.errors import StorageError


@pytest.fixture
def where(tmp_path):
    return tmp_path / "house.db"


async def test_its_folder_is_made(tmp_path, notes):
    path = tmp_path / "folder" / "house.db"
    async with await Database.open(path) as database:
        await database.write(notes.create)
    assert path.is_file()


async def test_nobody_else_may_read_it(database, where, notes):
    await database.write(notes.add("before"))
    files = where.parent.glob(f"{where.name}*")
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {
        f"{where.name}{end}": "0o600" for end in ("", "-wal", "-shm", ".lock")
    }


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


async def test_a_full_disk_is_said_in_words_and_reading_goes_on(database, notes):
    await database.write(notes.add("before"))
    pages = await database.write(lambda c: c.execute(text("PRAGMA page_count")).scalar())
    await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages + 2}")))
    big = "x" * 100_000
    outcomes = await asyncio.gather(
        database.write(notes.add("small", 7)),
        *(database.write(notes.add(big)) for _ in range(5)),
        return_exceptions=True,
    )
    assert [getattr(o, "cause", None) and o.cause.code for o in outcomes] == [
        None,
        *["storage.disk_full"] * 5,
    ]
    assert await notes.read(database) == ["before", "small"]
    await database.write(lambda c: c.execute(text("PRAGMA max_page_count = 1000000")))
    await database.write(notes.add("after"))
    assert (await notes.read(database))[-1] == "after"


async def test_another_program_that_holds_the_file_is_said_in_words(database, where, notes):
    other = sqlite3.connect(where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        # The first waits by itself, the others behind it: together, not five seconds each.
        waiting = [asyncio.ensure_future(database.write(notes.add("no"))) for _ in range(20)]
        outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert {isinstance(o, StorageError) and o.cause.code for o in outcomes} == {"storage.busy"}
    await database.write(notes.add("yes"))
    assert await notes.read(database) == ["yes"]


async def test_a_file_that_is_no_database_is_said_in_words(tmp_path):
    path = tmp_path / "house.db"
    path.write_bytes(b"This is not a database. " * 500)
    with pytest.raises(Refused) as refused:
        await Database.open(path)
    assert refused.value.cause.code == "storage.corrupt"
    path.unlink()
    await (await Database.open(path)).aclose()


async def test_a_damaged_page_is_said_in_words(tmp_path, notes):
    path = tmp_path / "house.db"
    async with await Database.open(path) as database:
        await database.write(notes.create)
        for n in range(50):
            await database.write(notes.add(f"{n}" * 1000))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - 10 * 4096)
        file.write(b"\xff" * 10 * 4096)
    async with await Database.open(path) as database:
        with pytest.raises(StorageError) as refused:
            await notes.read(database)
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
