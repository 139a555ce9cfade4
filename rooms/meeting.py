"""A meeting, its phases, and who may do what in which of them.

    idle ── start_meeting ──> opening ──> live ── end_meeting ──> closing ──> (over)
                                           ^                        │
                                           └────── undo_end ────────┘

While a room is idle its next meeting is prepared already, so that invitations can be written and
questions asked for it. A fault is the health of a device, never a phase.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from base.cause import Refused
from rooms.view import Phase, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command."""

    role: Role
    name: str

    def __str__(self) -> str:
        return f"{self.role} {self.name}".strip()


class Action(StrEnum):
    START_MEETING = "start_meeting"
    END_MEETING = "end_meeting"
    UNDO_END = "undo_end"
    CONFIRM_PRESENCE = "confirm_presence"
    MUTE_HALL = "mute_hall"
    SET_VOLUME = "set_volume"
    SET_MUSIC = "set_music"
    GO_TO_PRESET = "go_to_preset"
    STEER_CAMERA = "steer_camera"
    SAVE_PRESET = "save_preset"
    SET_CAMERA_RIGHT = "set_camera_right"
    ALLOW_STAND_IN = "allow_stand_in"
    FOLLOW_FACES = "follow_faces"
    WANT_PROJECTOR = "want_projector"
    COVER_PROJECTOR = "cover_projector"
    SET_TITLE = "set_title"
    WATCH_HALL = "watch_hall"
    TEST_SOUND = "test_sound"
    RECORD_HALL = "record_hall"
    FILM = "film"
    DELETE_FILM = "delete_film"
    ALLOW_HALL = "allow_hall"
    REHEARSE = "rehearse"
    ASK_FOR_HELP = "ask_for_help"
    TAKE_HELP = "take_help"
    BE_QUIET = "be_quiet"
    ADMIT = "admit"
    REMOVE_GUEST = "remove_guest"
    SILENCE_GUEST = "silence_guest"
    LOWER_HAND = "lower_hand"
    NOTE_HAND = "note_hand"
    CALL_HAND = "call_hand"
    GIVE_FLOOR = "give_floor"
    FOLLOW_SPEAKER = "follow_speaker"
    ADD_PAPER = "add_paper"
    SHOW_PAPER = "show_paper"
    HIDE_PAPER = "hide_paper"
    TURN_PAGE = "turn_page"
    SHOW_HDMI = "show_hdmi"
    HIDE_HDMI = "hide_hdmi"
    MUTE_HDMI = "mute_hdmi"
    REMOVE_PAPER = "remove_paper"
    ASK = "ask"
    APPROVE_QUESTION = "approve_question"
    SHOW_QUESTION = "show_question"
    HIDE_QUESTION = "hide_question"
    ANSWER_QUESTION = "answer_question"
    DISMISS_QUESTION = "dismiss_question"
    PRINT_SLIPS = "print_slips"
    VOTE = "vote"
    REWORD_QUESTION = "reword_question"
    SHOW_PHOTOS = "show_photos"
    MERGE_QUESTION = "merge_question"
    SEPARATE_QUESTION = "separate_question"
    CREATE_INVITATION = "create_invitation"
    REVOKE_INVITATION = "revoke_invitation"
    RELEASE_INVITATION = "release_invitation"
    COME_FROM_HUB = "come_from_hub"
    INVITE_FROM_HUB = "invite_from_hub"
    REVOKE_FROM_HUB = "revoke_from_hub"
    RELEASE_FROM_HUB = "release_from_hub"
    ACCOUNT_OUT = "account_out"
    PLAN_MEETING = "plan_meeting"
    CHANGE_PLAN = "change_plan"
    CANCEL_PLAN = "cancel_plan"
    ENTER = "enter"
    COME_BACK = "come_back"
    SET_GUEST = "set_guest"
    GO_AWAY = "guest_away"
    LEAVE = "leave"
    JOIN_WARD = "join_ward"
    LEAVE_WARD = "leave_ward"
    ASK_WARD = "ask_ward"


