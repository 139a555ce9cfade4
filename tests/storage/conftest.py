"""A database with a table of notes, on SQLite or on PostgreSQL."""

import asyncio
import threading

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from storage.engine import Database


class Notes:
    table = Table(
        "notes", MetaData(), Column("id", Integer, primary_key=True), Column("body", String)
    )

    def create(self, connection):
        self.table.create(connection)

    def add(self, body, number=None):
        values = {"body": body} if number is None else {"body": body, "id": number}
        return lambda connection: connection.execute(insert(self.table).values(values))

    async def read(self, database):
        query = select(self.table.c.body).order_by(self.table.c.id)
        return await database.read(lambda c: list(c.execute(query).scalars()))


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
async def database(where, notes):
    async with await Database.open(where) as database:
        await database.write(notes.create)
        yield database


@pytest.fixture
def hold_writer():
    """Keeps the writer of a database busy until the event that it returns is set."""
    events = []

    async def hold(database):
        begun, release = threading.Event(), threading.Event()
        events.append(release)

        def wait(_connection):
            begun.set()
            release.wait(20)

        asyncio.ensure_future(database.write(wait))  # noqa: RUF006 - it ends with the event
        assert await asyncio.to_thread(begun.wait, 20)
        return release

    yield hold
    for event in events:
        event.set()
