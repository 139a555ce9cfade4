"""How far each system outside was told of what happens to cases."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "outward",
        sa.Column("target", sa.String, primary_key=True),
        sa.Column("history", sa.Integer, nullable=False),
    )
