"""What was kept long enough is erased by rule, once a day and after each start.

    retention = Retention(workplace, requests, settings.privacy.retention)
    group.create_task(retention.run())
    await retention.due()                  # what it would do now, and nothing is done

Each place does it with what it keeps itself, by its own rules. Words are erased where a case is at
home, and the other side is told (`feedback.data_requests`). Each leaves a line in the case's
history.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, func, select

from config.privacy import RetentionSection
from feedback import store
from feedback.case import CaseState
from feedback.data_request import RequestState
from feedback.data_requests import DataRequests
from feedback.erasing import change_name
from feedback.looking import keep_looking
from feedback.tables import case_votes, cases, data_requests
from feedback.workplace import Workplace
from storage.signals import erased

AGAIN_SECONDS: Final = 24 * 3600.0
AT_ONCE: Final = 100

_CLOSED: Final = tuple(state.value for state in CaseState if not state.is_open)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    rule: RetentionSection
    count: int
    """How many cases, votes or requests."""


class Retention:
    def __init__(
        self, workplace: Workplace, requests: DataRequests, rules: Sequence[RetentionSection]
    ) -> None:
        self._workplace = workplace
        self._database = workplace.database
        self._requests = requests
        self._rules = rules

    async def run(self) -> None:
        """Until cancelled."""
        await keep_looking(self.step, AGAIN_SECONDS, "nothing is erased by rule")

    async def step(self) -> int:
        """How much was erased now; there may be more where there was any. Raises StorageError."""
        done = 0
        for rule in self._rules:
            if not await self._database.read(partial(self._count, rule=rule)):
                continue  # nobody waits for a transaction that changes nothing
            count = await self._database.write(partial(self._apply, rule=rule))
            logger.info("%s of %s erased after %s days", count, rule.what, rule.after_days)
            done += count
        return done

    async def due(self) -> tuple[Due, ...]:
        """What would be erased now. Raises StorageError."""

        def read(connection: Connection) -> tuple[Due, ...]:
            return tuple(Due(rule, self._count(connection, rule)) for rule in self._rules)

        return await self._database.read(read)

    def _count(self, connection: Connection, rule: RetentionSection) -> int:
        query = select(func.count()).where(*self._which(rule))
        return connection.execute(query).scalar_one()

    def _which(self, rule: RetentionSection) -> tuple[ColumnElement[bool], ...]:
        before = self._workplace.now() - timedelta(days=rule.after_days)
        match rule.what:
            case "votes":
                return (case_votes.c.at <= before,)
            case "requests":
                waiting = RequestState.WAITING.value
                return data_requests.c.state != waiting, data_requests.c.decided_at <= before
            case "names":
                return (*_closed(before), cases.c.name.is_not(None))
            case "dismissed":
                here = self._workplace.rules.here
                return (
                    *_closed(before),
                    cases.c.state == CaseState.REFUSED.value,
                    cases.c.home == here.value,
                    ~store.is_on_its_way(here),
                )

    def _apply(self, connection: Connection, rule: RetentionSection) -> int:
        which = self._which(rule)
        if rule.what == "votes":
            erased(connection)
            return connection.execute(delete(case_votes).where(*which)).rowcount
        if rule.what == "requests":
            erased(connection)
            return connection.execute(delete(data_requests).where(*which)).rowcount
        query = select(cases.c.id).where(*which).order_by(cases.c.id).limit(AT_ONCE)
        ids: Sequence[Any] = connection.execute(query).scalars().all()
        for case_id in ids:
            if rule.what == "names":
                by, at = self._workplace.rules.here.value, self._workplace.now()
                change_name(connection, case_id, None, by=by, at=at, about=rule.rule)
                if store.get(connection, case_id).case.home is self._workplace.rules.here:
                    store.touch(connection, case_id)
                    self._workplace.tell(connection, case_id)
            else:
                self._requests.erase_by_rule(connection, case_id, rule.rule)
        return len(ids)


def _closed(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        cases.c.state.in_(_CLOSED),
        cases.c.answered_at <= before,
        cases.c.erased_at.is_(None),
    )
