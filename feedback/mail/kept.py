"""What is known of the mails that were received: that they were, and of whom how many.

Nobody's address stands here, only a digest of it by which two mails of one sender are known.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from feedback import store
from feedback.actions import not_here
from feedback.case import Case, Entry
from feedback.intake import MOST_CHARACTERS
from feedback.mail.letters import Letter
from feedback.rules import Rules
from feedback.tables import mails
from storage.signals import announce

CUT: Final = "[…]"
"""Stands where a mail goes on in the case's history."""
MOST_MORE: Final = 20
"""Lines of the history of so many characters at most; what is longer is in the mailbox."""


def is_known(connection: Connection, letter: Letter) -> bool:
    query = select(mails.c.key).where(mails.c.key == letter.key)
    return connection.execute(query).first() is not None


def written_since(connection: Connection, letter: Letter, since: datetime) -> int:
    """How many mails of this sender were received since then."""
    mine = (mails.c.sender == digest(letter.sender), mails.c.at > since)
    return connection.execute(select(func.count()).where(*mine)).scalar_one()


def keep(connection: Connection, letter: Letter, case_id: str | None, at: datetime) -> None:
    connection.execute(
        insert(mails).values(key=letter.key, sender=digest(letter.sender), case_id=case_id, at=at)
    )


def beginning(text: str) -> str:
    """As much of it as a case takes."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[: MOST_CHARACTERS - len(CUT) - 1].rstrip()} {CUT}"


def note_rest(
    connection: Connection, case: Case, letter: Letter, left: Sequence[str], at: datetime
) -> None:
    """Into the history: what the case's text did not take, and what was `left` in the mailbox."""
    if len(letter.text) > MOST_CHARACTERS:
        said = len(beginning(letter.text)) - len(CUT) - 1
        _note(connection, case.id, "continued", letter.text[said:], at)
    _note_left(connection, case.id, left, at)


def add_to_case(
    connection: Connection,
    rules: Rules,
    letter: Letter,
    *,
    domain: str,
    at: datetime,
    attach: Callable[[str, str | None], Sequence[str]],
) -> bool:
    """Whether it answers our receipt of an open case that is dealt with here: then it belongs to
    that case. A mail that only says so, from somebody else, does not. `attach` puts what came with
    it to a case of a house, and returns what is left in the mailbox."""
    for case_id in _answered(letter, domain):
        mine = (mails.c.case_id == case_id, mails.c.sender == digest(letter.sender))
        if connection.execute(select(mails.c.key).where(*mine)).first() is None:
            continue
        known = store.find(connection, case_id)
        if known is None or not known.case.state.is_open:
            continue
        if not_here(known.case, rules, known.house) is None:
            _note(connection, case_id, "added", letter.text, at)
            _note_left(connection, case_id, attach(case_id, known.house), at)
            keep(connection, letter, case_id, at)
            announce(connection, store.WORKED)
            return True
    return False


def receipt_id(case_id: str, domain: str) -> str:
    """The Message-ID of the mail with the receipt."""
    return f"<receipt-{case_id}@{domain}>"


def digest(sender: str) -> bytes:
    return hashlib.sha256(sender.encode()).digest()


def _answered(letter: Letter, domain: str) -> Iterator[str]:
    for one in reversed(letter.follows):
        match = re.fullmatch(r"<receipt-([0-9a-f]{16})@(.+)>", one)
        if match and match[2].lower() == domain.lower():
            yield match[1]


def _note(connection: Connection, case_id: str, what: str, text: str, at: datetime) -> None:
    for begins in range(0, len(text), MOST_CHARACTERS)[:MOST_MORE]:
        part = text[begins : begins + MOST_CHARACTERS].strip()
        if part:
            store.append(connection, Entry(case_id, at, "resident", what, part))


def _note_left(connection: Connection, case_id: str, left: Sequence[str], at: datetime) -> None:
    if left:
        names = ", ".join(left)[:MOST_CHARACTERS]
        store.append(connection, Entry(case_id, at, "resident", "enclosed", names))
