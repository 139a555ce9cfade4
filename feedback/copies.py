"""The ward's copies of its houses' cases: for everybody to read, changed by the house alone."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    insert,
    or_,
    select,
    update,
)

from base.cause import Refused
from feedback import attachments, store, votes
from feedback.board import Position, PublicCase, Search, matches, newest, public_case, sought_in
from feedback.case import AskedView, CaseState, Mark, Merged, Place, Progress, ReceiptView
from feedback.handover import Copy, Vote
from feedback.receipt import written
from feedback.rows import consent_of
from feedback.tables import case_copies, cases
from feedback.topics import Topic

logger = logging.getLogger(__name__)


def keep(connection: Connection, house_id: str, copy: Copy) -> None:
    """An older one, or the same again, changes nothing. What cannot be of this house is dropped: a
    house speaks for its own cases alone."""
    known = connection.execute(
        select(
            case_copies.c.house,
            case_copies.c.id,
            case_copies.c.receipt,
            case_copies.c.revision,
            case_copies.c.erased_at,
        ).where(_is(case_copies, copy))
    ).all()
    asked_here = select(cases.c.house, cases.c.id, cases.c.receipt).where(_is(cases, copy))
    own = (house_id, copy.id, copy.receipt)
    if any(tuple(row)[:3] != own for row in (*known, *connection.execute(asked_here))):
        logger.warning("house %s tells of a case %s that is not its own", house_id, copy.id)
        return
    if store.is_ours(connection, copy.id):
        return  # it was handed up meanwhile
    values = {
        "revision": copy.revision,
        "number": copy.number,
        "state": copy.state,
        "answer": copy.answer,
        "answered_by": copy.answered_by,
        "answered_at": copy.answered_at,
        "public_text": copy.public_text,
        "same_as": copy.same_as,
        "asked_into": copy.asked_into,
        "answered_into": copy.answered_into,
        "over": copy.over,
        "meeting": copy.meeting,
        "votes": copy.votes,
        "sought": _sought(copy),
        "ledger_number": copy.ledger_number,
        "ledger_hash": copy.ledger_hash,
        "name_hidden": copy.name_hidden,
        "consent_version": copy.consent.version if copy.consent else None,
        "consented_at": copy.consent.at if copy.consent else None,
        "changed_at": datetime.now(UTC),
    }
    if copy.progress is not None:
        told = asdict(copy.progress)
        topic = told["topic"] and told["topic"].value
        values |= told | {"state": copy.state, "case_state": told["state"].value, "topic": topic}
    if not known:
        values |= {
            "house": house_id,
            "id": copy.id,
            "receipt": copy.receipt,
            "text": copy.text,
            "origin": copy.origin.value,
            "received_at": copy.received_at,
        }
        connection.execute(insert(case_copies).values(values))
    elif known[0].revision < copy.revision and known[0].erased_at is None:
        connection.execute(update(case_copies).where(case_copies.c.id == copy.id).values(values))
    else:
        return
    attachments.follow_shown(connection, copy.id, copy.shown)


def by_receipt(connection: Connection, house_id: str, receipt: str) -> ReceiptView | None:
    row = connection.execute(
        select(case_copies).where(case_copies.c.house == house_id, case_copies.c.receipt == receipt)
    ).one_or_none()
    if row is None:
        return None
    head = None
    if row.same_as is not None:
        theirs = (case_copies.c.house == house_id, case_copies.c.id == row.same_as)
        head = connection.execute(select(case_copies).where(*theirs)).one_or_none()
    return _view(row, head)


def asked(connection: Connection, house_id: str, device: bytes | None) -> tuple[AskedView, ...]:
    """What may be asked along with in the meeting of one house; what is on its stage first, then
    what most people ask."""
    heads = connection.execute(select(case_copies).where(*_asked(house_id))).all()
    merged = Counter(
        connection.execute(
            select(case_copies.c.same_as).where(
                case_copies.c.house == house_id, case_copies.c.same_as.in_([h.id for h in heads])
            )
        ).scalars()
    )
    here = votes.counted(connection, [head.id for head in heads])
    found = []
    for head in heads:
        devices = here.get(head.id, frozenset())
        askers = 1 + merged[head.id] + max(head.votes, len(devices))
        text = head.public_text or head.text
        on_stage = head.state == "on_stage"
        joined = device in devices
        found.append(AskedView(head.id, head.number, text, on_stage, askers, joined))
    return tuple(sorted(found, key=lambda view: (not view.on_stage, -view.askers, view.number)))


def vote(
    connection: Connection, house_id: str, case_id: str, device: bytes, at: datetime
) -> Vote | None:
    """To be told to the house; None where it is known already. Raises Refused: `vote.closed`, and
    those of `feedback.votes.cast`."""
    known = select(case_copies.c.same_as).where(
        case_copies.c.house == house_id, case_copies.c.id == case_id
    )
    case_id = connection.execute(known).scalar_one_or_none() or case_id
    one = select(case_copies.c.meeting).where(*_asked(house_id), case_copies.c.id == case_id)
    row = connection.execute(one).one_or_none()
    if row is None:
        raise Refused("vote.closed")
    if not votes.cast(connection, case_id, row.meeting or house_id, device, at):
        return None
    return Vote(case_id, device.hex(), at)


def _asked(house_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        case_copies.c.house == house_id,
        case_copies.c.state.in_(("approved", "on_stage")),
        case_copies.c.same_as.is_(None),
        ~case_copies.c.over,
    )


def id_of(connection: Connection, receipt: str) -> str:
    """Of a case that there is a copy of."""
    query = select(case_copies.c.id).where(case_copies.c.receipt == receipt)
    return str(connection.execute(query).scalar_one())


def answered(house_id: str, search: Search, before: Position | None) -> Select[Any]:
    """As `feedback.board.newest`."""
    theirs = select(case_copies).where(case_copies.c.house == house_id)
    return newest(case_copies, theirs, search, case_copies.c.topic, before)


def open_asked(connection: Connection, house_id: str, search: Search) -> list[str]:
    """The ids of what `asked` shows, in order of number."""
    found = matches(search, case_copies.c.sought, case_copies.c.topic)
    query = select(case_copies.c.id).where(*_asked(house_id), found)
    return list(connection.execute(query.order_by(case_copies.c.number)).scalars())


def public(connection: Connection, ids: Sequence[str]) -> Iterator[PublicCase]:
    """Those of them that there are copies of."""
    for row in connection.execute(select(case_copies).where(case_copies.c.id.in_(ids))):
        closed = row.state == CaseState.ANSWERED.value
        state = row.case_state or (CaseState.ANSWERED if closed else CaseState.WAITING)
        yield public_case(row, state=state)


def _sought(copy: Copy) -> str:
    office = copy.progress.office if copy.progress else None
    return sought_in(copy.public_text or copy.text, copy.answer, copy.answered_by, office)


def _is(table: Any, copy: Copy) -> Any:
    return or_(table.c.id == copy.id, table.c.receipt == copy.receipt)


def _view(row: Row[Any], head: Row[Any] | None) -> ReceiptView:
    return ReceiptView(
        code=written(row.receipt),
        number=row.number,
        text=row.text,
        asked_at=row.received_at,
        state=row.state,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        origin=Place(row.origin),
        home=Place.HOUSE,
        public_text=row.public_text,
        merged=None if head is None else Merged(head.number, head.public_text or head.text),
        asked_into=row.asked_into,
        answered_into=row.answered_into,
        progress=_progress(row),
        over=row.over,
        mark=_mark(row),
        consent=consent_of(row),
        name_hidden=row.name_hidden,
        erased_at=row.erased_at,
    )


def _mark(row: Row[Any]) -> Mark | None:
    if row.ledger_number is None or row.ledger_hash is None:
        return None
    return Mark(row.ledger_number, row.ledger_hash, None, of_house=True)


def _progress(row: Row[Any]) -> Progress | None:
    if row.case_state is None:
        return None
    return Progress(
        state=CaseState(row.case_state),
        owner=row.owner,
        due_at=row.due_at,
        due_rule=row.due_rule,
        transfer_to=row.transfer_to,
        office=row.office,
        done_on=row.done_on,
        next_holder=row.next_holder,
        reopened=row.reopened,
        rating=row.rating,
        topic=None if row.topic is None else Topic(row.topic),
    )
