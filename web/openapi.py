"""The OpenAPI description of every endpoint that is not a page, read off the routes themselves.

What answers a GET with something other than a page alone stands in `_GETS`. Whatever takes a POST
is a form: its summary is the first line of its handler's docstring, its fields stand in `_FIELDS`;
each command of `/do/{action}` has a path of its own, and its fields in `_COMMANDS`. Open311 stands
in `web/open311/described.py`. What a hub has beside a house's pages are forms of its people, whose
fields do not stand here. WebSockets are in PROTOCOL.md: OpenAPI has no words for them.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from starlette.routing import BaseRoute, Mount, Route

from feedback.board import MOST_SOUGHT, Which
from feedback.case import CaseState
from feedback.consent import WORDING
from feedback.data_request import Kind
from feedback.grievances import Grievance
from feedback.topics import Topic, Urgency
from rooms.room import Room
from rooms.slip_commands import MOST_PAGES
from rooms.view import FloorKind
from web.access import PAIRED_ROLES
from web.actions import COMMANDS, MOST_NUMBER
from web.data_requests import VIAS
from web.inviting import INVITED
from web.minutes.word import MEDIA_TYPE as DOCX
from web.open311 import described as open311
from web.residents.export import MOST, USUAL

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_NUMBER: Final[Schema] = {"type": ["integer", "null"]}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_FILE: Final[Schema] = {"type": "string", "format": "binary"}
_MAYBE_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}


def _object(optional: Sequence[str] = (), /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_PROGRESS: Final = (
    *("case_state", "owner", "due_at", "due_rule", "transfer_to"),
    *("office", "done_on", "next_holder", "reopened", "rating"),
)
"""Not of a house that does not tell its hub of it yet."""

_SCHEMAS: Final[Schema] = {
    "Problem": _object(code=_TEXT, message=_TEXT),
    "Health": _object(
        status={"enum": ["ok", "impaired", "failed"]},
        version=_TEXT,
        storage={"enum": ["ok", "failed"]},
        phase={"enum": ["idle", "opening", "live", "closing"]},
        link={"enum": ["none", "connecting", "linked", "away"]},
        relay=_object(
            condition={"enum": ["none", "unmeasured", "working", "limited", "failed"]},
            code=_MAYBE,
            params={"type": "object"},
        ),
        devices=_list(_object(id=_TEXT, kind=_TEXT, condition=_TEXT, code=_MAYBE)),
    ),
    "HubHealth": _object(
        status={"enum": ["ok", "failed"]}, version=_TEXT, storage={"enum": ["ok", "failed"]}
    ),
    "Receipt": _object(
        ("advice",), receipt=_TEXT, number={"type": "integer"}, url=_TEXT, advice=_ref("Advice")
    ),
    "Published": _object(
        questions=_list(
            _object(("url",), id=_TEXT, text=_TEXT, open={"type": "boolean"}, url=_TEXT)
        )
    ),
    "Advice": _object(
        kind={"enum": [kind.value for kind in Grievance]},
        message=_TEXT,
        name=_TEXT,
        address=_MAYBE,
        hours=_TEXT,
        telephone=_MAYBE,
    ),
    "OwnData": _object(
        format=_TEXT,
        at=_MOMENT,
        receipt=_TEXT,
        case={"type": ["object", "null"]},
        copy={"type": ["object", "null"]},
        history=_list({"type": "object"}),
        photos=_list({"type": "object"}),
        votes={"type": "integer"},
        on_its_way={"type": "integer"},
        ledger={"type": ["object", "null"]},
        requests=_list({"type": "object"}),
    ),
    "Question": _object(
        _PROGRESS,
        receipt=_TEXT,
        number={"type": "integer"},
        text=_TEXT,
        state={"enum": ["waiting", "approved", "on_stage", "answered", "dismissed"]},
        asked_at=_MOMENT,
        public_text=_MAYBE,
        merged_into=_MAYBE_NUMBER,
        asked_into=_MAYBE_NUMBER,
        answer=_MAYBE,
        answered_by=_MAYBE,
        answered_into=_MAYBE_NUMBER,
        origin={"enum": ["house", "ward"]},
        home={"enum": ["house", "ward"]},
        over={"type": "boolean"},
        erased_at=_MAYBE_MOMENT,
        consent=_MAYBE,
        consented_at=_MAYBE,
        name_hidden={"type": "boolean"},
        ledger=_ref("Mark"),
        case_state={"enum": ["waiting", "in_progress", "transferred", "answered", "refused"]},
        owner=_TEXT,
        due_at=_MOMENT,
        due_rule=_TEXT,
        transfer_to=_MAYBE,
        office=_MAYBE,
        done_on=_MAYBE,
        next_holder=_MAYBE,
        reopened={"type": "integer"},
        rating=_MAYBE_NUMBER,
    ),
    "Ledger": _object(
        whose={"enum": ["house", "ward"]},
        sums={"type": ["object", "null"], "additionalProperties": {"type": "integer"}},
        in_time={"type": "integer"},
        closed_with_deadline={"type": "integer"},
        at=_MAYBE,
        export=_MAYBE,
        heads=_TEXT,
    ),
    "Mark": {
        "type": ["object", "null"],
        "required": ["number", "hash", "proof", "export"],
        "properties": {
            "number": {"type": "integer"},
            "hash": _TEXT,
            "proof": {"type": ["object", "null"]},
            "export": _TEXT,
        },
    },
    "Asked": _object(
        questions=_list(
            _object(
                id=_TEXT,
                number={"type": "integer"},
                text=_TEXT,
                on_stage={"type": "boolean"},
                askers={"type": "integer"},
                joined={"type": "boolean"},
            )
        )
    ),
    "PublicCase": _object(
        id={"type": "string", "description": "Stays the same, in the house and at its ward."},
        number={"type": "integer", "description": "In its meeting."},
        topic={"enum": [*Topic, None], "description": "A suggestion, until a person says."},
        state={"enum": list(CaseState)},
        text={"type": "string", "description": "As it was published."},
        asked_at=_MOMENT,
        owner={"type": ["string", "null"], "description": "The authority that has it."},
        due_at=_MAYBE_MOMENT,
        answer=_MAYBE,
        answered_at=_MAYBE_MOMENT,
        answered_by=_MAYBE,
        office={"type": ["string", "null"], "description": "That answered outside of a meeting."},
        done_on={"type": ["string", "null"], "format": "date"},
        in_time={"type": ["boolean", "null"], "description": "Null while it is open."},
    ),
    "PublicCases": _object(cases=_list(_ref("PublicCase")), next=_MAYBE),
    "Board": _object(
        page={"type": "integer"},
        more={"type": "boolean"},
        questions=_list(_ref("PublicCase")),
        ledgers=_list(_ref("Ledger")),
    ),
}

_GETS: Final[dict[str, tuple[str, Schema]]] = {
    "/healthz": ("application/json", _ref("Health")),
    "/metrics": ("text/plain", _TEXT),
    "/api/openapi.json": ("application/json", {"type": "object"}),
    "/qr.svg": ("image/svg+xml", _TEXT),
    "/ledger.jsonl": ("application/jsonl", _TEXT),
    "/ledger-head.jsonl": ("application/jsonl", _TEXT),
    "/ledger-heads.jsonl": ("application/jsonl", _TEXT),
    "/calendar/{token}.ics": ("text/calendar", _TEXT),
    "/receipt/{code}": ("application/json", _ref("Question")),
    "/receipt/{code}/data": ("application/json", _ref("OwnData")),
    "/receipt/{code}/data.json": ("application/json", _ref("OwnData")),
    "/board": ("application/json", _ref("Board")),
    "/board.csv": ("text/csv", _TEXT),
    "/api/board": ("application/json", _ref("PublicCases")),
    "/questions": ("application/json", _ref("Asked")),
    "/published.json": ("application/json", _ref("Published")),
    "/board/photos/{id}": ("image/jpeg", _FILE),
    "/receipt/{code}/photos/{id}": ("image/jpeg", _FILE),
    "/panel/preview/{camera_id}.jpg": ("image/jpeg", _FILE),
    "/minutes/{meeting}/bien-ban.docx": (DOCX, _FILE),
}

_SEARCH: Final[dict[str, Schema]] = {
    "words": _TEXT | {"maxLength": MOST_SOUGHT, "description": "With accents or without."},
    "topic": {"enum": list(Topic)},
    "state": {"enum": list(Which)},
}
_QUERIES: Final[dict[str, dict[str, Schema]]] = {
    "/ledger.jsonl": {key: {"type": "integer", "minimum": 0} for key in ("first", "last")},
    "/board": _SEARCH | {"page": {"type": "integer", "minimum": 1, "maximum": 999}},
    "/board.csv": _SEARCH,
    "/api/board": _SEARCH
    | {
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        "after": _TEXT | {"description": "As `next` has it."},
    },
}
"""What may stand in the query of a GET."""

_HUB_GETS: Final = {"/healthz": ("application/json", _ref("HubHealth"))}

_PAGES_TOO: Final = frozenset({"/receipt/{code}", "/receipt/{code}/data", "/board", "/questions"})
"""A page for people, and JSON for whoever accepts JSON and no page."""

_PLAN: Final[Schema] = _object(
    title=_TEXT, day={"type": "string", "format": "date"}, time=_TEXT, minutes={"type": "integer"}
)
_NAMING: Final[dict[str, Schema]] = {
    "name": _TEXT,
    "name_hidden": {"enum": ["yes", ""]},
    "consent": _TEXT | {"description": f"Required with a name: `{WORDING}`, where it was agreed."},
}
_CASEWORK: Final[dict[str, Schema]] = {
    "topic": {"enum": list(Topic)},
    "urgency": {"enum": list(Urgency)},
    **dict.fromkeys(("to", "reason", "next_holder", "text", "office", "public_text"), _TEXT),
    "done_on": {"type": "string", "format": "date"},
    "despite_marks": {"enum": ["yes"]},
}
"""What an action on a case takes, each of them some."""
_FIELDS: Final[dict[str, Schema]] = {
    "/ask": _object(
        ("key", "advised", *_NAMING),
        text=_TEXT,
        key=_TEXT,
        advised={"enum": ["", "yes", "no"]},
        **_NAMING,
    ),
    "/questions/{id}/vote": _object(),
    "/receipt/{code}/data": _object(("name",), kind={"enum": list(Kind)}, name=_TEXT),
    "/data-requests": _object(
        ("name",), code=_TEXT, kind={"enum": list(Kind)}, name=_TEXT, via={"enum": list(VIAS)}
    ),
    "/data-requests/{request}": _object(
        ("text",), decision={"enum": ["done", "redacted", "refused"]}, text=_TEXT
    ),
    "/receipt/{code}/photos": _object(photo=_list(_FILE)),
    "/receipt/{code}/say": _object(
        ("text", "stars"),
        what={"enum": ["reopen", "rate"]},
        text=_TEXT,
        stars={"type": "integer", "minimum": 1, "maximum": 5},
    ),
    "/cases/{case}/{action}": _object(
        (*_CASEWORK,), seen={"type": "integer", "minimum": 0}, **_CASEWORK
    ),
    "/pair": _object(("next",), code=_TEXT, next=_TEXT),
    "/login": _object(("next",), password=_TEXT, next=_TEXT),
    "/password": _object(password=_TEXT),
    "/logout": _object(),
    "/technician/pairing": _object(
        role={"enum": [role.value for role in PAIRED_ROLES]}, name=_TEXT
    ),
    "/technician/revoke": _object(device=_TEXT),
    "/technician/outward/resend": _object(("event",), target=_TEXT, event=_TEXT),
    "/panel/schedule": _PLAN,
    "/panel/schedule/{plan}": _PLAN,
    "/panel/schedule/{plan}/cancel": _object(),
    "/panel/schedule/{plan}/invite": _object(),
    "/slips": _object(pages={"type": "integer", "minimum": 1, "maximum": MOST_PAGES}),
    "/slips/enter": _object((*_NAMING,), code=_TEXT, text=_TEXT, **_NAMING),
}
_UNKNOWN: Final[Schema] = {"type": "object", "additionalProperties": _TEXT}

_DO: Final = "/do/{action}"
_NAMED: Final = re.compile(r"\{(\w+)\}")
_YES_NO: Final[Schema] = {"enum": ["yes", "no"]}
_GUEST: Final[Schema] = _object(guest=_TEXT)
_QUESTION: Final[Schema] = _object(question=_TEXT)
_HAND: Final[Schema] = _object(hand=_TEXT)
_INVITATION: Final[Schema] = _object(invitation=_TEXT)
_COMMANDS: Final[dict[str, Schema]] = {
    "mute-hall": _object(muted=_YES_NO),
    "set-volume": _object(percent={"type": "integer", "minimum": 0, "maximum": 100}),
    "go-to-preset": _object(camera=_TEXT, token=_TEXT),
    "want-projector": _object(on=_YES_NO),
    "set-title": _object(title=_TEXT),
    "watch-hall": _object(watching=_YES_NO),
    "allow-hall": _object(allowed=_YES_NO),
    "admit": _GUEST,
    "remove-guest": _GUEST,
    "silence-guest": _object(guest=_TEXT, silenced=_YES_NO),
    "note-hand": _object(("name",), name=_TEXT),
    "call-hand": _HAND,
    "end-hand": _HAND,
    "lower-hand": _GUEST,
    "give-floor": _object(
        ("guest",), kind={"enum": [kind.value for kind in FloorKind]}, guest=_TEXT
    ),
    "follow-speaker": _object(follow=_YES_NO),
    "approve-question": _QUESTION,
    "show-question": _QUESTION,
    "hide-question": _QUESTION,
    "answer-question": _object(
        ("text", "spoken", "who", "other", "marked"),
        question=_TEXT,
        marked=_TEXT,
        text=_TEXT,
        spoken=_TEXT,
        who=_TEXT,
        other=_TEXT,
    ),
    "show-photos": _object(question=_TEXT, shown=_YES_NO),
    "reword-question": _object(("text",), question=_TEXT, text=_TEXT),
    "merge-question": _object(
        question=_TEXT, number={"type": "integer", "minimum": 1, "maximum": MOST_NUMBER}
    ),
    "separate-question": _QUESTION,
    "dismiss-question": _object(("more",), question=_TEXT, reason=_TEXT, more=_TEXT),
    "enter-question": _object((*_NAMING,), text=_TEXT, key=_TEXT, **_NAMING),
    "create-invitation": _object(
        ("whom", "name", "lobby"),
        days={"type": "integer", "minimum": 1},
        whom={"enum": list(INVITED)},
        name=_TEXT,
        lobby=_YES_NO,
    ),
    "revoke-invitation": _INVITATION,
    "release-invitation": _INVITATION,
}
"""What is not here takes no fields."""
_METHODS: Final = {"enter-question": "ask"}
"""Of the room, where it has another name than the command."""

_REFUSED: Final[Schema] = {
    "description": "Refused. JSON where the request accepts JSON and no page.",
    "content": {
        "application/json": {"schema": _ref("Problem")},
        "text/html": {"schema": _TEXT},
    },
}


def describe(routes: Sequence[BaseRoute], version: str, *, hub: bool = False) -> Schema:
    """An OpenAPI 3.1 document, of a house or of a ward's hub."""
    paths: dict[str, Schema] = {}
    for before, route in _flat(routes):
        path, methods = route.path_format, route.methods or set()
        if path == _DO:
            paths |= {f"/do/{name}": {"post": _command(route, name)} for name in COMMANDS}
            continue
        for method in ("GET", "POST"):
            own = hub and not before
            found = _described(route, path, method, own) if method in methods else None
            if found is not None:
                found["parameters"] = [*map(_in_path, _NAMED.findall(before)), *found["parameters"]]
                paths.setdefault(before + path, {})[method.lower()] = found
    return {
        "openapi": "3.1.0",
        "info": {"title": "avcontrol", "version": version},
        "paths": paths,
        "components": {"schemas": _SCHEMAS},
    }


