"""A statement that was made ready once, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, Table, bindparam, insert
from sqlalchemy import select as sql_select

from storage.engine import Database
from storage.moment import Moment
from storage.prepared import Prepared

THINGS = Table(
    "things",
    MetaData(),
    Column("seq", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("digest", LargeBinary(4), unique=True),
    Column("done", Boolean, nullable=False),
    Column("more", Integer, server_default="7"),
)
ADD = Prepared(insert(THINGS).returning(THINGS.c.seq), "at", "digest", "done")
LAST = Prepared(sql_select(THINGS.c.seq, THINGS.c.more).order_by(THINGS.c.seq.desc()).limit(1))
FIND = Prepared(sql_select(THINGS.c.seq).where(THINGS.c.digest == bindparam("digest")))


async def test_it_stores_and_finds_what_the_statement_itself_would(where):
    hanoi = datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=7)))
    one, two = ({"at": hanoi, "digest": bytes([n] * 4), "done": n == 2} for n in (1, 2))

    def write(connection):
        THINGS.create(connection)
        assert LAST.run(connection, {}) is None
        first, second = ADD.run(connection, one), ADD.run(connection, two)
        assert LAST.run(connection, {}) == (second[0], 7)
        assert FIND.run(connection, {"digest": one["digest"]}) == first != second
        assert FIND.run(connection, {"digest": b"none"}) is None
        return connection.execute(sql_select(THINGS).order_by(THINGS.c.seq)).all()

    async with await Database.open(where) as database:
        rows = await database.write(write)
        with pytest.raises(KeyError):
            await database.write(lambda c: ADD.run(c, {"at": hanoi, "done": True}))
        with pytest.raises(ValueError, match="time zone"):
            await database.write(lambda c: ADD.run(c, one | {"at": datetime.now()}))  # noqa: DTZ005
        # What fails takes nobody along, whatever the driver calls its errors.
        with pytest.raises(Exception, match=r"(?i)unique"):
            await database.write(lambda c: ADD.run(c, one))
    assert [(row.at, row.digest, row.done) for row in rows] == [
        (hanoi.astimezone(UTC), b"\1\1\1\1", False),
        (hanoi.astimezone(UTC), b"\2\2\2\2", True),
    ]
