"""Who deals with a case that is at home in a house, and until when, as its ward hears of it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for column in (
        sa.Column("over", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("case_state", sa.String, nullable=True),
        sa.Column("owner", sa.String, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_rule", sa.String, nullable=True),
        sa.Column("transfer_to", sa.String, nullable=True),
        sa.Column("office", sa.String, nullable=True),
        sa.Column("done_on", sa.Date, nullable=True),
        sa.Column("next_holder", sa.String, nullable=True),
        sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rating", sa.Integer, nullable=True),
    ):
        op.add_column("case_copies", column)
