"""People in the hall who want to speak."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "hall_hands",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column(
            "meeting_id", sa.String, sa.ForeignKey("meetings.id"), nullable=False, index=True
        ),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("called", sa.Boolean, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
    )
