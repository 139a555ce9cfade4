"""Cases that a meeting left open, from a house up to its ward, and the ward's word on them down.

    house    offer(connection, outbox, case_id, number=12)      the whole case; it waits now
    ward     take_up(connection, rules, "to-5", handoff)        at home here, with an owner of ours
    ward     tell_house(connection, case_id)                    where the case changes
    house    follow(connection, standing)                       an older one changes nothing

All run in the transaction of the change that they belong to. Up goes a `Handoff`, and down a
`Standing`, first of all for what was taken up: with that the house knows that the ward has it for
good, and the case is at home there. Until then both only wait: a house that is killed, or a ward,
between storing and saying so sends the same again, which changes nothing.

The house keeps the case, to be read: under its receipt, on its board and before its next meeting.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter
from sqlalchemy import Connection, delete, select, update

from feedback import attachments, store
from feedback.case import Case, CaseState, Dossier, Entry, Holder, Place, Work
from feedback.handover import (
    Consent,
    Count,
    Id,
    Line,
    ReceiptCode,
    Spot,
    Text,
    Url,
    Via,
    question_parcel,
    read,
)
from feedback.outbox import Outbox, Parcel, put
from feedback.rules import Rules, holder
from feedback.tables import case_copies, cases, outbox
from feedback.topics import Topic, Urgency

MOST_HISTORY_BYTES: Final = 24 * 1024
"""Of a case's history that goes up with it, the newest first: all fits into a frame of the link."""

logger = logging.getLogger(__name__)

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
_What = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]


@dataclass(frozen=True, slots=True)
class Standing:
    """Ward to house: so a case stands that is at home at the ward. Also a part of what goes up."""

    kind: ClassVar = "case"
    id: Id
    revision: Count
    state: CaseState
    owner: _Code
    owner_name: Line
    due_from: AwareDatetime
    due_at: AwareDatetime
    due_rule: Line
    urgency: Urgency = Urgency.NORMAL
    topic: Topic | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    topic_by: Line | None = None
    transfer_to: _Code | None = None
    transfer_to_name: Line | None = None
    answer: Text | None = None
    answered_by: Line | None = None
    answered_at: AwareDatetime | None = None
    office: Line | None = None
    done_on: date | None = None
    next_holder: Line | None = None
    public_text: Text | None = None
    reopened: Annotated[int, Field(ge=0, le=1000)] = 0
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    shown: Annotated[tuple[Id, ...], Field(max_length=32)] | None = None
    """As in `feedback.handover.Copy`."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history in the house."""

    at: AwareDatetime
    who: Line
    what: _What
    text: Text | None = None
    about: Line | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """House to ward: the whole case, to be dealt with there."""

    kind: ClassVar = "handoff"
    id: Id
    receipt: ReceiptCode
    number: Count
    """In its meeting."""
    text: Text
    name: Line | None
    """None as well where whoever asked wants it hidden from those who deal with it."""
    name_hidden: bool
    via: Via
    origin: Place
    received_at: AwareDatetime
    standing: Standing
    same_as: Id | None = None
    """The case that it was merged into."""
    history: tuple[Happened, ...] = ()
    """The newest of it, oldest first, without what it began with."""
    consent: Consent | None = None
    location: Spot | None = None
    media_url: Url | None = None


_STANDING: Final = TypeAdapter(Standing)
_HANDOFF: Final = TypeAdapter(Handoff)


def read_standing(body: Mapping[str, Any]) -> Standing | None:
    """None where it makes no sense, which the log tells."""
    return read(_STANDING, body)


def read_handoff(body: Mapping[str, Any]) -> Handoff | None:
    """None where it makes no sense, which the log tells."""
    return read(_HANDOFF, body)


# In the house


def is_for_the_ward(dossier: Dossier, rules: Rules) -> bool:
    """Nobody here has begun with it, and it is not the block's own."""
    if dossier.case.state not in (CaseState.WAITING, CaseState.TRANSFERRED):
        return False
    authority = rules.routing.authority((dossier.work.transfer_to or dossier.work.owner).code)
    return authority is None or not authority.of_block


