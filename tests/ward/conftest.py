"""Two processes of one hub look at one database."""

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


@pytest.fixture
async def database(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    shutil.copy(migrated, tmp_path / "ward.db")
    async with await Database.open(tmp_path / "ward.db") as database:
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