_ALWAYS: Final = frozenset(Phase)
_OPEN: Final = frozenset({Phase.OPENING, Phase.LIVE, Phase.CLOSING})
_SHOWN: Final = frozenset({Phase.LIVE, Phase.CLOSING})
_LIVE: Final = frozenset({Phase.LIVE})
_CLOSING: Final = frozenset({Phase.CLOSING})
_IDLE: Final = frozenset({Phase.IDLE})
_NOT_CLOSING: Final = _ALWAYS - _CLOSING

_LEADER: Final = frozenset({Role.LEADER})
_DEVICES: Final = frozenset({Role.LEADER, Role.TECHNICIAN})
_HOSTS: Final = frozenset({Role.LEADER, Role.TECHNICIAN})
_QUEUE: Final = frozenset({Role.LEADER, Role.SECRETARY})
_HUB: Final = frozenset({Role.HUB})
GUESTS: Final = frozenset({Role.OFFICIAL, Role.SPEAKER, Role.VIEWER})

ALLOWED: Final = {
    # action: (phases, roles). What guests do, they do to themselves alone.
    Action.START_MEETING: (_IDLE, _LEADER),
    Action.END_MEETING: (_LIVE, _LEADER),
    Action.UNDO_END: (_CLOSING, _LEADER),
    Action.CONFIRM_PRESENCE: (_LIVE, _QUEUE),
    Action.MUTE_HALL: (_OPEN, _LEADER),
    Action.SET_VOLUME: (_ALWAYS, _DEVICES),
    Action.SET_MUSIC: (_OPEN, _QUEUE),
    Action.GO_TO_PRESET: (_ALWAYS, _DEVICES),
    Action.STEER_CAMERA: (_ALWAYS, _DEVICES),
    Action.SAVE_PRESET: (_ALWAYS, _DEVICES),
    Action.SET_CAMERA_RIGHT: (_IDLE, frozenset({Role.TECHNICIAN})),
    Action.ALLOW_STAND_IN: (_ALWAYS, _LEADER),
    Action.FOLLOW_FACES: (_ALWAYS, _DEVICES),
    Action.WANT_PROJECTOR: (_ALWAYS, _DEVICES),
    Action.COVER_PROJECTOR: (_ALWAYS, _DEVICES),
    Action.SET_TITLE: (_NOT_CLOSING, _LEADER),
    Action.WATCH_HALL: (_IDLE, _DEVICES),
    Action.TEST_SOUND: (_IDLE, frozenset({Role.TECHNICIAN})),
    Action.RECORD_HALL: (_IDLE, _DEVICES),
    Action.FILM: (_OPEN, _QUEUE),
    Action.DELETE_FILM: (_ALWAYS, _LEADER),
    Action.ALLOW_HALL: (_IDLE, _LEADER),
    Action.REHEARSE: (_IDLE, _DEVICES),
    Action.ASK_FOR_HELP: (_ALWAYS, _QUEUE),
    Action.TAKE_HELP: (_ALWAYS, frozenset({Role.TECHNICIAN})),
    Action.BE_QUIET: (_ALWAYS, frozenset({Role.TECHNICIAN})),
    Action.ADMIT: (_NOT_CLOSING, _LEADER | _HUB),
    Action.REMOVE_GUEST: (_ALWAYS, _LEADER),
    Action.SILENCE_GUEST: (_ALWAYS, _LEADER),
    Action.LOWER_HAND: (_ALWAYS, _QUEUE),
    Action.NOTE_HAND: (_OPEN, _QUEUE),
    Action.CALL_HAND: (_SHOWN, _QUEUE),
    Action.GIVE_FLOOR: (_SHOWN, _LEADER),
    Action.FOLLOW_SPEAKER: (_ALWAYS, _LEADER),
    Action.ADD_PAPER: (_NOT_CLOSING, _QUEUE),
    Action.SHOW_PAPER: (_SHOWN, _QUEUE),
    Action.HIDE_PAPER: (_SHOWN, _QUEUE),
    Action.TURN_PAGE: (_ALWAYS, _QUEUE),
    Action.REMOVE_PAPER: (_ALWAYS, _QUEUE),
    Action.SHOW_HDMI: (_SHOWN, _QUEUE),
    Action.HIDE_HDMI: (_SHOWN, _QUEUE),
    Action.MUTE_HDMI: (_SHOWN, _QUEUE),
    Action.ASK: (_ALWAYS, _QUEUE | GUESTS),
    Action.APPROVE_QUESTION: (_ALWAYS, _QUEUE),
    Action.SHOW_QUESTION: (_SHOWN, _QUEUE),
    Action.HIDE_QUESTION: (_ALWAYS, _QUEUE),
    Action.ANSWER_QUESTION: (_ALWAYS, _QUEUE),
    Action.DISMISS_QUESTION: (_ALWAYS, _QUEUE),
    Action.PRINT_SLIPS: (_ALWAYS, _QUEUE),
    Action.VOTE: (_ALWAYS, frozenset()),
    Action.REWORD_QUESTION: (_ALWAYS, _QUEUE),
    Action.SHOW_PHOTOS: (_ALWAYS, _QUEUE),
    Action.MERGE_QUESTION: (_ALWAYS, _QUEUE),
    Action.SEPARATE_QUESTION: (_ALWAYS, _QUEUE),
    Action.CREATE_INVITATION: (_ALWAYS, _HOSTS),
    Action.REVOKE_INVITATION: (_ALWAYS, _HOSTS),
    Action.RELEASE_INVITATION: (_ALWAYS, _HOSTS),
    Action.COME_FROM_HUB: (_NOT_CLOSING, _HUB),
    Action.INVITE_FROM_HUB: (_ALWAYS, _HUB),
    Action.REVOKE_FROM_HUB: (_ALWAYS, _HUB),
    Action.RELEASE_FROM_HUB: (_ALWAYS, _HUB),
    Action.ACCOUNT_OUT: (_ALWAYS, _HUB),
    Action.ENTER: (_NOT_CLOSING, GUESTS),
    Action.COME_BACK: (_ALWAYS, GUESTS),
    Action.SET_GUEST: (_ALWAYS, GUESTS),
    Action.GO_AWAY: (_ALWAYS, GUESTS),
    Action.LEAVE: (_ALWAYS, GUESTS),
    Action.PLAN_MEETING: (_ALWAYS, _LEADER | _HUB),
    Action.CHANGE_PLAN: (_ALWAYS, _LEADER),
    Action.CANCEL_PLAN: (_ALWAYS, _LEADER),
    Action.JOIN_WARD: (_NOT_CLOSING, _LEADER),
    Action.LEAVE_WARD: (_ALWAYS, _LEADER),
    Action.ASK_WARD: (_OPEN, _LEADER),
}


def check_allowed(action: Action, phase: Phase, by: Actor | None) -> None:
    """Raises Refused: `room.not_your_part`, or `room.not_while_…` with the phase.

    None is a resident, or the house itself: bound by the phase alone.
    """
    phases, roles = ALLOWED[action]
    if by is not None and by.role not in roles:
        raise Refused("room.not_your_part")
    if phase not in phases:
        raise Refused(f"room.not_while_{phase}")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is stored of a meeting, under way or prepared."""

    id: str
    title: str = ""
    phase: Phase = Phase.IDLE
    started_at: datetime | None = None
    alive_at: datetime | None = None
    """The last sign of life of the house while it was open, by the wall clock."""
    muted: bool = False
    follows_speaker: bool = True
    awaits_confirmation: bool = False
    projector: bool | None = None
    """What the projector is to be; None is nobody's wish."""


def next_meeting(*, projector: bool | None = None) -> Meeting:
    return Meeting(secrets.token_hex(8), projector=projector)
