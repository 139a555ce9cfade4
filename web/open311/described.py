"""The endpoint in OpenAPI 3.1: every field in both formats, and every error.

operation("/open311/v2/requests.json", "GET")      # None of what is not of this endpoint
"""

from collections.abc import Mapping
from typing import Any, Final

from feedback.topics import Topic
from web.open311.answers import FORMATS, TYPES, Format
from web.open311.posted import MOST, MOST_DESCRIPTION
from web.open311.server import ROOT
from web.open311.services import HIDE_NAME, KEEP_NAME, YES_NO

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE: Final[Schema] = {"type": ["string", "null"]}
_BOOLEAN: Final[Schema] = {"type": "boolean"}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_DEGREES: Final[Schema] = {"type": ["number", "null"]}
_CODE: Final[Schema] = {"enum": [topic.value for topic in Topic]}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": fields}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_SERVICE: Final = _object(
    service_code=_CODE,
    service_name=_TEXT,
    description=_TEXT,
    metadata=_BOOLEAN,
    type={"const": "realtime"},
    keywords=_TEXT,
    group=_TEXT,
)
_ATTRIBUTE: Final = _object(
    variable=_BOOLEAN,
    code=_TEXT,
    datatype={"enum": ["text", "singlevaluelist"]},
    required=_BOOLEAN,
    datatype_description=_MAYBE,
    order={"type": "integer", "minimum": 1},
    description=_TEXT,
    values=_list(_object(key=_TEXT, name=_TEXT)),
)
_REQUESTS: Final = _list(
    _object(
        service_request_id=_TEXT,
        status={"enum": ["open", "closed"]},
        status_notes=_TEXT,
        service_name=_TEXT,
        service_code=_CODE,
        description=_MAYBE,
        agency_responsible=_MAYBE,
        service_notice=_MAYBE,
        requested_datetime=_MOMENT,
        updated_datetime=_MOMENT,
        expected_datetime={"type": ["string", "null"], "format": "date-time"},
        address=_MAYBE,
        address_id=_MAYBE,
        zipcode=_MAYBE,
        lat=_DEGREES,
        long=_DEGREES,
        media_url=_MAYBE,
    )
)
_CREATED: Final = _list(_object(service_request_id=_TEXT, service_notice=_TEXT, account_id=_MAYBE))
_FOUND: Final = _list(_object(service_request_id=_TEXT, token=_TEXT))
_ERRORS: Final = _list(_object(code={"type": "integer"}, description=_TEXT))
_ENDPOINT: Final = _object(
    specification=_TEXT, url=_TEXT, changeset=_TEXT, type=_TEXT, formats=_list(_TEXT)
)
_DISCOVERY: Final = _object(
    changeset=_TEXT, contact=_TEXT, key_service=_TEXT, endpoints=_list(_ENDPOINT)
)

_GETS: Final[Mapping[str, Schema]] = {
    "/open311/discovery": _DISCOVERY,
    f"{ROOT}/discovery": _DISCOVERY,
    f"{ROOT}/services": _list(_SERVICE),
    f"{ROOT}/services/{{service_code}}": _object(service_code=_CODE, attributes=_list(_ATTRIBUTE)),
    f"{ROOT}/requests": _REQUESTS,
    f"{ROOT}/requests/{{service_request_id}}": _REQUESTS,
    f"{ROOT}/tokens/{{token}}": _FOUND,
}
_JURISDICTION: Final = ("jurisdiction_id", "Only where one endpoint serves several houses.")
_FILTERS: Final = (
    ("service_request_id", "Several with commas between them; overrides the rest."),
    ("service_code", "Several with commas between them."),
    ("start_date", "W3C, with a time zone; of the receipt. At most 90 days before end_date."),
    ("end_date", "W3C, with a time zone."),
    ("status", "`open` or `closed`."),
)
_FORM: Final[Schema] = {
    "type": "object",
    "required": ["api_key", "service_code"],
    "properties": {
        "api_key": _TEXT,
        "service_code": _CODE,
        "jurisdiction_id": _TEXT,
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "address_string": {"type": "string", "maxLength": MOST["address_string"]},
        "address_id": {"type": "string", "maxLength": MOST["address_id"]},
        "description": {"type": "string", "maxLength": MOST_DESCRIPTION},
        "media_url": {"type": "string", "format": "uri", "maxLength": MOST["media_url"]},
        "first_name": _TEXT,
        "last_name": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "device_id": _TEXT,
        "account_id": _TEXT,
        f"attribute[{KEEP_NAME}]": {"enum": list(YES_NO)},
        f"attribute[{HIDE_NAME}]": {"enum": list(YES_NO)},
    },
    "anyOf": [
        {"required": ["lat", "long"]},
        {"required": ["address_string"]},
        {"required": ["address_id"]},
    ],
}


def operation(path: str, method: str) -> Schema | None:
    """Without what is read off the route itself; None of other paths."""
    name, _, extension = path.rpartition(".")
    form = next((form for form in FORMATS if form == extension), None)
    if form is None:
        return None
    if method == "POST" and name == f"{ROOT}/requests":
        body = {"application/x-www-form-urlencoded": {"schema": _FORM}}
        again = _parameter("Idempotency-Key", "The same request again is the same case.", "header")
        return {
            "parameters": [again],
            "requestBody": {"required": True, "content": body},
            "responses": _responses(form, "201", _CREATED),
        }
    if method == "GET" and name in _GETS:
        filters = _FILTERS if name == f"{ROOT}/requests" else ()
        asked = filters if name.endswith("discovery") else (_JURISDICTION, *filters)
        return {
            "parameters": [_parameter(*one) for one in asked],
            "responses": _responses(form, "200", _GETS[name]),
        }
    return None


def _parameter(name: str, description: str, where: str = "query") -> Schema:
    return {"name": name, "in": where, "description": description, "schema": _TEXT}


def _responses(form: Format, status: str, schema: Schema) -> Schema:
    described = {
        status: ("As asked.", schema),
        "4XX": (
            "What is wrong: 403 the key, 404 what is not there, 429 too much, 400 the rest.",
            _ERRORS,
        ),
        "503": ("It cannot be stored now; try again.", _ERRORS),
    }
    return {
        code: {"description": words, "content": {TYPES[form]: {"schema": _of(form, found)}}}
        for code, (words, found) in described.items()
    }


def _of(form: Format, schema: Schema) -> Schema:
    """XML is the same by the Spark convention, which a JSON Schema cannot say."""
    return schema if form == "json" else _TEXT
