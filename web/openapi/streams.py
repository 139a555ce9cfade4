"""WHEP and WHIP (RFC 9725): a session description in, its answer out."""

from typing import Final

from web.openapi.shapes import TEXT, Schema

_PATHS: Final = frozenset({"/whep", "/whip/{camera}"})


def operation(path: str, method: str) -> Schema | None:
    """What is special about it; None of any other address."""
    if path not in _PATHS or method != "POST":
        return None
    sdp = {"application/sdp": {"schema": TEXT}}
    location = {"description": "Where a DELETE ends it.", "schema": TEXT}
    return {
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": sdp},
        "responses": {
            "201": {"description": "The answer.", "content": sdp, "headers": {"Location": location}}
        },
    }


SECURITY: Final[Schema] = {"token": {"type": "http", "scheme": "bearer"}}
