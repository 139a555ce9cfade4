"""A meeting of the whole ward: the leader joins it, asks for its floor, and leaves it."""

from functools import partial
from typing import Final

from base.cause import Refused
from rooms import store
from rooms.change import Change
from rooms.guests import NOBODY, FromWard, Guest
from rooms.hall_commands import MOST_TITLE_CHARACTERS, HallCommands
from rooms.meeting import Action, Actor
from rooms.view import Phase, Role
from rooms.ward_meeting import THE_WARD, WardMeeting, WardView, guest_id_of

JOINED: Final = "ward_joined"
"""In the database: the ward's meeting and the house's own, in which it was joined; the second one
changes when the house's is over, and nothing is joined any more."""
HAND: Final = "ward_hand"
"""The same, while somebody wants to speak to the whole ward."""


class WardCommands(HallCommands):
    _ward_joined = ""
    _ward_hand = ""

    async def join_ward(self, by: Actor) -> None:
        """Take part; the hall's own meeting begins where none is on. Raises Refused: `ward.none`,
        `ward.early`."""

        def change() -> Change:
            meeting = self._ward_meeting()
            if not meeting.is_near(self._clock.now()):
                raise Refused("ward.early")
            title = self._meeting.title or meeting.title[:MOST_TITLE_CHARACTERS]
            altered = self._alter(title=title, follows_speaker=True)
            return altered.and_(self._keep(JOINED, self._both(meeting)))

        await self._do(Action.JOIN_WARD, by, change)
        if self._meeting.phase is Phase.IDLE:
            await self.start_meeting(by)

    async def leave_ward(self, by: Actor) -> None:
        """The hall's own meeting goes on."""
        await self._do(
            Action.LEAVE_WARD, by, lambda: self._keep(JOINED, "").and_(self._keep(HAND, ""))
        )

    async def ask_ward(self, by: Actor, raised: bool) -> None:
        """Somebody in the hall wants to speak to the whole ward, or no longer. Raises Refused:
        `ward.none`, `ward.not_joined`."""

        def change() -> Change:
            meeting = self._ward_meeting()
            if not self._has_joined(meeting):
                raise Refused("ward.not_joined")
            return self._keep(HAND, self._both(meeting) if raised else "")

        await self._do(Action.ASK_WARD, by, change, raised=raised)

    def ward_view(self) -> WardView | None:
        meeting = self._equipment.ward_meeting.value
        if meeting is None:
            return None
        near, joined = meeting.is_near(self._clock.now()), self._has_joined(meeting)
        if not joined:
            return WardView(meeting, near)
        attended = self._equipment.attended.value
        return WardView(
            meeting,
            near,
            joined,
            hand=self._ward_hand == self._both(meeting),
            health=attended.health,
            heard=meeting.called and attended.sends and not self._meeting.muted,
        )

    def _from_ward(self) -> FromWard:
        """The ward, and the house that has the floor, as guests."""
        meeting = self._equipment.ward_meeting.value
        if meeting is None or not meeting.is_open or not self._has_joined(meeting):
            return NOBODY
        if self._meeting.phase is Phase.IDLE:
            return NOBODY
        guests = [self._as_guest(THE_WARD, self._settings.house.ward)]
        if meeting.floor is not None and not meeting.called:
            other = meeting.floor
            guests.insert(0, self._as_guest(guest_id_of(other.house), other.name))
        return FromWard(tuple(guests), apart=not meeting.called)

    def _as_guest(self, guest_id: str, name: str) -> Guest:
        return Guest(
            guest_id,
            self._meeting.id,
            "",
            name,
            Role.WARD,
            admitted=True,
            microphone=True,
            camera=guest_id in self._equipment.attended.value.seen,
        )

    def _ward_meeting(self) -> WardMeeting:
        meeting = self._equipment.ward_meeting.value
        if meeting is None:
            raise Refused("ward.none")
        return meeting

    def _both(self, meeting: WardMeeting) -> str:
        return f"{meeting.id} {self._meeting.id}"

    def _has_joined(self, meeting: WardMeeting) -> bool:
        return self._ward_joined == self._both(meeting)

    def _keep(self, name: str, value: str) -> Change:
        return Change(
            partial(store.set_value, name=name, new=value),
            partial(setattr, self, f"_{name}", value),
        )

    async def _restore_ward(self) -> None:
        for name in (JOINED, HAND):
            kept = await self._database.read(partial(store.value, name=name))
            setattr(self, f"_{name}", str(kept or ""))

    async def _follow_ward_meeting(self) -> None:
        """What the hub says of it. Whoever is given the floor has his hand down."""
        async for meeting in self._equipment.ward_meeting.changes():
            if meeting is not None and meeting.called and self._ward_hand:
                await self._house_does("ward_called", lambda: self._keep(HAND, ""))
            self._update_floor()
            self._direct()
            self._drawing.request()
