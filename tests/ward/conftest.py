"""Two processes of one hub look at one database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.engine import Database
from ward.accounts import Accounts
from ward.houses import Houses
from ward.passwords import Passwords
from ward.sessions import Sessions


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "ward.db") as database:
        yield database


@pytest.fixture
def houses(database: Database) -> Houses:
    return Houses(database)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, Passwords())


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return Sessions(database, Passwords())
