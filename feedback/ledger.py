"""The ledger of one origin, a house or a ward's hub: a chain of hashes, which nobody alters unseen.

    number = record(connection, entry, history=7)      # `feedback.store` does it with every change
    erase(connection, case_id, at=now)                  # its salt goes, and the ledger stays right
    adopt_all(connection)                               # at the start, for cases without an entry

An entry is written in the transaction of the change that it tells of. Nobody else writes meanwhile,
in this process or another (`storage.engine`), and no two entries have one number: there are no
forks. What people said and wrote stands in it as salted commitments; the salt is kept beside the
case. How the lines look is in LEDGER.md and `ledger_lines`; `ledger_book` shows them to everybody.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from feedback.case import CaseState, Entry, Place
from feedback.ledger_lines import (
    ADOPTED,
    ANSWERED,
    BEGUN,
    ERASED,
    FORMAT,
    HANDED_OVER,
    NOTHING,
    OPEN,
    REFUSED,
    SALT_BYTES,
    LedgerEntry,
    commitment,
    following,
)
from feedback.tables import case_history, case_seals, cases, ledger
from storage.prepared import Prepared

KINDS: Final[Mapping[str, str | None]] = {
    "received": "received",
    "taken_over": "taken_over",
    "taken_back": "taken_back",
    "handed_over": "handed_over",
    "answered": "answered",
    "refused": "refused",
    "reopened": "reopened",
    "transferred": "transferred",
    "accepted": "accepted",
    "due": "due",
    "attached": "attached",
    "topic_confirmed": None,
    "urgency_set": None,
    "taken": None,
    "sent_back": None,
    "drafted": None,
    "rated": None,
    "left_open": None,
    "followed": None,
    "topic_suggested": None,
    "reminded": None,
    "escalated": None,
    "erased": None,
    "name_removed": None,
    "name_corrected": None,
    "reworded": None,
    "merged": None,
    "separated": None,
    "continued": None,
    "enclosed": None,
    "added": None,
}
"""The codes of a case's history, and as what they stand in the ledger; None: not at all. A code
that is not here is a mistake: every change has to say whether everybody is to know of it. What is
erased has an entry of a kind of its own (`erase`)."""

_STATES: Final[Mapping[str, str]] = {
    CaseState.ANSWERED: ANSWERED,
    CaseState.REFUSED: REFUSED,
}

_ADD: Final = Prepared(insert(ledger), *ledger.c.keys())
_SEAL: Final = Prepared(insert(case_seals), *case_seals.c.keys())
_LAST: Final = Prepared(
    select(ledger.c.number, ledger.c.hash).order_by(ledger.c.number.desc()).limit(1)
)


def record(
    connection: Connection,
    entry: Entry,
    *,
    history: int,
    receipt: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """One more entry, where the ledger is to hold what the history does.

    `history` is its line there, `receipt` that of a case which begins with it. `facts` are for
    everybody to read: codes, names of houses, times.
    """
    kind = KINDS[entry.what]
    if kind is None:
        return
    if receipt is not None:
        salt = secrets.token_bytes(SALT_BYTES)
        number = _append(
            connection, kind, None, entry, salt, history=history, receipt=receipt, facts=facts
        )
        _seal(connection, entry.case_id, number, salt)
        return
    case, known = _sealed(connection, entry.case_id)
    _append(connection, kind, case, entry, known, history=history, facts=facts)


def erase(connection: Connection, case_id: str, *, at: datetime) -> None:
    """Forget the salt: from now on nobody can show, or guess, what the case was about. Nothing
    follows on this case; a second time changes nothing."""
    case, salt = _sealed(connection, case_id)
    if salt is None:
        return
    number, previous = _last(connection)
    _write(
        connection,
        following(
            number + 1,
            previous,
            kind=ERASED,
            case=case,
            at=at,
            commitment=None,
            facts={},
        ),
        None,
    )
    connection.execute(update(case_seals).where(case_seals.c.case_id == case_id).values(salt=None))


def begin(connection: Connection) -> None:
    """The ledger has its first entry, whatever follows."""
    _last(connection)


def adopt_all(connection: Connection) -> int:
    """Cases of a time without a ledger get an entry, in the order in which they came. How many."""
    first = (
        select(case_history.c.case_id, func.min(case_history.c.seq).label("seq"))
        .group_by(case_history.c.case_id)
        .subquery()
    )
    rows = connection.execute(
        select(cases.c.id)
        .join_from(cases, first, first.c.case_id == cases.c.id)
        .join(case_seals, case_seals.c.case_id == cases.c.id, isouter=True)
        .where(case_seals.c.case_id.is_(None))
        .order_by(first.c.seq)
    ).all()
    for row in rows:
        _adopt(connection, row.id)
    return len(rows)


def _adopt(connection: Connection, case_id: str) -> None:
    case = connection.execute(
        select(cases.c.receipt, cases.c.house, cases.c.home, cases.c.state).where(
            cases.c.id == case_id
        )
    ).one()
    line = connection.execute(
        select(case_history)
        .where(case_history.c.case_id == case_id)
        .order_by(case_history.c.seq)
        .limit(1)
    ).one()
    here = Place.HOUSE if case.house is None else Place.WARD
    state = _STATES.get(case.state, OPEN) if case.home == here else HANDED_OVER
    facts = {"state": state} | ({} if case.house is None else {"house": case.house})
    salt = secrets.token_bytes(SALT_BYTES)
    entry = Entry(case_id, datetime.now(UTC), line.who, ADOPTED, line.text)
    number = _append(
        connection,
        ADOPTED,
        None,
        entry,
        salt,
        history=line.seq,
        receipt=case.receipt,
        facts=facts,
    )
    _seal(connection, case_id, number, salt)


def _append(
    connection: Connection,
    kind: str,
    case: int | None,
    entry: Entry,
    salt: bytes | None,
    *,
    history: int,
    receipt: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> int:
    """Its number; None as the case is one that begins here."""
    if salt is None:
        raise ValueError(f"case {entry.case_id} was erased")
    last, previous = _last(connection)
    number = last + 1
    content = content_of(number, entry.text, entry.who, receipt)
    _write(
        connection,
        following(
            number,
            previous,
            kind=kind,
            case=number if case is None else case,
            at=entry.at,
            commitment=commitment(salt, content),
            facts=facts or {},
        ),
        history,
    )
    return number


def content_of(number: int, text: str | None, who: str, receipt: str | None) -> dict[str, Any]:
    """What an entry commits to."""
    return {"number": number, "receipt": receipt, "text": text, "who": who}


def _last(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the last entry; the first one is made here."""
    last = _LAST.run(connection, {})
    if last is not None:
        return last[0], last[1]
    facts = {"format": FORMAT, "nonce": secrets.token_hex(16)}
    first = following(
        0, NOTHING, kind=BEGUN, case=0, at=datetime.now(UTC), commitment=None, facts=facts
    )
    _write(connection, first, None)
    return 0, first.hash


def _write(connection: Connection, entry: LedgerEntry, history: int | None) -> None:
    _ADD.run(
        connection,
        {
            "number": entry.number,
            "hash": entry.hash,
            "line": entry.line(),
            "history": history,
        },
    )


def _seal(connection: Connection, case_id: str, number: int, salt: bytes) -> None:
    _SEAL.run(connection, {"case_id": case_id, "number": number, "salt": salt})


def _sealed(connection: Connection, case_id: str) -> tuple[int, bytes | None]:
    """Where the case begins, and its salt; of one from a time without a ledger, too."""
    query = select(case_seals.c.number, case_seals.c.salt).where(case_seals.c.case_id == case_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        _adopt(connection, case_id)
        row = connection.execute(query).one()
    return row.number, row.salt
