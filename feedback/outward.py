"""Tells the targets what becomes of the cases that are at home here.

    outward = Outward(database, ["city", "office"], here=Place.HOUSE)
    group.create_task(outward.run())           # puts events into the outbox
    group.create_task(Delivery(…).run())       # takes them from there (`feedback.delivery`)

Every change of a case leaves a line in its history, in the same transaction. This reads on from the
last line that it has told of, and notes how far it came in the transaction in which it puts the
events: nothing is left out, and nothing is told twice, whenever the power goes. A target hears of
what happens from the moment on at which it stands in the configuration.

An event holds the case as it is by then, with its revision, and nobody's name.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from base.cause import Refused
from feedback import store
from feedback.case import Dossier, Place
from feedback.delivery import receiver_of
from feedback.outbox import LOOK_SECONDS, Parcel, put
from feedback.tables import case_history, outward
from storage.engine import Database

RECEIVED: Final = "case.received"
CHANGED: Final = "case.changed"

KINDS: Final[Mapping[str, str | None]] = {
    "received": RECEIVED,
    "taken_over": RECEIVED,
    "taken_back": RECEIVED,
    "handed_over": "case.handed_over",
    "answered": "case.answered",
    "refused": "case.refused",
    "reopened": "case.reopened",
    "reminded": "case.reminded",
    "escalated": "case.escalated",
    "erased": "case.erased",
    "name_removed": None,
    "name_corrected": None,
    "drafted": None,
    "topic_suggested": None,
    "continued": None,
    "enclosed": None,
    "attached": None,
}
"""By the code of the history; None: nobody's business. Any other is `CHANGED`."""

AT_ONCE: Final = 200

logger = logging.getLogger(__name__)


class Outward:
    def __init__(self, database: Database, targets: Sequence[str], *, here: Place) -> None:
        self._database = database
        self._targets = targets
        self._here = here
        self._changed = database.watch(store.TOPIC)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                told = await self.step()
            except Refused as refused:
                logger.warning("nobody outside is told of cases: %s", refused.cause)
                told = 0
            if not told:
                await self._changed.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """How many lines of the history were gone through. Raises StorageError."""
        return await self._database.write(self._tell)

    def _tell(self, connection: Connection) -> int:
        return sum(self._tell_one(connection, target) for target in self._targets)

    def _tell_one(self, connection: Connection, target: str) -> int:
        since = _told(connection, target)
        query = select(case_history).where(case_history.c.seq > since)
        lines = connection.execute(query.order_by(case_history.c.seq).limit(AT_ONCE)).all()
        for line in lines:
            kind = KINDS.get(line.what, CHANGED)
            dossier = store.find(connection, line.case_id) if kind else None
            if kind is None or dossier is None:
                continue
            if dossier.case.erased_at is not None and line.what != "erased":
                continue  # there is nothing left to tell of it
            if dossier.case.home is self._here or line.what == "handed_over":
                put(connection, receiver_of(target), _parcel(kind, line, dossier))
        if lines:
            one = outward.c.target == target
            connection.execute(update(outward).where(one).values(history=lines[-1].seq))
        return len(lines)


def body_of(dossier: Dossier, at: datetime) -> dict[str, Any]:
    """What a target is told of a case. `at` is when the thing happened that it is told for."""
    case, work = dossier.case, dossier.work
    closed = case.answered_at is not None
    return {
        "id": case.id,
        "at": _iso(at),
        "revision": case.revision,
        "house": dossier.house,
        "number": dossier.number,
        "text": case.public_text or case.text,
        "via": case.via,
        "location": asdict(case.location) if case.location else None,
        "received_at": _iso(case.received_at),
        "state": case.state.value,
        "topic": work.topic.value if work.topic else None,
        "urgency": work.urgency.value,
        "authority": {"code": work.owner.code, "name": work.owner.name},
        "due_at": _iso(work.due_at),
        "answer": {
            "text": case.answer,
            "by": case.answered_by,
            "at": _iso(case.answered_at) if case.answered_at else None,
            "office": work.office,
            "done_on": work.done_on.isoformat() if work.done_on else None,
            "next_holder": work.next_holder,
        }
        if closed
        else None,
    }


def _parcel(kind: str, line: Row[Any], dossier: Dossier) -> Parcel:
    body = body_of(dossier, line.at)
    return Parcel(f"{line.case_id}-{line.seq}", kind, body, subject=line.case_id)


def _told(connection: Connection, target: str) -> int:
    """The last line of the history that this target was told of."""
    known = select(outward.c.history).where(outward.c.target == target)
    told = connection.execute(known).scalar_one_or_none()
    if told is None:
        told = connection.execute(select(func.max(case_history.c.seq))).scalar_one() or 0
        connection.execute(insert(outward).values(target=target, history=told))
    return told


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
