"""The fields of every form that a house takes, by its path."""

from typing import Final

from feedback.data_request import Kind
from feedback.topics import Topic, Urgency
from rooms.slip_commands import MOST_PAGES
from web.access import PAIRED_ROLES
from web.data_requests import VIAS
from web.openapi.shapes import FILE, NAMING, TEXT, Schema, list_of, shape

_ADDRESSES: Final = ("rtsp-address", "pjlink-address", "mdc-address")
_OF_A_DEVICE: Final = (
    "name", "address", "loudspeaker", "fallback", "sound", "user", "password", "onvif_user",
    "onvif_password", "input",
)  # fmt: skip
_PLAN: Final[Schema] = shape(
    title=TEXT, day={"type": "string", "format": "date"}, time=TEXT, minutes={"type": "integer"}
)
_CASEWORK: Final[dict[str, Schema]] = {
    "topic": {"enum": list(Topic)},
    "urgency": {"enum": list(Urgency)},
    **dict.fromkeys(("to", "reason", "next_holder", "text", "office", "public_text"), TEXT),
    "done_on": {"type": "string", "format": "date"},
    "despite_marks": {"enum": ["yes"]},
}
"""What an action on a case takes, each of them some."""
FIELDS: Final[dict[str, Schema]] = {
    "/ask": shape(
        ("key", "advised", *NAMING),
        text=TEXT,
        key=TEXT,
        advised={"enum": ["", "yes", "no"]},
        **NAMING,
    ),
    "/questions/{id}/vote": shape(),
    "/receipt/{code}/data": shape(("name",), kind={"enum": list(Kind)}, name=TEXT),
    "/data-requests": shape(
        ("name",), code=TEXT, kind={"enum": list(Kind)}, name=TEXT, via={"enum": list(VIAS)}
    ),
    "/data-requests/{request}": shape(
        ("text",), decision={"enum": ["done", "redacted", "refused"]}, text=TEXT
    ),
    "/receipt/{code}/photos": shape(photo=list_of(FILE)),
    "/receipt/{code}/say": shape(
        ("text", "stars"),
        what={"enum": ["reopen", "rate"]},
        text=TEXT,
        stars={"type": "integer", "minimum": 1, "maximum": 5},
    ),
    "/cases/{case}/{action}": shape(
        (*_CASEWORK,), seen={"type": "integer", "minimum": 0}, **_CASEWORK
    ),
    "/pair": shape(("next",), code=TEXT, next=TEXT),
    "/login": shape(("next",), password=TEXT, next=TEXT),
    "/password": shape(password=TEXT),
    "/logout": shape(),
    "/listen": shape(),
    "/films/{film}/delete": shape(("sure",), sure={"enum": ["yes"]}),
    "/content/add": shape(photo=list_of(FILE)),
    "/content/send/{token}": shape(photo=list_of(FILE)),
    "/content/usb": shape(stick=TEXT, path=TEXT),
    "/technician/pairing": shape(role={"enum": [role.value for role in PAIRED_ROLES]}, name=TEXT),
    "/technician/revoke": shape(device=TEXT),
    "/technician/setup": shape(
        ("do", "telephone"), do={"enum": ["next", "forget"]}, name=TEXT, ward=TEXT, telephone=TEXT
    ),
    "/technician/setup/find": shape(
        _ADDRESSES,
        do={"enum": ["look", "next", "rtsp", "pjlink", "mdc", "cec"]},
        **dict.fromkeys(_ADDRESSES, TEXT),
    ),
    "/technician/setup/device/{id}": shape(
        _OF_A_DEVICE,
        do={"enum": ["try", "next", "drop"]},
        **dict.fromkeys(_OF_A_DEVICE, TEXT),
    ),
    "/technician/setup/save": shape(),
    "/technician/outward/resend": shape(("event",), target=TEXT, event=TEXT),
    "/panel/schedule": _PLAN,
    "/panel/schedule/{plan}": _PLAN,
    "/panel/schedule/{plan}/cancel": shape(),
    "/panel/schedule/{plan}/invite": shape(),
    "/slips": shape(pages={"type": "integer", "minimum": 1, "maximum": MOST_PAGES}),
    "/slips/enter": shape((*NAMING,), code=TEXT, text=TEXT, **NAMING),
}
UNKNOWN: Final[Schema] = {"type": "object", "additionalProperties": TEXT}
