"""A case's words are erased, or the name of whoever asked: everywhere in this place at once.

    erase(connection, case_id, by="handler Hoa", at=now)        # nothing that was said is left
    erase(connection, case_id, by=…, at=now, keeps="Cống tắc")  # this stays, with its answer
    change_name(connection, case_id, None, by=…, at=now)

Inside `Database.write`, so that there is no moment at which a part of it is gone. The case itself
stays, with its times, its owner and its receipt: the ledger goes on to count it, with an entry that
says that it was erased, and without the salt nobody can show or guess what it was about. What
waited in the outbox to be told of it is taken back. The other side hears of it by
`feedback.data_requests`.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, or_, select, update

from feedback import attachments, ledger, store
from feedback.board import sought_in
from feedback.case import CaseState, Dossier, Entry
from feedback.folding import fold
from feedback.rows import location_values
from feedback.tables import attachments as photos
from feedback.tables import (
    case_copies,
    case_history,
    case_votes,
    case_work,
    cases,
    data_requests,
    mails,
    outbox,
)
from storage.signals import announce, erased

PARCELS: Final = ("case", "handoff", "question", "vote", "word")
"""How the ids of the parcels begin that tell of a case; its own id follows."""

_NO_NAME: Final[Mapping[str, Any]] = {
    "name_hidden": False,
    "consent_version": None,
    "consented_at": None,
}
"""Without a name there is nothing to consent to."""

_NAMING: Final = ("refused", "sent_back", "transferred")
"""In whose lines `about` may be somebody's own words."""


def erase(
    connection: Connection, case_id: str, *, by: str, at: datetime, keeps: str | None = None
) -> bool:
    """False where there is nothing to erase here, or it was erased before.

    `keeps` is what everybody may go on reading of a closed case, with its answer, where that has to
    be kept: nothing but this is left of what was asked.
    """
    _purge(connection, case_id)
    _erase_photos(connection, case_id, answered=bool(keeps))
    found = _erase_copy(connection, case_id, at=at, keeps=keeps)
    known = store.find(connection, case_id)
    if known is not None and known.case.erased_at is None:
        _erase_own(connection, known, by=by, at=at, keeps=keeps)
        found = True
    if found:
        _forget_names(connection, case_id)
        _settle(connection)
    return found


def change_name(
    connection: Connection,
    case_id: str,
    name: str | None,
    *,
    by: str,
    at: datetime,
    about: str | None = None,
) -> bool:
    """Of whoever asked, as he wants it to be; None forgets it, `about` says why where he did not
    ask for that. False where nothing changes here.

    What is on its way with the old name is taken back: whoever calls this tells the other side.
    """
    known = store.find(connection, case_id)
    if known is None or known.case.erased_at is not None or known.case.name == name:
        return False
    values = {"name": name} if name else {"name": None, **_NO_NAME}
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))
    told = (outbox.c.subject == case_id, outbox.c.id.like("privacy-%"))
    connection.execute(delete(outbox).where(*told))
    if name is None:
        _forget_names(connection, case_id)
    what = "name_removed" if name is None else "name_corrected"
    store.append(connection, Entry(case_id, at, by, what, about=about))
    _settle(connection)
    return True


def erased_cases(connection: Connection) -> tuple[tuple[str, str | None], ...]:
    """Of each that was erased its id, and what was kept of it."""
    query = select(cases.c.id, cases.c.text).where(cases.c.erased_at.is_not(None))
    return tuple((row.id, row.text or None) for row in connection.execute(query))


def _erase_copy(connection: Connection, case_id: str, *, at: datetime, keeps: str | None) -> bool:
    """At the ward, of a case that is at home in a house."""
    there = (case_copies.c.id == case_id, case_copies.c.erased_at.is_(None))
    known = connection.execute(select(case_copies).where(*there)).one_or_none()
    if known is None:
        return False
    values: dict[str, Any] = {
        "text": keeps or "",
        "public_text": None,
        "sought": sought_in(keeps, known.answer, known.answered_by, known.office) if keeps else "",
        **_NO_NAME,
        "erased_at": at,
        "votes": 0,
        "over": True,
        "state": known.state if known.state in ("answered", "dismissed") else "dismissed",
    }
    if known.case_state is not None and CaseState(known.case_state).is_open:
        values["case_state"] = CaseState.REFUSED.value
    if not keeps:
        values |= {"answer": None, "answered_by": None, "next_holder": None}
    connection.execute(update(case_copies).where(*there).values(values))
    return True


def _erase_own(
    connection: Connection, known: Dossier, *, by: str, at: datetime, keeps: str | None
) -> None:
    case, office = known.case, known.work.office
    case_id = case.id
    values: dict[str, Any] = {
        "text": keeps or "",
        "folded": fold(keeps or ""),
        "sought": sought_in(keeps, case.answer, case.answered_by, office) if keeps else "",
        "public_text": None,
        "name": None,
        **_NO_NAME,
        **location_values(None),
        "media_url": None,
        "erased_at": at,
        "revision": cases.c.revision + 1,
        "told": True,
        # The key is a hash of the words, and of something that may be known.
        "key_sha256": hashlib.sha256(f"erased\0{case_id}".encode()).digest(),
    }
    if not keeps:
        values |= {"answer": None, "answered_by": None}
    if case.state.is_open:
        _separate(connection, case_id, by=by, at=at)
        values |= {"state": CaseState.REFUSED.value, "answered_at": at}
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))
    work: dict[str, Any] = {
        "draft": None,
        "draft_office": None,
        "draft_done_on": None,
        "draft_by": None,
        "transfer_to": None,
        "transfer_to_name": None,
    }
    if not keeps:
        work["next_holder"] = None
    connection.execute(update(case_work).where(case_work.c.case_id == case_id).values(work))
    lines = case_history.c.case_id == case_id
    connection.execute(update(case_history).where(lines).values(text=None))
    naming = case_history.c.what.in_(_NAMING)
    connection.execute(update(case_history).where(lines, naming).values(about=None))
    connection.execute(delete(case_votes).where(case_votes.c.case_id == case_id))
    # By its mail's sender nobody is found any more; that it was received stays known.
    mail = mails.c.case_id == case_id
    connection.execute(update(mails).where(mail).values(sender=bytes(32)))
    store.append(connection, Entry(case_id, at, by, "erased"))
    ledger.erase(connection, case_id, at=at)


def _erase_photos(connection: Connection, case_id: str, *, answered: bool) -> None:
    """Those of an answer stay with it."""
    if not answered:
        attachments.erase(connection, case_id)
        return
    theirs = (photos.c.case_id == case_id, photos.c.kind == attachments.Kind.ASKED.value)
    connection.execute(delete(photos).where(*theirs))


def _separate(connection: Connection, case_id: str, *, by: str, at: datetime) -> None:
    """What was to be answered together with it stands by itself again."""
    for other in store.merged_into(connection, case_id):
        store.merge(connection, other.case.id, None, by=by, at=at)
        store.touch(connection, other.case.id)


def _purge(connection: Connection, case_id: str) -> None:
    """What waits to be told of it, here and outside."""
    parcels = (outbox.c.id.like(f"{kind}-{case_id}%") for kind in PARCELS)
    connection.execute(delete(outbox).where(or_(outbox.c.subject == case_id, *parcels)))


def _forget_names(connection: Connection, case_id: str) -> None:
    """As somebody asked for them to be."""
    mine = data_requests.c.case_id == case_id
    connection.execute(update(data_requests).where(mine).values(name=None))


def _settle(connection: Connection) -> None:
    announce(connection, store.TOPIC)
    announce(connection, store.WORKED)
    erased(connection)
