"""A case: a resident's matter, from the first second to its public answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from feedback.grievances import Grievance, grievance_in
from feedback.topics import Topic, Urgency


class CaseState(StrEnum):
    """The public words for it; a case that came in is never without one."""

    WAITING = "waiting"
    """Chờ xử lý: it has an owner and a deadline, and nobody has begun."""
    IN_PROGRESS = "in_progress"
    """Đang xử lý."""
    TRANSFERRED = "transferred"
    """Chuyển xử lý: handed to another authority, which has not acknowledged it yet."""
    ANSWERED = "answered"
    """Đã xử lý."""
    REFUSED = "refused"
    """Từ chối, with the reason why and whom to turn to instead."""

    @property
    def is_open(self) -> bool:
        return self not in (CaseState.ANSWERED, CaseState.REFUSED)


class Place(StrEnum):
    """Where a case was received, and where it is at home: one side alone may change it."""

    HOUSE = "house"
    WARD = "ward"


@dataclass(frozen=True, slots=True)
class Consent:
    """Whoever asked agreed to his name being kept."""

    version: str
    """Of the words that he read (`feedback.consent`)."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Location:
    """Where it is about; something of it is known."""

    address: str | None = None
    """In words, one line."""
    address_id: str | None = None
    """In an address register of whoever sent it."""
    lat: float | None = None
    """Degrees, WGS 84; both or none."""
    long: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    receipt: str
    """As in `feedback.receipt`, without hyphens."""
    text: str
    """NFC, as it was typed; markup means nothing in it."""
    name: str | None
    """One field, never split; None is anonymous."""
    via: str
    """`phone`, `hall`, `official`, `paper`, `open311`."""
    received_at: datetime
    state: CaseState = CaseState.WAITING
    answer: str | None = None
    """What was answered, or the reason why not."""
    answered_by: str | None = None
    answered_at: datetime | None = None
    origin: Place = Place.HOUSE
    """Where it was received."""
    home: Place = Place.HOUSE
    name_hidden: bool = False
    """Whoever handles it is not told the name."""
    consent: Consent | None = None
    """Of whoever gave his name in a form of ours."""
    public_text: str | None = None
    """What everybody reads instead of `text`, where that names somebody or says it badly."""
    revision: int = 1
    """Counts the states of it that were stored, on both sides."""
    handed: bool = False
    """The house has offered it to the ward; until that is home, nobody changes it."""
    same_as: str | None = None
    """The id of the case that it was merged into: what is answered there is answered here."""
    erased_at: datetime | None = None
    """When its words were erased; nothing follows on it."""
    location: Location | None = None
    """For whoever deals with it. What stands in `text` alone is not here."""
    media_url: str | None = None
    """A picture that whoever sent it keeps elsewhere; it is never fetched from here."""

    @property
    def grievance(self) -> Grievance | None:
        """A complaint or a denunciation, as it seems: a hint for whoever makes it public."""
        return grievance_in(self.text)

    @property
    def name_for_handlers(self) -> str | None:
        return None if self.name_hidden else self.name


