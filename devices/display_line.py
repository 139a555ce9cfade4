"""What a display's protocol looks like to the driver that all displays share.

A `DisplayLine` knows one protocol and remembers nothing of what was wished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from devices.device import Cover, Power


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the driver is; all in seconds."""

    idle: float = 30.0
    """Between two looks at everything, of a display in which nothing happens."""
    watched: float = 3.0
    """Between two short questions while somebody relies on it."""
    anew: float = 10.0
    """The same where each of them costs a connection of its own, or may find nobody."""
    brief: float = 2.0
    """In which a short question is answered by one that always was quick."""
    change: float = 2.0
    """Between two looks while it is warming, cooling or has not followed a wish yet."""
    answer: float = 4.0
    repeat: float = 10.0
    """Before a command that had no effect is sent again: some report "off" for a while after it."""
    patience: float = 180.0
    """After this a display that does not follow a wish is a fault to be told of."""
    cooling: float = 120.0
    """A projector that falls silent while cooling counts as cold after this."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at the display gave."""

    power: Power
    input: str | None = None
    """In the code of its protocol."""
    input_name: str = ""
    fault: str = ""
    """Code of the cause, where it reports one."""
    lamp_hours: int | None = None
    filter_hours: int | None = None
    cover: Cover | None = None
    covers: tuple[Cover, ...] = ()
    silent: bool = False
    """It said nothing at all, as in deep standby; commands cannot reach it."""


class DisplayLine(Protocol):
    """One question or command at a time. Raises DeviceError where it cannot be had; TimeoutError
    where a command was not answered, which is then repeated."""

    answer: float
    """Seconds that it waits for an answer."""

    @property
    def address(self) -> Mapping[str, str | int]:
        """What a cause tells of where it is."""

    @property
    def wanted_input(self) -> str | None:
        """Code of the one that the house is plugged into; None where it needs no choosing."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """Code and name of those that it has; empty where it does not tell."""

    @property
    def stays(self) -> bool:
        """Whether a connection that is kept is still there for the next question."""

    async def ask(self) -> Reading:
        """Everything."""

    async def ask_briefly(self) -> Reading:
        """Its power and what it says is wrong, and no more."""

    async def keep(self, wanted: bool) -> None:
        """Keep the connection between two conversations, or close it."""

    async def switch(self, on: bool) -> None: ...

    async def choose_input(self) -> None: ...

    async def set_cover(self, before: Cover | None, cover: Cover) -> None: ...

    def forget(self) -> None:
        """It was lost: another one may come back."""


class Named(Protocol):
    """The settings of a display, as far as they are alike."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...
