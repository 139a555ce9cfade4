"""Invitations that are for one person, known by the key of his browser."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "invitations",
        sa.Column("personal", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column("invitations", sa.Column("holder_sha256", sa.LargeBinary(32), nullable=True))
