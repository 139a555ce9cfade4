"""What a room knows, and how it is shown: its state, and the view that every page is drawn from."""

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection

from base.cause import Cause
from base.latest import Latest
from config.settings import HouseSettings
from devices.device import Health
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
from rooms import health_history, question_store
from rooms.attention import Alarm, Help, Quiet
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
from rooms.meeting import Meeting
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
    RoomView,
    SoundTest,
)
from rooms.ward_meeting import WardView
from storage.engine import Database

DEFAULT_VOLUME: Final = 70

WARD: Final = "ward"
"""Whose parcels are for the ward's hub."""


class DrawnRoom:
    """State and view. Belongs to the event loop's thread."""

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

    def _into_meeting(self) -> int | None:
        """Seconds since the meeting began; None where none is under way."""
        if self._began is None or self._meeting.phase is Phase.IDLE:
            return None
        return round(self._clock.monotonic() - self._began)

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


def _tell(outbox: Outbox | None, connection: Connection, case_id: str) -> None:
    question_store.tell_case(connection, outbox, case_id)


def _subject(workplace: Workplace, connection: Connection, typed: str) -> Subject | None:
    code = parse_receipt(typed)
    case = case_store.by_receipt(connection, code) if code else None
    return None if case is None else known_here(connection, case.id, WARD, workplace)
