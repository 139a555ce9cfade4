"""Turns what pydantic says about a configuration into places in the file and causes."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from base.cause import Cause, Parameter
from config.lines import Where

Complaint = tuple[Where, Cause]
"""Where in the file, and what is wrong there."""

WRONG_TYPE = {
    "int": "config.whole_number",
    "float": "config.number",
    "string": "config.text",
    "path": "config.text",
    "bool": "config.yes_no",
    "tuple": "config.list",
    "list": "config.list",
    "model": "config.table",
    "dict": "config.table",
    "date": "config.date",
}
"""By the first word of pydantic's error type: `int_parsing`, `int_type`."""

FORMS = {
    "id": "config.identifier",
    "url": "config.rtsp_url",
    "onvif": "config.onvif_url",
    "public_url": "config.public_url",
    "input": "config.projector_input",
    "link.url": "config.public_url",
    "storage.url": "config.database_url",
    "urls": "config.turn_url",
    "whip_url": "config.stream_url",
    "whep_url": "config.stream_url",
    "link.house": "config.identifier",
    "code": "config.identifier",
    "default_authority": "config.identifier",
    "spans": "config.hours",
    "sender": "config.mailbox",
    "to": "config.mailbox",
    "address": "config.mailbox",
    "default_house": "config.identifier",
    "targets.url": "config.http_url",
}
"""For keys with a pattern, or for one key in one table: the sentence that describes it."""

CODES = {
    "missing": "config.missing",
    "union_tag_not_found": "config.missing",
    "string_too_short": "config.empty",
}

ALLOWED = {"literal_error": "expected", "union_tag_invalid": "expected_tags"}
"""Where pydantic's context lists what may stand there."""

LIMITS = {
    "greater_than_equal": ("config.too_small", "least", "ge"),
    "less_than_equal": ("config.too_large", "most", "le"),
    "string_too_long": ("config.too_long", "most", "max_length"),
    "too_long": ("config.too_many", "most", "max_length"),
}


def dotted(where: Where) -> str:
    """`cameras[1].url`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)[1:]


def translate(model: type[BaseModel], values: Mapping[str, Any], detail: ErrorDetails) -> Complaint:
    """What pydantic says of `values`, as a place in the file and a cause."""
    where = _without_tags(values, detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind.startswith("union_tag"):
        where = (*where, str(context["discriminator"]).strip("'"))
    params: dict[str, Parameter] = {"key": dotted(where), "found": _shown(_at(values, where))}
    if kind == "extra_forbidden":
        return where, _unknown(model, detail["loc"], dotted(where))
    if kind in LIMITS:
        code, word, limit = LIMITS[kind]
        params[word] = context[limit]
    elif kind in ALLOWED:
        code = "config.choice"
        params["allowed"] = ", ".join(re.findall(r"'([^']*)'", str(context[ALLOWED[kind]])))
    elif kind == "string_pattern_mismatch":
        code = _form(where, str(params["found"]))
        params["allowed"] = str(context["pattern"])
    else:
        code = CODES.get(kind) or WRONG_TYPE.get(kind.partition("_")[0], "config.unusable")
    return where, Cause(code, **params)


def _form(where: Where, found: str) -> str:
    names = tuple(part for part in where if isinstance(part, str))
    place, key = dotted(names), names[-1]
    if place not in FORMS and key in ("url", "onvif") and "@" in found:
        return "config.url_with_password"
    return FORMS.get(place) or FORMS.get(key, "config.pattern")


def _unknown(model: type[BaseModel], location: Where, key: str) -> Cause:
    """An unknown key is a spelling mistake: the nearest known one, else all of them."""
    wrong = str(location[-1])
    known = _known_keys(model, location)
    if wrong == "password" and "password_file" in known:
        return Cause("config.password_in_file", key=key)
    if near := difflib.get_close_matches(wrong, known, n=1, cutoff=0.6):
        return Cause("config.did_you_mean", key=key, nearest=near[0])
    return Cause("config.unknown_key", key=key, known=", ".join(known))


def _known_keys(model: type[BaseModel], location: Where) -> list[str]:
    models = [model]
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        fields = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        below = [found for annotation in fields for found in _models(annotation)]
        # Where pydantic had to choose between tables, their `kind` stands in the location.
        models = below or [m for m in models if part in _tags(m)]
    return sorted({key for m in models for key in m.model_fields})


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models(inner)]


def _tags(model: type[BaseModel]) -> tuple[object, ...]:
    field = model.model_fields.get("kind")
    return get_args(field.annotation) if field else ()


def _without_tags(values: object, location: Where) -> Where:
    """Pydantic's location without the `kind` that it puts behind an element of a union."""
    where: list[str | int] = []
    for part in location[:-1]:
        inside = part in values if isinstance(values, Mapping) else isinstance(part, int)
        if inside:
            where.append(part)
            values = values[part]  # type: ignore[index]
    return (*where, location[-1])


def _at(values: Any, where: Where) -> object:
    for part in where:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return ""
    return values


def _shown(value: object) -> str:
    """A value for people to read: short, and without the password of an address."""
    if isinstance(value, Mapping | list):
        return "[…]" if isinstance(value, list) else "{…}"
    if isinstance(value, bool):
        return str(value).lower()
    text = re.sub(r"//[^/@]*@", "//…@", str(value))
    return text if len(text) <= 60 else text[:59] + "…"
