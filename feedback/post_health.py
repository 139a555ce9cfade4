"""How it goes with a mailbox that is read, or with a system that is sent something.

    await database.write(partial(lost, "target/city", cause, at=now))
    await database.read(partial(read, "target/city"))       # PostHealth(problem=Cause(…), since=…)

It stands in the database, the same for all processes of a hub: whoever got through last says how it
goes. The functions run inside `Database.read` and `Database.write`.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from base.cause import Cause
from feedback.tables import post_health as table


@dataclass(frozen=True, slots=True)
class PostHealth:
    problem: Cause | None = None
    """Why nothing can be read or sent now."""
    since: datetime | None = None
    """Of the problem."""
    hint: Cause | None = None
    """What is in the way, while it works nevertheless."""
    well_at: datetime | None = None
    """When all of a mailbox was read last."""


def read(connection: Connection, name: str) -> PostHealth:
    row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
    if row is None:
        return PostHealth()
    return PostHealth(
        problem=read_cause(row.problem) if row.problem else None,
        since=row.since,
        hint=read_cause(row.hint) if row.hint else None,
        well_at=row.well_at,
    )


def lost(connection: Connection, name: str, cause: Cause, *, at: datetime) -> None:
    since = read(connection, name).since or at
    _note(connection, name, problem=kept(cause), since=since)


def well(connection: Connection, name: str, hint: Cause | None = None, *, at: datetime) -> None:
    said = kept(hint) if hint else None
    _note(connection, name, problem=None, since=None, hint=said, well_at=at)


def over(connection: Connection, name: str) -> None:
    """It works again, if it did not: nothing is written otherwise."""
    was = (table.c.name == name, table.c.problem.is_not(None))
    connection.execute(update(table).where(*was).values(problem=None, since=None))


def _note(connection: Connection, name: str, **values: Any) -> None:
    same = update(table).where(table.c.name == name).values(values)
    if not connection.execute(same).rowcount:
        connection.execute(insert(table).values(name=name, **values))


def kept(cause: Cause) -> str:
    """As it is kept in the database."""
    return json.dumps([cause.code, dict(cause.params)], ensure_ascii=False)


def read_cause(said: str | None) -> Cause:
    """What `kept` wrote."""
    code, params = json.loads(said) if said else ("delivery.failed", {})
    return Cause(code, **params)
