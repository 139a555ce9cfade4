"""Whose picture everybody sees. The media plane needs to know this and no more of the room."""

from dataclasses import dataclass
from enum import StrEnum


class FloorKind(StrEnum):
    HALL = "hall"
    CAMERA = "camera"
    SCREEN = "screen"
    PAPER = "paper"
    """A picture or a PDF, page by page; everybody is sent the page itself, not a video of it."""
    HDMI = "hdmi"
    """A laptop that is plugged in in the hall."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Whose picture the hall and everybody sees."""

    kind: FloorKind = FloorKind.HALL
    guest_id: str | None = None
    """The paper's, where it is one, or the HDMI cable's."""


class Layer(StrEnum):
    """What of the pictures a guest gets, by what his line and the house's carry."""

    MAIN = "main"
    SMALL = "small"
    SOUND = "sound"
    """No picture at all."""


@dataclass(frozen=True, slots=True)
class LineState:
    """Of the way between the house and one guest."""

    layer: Layer = Layer.MAIN
    house: bool = False
    """Because the house's own line carries no more, not his."""
