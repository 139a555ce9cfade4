"""Whatever was acknowledged before a `kill -9` is there afterwards, exactly once."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import Database

WRITERS = 20

PROGRAM = f"""
import asyncio, os, pathlib, sys
from sqlalchemy import text
from storage.engine import Database

async def write(database, writer, first):
    number = first
    while True:
        await database.write(lambda c: c.execute(
            text("INSERT INTO notes VALUES (:writer, :number)"),
            {{"writer": writer, "number": number}},
        ))
        os.write(1, f"{{writer}} {{number}}\\n".encode())
        number += 1

async def main(where, first):
    where = where if "://" in where else pathlib.Path(where)
    async with await Database.open(where) as database:
        await database.write(lambda c: c.execute(
            text("CREATE TABLE IF NOT EXISTS notes (writer INTEGER, number INTEGER)")))
        await asyncio.gather(*(write(database, w, first) for w in range({WRITERS})))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.parametrize("rounds", [4])
async def test_nothing_acknowledged_is_lost(where, rounds):
    acknowledged = Counter()
    for turn in range(rounds):
        writer = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(where), str(turn * 1_000_000)],
            stdout=subprocess.PIPE,
        )
        for _ in range(200 + 150 * turn):
            acknowledged[(await asyncio.to_thread(writer.stdout.readline)).decode()] += 1
        writer.send_signal(signal.SIGKILL)
        rest, _ = await asyncio.to_thread(writer.communicate)
        assert writer.returncode == -signal.SIGKILL
        acknowledged.update(line.decode() for line in rest.splitlines(keepends=True))
    async with await Database.open(where) as database:
        rows = await database.read(lambda c: c.execute(text("SELECT * FROM notes")).all())
        if isinstance(where, Path):
            check = text("PRAGMA integrity_check")
            assert await database.read(lambda c: c.execute(check).scalar()) == "ok"
    stored = Counter(f"{writer} {number}\n" for writer, number in rows)
    assert len(acknowledged) >= 200 * rounds
    assert acknowledged - stored == Counter()
    assert set(stored.values()) == {1}
    # At most one row of each writer, and round, was stored but not yet acknowledged.
    assert len(stored) - len(acknowledged) <= WRITERS * rounds
