"""What the ward is told of a house: enough for a list of houses, and nothing of its people."""

from rooms.view import Presence, RoomView
from web.link.messages import DeviceSummary, Summary

_HERE = frozenset({Presence.ADMITTED, Presence.CONNECTED})
_LONGEST_TITLE = 200
_MOST_DEVICES = 32


def summary_of(view: RoomView) -> Summary:
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
    )
