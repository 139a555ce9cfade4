"""What a camera answers over ONVIF, as far as anybody here needs it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A range of speeds as the camera counts them."""

    low: float
    high: float

    def of(self, share: float) -> float:
        """`share` from -1 to 1 as this camera counts it. Some name 0 to 1 and mean both ways."""
        if share >= 0:
            return share * (self.high or 1.0)
        return share * (-self.low if self.low < 0 else self.high or 1.0)


@dataclass(frozen=True, slots=True)
class Node:
    """What a camera says it can turn (PTZ Service Specification, GetNodes); not proved by that."""

    pan: Span | None = None
    tilt: Span | None = None
    zoom: Span | None = None
    home: bool = False


@dataclass(frozen=True, slots=True)
class Encoder:
    """A video encoder configuration (Media Service Specification, 5.5)."""

    token: str
    encoding: str
    """`H264`, `JPEG`, `MPEG4`; `H265` where a camera says so against the specification."""
    width: int
    height: int
    frames_per_second: float
    kilobits: int
    """A second, at most; 0 where it does not say."""
    key_frame_distance: int | None = None
    """In pictures (GovLength); None where it does not say."""
    h264_profile: str | None = None
    """`Baseline`, `Main`, `Extended`, `High`."""


@dataclass(frozen=True, slots=True)
class EncoderChoices:
    """What a camera lets itself be set to."""

    sizes: tuple[tuple[int, int], ...] = ()
    least_distance: int = 1
    """Of key frames, in pictures."""
    most_distance: int = 1000
    h264_profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    token: str
    name: str
    encoder: Encoder | None
    can_turn: bool
    """It has a PTZ configuration."""


@dataclass(frozen=True, slots=True)
class Position:
    """As the camera counts it: 0 to 1, -1 to 1, or degrees."""

    pan: float | None = None
    tilt: float | None = None
    zoom: float | None = None
