"""The minutes of a meeting that is over, from what the house wrote down while it went on.

    minutes = await database.read(lambda c: minutes_of(c, meeting_id, now))

Nothing is stored for them: times are the journal's, and each question stands as it stands now, so
that an answer that came late is in the next print. `made_at` says when that was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select

from base.cause import Cause, Refused
from devices.device import Condition
from feedback import store as case_store
from feedback.case import CaseState, Place, Work
from feedback.grievances import Grievance
from rooms import guests, question_store
from rooms.guests import Guest
from rooms.meeting import Action
from rooms.question import Question
from rooms.store import Line, lines_of
from rooms.tables import device_health, meetings
from rooms.tables import questions as question_rows
from rooms.view import QuestionState, Role

WORTH_NAMING: Final = timedelta(seconds=60)
"""A device that failed for less of the meeting is not named."""

_ENDINGS: Final = (Action.END_MEETING, "left_alone")
_TAKING_BACK: Final = (Action.REVOKE_INVITATION, Action.REVOKE_FROM_HUB, Action.ACCOUNT_OUT)
_GOING: Final = (Action.LEAVE, Action.REMOVE_GUEST, "away")
_CLOSING: Final = (Action.ANSWER_QUESTION, Action.DISMISS_QUESTION)


class Fate(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    """In the meeting."""
    ANSWERED_LATER = "answered_later"
    DISMISSED = "dismissed"
    MERGED = "merged"
    """With another one about the same matter, which tells for both."""
    OPEN = "open"
    """It goes on as a case."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who was let in from far away; the hall's people are not counted by any machine."""

    name: str
    role: Role
    came: datetime | None
    """None where the journal does not tell."""
    left: datetime | None
    """None stayed to the end."""


@dataclass(frozen=True, slots=True)
class Interruption:
    at: datetime
    """When the house was there again."""
    seconds: int


@dataclass(frozen=True, slots=True)
class Fault:
    device: str
    """Its id in the settings."""
    cause: Cause | None
    since: datetime
    until: datetime | None
    """None lasted to the end."""


@dataclass(frozen=True, slots=True)
class MinutedQuestion:
    number: int
    text: str
    asked_by: str | None
    """As the asker wished: None did not want to be named."""
    via: str
    origin: Place
    asked_at: datetime
    meeting_started: datetime | None
    """Of the meeting that it was asked for: another one where it was answered late."""
    fate: Fate
    state: CaseState
    answer: str | None
    """What was answered, or the reason why not."""
    answered_by: str | None
    answered_at: datetime | None
    owner: str | None = None
    """The authority that has to answer, while it is open."""
    due_at: datetime | None = None
    next_holder: str | None = None
    """Whom to turn to, where it was refused."""
    merged_into: int | None = None
    """The other question's number."""
    withheld: bool = False
    """It seems to be a denunciation, and nobody made it public: neither `text` nor `asked_by` is
    here (Luật Tố cáo 25/2018/QH14, Điều 8)."""
    at_ward: bool = False
    """Handed up to the ward, which goes on with it."""


@dataclass(frozen=True, slots=True)
class Minutes:
    meeting_id: str
    title: str
    started_at: datetime
    ended_at: datetime
    chaired_by: tuple[str, ...]
    """Names of the leaders who led it, the one who began it first; empty where none has a name."""
    taken_by: tuple[str, ...]
    """Names of the secretaries who did something in it."""
    attendees: tuple[Attendee, ...]
    """In order of arrival."""
    interruptions: tuple[Interruption, ...]
    faults: tuple[Fault, ...]
    questions: tuple[MinutedQuestion, ...]
    """Of this meeting, in order of number."""
    earlier: tuple[MinutedQuestion, ...]
    """Of earlier meetings, answered in this one."""
    made_at: datetime

    def count(self, *fates: Fate) -> int:
        return sum(question.fate in fates for question in self.questions)


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    id: str
    title: str
    started_at: datetime
    questions: int