def _flat(routes: Sequence[BaseRoute], before: str = "") -> Iterator[tuple[str, Route]]:
    """Each with the path that it stands below. What takes any address below it is none to call."""
    for route in routes:
        if isinstance(route, Mount):
            yield from _flat(route.routes, before + route.path_format.removesuffix("/{path}"))
        elif isinstance(route, Route) and not route.path_format.endswith("/{path}"):
            yield before, route


def _described(route: Route, path: str, method: str, of_hub: bool) -> Schema | None:
    """None of a page. What is the hub's own may have the same path as something of a house."""
    if (known := open311.operation(path, method)) is not None:
        own = _operation(route, {})
        return own | known | {"parameters": [*own["parameters"], *known["parameters"]]}
    if method == "POST":
        return _post(route, _UNKNOWN if of_hub else _FIELDS.get(path, _UNKNOWN))
    gets = _GETS | _HUB_GETS if of_hub else _GETS
    return _get(route, *gets[path]) if path in gets else None


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": _TEXT}


def _get(route: Route, media_type: str, schema: Schema) -> Schema:
    content = {media_type: {"schema": schema}}
    if route.path_format in _PAGES_TOO:
        content["text/html"] = {"schema": _TEXT}
    operation = _operation(route, {"200": {"description": "As asked.", "content": content}})
    operation["parameters"] += [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in _QUERIES.get(route.path_format, {}).items()
    ]
    return operation


