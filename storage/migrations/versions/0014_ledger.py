"""The ledger, and beside each case where it begins there. Cases that are there already are adopted
when the program starts (`feedback.ledger.adopt_all`)."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String, nullable=False, unique=True),
        sa.Column("line", sa.String, nullable=False),
        sa.Column("history", sa.Integer, nullable=True),
    )
    op.create_table(
        "case_seals",
        sa.Column("case_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=True),
    )
