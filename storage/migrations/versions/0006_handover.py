"""Cases between a house and its ward: where each is at home, and the ward's copies."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("house", sa.String, nullable=True),
        sa.Column("origin", sa.String, nullable=False, server_default="house"),
        sa.Column("home", sa.String, nullable=False, server_default="house"),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("cases", column)
    op.create_index("ix_cases_house", "cases", ["house"])
    op.create_table(
        "case_copies",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("house", sa.String, nullable=False, index=True),
        sa.Column("receipt", sa.String, nullable=False, unique=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("answer", sa.String, nullable=True),
        sa.Column("answered_by", sa.String, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
