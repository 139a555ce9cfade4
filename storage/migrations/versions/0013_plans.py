"""Meetings that are planned: the house's own, and the copy that its ward has."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("title", sa.String, nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("planned_by", sa.String, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("refusal", sa.String, nullable=True),
        sa.Column("meeting_id", sa.String, nullable=True),
    ]


def upgrade() -> None:
    op.create_table("plans", sa.Column("id", sa.String, primary_key=True), *_columns())
    op.create_table(
        "ward_plans",
        sa.Column("house_id", sa.String, sa.ForeignKey("ward_houses.id"), primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("proposed", sa.Boolean, nullable=False),
        *_columns(),
    )
    op.add_column("invitations", sa.Column("plan_id", sa.String, nullable=True))
