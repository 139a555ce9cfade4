"""Where a case is about, with what is shown of it elsewhere; what the ward knows of a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("cases", sa.Column("address", sa.String, nullable=True))
    op.add_column("cases", sa.Column("address_id", sa.String, nullable=True))
    op.add_column("cases", sa.Column("lat", sa.Float, nullable=True))
    op.add_column("cases", sa.Column("long", sa.Float, nullable=True))
    op.add_column("cases", sa.Column("media_url", sa.String, nullable=True))
    op.add_column("case_copies", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
