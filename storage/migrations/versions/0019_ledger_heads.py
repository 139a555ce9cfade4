"""The signed heads of the ledger, and at a ward those of its houses' ledgers."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "ledger_heads",
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("line", sa.String, nullable=False),
    )
    op.create_table(
        "kept_heads",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("house", sa.String, nullable=False, index=True),
        sa.Column("line", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
