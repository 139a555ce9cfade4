"""A meeting of the whole ward, as one house sees it: the ward's hub plans it, the house joins.

    meeting: WardMeeting | None        # the hub says it, whole, each time something changes
    part_of(room.view.value)           # what pictures and sound are to do now; None is nothing

The ward, and the house that has the floor, are seen and heard in the room like guests, of a kind of
their own: no invitation, no line in the database, nobody sends them out.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from devices.device import Health
from rooms.plans import DOOR_OPENS

if TYPE_CHECKING:
    from rooms.view import RoomView

THE_WARD: Final = "ward"
"""Its id among the guests; theirs have 16 hexadecimal digits."""


def guest_id_of(house: str) -> str:
    """Of a house that has the floor."""
    return f"house {house}"


@dataclass(frozen=True, slots=True)
class Stream:
    """On a media server."""

    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OtherHouse:
    """That has the floor."""

    house: str
    name: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class WardMeeting:
    """What the hub says of it to this house."""

    id: str
    title: str
    starts: datetime
    minutes: int
    plan: str | None = None
    """The house's own plan for it."""
    is_open: bool = False
    """What follows is said only while it is."""
    publish: Stream | None = None
    """Where the house's own picture and sound go."""
    ward: Stream | None = None
    floor: OtherHouse | None = None
    """None where the ward alone speaks, or this house does."""
    called: bool = False
    """The official gave the floor to this house: everybody hears it."""

    def is_near(self, now: datetime) -> bool:
        """Whether it is time to join."""
        return self.is_open or self.starts - DOOR_OPENS <= now < self.ends

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Attended:
    """How the media of it stand."""

    health: Health | None = None
    """Of sending and receiving together; None while there is nothing to do."""
    sends: bool = False
    """The house's own goes out."""
    seen: frozenset[str] = frozenset()
    """As whom pictures come: `THE_WARD`, `guest_id_of(house)`."""


@dataclass(frozen=True, slots=True)
class WardView:
    """What the pages show."""

    meeting: WardMeeting
    near: bool
    """It may be joined now."""
    joined: bool = False
    hand: bool = False
    """Somebody in the hall wants to speak to the whole ward."""
    health: Health | None = None
    heard: bool = False
    """Everybody in the ward hears this house."""


@dataclass(frozen=True, slots=True)
class Part:
    """What pictures and sound are to do."""

    publish: Stream
    ward: Stream
    floor: OtherHouse | None
    """Never this house itself."""
    called: bool


def part_of(view: "RoomView") -> Part | None:
    """While the house has joined, and its own meeting is on."""
    ward = view.ward_meeting
    shown = view.phase.is_shown and not view.awaits_confirmation
    if ward is None or not ward.joined or not shown or not ward.meeting.is_open:
        return None
    meeting = ward.meeting
    if meeting.publish is None or meeting.ward is None:
        return None
    other = None if meeting.called else meeting.floor
    return Part(meeting.publish, meeting.ward, other, meeting.called)


def is_safe(url: str) -> bool:
    """Whether picture, sound and token may go there: HTTPS, or a network of the ward's own."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http":
        return False
    if parts.hostname == "localhost":
        return True
    try:
        address = ip_address(parts.hostname or "")
    except ValueError:
        return False
    return address.is_private or address.is_loopback
