"""Paper slips for a power cut, with the receipt codes that are kept for them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "slips",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("receipt", sa.String, nullable=False, unique=True),
        sa.Column("sheet", sa.String, nullable=False, index=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), nullable=True),
        sqlite_autoincrement=True,
    )
