import asyncio

import pytest

import feedback.outbox
from feedback.outbox import Outbox, Parcel, put
from storage.engine import Database


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


def parcels(*numbers):
    return [Parcel(f"case-{n}", "case", {"số": n}) for n in numbers]


async def fill(database, outbox, *numbers):
    for parcel in parcels(*numbers):
        await database.write(lambda c, parcel=parcel: outbox.put(c, parcel))


async def test_in_order_until_it_is_handed_over(database):
    outbox, other = Outbox(database, "ward"), Outbox(database, "mayor")
    await fill(database, other, 9)
    await fill(database, outbox, 2, 1, 3, 1)
    assert await outbox.oldest(10) == parcels(2, 1, 3), "the same waits once"
    assert await outbox.oldest(2) == parcels(2, 1)
    await outbox.handed_over("case-1")
    await outbox.handed_over("case-9")
    assert await outbox.oldest(10) == parcels(2, 3)
    assert await other.oldest(10) == parcels(9)


async def test_what_was_put_in_outlives_the_process(where):
    async with await Database.open(where) as database:
        await fill(database, Outbox(database, "ward"), 1, 2)
    async with await Database.open(where) as database:
        assert await Outbox(database, "ward").oldest(10) == parcels(1, 2)


async def test_a_change_that_fails_puts_nothing_in(database):
    outbox = Outbox(database, "ward")

    def change(connection):
        outbox.put(connection, parcels(1)[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(change)
    await fill(database, outbox, 2)
    assert await outbox.oldest(10) == parcels(2)


async def test_whoever_waits_is_told_at_once(database, monkeypatch):
    monkeypatch.setattr(feedback.outbox, "LOOK_SECONDS", 60)
    waiting = asyncio.create_task(Outbox(database, "ward").oldest(10))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await database.write(lambda c: put(c, "ward", parcels(1)[0]))
    assert await asyncio.wait_for(waiting, 30) == parcels(1)


async def test_whoever_waits_in_another_process_too(postgres_url, monkeypatch):
    monkeypatch.setattr(feedback.outbox, "LOOK_SECONDS", 60)
    async with (
        await Database.open(postgres_url) as here,
        await Database.open(postgres_url) as there,
    ):
        waiting = asyncio.create_task(Outbox(there, "ward").oldest(10))
        await asyncio.sleep(0.5)
        await here.write(lambda c: put(c, "ward", parcels(1)[0]))
        assert await asyncio.wait_for(waiting, 30) == parcels(1)


async def test_what_was_not_heard_of_is_found(where, outside, monkeypatch):
    monkeypatch.setattr(feedback.outbox, "LOOK_SECONDS", 0.2)
    async with await Database.open(where) as database:
        waiting = asyncio.create_task(Outbox(database, "ward").oldest(10))
        await asyncio.sleep(0.1)
        outside(
            "INSERT INTO outbox (receiver, id, kind, body) VALUES ('ward', 'case-1', 'case', "
            "'{\"số\": 1}')"
        )
        assert await asyncio.wait_for(waiting, 30) == parcels(1)
