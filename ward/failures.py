"""How often something was guessed wrong, counted for all processes of the hub together.

The functions run inside `Database.read` and `Database.write`.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ward.tables import failures

MOST: Final = 10
WINDOW: Final = timedelta(minutes=15)


def minutes_to_wait(connection: Connection, what: str) -> int:
    """0 where another attempt is allowed now."""
    now = datetime.now(UTC)
    row = connection.execute(
        select(failures.c.until).where(
            failures.c.what_sha256 == _sha256(what),
            failures.c.count >= MOST,
            failures.c.until > now,
        )
    ).one_or_none()
    return math.ceil((row.until - now).total_seconds() / 60) if row else 0


def count(connection: Connection, what: str) -> None:
    now = datetime.now(UTC)
    connection.execute(delete(failures).where(failures.c.until <= now))
    key = _sha256(what)
    again = update(failures).where(failures.c.what_sha256 == key)
    again = again.values(count=failures.c.count + 1)
    if connection.execute(again).rowcount:
        return
    connection.execute(insert(failures).values(what_sha256=key, count=1, until=now + WINDOW))


def clear(connection: Connection, what: str) -> None:
    connection.execute(delete(failures).where(failures.c.what_sha256 == _sha256(what)))


def _sha256(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()
