"""The public board: what everybody may read of the cases, in which words, and how it is found.

    await desk.answered(20, Search("cong ngo 5"), skip=20)    # the second page, newest first
    await desk.open(Search(topic=Topic.ENVIRONMENT))          # approved, and waits in a meeting

Everybody reads what was answered (`newest`), and what was approved for a meeting and waits
there for its answer (`asked` of a desk). Of either the wording that was published, never the one
that was typed where another was published instead, and no name but that of who answered. `sought`
is made of just that, so that a search finds nothing that nobody may read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, true, union_all

from feedback.case import Case, CaseState
from feedback.folding import fold
from feedback.topics import Topic

MOST_SOUGHT: Final = 200
"""Characters of what is typed to be found."""
_MOST_WORDS: Final = 8
_LEAST_BEGINNING: Final = 3
_WORD: Final = re.compile(r"\w+")


class Which(StrEnum):
    ANSWERED = "answered"
    OPEN = "open"
    """Approved, and waits for its answer in a meeting."""


@dataclass(frozen=True, slots=True)
class Search:
    words: str = ""
    """As somebody typed them, with accents or without. All of them have to be there: numbers and
    short words whole (ngõ 5 is not ngõ 50, Tư not tuần), of others the beginnings."""
    topic: Topic | None = None
    which: Which | None = None
    """None is both."""


ALL: Final = Search()


@dataclass(frozen=True, slots=True)
class PublicCase:
    """One matter as everybody reads it."""

    id: str
    number: int
    """In its meeting."""
    text: str
    asked_at: datetime
    state: CaseState
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    answered_into: int | None = None
    """Seconds since the meeting began in which it was answered."""
    office: str | None = None
    """Which office answered, where it was not in a meeting."""
    done_on: date | None = None
    topic: Topic | None = None
    """As the classifier suggests it, until a person says what it is about."""
    owner: str | None = None
    """The authority that has it; None where a house does not tell."""
    due_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state.is_open

    @property
    def in_time(self) -> bool | None:
        """None of what is open, or never had a deadline."""
        if self.answered_at is None or self.due_at is None or self.is_open:
            return None
        return self.answered_at <= self.due_at


Position = tuple[datetime, str]
"""When a case was answered, and its id: what comes after it on the board is older."""


def position_of(case: PublicCase) -> Position:
    return case.answered_at or case.asked_at, case.id


def sought(case: Case, office: str | None) -> str:
    """What a search looks through (the column `sought`): ` ngo 5 mua la ngap `."""
    return sought_in(case.public_text or case.text, case.answer, case.answered_by, office)


def sought_in(*texts: str | None) -> str:
    return spaced(fold(" ".join(filter(None, texts))))


def spaced(folded: str) -> str:
    """The words, each between spaces."""
    return " ".join(["", *_WORD.findall(folded), ""])


def matches(search: Search, sought: Any, topic: Any) -> ColumnElement[bool]:
    """Of the columns that hold them."""
    parts = _WORD.findall(fold(search.words[:MOST_SOUGHT]))[:_MOST_WORDS]
    found = [
        sought.contains(f" {part} " if _is_whole(part) else f" {part}", autoescape=True)
        for part in parts
    ]
    about = true() if search.topic is None else topic == search.topic.value
    return and_(about, *found)


def _is_whole(part: str) -> bool:
    return part.isdigit() or len(part) < _LEAST_BEGINNING


def newest(
    table: Any, query: Select[Any], search: Search, topic: Any, before: Position | None
) -> Select[Any]:
    """`query` of `cases` or `case_copies`, narrowed down to what is answered and found, after
    `before`; for `page`."""
    narrowed: Any = query.where(
        table.c.state == CaseState.ANSWERED.value,
        table.c.same_as.is_(None),  # what was merged into another is answered there
        table.c.answer.is_not(None),  # and of what was erased there is no answer
        matches(search, table.c.sought, topic),
    ).with_only_columns(table.c.id, table.c.answered_at)
    if before is not None:
        at, last = before
        older = table.c.answered_at < at
        narrowed = narrowed.where(or_(older, and_(table.c.answered_at == at, table.c.id < last)))
    found: Select[Any] = narrowed
    return found


def page(connection: Connection, skip: int, most: int, *queries: Select[Any]) -> list[str]:
    """The ids of a page of `newest`, the newest first; an index has them in this order."""
    query: Any = union_all(*queries) if len(queries) > 1 else queries[0]
    columns = query.selected_columns
    ordered = query.order_by(columns.answered_at.desc(), columns.id.desc())
    return [row.id for row in connection.execute(ordered.offset(skip).limit(most))]


def public_case(row: Row[Any], **more: Any) -> PublicCase:
    """A row with the columns of `COLUMNS`; `more` are what it has under other names."""
    told: Mapping[str, Any] = {name: getattr(row, name) for name in COLUMNS if name not in more}
    fields = {**told, **more}
    text, public_text = fields.pop("text"), fields.pop("public_text")
    topic, state = fields.pop("topic"), fields.pop("state")
    return PublicCase(
        text=public_text or text,
        topic=None if topic is None else Topic(topic),
        state=CaseState(state),
        asked_at=fields.pop("received_at"),
        **fields,
    )


COLUMNS: Final = (
    *("id", "number", "text", "public_text", "received_at", "state", "answer", "answered_at"),
    *("answered_by", "answered_into", "office", "done_on", "topic", "owner", "due_at"),
)
