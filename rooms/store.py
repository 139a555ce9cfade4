"""Meetings, the journal and what the room remembers, in the database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from base.cause import Parameter
from rooms.meeting import Meeting
from rooms.tables import journal, meetings, room_values
from rooms.view import Phase
from storage.prepared import Prepared

_APPEND: Final = Prepared(insert(journal), *(c.name for c in journal.c if c.name != "seq"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal: who did what."""

    at: datetime
    """Wall clock, for people; the order is the journal's own."""
    meeting_id: str
    role: str
    """`house` where nobody did it, `resident` for those without an account."""
    name: str
    action: str
    params: Mapping[str, Parameter]


def current_meeting(connection: Connection) -> Meeting | None:
    """The one that is not over."""
    row = connection.execute(
        select(meetings).where(~meetings.c.over).order_by(meetings.c.seq.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Meeting(
        id=row.id,
        title=row.title,
        phase=Phase(row.phase),
        started_at=row.started_at,
        alive_at=row.alive_at,
        muted=row.muted,
        follows_speaker=row.follows_speaker,
        awaits_confirmation=row.awaits_confirmation,
        projector=row.projector,
    )


def add_meeting(connection: Connection, meeting: Meeting) -> None:
    connection.execute(insert(meetings).values(**_values(meeting), over=False))


def save_meeting(connection: Connection, meeting: Meeting) -> None:
    connection.execute(update(meetings).where(meetings.c.id == meeting.id).values(_values(meeting)))


def finish_meeting(connection: Connection, meeting_id: str) -> None:
    connection.execute(
        update(meetings)
        .where(meetings.c.id == meeting_id)
        .values(over=True, phase=Phase.IDLE.value)
    )


def append(connection: Connection, line: Line) -> None:
    """One more line of the journal; lines are never changed."""
    _APPEND.run(connection, {**asdict(line), "params": dict(line.params)})


def lines_of(connection: Connection, meeting_id: str) -> tuple[Line, ...]:
    """The journal of a meeting, oldest first, from when it was prepared."""
    rows = connection.execute(
        select(journal).where(journal.c.meeting_id == meeting_id).order_by(journal.c.seq)
    )
    return tuple(
        Line(row.at, row.meeting_id, row.role, row.name, row.action, row.params) for row in rows
    )


def value(connection: Connection, name: str) -> Any:
    """Something that the room remembers; None where it never did."""
    query = select(room_values.c.value).where(room_values.c.name == name)
    return connection.execute(query).scalar_one_or_none()


def set_value(connection: Connection, name: str, new: Parameter) -> None:
    # Nobody else writes meanwhile, so that this needs no dialect's upsert.
    changed = connection.execute(
        update(room_values).where(room_values.c.name == name).values(value=new)
    )
    if changed.rowcount == 0:
        connection.execute(insert(room_values).values(name=name, value=new))


def _values(meeting: Meeting) -> dict[str, Any]:
    return {**asdict(meeting), "phase": meeting.phase.value}
