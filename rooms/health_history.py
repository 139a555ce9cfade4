"""How each device was, change by change, kept over restarts: a fault that went away by itself is
still there to be read, by whoever comes in the morning to look for it.

What merely starts is no news, so that a camera that is tried again every ten seconds all night
leaves one line. The newest `KEPT` lines of each device are kept.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from base.cause import Cause
from devices.device import Condition, Health
from rooms.tables import device_health

KEPT: Final = 50
FAULTS: Final = (Condition.FAILED, Condition.IMPAIRED)
NO_NEWS: Final = (Condition.UNKNOWN, Condition.STARTING)


def note(connection: Connection, device: str, health: Health) -> None:
    cause = health.cause
    connection.execute(
        insert(device_health).values(
            device=device,
            condition=health.condition.value,
            code=cause.code if cause else None,
            params=dict(cause.params) if cause else {},
            at=health.since,
        )
    )
    rows = device_health.c
    newest = select(rows.seq).where(rows.device == device).order_by(rows.seq.desc()).limit(KEPT)
    oldest_kept = select(func.min(newest.subquery().c.seq)).scalar_subquery()
    connection.execute(delete(device_health).where(rows.device == device, rows.seq < oldest_kept))


def last_faults(connection: Connection) -> Mapping[str, Health]:
    """The newest of each device, by its id."""
    rows = connection.execute(
        select(device_health)
        .where(device_health.c.condition.in_([fault.value for fault in FAULTS]))
        .order_by(device_health.c.seq)
    )
    return {
        row.device: Health(
            Condition(row.condition), Cause(row.code, **row.params) if row.code else None, row.at
        )
        for row in rows
    }
