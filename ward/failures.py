"""How often something was guessed wrong, counted for all processes of the hub together.

A guess is counted before it is looked at, and forgiven where it was right: of a hundred at once,
all would be looked at before the first is known to be wrong.

    minutes = await database.write(lambda c: failures.count(c, "hoa@phuong.vn", MOST))

The functions run inside `Database.write`, where nobody else writes meanwhile.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ward.tables import failures

WINDOW: Final = timedelta(minutes=15)


def count(connection: Connection, what: str, most: int) -> int:
    """Count one more. How many minutes it has to wait; 0 where it may be tried now."""
    now = datetime.now(UTC)
    connection.execute(delete(failures).where(failures.c.until <= now))
    key = _sha256(what)
    again = update(failures).where(failures.c.what_sha256 == key)
    if not connection.execute(again.values(count=failures.c.count + 1)).rowcount:
        connection.execute(insert(failures).values(what_sha256=key, count=1, until=now + WINDOW))
    query = select(failures.c.count.label("guesses"), failures.c.until)
    row = connection.execute(query.where(failures.c.what_sha256 == key)).one()
    return 0 if row.guesses <= most else math.ceil((row.until - now).total_seconds() / 60)


def take_back(connection: Connection, what: str) -> None:
    """The one that was counted last was right; those before it were not."""
    counted = update(failures).where(failures.c.what_sha256 == _sha256(what))
    connection.execute(counted.values(count=failures.c.count - 1))


def clear(connection: Connection, what: str) -> None:
    connection.execute(delete(failures).where(failures.c.what_sha256 == _sha256(what)))


def _sha256(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()
