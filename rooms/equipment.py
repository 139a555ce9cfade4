"""What stands in the hall, as the room knows it."""

from dataclasses import dataclass, field

from base.latest import Latest
from devices.device import Device, Display, HallSound, VideoSource
from rooms.relay import RelayState
from rooms.view import LinkState


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

    def devices(self) -> tuple[Device, ...]:
        """Every device, in the order in which people look for them."""
        found: list[Device] = [*self.cameras]
        if self.sound is not None:
            found += [self.sound.microphone, self.sound.loudspeaker]
        if self.display is not None:
            found.append(self.display)
        if self.screen is not None:
            found.append(self.screen)
        return tuple(found)
