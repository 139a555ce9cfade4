"""What the room looks like at one moment: everything a page may show, and nothing it may not.

`Room` replaces its `RoomView` whenever something changes; pages render it and never ask back.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from base.cause import Cause
from devices.device import Advice, Controls, DisplayState, Echo, Framing, Health, Kind, VolumeKnob
from feedback.attachments import Attachment
from feedback.case import Location, Progress
from feedback.grievances import Grievance
from feedback.post import PostTrouble
from rooms.attention import Alarm, Help, Quiet
from rooms.papers import Paper
from rooms.plans import Coming
from rooms.rehearsal import Rehearsal
from rooms.relay import RelayState
from rooms.shown import Floor, FloorKind, LineState
from rooms.start import Start
from rooms.ward_meeting import WardView


class Phase(StrEnum):
    IDLE = "idle"
    OPENING = "opening"
    LIVE = "live"
    CLOSING = "closing"

    @property
    def is_shown(self) -> bool:
        """Pictures and sound flow."""
        return self in (Phase.LIVE, Phase.CLOSING)


class Filmed(StrEnum):
    """Whether the meeting is recorded, as the hall wants it."""

    NO = "no"
    YES = "yes"
    PAUSED = "paused"
    """For something that is nobody else's business."""


@dataclass(frozen=True, slots=True)
class FilmState:
    """What the pages say about the recording of this meeting."""

    wanted: Filmed = Filmed.NO
    running: bool = False
    """Something is being written."""
    has_picture: bool = False
    trouble: Cause | None = None
    """Why nothing is written though it is wanted; it is tried again."""


class Role(StrEnum):
    """Who somebody is, towards the room."""

    LEADER = "leader"
    SECRETARY = "secretary"
    TECHNICIAN = "technician"
    STAGE = "stage"
    OFFICIAL = "official"
    SPEAKER = "speaker"
    """A resident at home: always let in by the leader, who gives and takes the word."""
    VIEWER = "viewer"
    """Somebody at home who only watches."""
    HUB = "hub"
    """An official at the ward's hub, who acts through the link."""
    WARD = "ward"
    """The ward, or another of its houses, in a meeting of the whole ward."""


class Presence(StrEnum):
    """Where a guest is on his way in."""

    LOBBY = "lobby"
    ADMITTED = "admitted"
    """Let in, but no media path yet."""
    CONNECTED = "connected"
    AWAY = "away"
    """The line was lost; his place is kept."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class GuestView:
    id: str
    name: str
    role: Role
    presence: Presence
    microphone: bool
    """He lets himself be heard."""
    silenced: bool
    """The hall has muted him; only the hall can undo it."""
    camera: bool
    sharing: bool
    hand_raised: bool
    speaking: bool
    returns: bool = False
    """His machine sends back what the hall says."""
    hand_position: int | None = None
    """1 for the hand that was raised first."""
    hand_place: int | None = None
    """The same among all hands, those in the hall as well; only their order counts."""
    awaited: bool = False
    """His picture and sound are to come, or to come back, within a moment."""
    line: LineState = field(default_factory=LineState)
    account: str | None = None
    """Of an official who came in from the ward's hub: his own there."""
    only_the_hall_admits: bool = False
    """He was sent out before; nobody at the hub lets him in."""


@dataclass(frozen=True, slots=True)
class HallHandView:
    """Somebody in the hall who wants to speak."""

    id: str
    name: str
    """Empty where nobody asked for it."""
    place: int
    """As `GuestView.hand_place`."""
    called: bool
    """He has the word."""


class QuestionState(StrEnum):
    """The question's way through the meeting. The case outlives it."""

    WAITING = "waiting"
    APPROVED = "approved"
    ON_STAGE = "on_stage"
    ANSWERED = "answered"
    DISMISSED = "dismissed"

    @property
    def is_open(self) -> bool:
        return self not in (QuestionState.ANSWERED, QuestionState.DISMISSED)


