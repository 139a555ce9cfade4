"""Which mails of residents were received, so that none is twice."""

import sqlalchemy as sa
from alembic import op

from storage.moment import Moment

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("sender", sa.LargeBinary(32), nullable=False),
        sa.Column("case_id", sa.String, nullable=True),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_mails_case_id", "mails", ["case_id"])
    op.create_index("ix_mails_sender", "mails", ["sender", "at"])
