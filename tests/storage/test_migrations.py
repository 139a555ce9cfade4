import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, MetaData, String, Table, insert, select
from sqlalchemy.exc import StatementError

import feedback.tables
import rooms.access_store
import rooms.films.tables
import rooms.tables
import ward.tables
from storage.engine import Database
from storage.errors import StorageError
from storage.moment import Moment

DECLARED = [
    feedback.tables.metadata,
    rooms.tables.metadata,
    rooms.access_store.metadata,
    rooms.films.tables.metadata,
    ward.tables.metadata,
]


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), DECLARED)


async def test_the_migrations_make_what_the_packages_declare(where):
    async with await Database.open(where) as database:
        assert await database.write(differences) == []
        Table("forgotten", extra := MetaData(), Column("id", String, primary_key=True))
        DECLARED.append(extra)
        try:
            assert [kind for kind, _ in await database.write(differences)] == ["add_table"]
        finally:
            DECLARED.remove(extra)


async def test_migrating_again_changes_nothing(where):
    if isinstance(where, Path):
        where = where.parent / "tổ dân phố 5" / where.name
    for _ in range(2):
        async with await Database.open(where) as database:
            assert await database.write(differences) == []


async def test_a_database_of_a_later_version_is_left_alone(where, outside):
    await (await Database.open(where)).aclose()
    outside("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError) as refused:
        await Database.open(where)
    assert refused.value.cause.code == "storage.newer"
    name = refused.value.cause.params["where"]
    assert str(where).endswith(name) and "hub" not in name


async def test_two_databases_of_one_program_are_made_at_once(tmp_path):
    opened = [Database.open(tmp_path / f"{n}.db") for n in range(4)]
    for database in await asyncio.gather(*opened):
        assert await database.write(differences) == []
        await database.aclose()


async def test_moments_keep_their_time_whatever_the_zone(where):
    times = Table("times", MetaData(), Column("at", Moment))
    hanoi = datetime(2026, 3, 1, 6, 30, tzinfo=timezone(timedelta(hours=7)))
    async with await Database.open(where) as database:
        await database.write(times.create)
        await database.write(lambda c: c.execute(insert(times).values(at=hanoi)))
        found = await database.read(lambda c: c.execute(select(times.c.at)).scalar_one())
        assert found == hanoi
        assert found.tzinfo is UTC
        with pytest.raises(StatementError, match="time zone"):
            await database.write(
                lambda c: c.execute(insert(times).values(at=hanoi.replace(tzinfo=None)))
            )
