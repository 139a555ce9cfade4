"""From the routes, and from what stands in the tables beside this file, to the document."""

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Final

from starlette.routing import BaseRoute, Mount, Route

from rooms.room import Room
from web.actions import COMMANDS
from web.open311 import described as open311
from web.openapi import streams
from web.openapi.commands import COMMANDS_TAKE, METHODS
from web.openapi.forms import FIELDS, UNKNOWN
from web.openapi.gets import GETS, HUB_GETS, PAGES_TOO, QUERIES
from web.openapi.schemas import SCHEMAS
from web.openapi.shapes import TEXT, Schema, ref, shape

_DO: Final = "/do/{action}"
_NAMED: Final = re.compile(r"\{(\w+)\}")

_REFUSED: Final[Schema] = {
    "description": "Refused. JSON where the request accepts JSON and no page.",
    "content": {
        "application/json": {"schema": ref("Problem")},
        "text/html": {"schema": TEXT},
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
        "components": {"schemas": SCHEMAS, "securitySchemes": streams.SECURITY},
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
    if (stream := streams.operation(path, method)) is not None:
        operation = _operation(route, stream.pop("responses"))
        return operation | stream
    if method == "POST":
        return _post(route, UNKNOWN if of_hub else FIELDS.get(path, UNKNOWN))
    gets = GETS | HUB_GETS if of_hub else GETS
    return _get(route, *gets[path]) if path in gets else None


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


def _get(route: Route, media_type: str, schema: Schema) -> Schema:
    content = {media_type: {"schema": schema}}
    if route.path_format in PAGES_TOO:
        content["text/html"] = {"schema": TEXT}
    operation = _operation(route, {"200": {"description": "As asked.", "content": content}})
    operation["parameters"] += [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in QUERIES.get(route.path_format, {}).items()
    ]
    return operation


def _command(route: Route, name: str) -> Schema:
    operation = _post(route, COMMANDS_TAKE.get(name, shape()))
    meant = getattr(Room, METHODS.get(name, name.replace("-", "_")))
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
                    "text/html": {"schema": TEXT},
                },
            },
            "204": {"description": "Done."},
            "303": {"description": "Done; the page to look at is in Location."},
        },
    )
    if route.path_format == "/ask":
        made = {"application/json": {"schema": ref("Receipt")}}
        operation["responses"]["201"] = {"description": "Stored.", "content": made}
    has_files = "photo" in fields.get("properties", {})
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
