"""Cases on their way between a house and its ward: one home each, and a copy on the other side.

A question that the ward receives is at home there until the house has it durably; from then on, as
one that the house received itself, it is at home in the house, and the ward keeps a copy:

    ward     hand_down(connection, "to-5", case)        where the case is stored
    house    take_over(connection, rules, question)     the same again changes nothing
    house    tell(connection, outbox, case.id, …)       where the case, or its way, changes
    ward     copies.keep(connection, "to-5", copy)      an older one changes nothing

All run in the transaction of the change that they belong to. Down goes a `Question`, up a `Copy`. A
copy is whole, and has a revision by which those that come late or twice are known. It
holds what somebody with the receipt may read, and no name.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from sqlalchemy import Connection, update

from feedback import attachments, store, votes
from feedback.case import Case, CaseState, Entry, Location, Place, Progress
from feedback.case import Consent as CaseConsent
from feedback.ledger_book import beginning
from feedback.outbox import Outbox, Parcel, put
from feedback.receipt import ALPHABET, LENGTH
from feedback.rules import Rules
from feedback.tables import cases
from feedback.text import clean_line, clean_text
from feedback.topics import Topic

MOST_TEXT: Final = 4_000
"""Characters that are taken: twice what may be typed today, for an end that is newer."""

logger = logging.getLogger(__name__)

T = TypeVar("T")

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
ReceiptCode = Annotated[str, StringConstraints(pattern=rf"^[{ALPHABET}]{{{LENGTH}}}$")]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_TEXT), AfterValidator(clean_text)
]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_line)]
State = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, Field(ge=0, le=1_000_000)]


Via = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Spot:
    """`feedback.case.Location`, checked."""

    address: Annotated[str, StringConstraints(max_length=300), AfterValidator(clean_line)] | None
    address_id: Line | None
    lat: Annotated[float, Field(ge=-90, le=90)] | None
    long: Annotated[float, Field(ge=-180, le=180)] | None

    @classmethod
    def of(cls, case: Case) -> Self | None:
        return None if case.location is None else cls(**asdict(case.location))

    def plain(self) -> Location:
        return Location(**asdict(self))


@dataclass(frozen=True, slots=True)
class Consent:
    """To the name being kept (`feedback.case.Consent`)."""

    version: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
    at: AwareDatetime

    @classmethod
    def of(cls, case: Case) -> Self | None:
        return cls(case.consent.version, case.consent.at) if case.consent else None

    def plain(self) -> CaseConsent:
        return CaseConsent(self.version, self.at)


@dataclass(frozen=True, slots=True)
class Question:
    """Ward to house: this was asked for you."""

    kind: ClassVar = "question"
    id: Id
    receipt: ReceiptCode
    text: Text
    name: Line | None
    received_at: AwareDatetime
    hidden_name: Line | None = None
    """Instead of `name`, where those who deal with it are not to be told: a house that does not
    know of this takes it for a question without a name."""
    consent: Consent | None = None
    via: Via = "phone"
    topic: Topic | None = None
    """As whoever sent it says."""
    location: Spot | None = None
    media_url: Url | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who deals with the case (`feedback.case.Progress`)."""

    state: CaseState
    owner: Line
    due_at: AwareDatetime
    due_rule: Line
    transfer_to: Line | None = None
    office: Line | None = None
    done_on: date | None = None
    next_holder: Line | None = None
    reopened: Annotated[int, Field(ge=0, le=1000)] = 0
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """Ward to house: a device asks along."""

    kind: ClassVar = "vote"
    id: Id
    """Of the case."""
    device: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Copy:
    """House to ward: so the case stands now."""

    kind: ClassVar = "case"
    id: Id
    receipt: ReceiptCode
    revision: Count
    number: Count
    """In its meeting; people say "câu số 12"."""
    text: Text
    origin: Place
    received_at: AwareDatetime
    state: State
    """As its receipt shows it: `waiting`, `approved`, `answered`, …"""
    answer: Text | None = None
    answered_by: Line | None = None
    answered_at: AwareDatetime | None = None
    public_text: Text | None = None
    """What everybody reads instead of `text`."""
    same_as: Id | None = None
    """The case that it was merged into."""
    asked_into: Seconds | None = None
    """Since its meeting began."""
    answered_into: Seconds | None = None
    progress: Told | None = None
    over: bool = False
    """Its meeting is over; what is open is dealt with by `progress.owner`."""
    meeting: Id | None = None
    votes: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """How many devices ask along."""
    ledger_number: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """Of the entry with which it begins in the house's ledger."""
    ledger_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    name_hidden: bool = False
    consent: Consent | None = None
    """For its receipt; the name stays in the house."""
    shown: Annotated[tuple[Id, ...], Field(max_length=32)] | None = None
    """The photos and papers that everybody may see; None of a house that says nothing of it."""


_QUESTION: Final = TypeAdapter(Question)
_COPY: Final = TypeAdapter(Copy)
_VOTE: Final = TypeAdapter(Vote)


