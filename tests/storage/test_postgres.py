"""What only a server can do, or suffer."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
import traceback

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

import storage.postgres
from storage.engine import Database
from storage.errors import StorageError


@pytest.fixture
def where(postgres_url):
    return postgres_url


@pytest.fixture
def name(where):
    """What the database is called on the server."""
    return where.rpartition("/")[2]


async def code_of(awaitable):
    with pytest.raises(StorageError) as refused:
        await awaitable
    return refused.value.cause.code


async def test_it_is_set_so_that_a_power_cut_loses_nothing(database, postgres):
    assert postgres.run("SHOW synchronous_commit") == [("off",)], "the server's own default"
    shown = await database.write(lambda c: c.execute(text("SHOW synchronous_commit")).scalar())
    assert shown == "on"


async def test_what_was_acknowledged_outlives_the_server(database, notes, postgres):
    postgres.run("ALTER SYSTEM SET fsync = on")
    postgres.run("SELECT pg_reload_conf()")
    acknowledged, refused = [], []

    async def write(writer):
        for n in range(10_000):
            body = f"{writer} {n}"
            try:
                await database.write(notes.add(body))
            except StorageError as error:
                refused.append((body, error.cause.code))
                return
            acknowledged.append(body)

    writers = asyncio.gather(*(write(n) for n in range(10)))
    try:
        while len(acknowledged) < 300:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(postgres.kill)
        await asyncio.wait_for(writers, 30)
        assert await code_of(notes.read(database)) == "storage.server_away"
        assert await code_of(database.write(notes.add("meanwhile"))) == "storage.server_away"
    finally:
        await asyncio.to_thread(postgres.start)
        postgres.run("ALTER SYSTEM RESET fsync")
        postgres.run("SELECT pg_reload_conf()")
    stored = await notes.read(database)
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    unsure = {body for body, code in refused if code == "storage.unsure"}
    assert set(stored) <= set(acknowledged) | unsure
    await database.write(notes.add("afterwards"))
    assert (await notes.read(database))[-1] == "afterwards"


async def test_a_connection_that_was_cut_is_not_noticed(database, notes, name, postgres):
    await notes.read(database)
    for n in range(3):
        others = f"FROM pg_stat_activity WHERE datname = '{name}'"
        cut = postgres.run(f"SELECT pg_terminate_backend(pid, 5000) {others}")
        assert len(cut) >= 2
        await database.write(notes.add(f"{n}"))
        assert len(await notes.read(database)) == n + 1


async def test_a_connection_that_breaks_within_a_transaction_is_made_again(database, notes):
    runs = []

    def break_once(connection):
        notes.add("once")(connection)
        runs.append(connection)
        if len(runs) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await database.write(break_once)
    assert len(runs) == 2
    assert await notes.read(database) == ["once"]

    def break_reading_once(connection):
        runs.append(connection)
        if len(runs) == 3:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "read"

    assert await database.read(break_reading_once) == "read"


async def test_a_connection_that_always_breaks_is_said_in_words(database, notes, hold_writer):
    release = await hold_writer(database)
    broken = database.write(
        lambda c: c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    )
    jobs = [asyncio.ensure_future(job) for job in (broken, database.write(notes.add("other")))]
    await asyncio.sleep(0)
    release.set()
    assert await code_of(jobs[0]) == "storage.server_away"
    await jobs[1]
    assert await notes.read(database) == ["other"]


async def test_a_connection_lost_in_the_middle_of_a_commit_is_not_guessed_about(database, notes):
    """It may have been stored: it is neither acknowledged nor run again."""
    await database.write(
        lambda c: c.exec_driver_sql("""
            CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON notes
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()""")
    )
    runs = []

    def write(connection):
        runs.append(connection)
        notes.add("perhaps")(connection)

    assert await code_of(database.write(write)) == "storage.unsure"
    assert len(runs) == 1
    await database.write(lambda c: c.execute(text("DROP TRIGGER cut ON notes")))
    await database.write(notes.add("surely"))
    assert (await notes.read(database))[-1] == "surely"


async def test_the_victim_of_a_deadlock_is_run_again(database, notes, postgres, name):
    for number in (1, 2):
        await database.write(notes.add("", number))
    ours_has_one = threading.Event()
    runs = []

    def ours(connection):
        runs.append(connection)
        for number in (1, 2):
            body = notes.table.c.body + "o"
            where = notes.table.c.id == number
            connection.execute(update(notes.table).where(where).values(body=body))
            ours_has_one.set()

    with postgres.connect(name) as other:
        # Only who has waited for this long looks whether it is a deadlock, and gives up.
        other.execute("SET deadlock_timeout = '1min'")
        other.execute("BEGIN")
        other.execute("UPDATE notes SET body = body || 't' WHERE id = 2")
        writing = asyncio.ensure_future(database.write(ours))
        assert await asyncio.to_thread(ours_has_one.wait, 20)
        await asyncio.to_thread(other.execute, "UPDATE notes SET body = body || 't' WHERE id = 1")
        other.execute("COMMIT")
    await writing
    assert len(runs) >= 2
    assert await notes.read(database) == ["to", "to"]


async def test_a_serialization_failure_is_run_again(database, notes):
    runs = []

    def fail_once(connection):
        notes.add("once")(connection)
        runs.append(connection)
        if len(runs) == 1:
            connection.execute(raising("40001"))

    await database.write(fail_once)
    assert len(runs) == 2
    assert await notes.read(database) == ["once"]


def raising(state):
    return text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")


async def test_what_the_server_says_is_said_in_words(database, notes):
    for state, code in (
        ("53100", "server_full"),
        ("53200", "server_busy"),
        ("40P01", "server_busy"),
        ("42501", "server_refused"),
        ("58030", "server_damaged"),
        ("XX001", "server_damaged"),
    ):

        def write(connection, state=state):
            notes.add("no")(connection)
            connection.execute(raising(state))

        assert await code_of(database.write(write)) == f"storage.{code}"
        reading = database.read(lambda c, state=state: c.execute(raising(state)))
        assert await code_of(reading) == f"storage.{code}"
    assert await notes.read(database) == []


async def test_a_mistake_of_the_program_is_no_fault_of_the_server(database):
    with pytest.raises(ProgrammingError):
        await database.write(lambda c: c.execute(text("SELECT nonsense")))


async def test_two_hubs_take_turns(database, where, notes):
    """What was read is still true when it is written, so that no number is given twice."""
    numbers = Table("turns_taken", MetaData(), Column("number", Integer, primary_key=True))
    await database.write(numbers.create)

    def take_next(connection):
        last = connection.execute(select(func.max(numbers.c.number))).scalar() or 0
        time.sleep(0.001)
        connection.execute(insert(numbers).values(number=last + 1))
        return last + 1

    async with await Database.open(where) as other:
        hubs = [database, other]
        given = await asyncio.gather(*(hubs[n % 2].write(take_next) for n in range(100)))
    assert sorted(given) == list(range(1, 101))


async def test_a_turn_that_does_not_come_is_said_in_words_to_all_at_once(
    database, where, notes, hold_writer, monkeypatch
):
    monkeypatch.setattr(storage.postgres, "_TURN_PATIENCE", "1s")
    async with await Database.open(where) as other:
        release = await hold_writer(other)
        waiting = [asyncio.ensure_future(database.write(notes.add("no"))) for _ in range(30)]
        outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 20)
        assert {o.cause.code for o in outcomes} == {"storage.server_busy"}
        release.set()
        await database.write(notes.add("yes"))
    assert await notes.read(database) == ["yes"]


async def test_processes_that_start_at_once_make_the_tables_once(where, outside):
    program = """
