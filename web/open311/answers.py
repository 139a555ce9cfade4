"""XML and JSON of the same data, by the Spark convention
(https://wiki.open311.org/JSON_and_XML_Conversion): a list of XML has one name for all its members,
the root of XML has none in JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.etree import ElementTree

from starlette.responses import Response

Format = Literal["xml", "json"]
FORMATS: Final[tuple[Format, ...]] = ("xml", "json")
TYPES: Final[Mapping[Format, str]] = {"xml": "text/xml", "json": "application/json"}
"""Without a charset: validators compare them as a whole. XML says its own, JSON has but one."""

Data = Mapping[str, "Data"] | Sequence["Data"] | str | int | float | bool | None

_MEMBERS: Final[Mapping[str, str]] = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, 2.2."""


@dataclass(frozen=True, slots=True)
class Answer:
    root: str
    data: Data
    status: int = 200

    def response(self, form: Format, headers: Mapping[str, str] | None = None) -> Response:
        """Pages of other places may read it too: there is nothing in it that not everybody may."""
        body = _xml(self.root, self.data) if form == "xml" else _json(self.data)
        ours = {"Content-Type": TYPES[form], "Access-Control-Allow-Origin": "*"}
        return Response(body, self.status, {**ours, **(headers or {})})


def _json(data: Data) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def _xml(root: str, data: Data) -> bytes:
    element = _element(root, data)
    written: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return written


def _element(name: str, data: Data) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(data, Mapping):
        element.extend(_element(key, value) for key, value in data.items())
    elif isinstance(data, bool):
        element.text = "true" if data else "false"
    elif isinstance(data, str):
        element.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", data)
    elif isinstance(data, Sequence):
        element.extend(_element(_MEMBERS[name], value) for value in data)
    elif data is not None:
        element.text = str(data)
    return element
