"""What stands in the hall, as the room knows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from base.cause import Cause
from base.latest import Latest
from devices.device import (
    Condition,
    Device,
    Display,
    EchoState,
    HallSound,
    Health,
    Kind,
    LaptopSound,
    Signalled,
    VideoSource,
)
from devices.hall_picture import HallPicture
from devices.picture_watch import PictureWatch
from feedback.post import PostTrouble
from rooms.line_speed import LineSpeed
from rooms.relay import RelayState
from rooms.start import Start
from rooms.view import LinkState
from rooms.ward_meeting import Attended, WardMeeting


async def no_still(_: str) -> None:
    """Of a house without cameras."""


async def not_measured() -> LineSpeed | None:
    """Of a house without a hub."""
    return None


@dataclass(frozen=True, slots=True)
class Equipment:
    cameras: tuple[VideoSource, ...] = ()
    """The first one is the hall's picture."""
    sound: HallSound | None = None
    display: Display | None = None
    """The projector or big screen, where it can be switched."""
    screen: Device | None = None
    """The browser that shows the stage."""
    link: Latest[LinkState] = field(default_factory=lambda: Latest(LinkState()))
    """How the house's link to its ward stands."""
    relay: Latest[RelayState] = field(default_factory=lambda: Latest(RelayState()))
    """How the relay for pictures and sound stands."""
    post: Latest[tuple[PostTrouble, ...]] = field(default_factory=lambda: Latest(()))
    """What is wrong with the house's mail, and with what it sends to other systems."""
    still: Callable[[str], Awaitable[bytes | None]] = no_still
    """A small JPEG of what the camera of this name sees now; None where there is none."""
    disk: Latest[Health | None] = field(default_factory=lambda: Latest(None))
    """Of the data folder; None until somebody looks."""
    power: Latest[Health | None] = field(default_factory=lambda: Latest(None))
    """Of the mains and of what stands in for them; None where nothing tells."""
    microphone_battery: Latest[Health | None] = field(default_factory=lambda: Latest(None))
    """None where nothing tells, as for most wireless microphones."""
    clock: Latest[Health | None] = field(default_factory=lambda: Latest(None))
    """Of this computer's clock; None until somebody looks."""
    hub_time: Callable[[], datetime | None] = lambda: None
    """What time it is at the ward's hub; None while it is not known."""
    start: Latest[Start | None] = field(default_factory=lambda: Latest(None))
    """How the house came back, and why it was off; None until it answers."""
    measure_line: Callable[[], Awaitable[LineSpeed | None]] = not_measured
    """How much gets through to the ward's hub and back; takes some seconds."""
    publish: Latest[Health | None] = field(default_factory=lambda: Latest(None))
    """How the publishing to a media server stands; None of a house that publishes nothing."""
    ward_meeting: Latest[WardMeeting | None] = field(default_factory=lambda: Latest(None))
    """What the ward's hub says of a meeting of the whole ward; None where there is none."""
    attended: Latest[Attended] = field(default_factory=lambda: Latest(Attended()))
    """How the pictures and the sound of it stand."""
    round_trip: Callable[[], float | None] = lambda: None
    """To the ward's hub and back, in seconds; None while it is not known."""
    pictures: PictureWatch = field(default_factory=PictureWatch)
    """What the cameras show."""
    hall: HallPicture | None = None
    """What everybody sees of the hall, made of the cameras."""
    hdmi: Signalled | None = None
    """The cable for somebody's laptop."""
    hdmi_sound: LaptopSound | None = None
    """What comes out of it to be heard; None of a cable without sound."""

    def devices(self) -> tuple[Device, ...]:
        """Every device, in the order in which people look for them."""
        found: list[Device] = [*self.cameras]
        if self.hdmi is not None:
            found.append(self.hdmi)
        if self.sound is not None:
            found += [self.sound.microphone, self.sound.loudspeaker]
        if self.display is not None:
            found.append(self.display)
        if self.screen is not None:
            found.append(self.screen)
        return tuple(found)

    def health_of(self, device: Device) -> Health:
        """Its own, or that of what it shows or is heard of it: a camera that works and shows
        nothing does not, nor does a loudspeaker whose amplifier is off."""
        health = device.health.value
        works = health.condition in (Condition.WORKING, Condition.IMPAIRED)
        if device.kind is Kind.MICROPHONE:
            battery = self.microphone_battery.value
            told = works or health.condition is Condition.STANDBY
            return battery if told and battery is not None and battery.cause else health
        if device.kind is Kind.LOUDSPEAKER:
            return self._loudspeaker(health)
        if device.kind is Kind.HDMI:
            silent = self.hdmi_sound is not None and self.hdmi_sound.health.value.condition
            if health.condition is Condition.WORKING and silent is Condition.FAILED:
                return Health(Condition.IMPAIRED, Cause("hdmi.no_sound", name=device.name))
            return health
        seen = self.pictures.found.value.get(device.id)
        return seen if works and seen is not None and seen.cause is not None else health

    def _loudspeaker(self, health: Health) -> Health:
        """Sound goes out and a microphone that works hears nothing of it: what stands between
        the computer and the air is off."""
        sound = self.sound
        if sound is None or sound.echo.value.state is not EchoState.UNHEARD:
            return health
        both = {health.condition, sound.microphone.health.value.condition}
        if both != {Condition.WORKING}:
            return health
        cause = Cause("sound.amplifier_off", name=sound.loudspeaker.name)
        return Health(Condition.IMPAIRED, cause)
