"""Messages about what is measured in the hall: a chirp, and the echo."""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self

from devices.device import ChirpHeard, ChirpKind, Echo, EchoState
from devices.sound.body import ProtocolError, dump, load

_DBFS = (-100.0, 0.0)
_DB = (-200.0, 100.0)
_SECONDS = (0.0, 2.0)


@dataclass(frozen=True, slots=True)
class PlayChirp:
    """Play a chirp and tell what the microphone heard of it. Body: u8, a `ChirpKind`."""

    type: ClassVar[int] = 10
    kind: ChirpKind

    def body(self) -> bytes:
        return bytes([self.kind])

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != 1 or body[0] not in set(ChirpKind):
            raise ProtocolError("no such chirp")
        return cls(ChirpKind(body[0]))


@dataclass(frozen=True, slots=True)
class ChirpTold:
    """What became of a chirp. Body: JSON, the fields of `ChirpHeard`."""

    type: ClassVar[int] = 11
    heard: ChirpHeard

    def body(self) -> bytes:
        return dump(asdict(self.heard))

    @classmethod
    def parse(cls, body: bytes) -> Self:
        found = load(body, {field.name for field in fields(ChirpHeard)})
        if not isinstance(found["rattles"], bool):
            raise ProtocolError("it rattles or it does not")
        return cls(
            ChirpHeard(
                delay=_number(found["delay"], *_SECONDS, maybe=True),
                echo=_number(found["echo"], *_DB, maybe=True),
                noise=_number(found["noise"], *_DBFS) or 0.0,
                microphone=_number(found["microphone"], *_DBFS) or 0.0,
                loudspeaker=_number(found["loudspeaker"], *_DBFS) or 0.0,
                rattles=found["rattles"],
            )
        )


@dataclass(frozen=True, slots=True)
class EchoTold:
    """How the echo is now. Body: JSON, the fields of `Echo`."""

    type: ClassVar[int] = 12
    echo: Echo

    def body(self) -> bytes:
        return dump(asdict(self.echo))

    @classmethod
    def parse(cls, body: bytes) -> Self:
        found = load(body, {field.name for field in fields(Echo)})
        try:
            state = EchoState(found["state"])
        except ValueError as error:
            raise ProtocolError("no such state of the echo") from error
        return cls(
            Echo(
                state,
                left=_number(found["left"], *_DB, maybe=True),
                heard=_number(found["heard"], *_DB, maybe=True),
                delay=_number(found["delay"], *_SECONDS, maybe=True),
            )
        )


def _number(value: Any, least: float, most: float, *, maybe: bool = False) -> float | None:
    if value is None and maybe:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ProtocolError(f"a number from {least} to {most}, not {value!r}"[:100])
    return float(value)
