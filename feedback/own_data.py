"""All that is kept of one case, for whoever has its receipt: to read, and to take along as JSON.

own = OwnData(database, requests)              # at the ward: OwnData(…, house_id="to-5")
await own.kept("K7QM-3XWP-9DTA")               # {"receipt": …, "case": {…}, "history": […], …}
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, or_, select

from feedback import attachments, store
from feedback.case import Dossier, Entry
from feedback.data_request import DataRequest, Kind
from feedback.data_requests import DataRequests
from feedback.erasing import PARCELS
from feedback.ledger_book import mark
from feedback.receipt import parse_receipt, written
from feedback.tables import case_copies, case_votes, outbox
from storage.engine import Database

FORMAT: Final = "avcontrol-own-data-1"

_NOT_OF_HIM: Final = frozenset({"drafted"})
"""Words of those who work on it, which nobody has published."""


class OwnData:
    def __init__(
        self, database: Database, requests: DataRequests, house_id: str | None = None
    ) -> None:
        """`house_id` is for the ward: of this house alone."""
        self.settings = requests.settings
        self._database = database
        self._requests = requests
        self._house_id = house_id

    async def ask(self, code: str, kind: Kind, name: str) -> DataRequest:
        """Raises Refused: those of `DataRequests.ask`."""
        return await self._requests.ask(code, kind, name=name, house_id=self._house_id)

    async def asked(self, code: str) -> tuple[DataRequest, ...]:
        """The oldest first."""
        return await self._requests.of(code, self._house_id)

    async def kept(self, typed: str) -> Mapping[str, Any] | None:
        """JSON, with times as in RFC 3339; None where there is no such receipt.

        `case` is what this place has itself, `copy` what it was told by a house; either is null.
        Of those who worked on it there are roles, no names but under an answer.
        """
        asked = await self.asked(typed)
        found = await self._database.read(lambda c: self._kept(c, typed))
        return None if found is None else found | {"requests": [_request(one) for one in asked]}

    def _kept(self, connection: Connection, typed: str) -> dict[str, Any] | None:
        code = parse_receipt(typed)
        if code is None:
            return None
        case = store.by_receipt(connection, code, self._house_id)
        query = select(case_copies).where(
            case_copies.c.house == self._house_id, case_copies.c.receipt == code
        )
        copy = connection.execute(query).one_or_none()
        if case is None and copy is None:
            return None
        case_id = case.id if case else str(copy.id if copy else "")
        begun = mark(connection, case_id)
        history = store.history(connection, case_id)
        return {
            "format": FORMAT,
            "at": _iso(datetime.now(UTC)),
            "receipt": written(code),
            "case": _case(store.get(connection, case.id)) if case else None,
            "copy": _copy(copy) if copy else None,
            "history": [_line(entry) for entry in history],
            "photos": [
                {"kind": one.kind.value, "type": one.type, "size": one.size, "sha256": one.sha256}
                for one in attachments.of_cases(connection, [case_id]).get(case_id, ())
            ],
            "votes": _count(connection, case_votes.c.case_id == case_id),
            "on_its_way": _count(
                connection,
                or_(
                    outbox.c.subject == case_id,
                    *(outbox.c.id.like(f"{kind}-{case_id}%") for kind in PARCELS),
                ),
            ),
            "ledger": {"number": begun.number, "hash": begun.hash} if begun else None,
        }


def _case(known: Dossier) -> dict[str, Any]:
    case, work = known.case, known.work
    return {
        "text": case.text,
        "public_text": case.public_text,
        "name": case.name,
        "name_hidden": case.name_hidden,
        "consent": case.consent and {"version": case.consent.version, "at": _iso(case.consent.at)},
        "location": asdict(case.location) if case.location else None,
        "media_url": case.media_url,
        "via": case.via,
        "received_at": _iso(case.received_at),
        "origin": case.origin.value,
        "home": case.home.value,
        "state": case.state.value,
        "answer": case.answer,
        "answered_by": case.answered_by,
        "answered_at": _iso(case.answered_at),
        "merged": case.same_as is not None,
        "owner": work.owner.name,
        "due_at": _iso(work.due_at),
        "due_rule": work.due_rule,
        "topic": work.topic.value if work.topic else None,
        "urgency": work.urgency.value,
        "office": work.office,
        "next_holder": work.next_holder,
        "reopened": work.reopened,
        "rating": work.rating,
        "erased_at": _iso(case.erased_at),
    }


def _copy(row: Row[Any]) -> dict[str, Any]:
    """What a house has told of a case that is at home there."""
    names = (
        "text",
        "public_text",
        "state",
        "case_state",
        "answer",
        "answered_by",
        "owner",
        "due_rule",
        "office",
        "next_holder",
        "reopened",
        "rating",
        "votes",
    )
    values = row._mapping
    told = {name: values[name] for name in names}
    times = ("received_at", "answered_at", "due_at", "erased_at")
    return told | {name: _iso(values[name]) for name in times}


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "at": _iso(entry.at),
        "who": entry.who.partition(" ")[0],
        "what": entry.what,
        "text": None if entry.what in _NOT_OF_HIM else entry.text,
        "about": entry.about,
    }


def _request(request: DataRequest) -> dict[str, Any]:
    return {
        "kind": request.kind.value,
        "asked_at": _iso(request.asked_at),
        "due_at": _iso(request.due_at),
        "due_rule": request.due_rule,
        "state": request.state.value,
        "text": request.text,
        "decided_at": _iso(request.decided_at),
    }


def _count(connection: Connection, which: Any) -> int:
    return connection.execute(select(func.count()).where(which)).scalar_one()


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