def offer(connection: Connection, outbox: Outbox, case_id: str, *, number: int) -> None:
    """To the ward. The same again, while it waits for the ward's word, is the same parcel."""
    known = store.get(connection, case_id)
    if not known.case.handed:
        case = store.save(connection, replace(known.case, handed=True), known.work)
        known = replace(known, case=case)
        store.told(connection, case_id)
    case = known.case
    handoff = Handoff(
        id=case.id,
        receipt=case.receipt,
        number=number,
        text=case.text,
        name=case.name_for_handlers,
        name_hidden=case.name_hidden,
        via=case.via,
        origin=case.origin,
        received_at=case.received_at,
        standing=_standing(connection, known),
        same_as=case.same_as,
        history=tuple(_history(connection, case_id)),
        consent=Consent.of(case),
        location=Spot.of(case),
        media_url=case.media_url,
    )
    body = _HANDOFF.dump_python(handoff, mode="json")
    outbox.put(connection, Parcel(f"handoff-{case.id}-{case.revision}", Handoff.kind, body))


def follow(connection: Connection, standing: Standing) -> bool:
    """What the ward says of a case that it has. False where that is no news here."""
    known = store.find(connection, standing.id)
    if known is None or not known.case.handed:
        logger.warning("the ward speaks of %s, which it was not given", standing.id)
        return False
    if known.case.erased_at is not None:
        return False
    first = known.case.home is Place.HOUSE
    if not first and standing.revision <= known.case.revision:
        return False
    at = datetime.now(UTC)
    case, work = _stands(known, standing)
    store.save(connection, case, work, revision=standing.revision)
    attachments.follow_shown(connection, case.id, standing.shown)
    if first:
        store.append(connection, Entry(case.id, at, "house", "handed_over"))
    line = Entry(case.id, at, "ward", "followed", standing.answer, standing.state.value)
    store.append(connection, line)
    return True


# At the ward


def take_up(connection: Connection, rules: Rules, house_id: str, handoff: Handoff) -> None:
    """At home here from now on, which the house is told. The same again changes nothing, and is
    told again."""
    known = store.find(connection, handoff.id)
    if _is_strange(connection, house_id, handoff, known):
        logger.warning("house %s hands up a case %s that is not its own", house_id, handoff.id)
        return
    if known is not None and known.case.erased_at is not None:
        return
    if known is None or not known.case.handed or known.case.home is Place.HOUSE:
        _take_up(connection, rules, house_id, handoff, known)
    tell_house(connection, handoff.id)


def tell_house(connection: Connection, case_id: str) -> None:
    """The house whose residents asked follows what becomes of it; of others there is nobody to
    tell."""
    known = store.get(connection, case_id)
    if known.house is None or not known.case.handed:
        return
    body = _STANDING.dump_python(_standing(connection, known), mode="json")
    name = f"case-{case_id}-{known.case.revision}"
    put(connection, known.house, Parcel(name, Standing.kind, body))
    store.told(connection, case_id)


def _is_strange(
    connection: Connection, house_id: str, handoff: Handoff, known: Dossier | None
) -> bool:
    """A house speaks for its own cases alone."""
    own = (house_id, handoff.id, handoff.receipt)
    if known is not None:
        return (known.house, known.case.id, known.case.receipt) != own
    if store.by_receipt(connection, handoff.receipt) is not None:
        return True
    copy = connection.execute(
        select(case_copies.c.house, case_copies.c.id, case_copies.c.receipt).where(
            (case_copies.c.id == handoff.id) | (case_copies.c.receipt == handoff.receipt)
        )
    ).one_or_none()
    return copy is not None and tuple(copy) != own


