"""Invitations that officials wrote at the ward's hub: by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("invitations", sa.Column("inviter", sa.String, nullable=True))
