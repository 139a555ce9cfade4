"""What answers a GET with something other than a page alone, and what may stand in its query."""

from typing import Final

from feedback.board import MOST_SOUGHT, Which
from feedback.topics import Topic
from web.minutes.word import MEDIA_TYPE as DOCX
from web.openapi.shapes import FILE, TEXT, Schema, ref
from web.residents.export import MOST, USUAL

GETS: Final[dict[str, tuple[str, Schema]]] = {
    "/healthz": ("application/json", ref("Health")),
    "/metrics": ("text/plain", TEXT),
    "/api/openapi.json": ("application/json", {"type": "object"}),
    "/qr.svg": ("image/svg+xml", TEXT),
    "/ledger.jsonl": ("application/jsonl", TEXT),
    "/ledger-head.jsonl": ("application/jsonl", TEXT),
    "/ledger-heads.jsonl": ("application/jsonl", TEXT),
    "/calendar/{token}.ics": ("text/calendar", TEXT),
    "/receipt/{code}": ("application/json", ref("Question")),
    "/receipt/{code}/data": ("application/json", ref("OwnData")),
    "/receipt/{code}/data.json": ("application/json", ref("OwnData")),
    "/board": ("application/json", ref("Board")),
    "/board.csv": ("text/csv", TEXT),
    "/api/board": ("application/json", ref("PublicCases")),
    "/questions": ("application/json", ref("Asked")),
    "/published.json": ("application/json", ref("Published")),
    "/board/photos/{id}": ("image/jpeg", FILE),
    "/receipt/{code}/photos/{id}": ("image/jpeg", FILE),
    "/panel/preview/{camera_id}.jpg": ("image/jpeg", FILE),
    "/technician/setup/device/{id}/picture.jpg": ("image/jpeg", FILE),
    "/minutes/{meeting}/bien-ban.docx": (DOCX, FILE),
    "/technician/bundle.zip": ("application/zip", FILE),
    "/content/{key}.jpg": ("image/jpeg", FILE),
    "/films/{film}/film.mp4": ("video/mp4", FILE),
    "/films/{film}/chapters.vtt": ("text/vtt", FILE),
    "/listen/microphone.wav": ("audio/wav", FILE),
}

_SEARCH: Final[dict[str, Schema]] = {
    "words": TEXT | {"maxLength": MOST_SOUGHT, "description": "With accents or without."},
    "topic": {"enum": list(Topic)},
    "state": {"enum": list(Which)},
}
QUERIES: Final[dict[str, dict[str, Schema]]] = {
    "/ledger.jsonl": {key: {"type": "integer", "minimum": 0} for key in ("first", "last")},
    "/board": _SEARCH | {"page": {"type": "integer", "minimum": 1, "maximum": 999}},
    "/board.csv": _SEARCH,
    "/api/board": _SEARCH
    | {
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        "after": TEXT | {"description": "As `next` has it."},
    },
}
"""What may stand in the query of a GET."""

HUB_GETS: Final = {"/healthz": ("application/json", ref("HubHealth"))}

PAGES_TOO: Final = frozenset({"/receipt/{code}", "/receipt/{code}/data", "/board", "/questions"})
"""A page for people, and JSON for whoever accepts JSON and no page."""
