"""Who deals with a case, and until when; what everybody reads of it; a text for searching."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for column in (
        sa.Column("name_hidden", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("public_text", sa.String, nullable=True),
        sa.Column("handed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("number", sa.Integer, nullable=True),
        sa.Column("folded", sa.String, nullable=False, server_default=""),
    ):
        op.add_column("cases", column)
    op.add_column("case_history", sa.Column("about", sa.String, nullable=True))
    # Who owns those that there are is for the program to say, which knows the settings.
    op.create_table(
        "case_work",
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("owner", sa.String, nullable=False, index=True),
        sa.Column("owner_name", sa.String, nullable=False),
        sa.Column("due_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("due_rule", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=True),
        sa.Column("confidence", sa.Float, nullable=True),
        sa.Column("topic_by", sa.String, nullable=True),
        sa.Column("topic_sought", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("urgency", sa.String, nullable=False),
        sa.Column("transfer_to", sa.String, nullable=True),
        sa.Column("transfer_to_name", sa.String, nullable=True),
        sa.Column("assignee", sa.String, nullable=True, index=True),
        sa.Column("assignee_name", sa.String, nullable=True),
        sa.Column("draft", sa.String, nullable=True),
        sa.Column("draft_office", sa.String, nullable=True),
        sa.Column("draft_done_on", sa.Date, nullable=True),
        sa.Column("draft_by", sa.String, nullable=True),
        sa.Column("office", sa.String, nullable=True),
        sa.Column("done_on", sa.Date, nullable=True),
        sa.Column("next_holder", sa.String, nullable=True),
        sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("rating", sa.Integer, nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
    )
    cases = sa.table("cases", sa.column("id"), sa.column("text"), sa.column("folded"))
    connection = op.get_bind()
    # A case that was never told began at 0; the first state that is told is 1.
    connection.execute(sa.text("UPDATE cases SET revision = 1 WHERE revision = 0"))
    for row in connection.execute(sa.select(cases.c.id, cases.c.text)).all():
        values = {"folded": _folded(row.text)}
        connection.execute(sa.update(cases).where(cases.c.id == row.id).values(values))


def _folded(text: str) -> str:
    """As `feedback.folding.fold` did it then."""
    letters = unicodedata.normalize("NFD", text.lower())
    bare = "".join(c for c in letters if not unicodedata.category(c).startswith("M"))
    return unicodedata.normalize("NFC", bare).translate(str.maketrans("đð", "dd"))
