"""The hub's store. Every test that asks for `database`, itself or by what stands on it, runs on
SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from storage.engine import Database
from ward.accounts import Accounts
from ward.houses import Houses
from ward.passwords import Passwords
from ward.sessions import Sessions


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Database]:
    where: Path | str = tmp_path / "ward.db"
    if request.param == "sqlite":
        shutil.copy(migrated, where)
    else:
        where = request.getfixturevalue("emptied_url")
    async with await Database.open(where) as database:
        yield database


@pytest.fixture
def houses(database: Database) -> Houses:
    return Houses(database)


@pytest.fixture
def accounts(database: Database, cheap_hasher: PasswordHasher) -> Accounts:
    return Accounts(database, Passwords(cheap_hasher))


@pytest.fixture
def sessions(database: Database, cheap_hasher: PasswordHasher) -> Sessions:
    return Sessions(database, Passwords(cheap_hasher))
