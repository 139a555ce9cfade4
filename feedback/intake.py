"""How a matter comes in: checked, stored on the disk, and only then acknowledged.

    draft = check(text, name=name, via="phone", key=key)
    case, _ = await receive(database, draft, rules, by="resident", now=now, alongside=place)

The key is the client's own word for "this one": a form sent twice, over a line that lost the first
answer, is one case. The same key with another text is another case, because nothing may be lost.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, select

from base.cause import Refused
from feedback import store
from feedback.case import Case, Consent, Location
from feedback.receipt import new_receipt
from feedback.rules import Rules
from feedback.tables import case_work, cases
from feedback.text import clean_line, clean_text
from feedback.topics import Topic
from storage.engine import Database

T = TypeVar("T")

LEAST_CHARACTERS: Final = 3
MOST_CHARACTERS: Final = 2_000
MOST_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say, found fit to be stored."""

    text: str
    name: str | None
    via: str
    key_sha256: bytes
    name_hidden: bool = False
    """The handler is not to be told the name."""
    consent: str | None = None
    """To the name being kept: the version of the words (`feedback.consent`)."""
    topic: Topic | None = None
    """As whoever sends it says."""
    location: Location | None = None
    media_url: str | None = None
    again: "Again | None" = None


@dataclass(frozen=True, slots=True)
class Again:
    """Another key under which it may be known, of a case that came in since then."""

    key_sha256: bytes
    since: datetime


def check(
    text: str,
    *,
    name: str | None,
    via: str,
    key: str,
    name_hidden: bool = False,
    consent: str | None = None,
    most: int = MOST_CHARACTERS,
) -> Draft:
    """Raises Refused: `feedback.too_short`, `feedback.too_long`, `feedback.name_too_long`.

    An empty key is a new one each time. `most` characters of text are taken.
    """
    text = checked_text(text, most)
    name = checked_name(name or "")
    key = key or secrets.token_hex(16)
    named = name is not None
    return Draft(
        text, name, via, digest(key, text), named and name_hidden, consent if named else None
    )


def digest(key: str, text: str) -> bytes:
    """What a client's key becomes: the same key with another text is another case."""
    return hashlib.sha256(f"{key}\0{text}".encode("utf-8", "backslashreplace")).digest()


def checked_name(name: str) -> str | None:
    """Cleaned, at most 80 characters; None where it is empty. Raises Refused:
    `feedback.name_too_long`."""
    name = clean_line(name)
    if len(name) > MOST_NAME_CHARACTERS:
        raise Refused("feedback.name_too_long", most=MOST_NAME_CHARACTERS)
    return name or None


def checked_text(text: str, most: int = MOST_CHARACTERS) -> str:
    """Cleaned, at least 3 characters. Raises Refused as `check` does."""
    text = clean_text(text)
    if len(text) < LEAST_CHARACTERS:
        raise Refused("feedback.too_short", least=LEAST_CHARACTERS)
    return _short_enough(text, most)


def checked_answer(text: str) -> str:
    """Cleaned, at most 2,000 characters: “Có” is an answer. Raises Refused: `feedback.empty`,
    `feedback.too_long`."""
    text = clean_text(text)
    if not text:
        raise Refused("feedback.empty")
    return _short_enough(text)


def _short_enough(text: str, most: int = MOST_CHARACTERS) -> str:
    if len(text) > most:
        raise Refused("feedback.too_long", most=most)
    return text


async def receive(
    database: Database,
    draft: Draft,
    rules: Rules,
    *,
    by: str,
    now: datetime,
    alongside: Callable[[Connection, Case], T],
    house_id: str | None = None,
    receipt: Callable[[Connection], str] = lambda _: new_receipt(),
) -> tuple[Case, T]:
    """The case, new or known by its key, with an owner and a deadline; durable when this returns.

    `alongside` runs in the same transaction: either both are stored or neither. `house_id` says for
    which of its houses a ward receives it, `receipt` under which code a new one is found.
    """
    work = rules.at_receipt(now, draft.topic)

    def write(connection: Connection) -> tuple[Case, T]:
        case = store.by_key(connection, draft.key_sha256) or _again(connection, draft.again)
        if case is None:
            case = Case(
                id=secrets.token_hex(8),
                receipt=receipt(connection),
                text=draft.text,
                name=draft.name,
                via=draft.via,
                received_at=now,
                origin=rules.here,
                home=rules.here,
                name_hidden=draft.name_hidden,
                consent=Consent(draft.consent, now) if draft.consent else None,
                location=draft.location,
                media_url=draft.media_url,
            )
            store.add(connection, case, work, draft.key_sha256, by=by, house_id=house_id)
        return case, alongside(connection, case)

    return await database.write(write)


def _again(connection: Connection, again: Again | None) -> Case | None:
    case = store.by_key(connection, again.key_sha256) if again else None
    return case if again and case and case.received_at >= again.since else None


def give_owners(connection: Connection, rules: Rules) -> int:
    """To the cases of a version that knew no owners; how many there were."""
    known = select(case_work.c.case_id)
    rows = connection.execute(select(cases).where(cases.c.id.not_in(known))).all()
    for row in rows:
        store.add_work(connection, row.id, rules.at_receipt(row.received_at))
    return len(rows)