def _command(route: Route, name: str) -> Schema:
    operation = _post(route, _COMMANDS.get(name, _object()))
    meant = getattr(Room, _METHODS.get(name, name.replace("-", "_")))
    words = inspect.getdoc(meant) or f"{name.replace('-', ' ').capitalize()}."
    return operation | {"summary": words.splitlines()[0], "parameters": []}


def _post(route: Route, fields: Schema) -> Schema:
    operation = _operation(
        route,
        {
            "200": {
                "description": "Done, with something to tell or show.",
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    "text/html": {"schema": _TEXT},
                },
            },
            "204": {"description": "Done."},
            "303": {"description": "Done; the page to look at is in Location."},
        },
    )
    if route.path_format == "/ask":
        made = {"application/json": {"schema": _ref("Receipt")}}
        operation["responses"]["201"] = {"description": "Stored.", "content": made}
    has_files = route.path_format.endswith("/photos")
    kind = "multipart/form-data" if has_files else "application/x-www-form-urlencoded"
    operation["requestBody"] = {"content": {kind: {"schema": fields}}}
    return operation


def _operation(route: Route, responses: dict[str, Schema]) -> Schema:
    summary = (inspect.getdoc(route.endpoint) or route.name).splitlines()[0]
    parameters = [_in_path(name) for name in route.param_convertors]
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {**responses, "4XX": _REFUSED, "5XX": _REFUSED},
    }
