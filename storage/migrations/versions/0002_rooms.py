"""Meetings, their guests and questions, invitations, the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("muted", sa.Boolean, nullable=False),
        sa.Column("follows_speaker", sa.Boolean, nullable=False),
        sa.Column("awaits_confirmation", sa.Boolean, nullable=False),
        sa.Column("projector", sa.Boolean, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("meeting_id", sa.String, sa.ForeignKey("meetings.id"), nullable=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name_hint", sa.String, nullable=False),
        sa.Column("lobby", sa.Boolean, nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "guests",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column(
            "meeting_id", sa.String, sa.ForeignKey("meetings.id"), nullable=False, index=True
        ),
        sa.Column("invitation_id", sa.String, sa.ForeignKey("invitations.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("admitted", sa.Boolean, nullable=False),
        sa.Column("gone", sa.String, nullable=True),
        sa.Column("silenced", sa.Boolean, nullable=False),
        sa.Column("microphone", sa.Boolean, nullable=False),
        sa.Column("camera", sa.Boolean, nullable=False),
        sa.Column("sharing", sa.Boolean, nullable=False),
        sa.Column("hand", sa.Integer, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "questions",
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("meeting_id", sa.String, sa.ForeignKey("meetings.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.UniqueConstraint("meeting_id", "number"),
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meeting_id", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "room_values",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
