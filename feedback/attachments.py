"""Photos and papers of a case: what the resident shows, and what the answer shows.

    one = add(connection, case_id, Kind.ASKED, sheet, by="resident", at=now, house=None, most=…)
    of_cases(connection, [case_id, …])          # {case_id: (Attachment, …)}, without the bytes
    content(connection, one.id, small=True)     # (Attachment, bytes)
    erase(connection, case_id)                  # all of them

They lie in the database of their case, not in files beside it: what is acknowledged is durable by
the same commit, one backup holds both, and nothing is left behind when a case is erased. What keeps
the database small is a budget for each house, and three to a case.

A case never waits for its photo: it is stored first, by itself, and the photo follows. What a
resident shows is for those who deal with the case: faces and number plates may be on it. Everybody
sees it only where a person said so (`show`), and of an answer what was published with it.

To the other side they go in pieces (`feedback.attachment_way`).
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from base.cause import Refused
from feedback import store
from feedback.case import Entry
from feedback.outbox import topic_of
from feedback.pictures import JPEG, Sheet
from feedback.tables import attachment_pieces, attachments, case_copies, cases
from storage.signals import announce

MOST: Final = 3
"""Of a question, and as many of its answer."""
WARD: Final = "ward"
"""As a house calls the receiver of what goes to its hub."""

_OVER: Final = ("answered", "refused", "dismissed")
"""Of a case, or of a question in its meeting."""
_NAMES: Final = (
    *("id", "case_id", "kind", "type", "sha256", "size", "width", "height", "added_at", "public"),
)
_LISTED: Final = tuple(attachments.c[name] for name in _NAMES)

# Made once: every page of a receipt asks them.
_OF_CASES: Final = (
    select(*_LISTED)
    .where(attachments.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(attachments.c.seq)
)
_BY_RECEIPT: Final = {
    table: select(table.c.id, table.c.same_as).where(
        table.c.receipt == bindparam("receipt"),
        table.c.house.is_not_distinct_from(bindparam("house")),
    )
    for table in (case_copies, cases)
}


class Kind(StrEnum):
    ASKED = "asked"
    """By whoever asked, or for him: a photo of the place, of his paper slip."""
    ANSWER = "answer"
    """By whoever answers: what was done, the paper that says so."""


@dataclass(frozen=True, slots=True)
class Attachment:
    id: str
    case_id: str
    kind: Kind
    type: str
    """`image/jpeg` or `application/pdf`."""
    sha256: str
    size: int
    """Bytes."""
    width: int | None
    height: int | None
    added_at: datetime
    public: bool
    """Everybody may see it."""

    @property
    def was_asked_with(self) -> bool:
        return self.kind is Kind.ASKED

    @property
    def is_picture(self) -> bool:
        return self.type == JPEG


def add(
    connection: Connection,
    case_id: str,
    kind: Kind,
    sheet: Sheet,
    *,
    by: str,
    at: datetime,
    house: str | None,
    most_bytes: int,
) -> Attachment:
    """The same content again is the same attachment. `house` is whose residents asked, for a ward;
    `most_bytes` is the budget of each house.

    Raises Refused: `attachment.too_many`, `attachment.no_room`, `case.erased`.
    """
    if store.is_erased(connection, case_id):
        raise Refused("case.erased")
    known = of_cases(connection, [case_id]).get(case_id, ())
    sha256 = sheet.sha256
    for one in known:
        if (one.kind, one.sha256) == (kind, sha256):
            return one
    if sum(one.kind is kind for one in known) >= MOST:
        raise Refused("attachment.too_many", most=MOST)
    if used(connection, house) + len(sheet.content) > most_bytes:
        raise Refused("attachment.no_room")
    one = Attachment(
        secrets.token_hex(8),
        case_id,
        kind,
        sheet.type,
        sha256,
        len(sheet.content),
        sheet.width,
        sheet.height,
        at,
        public=False,
    )
    # A draft is nobody's business until it is published.
    keep(connection, one, sheet, house=house, to_send=kind is Kind.ASKED)
    if kind is Kind.ASKED:
        _note(connection, one, by=by, at=at)
    return one


def keep(
    connection: Connection, one: Attachment, sheet: Sheet, *, house: str | None, to_send: bool
) -> None:
    """As it is; also one that the other side has sent."""
    values = {name: getattr(one, name) for name in _NAMES}
    connection.execute(
        insert(attachments).values(
            **values,
            house=house,
            to_send=to_send,
            small=sheet.small,
            content=sheet.content,
        )
    )
    _tell(connection, house)


def publish(
    connection: Connection, case_id: str, ids: Collection[str], *, by: str, at: datetime
) -> None:
    """These go with the answer from now on, for everybody to see. Those of an answer that was
    published before, and that are not among them, are taken back from everybody."""
    for one in of_cases(connection, [case_id]).get(case_id, ()):
        if one.kind is not Kind.ANSWER or one.public == (one.id in ids):
            continue
        values = {"public": False} if one.public else {"public": True, "to_send": True}
        connection.execute(update(attachments).where(attachments.c.id == one.id).values(values))
        if not one.public:
            _note(connection, one, by=by, at=at)
    _tell_of(connection, case_id)


def differs(
    connection: Connection,
    case_id: str,
    published: Collection[str] | None,
    photos_shown: bool | None,
) -> bool:
    """Whether that is not what everybody sees by now; None is whatever they see."""
    for one in of_cases(connection, [case_id]).get(case_id, ()):
        if one.kind is Kind.ANSWER:
            wanted = None if published is None else one.id in published
        else:
            wanted = photos_shown
        if wanted is not None and wanted != one.public:
            return True
    return False


def show(connection: Connection, case_id: str, shown: bool) -> None:
    """Whether everybody sees what whoever asked has shown."""
    asked = (attachments.c.case_id == case_id, attachments.c.kind == Kind.ASKED.value)
    connection.execute(update(attachments).where(*asked).values(public=shown))
    _tell_of(connection, case_id)


def shown(connection: Connection, case_id: str) -> tuple[str, ...]:
    """The ids of those that everybody may see, for the other side."""
    query = select(attachments.c.id).where(attachments.c.case_id == case_id, attachments.c.public)
    return tuple(connection.execute(query.order_by(attachments.c.seq)).scalars())


def follow_shown(connection: Connection, case_id: str, ids: Iterable[str] | None) -> None:
    """As the side says where the case is at home; None is one that says nothing of it."""
    if ids is not None:
        is_shown = attachments.c.id.in_(tuple(ids))
        of_it = attachments.c.case_id == case_id
        connection.execute(update(attachments).where(of_it).values(public=is_shown))


def remove(connection: Connection, case_id: str, attachment_id: str) -> None:
    """One of an answer that is not published; any other stays as it is."""
    draft = (
        attachments.c.id == attachment_id,
        attachments.c.case_id == case_id,
        attachments.c.kind == Kind.ANSWER.value,
        ~attachments.c.public,
    )
    connection.execute(delete(attachments).where(*draft))


def erase(connection: Connection, case_id: str) -> int:
    """Remove all photos and papers of a case, and what has come of others so far; how many there
    were. Inside the `Database.write` that erases the case, beside `ledger.erase`:

        def write(connection):
            attachments.erase(connection, case_id)
            ledger.erase(connection, case_id, at=now)
            …

    Each side erases its own (`feedback.erasing`). Pieces that are still on their way
    find no case any more and are dropped (`feedback.attachment_way.take`) as long as the row of the
    case is gone as well, or its salt is. In the history the lines `attached` hold the SHA-256 as
    their text, which says nothing about a picture that nobody has; they may stay or go with the
    others.
    """
    connection.execute(delete(attachment_pieces).where(attachment_pieces.c.case_id == case_id))
    gone = connection.execute(delete(attachments).where(attachments.c.case_id == case_id))
    announce(connection, store.WORKED)
    return gone.rowcount


def of_cases(
    connection: Connection, case_ids: Iterable[str]
) -> Mapping[str, tuple[Attachment, ...]]:
    """In the order in which they came, for each case that has any."""
    found: defaultdict[str, list[Attachment]] = defaultdict(list)
    ids = sorted(case_ids)
    for first in range(0, len(ids), 500):
        for row in connection.execute(_OF_CASES, {"ids": ids[first : first + 500]}):
            found[row.case_id].append(_attachment(row))
    return {case_id: tuple(ones) for case_id, ones in found.items()}


def content(
    connection: Connection, attachment_id: str, *, small: bool = False
) -> tuple[Attachment, bytes] | None:
    """A small one is a JPEG; None where there is none."""
    column = attachments.c.small if small else attachments.c.content
    query = select(*_LISTED, column.label("bytes")).where(attachments.c.id == attachment_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.bytes is None:
        return None
    return _attachment(row), bytes(row.bytes)


def used(connection: Connection, house: str | None) -> int:
    """Bytes of one house; None is the house itself, and at the ward what is of no house."""
    query = select(func.coalesce(func.sum(attachments.c.size), 0))
    of_house = attachments.c.house.is_not_distinct_from(house)
    return int(connection.execute(query.where(of_house)).scalar_one())


def case_by_receipt(
    connection: Connection, receipt: str, house: str | None
) -> tuple[str, str | None] | None:
    """The id of a case that is known here, wherever it is at home, and of the one that it was
    merged into."""
    for table in (case_copies, cases) if house is not None else (cases,):
        of_it = {"receipt": receipt, "house": house}
        if (row := connection.execute(_BY_RECEIPT[table], of_it).one_or_none()) is not None:
            return row.id, row.same_as
    return None


def is_over(connection: Connection, case_id: str) -> bool:
    """Whether it was answered or refused, wherever it is at home; a copy is newer than what was
    received here and went down."""
    stands = func.coalesce(case_copies.c.case_state, case_copies.c.state)
    for table, state in ((case_copies, stands), (cases, cases.c.state)):
        found = connection.execute(select(state).where(table.c.id == case_id)).scalar_one_or_none()
        if found is not None:
            return found in _OVER
    return False


def _note(connection: Connection, one: Attachment, *, by: str, at: datetime) -> None:
    """In the history, and so in the ledger, which commits to what was shown. Of a case that the
    ward has a copy of alone, neither is kept here."""
    here = select(cases.c.id).where(cases.c.id == one.case_id)
    if connection.execute(here).first() is not None:
        store.append(connection, Entry(one.case_id, at, by, "attached", one.sha256, one.kind.value))


def _tell(connection: Connection, house: str | None) -> None:
    announce(connection, store.WORKED)
    announce(connection, topic_of(house or WARD))


def _tell_of(connection: Connection, case_id: str) -> None:
    query = select(attachments.c.house).where(attachments.c.case_id == case_id).distinct()
    for house in connection.execute(query).scalars().all():
        _tell(connection, house)


def _attachment(row: Any) -> Attachment:
    return Attachment(
        row.id,
        row.case_id,
        Kind(row.kind),
        row.type,
        row.sha256,
        row.size,
        row.width,
        row.height,
        row.added_at,
        row.public,
    )
