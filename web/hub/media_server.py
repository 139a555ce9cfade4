"""The ward's media server: the addresses of its streams, and what each house is told of a meeting.

Streams are named `<meeting>-ward`, for the official, and `<meeting>-<house>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

from config.media_server import STREAM, MediaServerSection
from ward.meetings import Meeting, MeetingState
from web.link.ward_meeting import FloorStream, Stream, TellWardMeeting, WardMeeting

OFFICIAL: Final = "ward"
"""Stands in the official's stream where the others have a house's id; no house is named so."""


@dataclass(frozen=True, slots=True)
class MediaServer:
    whip_url: str
    whep_url: str
    publish_token: str = field(default="", repr=False)
    watch_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, section: MediaServerSection) -> Self:
        """Raises OSError where a token cannot be read."""
        tokens = section.publish_token(), section.watch_token()
        return cls(section.whip_url, section.whep_url, *tokens)

    def publish(self, meeting_id: str, who: str) -> Stream:
        """Where this house, or the official, publishes."""
        return Stream(self.whip_url.replace(STREAM, f"{meeting_id}-{who}"), self.publish_token)

    def watch(self, meeting_id: str, who: str) -> Stream:
        """Where he is watched."""
        return Stream(self.whep_url.replace(STREAM, f"{meeting_id}-{who}"), self.watch_token)


def told(meetings: Sequence[Meeting], house_id: str, server: MediaServer | None) -> TellWardMeeting:
    """The open meeting, or the next, that this house is wanted in."""
    for meeting in meetings:
        wanted = meeting.house(house_id)
        if wanted is None:
            continue
        word = WardMeeting(
            meeting.id, meeting.title, meeting.starts, meeting.minutes, "planned", wanted.plan_id
        )
        if meeting.state is MeetingState.PLANNED:
            return TellWardMeeting(word)
        if meeting.state is MeetingState.OPEN and server is not None:
            return TellWardMeeting(
                replace(
                    word,
                    state="open",
                    publish=server.publish(meeting.id, house_id),
                    ward=server.watch(meeting.id, OFFICIAL),
                    floor=_floor(meeting, server),
                    called=meeting.floor == house_id,
                )
            )
    return TellWardMeeting(None)


def _floor(meeting: Meeting, server: MediaServer) -> FloorStream | None:
    house = meeting.house(meeting.floor)
    if house is None:
        return None
    stream = server.watch(meeting.id, house.house_id)
    return FloorStream(house.house_id, house.name, stream.url, stream.token)
