"""How often a guest has come back: older resume tokens are worth nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("guests", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
