"""The fields of each command of `/do/{action}`."""

from typing import Final

from devices.device import Cover
from rooms.page_rendering import MOST_PAGES
from rooms.shown import FloorKind
from rooms.view import Filmed
from web.actions import MOST_NUMBER, NOT_GIVEN, WAYS
from web.inviting import INVITED
from web.openapi.shapes import NAMING, TEXT, Schema, shape

_YES_NO: Final[Schema] = {"enum": ["yes", "no"]}
_GUEST: Final[Schema] = shape(guest=TEXT)
_QUESTION: Final[Schema] = shape(question=TEXT)
_HAND: Final[Schema] = shape(hand=TEXT)
_PAPER: Final[Schema] = shape(paper=TEXT)
_PERSONS_OR_HALL: Final = [one.value for one in FloorKind if one not in NOT_GIVEN]
_INVITATION: Final[Schema] = shape(invitation=TEXT)
COMMANDS_TAKE: Final[dict[str, Schema]] = {
    "mute-hall": shape(muted=_YES_NO),
    "set-volume": shape(percent={"type": "integer", "minimum": 0, "maximum": 100}),
    "set-music": shape(playing=_YES_NO),
    "film": shape(wanted={"enum": [one.value for one in Filmed]}),
    "go-to-preset": shape(camera=TEXT, token=TEXT),
    "steer-camera": shape(("hold",), camera=TEXT, hold=TEXT, way={"enum": list(WAYS)}),
    "release-camera": shape(camera=TEXT, hold=TEXT),
    "send-camera-home": shape(camera=TEXT),
    "save-preset": shape(camera=TEXT, name=TEXT),
    "set-camera-right": shape(camera=TEXT),
    "allow-stand-in": shape(allowed=_YES_NO),
    "follow-faces": shape(camera=TEXT, wanted=_YES_NO),
    "want-projector": shape(on=_YES_NO),
    "cover-projector": shape(cover={"enum": [one.value for one in Cover]}),
    "set-title": shape(title=TEXT),
    "watch-hall": shape(watching=_YES_NO),
    "be-quiet": shape(quiet=_YES_NO),
    "allow-hall": shape(allowed=_YES_NO),
    "admit": _GUEST,
    "remove-guest": _GUEST,
    "silence-guest": shape(guest=TEXT, silenced=_YES_NO),
    "note-hand": shape(("name",), name=TEXT),
    "call-hand": _HAND,
    "end-hand": _HAND,
    "lower-hand": _GUEST,
    "give-floor": shape(("guest",), kind={"enum": _PERSONS_OR_HALL}, guest=TEXT),
    "show-paper": _PAPER,
    "turn-page": shape(
        paper=TEXT,
        page={"type": "integer", "minimum": 1, "maximum": MOST_PAGES},
    ),
    "remove-paper": _PAPER,
    "mute-hdmi": shape(muted=_YES_NO),
    "follow-speaker": shape(follow=_YES_NO),
    "approve-question": shape(("marked",), question=TEXT, marked=TEXT),
    "show-question": _QUESTION,
    "hide-question": _QUESTION,
    "answer-question": shape(
        ("text", "spoken", "who", "other", "marked"),
        question=TEXT,
        marked=TEXT,
        text=TEXT,
        spoken=TEXT,
        who=TEXT,
        other=TEXT,
    ),
    "show-photos": shape(question=TEXT, shown=_YES_NO),
    "reword-question": shape(("text",), question=TEXT, text=TEXT),
    "merge-question": shape(
        question=TEXT, number={"type": "integer", "minimum": 1, "maximum": MOST_NUMBER}
    ),
    "separate-question": _QUESTION,
    "dismiss-question": shape(("more",), question=TEXT, reason=TEXT, more=TEXT),
    "enter-question": shape((*NAMING,), text=TEXT, key=TEXT, **NAMING),
    "create-invitation": shape(
        ("whom", "name", "lobby"),
        days={"type": "integer", "minimum": 1},
        whom={"enum": list(INVITED)},
        name=TEXT,
        lobby=_YES_NO,
    ),
    "ask-ward": shape(raised=_YES_NO),
    "revoke-invitation": _INVITATION,
    "release-invitation": _INVITATION,
}
"""What is not here takes no fields."""
METHODS: Final = {"enter-question": "ask"}
"""Of the room, where it has another name than the command."""
