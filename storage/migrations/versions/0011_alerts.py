"""What went on for too long in a ward's houses."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "ward_alerts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("house_id", sa.String, sa.ForeignKey("ward_houses.id"), nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("params", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("raised_at", moment, nullable=True),
        sa.Column("gone_at", moment, nullable=True),
        sa.Column("over_at", moment, nullable=True, index=True),
        sa.Column("acknowledged_by", sa.String, nullable=True),
        sa.Column("acknowledged_at", moment, nullable=True),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("told_over", sa.Boolean, nullable=False),
        sa.Column("try_at", moment, nullable=True),
        sqlite_autoincrement=True,
    )
