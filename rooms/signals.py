"""How everything stands that a house watches: the one truth of tile, verdict, alert, API, metric.

    for signal in signals_of(room.view.value):
        print(signal.id, signal.health.condition, signal.health.since, signal.health.cause)

A signal's cause is a code whose sentence says what is wrong and what to do about it. What was never
measured is UNKNOWN and never counts as well; what a house does not have has no signal.
"""

from dataclasses import dataclass
from typing import Final

from base.cause import Cause
from devices.device import Condition, Health
from rooms.relay import RelayCondition, RelayState
from rooms.view import Connection, LinkState, RoomView

LINE: Final = "own.line"
RELAY: Final = "own.relay"
PUBLISH: Final = "own.publish"
WARD_MEETING: Final = "own.ward-meeting"
DISK: Final = "own.disk"
POWER: Final = "own.power"
CLOCK: Final = "own.clock"
HOUSE: Final = "own.house"
"""The computer itself. No device's id has a dot in it."""

WELL: Final = frozenset({Condition.WORKING, Condition.STANDBY})
ILL: Final = frozenset({Condition.FAILED, Condition.IMPAIRED})


@dataclass(frozen=True, slots=True)
class Signal:
    id: str
    """A device's, or one of those above."""
    kind: str
    """A device's kind, or `line`, `relay`, `publish`, `ward_meeting`, `disk`, `power`, `clock`."""
    name: str
    """What people call it; empty where the pages have a word for it."""
    health: Health


def signals_of(view: RoomView) -> tuple[Signal, ...]:
    """Devices in the order in which people look for them, then the house's own."""
    own = (
        (LINE, "line", line_health(view.link)),
        (RELAY, "relay", relay_health(view.relay)),
        (PUBLISH, "publish", view.publish),
        (WARD_MEETING, "ward_meeting", view.ward_meeting.health if view.ward_meeting else None),
        (DISK, "disk", view.disk),
        (POWER, "power", view.power),
        (CLOCK, "clock", view.clock),
    )
    return (
        *(Signal(one.id, one.kind.value, one.name, one.health) for one in view.devices),
        *(Signal(id_, kind, "", health) for id_, kind, health in own if health is not None),
    )


def is_well(view: RoomView) -> bool:
    return all(signal.health.condition in WELL for signal in signals_of(view))


def wrong_now(view: RoomView) -> tuple[Cause, ...]:
    """Everything that somebody has to look at, what the leader must know first."""
    ill = (one.health.cause for one in signals_of(view) if one.health.condition in ILL)
    return tuple(dict.fromkeys((*view.notices, *(cause for cause in ill if cause is not None))))


def line_health(link: LinkState) -> Health | None:
    """None of a house that has no ward."""
    condition = {
        Connection.CONNECTING: Condition.STARTING,
        Connection.LINKED: Condition.WORKING,
        Connection.AWAY: Condition.FAILED,
    }.get(link.connection)
    return None if condition is None else Health(condition, link.cause, link.since)


def relay_health(relay: RelayState) -> Health | None:
    """None where nobody offers one."""
    condition = {
        RelayCondition.UNMEASURED: Condition.UNKNOWN,
        RelayCondition.WORKING: Condition.WORKING,
        RelayCondition.LIMITED: Condition.IMPAIRED,
        RelayCondition.FAILED: Condition.FAILED,
    }.get(relay.condition)
    if condition is None:
        return None
    return Health(condition, relay.cause if condition in ILL else None, relay.since)
