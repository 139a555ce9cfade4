"""Meetings of the whole ward: when, with which houses, who speaks, who has the floor."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "ward_meetings",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("starts", moment, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("speaker", sa.String, nullable=True),
        sa.Column("speaker_name", sa.String, nullable=True),
        sa.Column("floor", sa.String, nullable=True),
        sa.Column("stream", sa.String, nullable=True),
        sa.Column("stream_url", sa.String, nullable=True),
    )
    op.create_table(
        "ward_meeting_houses",
        sa.Column("meeting_id", sa.String, sa.ForeignKey("ward_meetings.id"), primary_key=True),
        sa.Column("house_id", sa.String, sa.ForeignKey("ward_houses.id"), primary_key=True),
        sa.Column("plan_id", sa.String, nullable=False),
        sa.Column("hand_at", moment, nullable=True),
    )
    op.create_table(
        "ward_meeting_acts",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column(
            "meeting_id",
            sa.String,
            sa.ForeignKey("ward_meetings.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("house_id", sa.String, nullable=True),
        sqlite_autoincrement=True,
    )