def held(connection: Connection, limit: int) -> tuple[HeldMeeting, ...]:
    """The meetings that are over, newest first."""
    asked = (
        select(func.count())
        .where(question_rows.c.meeting_id == meetings.c.id)
        .scalar_subquery()
        .label("asked")
    )
    rows = connection.execute(
        select(meetings.c.id, meetings.c.title, meetings.c.started_at, asked)
        .where(meetings.c.over, meetings.c.started_at.is_not(None))
        .order_by(meetings.c.seq.desc())
        .limit(limit)
    )
    return tuple(HeldMeeting(row.id, row.title, row.started_at, row.asked) for row in rows)


def minutes_of(connection: Connection, meeting_id: str, now: datetime) -> Minutes:
    """Raises Refused: `minutes.unknown`, `minutes.not_over`."""
    row = connection.execute(
        select(meetings.c.title, meetings.c.started_at, meetings.c.over).where(
            meetings.c.id == meeting_id
        )
    ).one_or_none()
    if row is None or (row.over and row.started_at is None):
        raise Refused("minutes.unknown")
    if not row.over:
        raise Refused("minutes.not_over")
    lines = lines_of(connection, meeting_id)
    # What is pressed after that, while the end can still be taken back, belongs to the meeting.
    finished = next((line.at for line in lines if line.action == "finish"), now)
    ended = next((line.at for line in reversed(lines) if line.action in _ENDINGS), finished)
    of_meeting, earlier = _questions(connection, meeting_id, lines, finished)
    return Minutes(
        meeting_id=meeting_id,
        title=row.title,
        started_at=row.started_at,
        ended_at=ended,
        chaired_by=_names(lines, Role.LEADER),
        taken_by=_names(lines, Role.SECRETARY),
        attendees=_attendees(
            guests.of_meeting(connection, meeting_id), lines, row.started_at, ended
        ),
        interruptions=tuple(
            Interruption(line.at, int(line.params.get("seconds", 0)))
            for line in lines
            if line.action == "restored"
        ),
        faults=_faults(connection, row.started_at, ended),
        questions=of_meeting,
        earlier=earlier,
        made_at=now,
    )


def _names(lines: Sequence[Line], role: Role) -> tuple[str, ...]:
    """Whoever began the meeting comes first, though others may have prepared it."""
    began = [line for line in lines if line.action == Action.START_MEETING]
    found = (line.name for line in (*began, *lines) if line.role == role.value and line.name)
    return tuple(dict.fromkeys(found))


def _attendees(
    known: Iterable[Guest], lines: Sequence[Line], started: datetime, ended: datetime
) -> tuple[Attendee, ...]:
    """Somebody who came in by two browsers under one name is one person."""
    came, left = _comings_and_goings(lines)
    people: dict[tuple[str, Role], Attendee] = {}
    for guest in known:
        gone = left.get(guest.id)
        if guest.gone == "revoked":
            gone = left.get(guest.invitation_id, gone)
        if not guest.admitted or (gone is not None and gone <= started):
            continue
        arrived = came.get(guest.id)
        arrived = None if arrived is None else max(arrived, started)
        here = Attendee(guest.name, guest.role, arrived, None if gone and gone >= ended else gone)
        before = people.get((guest.name, guest.role))
        if before is not None:
            stayed = before.left is None or here.left is None
            last = None if stayed else max(filter(None, (before.left, here.left)))
            here = replace(before, left=last)
        people[guest.name, guest.role] = here
    return tuple(people.values())


def _comings_and_goings(
    lines: Sequence[Line],
) -> tuple[Mapping[str, datetime], Mapping[str, datetime]]:
    """When each guest was let in first, and went last, by his id; also when an invitation was taken
    back, by its own."""
    entered: dict[str, datetime] = {}
    admitted: dict[str, datetime] = {}
    left: dict[str, datetime] = {}
    for line in lines:
        guest = str(line.params.get("guest", ""))
        if line.action in _TAKING_BACK:
            left[str(line.params.get("invitation", ""))] = line.at
        elif not guest:
            continue
        elif line.action == Action.ENTER:
            entered.setdefault(guest, line.at)
            left.pop(guest, None)
        elif line.action == Action.ADMIT:
            admitted.setdefault(guest, line.at)
        elif line.action == Action.COME_BACK:
            left.pop(guest, None)
        elif line.action in _GOING:
            left[guest] = line.at
    return entered | admitted, left


