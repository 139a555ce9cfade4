"""How a matter comes in: checked, stored on the disk, and only then acknowledged.

    draft = check(text, name=name, via="phone", key=key)
    case, _ = await receive(database, draft, by="resident", now=now, alongside=place)

The key is the client's own word for "this one": a form sent twice, over a line that lost the first
answer, is one case. The same key with another text is another case, because nothing may be lost.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection

from base.cause import Refused
from feedback import store
from feedback.case import Case, Place
from feedback.receipt import new_receipt
from feedback.text import clean_line, clean_text
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


def check(text: str, *, name: str | None, via: str, key: str) -> Draft:
    """Raises Refused: `feedback.too_short`, `feedback.too_long`, `feedback.name_too_long`.

    An empty key is a new one each time.
    """
    text = checked_text(text)
    name = clean_line(name or "")
    if len(name) > MOST_NAME_CHARACTERS:
        raise Refused("feedback.name_too_long", most=MOST_NAME_CHARACTERS)
    key = key or secrets.token_hex(16)
    digest = hashlib.sha256(f"{key}\0{text}".encode("utf-8", "backslashreplace")).digest()
    return Draft(text, name or None, via, digest)


def checked_text(text: str) -> str:
    """Cleaned, 3 to 2,000 characters. Raises Refused as `check` does."""
    text = clean_text(text)
    if len(text) < LEAST_CHARACTERS:
        raise Refused("feedback.too_short", least=LEAST_CHARACTERS)
    return _short_enough(text)


def checked_answer(text: str) -> str:
    """Cleaned, at most 2,000 characters: “Có” is an answer. Raises Refused: `feedback.empty`,
    `feedback.too_long`."""
    text = clean_text(text)
    if not text:
        raise Refused("feedback.empty")
    return _short_enough(text)


def _short_enough(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise Refused("feedback.too_long", most=MOST_CHARACTERS)
    return text


async def receive(
    database: Database,
    draft: Draft,
    *,
    by: str,
    now: datetime,
    alongside: Callable[[Connection, Case], T],
    house_id: str | None = None,
) -> tuple[Case, T]:
    """The case, new or known by its key; durable when this returns.

    `alongside` runs in the same transaction: either both are stored or neither. `house_id` says for
    which of its houses a ward receives it; it is at home at the ward then.
    """
    place = Place.HOUSE if house_id is None else Place.WARD

    def write(connection: Connection) -> tuple[Case, T]:
        case = store.by_key(connection, draft.key_sha256)
        if case is None:
            case = Case(
                id=secrets.token_hex(8),
                receipt=new_receipt(),
                text=draft.text,
                name=draft.name,
                via=draft.via,
                received_at=now,
                origin=place,
                home=place,
            )
            store.add(connection, case, draft.key_sha256, by=by, house_id=house_id)
        return case, alongside(connection, case)

    return await database.write(write)
