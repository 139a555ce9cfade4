"""Cases in the database. Every change leaves a line in the case's history.

    add(connection, case, work, key, by="resident")
    dossier = find(connection, case.id)
    save(connection, case=replace(dossier.case, …), work=replace(dossier.work, …))
    append(connection, Entry(…))

Who may do what is `feedback.casework`'s to say; a meeting answers on the spot by `close`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from feedback import board, ledger
from feedback.case import Case, CaseState, Dossier, Entry, Place, Work
from feedback.folding import fold
from feedback.ledger_lines import moment
from feedback.rows import (
    case_of,
    case_values,
    dossier_of,
    entry_of,
    location_values,
    work_values,
)
from feedback.tables import case_copies, case_history, case_work, cases
from feedback.topics import Topic
from storage.prepared import Prepared
from storage.signals import announce

TOPIC: Final = "cases"
"""Rings when a case was stored, or one of them changed (`storage.signals`)."""
WORKED: Final = "cases/worked"
"""Rings when somebody did something about one, not only on its way through a meeting."""

_ADD: Final = Prepared(
    insert(cases), *(c.name for c in cases.c if c.name not in ("told", "erased_at"))
)
_ADD_WORK: Final = Prepared(insert(case_work), *(c.name for c in case_work.c))
_APPEND: Final = Prepared(
    insert(case_history).returning(case_history.c.seq),
    *(c.name for c in case_history.c if c.name != "seq"),
)
_BY_KEY: Final = Prepared(select(cases.c.id).where(cases.c.key_sha256 == bindparam("key")))


def add(
    connection: Connection,
    case: Case,
    work: Work,
    key_sha256: bytes,
    *,
    by: str,
    house_id: str | None = None,
    number: int | None = None,
) -> None:
    """`house_id` and `number` are for the ward, which has many houses."""
    folded = fold(case.text)
    is_plain = case.public_text is None and case.answer is None
    _ADD.run(
        connection,
        {
            "id": case.id,
            "receipt": case.receipt,
            "key_sha256": key_sha256,
            "via": case.via,
            "received_at": case.received_at,
            "house": house_id,
            "number": number,
            "origin": case.origin.value,
            "folded": folded,
            "same_as": case.same_as,
            "sought": board.spaced(folded) if is_plain else board.sought(case, work.office),
            "media_url": case.media_url,
            **location_values(case.location),
            **case_values(case),
        },
    )
    add_work(connection, case.id, work)
    what = "received" if case.origin is case.home else "taken_over"
    facts = {"due": moment(work.due_at)}
    append(
        connection,
        Entry(case.id, case.received_at, by, what, case.text),
        receipt=case.receipt,
        facts=facts if house_id is None else facts | {"house": house_id},
    )
    announce(connection, TOPIC)


def add_work(connection: Connection, case_id: str, work: Work) -> None:
    sought = work.topic_given and work.topic is not Topic.OTHER  # whoever sent it knows better
    _ADD_WORK.run(connection, {"case_id": case_id, "topic_sought": sought, **work_values(work)})


def save(connection: Connection, case: Case, work: Work, *, revision: int | None = None) -> Case:
    """The next state of a case, of which the other side is still to be told; as it was stored.

    `revision` is the other side's, where it is at home there: that is all there is to tell.
    """
    case = replace(case, revision=case.revision + 1 if revision is None else revision)
    connection.execute(
        update(cases)
        .where(cases.c.id == case.id)
        .values(
            **case_values(case),
            sought=board.sought(case, work.office),
            told=revision is not None,
        )
    )
    connection.execute(
        update(case_work).where(case_work.c.case_id == case.id).values(**work_values(work))
    )
    announce(connection, TOPIC)
    announce(connection, WORKED)
    return case


def note(connection: Connection, case_id: str, work: Work) -> None:
    """What changes nothing that a page or the other side shows: it stays the same state."""
    one = case_work.c.case_id == case_id
    connection.execute(update(case_work).where(one).values(**work_values(work)))


def close(
    connection: Connection,
    case_id: str,
    state: CaseState,
    text: str,
    *,
    answered_by: str,
    by: str,
    at: datetime,
) -> None:
    """Answer a case in a meeting, or refuse it with a reason; an earlier answer stays in the
    history. Whoever is refused is told to turn to the authority that would have answered.

    `answered_by` is for everybody to read, `by` is for the history.
    """
    known = get(connection, case_id)
    refused = state is CaseState.REFUSED
    case = replace(known.case, state=state, answer=text, answered_by=answered_by, answered_at=at)
    work = replace(
        known.work,
        transfer_to=None,
        office=None,
        done_on=None,
        next_holder=known.work.owner.name if refused else None,
    )
    save(connection, case, work)
    append(connection, Entry(case_id, at, by, state.value, text, work.next_holder))


def reopen(connection: Connection, case_id: str, *, by: str, at: datetime) -> None:
    """Take an answer or a refusal of a meeting back; the deadline stays what it was."""
    known = get(connection, case_id)
    save(connection, *opened(known))
    append(connection, Entry(case_id, at, by, "reopened"))


def opened(known: Dossier) -> tuple[Case, Work]:
    """As it was before it was answered or refused."""
    case = replace(
        known.case, state=CaseState.WAITING, answer=None, answered_by=None, answered_at=None
    )
    return case, replace(known.work, office=None, done_on=None, next_holder=None)


def touch(connection: Connection, case_id: str) -> None:
    """The next state of a case whose way through its meeting has changed, and nothing else."""
    values = {"revision": cases.c.revision + 1, "told": False}
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))
    announce(connection, TOPIC)


def told(connection: Connection, case_id: str) -> None:
    """The other side will hear of the case as it is now."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(told=True))


