"""Photos and papers of cases."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("case_id", sa.String, nullable=False, index=True),
        sa.Column("house", sa.String, nullable=True, index=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=True),
        sa.Column("height", sa.Integer, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("to_send", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("sent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("small", sa.LargeBinary, nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "attachment_pieces",
        sa.Column("attachment", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.String, nullable=False, index=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
