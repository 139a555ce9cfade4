"""How each device was, change by change."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "device_health",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("device", sa.String, nullable=False, index=True),
        sa.Column("condition", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=True),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
