"""Numbers of ninety days stay small, and a short peak stays to be seen."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from rooms.numbers import (
    KEPT,
    MOST_QUANTITIES,
    Gathered,
    Quantity,
    curve,
    last_noted,
    names_of,
    note,
    one,
)
from rooms.tables import numbers
from storage.engine import Database

CPU = Quantity("own.house", "cpu")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    async with await Database.open(tmp_path / "house.db") as database:
        yield database


async def test_a_peak_outlives_the_down_sampling(database):
    def write(connection):
        for minutes in range(0, 60, 5):
            found = {CPU: Gathered(10, 95 if minutes == 30 else 20, 45.0, 3)}
            note(connection, NOW - timedelta(days=20) + timedelta(minutes=minutes), found)
        note(connection, NOW, {CPU: one(5)})

    await database.write(write)
    points, step = await database.read(lambda c: curve(c, CPU, NOW - timedelta(days=30), NOW))
    assert step == timedelta(hours=1)
    assert [(p.least, p.most, p.mean) for p in points] == [(10, 95, 15), (5, 5, 5)]
    fine, step = await database.read(lambda c: curve(c, CPU, NOW - timedelta(days=1), NOW))
    assert step == timedelta(minutes=5)
    assert len(fine) == 1
    assert await database.read(lambda c: last_noted(c, NOW)) == NOW + timedelta(minutes=5)
    assert list(await database.read(lambda c: names_of(c, "own.house"))) == ["cpu"]


async def test_ninety_days_are_bounded_and_a_wrong_clock_destroys_nothing(database, monkeypatch):
    monkeypatch.setattr("rooms.numbers.KEPT", {300: 3, 3600: 5})
    many = {Quantity("s", f"n{number:03}"): one(1.0) for number in range(MOST_QUANTITIES + 20)}

    def write(connection):
        for hours in range(9, 0, -1):
            note(connection, NOW - timedelta(hours=hours), {CPU: one(hours)})
        note(connection, NOW + timedelta(days=900), {CPU: one(0)})
        note(connection, datetime(1970, 1, 1, 2, tzinfo=UTC), {CPU: one(0)})
        note(connection, NOW, many)

    await database.write(write)
    query = select(numbers.c.signal, numbers.c.step, func.count()).group_by(
        numbers.c.signal, numbers.c.step
    )
    found = {
        tuple(row)[:2]: row[2] for row in await database.read(lambda c: c.execute(query).all())
    }
    assert found == {
        ("own.house", 300): 3,
        ("own.house", 3600): 5,
        ("s", 300): MOST_QUANTITIES,
        ("s", 3600): MOST_QUANTITIES,
    }
    points, _ = await database.read(lambda c: curve(c, CPU, NOW - timedelta(days=90), NOW))
    assert [p.mean for p in points] == [4, 3, 2, 1]


def test_ninety_days_of_rows():
    assert KEPT == {300: 576, 3600: 2160}
