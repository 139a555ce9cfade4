"""A question in other words, under another one, and when in its meeting; who asks from where."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("case_copies", sa.Column("public_text", sa.String, nullable=True))
    for table in ("cases", "case_copies"):
        op.add_column(table, sa.Column("same_as", sa.String, nullable=True))
    op.create_index("ix_cases_same_as", "cases", ["same_as"])
    for table in ("case_copies", "questions"):
        op.add_column(table, sa.Column("asked_into", sa.Integer, nullable=True))
        op.add_column(table, sa.Column("answered_into", sa.Integer, nullable=True))
    for column in (
        sa.Column("own_state", sa.String, nullable=True),
        sa.Column("whence", sa.String, nullable=False, server_default="absent"),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("questions", column)
