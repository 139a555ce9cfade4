"""What somebody outside is shown and hears who takes what the house gives, whole or in part."""

from enum import StrEnum
from typing import Final

from rooms.media.feed import Feed
from rooms.media.payloads import Codec, Frame

STILL_SECONDS: Final = 10.0


class Programme(StrEnum):
    WHOLE = "whole"
    """Whoever has the floor, else the hall; what everybody together hears."""
    HALL = "hall"
    """The hall's picture alone; what everybody together hears."""
    OWN = "own"
    """What is the house's own: the hall, or a guest of it who has the floor, and those voices.
    Nothing that came in from where this goes out, so that nothing goes in circles."""
    STILLS = "stills"
    """A picture of the hall now and then, and silence: it costs the line next to nothing, and what
    is the house's own is there at once when it is wanted."""

    @property
    def is_apart(self) -> bool:
        """Its sound is nobody else's."""
        return self in (Programme.OWN, Programme.STILLS)


class Stills:
    """A picture of the hall now and then, which keeps a media server from giving the stream up."""

    def __init__(self, hall: Feed, seconds: float = STILL_SECONDS) -> None:
        self.feed = Feed("stills", Codec.H264, wanted=self._wanted)
        self._hall = hall
        self._between = int(seconds * 90_000)
        self._last: int | None = None

    def _wanted(self, wanted: bool) -> None:
        if wanted:
            self._hall.add(self)
            if self._hall.recent:
                self.show(self._hall, self._hall.recent[0])
        else:
            self._hall.remove(self)
            self.feed.forget()
            self._last = None

    def show(self, feed: Feed, frame: Frame) -> None:
        """Of the hall: every picture that needs no other, if it is time for one."""
        due = self._last is None or abs(frame.timestamp - self._last) >= self._between
        if frame.key and due:
            self._last = frame.timestamp
            self.feed.publish(frame)
