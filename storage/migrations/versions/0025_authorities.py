"""Whose cases a handler's account deals with; null is all."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("ward_accounts", sa.Column("authority", sa.String, nullable=True))
