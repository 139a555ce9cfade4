"""What `Room` asks of pictures and sound; `rooms.media.bridge` does it."""

from collections.abc import Mapping
from typing import Protocol

from base.latest import Latest
from rooms.shown import Floor, LineState


class Media(Protocol):
    """Belongs to the event loop's thread. What is set for a guest stays, also before he has a
    media path and after he lost it."""

    @property
    def connected(self) -> Latest[frozenset[str]]:
        """Ids of the guests with a media path."""

    @property
    def speaking(self) -> Latest[tuple[str, ...]]:
        """Ids of those who speak, loudest first; the hall is `hall`."""

    @property
    def returning(self) -> Latest[frozenset[str]]:
        """Ids of those whose machines send back what the hall and others say."""

    @property
    def lines(self) -> Latest[Mapping[str, LineState]]:
        """By id, of those guests who do not get everything."""

    def set_live(self, live: bool) -> None:
        """Outside a meeting nobody sees or hears anything."""

    def set_floor(self, floor: Floor) -> None: ...

    def set_heard(self, guest_id: str, heard: bool) -> None: ...

    def drop(self, guest_id: str) -> None:
        """End his media, if there is any."""
