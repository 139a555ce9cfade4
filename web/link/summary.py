"""What the ward is told of a house: enough for a list of houses, and nothing of its people but the
names of those who wait at the door of a meeting: an official at the ward may let them in."""

from base.cause import Cause, Parameter
from feedback.post import PostTrouble
from rooms.rehearsal import Verdict
from rooms.relay import RelayCondition
from rooms.view import DeviceView, GuestView, Phase, Presence, Role, RoomView
from web.link.messages import DeviceSummary, Summary, Waiting
from web.link.taking_part import summary_of_part

_HERE = frozenset({Presence.ADMITTED, Presence.CONNECTED})
_RELAY = {
    RelayCondition.WORKING: "working",
    RelayCondition.LIMITED: "impaired",
    RelayCondition.FAILED: "failed",
    RelayCondition.UNMEASURED: "unknown",
}
_LONGEST_TITLE = 200
_MOST_DEVICES = 32
_MOST_POST = 8
_MOST_WAITING = 20
_LONGEST_NAME = 80
_MOST_PARAMETERS = 6
_LONGEST_PARAMETER = 60
"""All of them together fit into a frame, whatever a device says of itself."""


def summary_of(view: RoomView) -> Summary:
    lobby = [] if view.phase is Phase.IDLE else _lobby(view)
    own = (*_relay(view), *_rehearsal(view), *map(_post, view.post[:_MOST_POST]))
    return Summary(
        phase=view.phase.value,
        title=view.title[:_LONGEST_TITLE],
        guests=sum(g.presence in _HERE for g in view.guests if g.role is not Role.WARD),
        waiting=len(view.waiting()),
        devices=(*map(_device, view.devices[: _MOST_DEVICES - len(own)]), *own),
        lobby=tuple(map(_waiting, lobby)),
        quiet_until=view.quiet.until if view.quiet else None,
        ward_meeting=summary_of_part(view.ward_meeting, _params),
    )


def _lobby(view: RoomView) -> list[GuestView]:
    return [g for g in view.guests if g.presence is Presence.LOBBY][:_MOST_WAITING]


def _waiting(guest: GuestView) -> Waiting:
    return Waiting(
        guest.id, guest.name, guest.role.value, guest.account, guest.only_the_hall_admits
    )


def _relay(view: RoomView) -> tuple[DeviceSummary, ...]:
    """It is the ward's own, and only from its houses can it be seen whether they get through."""
    condition = _RELAY.get(view.relay.condition)
    if condition is None:
        return ()
    cause = view.relay.cause
    return (
        DeviceSummary(
            kind="relay",
            condition=condition,
            cause=cause.code if cause else None,
            params=_params(cause) if cause else {},
            since=view.relay.since,
        ),
    )


def _rehearsal(view: RoomView) -> tuple[DeviceSummary, ...]:
    """That one cannot meet, as it was found when everything was tried."""
    tried = view.rehearsal
    worst = tried.worst() if tried else None
    if tried is None or worst is None or tried.verdict is not Verdict.NOT_READY:
        return ()
    return (
        DeviceSummary(
            kind="rehearsal",
            condition="failed",
            cause=worst.cause.code,
            params=_params(worst.cause),
            since=tried.ended,
        ),
    )


def _post(trouble: PostTrouble) -> DeviceSummary:
    """As a device that has failed: the ward's technicians are called for it like for one."""
    return DeviceSummary(
        kind=trouble.kind,
        condition="failed",
        cause=trouble.cause.code,
        params=_params(trouble.cause),
        id=trouble.key,
        name=trouble.name[:_LONGEST_NAME],
    )


def _device(device: DeviceView) -> DeviceSummary:
    cause = device.health.cause
    return DeviceSummary(
        kind=device.kind.value,
        condition=device.health.condition.value,
        cause=cause.code if cause else None,
        params=_params(cause) if cause else {},
        id=device.id,
        name=device.name[:_LONGEST_NAME],
        since=device.health.since,
    )


def _params(cause: Cause) -> dict[str, Parameter]:
    """Short enough for the link; what was cut off is told to the technician in the house."""
    return {
        name: _shortened(value) if isinstance(value, str) else value
        for name, value in list(cause.params.items())[:_MOST_PARAMETERS]
    }


def _shortened(text: str) -> str:
    seen = "".join(character if character.isprintable() else " " for character in text)
    return seen if len(seen) <= _LONGEST_PARAMETER else f"{seen[: _LONGEST_PARAMETER - 1]}…"
