"""Cases, and the work on them, as rows of the database."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from feedback.case import (
    Answer,
    Case,
    CaseState,
    Consent,
    Dossier,
    Entry,
    Holder,
    Location,
    Place,
    Work,
)
from feedback.topics import Topic, Urgency


def case_of(row: Row[Any]) -> Case:
    """A row that holds the columns of `cases`."""
    return Case(
        id=row.id,
        receipt=row.receipt,
        text=row.text,
        name=row.name,
        via=row.via,
        received_at=row.received_at,
        state=CaseState(row.state),
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        origin=Place(row.origin),
        home=Place(row.home),
        name_hidden=row.name_hidden,
        public_text=row.public_text,
        revision=row.revision,
        handed=row.handed,
        same_as=row.same_as,
        consent=consent_of(row),
        erased_at=row.erased_at,
        location=location_of(row),
        media_url=row.media_url,
    )


def consent_of(row: Row[Any]) -> Consent | None:
    """A row that holds the columns of `cases` or `case_copies`."""
    version, at = row.consent_version, row.consented_at
    return None if version is None else Consent(version, at)


def location_of(row: Row[Any]) -> Location | None:
    """A row that holds the columns of `cases`."""
    found = Location(row.address, row.address_id, row.lat, row.long)
    return None if found == Location() else found


def location_values(location: Location | None) -> dict[str, Any]:
    """What never changes."""
    return asdict(location or Location())


def work_of(row: Row[Any]) -> Work:
    """A row that holds the columns of `case_work`."""
    to, draft = row.transfer_to, row.draft
    return Work(
        owner=Holder(row.owner, row.owner_name),
        due_from=row.due_from,
        due_at=row.due_at,
        due_rule=row.due_rule,
        topic=None if row.topic is None else Topic(row.topic),
        confidence=row.confidence,
        topic_by=row.topic_by,
        urgency=Urgency(row.urgency),
        transfer_to=None if to is None else Holder(to, row.transfer_to_name),
        assignee=row.assignee,
        assignee_name=row.assignee_name,
        draft=None if draft is None else Answer(draft, row.draft_office or "", row.draft_done_on),
        draft_by=row.draft_by,
        office=row.office,
        done_on=row.done_on,
        next_holder=row.next_holder,
        reopened=row.reopened,
        rating=row.rating,
        reminded_at=row.reminded_at,
        escalated_at=row.escalated_at,
    )


def dossier_of(row: Row[Any]) -> Dossier:
    """A row of `dossiers`."""
    return Dossier(case_of(row), work_of(row), row.house, row.number)


def entry_of(row: Row[Any]) -> Entry:
    return Entry(row.case_id, row.at, row.who, row.what, row.text, row.about)


def case_values(case: Case) -> dict[str, Any]:
    """What may change."""
    return {
        "text": case.text,
        "name": case.name,
        "state": case.state.value,
        "answer": case.answer,
        "answered_by": case.answered_by,
        "answered_at": case.answered_at,
        "home": case.home.value,
        "name_hidden": case.name_hidden,
        "consent_version": case.consent.version if case.consent else None,
        "consented_at": case.consent.at if case.consent else None,
        "public_text": case.public_text,
        "revision": case.revision,
        "handed": case.handed,
    }


def work_values(work: Work) -> dict[str, Any]:
    to, draft = work.transfer_to, work.draft
    return {
        "owner": work.owner.code,
        "owner_name": work.owner.name,
        "due_from": work.due_from,
        "due_at": work.due_at,
        "due_rule": work.due_rule,
        "topic": None if work.topic is None else work.topic.value,
        "confidence": work.confidence,
        "topic_by": work.topic_by,
        "urgency": work.urgency.value,
        "transfer_to": to.code if to else None,
        "transfer_to_name": to.name if to else None,
        "assignee": work.assignee,
        "assignee_name": work.assignee_name,
        "draft": draft.text if draft else None,
        "draft_office": draft.office if draft else None,
        "draft_done_on": draft.done_on if draft else None,
        "draft_by": work.draft_by,
        "office": work.office,
        "done_on": work.done_on,
        "next_holder": work.next_holder,
        "reopened": work.reopened,
        "rating": work.rating,
        "reminded_at": work.reminded_at,
        "escalated_at": work.escalated_at,
    }