def _faults(connection: Connection, started: datetime, ended: datetime) -> tuple[Fault, ...]:
    """What failed for a while of the meeting, as far as `health_history` still knows of it."""
    rows = connection.execute(
        select(device_health)
        .where(device_health.c.at < ended, ~device_health.c.device.startswith("own."))
        .order_by(device_health.c.seq)
    )
    over: list[Fault] = []
    going_on: dict[str, Fault] = {}
    for row in rows:
        before = going_on.pop(row.device, None)
        if row.condition != Condition.FAILED.value:
            over += [replace(before, until=row.at)] if before else []
            continue
        cause = Cause(row.code, **row.params) if row.code else None
        # A second cause for the same outage is the same outage.
        going_on[row.device] = before or Fault(row.device, cause, row.at, None)
    every = sorted([*over, *going_on.values()], key=lambda fault: fault.since)
    return tuple(
        replace(fault, since=max(fault.since, started))
        for fault in every
        if (fault.until or ended) - max(fault.since, started) >= WORTH_NAMING
    )


def _questions(
    connection: Connection, meeting_id: str, lines: Sequence[Line], finished: datetime
) -> tuple[tuple[MinutedQuestion, ...], tuple[MinutedQuestion, ...]]:
    closed = {str(line.params.get("question")) for line in lines if line.action in _CLOSING}
    found = question_store.minuted(connection, meeting_id, closed)
    of_meetings = meetings.c.id.in_({q.meeting_id for q in found})
    rows = connection.execute(select(meetings.c.id, meetings.c.started_at).where(of_meetings))
    starts = {row.id: row.started_at for row in rows}
    is_head = question_rows.c.case_id.in_({q.case.same_as for q in found if q.case.same_as})
    rows = connection.execute(
        select(question_rows.c.case_id, question_rows.c.number).where(is_head)
    )
    heads = {row.case_id: row.number for row in rows}
    every = []
    for question in found:
        dossier = case_store.find(connection, question.id)
        minuted = _minuted(
            question,
            dossier.work if dossier else None,
            started=starts[question.meeting_id],
            finished=finished,
            merged_into=heads.get(question.case.same_as or ""),
        )
        every.append((question, minuted))
    return (
        tuple(minuted for q, minuted in every if q.meeting_id == meeting_id),
        tuple(minuted for q, minuted in every if q.meeting_id != meeting_id),
    )


def _minuted(
    question: Question,
    work: Work | None,
    *,
    started: datetime | None,
    finished: datetime,
    merged_into: int | None,
) -> MinutedQuestion:
    case = question.case
    fate = Fate.OPEN
    if merged_into is not None:
        fate = Fate.MERGED
    elif case.state is CaseState.ANSWERED:
        late = case.answered_at is not None and case.answered_at > finished
        fate = Fate.ANSWERED_LATER if late else Fate.ANSWERED
    elif case.state is CaseState.REFUSED:
        fate = Fate.DISMISSED
    hushed = (QuestionState.WAITING, QuestionState.DISMISSED)
    withheld = case.grievance is Grievance.DENUNCIATION and question.state in hushed
    return MinutedQuestion(
        number=question.number,
        # On paper it goes from hand to hand: no receipt either, which opens all that is kept of it.
        text="" if withheld else question.text,
        asked_by=None if withheld else case.name_for_handlers,
        withheld=withheld,
        via=case.via,
        origin=case.origin,
        asked_at=case.received_at,
        meeting_started=started,
        fate=fate,
        state=case.state,
        answer=case.answer,
        answered_by=case.answered_by,
        answered_at=case.answered_at,
        owner=work.owner.name if work and case.state.is_open else None,
        due_at=work.due_at if work and case.state.is_open else None,
        next_holder=work.next_holder if work else None,
        merged_into=merged_into,
        at_ward=case.home is Place.WARD or case.handed,
    )
