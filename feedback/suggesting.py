"""Asks a classifier what new cases are about, behind the receipts: nobody waits for it.

    suggesting = Suggesting(database, rules, classifier.suggest)
    group.create_task(suggesting.run())

A suggestion routes a case that nobody has begun with, until a person says what it is about. Where
the classifier abstains, the case stays with the default authority.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from sqlalchemy import Connection, select, update

from base.cause import Refused
from feedback import store
from feedback.actions import not_here
from feedback.case import CaseState, Entry, Work
from feedback.rules import Rules
from feedback.tables import case_work, cases
from feedback.topics import Topic
from feedback.workplace import Tell, tell_nobody
from storage.engine import Database

AT_ONCE: Final = 50
LOOK_SECONDS: Final = 30.0
"""New ones are told of; in case one was not."""

logger = logging.getLogger(__name__)


class Suggested(Protocol):
    @property
    def topic(self) -> Topic | None:
        """None is an abstention."""

    @property
    def confidence(self) -> float:
        """0 to 1."""


@dataclass(frozen=True, slots=True)
class _Asked:
    case_id: str
    text: str


class Suggesting:
    def __init__(
        self,
        database: Database,
        rules: Rules,
        suggest: Callable[[str], Suggested],
        tell: Tell = tell_nobody,
        *,
        may: Callable[[], bool] = lambda: True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`suggest` is run in a thread of its own, and while `may` says so: to open a classifier
        takes a second of the processor, which a meeting may need."""
        self._database = database
        self._rules = rules
        self._suggest = suggest
        self._tell = tell
        self._may = may
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        watch = self._database.watch(store.TOPIC)
        while True:
            try:
                more = self._may() and await self.step() == AT_ONCE
            except Refused as refused:
                more = False
                logger.warning("topics wait to be suggested: %s", refused.cause)
            if not more:
                await watch.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """Of how many was asked now; a full `AT_ONCE` where there may be more. Raises
        StorageError."""
        asked = await self._database.read(self._open)
        if asked:
            texts = [one.text for one in asked]
            found = await asyncio.to_thread(lambda: [self._suggest(text) for text in texts])
            await self._database.write(lambda c: self._keep(c, asked, found))
        return len(asked)

    def _open(self, connection: Connection) -> Sequence[_Asked]:
        query = (
            select(cases.c.id, cases.c.text)
            .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
            .where(
                cases.c.home == self._rules.here.value,
                cases.c.state == CaseState.WAITING.value,
                ~case_work.c.topic_sought,
                ~store.is_on_its_way(self._rules.here),
            )
            .order_by(cases.c.received_at)
            .limit(AT_ONCE)
        )
        return [_Asked(row.id, row.text) for row in connection.execute(query)]

    def _keep(
        self, connection: Connection, asked: Sequence[_Asked], found: Sequence[Suggested]
    ) -> None:
        # Another process of the hub may have asked as well, and was quicker with some.
        new = case_work.c.case_id.in_([one.case_id for one in asked]) & ~case_work.c.topic_sought
        ours = set(connection.execute(select(case_work.c.case_id).where(new)).scalars())
        connection.execute(update(case_work).where(new).values(topic_sought=True))
        for one, suggested in zip(asked, found, strict=True):
            if suggested.topic is not None and one.case_id in ours:
                self._apply(connection, one.case_id, suggested.topic, suggested.confidence)

    def _apply(self, connection: Connection, case_id: str, topic: Topic, confidence: float) -> None:
        known = store.get(connection, case_id)
        case, work = known.case, known.work
        if work.topic_by is not None or case.state is not CaseState.WAITING:
            return  # a person was quicker
        if not_here(case, self._rules, known.house) is not None:
            return  # it was handed over meanwhile
        work = self._work(work, topic, confidence)
        store.save(connection, case, work)
        about = f"{topic.value} {confidence:.2f}"
        who = self._rules.here.value
        store.append(connection, Entry(case_id, self._now(), who, "topic_suggested", about=about))
        if work.due_at != known.work.due_at:
            store.append_due(connection, case_id, work, who=who, at=self._now())
        if (work.owner, work.due_at) != (known.work.owner, known.work.due_at):
            self._tell(connection, case_id)

    def _work(self, work: Work, topic: Topic, confidence: float) -> Work:
        due = self._rules.deadlines.due(work.due_from, topic, work.urgency)
        return replace(
            work,
            topic=topic,
            confidence=confidence,
            owner=self._rules.owner_of(topic, confirmed=False),
            due_at=due.at,
            due_rule=due.rule,
        )