import asyncio, sys
from storage.engine import Database
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    await (await Database.open(sys.argv[1])).aclose()
asyncio.run(main())
"""
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", program, where], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in starting:
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"
    for process in starting:
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in starting:
        await asyncio.to_thread(process.communicate)
    assert [process.returncode for process in starting] == [0, 0]
    assert len(outside("SELECT * FROM alembic_version")) == 1


async def test_it_holds_few_connections(database, name, postgres):
    held = threading.Barrier(5)

    def wait(_connection):
        held.wait(20)

    reading = [asyncio.ensure_future(database.read(wait)) for _ in range(20)]
    await asyncio.to_thread(held.wait, 20)
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
    assert postgres.run(query) == [(6,)], "four to read, one to write, one to listen"
    for _ in range(4):
        await asyncio.to_thread(held.wait, 20)
    await asyncio.gather(*reading)


# --- who cannot come in, and what is not told about it ------------------------------------------


@pytest.fixture
def nowhere(postgres, name):
    """URLs of databases that cannot be reached, each with a code and the name that is told."""
    server = f"127.0.0.1:{postgres.port}"
    return {
        postgres.url(name, password="s3cret-word"): ("server_refused", f"{server}/{name}"),
        postgres.url("no", password=None) + "?password=s3cret-word": (
            "server_refused",
            f"{server}/no",
        ),
        postgres.url(name, password="s3cret-word", port=1): ("server_away", f"127.0.0.1:1/{name}"),
        postgres.url("no_such"): ("server_refused", f"{server}/no_such"),
        "postgresql://hub:s3cret@word@db.example/ward": ("bad_url", None),
        "postgresql://hub:p@db.example:s3cret-word/ward": ("bad_url", None),
        "postgresql://hub:s3cret-word@db.example": ("bad_url", None),
        "mysql://hub:s3cret-word@db.example/ward": ("bad_url", None),
        "s3cret-word": ("bad_url", None),
    }


async def test_a_secret_is_never_told(nowhere, postgres, caplog):
    caplog.set_level(logging.DEBUG)
    for url, (code, server) in nowhere.items():
        with pytest.raises(StorageError) as refused:
            await Database.open(url)
        assert refused.value.cause.code == f"storage.{code}"
        assert refused.value.cause.params == ({} if server is None else {"server": server})
        told = "".join(traceback.format_exception(refused.value)) + repr(refused.value.cause)
        assert "s3cret" not in told
        assert postgres.PASSWORD not in told
    assert "s3cret" not in caplog.text
    assert postgres.PASSWORD not in caplog.text


async def test_a_server_that_takes_no_more_is_said_in_words(postgres, where, name):
    postgres.run(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    assert await code_of(Database.open(where)) == "storage.server_busy"
    postgres.run(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    await (await Database.open(where)).aclose()


async def test_a_server_that_can_only_be_read_is_said_in_words(where, name, notes, postgres):
    async with await Database.open(where) as database:
        await database.write(notes.create)
    postgres.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    async with await Database.open(where) as database:
        assert await code_of(database.write(notes.add("no"))) == "storage.server_read_only"
        assert await notes.read(database) == []
