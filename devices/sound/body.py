"""Bodies of the sound process's messages that are JSON, and what is wrong with one that is not."""

import json
from typing import Any, NoReturn


class ProtocolError(Exception):
    """The other end sent what the protocol does not allow. The connection cannot go on."""


def dump(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()


def load(body: bytes, keys: set[str]) -> dict[str, Any]:
    """An object of exactly these keys. Raises ProtocolError."""
    try:
        fields = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(fields, dict) or fields.keys() != keys:
        raise ProtocolError(f"needs exactly {sorted(keys)}")
    return fields


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
