"""What is said on the link, each message beside its fields' bounds. PROTOCOL.md tells the order.

A message is a text frame, one JSON object with a `type`; the data of channels are binary frames:

    channel  u32, big endian
    flags    u8: 1 text, 2 more of the same message follows
    payload  at most 16 KiB

Types and keys that are not known are ignored, so that an older and a newer end understand each
other; a known message with impossible fields is a `ProtocolError`.

>>> encode(End(7, code=1000))
'{"type":"end","channel":7,"code":1000,"reason":""}'
>>> decode('{"type":"end","channel":7,"code":1000,"colour":"red"}')
End(channel=7, code=1000, reason='')
>>> decode('{"type":"from-the-future"}') is None
True
"""

import struct
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    AwareDatetime,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import from_json, to_json

from base.cause import Cause
from config.turn import TurnUrl
from web.link.bounds import ChannelId, CloseCode, Count, Headers, Number, Word, Words
from web.link.ward_meeting import TellWardMeeting, WardMeetingSummary

VERSION: Final = 1
MOST_FRAME_BYTES: Final = 64 * 1024
MOST_PIECE_BYTES: Final = 16 * 1024

_HEADER = struct.Struct(">IB")
_TEXT = 1
_MORE = 2


class ProtocolError(Exception):
    """The other end sent what the protocol does not allow. The connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Hello:
    """House, first of all."""

    type: ClassVar = "hello"
    version: Count = VERSION
    software: Words = ""
    takes: Annotated[tuple[Word, ...], Field(max_length=32)] = ()
    """Kinds of deliveries that this house takes; an older one says nothing of it."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """Hub: the house is linked."""

    type: ClassVar = "welcome"
    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+(/[a-z0-9-]+)*$")]
    """Where the hub shows this house, without a slash at the end."""
    ask_url: Annotated[
        str, StringConstraints(pattern=r"^(https?://[^/\s]+(/[a-z0-9-]+)*)?$", max_length=300)
    ] = ""
    """Where residents ask, short enough to be typed; empty from a hub that has no such pages."""
    version: Count = VERSION
    takes: Annotated[tuple[Word, ...], Field(max_length=32)] = ()
    """Kinds of deliveries that this hub takes; an older one says nothing of it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Hub: the house is not linked, and the connection closes. `code` is a cause of ours."""

    type: ClassVar = "refuse"
    code: Word
    params: dict[Word, Count | Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ping:
    """Both, every second."""

    type: ClassVar = "ping"
    number: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Pong:
    type: ClassVar = "pong"
    number: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    kind: Word
    condition: Word
    cause: Word | None = None
    params: Annotated[dict[Word, Words | Number], Field(max_length=8)] = field(default_factory=dict)
    """Of the cause."""
    id: Annotated[str, StringConstraints(max_length=40)] = ""
    name: Annotated[str, StringConstraints(max_length=80)] = ""
    """What people there call it."""
    since: AwareDatetime | None = None
    """When it came into this condition, by the house's clock."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody at the door."""

    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
    name: Words
    role: Word
    account: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")] | None = None
    """Of the hub's official who it is, where he came by `come`."""
    only_the_hall_admits: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """House: how it stands there, at once and whenever it changes."""

    type: ClassVar = "summary"
    phase: Word
    title: Words
    guests: Count
    """Let in and here, without those at the door."""
    waiting: Count
    """Questions that nobody has looked at yet."""
    devices: Annotated[tuple[DeviceSummary, ...], Field(max_length=32)] = ()
    lobby: Annotated[tuple[Waiting, ...], Field(max_length=20)] = ()
    """Who is at the door, the first first; only while there is a meeting."""
    quiet_until: AwareDatetime | None = None
    """A technician works there: nobody is to be told what is wrong, by the house's clock."""
    ward_meeting: WardMeetingSummary | None = None
    """How it takes part in the one that the hub told of last."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Hub: one of its officials asks something of the house, which answers with a `Reply`."""

    type: ClassVar = "ask"
    number: Annotated[int, Field(ge=1)]
    what: Word
    """`admit`, `come`, `invite`, `invitations`, `invitation`, `revoke`, `release`."""
    account: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
    """Of the official, as the hub knows him."""
    name: Words
    about: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,64}$")] = ""
    """The guest to be admitted, or the invitation."""
    form: Annotated[dict[Word, Words], Field(max_length=8)] = field(default_factory=dict)
    """What the official chose and typed; for `invite`."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was written at the hub, as the house has it."""

    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
    role: Word
    name: Words
    """Of whom it is for; may be empty."""
    personal: bool
    used: bool
    """A personal one: a browser came in by it, and no other can."""
    lobby: bool
    expires: AwareDatetime
    by: Words
    """The official who wrote it."""
    plan: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,64}$")] = ""
    """The planned meeting that it is for; empty is the one that is on, or the next."""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """House: it is done, or was refused with `code`, a cause of ours."""

    type: ClassVar = "reply"
    number: Annotated[int, Field(ge=1)]
    path: Annotated[str, StringConstraints(pattern=r"^(/[\x21-\x7e]{1,1000})?$")] = ""
    """Where the official goes on, as the house knows it, without the hub's prefix."""
    code: Word | None = None
    params: dict[Word, Count | Words] = field(default_factory=dict)
    invitations: Annotated[tuple[Invited, ...], Field(max_length=64)] = ()
    """Those that were asked for."""


