"""Takes what waits in the outbox to one target: each case in order, tried again for three days.

    delivery = Delivery(database, target, now=lambda: datetime.now(UTC))
    group.create_task(delivery.run())

What was given up is the technician's to look into (`feedback.out_tray`).

Whoever delivers takes an event for a minute first, in the database: several processes of a hub do
not deliver the same, and what a process took before it was killed is taken again. An event that was
acknowledged and not crossed out before the power went is delivered twice, under the same id: at
least once, never lost. The next event of a case waits until the one before it has arrived or was
given up; other cases go on.

The pauses are those of Standard Webhooks (standardwebhooks.com, "Deliverability and reliability").
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from base.cause import Cause, Refused
from feedback import post_health
from feedback.outbox import LOOK_SECONDS, topic_of
from feedback.post_health import kept
from feedback.tables import outbox, outbox_receivers
from feedback.targets.target import Event, NotDelivered, Target, TargetGone
from storage.engine import Database

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before the second attempt, the third, …; after the last of them it is given up."""

AT_ONCE: Final = 16
"""Events of so many cases are on their way at the same time."""

LEASE: Final = timedelta(seconds=60)
"""So long an event that was taken is nobody else's."""

LONGEST_SECONDS: Final = 30.0
"""For one attempt; a target that hangs longer has failed. Below `LEASE`."""

MOST_PATIENCE: Final = timedelta(hours=24)
"""What a receiver may ask for at most (Retry-After)."""

NOTE_AGAIN: Final = timedelta(minutes=1)
"""Not with each of ten thousand events; again, as another process may have got through since."""

PREFIX: Final = "target/"

WRITER: Final = "delivery.writer"
"""The mail server takes mail, though not for the resident who wrote."""

logger = logging.getLogger(__name__)


class Delivery:
    def __init__(
        self,
        database: Database,
        target: Target,
        *,
        now: Callable[[], datetime],
        patience: float = LONGEST_SECONDS,
    ) -> None:
        """`now` is the wall clock: the pauses outlive a restart. `patience` is in seconds, for one
        attempt, and shorter than `LEASE`."""
        self._database = database
        self._target = target
        self._receiver = receiver_of(target.name)
        self._now = now
        self._patience = patience
        self._new = database.watch(topic_of(self._receiver))
        self._failing = False
        self._noted: tuple[Cause, datetime] | None = None
        """Why it fails, as it was written down last, and when."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                tried = await self.step()
            except Refused as refused:
                logger.warning("nothing goes out to %s: %s", self._target.name, refused.cause)
                tried = 0
            if not tried:
                await self._new.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """Try what is due; how many events that were. Raises StorageError."""
        taken = await self._database.write(self._take)
        attempts = [self._attempt(event) for event in taken]
        for outcome in await asyncio.gather(*attempts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        return len(taken)

    def _take(self, connection: Connection) -> Sequence[Event]:
        name, now = self._receiver, self._now()
        stopped = select(outbox_receivers.c.receiver).where(outbox_receivers.c.receiver == name)
        if connection.execute(stopped).first() is not None:
            return ()
        earlier = outbox.alias()
        before = (
            select(earlier.c.seq)
            .where(
                earlier.c.receiver == outbox.c.receiver,
                earlier.c.subject == outbox.c.subject,
                earlier.c.seq < outbox.c.seq,
                earlier.c.given_up_at.is_(None),
            )
            .exists()
        )
        due = (
            select(outbox)
            .where(
                outbox.c.receiver == name,
                outbox.c.given_up_at.is_(None),
                or_(outbox.c.due_at.is_(None), outbox.c.due_at <= now),
                ~before,
            )
            .order_by(outbox.c.seq)
            .limit(AT_ONCE)
        )
        rows = connection.execute(due).all()
        if rows:
            taken = outbox.c.seq.in_([row.seq for row in rows])
            values = {"attempts": outbox.c.attempts + 1, "due_at": now + LEASE}
            connection.execute(update(outbox).where(taken).values(values))
        return [_event(row) for row in rows]

    async def _attempt(self, event: Event) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._target.deliver(event)
        except TargetGone as gone:
            await self._stopped(event, gone.cause)
        except NotDelivered as failure:
            await self._failed(event, failure.cause, failure.not_before)
        except TimeoutError:
            await self._failed(event, Cause("delivery.hangs"), timedelta())
        except Exception:
            # A mistake of ours, or in what came back: one event of it must not stop the others.
            logger.exception("%s: an event could not be delivered", self._target.name)
            await self._failed(event, Cause("delivery.failed"), timedelta())
        else:
            if self._failing:
                logger.info("%s takes what comes again", self._target.name)
            self._failing, self._noted = False, None
            await self._database.write(lambda c: self._delivered(c, event))

    async def _stopped(self, event: Event, cause: Cause) -> None:
        logger.warning("%s wants nothing more: %s", self._target.name, cause)
        await self._database.write(lambda c: self._stop(c, event, cause))

    async def _failed(self, event: Event, cause: Cause, not_before: timedelta) -> None:
        now = self._now()
        if not self._failing:
            logger.warning("%s did not take an event: %s", self._target.name, cause)
        self._failing = True
        known, noted_at = self._noted or (None, now)
        is_news = known != cause or now - noted_at >= NOTE_AGAIN
        if is_news:
            self._noted = cause, now
        values: dict[str, Any] = {"problem": kept(cause)}
        if event.attempt > len(PAUSES):
            values["given_up_at"] = now
            logger.error("%s: given up %s %s", self._target.name, event.kind, event.id)
        else:
            pause = max(PAUSES[event.attempt - 1], min(not_before, MOST_PATIENCE))
            values["due_at"] = now + pause

        def write(connection: Connection) -> None:
            connection.execute(update(outbox).where(self._is(event)).values(values))
            if cause.code == WRITER:
                post_health.over(connection, self._receiver)  # the server itself was reached
            elif is_news:
                post_health.lost(connection, self._receiver, cause, at=now)

        await self._database.write(write)

    def _delivered(self, connection: Connection, event: Event) -> None:
        connection.execute(delete(outbox).where(self._is(event)))
        post_health.over(connection, self._receiver)

    def _stop(self, connection: Connection, event: Event, cause: Cause) -> None:
        """The event was no mistake of its own: it waits, and this attempt does not count."""
        values = {"attempts": event.attempt - 1, "due_at": None, "problem": kept(cause)}
        connection.execute(update(outbox).where(self._is(event)).values(values))
        name = self._receiver
        connection.execute(delete(outbox_receivers).where(outbox_receivers.c.receiver == name))
        connection.execute(
            insert(outbox_receivers).values(
                receiver=name, stopped_at=self._now(), problem=kept(cause)
            )
        )

    def _is(self, event: Event) -> Any:
        return (outbox.c.receiver == self._receiver) & (outbox.c.id == event.id)


def receiver_of(target: str) -> str:
    """What a target is called in the outbox, where houses and the ward have names, too."""
    return f"{PREFIX}{target}"


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        kind=row.kind,
        subject=row.subject or "",
        body=json.loads(row.body),
        attempt=row.attempts + 1,
    )
