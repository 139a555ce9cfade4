"""What is said on the link of a ward meeting: one official speaks to many houses at once.

The hub says the whole of it after `welcome` and whenever it changes; the house says in its summary
how it takes part. Pictures and sound go through a media server (WHIP, RFC 9725; WHEP,
draft-ietf-wish-whep), never through the hub.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from web.link.bounds import Number, Word, Words

Id = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[\x21-\x7e]{1,500}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,1000}$")]
"""A bearer token; empty where the media server wants none."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Of the media server's: where one is published, or watched."""

    url: Url
    token: Token = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FloorStream:
    """The house that has the floor, to be watched."""

    house: Id
    name: Words
    """What people call it."""
    url: Url
    token: Token = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WardMeeting:
    id: Id
    title: Words
    starts: AwareDatetime
    minutes: Annotated[int, Field(ge=1, le=1440)]
    state: Literal["planned", "open"]
    plan: Id | None = None
    """Of the house's own list: the plan by which it knows of this meeting."""
    publish: Stream | None = None
    """This house's own; it and what follows only while the meeting is open."""
    ward: Stream | None = None
    """The official's, to be watched."""
    floor: FloorStream | None = None
    """It may be this house; None while nobody but the official is to be heard."""
    called: bool = False
    """This house has the floor."""


@dataclass(frozen=True, slots=True)
class TellWardMeeting:
    """Hub: the meeting that this house is wanted in, the open one or the next; None: there is
    none, or none any more."""

    type: ClassVar = "ward-meeting"
    meeting: WardMeeting | None = None


@dataclass(frozen=True, slots=True)
class WardMeetingSummary:
    """House: how it takes part."""

    id: Id
    joined: bool = False
    """Its leader has tapped on it."""
    hand: bool = False
    """It asks for the floor."""
    condition: Word = "unknown"
    """Publishing and receiving together, as of a device."""
    cause: Word | None = None
    params: Annotated[dict[Word, Words | Number], Field(max_length=8)] = field(default_factory=dict)
    """Of the cause."""