@dataclass(frozen=True, slots=True)
class TurnAccount:
    username: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
    credential: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")] = field(
        repr=False
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """Hub: the relay for pictures and sound, after `welcome` and again before it runs out."""

    type: ClassVar = "turn"
    urls: Annotated[tuple[TurnUrl, ...], Field(min_length=1, max_length=8)]
    house: TurnAccount
    """For the house's own connections."""
    guests: TurnAccount
    """To be passed on to its guests' browsers."""
    seconds: Annotated[int, Field(ge=1, le=3600)]
    """How long both are good from now on."""


@dataclass(frozen=True, slots=True)
class Open:
    """Hub: a browser asks. The body of a request follows as one message of data."""

    type: ClassVar = "open"
    channel: ChannelId
    kind: Literal["http", "websocket"]
    method: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,16}$")]
    """`GET` for a WebSocket."""
    path: Annotated[str, StringConstraints(pattern=r"^/[\x21-\x7e]{0,1023}$")]
    """As the house knows it, without the hub's prefix."""
    query: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,2048}$")] = ""
    """Still encoded, without the question mark."""
    headers: Headers = ()
    client: Annotated[str, StringConstraints(max_length=64)] = ""
    """The browser's address as the hub sees it."""


@dataclass(frozen=True, slots=True)
class Accept:
    """House: the WebSocket is open."""

    type: ClassVar = "accept"
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class Answer:
    """House: status and headers of a response, or of a refused WebSocket; data follow."""

    type: ClassVar = "answer"
    channel: ChannelId
    status: Annotated[int, Field(ge=200, le=599)]
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """Both: so many bytes more may be sent in this channel."""

    type: ClassVar = "credit"
    channel: ChannelId
    bytes: Annotated[int, Field(ge=1, le=0x7FFFFFFF)]


@dataclass(frozen=True, slots=True)
class End:
    """Both: the channel is over, in both directions. `code` as of a WebSocket (RFC 6455, 7.4)."""

    type: ClassVar = "end"
    channel: ChannelId
    code: CloseCode = 1000
    reason: Annotated[str, StringConstraints(max_length=123)] = ""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Both: something to keep for good. Offered again until it is acknowledged."""

    type: ClassVar = "deliver"
    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
    kind: Word
    body: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Ack:
    """Both: it is stored durably here."""

    type: ClassVar = "ack"
    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


@dataclass(frozen=True, slots=True)
class Data:
    """Both: a piece of a message in a channel; the only binary frame."""

    channel: int
    payload: bytes
    text: bool
    more: bool


_Greeting = Hello | Welcome | Refuse
_OfTheLink = Ping | Pong | Summary | Turn | TellWardMeeting | Ask | Reply | Deliver | Ack
_OfAChannel = Open | Accept | Answer | Credit | End
Control = _Greeting | _OfTheLink | _OfAChannel
Message = Control | Data

_CONTROL: Final[dict[str, TypeAdapter[Control]]] = {
    kind.type: TypeAdapter(kind)
    for kind in (
        *(Hello, Welcome, Refuse, Ping, Pong, Summary, Turn, TellWardMeeting, Ask, Reply),
        *(Open, Accept, Answer, Credit, End, Deliver, Ack),
    )
}


def refusal(asked: Ask, cause: Cause) -> Reply:
    """Why what was asked is not done."""
    params = {k: v if isinstance(v, int) else str(v) for k, v in cause.params.items()}
    return Reply(asked.number, code=cause.code, params=params)


def encode(message: Message) -> str | bytes:
    """The frame. Raises ValueError where it would be larger than a frame may be."""
    if isinstance(message, Data):
        flags = _TEXT * message.text | _MORE * message.more
        if len(message.payload) > MOST_PIECE_BYTES:
            raise ValueError(f"a piece of {len(message.payload)} bytes")
        return _HEADER.pack(message.channel, flags) + message.payload
    values: dict[str, Any] = {f.name: getattr(message, f.name) for f in fields(message)}
    text = to_json({"type": message.type, **values})
    if len(text) > MOST_FRAME_BYTES:
        raise ValueError(f"{message.type} of {len(text)} bytes")
    return text.decode()


def decode(frame: str | bytes) -> Message | None:
    """The message; None where its type is not known here. Raises ProtocolError."""
    if len(frame) > MOST_FRAME_BYTES:
        raise ProtocolError(f"a frame of {len(frame)}")
    if isinstance(frame, bytes):
        return _decode_data(frame)
    try:
        content = from_json(frame, allow_inf_nan=False)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(content, dict) or not isinstance(name := content.get("type"), str):
        raise ProtocolError("not an object with a type")
    adapter = _CONTROL.get(name)
    if adapter is None:
        return None
    try:
        return adapter.validate_json(frame, strict=True)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False)[0]["loc"]
        raise ProtocolError(f"{name}: {where}") from None


def _decode_data(frame: bytes) -> Data:
    if not _HEADER.size <= len(frame) <= _HEADER.size + MOST_PIECE_BYTES:
        raise ProtocolError(f"data of {len(frame)} bytes")
    channel, flags = _HEADER.unpack_from(frame)
    if channel == 0 or flags > _TEXT | _MORE:
        raise ProtocolError("data without a channel")
    return Data(channel, frame[_HEADER.size :], bool(flags & _TEXT), bool(flags & _MORE))
