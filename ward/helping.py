"""Houses that ask for help: an alert at once, and back to the house what becomes of it.

take_in: {HELP: partial(hear_help, database, "to-5")}
answer_taken(connection, row, "Anh Tuấn", now)      # in the transaction that takes it on
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from feedback.outbox import Parcel, put
from rooms.help_commands import MOST_NAME, MOST_WORDS, STANDING
from storage.engine import Database
from storage.signals import announce
from ward.houses import TOPIC
from ward.tables import alerts

KEY: Final = "help/"
LASTS: Final = timedelta(hours=12)
"""What nobody takes on."""
LASTS_TAKEN: Final = timedelta(hours=1)

logger = logging.getLogger(__name__)


async def hear_help(database: Database, house_id: str, body: Mapping[str, Any]) -> None:
    """Store it as an alert, once. Raises StorageError."""
    help_id, by, words = (body.get(name) for name in ("id", "by", "words"))
    if not (isinstance(help_id, str) and isinstance(by, str) and isinstance(words, str)):
        logger.warning("a call for help of %s makes no sense", house_id)
        return
    key, now = f"{KEY}{help_id[:40]}", datetime.now(UTC)
    params = {"by": by[:MOST_NAME], "what": words[:MOST_WORDS]}

    def write(connection: Connection) -> None:
        same = (alerts.c.house_id == house_id, alerts.c.key == key)
        if connection.execute(select(alerts.c.id).where(*same)).first() is None:
            connection.execute(
                insert(alerts).values(
                    house_id=house_id,
                    key=key,
                    code="ward.help_asked",
                    params=json.dumps(params, ensure_ascii=False, sort_keys=True),
                    subject="help",
                    began_at=now,
                    raised_at=now,
                    told=False,
                    told_over=True,  # it is over when somebody comes, and nobody is told of that
                )
            )
            announce(connection, TOPIC)
        tell_house(connection, house_id, key, "")

    await database.write(write)


def tell_house(connection: Connection, house_id: str, key: str, who: str) -> None:
    """That it has arrived, or who has taken it on. Inside `Database.write`."""
    help_id = key.removeprefix(KEY)
    name = f"{STANDING}-{help_id}-{'taken' if who else 'here'}"
    put(connection, house_id, Parcel(name, STANDING, {"id": help_id, "who": who}))


def is_over(row: Row[Any], now: datetime) -> bool:
    """An alert of a call for help."""
    if row.acknowledged_at is not None:
        return bool(now - row.acknowledged_at >= LASTS_TAKEN)
    return bool(now - row.began_at >= LASTS)
