"""How many questions a second are on the disk and acknowledged, and all that belongs to a case with
them: its row, its work, its history, its entry in the ledger.

The limit is SQLite itself, told the same number of rows by a plain loop that commits as seldom as
the writer does. What the ledger costs is measured by leaving it out.
"""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from unittest.mock import patch

from bench.figures import Conditions, Figure
from config.feedback import FeedbackSection
from feedback import ledger
from feedback.case import Place
from feedback.intake import check, receive
from feedback.rules import Rules
from storage.engine import Database

LOOP_PEER = "a plain loop of inserts, as many rows, as few commits"
WITHOUT_PEER = "the same without the ledger"
TEXT = "Nước cống ở ngõ 5 tràn ra đường mỗi khi trời mưa, bao giờ tổ sửa ạ?"
ROWS = 5
"""Of one question: the case, its work, a line of its history, its entry in the ledger, its seal."""
COMMIT_EVERY = 500


async def acknowledging(folder: Path, times: int, laps: int = 3) -> list[Figure]:
    """`times` questions at once, `laps` times, in turn with the peers. The folder is there."""
    conditions = Conditions.now()
    ours, without, loop = [], [], []
    for lap in range(laps):
        ours.append(await _receive(folder / f"ours-{lap}.db", times))
        with patch.object(ledger, "record"):
            without.append(await _receive(folder / f"without-{lap}.db", times))
        loop.append(_insert(folder / f"loop-{lap}.db", times))
    remark = f"{times} questions at once, median of {laps}"
    cost = [1e6 / rate for rate in (median(ours), median(without))]
    return [
        Figure("acknowledged", median(ours), "/s", LOOP_PEER, median(loop), conditions, remark),
        Figure("acknowledging", cost[0], "µs", WITHOUT_PEER, cost[1], conditions, remark),
    ]


async def _receive(path: Path, times: int) -> float:
    """Questions a second."""
    rules = Rules.of(FeedbackSection(), here=Place.HOUSE)
    async with await Database.open(path) as database:

        async def ask(number: int) -> None:
            draft = check(f"{TEXT} {number}", name=None, via="phone", key=str(number))
            now = datetime.now(UTC)
            await receive(database, draft, rules, by="resident", now=now, alongside=lambda *_: None)

        await ask(-1)
        began = time.perf_counter()
        await asyncio.gather(*(ask(number) for number in range(times)))
        return times / (time.perf_counter() - began)


def _insert(path: Path, times: int) -> float:
    """Questions a second, of `ROWS` rows each."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        began = time.perf_counter()
        for first in range(0, times, COMMIT_EVERY):
            connection.execute("BEGIN IMMEDIATE")
            for _ in range(ROWS * min(COMMIT_EVERY, times - first)):
                connection.execute("INSERT INTO plain (text) VALUES (?)", (TEXT,))
            connection.execute("COMMIT")
        return times / (time.perf_counter() - began)
