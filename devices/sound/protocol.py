"""The messages between the daemon and the sound process, each beside its codec.

    length  u16, big endian: of the body
    type    u8
    body    as the message's docstring says

`Decoder` is fed whatever the socket gave and hands out whole messages; it does no input or output
itself, so both ends and the tests use the same one. `PROTOCOL.md` tells the order of things.

>>> Decoder(FROM_DAEMON).feed(encode(Hello()) + encode(Volume(70)))
[Hello(version=4), Volume(percent=70)]
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from base.cause import Cause, Parameter
from devices.device import Condition, Kind
from devices.sound.body import ProtocolError, dump, load
from devices.sound.knob import KnobTold
from devices.sound.measured import ChirpTold, EchoTold, PlayChirp

VERSION = 4
FRAME = 480
"""Samples in a frame: 10 ms at 48 kHz, mono."""
FRAME_BYTES = 2 * FRAME
MOST_FRAMES = 20
"""In one `Play`, and waiting for the loudspeaker: 200 ms."""

_HEADER = struct.Struct(">HB")
_LONGEST_NAME = 1000
_CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


@dataclass(frozen=True, slots=True)
class Hello:
    """First in both directions. Body: `avsound`, version u16."""

    type: ClassVar[int] = 1
    version: int = VERSION

    def body(self) -> bytes:
        return b"avsound" + self.version.to_bytes(2, "big")

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != 9 or not body.startswith(b"avsound"):
            raise ProtocolError("not a greeting")
        return cls(int.from_bytes(body[7:], "big"))


@dataclass(frozen=True, slots=True)
class Configure:
    """Which devices to use, by name or a part of it. Body: JSON, three strings."""

    type: ClassVar[int] = 2
    microphone: str
    loudspeaker: str
    fallback: str = ""
    """The microphone while the other one is not there; empty where there is none."""

    def body(self) -> bytes:
        return dump(asdict(self))

    @classmethod
    def parse(cls, body: bytes) -> Self:
        fields = load(body, {"microphone", "loudspeaker", "fallback"})
        for name in fields.values():
            if not isinstance(name, str) or len(name) > _LONGEST_NAME:
                raise ProtocolError("a device has a name")
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Play:
    """Sound for the loudspeaker. Body: s16 little endian, 1 to 20 whole frames."""

    type: ClassVar[int] = 3
    samples: bytes

    def body(self) -> bytes:
        return self.samples

    @classmethod
    def parse(cls, body: bytes) -> Self:
        frames, rest = divmod(len(body), FRAME_BYTES)
        if rest or not 1 <= frames <= MOST_FRAMES:
            raise ProtocolError(f"{len(body)} bytes are not 1 to {MOST_FRAMES} frames")
        return cls(body)


@dataclass(frozen=True, slots=True)
class Microphone:
    """Open or close it; closed means that no stream exists. Body: u8, 1 or 0."""

    type: ClassVar[int] = 4
    wanted: bool

    def body(self) -> bytes:
        return bytes([self.wanted])

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if body not in (b"\0", b"\1"):
            raise ProtocolError("open is 1, closed is 0")
        return cls(body == b"\1")


@dataclass(frozen=True, slots=True)
class Volume:
    """From the daemon: how loud it shall be. From the sound process: how loud it is.
    Body: u8, 0 to 100."""

    type: ClassVar[int] = 5
    percent: int

    def body(self) -> bytes:
        return bytes([self.percent])

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != 1 or body[0] > 100:
            raise ProtocolError("volume is 0 to 100")
        return cls(body[0])


@dataclass(frozen=True, slots=True)
class Captured:
    """What the microphone heard. Body: s16 little endian, one frame."""

    type: ClassVar[int] = 6
    samples: bytes

    def body(self) -> bytes:
        return self.samples

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != FRAME_BYTES:
            raise ProtocolError(f"{len(body)} bytes are not one frame")
        return cls(body)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Peaks of the last 100 ms, in dBFS, -100 to 0. Body: two i16 in hundredths of a dB."""

    type: ClassVar[int] = 7
    microphone: float
    loudspeaker: float

    _body: ClassVar[struct.Struct] = struct.Struct(">hh")

    def body(self) -> bytes:
        return self._body.pack(round(self.microphone * 100), round(self.loudspeaker * 100))

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != cls._body.size:
            raise ProtocolError("two levels are four bytes")
        levels = [hundredths / 100 for hundredths in cls._body.unpack(body)]
        if any(not -100 <= level <= 0 for level in levels):
            raise ProtocolError("a level is -100 to 0 dBFS")
        return cls(*levels)


