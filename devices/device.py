"""The small protocols that every driver meets, together in one place.

A driver's `run()` connects and works until it loses its device, then raises `DeviceError`; the one
retry loop in `keep_running.py` says so in `health`, pauses and calls it again. Health is a code
with parameters; pages turn it into a sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from base.cause import Cause, Parameter
from base.latest import Latest

Samples = NDArray[np.int16]
"""48 kHz, mono, signed 16 bit; 480 samples are 10 ms."""

Unsubscribe = Callable[[], None]


class Kind(StrEnum):
    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    PROJECTOR = "projector"
    SCREEN = "screen"
    HDMI = "hdmi"
    """A cable for somebody's laptop."""


class Condition(StrEnum):
    """How a device is. What was never tried is UNKNOWN, and unknown is never shown as good."""

    UNKNOWN = "unknown"
    STARTING = "starting"
    WORKING = "working"
    IMPAIRED = "impaired"
    """It works, but not as it should; the cause says how to mend it."""
    FAILED = "failed"
    STANDBY = "standby"
    """Switched off or closed on purpose."""


@dataclass(frozen=True, slots=True)
class Health:
    condition: Condition = Condition.UNKNOWN
    cause: Cause | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    """Wall clock, for people; UTC. Not compared, so that an unchanged state keeps its time."""


class DeviceError(Exception):
    """The device was lost, refused us, or cannot be used. Carries the cause for people."""

    def __init__(self, code: str, /, **params: Parameter) -> None:
        super().__init__(code)
        self.cause = Cause(code, **params)


class Device(Protocol):
    """Anything with a health. `run()` belongs to `keep_running` alone."""

    id: str
    """Stable and short, from the configuration: `camera`, `camera-2`, `projector`."""
    kind: Kind
    name: str
    """What people call it, from the configuration: "Camera sân khấu"."""

    @property
    def health(self) -> Latest[Health]: ...

    async def run(self) -> None:
        """Work until the device is lost. Raises DeviceError; ends only by cancellation."""


@runtime_checkable
class Pluggable(Protocol):
    """A device of which the system tells when it is plugged in."""

    async def plugged_in(self) -> None:
        """Returns once it is worth trying again after a loss. Called by `keep_running` alone."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded H.264 picture, ready for any number of viewers (RFC 6184, without B-frames)."""

    data: bytes
    """Annex B, start codes of 3 or 4 bytes."""
    timestamp: int
    """90 kHz, never wraps, increases from unit to unit, continues over a reconnect."""
    key: bool
    """Holds SPS, PPS and an IDR slice: decoding can begin here."""
    arrived: float
    """Seconds on `time.monotonic()`."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the source sends at present."""

    width: int
    height: int
    frames_per_second: float
    passed_through: bool
    """False when every picture is encoded anew in this house."""


@runtime_checkable
class VideoSource(Device, Protocol):
    """A camera or webcam. Sinks are called on the event loop's thread and must not block."""

    @property
    def picture(self) -> Latest[Picture | None]: ...

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Unsubscribe: ...

    def request_key_frame(self) -> None:
        """Ask for a key frame soon; does nothing where the source cannot be asked."""


@runtime_checkable
class Restable(Protocol):
    """A camera whose picture is made in this machine, which costs what it costs."""

    def rest(self, resting: bool) -> None:
        """While nobody watches, one picture every two seconds is enough: it says that the camera
        works, and a preview can be made of it."""


@runtime_checkable
class Signalled(VideoSource, Protocol):
    """A source that is there, and shows something only while something is plugged into it."""

    @property
    def signal(self) -> Latest[bool]: ...


