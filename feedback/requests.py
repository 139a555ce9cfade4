"""What other systems may read of the cases of one house: how each stands, and since when.

    wanted = Wanted(since=now - timedelta(days=90), until=now)
    await database.read(lambda c: of_house(c, wanted))              # in the house
    await database.read(lambda c: at_ward(c, "to-5", wanted))       # at its ward

What was asked, where it is, and what was answered is told only of what stands on the public board.
An address that may be somebody's own (`feedback.redaction`) is never told: nobody has checked it.
"""

import heapq
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from feedback import store
from feedback.case import CaseState, Location
from feedback.receipt import parse_receipt
from feedback.redaction import marks
from feedback.rows import location_of
from feedback.tables import case_copies, case_history, case_work, cases
from feedback.topics import Topic

MOST: Final = 1_000
"""Rows of one answer (GeoReport v2, GET Service Requests: Response Volume)."""
_OPEN: Final = tuple(state.value for state in CaseState if state.is_open)


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that is not None has to fit."""

    ids: Set[str] | None = None
    topics: Set[Topic] | None = None
    """A case that nobody has said the topic of is one of `Topic.OTHER`."""
    since: datetime | None = None
    until: datetime | None = None
    """Both are of the receipt, and included."""
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class PublicRequest:
    id: str
    state: CaseState
    topic: Topic
    received_at: datetime
    changed_at: datetime
    """When it was closed, or when something last happened."""
    due_at: datetime | None
    due_rule: str | None
    owner: str | None
    """Who answers, or has answered. The last three are None of a house that does not tell."""
    text: str | None = None
    answer: str | None = None
    location: Location | None = None


def of_house(connection: Connection, wanted: Wanted) -> Sequence[PublicRequest]:
    """The newest first, at most 1,000."""
    return _own(connection, wanted, None)


def at_ward(connection: Connection, house_id: str, wanted: Wanted) -> Sequence[PublicRequest]:
    """Of one house, wherever they are at home; the newest first, at most 1,000."""
    here, there = _own(connection, wanted, house_id), _copies(connection, wanted, house_id)
    merged = heapq.merge(here, there, key=_newest, reverse=True)
    return tuple(islice(merged, MOST))


def by_receipt(connection: Connection, typed: str, house_id: str | None = None) -> str | None:
    """The id of a case, for whoever has its receipt. `house_id` is for the ward."""
    code = parse_receipt(typed)
    if code is None:
        return None
    if (found := store.by_receipt(connection, code, house_id)) is not None:
        return found.id
    one = (case_copies.c.receipt == code, case_copies.c.house == house_id)
    return connection.execute(select(case_copies.c.id).where(*one)).scalar_one_or_none()


def _own(connection: Connection, wanted: Wanted, house_id: str | None) -> tuple[PublicRequest, ...]:
    """Those that have no copy: one that went down to its house stands as the house tells."""
    query = store.dossiers().add_columns(_changed())
    if house_id is not None:
        copied = select(case_copies.c.id).where(case_copies.c.id == cases.c.id).exists()
        query = query.where(cases.c.house == house_id, ~copied)
    query = _fitting(query, wanted, cases, cases.c.state, case_work.c.topic)
    return tuple(_request(row, row.state, row.owner_name) for row in connection.execute(query))


def _copies(connection: Connection, wanted: Wanted, house_id: str) -> tuple[PublicRequest, ...]:
    places = [getattr(cases.c, name) for name in ("address", "address_id", "lat", "long")]
    state = func.coalesce(case_copies.c.case_state, _case_state()).label("stands")
    query = (
        select(case_copies, state, *places)
        .join_from(case_copies, cases, cases.c.id == case_copies.c.id, isouter=True)
        .where(case_copies.c.house == house_id)
    )
    query = _fitting(query, wanted, case_copies, state, case_copies.c.topic)
    return tuple(_request(row, row.stands, row.owner) for row in connection.execute(query))


def _case_state() -> Any:
    """Of a house that tells only of the meeting."""
    words = {"answered": CaseState.ANSWERED.value, "dismissed": CaseState.REFUSED.value}
    return case(words, value=case_copies.c.state, else_=CaseState.WAITING.value)


def _changed() -> Any:
    return (
        select(func.max(case_history.c.at))
        .where(case_history.c.case_id == cases.c.id)
        .scalar_subquery()
        .label("changed_at")
    )


def _fitting(
    query: Select[Any],
    wanted: Wanted,
    table: Any,
    state: ColumnElement[Any],
    topic: ColumnElement[Any],
) -> Select[Any]:
    fits: list[ColumnElement[bool]] = []
    if wanted.ids is not None:
        fits.append(table.c.id.in_(sorted(wanted.ids)))
    if wanted.topics is not None:
        named = topic.in_(sorted(wanted.topics))
        fits.append(or_(named, topic.is_(None)) if Topic.OTHER in wanted.topics else named)
    if wanted.since is not None:
        fits.append(table.c.received_at >= wanted.since)
    if wanted.until is not None:
        fits.append(table.c.received_at <= wanted.until)
    if wanted.is_open is not None:
        fits.append(state.in_(_OPEN) if wanted.is_open else state.not_in(_OPEN))
    order = (table.c.received_at.desc(), table.c.id.desc())
    return query.where(and_(*fits)).order_by(*order).limit(MOST)


def _request(row: Row[Any], stands: str, owner: str | None) -> PublicRequest:
    state, answered = CaseState(stands), stands == CaseState.ANSWERED.value
    on_board = answered and row.same_as is None
    return PublicRequest(
        id=row.id,
        state=state,
        topic=Topic.OTHER if row.topic is None else Topic(row.topic),
        received_at=row.received_at,
        changed_at=row.answered_at or row.changed_at or row.received_at,
        due_at=row.due_at,
        due_rule=row.due_rule,
        owner=(row.office if answered else None) or owner,
        text=(row.public_text or row.text or None) if on_board else None,
        answer=row.answer if answered else None,
        location=_public(location_of(row)) if on_board else None,
    )


def _public(location: Location | None) -> Location | None:
    words = location and location.address
    return None if words and marks(words) else location


def _newest(request: PublicRequest) -> tuple[datetime, str]:
    return request.received_at, request.id
