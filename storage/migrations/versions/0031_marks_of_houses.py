"""Where in a house's ledger its cases begin, as its ward hears of it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("case_copies", sa.Column("ledger_number", sa.Integer, nullable=True))
    op.add_column("case_copies", sa.Column("ledger_hash", sa.String, nullable=True))
