"""What goes out to other systems, for the technician: how it goes, and what was given up.

tray = OutTray(database, ["city", "office"])
await tray.progress()                      # of each target
await tray.letters()                       # what was given up, the newest first
await tray.resend("city")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from base.cause import Cause
from feedback.delivery import PREFIX, receiver_of
from feedback.outbox import topic_of
from feedback.post_health import read_cause
from feedback.tables import outbox, outbox_receivers
from storage.engine import Database
from storage.signals import announce

MOST_LETTERS: Final = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that was given up."""

    target: str
    id: str
    kind: str
    subject: str
    given_up_at: datetime
    problem: Cause


@dataclass(frozen=True, slots=True)
class Progress:
    """How it goes with one target."""

    target: str
    waiting: int
    trying_again: int
    """Of those, how many were tried in vain."""
    given_up: int
    problem: Cause | None
    """Of the last attempt of one that waits."""
    stopped: Cause | None
    """Why the receiver wants nothing more."""


class OutTray:
    def __init__(self, database: Database, targets: Sequence[str]) -> None:
        self._database = database
        self.targets = targets

    async def progress(self) -> Sequence[Progress]:
        """Of each target, as they stand in the configuration. Raises StorageError."""
        return await self._database.read(lambda c: [_progress(c, t) for t in self.targets])

    async def letters(self) -> Sequence[Letter]:
        """What was given up, also for a target that is no longer there. Raises StorageError."""
        query = (
            select(outbox)
            .where(outbox.c.given_up_at.is_not(None))
            .order_by(outbox.c.given_up_at.desc(), outbox.c.seq.desc())
            .limit(MOST_LETTERS)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [
            Letter(
                row.receiver.removeprefix(PREFIX),
                row.id,
                row.kind,
                row.subject or "",
                row.given_up_at,
                read_cause(row.problem),
            )
            for row in rows
        ]

    async def resend(self, target: str, event_id: str | None = None) -> int:
        """Try again from the beginning what was given up, one event or all; also where the receiver
        had asked for nothing more. How many events that are. Raises StorageError."""
        receiver = receiver_of(target)
        which = (outbox.c.receiver == receiver) & outbox.c.given_up_at.is_not(None)
        if event_id is not None:
            which &= outbox.c.id == event_id

        def write(connection: Connection) -> int:
            stopped = outbox_receivers.c.receiver == receiver
            connection.execute(delete(outbox_receivers).where(stopped))
            values = {"given_up_at": None, "due_at": None, "attempts": 0, "problem": None}
            announce(connection, topic_of(receiver))
            return connection.execute(update(outbox).where(which).values(values)).rowcount

        return await self._database.write(write)


def _progress(connection: Connection, target: str) -> Progress:
    mine = outbox.c.receiver == receiver_of(target)
    alive = outbox.c.given_up_at.is_(None)
    tried = outbox.c.problem.is_not(None)

    def count(*which: Any) -> int:
        query = select(func.count()).select_from(outbox).where(mine, *which)
        return connection.execute(query).scalar_one()

    last = select(outbox.c.problem).where(mine, alive, tried).order_by(outbox.c.seq).limit(1)
    problem = connection.execute(last).scalar_one_or_none()
    return Progress(
        target=target,
        waiting=count(alive),
        trying_again=count(alive, tried),
        given_up=count(~alive),
        problem=None if problem is None else read_cause(problem),
        stopped=stopped(connection, target),
    )


def stopped(connection: Connection, target: str) -> Cause | None:
    """Why it wants nothing more."""
    one = outbox_receivers.c.receiver == receiver_of(target)
    row = connection.execute(select(outbox_receivers.c.problem).where(one)).one_or_none()
    return read_cause(row.problem) if row else None
