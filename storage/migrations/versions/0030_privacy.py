"""Words that were erased, and what people ask about their own data."""

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    moment = Moment
    op.add_column("cases", sa.Column("erased_at", moment, nullable=True))
    op.add_column("case_copies", sa.Column("erased_at", moment, nullable=True))
    op.create_table(
        "data_requests",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("case_id", sa.String, nullable=False, index=True),
        sa.Column("receipt", sa.String, nullable=False),
        sa.Column("house", sa.String, nullable=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=True),
        sa.Column("via", sa.String, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("due_rule", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("text", sa.String, nullable=True),
        sa.Column("decided_by", sa.String, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
    )
