"""A meeting of the whole ward, from the words of the link to the room's, and back."""

from collections.abc import Callable

from base.cause import Cause, Parameter
from base.latest import Latest
from devices.device import Condition, Health
from rooms.ward_meeting import OtherHouse, Stream, WardMeeting, WardView
from web.link import ward_meeting as said
from web.link.ward_meeting import WardMeetingSummary


def take_ward_meeting(known: Latest[WardMeeting | None], meeting: said.WardMeeting | None) -> None:
    """What the hub says; it stays so while the link is away."""
    known.set(None if meeting is None else _heard(meeting))


def summary_of_part(
    ward: WardView | None, params: Callable[[Cause], dict[str, Parameter]]
) -> WardMeetingSummary | None:
    """How the house takes part in the one that the hub told of; `params` are what may be said of
    a cause."""
    if ward is None:
        return None
    health = ward.health or Health(Condition.STANDBY)
    cause = health.cause
    return WardMeetingSummary(
        ward.meeting.id,
        ward.joined,
        ward.hand,
        health.condition.value,
        cause.code if cause else None,
        params(cause) if cause else {},
    )


def _heard(meeting: said.WardMeeting) -> WardMeeting:
    floor = meeting.floor
    return WardMeeting(
        id=meeting.id,
        title=meeting.title,
        starts=meeting.starts,
        minutes=meeting.minutes,
        plan=meeting.plan,
        is_open=meeting.state == "open",
        publish=_stream(meeting.publish),
        ward=_stream(meeting.ward),
        floor=OtherHouse(floor.house, floor.name, Stream(floor.url, floor.token))
        if floor
        else None,
        called=meeting.called,
    )


def _stream(stream: said.Stream | None) -> Stream | None:
    return Stream(stream.url, stream.token) if stream else None