@dataclass(frozen=True, slots=True)
class Holder:
    """An authority as it was called when the case came to it."""

    code: str
    """As in the configuration of the place where the case is at home."""
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authority says it did; a draft may lack some of it."""

    text: str
    office: str = ""
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Who deals with a case, and until when."""

    owner: Holder
    due_from: datetime
    """When the clock began: at receipt, or when it was opened again."""
    due_at: datetime
    due_rule: str
    """Where the deadline is laid down, for everybody to read."""
    topic: Topic | None = None
    """Suggested, or confirmed where `topic_by` says by whom."""
    confidence: float | None = None
    """Of the suggestion, 0 to 1."""
    topic_by: str | None = None
    urgency: Urgency = Urgency.NORMAL
    transfer_to: Holder | None = None
    """Who is to acknowledge it, while it is transferred."""
    assignee: str | None = None
    """Account of the handler who has taken it."""
    assignee_name: str | None = None
    draft: Answer | None = None
    draft_by: str | None = None
    office: str | None = None
    """Which office answered or refused; None of what was answered in a meeting."""
    done_on: date | None = None
    """When that office did what it says it did."""
    next_holder: str | None = None
    """Of a refused case: whom to turn to."""
    reopened: int = 0
    """How many times."""
    rating: int | None = None
    """1 to 5, by whoever has the receipt."""
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def topic_given(self) -> bool:
        """By whoever sent it, and not by a classifier; nobody has confirmed it yet."""
        return self.topic is not None and self.confidence is None and self.topic_by is None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with all that is known of the work on it."""

    case: Case
    work: Work
    house: str | None = None
    """At the ward: whose residents asked."""
    number: int | None = None
    """At the ward: in the meeting of a house that handed it up."""

    @property
    def is_late(self) -> bool:
        """It was closed after its deadline; what is open is late by the clock (`late_at`)."""
        closed = self.case.answered_at
        return closed is not None and closed > self.work.due_at

    def late_at(self, now: datetime) -> bool:
        return self.is_late if not self.case.state.is_open else now > self.work.due_at


@dataclass(frozen=True, slots=True)
class Progress:
    """Who deals with a matter, and until when, for everybody to read."""

    state: CaseState
    owner: str
    due_at: datetime
    due_rule: str
    transfer_to: str | None = None
    """Who is to acknowledge it, while it is transferred."""
    office: str | None = None
    done_on: date | None = None
    next_holder: str | None = None
    reopened: int = 0
    rating: int | None = None
    topic: Topic | None = None
    """As it was suggested, until a person says what it is about."""

    @classmethod
    def of(cls, state: CaseState, work: Work) -> Self:
        return cls(
            state=state,
            owner=work.owner.name,
            due_at=work.due_at,
            due_rule=work.due_rule,
            transfer_to=work.transfer_to.name if work.transfer_to else None,
            office=work.office,
            done_on=work.done_on,
            next_holder=work.next_holder,
            reopened=work.reopened,
            rating=work.rating,
            topic=work.topic,
        )

    def after_meeting(self, state: CaseState) -> Self:
        """As `feedback.store` keeps it of a case that was answered, dismissed or taken back there:
        who is refused turns to the authority that would have answered."""
        return replace(
            self,
            state=state,
            transfer_to=None,
            office=None,
            done_on=None,
            next_holder=self.owner if state is CaseState.REFUSED else None,
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """Under which question a matter is answered."""

    number: int
    text: str
    """As everybody reads it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a case begins in the ledger, for its receipt."""

    number: int
    hash: str
    """64 hexadecimal digits."""
    proof: Mapping[str, Any] | None
    """What shows that this entry is of this case (LEDGER.md); None once it was erased, and where
    only the house has it."""
    of_house: bool = False
    """At the ward: it stands in the ledger of the house, which has told of it."""


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """How a matter stands, for whoever has its code."""

    code: str
    number: int | None
    text: str
    asked_at: datetime
    state: str
    """`waiting`, `approved`, `on_stage`, `answered`, `dismissed`."""
    answer: str | None
    """What was answered, or the reason why not."""
    answered_by: str | None
    answered_at: datetime | None
    origin: Place
    home: Place
    public_text: str | None = None
    """What everybody reads instead of `text`."""
    merged: Merged | None = None
    asked_into: int | None = None
    """Seconds since its meeting began; None where it was asked outside of one."""
    answered_into: int | None = None
    mark: Mark | None = None
    """None where its ledger is kept elsewhere."""
    progress: Progress | None = None
    """None of a house that tells nothing of it yet."""
    over: bool = False
    """Its meeting is over: `state` says no longer where it stands there."""
    consent: Consent | None = None
    """To the name that is kept with it; the name itself is not shown."""
    name_hidden: bool = False
    erased_at: datetime | None = None
    """Its words were erased; what was to stay public may still be here."""


@dataclass(frozen=True, slots=True)
class AskedView:
    """One matter that waits for its answer in a meeting, in public: without a name."""

    id: str
    number: int
    text: str
    on_stage: bool
    askers: int
    """How many ask it, each in his own words or along with others."""
    joined: bool
    """This device is one of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history."""

    case_id: str
    at: datetime
    """Wall clock, for people; the order is the history's own."""
    who: str
    """A role, and a name where there is one: `leader Nguyễn Văn An`."""
    what: str
    """A code: `received`, `answered`, …"""
    text: str | None = None
    about: str | None = None
    """A code or a name that belongs to it: the topic, whom it was transferred to."""
