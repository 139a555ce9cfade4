"""What can be done with the meeting as a whole and with the hall's equipment."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from base.cause import Refused
from devices.device import Cover, Coverable, DeviceError
from feedback.text import clean_line
from rooms import cameras, minutes, store
from rooms.change import Change
from rooms.meeting import Action, Actor, next_meeting
from rooms.minutes import HeldMeeting, Minutes
from rooms.papers import PAPER_SHOWN, PAPERS
from rooms.plans import PlanState
from rooms.running import RunningRoom
from rooms.sound_test import play_opening
from rooms.view import Filmed, Phase

MOST_TITLE_CHARACTERS: Final = 120
COVER_SECONDS: Final = 10.0
"""A projector does one thing after the other."""


class HallCommands(RunningRoom):
    # The meeting

    async def start_meeting(self, by: Actor) -> None:
        """Open the hall and go live, with whatever works. Never waits for a projector to warm."""
        await self._finished(self._start(by))
        await self._drawing.request()

    async def end_meeting(self, by: Actor) -> None:
        """Begin to close; for some seconds it can be undone, and the hall stays heard."""
        await self._do(Action.END_MEETING, by, self._close)

    async def undo_end(self, by: Actor) -> None:
        await self._do(Action.UNDO_END, by, self._reopen)

    async def confirm_presence(self, by: Actor) -> None:
        """Somebody is in the hall: go on after a restart, or do not end for being alone."""
        await self._do(Action.CONFIRM_PRESENCE, by, lambda: self._alter(awaits_confirmation=False))

    async def set_title(self, by: Actor, title: str) -> None:
        """Raises Refused: `room.title_too_long`."""
        title = clean_line(title)
        if len(title) > MOST_TITLE_CHARACTERS:
            raise Refused("room.title_too_long", most=MOST_TITLE_CHARACTERS)
        await self._do(Action.SET_TITLE, by, lambda: self._alter(title=title))

    async def minutes(self, meeting_id: str) -> Minutes:
        """Of one that is over. Raises Refused: those of `rooms.minutes.minutes_of`."""
        now = self._clock.now()
        return await self._database.read(lambda c: minutes.minutes_of(c, meeting_id, now))

    async def held_meetings(self, limit: int) -> tuple[HeldMeeting, ...]:
        """Those that are over, newest first."""
        return await self._database.read(lambda c: minutes.held(c, limit))

    # The hall

    async def mute_hall(self, by: Actor, muted: bool) -> None:
        """The hall's microphone; closed at once, even where that cannot be stored."""
        await self._do(
            Action.MUTE_HALL, by, lambda: self._alter(muted=muted, protects=muted), muted=muted
        )

    async def set_volume(self, by: Actor, percent: int) -> None:
        """Of the loudspeaker, 0 to 100. Raises Refused: `room.no_sound`, `room.volume`."""
        sound = self._equipment.sound
        if sound is None:
            raise Refused("room.no_sound")
        if not 0 <= percent <= 100:
            raise Refused("room.volume")

        def apply() -> None:
            self._volume = percent
            sound.set_volume(percent)

        change = Change(partial(store.set_value, name="volume", new=percent), apply)
        await self._do(Action.SET_VOLUME, by, lambda: change, percent=percent)

    async def set_music(self, by: Actor, playing: bool) -> None:
        """The anthem or a song goes to everybody as it is; over by itself after some minutes.
        Raises Refused: `room.no_sound`."""
        if self._equipment.sound is None:
            raise Refused("room.no_sound")

        def apply() -> None:
            self._music_since = self._clock.monotonic() if playing else None

        await self._do(Action.SET_MUSIC, by, lambda: Change(apply=apply), playing=playing)

    async def want_projector(self, by: Actor, on: bool) -> None:
        """Raises Refused: `room.no_projector`."""
        if self._equipment.display is None:
            raise Refused("room.no_projector")

        def change() -> Change:
            self._told_projector = None  # a second press is a second try
            return self._alter(projector=on)

        await self._do(Action.WANT_PROJECTOR, by, change, on=on)

    async def cover_projector(self, by: Actor, cover: Cover) -> None:
        """Hide its picture, keep it as it is, or show it again. Raises Refused:
        `room.no_projector`, `room.cannot_cover`, `room.projector_slow`, or its own cause."""
        self._check(Action.COVER_PROJECTOR, by)
        display = self._equipment.display
        if display is None:
            raise Refused("room.no_projector")
        if not isinstance(display, Coverable):
            raise Refused("room.cannot_cover", name=display.name)
        try:
            async with asyncio.timeout(COVER_SECONDS):
                await display.cover(cover)
        except TimeoutError:
            raise Refused("room.projector_slow", name=display.name) from None
        except DeviceError as error:
            raise Refused(error.cause.code, **error.cause.params) from error
        await self._do(Action.COVER_PROJECTOR, by, Change, cover=cover.value)

    # From phase to phase

    async def _start(self, by: Actor) -> None:
        def change() -> Change:
            self._watched = self._asked = self._sound_test = self._recording = None
            now = self._clock.now()
            plan = self._schedule.due(now)
            opening = self._alter(
                phase=Phase.OPENING,
                title=self._meeting.title or (plan.title if plan else ""),
                started_at=now,
                alive_at=now,
                projector=True,
            )
            if plan is None:
                return opening
            return opening.and_(self._schedule.alter(plan, now, **self._held()))

        await self._command(Action.START_MEETING, by, change, {})
        self._began = self._clock.monotonic()
        self._opening = True
        try:
            preset = self._settings.meeting.preset
            patience = self._clock.patience_seconds
            self._opening_notices = await cameras.point_all(self._equipment, preset, patience)
        finally:
            self._opening = False
        await self._opened()
        self._play_opening()

    def _play_opening(self) -> None:
        if (sound := self._equipment.sound) is None:
            return

        def may() -> bool:
            muted, phase = self._meeting.muted, self._meeting.phase
            return phase is Phase.LIVE and not muted and not self._media.speaking.value

        task = asyncio.create_task(play_opening(sound, may))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _opened(self) -> None:
        await self._house_does(
            "opened",
            lambda: self._alter(phase=Phase.LIVE) if self._meeting.phase is Phase.OPENING else None,
        )

    def _held(self) -> dict[str, Any]:
        return {"state": PlanState.HELD, "meeting_id": self._meeting.id}

    def _not_held_after_all(self) -> Change | None:
        """A planned meeting that was over before its time: somebody only tried whether it works."""
        plan, now = self._schedule.held_as(self._meeting.id), self._clock.now()
        if plan is None or now >= plan.starts:
            return None
        return self._schedule.alter(plan, now, state=PlanState.PLANNED, meeting_id=None)

    def _close(self) -> Change:
        seconds = self._settings.meeting.undo_end_seconds
        until = self._clock.monotonic() + seconds, self._clock.now() + timedelta(seconds=seconds)
        altered = self._alter(phase=Phase.CLOSING)

        def apply() -> None:
            altered.apply()
            self._undo_until = until
            self._alone_notice = None

        return Change(altered.store, apply)

    def _reopen(self) -> Change:
        altered = self._alter(phase=Phase.LIVE)

        def apply() -> None:
            altered.apply()
            self._undo_until = None

        return Change(altered.store, apply)

    async def _finish(self) -> None:
        """The meeting is over: everybody goes home, and the next one is prepared."""
        over = self._meeting
        following = next_meeting(projector=None if self._equipment.display is None else False)
        left = self._ways.meeting_over(over.id, self._clock.now())

        def keep(connection: Connection) -> None:
            store.finish_meeting(connection, over.id)
            store.add_meeting(connection, following)
            store.set_value(connection, "filmed", Filmed.NO.value)
            store.set_value(connection, PAPERS, "")
            store.set_value(connection, PAPER_SHOWN, "")
            left.store(connection)

        def apply() -> None:
            self._meeting = following
            self._filmed = Filmed.NO
            self._undo_until = None
            self._restored = None
            self._opening_notices = ()
            self._guests.clear()
            self._hall_hands.clear()
            self._papers = ()
            left.apply()
            for stage in self._guests.stages():
                self._media.drop(stage)

        await self._house_does(
            "finish",
            lambda: (
                Change(keep, apply).and_(self._not_held_after_all())
                if self._meeting is over
                else None
            ),
        )
        if self._meeting is following:
            await asyncio.to_thread(self._shelf.clear)
