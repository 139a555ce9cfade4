"""What goes out to other systems: tried again and again, in order for each case, or given up."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("subject", sa.String, nullable=True))
    op.add_column("outbox", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("problem", sa.String, nullable=True))
    op.create_index("outbox_by_subject", "outbox", ["receiver", "subject", "seq"])
    op.create_table(
        "outbox_receivers",
        sa.Column("receiver", sa.String, primary_key=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String, nullable=False),
    )
