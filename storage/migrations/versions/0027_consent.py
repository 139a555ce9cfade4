"""Whoever gives a name has agreed to that: to which words, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    for table in ("cases", "case_copies"):
        op.add_column(table, sa.Column("consent_version", sa.String, nullable=True))
        op.add_column(table, sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
    hidden = sa.Column("name_hidden", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("case_copies", hidden)
