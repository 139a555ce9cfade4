"""How it goes with mailboxes and targets; an alert may be the hub's own."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0033"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "post_health",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("well_at", moment, nullable=True),
        sa.Column("hint", sa.String, nullable=True),
        sa.Column("problem", sa.String, nullable=True),
        sa.Column("since", moment, nullable=True),
    )
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("ward_alerts", table_kwargs=kept) as table:
        table.alter_column("house_id", existing_type=sa.String, nullable=True)
