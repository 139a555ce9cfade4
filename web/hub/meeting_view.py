"""A meeting of the whole ward as its pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from base.cause import Cause
from ward.accounts import Account
from ward.houses import House
from ward.meetings import Meeting, MeetingState, Wanted
from ward.summary import TakingPart
from web.hub.board import Gathered
from web.hub.houses import HouseView, view_of
from web.hub.media_server import MediaServer

_ORDER: Final = ("floor", "hand", "trouble", "starting", "joined", "invited", "away")


@dataclass(frozen=True, slots=True)
class HouseInMeeting:
    wanted: Wanted
    view: HouseView
    part: TakingPart | None
    """What the house says of it, while it is linked."""
    has_floor: bool
    place: int
    """Among those who ask for the floor, from 1; 0: it does not."""

    @property
    def joined(self) -> bool:
        return self.part is not None and self.part.joined

    @property
    def state(self) -> str:
        """`away`, `invited` before it has joined, `floor`, `hand`, `starting`, `trouble`,
        `joined`."""
        if self.view.state != "linked":
            return "away"
        if self.part is None or not self.part.joined:
            return "invited"
        if self.has_floor:
            return "floor"
        if self.place:
            return "hand"
        if self.part.condition in {"failed", "impaired"}:
            return "trouble"
        return "starting" if self.part.condition == "starting" else "joined"


@dataclass(frozen=True, slots=True)
class MeetingView:
    meeting: Meeting
    houses: tuple[HouseInMeeting, ...]
    """Who has the floor, who asks for it, and the others."""
    speaks: bool
    """Who looks is the one who speaks."""
    obstacle: Cause | None = None
    """Why it cannot be opened."""

    @property
    def is_open(self) -> bool:
        return self.meeting.state is MeetingState.OPEN

    @property
    def joined(self) -> int:
        """How many houses are in it."""
        return sum(house.joined for house in self.houses)


def view_of_meeting(
    meeting: Meeting, houses: Mapping[str, House], account: Account, media: MediaServer | None
) -> MeetingView:
    places = {house.house_id: place for place, house in enumerate(meeting.hands, 1)}
    taking_part = [
        _house(meeting, wanted, houses[wanted.house_id], places.get(wanted.house_id, 0))
        for wanted in meeting.houses
        if wanted.house_id in houses
    ]
    taking_part.sort(key=lambda house: (_ORDER.index(house.state), house.place))
    obstacle = None if media else Cause("gathering.no_media_server")
    return MeetingView(meeting, tuple(taking_part), meeting.speaker == account.id, obstacle)


def region_of(
    gathered: Gathered, meeting_id: str, account: Account, media: MediaServer | None
) -> tuple[str, dict[str, Any] | None]:
    """Name and context of the region; without a meeting where it is over."""
    meeting = next((one for one in gathered.meetings if one.id == meeting_id), None)
    known = {house.id: house for house in gathered.houses}
    view = view_of_meeting(meeting, known, account, media) if meeting else None
    return "meeting", {"view": view}


def _house(meeting: Meeting, wanted: Wanted, house: House, place: int) -> HouseInMeeting:
    view = view_of(house)
    said = view.summary.ward_meeting if view.summary else None
    part = said if said is not None and said.id == meeting.id else None
    asks = part is not None and part.hand
    return HouseInMeeting(
        wanted, view, part, meeting.floor == wanted.house_id, place if asks else 0
    )
