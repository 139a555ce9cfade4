"""Whoever waits for a change is woken by its COMMIT, here and in another process."""

import asyncio

from sqlalchemy import text

from storage.engine import Database
from storage.signals import announce

FOR_EVER = 60.0


async def test_a_change_wakes_who_waits_for_it_and_nobody_else(where):
    async with await Database.open(where) as database:
        watch, other = database.watch("houses"), database.watch("accounts")
        if isinstance(where, str):
            await listens(database)
        await watch.wait(0.3), await other.wait(0.3)  # it has just begun
        waiting = asyncio.create_task(watch.wait(FOR_EVER))
        bystander = asyncio.create_task(other.wait(FOR_EVER))
        await database.write(lambda c: announce(c, "houses"))
        await asyncio.wait_for(waiting, 30)
        assert not bystander.done()
        bystander.cancel()


async def listens(database):
    query = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
    async with asyncio.timeout(30):
        while not await database.read(lambda c: c.execute(text(query)).all()):
            await asyncio.sleep(0.02)


async def test_what_was_announced_before_the_wait_counts(where):
    async with await Database.open(where) as database:
        watch = database.watch("houses")
        await database.write(lambda c: announce(c, "houses"))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(watch.wait(FOR_EVER), 30)


async def test_it_is_heard_in_another_process_again_after_the_server_was_gone(
    postgres, postgres_url
):
    async with (
        await Database.open(postgres_url) as here,
        await Database.open(postgres_url) as there,
    ):
        watch = there.watch("houses")
        await watch.wait(1.0)
        for _ in range(2):
            waiting = asyncio.create_task(watch.wait(FOR_EVER))
            await asyncio.sleep(0)
            await here.write(lambda c: announce(c, "houses"))
            await asyncio.wait_for(waiting, 30)
            postgres.run(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                f" WHERE datname = '{postgres.DATABASE}'"
            )
            await asyncio.wait_for(watch.wait(FOR_EVER), 30)  # what may have been missed
            await here.read(lambda c: c.execute(text("SELECT 1")).all())