class Whence(StrEnum):
    """From where somebody asks; the three take turns."""

    HALL = "hall"
    REMOTE = "remote"
    ABSENT = "absent"
    """Before the meeting began: he may not be there at all."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: str
    number: int
    """Order in which it was stored; people say "câu số 12"."""
    text: str
    """As everybody reads it."""
    asked_by: str | None
    """One field, never split; None is anonymous."""
    via: str
    """`phone`, `hall` (entered on behalf of someone), `official`, `paper`, `open311`."""
    asked_at: datetime
    state: QuestionState
    answer: str | None = None
    """What was answered, or the reason why not."""
    answered_at: datetime | None = None
    answered_by: str | None = None
    original: str | None = None
    """What was asked, where `text` says it in other words."""
    merged: tuple["QuestionView", ...] = ()
    """Those that are answered together with this one; they are in no list by themselves."""
    whence: Whence = Whence.ABSENT
    asked_into: int | None = None
    """Seconds since the meeting began; None where it was asked outside of one."""
    answered_into: int | None = None
    progress: Progress | None = None
    """Who deals with it, and until when."""
    away: Cause | None = None
    """Why nothing can be done about it here: the ward deals with it."""

    votes: int = 0
    """How many telephones ask along."""
    position: int | None = None
    """1 for the one that is suggested as the next; only while it is approved."""
    hidden_name: str | None = None
    """Of whoever wants to be named to the leader and the secretary alone; `asked_by` is None."""
    grievance: Grievance | None = None
    """What it seems to be, which the law sends another way: hardly for the stage."""
    personal: tuple[str, ...] = ()
    """Words of `text` that point at somebody (`feedback.redaction`); only while it waits."""
    location: Location | None = None
    media_url: str | None = None
    attached: tuple[Attachment, ...] = ()
    """Photos of whoever asked, and what goes with the answer."""

    @property
    def photos(self) -> tuple[Attachment, ...]:
        return tuple(one for one in self.attached if one.was_asked_with)

    @property
    def askers(self) -> int:
        """How many ask it, each in his own words or along with others."""
        return 1 + len(self.merged) + self.votes


@dataclass(frozen=True, slots=True)
class DeviceView:
    id: str
    kind: Kind
    name: str
    health: Health
    display: DisplayState | None = None
    """Only of a projector or big screen."""
    presets: tuple[tuple[str, str], ...] = ()
    """Token and name; only of a camera that has them."""
    pictured: frozenset[str] = frozenset()
    """Tokens of the presets of which there is a picture."""
    controls: Controls | None = None
    """Only of a camera that can be steered: what of it works."""
    advice: Advice | None = None
    """Only of a camera whose settings can be looked at."""
    framing: Framing | None = None
    """Only of a camera that can follow the faces."""
    last_fault: Health | None = None
    """How it was when it last failed, or did not work as it should; also before a restart."""
    picture: Health | None = None
    """What a camera shows, where somebody looked: in a meeting, or a rehearsal."""


@dataclass(frozen=True, slots=True)
class SoundView:
    microphone_open: bool
    muted: bool
    """The hall has muted itself; only the hall can undo it."""
    volume: int
    """Of the loudspeaker, 0 to 100, as read back."""
    echo: Echo = field(default_factory=Echo)
    """Of what people far away say, while the microphone is open."""
    gain: int | None = None
    """Of the microphone in the system's mixer, while it is open and there is one."""
    knob: VolumeKnob | None = None
    """What turns the loudspeaker's volume, once that is known."""
    music: bool = False
    """The hall hears a song; nothing that is made for speech touches it."""


@dataclass(frozen=True, slots=True)
class HdmiView:
    """The hall's HDMI cable for somebody's laptop."""

    name: str
    signal: bool
    """Something is plugged in and shows a picture."""
    shown: bool
    """To everybody."""
    muted: bool | None = None
    """What it plays is not heard while it is shown; None of a cable without sound."""


