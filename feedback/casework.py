"""What may be done with a case, from its receipt to its public answer.

    step = Step(connection, rules, case_id, by=handler, at=now, seen=7)
    take(step)                                     # đang xử lý
    transfer(step, to="police", reason="Việc về an ninh")
    publish(step, Answer("Đã thông cống", "Phòng Kinh tế, …", date(2026, 12, 1)))

Each checks, stores the next state and leaves a line in the history, or raises Refused and stores
nothing. The same again, by the same person, changes nothing: a double tap is one. `seen` is the
revision that the handler's page showed: who has an old page before him is told so, and overwrites
nobody. `feedback.workplace` runs them, and tells the other side.

A case changes owner only where the new one acknowledges it. It is refused, or sent back, only with
a reason and whom to turn to next.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from base.cause import Refused
from feedback import attachments, store
from feedback.actions import ALLOWED, Action, Handler, Step, check, find, not_here
from feedback.case import Answer, Case, CaseState, Dossier, Entry, Holder, Progress, Work
from feedback.deadlines import HANOI
from feedback.intake import checked_answer
from feedback.redaction import marks
from feedback.rules import holder
from feedback.text import clean_line
from feedback.topics import Topic, Urgency

MOST_REOPENED: Final = 2
REOPENED_WITHIN: Final = timedelta(days=30)
"""After the answer, or the refusal."""
MOST_NAME_CHARACTERS: Final = 200


# What it is about


def confirm_topic(step: Step, topic: Topic) -> None:
    """A person says what it is about. As long as nobody has begun, its owner follows from that."""
    known = find(step)
    case, work = known.case, known.work
    if work.topic is topic and work.topic_by is not None:
        return
    check(step, known, Action.CONFIRM_TOPIC)
    assert step.by is not None
    if case.state is CaseState.WAITING:
        work = replace(work, owner=step.rules.owner_of(topic, confirmed=True))
    work = replace(work, topic=topic, topic_by=step.by.name)
    _store(step, case, _due(step, work), "topic_confirmed", about=topic.value, before=known.work)


def set_urgency(step: Step, urgency: Urgency) -> None:
    known = find(step)
    case, work = known.case, known.work
    if work.urgency is urgency:
        return
    check(step, known, Action.SET_URGENCY)
    work = replace(work, urgency=urgency)
    _store(step, case, _due(step, work), "urgency_set", about=urgency.value, before=known.work)


# Who deals with it


def take(step: Step) -> None:
    """The handler deals with it from now on, also instead of a colleague."""
    known = find(step)
    case, work = known.case, known.work
    assert step.by is not None
    if case.state is CaseState.IN_PROGRESS and work.assignee == step.by.id:
        return
    check(step, known, Action.TAKE)
    _store(step, *_in_hand(case, work, step.by), "taken")


def transfer(step: Step, to: str, reason: str) -> None:
    """To another authority, which is to acknowledge it; until then it stays with this one.

    Raises Refused: `case.no_authority`, `case.same_owner`, `feedback.empty`, `feedback.too_long`.
    """
    known = find(step)
    case, work = known.case, known.work
    receiver = _authority(step, to)
    if case.state is CaseState.TRANSFERRED and work.transfer_to == receiver:
        return
    check(step, known, Action.TRANSFER)
    if receiver.code == work.owner.code:
        raise Refused("case.same_owner", owner=receiver.name)
    reason = checked_answer(reason)
    case = replace(case, state=CaseState.TRANSFERRED)
    work = replace(work, transfer_to=receiver)
    _store(step, case, work, "transferred", text=reason, about=receiver.name)


def accept(step: Step) -> None:
    """The authority acknowledges it, and is its owner from now on."""
    known = find(step)
    case, work = known.case, known.work
    assert step.by is not None
    if case.state is CaseState.IN_PROGRESS and work.assignee == step.by.id:
        return
    check(step, known, Action.ACCEPT)
    assert work.transfer_to is not None
    work = replace(work, owner=work.transfer_to, transfer_to=None)
    _store(step, *_in_hand(case, work, step.by), "accepted", about=work.owner.name)


def send_back(step: Step, next_holder: str, reason: str) -> None:
    """The authority does not take it: back to its owner, or on to another one.

    Raises Refused: `case.no_authority`, `case.same_owner` where that is the one that declines,
    `feedback.empty`, `feedback.too_long`.
    """
    known = find(step)
    case, work = known.case, known.work
    check(step, known, Action.SEND_BACK)
    receiver, reason = _authority(step, next_holder), checked_answer(reason)
    assert work.transfer_to is not None
    if receiver.code == work.transfer_to.code:
        raise Refused("case.same_owner", owner=receiver.name)
    if receiver.code == work.owner.code:
        state = CaseState.IN_PROGRESS if work.assignee else CaseState.WAITING
        case, work = replace(case, state=state), replace(work, transfer_to=None)
    else:
        work = replace(work, transfer_to=receiver)
    _store(step, case, work, "sent_back", text=reason, about=receiver.name)


# What is answered


def draft_answer(step: Step, answer: Answer) -> None:
    """Kept for whoever checks it; something may still be missing. Who drafts has taken the case.

    Raises Refused: `feedback.empty`, `feedback.too_long`.
    """
    known = find(step)
    case, work = known.case, known.work
    assert step.by is not None
    answer = _cleaned(answer)
    if work.draft == answer and work.draft_by == step.by.name:
        return
    check(step, known, Action.DRAFT)
    if case.state is CaseState.WAITING:
        case, work = _in_hand(case, work, step.by)
    work = replace(work, draft=answer, draft_by=step.by.name)
    _store(step, case, work, "drafted", text=answer.text)


def publish(
    step: Step,
    answer: Answer,
    *,
    public_text: str | None = None,
    despite_marks: bool = False,
    attached: Collection[str] | None = None,
    photos_shown: bool | None = None,
) -> None:
    """Checked: for everybody to read, together with the question.

    `attached` are the ids of the photos and papers that go with it, in place of those that did
    before; `photos_shown` says whether everybody sees what whoever asked has shown. None leaves
    either as it is.

    `public_text` is what everybody reads of the question, where that is not all of it. An answer
    says what was done, when and by which office. `despite_marks` is the checker's own yes to what
    `feedback.redaction` marks in either. Raises Refused: `feedback.empty`, `feedback.too_long`,
    `case.office_missing`, `case.date_missing`, `case.date_to_come`, `case.marks_open`.
    """
    known = find(step)
    case, work = known.case, known.work
    assert step.by is not None
    answer = _cleaned(answer)
    words = checked_answer(public_text or case.text)
    shown = None if words == case.text else words
    if (
        _says(known, answer)
        and case.public_text == shown
        and not attachments.differs(step.connection, case.id, attached, photos_shown)
    ):
        return
    check(step, known, Action.PUBLISH)
    _check_complete(answer, step.at)
    if (found := marks(words) + marks(answer.text)) and not despite_marks:
        raise Refused("case.marks_open", number=len(found), words=found[0].words)
    case = replace(
        case,
        state=CaseState.ANSWERED,
        answer=answer.text,
        answered_by=step.by.name,
        answered_at=step.at,
        public_text=shown,
    )
    work = replace(
        work,
        draft=None,
        draft_by=None,
        office=answer.office,
        done_on=answer.done_on,
        next_holder=None,
    )
    if photos_shown is not None:
        attachments.show(step.connection, case.id, photos_shown)
    if attached is not None:
        attachments.publish(step.connection, case.id, attached, by=step.who, at=step.at)
    _store(step, case, work, "answered", text=answer.text, about=answer.office)


def refuse(step: Step, reason: str, next_holder: str) -> None:
    """It is nothing that the ward can answer. `next_holder` says in words who can.

    Raises Refused: `feedback.empty`, `feedback.too_long`, `case.next_holder_missing`,
    `case.next_holder_too_long`.
    """
    known = find(step)
    case, work = known.case, known.work
    assert step.by is not None
    reason, next_holder = checked_answer(reason), clean_line(next_holder)
    if not next_holder:
        raise Refused("case.next_holder_missing")
    if len(next_holder) > MOST_NAME_CHARACTERS:
        raise Refused("case.next_holder_too_long", most=MOST_NAME_CHARACTERS)
    before = (case.state, case.answer, work.next_holder)
    if before == (CaseState.REFUSED, reason, next_holder):
        return
    check(step, known, Action.REFUSE)
    case = replace(
        case,
        state=CaseState.REFUSED,
        answer=reason,
        answered_by=step.by.name,
        answered_at=step.at,
    )
    work = replace(work, office=work.owner.name, done_on=None, next_holder=next_holder)
    _store(step, case, work, "refused", text=reason, about=next_holder)


# What the resident says to it


def reopen(step: Step, reason: str) -> None:
    """The clock begins anew, with the same owner. Raises Refused: those of `check_reopening`."""
    known = find(step)
    case, work = known.case, known.work
    if case.state.is_open and _last_reason(step) == checked_answer(reason):
        return
    check(step, known, Action.REOPEN)
    if step.by is None:
        reason = check_reopening(Progress.of(case.state, work), case.answered_at, reason, step.at)
    case, work = store.opened(known)
    work = replace(work, due_from=step.at, reopened=work.reopened + 1, rating=None)
    _store(step, case, _due(step, work), "reopened", text=checked_answer(reason), before=known.work)


def check_reopening(
    progress: Progress, answered_at: datetime | None, reason: str, now: datetime
) -> str:
    """Whether whoever has the receipt may open it again; the reason, cleaned.

    Raises Refused: `feedback.empty`, `feedback.too_long`, `case.not_while_…`,
    `case.reopened_too_often`, `case.reopened_too_late`.
    """
    reason = checked_answer(reason)
    if progress.state not in ALLOWED[Action.REOPEN]:
        raise Refused(f"case.not_while_{progress.state}")
    if progress.reopened >= MOST_REOPENED:
        raise Refused("case.reopened_too_often", most=MOST_REOPENED)
    if answered_at is None or now - answered_at > REOPENED_WITHIN:
        raise Refused("case.reopened_too_late", days=REOPENED_WITHIN.days)
    return reason


def rate(step: Step, stars: int) -> None:
    """1 to 5, once for each answer. Raises Refused: those of `check_rating`."""
    known = find(step)
    case, work = known.case, known.work
    if work.rating == stars:
        return
    check_rating(Progress.of(case.state, work), stars)
    check(step, known, Action.RATE)
    _store(step, case, replace(work, rating=stars), "rated", about=str(stars))


def check_rating(progress: Progress, stars: int) -> None:
    """Raises Refused: `case.stars`, `case.not_while_…`, `case.rated`."""
    if not 1 <= stars <= 5:
        raise Refused("case.stars")
    if progress.state not in ALLOWED[Action.RATE]:
        raise Refused(f"case.not_while_{progress.state}")
    if progress.rating not in (None, stars):
        raise Refused("case.rated")


# What was merged into it


def close_merged(step: Step, head: Dossier) -> tuple[str, ...]:
    """What was answered or refused is so for all who asked it; the ids of the others."""
    closed = []
    for other in store.merged_into(step.connection, head.case.id):
        if not other.case.state.is_open or not_here(other.case, step.rules, other.house):
            continue
        said = head.case
        case = replace(
            other.case,
            state=said.state,
            answer=said.answer,
            answered_by=said.answered_by,
            answered_at=said.answered_at,
        )
        work = replace(
            other.work,
            transfer_to=None,
            office=head.work.office,
            done_on=head.work.done_on,
            next_holder=head.work.next_holder,
        )
        own = replace(step, case_id=case.id)
        about = work.next_holder if said.state is CaseState.REFUSED else work.office
        _store(own, case, work, said.state.value, text=said.answer, about=about)
        closed.append(case.id)
    return tuple(closed)


# How each goes


def _authority(step: Step, code: str) -> Holder:
    """Raises Refused `case.no_authority`."""
    authority = step.rules.routing.authority(code)
    if authority is None:
        raise Refused("case.no_authority")
    return holder(authority)


def _in_hand(case: Case, work: Work, by: Handler) -> tuple[Case, Work]:
    case = replace(case, state=CaseState.IN_PROGRESS)
    return case, replace(work, assignee=by.id, assignee_name=by.name)


def _due(step: Step, work: Work) -> Work:
    """Another deadline is reminded of anew."""
    due = step.rules.deadlines.due(work.due_from, work.topic, work.urgency)
    if due.at == work.due_at:
        return work
    return replace(work, due_at=due.at, due_rule=due.rule, reminded_at=None, escalated_at=None)


def _cleaned(answer: Answer) -> Answer:
    """Raises Refused: `feedback.empty`, `feedback.too_long`."""
    return replace(
        answer,
        text=checked_answer(answer.text),
        office=clean_line(answer.office)[:MOST_NAME_CHARACTERS],
    )


def _check_complete(answer: Answer, now: datetime) -> None:
    if not answer.office:
        raise Refused("case.office_missing")
    if answer.done_on is None:
        raise Refused("case.date_missing")
    if answer.done_on > now.astimezone(HANOI).date():
        raise Refused("case.date_to_come")


def _last_reason(step: Step) -> str | None:
    """With which it was opened again last."""
    lines = store.history(step.connection, step.case_id)
    return next((line.text for line in reversed(lines) if line.what == "reopened"), None)


def _says(known: Dossier, answer: Answer) -> bool:
    """It is the answer already."""
    case, work = known.case, known.work
    says = (case.answer, work.office, work.done_on) == (answer.text, answer.office, answer.done_on)
    return says and case.state is CaseState.ANSWERED


def _store(
    step: Step,
    case: Case,
    work: Work,
    what: str,
    *,
    text: str | None = None,
    about: str | None = None,
    before: Work | None = None,
) -> None:
    """`before` is the work whose deadline may have moved, which everybody is to know of."""
    store.save(step.connection, case, work)
    store.append(step.connection, Entry(case.id, step.at, step.who, what, text, about))
    if before is not None and before.due_at != work.due_at:
        store.append_due(step.connection, case.id, work, who=step.who, at=step.at)
