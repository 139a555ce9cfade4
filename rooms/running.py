"""The machinery under the room's commands: one change at a time, and what follows from it.

A command checks, stores and only then takes effect (`_do`). What the hall and the media are to do
is never told step by step: `_direct` derives it from the state, after every change, so that a
restart, a mute and the end of a meeting cannot leave them in different minds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import Connection

from base.cause import Cause, Parameter, Refused
from base.latest import Latest
from config.settings import HouseSettings
from devices.device import Condition, Controls, Device, Health, VideoSource
from feedback import store as case_store
from feedback.album import Album
from feedback.case import Place
from feedback.data_requests import DataRequests
from feedback.outbox import Outbox
from feedback.pictures import Darkroom
from feedback.receipt import parse_receipt
from feedback.rules import Rules
from feedback.words import Subject, Words, known_here
from feedback.worklist import Worklist
from feedback.workplace import Workplace
from rooms import health_history, question_store, store
from rooms.attention import Alarm, Help, Quiet
from rooms.cameras import presets_of
from rooms.change import Change
from rooms.clock import Clock
from rooms.drawing import Drawing, Presets, device_notices, look_at
from rooms.equipment import Equipment
from rooms.films.archive import Archive
from rooms.films.filming import Filming
from rooms.floor import FloorKeeper
from rooms.guests import NOBODY, FromWard, Guests
from rooms.hands import HallHands
from rooms.hearing import Hearing
from rooms.media_port import Media
from rooms.meeting import GUESTS, Action, Actor, Meeting, check_allowed
from rooms.papers import Drawer, Paper, Shelf
from rooms.plans import Schedule
from rooms.question_ways import QuestionWays
from rooms.questions import Questions
from rooms.recording import Recording
from rooms.rehearsal import Rehearsals
from rooms.shown import FloorKind
from rooms.view import (
    Filmed,
    FilmState,
    GuestView,
    HallRequest,
    HdmiView,
    Phase,
    Role,
    RoomView,
    SoundTest,
)
from rooms.ward_meeting import WardView
from storage.engine import Database
from storage.errors import StorageError

DEFAULT_VOLUME: Final = 70

WARD: Final = "ward"
"""Whose parcels are for the ward's hub."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class RunningRoom:
    """State, storing, drawing. Belongs to the event loop's thread."""

    _presets: dict[str, tuple[tuple[str, str], ...]]
    _pictured: dict[str, frozenset[str]]
    """Of each camera: the tokens of the presets of which there is a picture."""
    _last_faults: dict[str, Health]
    _papers: tuple[Paper, ...] = ()
    """What was brought to be shown, the newest first."""
    _music_since: float | None = None
    """Since when the hall hears music, monotonic."""
    _told_music: bool | None = None
    _alarms: tuple[Alarm, ...] = ()
    _quiet: Quiet | None = None
    _help: Help | None = None
    _help_asked: float | None = None
    """When, monotonic."""
    _storage_fault: Health | None = None
    """That what the disk refuses, and since when."""
    _stand_in = False
    """Another camera may show the hall while the first one shows nothing."""
    _stood_in_by: str | None = None
    """The name of the one that does."""
    _hdmi_muted = False
    _told_hdmi: bool | None = None
    _told_open: bool | None = None
    _met = False
    """A meeting was under way when the hall was last directed."""

    def __init__(
        self,
        settings: HouseSettings,
        database: Database,
        equipment: Equipment,
        media: Media,
        clock: Clock | None = None,
        *,
        outbox: Outbox | None = None,
        filming: Filming | None = None,
    ) -> None:
        """`outbox` is for the ward's hub, where there is one: it gets a copy of every case.
        `filming` records meetings, where the house does that.

        Raises `feedback.deadlines.CalendarError`, which the check of the settings makes sure of.
        """
        self.ready = asyncio.Event()
        """Set once the stored meeting is restored; until then every command is refused."""
        self._settings = settings
        self._database = database
        self._equipment = equipment
        self._media = media
        self._clock, self._lock = clock or Clock(), asyncio.Lock()
        self._rules = Rules.of(settings.feedback, here=Place.HOUSE)
        self._under_way: set[asyncio.Task[Any]] = set()
        self._meeting = Meeting("")
        self._guests, self._hall_hands = Guests(), HallHands()
        self._outbox, self._questions = outbox, Questions()
        now = self._clock.now
        self.album = Album.of(settings.feedback, database, Darkroom(), None)
        """Photos and papers of the cases."""
        self.workplace = Workplace(database, self._rules, partial(_tell, outbox), now=now)
        """Where the cases that are at home here are dealt with, between the meetings."""
        self.words, self.requests = (
            Words(self.workplace, partial(_subject, self.workplace)),
            DataRequests(self.workplace, settings.privacy, lambda _: WARD if outbox else None),
        )
        self.worklist, self.films = (
            Worklist(database, self._rules, now=now),
            Archive(database, settings.data / "films", settings.recording, now),
        )
        self._ways, self._schedule = QuestionWays(self._questions, outbox), Schedule(outbox)
        self._floor, self._hearing, self._rehearsals = FloorKeeper(), Hearing(), Rehearsals()
        self._presets, self._pictured, self._last_faults = {}, {}, {}
        self._drawer, self._shelf = Drawer(self.album), Shelf(settings.data / "papers")
        self._volume = settings.sound.volume if settings.sound else DEFAULT_VOLUME
        self._filming, self._filmed = filming, Filmed.NO
        self._began: float | None = None
        """When the meeting under way was started, monotonic."""
        self._opening = False
        self._opening_notices: tuple[Cause, ...] = ()
        self._undo_until: tuple[float, datetime] | None = None
        """Monotonic, and the wall clock's for people."""
        self._watched: tuple[str, float] | None = None
        """Who watches the hall outside a meeting, and since when, monotonic."""
        self._asked: tuple[HallRequest, float] | None = None
        """What somebody far away asks of the hall, and since when, monotonic."""
        self._sound_test: SoundTest | None = None
        self._recording: Recording | None = None
        self._alone_notice: Cause | None = None
        self._storage_notice: Cause | None = None
        self._touched = self._clock.monotonic()
        """When somebody last spoke in the hall, asked or pressed something; monotonic."""
        self._restored: tuple[float, datetime] | None = None
        """When the meeting went on after a restart, by both clocks, until a command from the
        hall shows that somebody is there."""
        self._told_live: bool | None = None
        self._told_projector: bool | None = None
        self._told_heard: dict[str, bool] = {}
        self._told_awaited: frozenset[str] = frozenset()
        self.view: Latest[RoomView] = Latest(self._drawn())
        self._drawing = Drawing(lambda: self.view.set(self._drawn()))

    @property
    def language(self) -> Literal["vi", "en"]:
        """Of the house."""
        return self._settings.house.language

    # One change at a time

    async def _do(
        self,
        action: Action,
        by: Actor | None,
        change: Callable[[], Change],
        **params: Parameter,
    ) -> None:
        """Check, store, take effect, draw. A caller that goes away does not break it off."""
        await self._finished(self._command(action, by, change, params))
        await self._drawing.request()

    async def _finished(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _command(
        self,
        action: Action,
        by: Actor | None,
        change: Callable[[], Change],
        params: dict[str, Parameter],
    ) -> None:
        self._check(action, by)
        async with self._lock:
            self._check(action, by)
            await self._make(change(), self._line(action, by, **params))
        if by is None or by.role not in GUESTS:
            self._touch()
        if by is not None and by.role in (Role.LEADER, Role.SECRETARY):
            self._restored = None

    async def _house_does(
        self, action: str, change: Callable[[], Change | None], **params: Parameter
    ) -> None:
        """What happens by itself. `change` is None where there is no need for it any more."""
        async with self._lock:
            made = change()
            if made is not None:
                await self._make(made, self._line(action, None, **params))

    async def _make(self, change: Change, line: store.Line) -> None:
        def write(connection: Connection) -> None:
            change.store(connection)
            store.append(connection, line)

        if change.protects:
            self._take_effect(change)
        await self._store(write)
        if not change.protects:
            self._take_effect(change)

    async def _store(self, write: Callable[[Connection], object]) -> None:
        with self._minding_the_disk():
            await self._database.write(write)

    @contextmanager
    def _minding_the_disk(self) -> Iterator[None]:
        """What the disk refuses is a notice until it takes something again."""
        try:
            yield
        except StorageError as error:
            if self._storage_notice != error.cause:
                self._storage_fault = Health(Condition.FAILED, error.cause)
            self._storage_notice = error.cause
            self._drawing.request()
            raise
        if self._storage_notice is not None:
            self._storage_notice = self._storage_fault = None
            self._drawing.request()

    def _take_effect(self, change: Change) -> None:
        change.apply()
        self._update_floor()
        self._direct()
        self._drawing.request()

    def _check(self, action: Action, by: Actor | None) -> None:
        if not self.ready.is_set():
            raise Refused("room.starting")
        check_allowed(action, self._meeting.phase, by)

    def _line(self, action: str, by: Actor | None, **params: Parameter) -> store.Line:
        return store.Line(
            at=self._clock.now(),
            meeting_id=self._meeting.id,
            role=by.role.value if by else "house",
            name=by.name if by else "",
            action=action,
            params=params,
        )

    def _alter(self, *, protects: bool = False, **fields: Any) -> Change:
        """A change of the meeting itself."""
        changed = replace(self._meeting, **fields)
        return Change(
            lambda connection: store.save_meeting(connection, changed),
            partial(self._put, changed),
            protects,
        )

    def _put(self, meeting: Meeting) -> None:
        self._meeting = meeting

    def _into_meeting(self) -> int | None:
        """Seconds since the meeting began; None where none is under way."""
        if self._began is None or self._meeting.phase is Phase.IDLE:
            return None
        return round(self._clock.monotonic() - self._began)

    def _touch(self) -> None:
        self._touched = self._clock.monotonic()
        self._alone_notice = None

    # What follows from the state

    def _undo_is_over(self) -> bool:
        return self._undo_until is not None and self._clock.monotonic() >= self._undo_until[0]

    def _sound_is_tested(self) -> bool:
        test = self._sound_test
        return self._meeting.phase is Phase.IDLE and test is not None and test.result is None

    def _hall_is_recorded(self) -> bool:
        recording = self._recording
        return self._meeting.phase is Phase.IDLE and recording is not None and not recording.is_over

    def _music_is_playing(self) -> bool:
        return self._music_since is not None and self._meeting.phase is not Phase.IDLE

    def _direct(self) -> None:
        """Tell hall and media what they are to do, as far as it is new to them."""
        meeting = self._meeting
        trusted = not meeting.awaits_confirmation and not self._undo_is_over()
        live = trusted and meeting.phase in (Phase.LIVE, Phase.CLOSING)
        hears_hall = trusted and meeting.phase is not Phase.IDLE and not meeting.muted
        hears_hall |= self._sound_is_tested() or self._hall_is_recorded()
        rehearses = self._rehearsals.may_go_on(meeting.phase is Phase.IDLE)
        hears_hall |= rehearses
        if live is not self._told_live:
            self._told_live = live
            self._media.set_live(live)
        if (sound := self._equipment.sound) is not None and hears_hall is not self._told_open:
            self._told_open = hears_hall
            if hears_hall:
                sound.open_microphone()
            else:
                sound.close_microphone()
        # A test plays a tone that stays, as a howl does.
        music = self._sound_is_tested() or self._music_is_playing()
        if sound is not None and music is not self._told_music:
            self._told_music = music
            sound.set_music(music)
        meets = trusted and meeting.phase is not Phase.IDLE
        self._direct_hdmi()
        self._direct_projector(meets or rehearses)
        self._direct_guests(live)
        if self._filming is not None:
            filmed = hears_hall and live and self._filmed is Filmed.YES
            self._filming.want(meeting.id if filmed else None)
        # What a rehearsal saw stays; as a meeting ends the lights go out, which nobody is to mend.
        self._equipment.pictures.look(meets or rehearses, keep=not self._met)
        self._met = meets
        self._direct_picture()

    def _direct_picture(self) -> None:
        """Cameras do what costs something only while somebody sees it."""
        if self._equipment.hall is not None:
            watched = self._media.connected.value or self._filmed is Filmed.YES
            seen = bool(self._told_live and watched)
            self._equipment.hall.watch(seen)

    def _direct_hdmi(self) -> None:
        """A laptop is heard while it is shown."""
        sound = self._equipment.hdmi_sound
        heard = bool(self._told_live and self._hdmi_is_shown() and not self._hdmi_muted)
        if sound is not None and heard is not self._told_hdmi:
            self._told_hdmi = heard
            sound.want(heard)

    def _direct_projector(self, relied_on: bool) -> None:
        display, wish = self._equipment.display, self._meeting.projector
        if display is not None:
            display.watch(relied_on)
        if wish and self._meeting.awaits_confirmation:
            return
        if display is not None and wish is not self._told_projector:
            self._told_projector = wish
            if wish is not None:
                display.want(wish)

    def _direct_guests(self, live: bool) -> None:
        present = (*self._guests.present(), *self._from_ward().guests)
        heard = {g.id: live and g.admitted and g.microphone and not g.silenced for g in present}
        for guest_id in self._told_heard.keys() - heard.keys():
            self._media.set_heard(guest_id, False)
            self._media.drop(guest_id)
        for guest_id, now_heard in heard.items():
            if self._told_heard.get(guest_id) is not now_heard:
                self._media.set_heard(guest_id, now_heard)
        self._told_heard = heard

    def _update_floor(self) -> None:
        before = self._floor.floor
        if self._meeting.phase is Phase.IDLE:
            self._floor = FloorKeeper()
        else:
            connected, ward = self._media.connected.value, self._from_ward()
            admitted = [g for g in (*self._guests.present(), *ward.guests) if g.admitted]
            self._floor.update(
                [g for g in admitted if g.id in connected],
                self._media.speaking.value,
                away={g.id for g in admitted if g.id not in connected},
                follows=self._meeting.follows_speaker,
                now=self._clock.monotonic(),
                signal=self._equipment.hdmi is not None and self._equipment.hdmi.signal.value,
                ward=ward,
            )
        if self._floor.floor != before:
            self._media.set_floor(self._floor.floor)
            self._direct_hdmi()
            self._drawing.request()

    def _drawn(self) -> RoomView:
        meeting = self._meeting
        hall = look_at(
            self._equipment, self._places_known(), self._last_faults, meeting, self._volume
        )
        sound = replace(hall.sound, music=self._music_is_playing())
        return RoomView(
            house=self._settings.house.name,
            ward=self._settings.house.ward,
            phase=meeting.phase,
            meeting_id=meeting.id,
            title=meeting.title,
            started_at=meeting.started_at,
            devices=hall.devices,
            sound=sound,
            guests=self._guest_views(),
            floor=self._floor.floor,
            floor_follows_speaker=meeting.follows_speaker,
            questions=self._questions.views(meeting.id),
            hall_hands=self._hall_hands.views(),
            notices=self._notices(),
            awaits_confirmation=meeting.awaits_confirmation,
            undo_end_until=self._undo_until[1] if self._undo_until else None,
            safe_to_switch_off=hall.safe_to_switch_off,
            hall_watched_by=self._watched[0] if self._watched else None,
            coming=self._schedule.coming(self._clock.now()),
            hall_asked=self._asked[0] if self._asked else None,
            sound_test=self._sound_test,
            hall_recorded_by=self._recording.name
            if self._recording and self._hall_is_recorded()
            else None,
            film=self._film_state(),
            rehearsal=self._rehearsals.newest,
            papers=self._papers,
            hdmi=self._hdmi_view(),
            link=self._equipment.link.value,
            relay=self._equipment.relay.value,
            publish=self._equipment.publish.value,
            alarms=self._alarms,
            quiet=self._quiet,
            help=self._help,
            disk=self._storage_fault or self._equipment.disk.value,
            power=self._equipment.power.value,
            clock=self._equipment.clock.value,
            start=self._equipment.start.value,
            stand_in=self._stand_in if len(self._equipment.cameras) > 1 else None,
            post=self._equipment.post.value,
            ward_meeting=self.ward_view(),
        )

    def _hdmi_view(self) -> HdmiView | None:
        if (hdmi := self._equipment.hdmi) is None:
            return None
        muted = self._hdmi_muted if self._equipment.hdmi_sound is not None else None
        return HdmiView(hdmi.name, hdmi.signal.value, self._hdmi_is_shown(), muted)

    def _hdmi_is_shown(self) -> bool:
        return self._floor.floor.kind is FloorKind.HDMI

    def ward_view(self) -> WardView | None:
        """Of a meeting of the whole ward; `WardCommands` knows of it, as of the next."""
        return None

    def _from_ward(self) -> FromWard:
        return NOBODY

    def _film_state(self) -> FilmState | None:
        if self._filming is None:
            return None
        shooting = self._filming.state.value
        is_written = shooting.film is not None
        return FilmState(self._filmed, is_written, shooting.has_picture, shooting.trouble)

    def _places_known(self) -> Presets:
        return {
            camera: (found, self._pictured.get(camera, frozenset()))
            for camera, found in self._presets.items()
        }

    def _next_hand(self) -> int:
        """The place behind all hands, in the hall and far away."""
        return 1 + max(self._guests.last_hand(), self._hall_hands.last())

    def _guest_views(self) -> tuple[GuestView, ...]:
        connected, speaking = self._media.connected.value, self._media.speaking.value
        returning = self._media.returning.value
        now, lines = self._clock.monotonic(), self._media.lines.value
        others = self._from_ward().guests
        return self._guests.views(connected, speaking, returning, now, lines, others=others)

    def _notices(self) -> tuple[Cause, ...]:
        unfilmed = self._filming.state.value.trouble if self._filming is not None else None
        power, clock = self._equipment.power.value, self._equipment.clock.value
        house = (
            self._alone_notice,
            self._storage_notice,
            power.cause if power is not None else None,
            clock.cause if clock is not None and clock.condition in health_history.FAULTS else None,
            unfilmed,
            self._stand_in_notice(),
        )
        every = (*house, *device_notices(self._equipment), *self._opening_notices)
        return tuple(dict.fromkeys(cause for cause in every if cause is not None))

    def _stand_in_notice(self) -> Cause | None:
        if self._stood_in_by is None or self._meeting.phase is Phase.IDLE:
            return None
        first = self._equipment.cameras[0]
        return Cause("picture.stands_in", name=self._stood_in_by, other=first.name)

    # From the devices

    async def _watch(self, latest: Latest[Any]) -> None:
        async for _ in latest.changes():
            self._drawing.request()

    async def _watch_health(self, device: Device) -> None:
        await self._keep_noting(device.id, device.health, lambda health: health)

    async def _keep_noting(
        self, signal: str, latest: Latest[T], health_of: Callable[[T], Health | None]
    ) -> None:
        noted: Health | None = None
        async for value in latest.changes():
            self._drawing.request()
            health = health_of(value)
            if health is None or health.condition in health_history.NO_NEWS or health == noted:
                continue
            noted = health
            await self._note(signal, health)

    async def _watch_pictures(self) -> None:
        """What was wrong with one, and that it is over."""
        noted: dict[str, Health] = {}
        async for found in self._equipment.pictures.found.changes():
            self._drawing.request()
            for camera_id, health in found.items():
                before = noted.get(camera_id)
                noted[camera_id] = health
                if health != before and (health.cause or before):
                    await self._note(camera_id, health)

    async def _note(self, device_id: str, health: Health) -> None:
        if health.condition in health_history.FAULTS:
            self._last_faults[device_id] = health
        try:
            await self._store(partial(health_history.note, device=device_id, health=health))
        except StorageError as error:
            log.warning("%s: its health cannot be kept: %s", device_id, error.cause)

    async def _watch_media(self, latest: Latest[Any]) -> None:
        async for _ in latest.changes():
            self._update_floor()
            self._direct_picture()
            self._drawing.request()

    async def _watch_camera(self, camera: VideoSource) -> None:
        async for health in camera.health.changes():
            if health.condition in (Condition.WORKING, Condition.IMPAIRED):
                await self._read_presets(camera)

    async def _watch_controls(self, camera: VideoSource, controls: Latest[Controls]) -> None:
        """A camera whose picture is there may be found to be steerable only later."""
        async for _ in controls.changes():
            await self._read_presets(camera)

    async def _read_presets(self, camera: VideoSource) -> None:
        self._presets[camera.id] = await presets_of(camera, self._clock.patience_seconds)
        self._drawing.request()


def _tell(outbox: Outbox | None, connection: Connection, case_id: str) -> None:
    question_store.tell_case(connection, outbox, case_id)


def _subject(workplace: Workplace, connection: Connection, typed: str) -> Subject | None:
    code = parse_receipt(typed)
    case = case_store.by_receipt(connection, code) if code else None
    return None if case is None else known_here(connection, case.id, WARD, workplace)
