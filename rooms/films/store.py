"""Films and their chapters, in the database. The files lie beside it, named by the film's id."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from rooms.films.tables import film_marks, films


class MarkKind(StrEnum):
    HALL = "hall"
    """The hall has the floor."""
    GUEST = "guest"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a chapter begins."""

    seconds: float
    """Since the film's beginning."""
    kind: MarkKind
    text: str
    """A guest's name; a question's number and wording; empty for the hall."""


@dataclass(frozen=True, slots=True)
class FilmView:
    """A film as pages show it."""

    id: str
    meeting_id: str
    number: int
    """Of its meeting, from 1."""
    title: str
    """The meeting's, when it began."""
    began_at: datetime
    seconds: float | None
    size: int | None
    """In bytes."""
    finished: bool
    """It can be played from anywhere, and copied."""
    has_picture: bool


def add(connection: Connection, film: FilmView) -> None:
    """Changes nothing where it is known."""
    if find(connection, film.id) is None:
        connection.execute(insert(films).values(**asdict(film)))


def finish(connection: Connection, film_id: str, seconds: float, size: int) -> None:
    connection.execute(
        update(films).where(films.c.id == film_id).values(seconds=seconds, size=size, finished=True)
    )


def forget(connection: Connection, film_id: str) -> None:
    connection.execute(delete(film_marks).where(film_marks.c.film_id == film_id))
    connection.execute(delete(films).where(films.c.id == film_id))


def find(connection: Connection, film_id: str) -> FilmView | None:
    row = connection.execute(select(films).where(films.c.id == film_id)).one_or_none()
    return None if row is None else FilmView(**row._mapping)


def newest_first(connection: Connection) -> Sequence[FilmView]:
    rows = connection.execute(select(films).order_by(films.c.began_at.desc(), films.c.id.desc()))
    return [FilmView(**row._mapping) for row in rows]


def mark(connection: Connection, film_id: str, made: Mark) -> None:
    connection.execute(
        insert(film_marks).values(
            film_id=film_id, seconds=made.seconds, kind=made.kind.value, text=made.text
        )
    )


def marks_of(connection: Connection, film_id: str) -> Sequence[Mark]:
    rows = connection.execute(
        select(film_marks).where(film_marks.c.film_id == film_id).order_by(film_marks.c.seq)
    )
    return [Mark(row.seconds, MarkKind(row.kind), row.text) for row in rows]