def _take_up(
    connection: Connection, rules: Rules, house_id: str, handoff: Handoff, known: Dossier | None
) -> None:
    case = Case(
        id=handoff.id,
        receipt=handoff.receipt,
        text=handoff.text,
        name=handoff.name or None,
        via=handoff.via,
        received_at=handoff.received_at,
        origin=handoff.origin,
        home=Place.WARD,
        name_hidden=handoff.name_hidden,
        handed=True,
        same_as=handoff.same_as,
        consent=handoff.consent.plain() if handoff.consent else None,
        location=handoff.location.plain() if handoff.location else None,
        media_url=handoff.media_url,
    )
    received = Dossier(case, rules.at_receipt(case.received_at))
    case, work = _stands(received, handoff.standing)
    case, work = _owned(rules, replace(case, revision=handoff.standing.revision + 1), work)
    if known is None:
        key = hashlib.sha256(f"handed up\0{case.id}".encode()).digest()
        store.add(
            connection,
            case,
            work,
            key,
            by="resident",
            house_id=house_id,
            number=handoff.number,
        )
    else:
        store.save(connection, case, work, revision=case.revision)
        connection.execute(update(cases).where(cases.c.id == case.id).values(number=handoff.number))
        store.append(connection, Entry(case.id, datetime.now(UTC), house_id, "taken_back"))
    store.remember(
        connection,
        [Entry(case.id, h.at, h.who, h.what, h.text, h.about) for h in handoff.history],
    )
    attachments.follow_shown(connection, case.id, handoff.standing.shown)
    # The copy of when it was at home in the house says nothing any more; neither does the question
    # that went down, of which the house may not have said yet that it came.
    connection.execute(delete(case_copies).where(case_copies.c.id == case.id))
    one = (outbox.c.receiver == house_id, outbox.c.id == question_parcel(case.id))
    connection.execute(delete(outbox).where(*one))


def _owned(rules: Rules, case: Case, work: Work) -> tuple[Case, Work]:
    """By an authority of ours. The deadline stays: it was promised."""
    work = replace(work, reminded_at=None, escalated_at=None, assignee=None, assignee_name=None)
    owner, receiver = _ours(rules, work.owner), _ours(rules, work.transfer_to)
    routed = rules.owner_of(work.topic, confirmed=False)
    work = replace(work, owner=owner or routed, transfer_to=receiver)
    if case.state is CaseState.TRANSFERRED and receiver is None:
        case = replace(case, state=CaseState.WAITING)
    return case, work


def _ours(rules: Rules, named: Holder | None) -> Holder | None:
    authority = named and rules.routing.authority(named.code)
    return holder(authority) if authority and not authority.of_block else None


# Both


def _standing(connection: Connection, known: Dossier) -> Standing:
    case, work = known.case, known.work
    return Standing(
        id=case.id,
        revision=case.revision,
        state=case.state,
        owner=work.owner.code,
        owner_name=work.owner.name,
        due_from=work.due_from,
        due_at=work.due_at,
        due_rule=work.due_rule,
        urgency=work.urgency,
        topic=work.topic,
        confidence=work.confidence,
        topic_by=work.topic_by,
        transfer_to=work.transfer_to.code if work.transfer_to else None,
        transfer_to_name=work.transfer_to.name if work.transfer_to else None,
        answer=case.answer,
        answered_by=case.answered_by,
        answered_at=case.answered_at,
        office=work.office,
        done_on=work.done_on,
        next_holder=work.next_holder,
        public_text=case.public_text,
        reopened=work.reopened,
        rating=work.rating,
        shown=attachments.shown(connection, case.id),
    )


def _stands(known: Dossier, told: Standing) -> tuple[Case, Work]:
    """The case as it is told to stand at the ward."""
    case = replace(
        known.case,
        home=Place.WARD,
        state=told.state,
        answer=told.answer,
        answered_by=told.answered_by,
        answered_at=told.answered_at,
        public_text=told.public_text,
    )
    to, to_name = told.transfer_to, told.transfer_to_name
    work = replace(
        known.work,
        owner=Holder(told.owner, told.owner_name),
        due_from=told.due_from,
        due_at=told.due_at,
        due_rule=told.due_rule,
        urgency=told.urgency,
        topic=told.topic,
        confidence=told.confidence,
        topic_by=told.topic_by,
        transfer_to=Holder(to, to_name or to) if to else None,
        office=told.office,
        done_on=told.done_on,
        next_holder=told.next_holder,
        reopened=told.reopened,
        rating=told.rating,
    )
    return case, work


def _history(connection: Connection, case_id: str) -> Iterator[Happened]:
    """The newest lines, as far as they fit, oldest first."""
    kept: list[Happened] = []
    left = MOST_HISTORY_BYTES
    lines: Sequence[Entry] = store.history(connection, case_id)[1:]
    for line in reversed(lines):
        left -= len(json.dumps([line.who, line.what, line.text, line.about]).encode()) + 50
        if left < 0:
            break
        kept.append(Happened(line.at, line.who, line.what, line.text, line.about))
    return reversed(kept)
