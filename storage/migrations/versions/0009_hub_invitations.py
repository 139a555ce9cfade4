"""Invitations that officials with an account at the hub were given by it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("invitations", sa.Column("account", sa.String, nullable=True))
