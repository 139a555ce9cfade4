import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, MetaData, String, Table, insert, select
from sqlalchemy.exc import StatementError

import feedback.tables
import rooms.access_store
import rooms.tables
import ward.tables
from storage.engine import Database
from storage.errors import StorageError
from storage.moment import Moment

DECLARED = [
    feedback.tables.metadata,
    rooms.tables.metadata,
    rooms.access_store.metadata,
    ward.tables.metadata,
]


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), DECLARED)


async def test_the_migrations_make_what_the_packages_declare(tmp_path):
    async with await Database.open(tmp_path / "house.db") as database:
        assert await database.write(differences) == []
        Table("forgotten", extra := MetaData(), Column("id", String, primary_key=True))
        DECLARED.append(extra)
        try:
            assert [kind for kind, _ in await database.write(differences)] == ["add_table"]
        finally:
            DECLARED.remove(extra)


async def test_migrating_again_changes_nothing(tmp_path):
    path = tmp_path / "tổ dân phố 5" / "house.db"
    for _ in range(2):
        async with await Database.open(path) as database:
            assert await database.write(differences) == []


async def test_a_file_of_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / "house.db"
    await (await Database.open(path)).aclose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StorageError) as refused:
        await Database.open(path)
    assert refused.value.cause.code == "storage.newer"


async def test_moments_keep_their_time_whatever_the_zone(tmp_path):
    times = Table("times", MetaData(), Column("at", Moment))
    hanoi = datetime(2026, 3, 1, 6, 30, tzinfo=timezone(timedelta(hours=7)))
    async with await Database.open(tmp_path / "house.db") as database:
        await database.write(times.create)
        await database.write(lambda c: c.execute(insert(times).values(at=hanoi)))
        found = await database.read(lambda c: c.execute(select(times.c.at)).scalar_one())
        assert found == hanoi
        assert found.tzinfo is UTC
        with pytest.raises(StatementError, match="time zone"):
            await database.write(
                lambda c: c.execute(insert(times).values(at=hanoi.replace(tzinfo=None)))
            )