def reword(
    connection: Connection, case_id: str, text: str | None, *, by: str, at: datetime
) -> None:
    """What everybody reads from now on; None is what was asked."""
    known = get(connection, case_id)
    sought = board.sought(replace(known.case, public_text=text), known.work.office)
    values = {"public_text": text, "sought": sought}
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))
    append(connection, Entry(case_id, at, by, "reworded", text))


def merge(
    connection: Connection, case_id: str, same_as: str | None, *, by: str, at: datetime
) -> None:
    """It is answered together with another case from now on, or by itself again."""
    connection.execute(update(cases).where(cases.c.id == case_id).values(same_as=same_as))
    what = "separated" if same_as is None else "merged"
    append(connection, Entry(case_id, at, by, what, same_as))


def append(
    connection: Connection,
    entry: Entry,
    *,
    receipt: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """One more line of a case's history, and with it of the ledger; lines are never changed.

    `receipt` is of a case that begins here, `facts` are what everybody may read in the ledger.
    """
    line = _APPEND.run(
        connection,
        {
            "case_id": entry.case_id,
            "at": entry.at,
            "who": entry.who,
            "what": entry.what,
            "text": entry.text,
            "about": entry.about,
        },
    )
    assert line is not None
    ledger.record(connection, entry, history=line[0], receipt=receipt, facts=facts)


def remember(connection: Connection, entries: Sequence[Entry]) -> None:
    """Lines from the other side's history, whose own ledger has them."""
    if entries:
        connection.execute(insert(case_history), [asdict(entry) for entry in entries])


def append_due(connection: Connection, case_id: str, work: Work, *, who: str, at: datetime) -> None:
    """Everybody is to know that the deadline is another one."""
    entry = Entry(case_id, at, who, "due", about=work.due_rule)
    append(connection, entry, facts={"due": moment(work.due_at)})


def by_key(connection: Connection, key_sha256: bytes) -> Case | None:
    known = _BY_KEY.run(connection, {"key": key_sha256})
    return None if known is None else by_id(connection, known[0])


def by_id(connection: Connection, case_id: str) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    return None if row is None else case_of(row)


def by_receipt(connection: Connection, receipt: str, house_id: str | None = None) -> Case | None:
    """`house_id` is for the ward: of this one alone."""
    query = select(cases).where(cases.c.receipt == receipt)
    if house_id is not None:
        query = query.where(cases.c.house == house_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else case_of(row)


def find(connection: Connection, case_id: str) -> Dossier | None:
    row = connection.execute(dossiers().where(cases.c.id == case_id)).one_or_none()
    return None if row is None else dossier_of(row)


def merged_into(connection: Connection, case_id: str) -> tuple[Dossier, ...]:
    rows = connection.execute(dossiers().where(cases.c.same_as == case_id).order_by(cases.c.id))
    return tuple(map(dossier_of, rows.all()))


def is_erased(connection: Connection, case_id: str) -> bool:
    """One of this place, or one that the ward has a copy of."""
    for table in (cases, case_copies):
        query = select(table.c.id).where(table.c.id == case_id, table.c.erased_at.is_not(None))
        if connection.execute(query).first() is not None:
            return True
    return False


def is_ours(connection: Connection, case_id: str) -> bool:
    """At the ward: a house has handed it up, for good."""
    query = select(cases.c.id).where(
        cases.c.id == case_id, cases.c.home == Place.WARD.value, cases.c.handed
    )
    return connection.execute(query).first() is not None


def get(connection: Connection, case_id: str) -> Dossier:
    """Of one that is known to be there."""
    return dossier_of(connection.execute(_GET, {"id": case_id}).one())


def history(connection: Connection, case_id: str) -> tuple[Entry, ...]:
    """Oldest first."""
    rows = connection.execute(
        select(case_history).where(case_history.c.case_id == case_id).order_by(case_history.c.seq)
    )
    return tuple(entry_of(row) for row in rows)


def is_on_its_way(here: Place) -> ColumnElement[bool]:
    """As `feedback.actions` sees it: between a house and its ward, nobody begins with it."""
    if here is Place.HOUSE:
        return cases.c.handed
    return and_(cases.c.house.is_not(None), ~cases.c.handed)


def dossiers() -> Select[Any]:
    """Rows for `dossier_of`."""
    return select(cases, *(c for c in case_work.c if c.name != "case_id")).join_from(
        cases, case_work, case_work.c.case_id == cases.c.id
    )


_GET: Final = dossiers().where(cases.c.id == bindparam("id"))
"""Made once: SQLAlchemy remembers its words by the statement."""
