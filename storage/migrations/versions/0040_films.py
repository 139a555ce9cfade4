"""Recordings of meetings, and their chapters."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "films",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("meeting_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("size", sa.Integer, nullable=True),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.Column("has_picture", sa.Boolean, nullable=False),
    )
    op.create_index("ix_films_meeting_id", "films", ["meeting_id"])
    op.create_table(
        "film_marks",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("film_id", sa.String, sa.ForeignKey("films.id"), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_film_marks_film_id", "film_marks", ["film_id"])
