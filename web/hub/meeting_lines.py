"""What passes between the hub and its houses about meetings of the whole ward."""

from base.latest import Latest
from ward.meetings import Meeting, Meetings
from web.hub.media_server import MediaServer, told
from web.link.messages import Summary
from web.link.ward_meeting import TellWardMeeting


class MeetingLines:
    def __init__(
        self,
        meetings: Meetings,
        current: Latest[tuple[Meeting, ...] | None],
        server: MediaServer | None,
    ) -> None:
        """`current` is kept up to date by somebody else; None while it is not known."""
        self._meetings = meetings
        self._current = current
        self._server = server

    async def tell(self, house_id: str, wanted: Latest[TellWardMeeting | None]) -> None:
        """Keep what the house is told true, until cancelled."""
        async for current in self._current.changes():
            if current is not None:
                wanted.set(told(current, house_id, self._server))

    async def heard(self, house_id: str, summary: Summary | None) -> None:
        """How the house takes part. Raises StorageError."""
        part = summary.ward_meeting if summary else None
        if part is not None:
            await self._meetings.heard(house_id, part.id, joined=part.joined, hand=part.hand)
