"""What the ward is told of a house: enough for a list of houses, and nothing of its people but the
names of those who wait at the door of a meeting: an official at the ward may let them in."""

from rooms.view import GuestView, Phase, Presence, RoomView
from web.link.messages import DeviceSummary, Summary, Waiting

_HERE = frozenset({Presence.ADMITTED, Presence.CONNECTED})
_LONGEST_TITLE = 200
_MOST_DEVICES = 32
_MOST_WAITING = 20


def summary_of(view: RoomView) -> Summary:
    lobby = [] if view.phase is Phase.IDLE else _lobby(view)
    return Summary(
        phase=view.phase.value,
        title=view.title[:_LONGEST_TITLE],
        guests=sum(guest.presence in _HERE for guest in view.guests),
        waiting=len(view.waiting()),
        devices=tuple(
            DeviceSummary(
                kind=device.kind.value,
                condition=device.health.condition.value,
                cause=device.health.cause.code if device.health.cause else None,
            )
            for device in view.devices[:_MOST_DEVICES]
        ),
        lobby=tuple(Waiting(guest.id, guest.name, guest.role.value) for guest in lobby),
    )


def _lobby(view: RoomView) -> list[GuestView]:
    return [g for g in view.guests if g.presence is Presence.LOBBY][:_MOST_WAITING]
