"""Phones that ask along with a question."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "case_votes",
        sa.Column("case_id", sa.String, primary_key=True),
        sa.Column("device", sa.LargeBinary(32), primary_key=True),
        sa.Column("meeting", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_case_votes_device", "case_votes", ["device", "meeting"])
    op.add_column("case_copies", sa.Column("votes", sa.Integer, nullable=False, server_default="0"))
    op.add_column("case_copies", sa.Column("meeting", sa.String, nullable=True))