class LaptopSound(Protocol):
    """What a laptop on the HDMI cable plays; off until it is wanted."""

    @property
    def health(self) -> Latest[Health]: ...

    def want(self, heard: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture follows the faces in it."""

    wanted: bool
    people: int = 0
    """How many it keeps in now; 0 while all of the picture is shown."""


@runtime_checkable
class Following(Protocol):
    """A fixed camera, whose picture may be cut so that it follows the faces."""

    @property
    def framing(self) -> Latest[Framing]: ...

    def follow_faces(self, wanted: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Velocity:
    """Shares of the camera's fastest, from -1 to 1: to the right, up, closer."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass(frozen=True, slots=True)
class Controls:
    """What a camera was seen to do when it was tried; what it lacks is not offered."""

    turns: bool = False
    zooms: bool = False
    home: bool = False
    saves: bool = False
    """It keeps presets, and takes new ones."""


@runtime_checkable
class Steerable(Protocol):
    """A camera with presets, or with pan, tilt and zoom."""

    @property
    def controls(self) -> Latest[Controls]: ...

    async def presets(self) -> Sequence[tuple[str, str]]:
        """Token and name of each. Raises DeviceError."""

    async def go_to_preset(self, token: str) -> None:
        """Raises DeviceError."""

    async def save_preset(self, name: str) -> str:
        """Keep where it looks now, in the place of a preset of this name where there is one. Gives
        the token. Raises DeviceError."""

    async def go_home(self) -> None:
        """Raises DeviceError."""

    async def hold(self, velocity: Velocity, seconds: float) -> None:
        """Turn for so long, unless it is asked again before; then it is stopped, whatever became of
        whoever asked. Raises DeviceError."""

    async def stop_moving(self) -> None:
        """Raises DeviceError."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What of a camera's settings does not suit a meeting."""

    causes: tuple[Cause, ...] = ()
    can_be_set: bool = False
    """Some of it can be set right from here."""


@runtime_checkable
class Adjustable(Protocol):
    """A camera whose way of coding can be looked at and altered."""

    @property
    def advice(self) -> Latest[Advice]: ...

    async def set_right(self) -> None:
        """Alter what can be altered. Raises DeviceError."""


class Power(StrEnum):
    UNKNOWN = "unknown"
    OFF = "off"
    WARMING = "warming"
    ON = "on"
    COOLING = "cooling"


class Cover(StrEnum):
    """What a display does with its picture while it is on."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    """Dark; it stays on and warm."""
    FROZEN = "frozen"
    """The picture of this moment stays, whatever comes in."""


@dataclass(frozen=True, slots=True)
class DisplayState:
    """What the display read back, never what was sent to it."""

    power: Power = Power.UNKNOWN
    input: str | None = None
    wanted: bool | None = None
    """The wish still held: True on, False off, None nothing outstanding."""
    lamp_hours: int | None = None
    """Of the lamp that was used longest; None where it does not tell."""
    input_name: str = ""
    """As the display itself calls the input that it shows; empty where it does not tell."""
    filter_hours: int | None = None
    """Since it was last set to zero; None where it does not tell, or has none."""
    cover: Cover | None = None
    """None where it does not tell, and cannot be told."""
    covers: tuple[Cover, ...] = ()
    """What it can do beside showing its picture."""


@runtime_checkable
class Display(Device, Protocol):
    """A projector or a big screen that can be switched."""

    @property
    def state(self) -> Latest[DisplayState]: ...

    def watch(self, closely: bool) -> None:
        """Whether somebody relies on it, who is to be told of a fault within seconds."""

    async def look(self) -> None:
        """Ask it how it is now; returns once `state` and `health` tell, however long that takes."""

    def want(self, on: bool) -> None:
        """Hold the wish until the display can follow it (warming, cooling, away) and then apply
        it: power, and its configured input when on."""


@runtime_checkable
class Coverable(Protocol):
    """A display whose picture can be hidden, or kept as it is."""

    async def cover(self, cover: Cover) -> None:
        """Returns once `state` tells what it reads back. Raises DeviceError."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Peaks of the last 100 ms, in dBFS; -100 is silence or closed."""

    microphone: float = -100.0
    loudspeaker: float = -100.0


class ChirpKind(IntEnum):
    """What is played to be listened to."""

    TEST = 1
    """One second from 200 to 8000 Hz, as loud as a voice."""
    OPENING = 2
    """Up and down again in 1.3 s, softly: people are in the hall, and neighbours sleep."""


@dataclass(frozen=True, slots=True)
class ChirpHeard:
    """What the microphone made of a chirp out of the loudspeaker."""

    delay: float | None
    """Seconds until it was heard; None where it was not."""
    echo: float | None
    """dB by which the microphone had it louder than it was played; mostly negative."""
    noise: float
    """Mean power before the chirp, in dBFS."""
    microphone: float
    loudspeaker: float
    """Peaks, in dBFS."""
    rattles: bool = False
    """The loudspeaker adds what a sound one does not. Of the chirp to test alone."""


class EchoState(StrEnum):
    """Of what people far away hear of themselves. What was not measured is never good."""

    MEASURING = "measuring"
    READY = "ready"
    LOUD = "loud"
    """They hear themselves."""
    UNHEARD = "unheard"
    """The microphone does not hear the loudspeaker at all."""


@dataclass(frozen=True, slots=True)
class Echo:
    """In dB of what the loudspeaker plays; None where it is not known."""

    state: EchoState = EchoState.MEASURING
    left: float | None = None
    """What goes out again, behind the canceller."""
    heard: float | None = None
    """What the microphone picks up of it."""
    delay: float | None = None
    """Seconds from the loudspeaker to the microphone."""


@dataclass(frozen=True, slots=True)
class Howl:
    """A loop of loudspeaker and microphone that gets louder each time round."""

    hertz: int
    ours: bool = True
    """Turned down, it stops; else it goes through the hall's own amplifier."""


class Turns(StrEnum):
    """Who makes sound louder and softer."""

    SERVER = "server"
    """The system's mixer: PulseAudio's or PipeWire's."""
    CARD = "card"
    """The sound card's own mixer (ALSA)."""
    OURS = "ours"
    """There is no such mixer: the samples are multiplied."""


@dataclass(frozen=True, slots=True)
class VolumeKnob:
    """What the loudspeaker's volume is turned by."""

    by: Turns
    control: str = ""
    """Its name in the card's mixer."""
    muted: bool = False
    """Switched off there, or at the loudspeaker itself."""


@runtime_checkable
class HallSound(Protocol):
    """The hall's microphone and loudspeaker, behind one process of their own.

    `microphone` and `loudspeaker` are its two devices. The microphone is closed until
    `open_microphone`; closed means that nothing is captured at all.
    """

    @property
    def microphone(self) -> Device: ...

    @property
    def loudspeaker(self) -> Device: ...

    @property
    def levels(self) -> Latest[Levels]: ...

    @property
    def volume(self) -> Latest[int]:
        """Of the loudspeaker, 0 to 100, as it is, not as it was asked."""

    @property
    def knob(self) -> Latest[VolumeKnob | None]:
        """None while it is not known, as without a loudspeaker."""

    @property
    def microphone_open(self) -> Latest[bool]: ...

    @property
    def echo(self) -> Latest[Echo]:
        """Measured while the microphone is open and somebody far away speaks, or a chirp plays."""

    async def chirp(self, kind: ChirpKind) -> ChirpHeard:
        """Play it and listen; the microphone has to be open. Raises TimeoutError where no answer
        comes: the microphone was closed meanwhile, or the sound was lost."""

    @property
    def gain(self) -> Latest[int | None]:
        """Of the microphone in the system's mixer or its card's, 0 to 100; None while it is closed,
        and where there is no such mixer."""

    def subscribe(self, sink: Callable[[Samples], None]) -> Unsubscribe:
        """Hand out what the microphone hears, 480 samples at a time, on the loop's thread."""

    def play(self, samples: Samples) -> None:
        """Queue sound for the loudspeaker, whole multiples of 480 samples; the oldest is dropped
        where more than 200 ms would wait."""

    def open_microphone(self) -> None: ...

    def close_microphone(self) -> None: ...

    def set_volume(self, percent: int) -> None: ...

    def set_music(self, playing: bool) -> None:
        """While there is music, nothing that is made for speech touches what is heard."""

    async def run(self) -> None:
        """Start the process, watch it, start it again. Ends only by cancellation."""