def read_question(body: Mapping[str, Any]) -> Question | None:
    """None where it makes no sense, which the log tells."""
    return read(_QUESTION, body)


def read_vote(body: Mapping[str, Any]) -> Vote | None:
    """None where it makes no sense, which the log tells."""
    return read(_VOTE, body)


def read_copy(body: Mapping[str, Any]) -> Copy | None:
    """None where it makes no sense, which the log tells."""
    return read(_COPY, body)


# At the ward


def hand_vote_down(connection: Connection, house_id: str, vote: Vote) -> None:
    parcel_id = f"{Vote.kind}-{vote.id}-{vote.device[:16]}"
    body = _VOTE.dump_python(vote, mode="json")
    put(connection, house_id, Parcel(parcel_id, Vote.kind, body))


def hand_down(
    connection: Connection, house_id: str, case: Case, topic: Topic | None = None
) -> None:
    """Into the outbox, for the house whose it is; once it is at home there, nothing. `topic` is as
    whoever sent it says."""
    if case.home is Place.WARD:
        body = Question(
            case.id,
            case.receipt,
            case.text,
            case.name_for_handlers,
            case.received_at,
            hidden_name=case.name if case.name_hidden else None,
            consent=Consent.of(case),
            via=case.via,
            topic=topic,
            location=Spot.of(case),
            media_url=case.media_url,
        )
        parcel = Parcel(
            question_parcel(case.id), Question.kind, _QUESTION.dump_python(body, mode="json")
        )
        put(connection, house_id, parcel)


def handed_down(connection: Connection, parcel_id: str) -> None:
    """The house has acknowledged this parcel: a question is at home there from now on. The name was
    for the meeting alone, and is forgotten here."""
    kind, _, case_id = parcel_id.partition("-")
    if kind == Question.kind:
        here = (cases.c.id == case_id, cases.c.home == Place.WARD.value)
        gone = update(cases).where(*here).values(home=Place.HOUSE.value, name=None)
        if connection.execute(gone).rowcount:
            at = datetime.now(UTC)
            store.append(connection, Entry(case_id, at, "house", "handed_over"))


# In the house


def take_over(connection: Connection, rules: Rules, question: Question) -> Case | None:
    """The case, now at home here. None where it was before, and where another one has its receipt,
    which no chance makes."""
    if store.by_id(connection, question.id) is not None:
        return None
    if store.by_receipt(connection, question.receipt) is not None:
        logger.error("the ward hands down %s under the receipt of another", question.id)
        return None
    case = Case(
        id=question.id,
        receipt=question.receipt,
        text=question.text,
        name=question.name or question.hidden_name or None,
        via=question.via,
        received_at=question.received_at,
        origin=Place.WARD,
        name_hidden=bool(question.hidden_name),
        consent=question.consent.plain() if question.consent else None,
        location=question.location.plain() if question.location else None,
        media_url=question.media_url,
    )
    key = hashlib.sha256(f"handed down\0{case.id}".encode()).digest()
    work = rules.at_receipt(case.received_at, question.topic)
    store.add(connection, case, work, key, by="resident")
    return case


def tell(
    connection: Connection,
    outbox: Outbox | None,
    case_id: str,
    *,
    number: int,
    state: str,
    asked_into: int | None = None,
    answered_into: int | None = None,
    over: bool = False,
    meeting: str | None = None,
) -> None:
    """The case, or its way, has changed. Without an outbox it stays noted that nobody was told."""
    if outbox is None:
        return
    known = store.get(connection, case_id)
    case, progress = known.case, Progress.of(known.case.state, known.work)
    if case.erased_at is not None and not case.text:
        return  # that is told by itself (`feedback.data_requests`), and is the last word
    number_there, hash_there = beginning(connection, case_id) or (None, None)
    copy = Copy(
        id=case.id,
        receipt=case.receipt,
        revision=case.revision,
        number=number,
        text=case.text,
        origin=case.origin,
        received_at=case.received_at,
        state=state,
        answer=case.answer,
        answered_by=case.answered_by,
        answered_at=case.answered_at,
        public_text=case.public_text,
        same_as=case.same_as,
        asked_into=asked_into,
        answered_into=answered_into,
        progress=Told(**asdict(progress)),
        over=over,
        meeting=meeting,
        votes=votes.count(connection, case_id),
        ledger_number=number_there,
        ledger_hash=hash_there,
        name_hidden=case.name_hidden,
        consent=Consent.of(case),
        shown=attachments.shown(connection, case_id),
    )
    body = _COPY.dump_python(copy, mode="json")
    outbox.put(connection, Parcel(f"case-{case.id}-{case.revision}", Copy.kind, body))
    store.told(connection, case_id)


def question_parcel(case_id: str) -> str:
    return f"{Question.kind}-{case_id}"


def read(adapter: TypeAdapter[T], body: Mapping[str, Any]) -> T | None:
    """What the other side says; None where it makes no sense, which the log tells."""
    try:
        return adapter.validate_python(dict(body))
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        logger.warning("a delivery makes no sense: %s", [(e["loc"], e["type"]) for e in problems])
        return None
