"""What the system's mixers tell of us, whichever of them our streams go through."""

from dataclasses import dataclass

from devices.device import Kind, Turns


@dataclass(frozen=True, slots=True)
class Slider:
    percent: int
    """0 to 100; a mixer that goes beyond is at 100."""
    factor: float
    """By which a sample's value is multiplied, as far as the mixer tells. What hardware makes of it
    may differ a little."""
    muted: bool
    by: Turns
    control: str = ""
    """Its name in the card's mixer."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """None is a side on which no stream of ours goes through such a mixer."""

    loudspeaker: Slider | None = None
    microphone: Slider | None = None
    moved: frozenset[Kind] = frozenset()
    """Sides whose stream the server has just put onto another device, as it does without a word
    when the device was pulled out. The other one is not ours to turn, nor to tell of."""


class Wish:
    """How loud a loudspeaker shall be: applied to each that we play to, once, and then left to
    whoever turns it. What is read back is what the next one gets."""

    def __init__(self) -> None:
        self.percent: int | None = None
        self.unmutes = False
        """Somebody wants to hear; the first one is only what holds at the start."""
        self._applied_to: object = None

    def say(self, percent: int) -> None:
        self.unmutes = self.percent is not None
        self.percent, self._applied_to = percent, None

    def due(self, device: object) -> int | None:
        """What this device gets now."""
        return None if self._applied_to == device else self.percent

    def applied(self, device: object) -> None:
        self._applied_to, self.unmutes = device, False

    def forget_device(self) -> None:
        """It is gone: even one that looks the same gets it anew."""
        self._applied_to = None