class HallWish(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class HallRequest:
    """Somebody who may be far away wants to look or listen into the hall outside a meeting."""

    name: str
    wish: HallWish
    owner: str = ""
    """The browser that asked, where the answer is for it alone."""


@dataclass(frozen=True, slots=True)
class SoundTest:
    name: str
    """Who asked for it."""
    result: Cause | None = None
    """None while the tone plays and the microphone is open."""


class Connection(StrEnum):
    """Of a house to its ward's hub."""

    NONE = "none"
    """This house has no hub."""
    CONNECTING = "connecting"
    """For the first time; nothing is known yet."""
    LINKED = "linked"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Outside:
    """Where people find this house at its ward's hub."""

    url: str
    """Of its pages, without a slash at the end: `https://ward.example/h/to-5`."""
    ask: str
    """Where residents ask, short enough to be typed: `https://ward.example/to-5`; empty where the
    hub takes no questions."""


@dataclass(frozen=True, slots=True)
class LinkState:
    connection: Connection = Connection.NONE
    cause: Cause | None = None
    """Why it is AWAY."""
    public_url: str = ""
    """While LINKED: where people outside find this house, without a slash at the end."""
    outside: Outside | None = None
    """What to show to people: kept for a while after the link was lost, so that a QR code does not
    jump with every short interruption. The hub takes questions meanwhile."""
    takes: frozenset[str] = frozenset()
    """While LINKED: kinds of deliveries that this hub says it takes."""
    since: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


@dataclass(frozen=True, slots=True)
class RoomView:
    house: str
    ward: str
    phase: Phase
    meeting_id: str
    """Of the meeting under way, or, while idle, of the next one, so that invitations can be
    written before it starts."""
    title: str
    started_at: datetime | None
    devices: tuple[DeviceView, ...]
    sound: SoundView
    guests: tuple[GuestView, ...]
    """Everybody but GONE; lobby first in order of arrival. The stage is not among them."""
    floor: Floor
    floor_follows_speaker: bool
    questions: tuple[QuestionView, ...]
    """Of this meeting, in order of number; what was merged into another stands in that one."""
    notices: tuple[Cause, ...] = ()
    """What the leader must know now, worst first: a device that failed, a projector warming."""
    awaits_confirmation: bool = False
    """Restarted after a long pause: muted until somebody in the hall says go on."""
    undo_end_until: datetime | None = None
    """While set, ending the meeting can be taken back."""
    safe_to_switch_off: bool = False
    hall_watched_by: str | None = None
    """Somebody in the hall looks or listens into it outside a meeting; shown on the stage."""
    hall_hands: tuple[HallHandView, ...] = ()
    coming: tuple[Coming, ...] = ()
    """What is planned, the next first; without the meeting under way."""
    hall_asked: HallRequest | None = None
    """For somebody in the hall to agree to, or not."""
    sound_test: SoundTest | None = None
    """The last one since the last meeting, under way or done; shown on the stage meanwhile."""
    hall_recorded_by: str | None = None
    """The microphone is recorded for somebody to listen to it; shown on the stage."""
    film: FilmState | None = None
    """None where this house records nothing."""
    rehearsal: Rehearsal | None = None
    """Under way, or the last one."""
    papers: tuple[Paper, ...] = ()
    """What was brought to be shown, the newest first."""
    hdmi: HdmiView | None = None
    """None where there is no such cable."""
    link: LinkState = LinkState()
    """To the ward's hub. The meeting never depends on it."""
    relay: RelayState = field(default_factory=RelayState)
    """For guests whom no direct way leads to."""
    alarms: tuple[Alarm, ...] = ()
    """What went on for too long and is not over, the worst first."""
    quiet: Quiet | None = None
    """While set, nobody is told of it."""
    help: Help | None = None
    """The last call for help from the hall, while it counts."""
    publish: Health | None = None
    """Of the publishing to a media server; None of a house that publishes nothing."""
    disk: Health | None = None
    """Where the data lie: what the database refuses, else how much is free; None where nobody has
    looked."""
    power: Health | None = None
    """Of the mains and what stands in for them; None where nothing tells."""
    clock: Health | None = None
    """Of the computer's clock; None where nobody has looked."""
    start: Start | None = None
    """How the house came back last; None where nobody noted it."""
    stand_in: bool | None = None
    """Whether another camera shows the hall while the first one shows nothing; None where there
    is one camera alone."""
    post: tuple[PostTrouble, ...] = ()
    """What is wrong with the house's mail, and with what it sends to other systems."""
    ward_meeting: WardView | None = None
    """Of the whole ward, where one is on or planned."""

    def hall_is_open(self) -> bool:
        """Whether there is a meeting that somebody in the hall knows of: else nobody looks or
        listens into the hall unsaid."""
        return self.phase in (Phase.OPENING, Phase.LIVE) and not self.awaits_confirmation

    def hall_is_heard(self) -> bool:
        """Whether its sound may be measured: nobody does that unsaid either."""
        testing = self.sound_test is not None and self.sound_test.result is None
        tried = testing or self.hall_recorded_by is not None
        return self.hall_is_open() or self.hall_watched_by is not None or tried

    def question_on_stage(self) -> QuestionView | None:
        return next((q for q in self.questions if q.state is QuestionState.ON_STAGE), None)

    def paper_shown(self) -> Paper | None:
        """What everybody sees instead of a person."""
        if self.floor.kind is not FloorKind.PAPER or self.phase is Phase.IDLE:
            return None
        return next((one for one in self.papers if one.id == self.floor.guest_id), None)

    def speaker(self) -> str | None:
        """Who far away has the floor now; None while the hall has it."""
        names = (guest.name for guest in self.guests if guest.id == self.floor.guest_id)
        return next(names, None) if self.floor.kind is not FloorKind.HALL else None

    def may_have_answered(self) -> tuple[str, ...]:
        """The names of those who are in the meeting and may speak."""
        far = (
            guest.name
            for guest in self.guests
            if guest.presence is Presence.CONNECTED and guest.role is not Role.VIEWER
        )
        here = (hand.name for hand in self.hall_hands if hand.name)
        return tuple(dict.fromkeys((*far, *here)))

    def hands(self) -> tuple[GuestView | HallHandView, ...]:
        """Who wants to speak, in the hall and far away, in the order in which they came. Whoever
        is at the door or lost his line cannot speak now; his hand stays raised for later."""
        far: list[tuple[int, GuestView | HallHandView]] = [
            (guest.hand_place or guest.hand_position or 0, guest)
            for guest in self.guests
            if guest.hand_raised and guest.presence is Presence.CONNECTED
        ]
        here: list[tuple[int, GuestView | HallHandView]] = [
            (hand.place, hand) for hand in self.hall_hands
        ]
        return tuple(who for _, who in sorted([*here, *far], key=lambda one: one[0]))

    def called(self) -> HallHandView | None:
        """Who in the hall has the word."""
        return next((hand for hand in self.hall_hands if hand.called), None)

    def in_turn(self) -> tuple[QuestionView, ...]:
        """What is approved, in the order that is suggested."""
        approved = [q for q in self.questions if q.state is QuestionState.APPROVED]
        return tuple(sorted(approved, key=lambda q: q.position or len(approved) + q.number))

    def waiting(self) -> tuple[QuestionView, ...]:
        return tuple(q for q in self.questions if q.state is QuestionState.WAITING)
