"""The room: one meeting at a time, kept true over restarts and as time goes by.

    room = Room(settings, database, equipment, media)
    task_group.create_task(room.run())
    await room.ready.wait()
    await room.start_meeting(Actor(Role.LEADER, "Nguyễn Văn An"))
    room.view.value.phase      # Phase.LIVE

A command raises `Refused` where `rooms.meeting.ALLOWED` forbids it or it is impossible, and
returns once its outcome is on the disk and in the view. Each leaves a line in the journal. The
commands stand in `hall_commands`, `camera_commands`, `picture_commands`, `watch_commands`,
`guest_commands`, `hub_commands`, `question_commands`, `slip_commands`, `plan_commands`,
`paper_commands`, `hdmi_commands`, `rehearsal_commands`, `health_commands`, `help_commands`,
`film_commands` and `ward_commands`, by what they concern.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from base.cause import Cause
from base.latest import Latest
from devices.device import Adjustable, Following, Levels, Power, Steerable
from feedback import intake, votes
from rooms import guests, hands, health_history, plans, question_store, store
from rooms.camera_commands import CameraCommands
from rooms.case_commands import CaseCommands
from rooms.change import Change
from rooms.film_commands import FilmCommands
from rooms.guests import Guest
from rooms.hall_commands import HallCommands
from rooms.hand_commands import HandCommands
from rooms.hdmi_commands import HdmiCommands
from rooms.health_commands import HealthCommands
from rooms.help_commands import HelpCommands
from rooms.hub_commands import HubCommands
from rooms.meeting import Meeting, next_meeting
from rooms.paper_commands import PaperCommands
from rooms.picture_commands import PictureCommands
from rooms.plan_commands import PlanCommands
from rooms.rehearsal_commands import RehearsalCommands
from rooms.shown import Floor, FloorKind
from rooms.signals import (
    CLOCK,
    DISK,
    LINE,
    POWER,
    PUBLISH,
    RELAY,
    WARD_MEETING,
    line_health,
    relay_health,
)
from rooms.slip_commands import SlipCommands
from rooms.view import Phase
from rooms.vote_commands import VoteCommands
from rooms.ward_commands import WardCommands
from rooms.watch_commands import WatchCommands
from storage.errors import StorageError

ALIVE_SECONDS: Final = 10.0
ALONE_NOTICE_SECONDS: Final = 120.0
MUSIC_SECONDS: Final = 600.0
"""Nobody remembers to say that a song is over."""

log = logging.getLogger(__name__)


class Room(
    WardCommands,
    HallCommands,
    CameraCommands,
    PictureCommands,
    WatchCommands,
    HubCommands,
    HandCommands,
    SlipCommands,
    VoteCommands,
    CaseCommands,
    PlanCommands,
    PaperCommands,
    HdmiCommands,
    RehearsalCommands,
    HealthCommands,
    HelpCommands,
    FilmCommands,
):
    async def run(self) -> None:
        """Restore the stored meeting, then keep the view true until cancelled.

        Raises StorageError where the stored meeting cannot be read.
        """
        await self._restore()
        equipment = self._equipment
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_time())
            tasks.create_task(self._mind_cases())
            tasks.create_task(self._keep_noting(LINE, equipment.link, line_health))
            tasks.create_task(self._keep_noting(RELAY, equipment.relay, relay_health))
            tasks.create_task(
                self._keep_noting(WARD_MEETING, equipment.attended, lambda told: told.health)
            )
            for signal, own in (
                (DISK, equipment.disk),
                (POWER, equipment.power),
                (CLOCK, equipment.clock),
                (PUBLISH, equipment.publish),
            ):
                tasks.create_task(self._keep_noting(signal, own, lambda health: health))
            tasks.create_task(self._watch(equipment.start))
            tasks.create_task(self._watch(equipment.post))
            tasks.create_task(self._watch_media(equipment.attended))
            tasks.create_task(self._follow_ward_meeting())
            tasks.create_task(self._watch_pictures())
            tasks.create_task(self._keep_rehearsing())
            tasks.create_task(self._watch_media(self._media.connected))
            tasks.create_task(self._watch_media(self._media.speaking))
            tasks.create_task(self._watch(self._media.returning))
            tasks.create_task(self._watch(self._media.lines))
            if (filming := self._filming) is not None:
                tasks.create_task(filming.run())
                tasks.create_task(self._watch(filming.state))
                tasks.create_task(self._keep_films(filming))
                tasks.create_task(self._mind_films())
            for device in equipment.devices():
                tasks.create_task(self._watch_health(device))
            for camera in equipment.cameras:
                tasks.create_task(self._watch_camera(camera))
                if isinstance(camera, Steerable):
                    tasks.create_task(self._watch_controls(camera, camera.controls))
                if isinstance(camera, Adjustable):
                    tasks.create_task(self._watch(camera.advice))
                if isinstance(camera, Following):
                    tasks.create_task(self._watch(camera.framing))
            if equipment.hdmi is not None:
                tasks.create_task(self._watch(equipment.hdmi.signal))
            if equipment.hdmi_sound is not None:
                tasks.create_task(self._watch(equipment.hdmi_sound.health))
            if equipment.display is not None:
                tasks.create_task(self._watch(equipment.display.state))
            if equipment.sound is not None:
                tasks.create_task(self._keep_volume(equipment.sound.volume))
                tasks.create_task(self._watch(equipment.sound.microphone_open))
                tasks.create_task(self._watch(equipment.sound.echo))
                tasks.create_task(self._watch(equipment.sound.gain))
                tasks.create_task(self._watch(equipment.sound.knob))
                microphone, battery = equipment.sound.microphone.id, equipment.microphone_battery
                tasks.create_task(self._keep_noting(microphone, battery, lambda health: health))
                tasks.create_task(self._listen(equipment.sound.levels))

    # After a start

    async def _restore(self) -> None:
        """Go on where the last process stopped, however it stopped."""

        def find(connection: Connection) -> Meeting:
            meeting = store.current_meeting(connection)
            if meeting is None:
                meeting = next_meeting()
                store.add_meeting(connection, meeting)
            return meeting

        meeting = self._meeting = await self._database.write(find)
        known = await self._database.read(lambda c: guests.of_meeting(c, meeting.id))
        self._guests.load(known, self._clock.monotonic())
        raised = await self._database.read(lambda c: hands.of_meeting(c, meeting.id))
        self._hall_hands.load(raised)
        await self._database.write(lambda c: intake.give_owners(c, self._rules))
        if (outbox := self._outbox) is not None:
            await self._database.write(lambda c: question_store.tell_untold(c, outbox))
        asked = await self._database.read(lambda c: question_store.open_or_of(c, meeting.id))
        self._questions.load(asked)
        voted = await self._database.read(lambda c: votes.counted(c, self._questions.ids()))
        self._questions.askers.load(voted, asked)
        self._last_faults.update(await self._database.read(health_history.last_faults))
        now = self._clock.now()
        self._schedule.load(await self._database.read(lambda c: plans.standing(c, now)))
        await self._database.write(lambda c: self._schedule.tell_all(c, now))
        await self._restore_volume()
        await self._restore_help()
        await self._restore_picture()
        await self._restore_following()
        await self._restore_floor()
        await self._restore_film()
        await self._restore_papers()
        await self._restore_ward()
        if meeting.phase is Phase.CLOSING:
            await self._finish()
        elif meeting.phase is not Phase.IDLE:
            await self._go_on(meeting)
        elif meeting.projector:  # switched on before a meeting: not again, in an empty house
            self._meeting = replace(meeting, projector=None)
        self._direct()
        self.view.set(self._drawn())
        self._touch()
        self.ready.set()

    async def _restore_volume(self) -> None:
        kept = await self._database.read(lambda c: store.value(c, "volume"))
        self._volume = self._volume if kept is None else int(kept)
        if self._equipment.sound is not None:
            self._equipment.sound.set_volume(self._volume)

    async def _restore_floor(self) -> None:
        """Whoever the leader chose has the floor again once he is back."""
        kept = await self._database.read(lambda c: store.value(c, "floor"))
        if kept is not None and not self._meeting.follows_speaker:
            kind, _, guest_id = str(kept).partition(" ")
            self._floor.wait_for(Floor(FloorKind(kind), guest_id or None))

    async def _go_on(self, meeting: Meeting) -> None:
        """A meeting was under way. After a long stop, or where the clock cannot tell how long it
        was, nobody is heard or seen until somebody in the hall says so."""
        now = self._clock.now()
        stopped = now - (meeting.alive_at or now)
        passed = now - (meeting.started_at or now)
        self._began = self._clock.monotonic() - max(0.0, passed.total_seconds())
        ask = meeting.awaits_confirmation or not timedelta() <= stopped <= self._longest_stop()
        log.warning("the meeting goes on after %s; asks first: %s", stopped, ask)
        self._restored = self._clock.monotonic(), now
        await self._house_does(
            "restored",
            lambda: self._alter(phase=Phase.LIVE, alive_at=now, awaits_confirmation=ask),
            seconds=round(stopped.total_seconds()),
        )

    def _longest_stop(self) -> timedelta:
        return timedelta(minutes=self._settings.meeting.confirm_after_minutes)

    # As time goes by

    async def _keep_time(self) -> None:
        signed = self._clock.monotonic()
        while True:
            await asyncio.sleep(self._clock.tick_seconds)
            try:
                await self._tick()
                now = self._clock.monotonic()
                needed = self._meeting.phase is not Phase.IDLE or self._storage_notice is not None
                if needed and now - signed >= ALIVE_SECONDS:
                    signed = now
                    await self._give_sign_of_life()
            except StorageError as error:
                # Shown as a notice by whatever failed; what waits for the disk is tried again.
                log.warning("the room cannot be stored: %s", error.cause)
                await asyncio.sleep(self._clock.tick_seconds * 10)
            except Exception:
                log.exception("unexpected error as time goes by")
                await asyncio.sleep(self._clock.tick_seconds * 10)

    async def _tick(self) -> None:
        now = self._clock.monotonic()
        self._update_floor()
        self._choose_picture(now)
        if self._meeting.phase is Phase.OPENING and not self._opening:
            await self._opened()
        if self._undo_is_over():
            self._direct()
            await self._finish()
        if self._schedule.coming(self._clock.now()) != self.view.value.coming:
            self._drawing.request()  # its time has come, or is over
        if self._meeting.phase is Phase.LIVE:
            await self._look_at_the_clock()
            await self._look_for_people(now)
        self._look_at_help()
        await self._end_watching(now)
        await self._rehearse_in_time()
        if self._music_since is not None and now - self._music_since >= MUSIC_SECONDS:
            await self._house_does("music_over", self._end_music)
        await self._tell_votes()
        awaited = self._guests.awaited(self._media.connected.value, now)
        if awaited != self._told_awaited:
            self._told_awaited = awaited
            self._drawing.request()
        for guest in self._guests.lost_for_long(now):
            await self._house_does("away", partial(self._let_go, guest), guest=guest.id)
        for guest in self._guests.lost_in_lobby(now):
            await self._house_does("left_lobby", partial(self._leave_lobby, guest), guest=guest.id)
        await self._forget_projector()

    def _end_music(self) -> Change:
        def apply() -> None:
            self._music_since = None

        return Change(apply=apply)

    def _let_go(self, guest: Guest) -> Change | None:
        """None where he came back, or left, in the meantime."""
        is_lost = guest in self._guests.lost_for_long(self._clock.monotonic())
        return self._guests.alter(guest, gone="away") if is_lost else None

    def _leave_lobby(self, guest: Guest) -> Change | None:
        """None where he was let in, or left, in the meantime."""
        waits = guest in self._guests.lost_in_lobby(self._clock.monotonic())
        return self._guests.alter(guest, gone="left") if waits else None

    async def _look_for_people(self, now: float) -> None:
        """End a meeting that was left alone, after saying so for two minutes."""
        if self._somebody_is_there():
            self._touch()
        alone = now - self._touched
        longest = self._settings.meeting.alone_minutes * 60.0
        if alone >= longest:
            await self._house_does("left_alone", self._close)
        elif alone >= longest - ALONE_NOTICE_SECONDS and self._alone_notice is None:
            minutes = round(ALONE_NOTICE_SECONDS / 60)
            self._alone_notice = Cause("room.ends_alone", minutes=minutes)
            self._drawing.request()

    def _somebody_is_there(self) -> bool:
        """In the hall: a page left open far away must not keep its microphone open for ever."""
        speech = self._hearing.speech(self._clock.monotonic())
        return speech and not self._meeting.awaits_confirmation

    async def _listen(self, levels: Latest[Levels]) -> None:
        async for level in levels.changes():
            self._hearing.hear(level.microphone, self._clock.monotonic())

    async def _keep_volume(self, volume: Latest[int]) -> None:
        """Also where somebody has turned the system's mixer: a restart does not turn it back."""
        unasked: int | None = volume.value
        async for percent in volume.changes():
            self._drawing.request()
            if percent == unasked:
                continue
            unasked = None
            if percent == self._volume:
                continue
            self._volume = percent
            try:
                await self._store(partial(store.set_value, name="volume", new=percent))
            except StorageError as error:
                log.warning("the volume cannot be kept: %s", error.cause)

    async def _look_at_the_clock(self) -> None:
        """A machine without a clock of its own learns the time only some time after it starts:
        the stop may have been longer than it seemed."""
        if self._restored is None:
            return
        went_on, wall = self._restored
        passed = timedelta(seconds=self._clock.monotonic() - went_on)
        if abs(self._clock.now() - wall - passed) > self._longest_stop():
            self._restored = None
            await self._house_does("clock_jumped", lambda: self._alter(awaits_confirmation=True))

    async def _give_sign_of_life(self) -> None:
        async with self._lock:
            alive = self._alter(alive_at=self._clock.now())
            await self._store(alive.store)
            alive.apply()

    async def _forget_projector(self) -> None:
        """Off is reached: whoever switches it on later is not to be switched off."""
        display, meeting = self._equipment.display, self._meeting
        if (
            display is not None
            and meeting.phase is Phase.IDLE
            and meeting.projector is False
            and display.state.value.power is Power.OFF
        ):
            await self._house_does("projector_off", lambda: self._alter(projector=None))
