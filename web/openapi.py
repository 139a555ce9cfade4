"""The OpenAPI description of every endpoint that is not a page, read off the routes themselves.

What answers a GET with something other than a page alone stands in `_GETS`. Whatever takes a POST
is a form: its summary is the first line of its handler's docstring, its fields, where the reader
could not guess them from the page, stand in `_FIELDS`. WebSockets are in PROTOCOL.md: OpenAPI has
no words for them.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Final

from starlette.routing import BaseRoute, Route

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE: Final[Schema] = {"type": ["string", "null"]}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}


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
    "Receipt": _object(receipt=_TEXT, number={"type": "integer"}, url=_TEXT),
    "Question": _object(
        receipt=_TEXT,
        number={"type": "integer"},
        text=_TEXT,
        state={"enum": ["waiting", "approved", "on_stage", "answered", "dismissed"]},
        asked_at=_MOMENT,
        answer=_MAYBE,
        origin={"enum": ["house", "ward"]},
        home={"enum": ["house", "ward"]},
    ),
    "Board": _object(
        page={"type": "integer"},
        more={"type": "boolean"},
        questions=_list(
            _object(number={"type": "integer"}, text=_TEXT, asked_at=_MOMENT, answer=_MAYBE)
        ),
    ),
}

_GETS: Final[dict[str, tuple[str, Schema]]] = {
    "/healthz": ("application/json", _ref("Health")),
    "/metrics": ("text/plain", _TEXT),
    "/api/openapi.json": ("application/json", {"type": "object"}),
    "/qr.svg": ("image/svg+xml", _TEXT),
    "/receipt/{code}": ("application/json", _ref("Question")),
    "/board": ("application/json", _ref("Board")),
    "/panel/preview/{camera_id}.jpg": ("image/jpeg", {"type": "string", "format": "binary"}),
}

_PAGES_TOO: Final = frozenset({"/receipt/{code}", "/board"})
"""A page for people, and JSON for whoever accepts JSON and no page."""

_FIELDS: Final[dict[str, Schema]] = {
    "/ask": _object(("name", "key"), text=_TEXT, name=_TEXT, key=_TEXT),
    "/pair": _object(("next",), code=_TEXT, next=_TEXT),
    "/login": _object(("next",), password=_TEXT, next=_TEXT),
    "/password": _object(password=_TEXT),
}
_ANY_FIELDS: Final[Schema] = {"type": "object", "additionalProperties": _TEXT}

_REFUSED: Final[Schema] = {
    "description": "Refused. JSON where the request accepts JSON and no page.",
    "content": {
        "application/json": {"schema": _ref("Problem")},
        "text/html": {"schema": _TEXT},
    },
}


def describe(routes: Sequence[BaseRoute], version: str) -> Schema:
    """An OpenAPI 3.1 document."""
    paths: dict[str, Schema] = {}
    for route in routes:
        if not isinstance(route, Route):
            continue
        path = route.path_format
        methods = route.methods or set()
        if "GET" in methods and path in _GETS:
            paths.setdefault(path, {})["get"] = _get(route, *_GETS[path])
        if "POST" in methods:
            paths.setdefault(path, {})["post"] = _post(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "avcontrol", "version": version},
        "paths": paths,
        "components": {"schemas": _SCHEMAS},
    }


def _get(route: Route, media_type: str, schema: Schema) -> Schema:
    content = {media_type: {"schema": schema}}
    if route.path_format in _PAGES_TOO:
        content["text/html"] = {"schema": _TEXT}
    return _operation(route, {"200": {"description": "As asked.", "content": content}})


def _post(route: Route) -> Schema:
    fields = _FIELDS.get(route.path_format, _ANY_FIELDS)
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
    operation["requestBody"] = {
        "content": {"application/x-www-form-urlencoded": {"schema": fields}}
    }
    return operation


def _operation(route: Route, responses: dict[str, Schema]) -> Schema:
    summary = (inspect.getdoc(route.endpoint) or route.name).splitlines()[0]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in route.param_convertors
    ]
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {**responses, "4XX": _REFUSED, "5XX": _REFUSED},
    }
