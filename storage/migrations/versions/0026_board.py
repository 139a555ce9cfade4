"""What everybody reads of a case, for the public board's search; what a house's cases are about."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_AT_ONCE = 500


def upgrade() -> None:
    op.add_column("case_copies", sa.Column("topic", sa.String, nullable=True))
    for table in ("cases", "case_copies"):
        sought = sa.Column("sought", sa.String, nullable=False, server_default="")
        op.add_column(table, sought)
    order = ["house", "state", "same_as", "answered_at", "id"]
    op.create_index("ix_cases_answered", "cases", order)
    op.create_index("ix_case_copies_answered", "case_copies", order)
    work = sa.table("case_work", sa.column("case_id"), sa.column("office"))
    cases = _table("cases")
    office = sa.select(work.c.office).where(work.c.case_id == cases.c.id).scalar_subquery()
    _fill(cases, office)
    copies = _table("case_copies", "office")
    _fill(copies, copies.c.office)


def _table(name: str, *more: str) -> sa.TableClause:
    names = ("id", "text", "public_text", "answer", "answered_by", "sought", *more)
    return sa.table(name, *map(sa.column, names))


def _fill(table: sa.TableClause, office: sa.ColumnElement[str]) -> None:
    """A few at a time, as there may be many thousands."""
    connection = op.get_bind()
    query = sa.select(
        table.c.id,
        sa.func.coalesce(sa.func.nullif(table.c.public_text, ""), table.c.text),
        table.c.answer,
        table.c.answered_by,
        office,
    )
    last = ""
    while rows := connection.execute(
        query.where(table.c.id > last).order_by(table.c.id).limit(_AT_ONCE)
    ).all():
        for case_id, *texts in rows:
            one = sa.update(table).where(table.c.id == case_id)
            connection.execute(one.values(sought=_sought(*texts)))
        last = rows[-1][0]


def _sought(*texts: str | None) -> str:
    """As `feedback.board.sought_in` did it then."""
    letters = unicodedata.normalize("NFD", " ".join(filter(None, texts)).lower())
    bare = "".join(c for c in letters if not unicodedata.category(c).startswith("M"))
    folded = unicodedata.normalize("NFC", bare).translate(str.maketrans("đð", "dd"))
    return " ".join(["", *re.findall(r"\w+", folded), ""])
