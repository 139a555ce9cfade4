"""The tables of the recordings; `storage/migrations` creates them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table

from storage.moment import Moment

metadata = MetaData()

films = Table(
    "films",
    metadata,
    Column("id", String, primary_key=True),
    Column("meeting_id", String, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seconds", Float, nullable=True),
    Column("size", Integer, nullable=True),
    Column("finished", Boolean, nullable=False),
    Column("has_picture", Boolean, nullable=False),
)
"""`seconds` and `size` (bytes) are known once it is finished."""

film_marks = Table(
    "film_marks",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("film_id", String, ForeignKey("films.id"), nullable=False, index=True),
    Column("seconds", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("text", String, nullable=False),
    sqlite_autoincrement=True,
)
"""`kind` is `hall`, `guest` or `question`, see `rooms.films.store.Mark`."""