@dataclass(frozen=True, slots=True)
class State:
    """How a device is now. Body: JSON with `device`, `condition` and `cause`, which is null or
    has `code` and `params`."""

    type: ClassVar[int] = 8
    device: Kind
    """Microphone or loudspeaker."""
    condition: Condition
    cause: Cause | None = None

    def body(self) -> bytes:
        cause = _fields(self.cause)
        return dump({"device": self.device, "condition": self.condition, "cause": cause})

    @classmethod
    def parse(cls, body: bytes) -> Self:
        fields = load(body, {"device", "condition", "cause"})
        try:
            condition = Condition(fields["condition"])
        except ValueError as error:
            raise ProtocolError("no such condition") from error
        return cls(_parse_device(fields["device"]), condition, _parse_cause(fields["cause"]))


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The sound process has just looked after both streams. Empty body."""

    type: ClassVar[int] = 9

    def body(self) -> bytes:
        return b""

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if body:
            raise ProtocolError("a heartbeat is empty")
        return cls()


@dataclass(frozen=True, slots=True)
class Advised:
    """What is wrong with how it sounds, while the device works. Body: JSON with `device` and
    `cause`, which is null where nothing is."""

    type: ClassVar[int] = 16
    device: Kind
    """Microphone or loudspeaker."""
    cause: Cause | None = None

    def body(self) -> bytes:
        return dump({"device": self.device, "cause": _fields(self.cause)})

    @classmethod
    def parse(cls, body: bytes) -> Self:
        fields = load(body, {"device", "cause"})
        return cls(_parse_device(fields["device"]), _parse_cause(fields["cause"]))


@dataclass(frozen=True, slots=True)
class Gain:
    """The microphone's slider in the system's mixer. From the daemon: where it shall be when the
    microphone is opened. From the sound process: where it is. Body: u8, 0 to 100, or 255 for
    nobody's wish, and for where there is none."""

    type: ClassVar[int] = 17
    percent: int | None

    def body(self) -> bytes:
        return bytes([255 if self.percent is None else self.percent])

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if len(body) != 1 or (body[0] > 100 and body != b"\xff"):
            raise ProtocolError("a slider is 0 to 100, or 255")
        return cls(None if body == b"\xff" else body[0])


@dataclass(frozen=True, slots=True)
class Plain:
    """Before Configure: what the microphone gives is passed on as it is, and no loudspeaker is
    opened. Empty body."""

    type: ClassVar[int] = 19

    def body(self) -> bytes:
        return b""

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if body:
            raise ProtocolError("plain has nothing to say")
        return cls()


@dataclass(frozen=True, slots=True)
class Music:
    """What the microphone hears is music, or speech. Body: u8, 1 or 0."""

    type: ClassVar[int] = 13
    playing: bool

    def body(self) -> bytes:
        return bytes([self.playing])

    @classmethod
    def parse(cls, body: bytes) -> Self:
        if body not in (b"\0", b"\1"):
            raise ProtocolError("music is 1, speech is 0")
        return cls(body == b"\1")


Message = (
    Hello | Configure | Play | Microphone | Volume | Captured | Peaks | State | Heartbeat
    | PlayChirp | Music | ChirpTold | EchoTold | Advised | Gain | KnobTold | Plain
)  # fmt: skip
FROM_DAEMON: tuple[type[Message], ...] = (
    Hello, Configure, Play, Microphone, Volume, PlayChirp, Music, Gain, Plain,
)  # fmt: skip
FROM_SOUND: tuple[type[Message], ...] = (
    Hello, Volume, Captured, Peaks, State, Heartbeat, ChirpTold, EchoTold, Advised, Gain, KnobTold,
)  # fmt: skip


def encode(message: Message) -> bytes:
    body = message.body()
    return _HEADER.pack(len(body), message.type) + body


class Decoder:
    """Cuts the stream of bytes into messages; accepts only the types that it was told."""

    def __init__(self, accepted: Iterable[type[Message]]) -> None:
        self._types = {message.type: message for message in accepted}
        self._buffer = bytearray()
        self._greeted = False

    def feed(self, data: bytes) -> list[Message]:
        """Every message that is whole by now. Raises ProtocolError; feed nothing after that."""
        buffer = self._buffer
        buffer += data
        messages: list[Message] = []
        at = 0
        while len(buffer) - at >= _HEADER.size:
            length, kind = _HEADER.unpack_from(buffer, at)
            if kind not in self._types:
                raise ProtocolError(f"unexpected type {kind}")
            end = at + _HEADER.size + length
            if len(buffer) < end:
                break
            messages.append(self._parse(kind, bytes(buffer[at + _HEADER.size : end])))
            at = end
        del buffer[:at]
        return messages

    def _parse(self, kind: int, body: bytes) -> Message:
        message = self._types[kind].parse(body)
        if isinstance(message, Hello) == self._greeted:
            raise ProtocolError("a greeting comes first, and once")
        if isinstance(message, Hello) and message.version != VERSION:
            raise ProtocolError(f"speaks version {message.version}, not {VERSION}")
        self._greeted = True
        return message


def _parse_device(device: Any) -> Kind:
    if device not in (Kind.MICROPHONE, Kind.LOUDSPEAKER):
        raise ProtocolError("a device here is the microphone or the loudspeaker")
    return Kind(device)


def _fields(cause: Cause | None) -> dict[str, Any] | None:
    return {"code": cause.code, "params": dict(cause.params)} if cause else None


def _parse_cause(fields: Any) -> Cause | None:
    if fields is None:
        return None
    if not isinstance(fields, dict) or fields.keys() != {"code", "params"}:
        raise ProtocolError("a cause has a code and params")
    code, params = fields["code"], fields["params"]
    if not isinstance(code, str) or not _CODE.fullmatch(code) or not isinstance(params, dict):
        raise ProtocolError("a cause has a code and params")
    if any(isinstance(v, bool) or not isinstance(v, Parameter) for v in params.values()):
        raise ProtocolError("a parameter is a text or a number")
    return Cause(code, **params)
