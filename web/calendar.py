"""What is planned in one house as a calendar that phones subscribe to (iCalendar, RFC 5545).

    GET /calendar/<token>.ics       the token is signed and cannot be guessed; it ends never

A cancelled meeting stays in it, as cancelled: calendars keep what they have once seen.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Alarm, Calendar, Event
from starlette.responses import Response

from base.cause import Refused
from rooms.plans import Plan, PlanState
from web.tokens import Tokens

PATH: Final = "/calendar/{token}.ics"
MEDIA_TYPE: Final = "text/calendar"
AGAIN: Final = timedelta(minutes=30)
"""After so long a phone may look again."""
REMINDER: Final = timedelta(minutes=30)
"""So long before a meeting the phone reminds its owner: the door opens then."""

_PURPOSE: Final = "calendar"
_STATUS: Final = {
    PlanState.PLANNED: "CONFIRMED",
    PlanState.HELD: "CONFIRMED",
    PlanState.CANCELLED: "CANCELLED",
}


def calendar_path(tokens: Tokens, house: str) -> str:
    """The address of this house's calendar, without the host."""
    return PATH.format(token=tokens.sign(_PURPOSE, house))


def read_calendar_token(tokens: Tokens, token: str) -> str:
    """Which house's. Raises Refused `access.link_broken`."""
    house = tokens.read(_PURPOSE, token)
    if not isinstance(house, str):
        raise Refused("access.link_broken")
    return house


def calendar_of(name: str, plans: Iterable[Plan]) -> bytes:
    """`name` is the house's."""
    calendar = Calendar()
    calendar.add("prodid", "-//avcontrol//schedule//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)  # RFC 7986, and what phones knew before it
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", AGAIN, {"value": "DURATION"})
    calendar.add("x-published-ttl", AGAIN)
    for plan in sorted(plans, key=lambda plan: (plan.starts, plan.id)):
        if (status := _STATUS.get(plan.state)) is not None:
            calendar.add_component(_event(plan, name, status))
    written: bytes = calendar.to_ical()
    return written


def answer(name: str, plans: Iterable[Plan]) -> Response:
    return Response(
        calendar_of(name, plans),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": 'inline; filename="lich-hop.ics"'},
    )


def _event(plan: Plan, place: str, status: str) -> Event:
    event = Event()
    event.add("uid", f"{plan.id}@avcontrol")
    event.add("dtstamp", datetime.now(UTC))
    event.add("last-modified", plan.changed_at)
    event.add("sequence", plan.revision - 1)
    event.add("dtstart", plan.starts)
    event.add("dtend", plan.ends)
    event.add("summary", plan.title)
    event.add("location", place)
    event.add("status", status)
    if plan.state is not PlanState.CANCELLED:
        event.add_component(_reminder(plan))
    return event


def _reminder(plan: Plan) -> Alarm:
    """RFC 5545, 3.6.6: these three have to be there."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", plan.title)
    alarm.add("trigger", -REMINDER)
    return alarm
