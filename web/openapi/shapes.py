"""The words that a description is made of: JSON Schema 2020-12, as OpenAPI 3.1 has it."""

from collections.abc import Sequence
from typing import Any, Final

from feedback.consent import WORDING

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
MAYBE: Final[Schema] = {"type": ["string", "null"]}
MAYBE_NUMBER: Final[Schema] = {"type": ["integer", "null"]}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
FILE: Final[Schema] = {"type": "string", "format": "binary"}
MAYBE_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}


def shape(optional: Sequence[str] = (), /, **properties: Schema) -> Schema:
    """An object; what is not in `optional` has to be there."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


NAMING: Final[dict[str, Schema]] = {
    "name": TEXT,
    "name_hidden": {"enum": ["yes", ""]},
    "consent": TEXT | {"description": f"Required with a name: `{WORDING}`, where it was agreed."},
}
"""The fields of whoever gives a name."""
