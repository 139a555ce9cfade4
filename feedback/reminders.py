"""Whoever owns a case hears of it before its deadline, and the steering committee after it.

    reminders = Reminders(database, rules, remind)
    group.create_task(reminders.run())

Each once for each deadline, and with a line in the case's history. `remind` runs in the transaction
that notes it, so that what it puts into an outbox is sent if and only if it was noted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, and_, or_, true

from feedback import store
from feedback.case import CaseState, Dossier, Entry, Place
from feedback.looking import keep_looking
from feedback.rows import dossier_of
from feedback.rules import Rules
from feedback.tables import case_work, cases
from storage.engine import Database

SOON: Final = timedelta(hours=8)
"""Of working time."""
LOOK_SECONDS: Final = 60.0
AT_ONCE: Final = 200
_AHEAD: Final = timedelta(days=30)
"""Longer than eight hours of working time ever take: the longest holiday, and more."""


class Kind(StrEnum):
    DUE_SOON = "reminded"
    """For whoever owns it, or has been asked to take it over."""
    LATE = "escalated"
    """For the steering committee."""


@dataclass(frozen=True, slots=True)
class Reminder:
    kind: Kind
    dossier: Dossier
    to: str
    """Who is told, as people call them."""


Remind = Callable[[Connection, Reminder], None]


class Reminders:
    def __init__(
        self,
        database: Database,
        rules: Rules,
        remind: Remind,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._rules = rules
        self._remind = remind
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        await keep_looking(self.step, LOOK_SECONDS, "reminders wait")

    async def step(self) -> int:
        """How many were reminded of now; there may be more where there were any. Raises
        StorageError."""
        return await self._database.write(self._step)

    def _step(self, connection: Connection) -> int:
        now = self._now()
        due = self._due(connection, now)
        for reminder in due:
            known = reminder.dossier
            if reminder.kind is Kind.LATE:
                marked = replace(known.work, escalated_at=now)
            else:
                marked = replace(known.work, reminded_at=now)
            store.note(connection, known.case.id, marked)
            who = self._rules.here.value
            entry = Entry(known.case.id, now, who, reminder.kind.value, about=reminder.to)
            store.append(connection, entry)
            self._remind(connection, reminder)
        return len(due)

    def _due(self, connection: Connection, now: datetime) -> Sequence[Reminder]:
        late = and_(case_work.c.due_at < now, case_work.c.escalated_at.is_(None))
        ahead = case_work.c.due_at <= now + _AHEAD
        soon = and_(case_work.c.due_at >= now, ahead, case_work.c.reminded_at.is_(None))
        query = (
            store.dossiers()
            .where(
                cases.c.home == self._rules.here.value,
                ~cases.c.handed if self._rules.here is Place.HOUSE else true(),
                cases.c.state.in_([state.value for state in CaseState if state.is_open]),
                or_(late, soon),
            )
            .order_by(case_work.c.due_at)
        )
        found: list[Reminder] = []
        for row in connection.execute(query):
            dossier = dossier_of(row)
            if dossier.work.due_at < now:
                found.append(Reminder(Kind.LATE, dossier, self._rules.routing.steering_name))
            elif self._rules.deadlines.calendar.worked_between(now, dossier.work.due_at) <= SOON:
                holder = dossier.work.transfer_to or dossier.work.owner
                found.append(Reminder(Kind.DUE_SOON, dossier, holder.name))
            if len(found) == AT_ONCE:
                break
        return found
