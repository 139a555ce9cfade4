"""One outgoing video line of one guest: takes frames of whatever feed it watches.

The feed changes, the line does not: SSRC, sequence numbers and timestamps go on, so that the
browser sees one stream and nothing is negotiated again. A switch happens at a key frame.
"""

import asyncio
import time

from rooms.media.feed import Feed
from rooms.media.pacing import Line, Pacer
from rooms.media.payloads import Frame

REPLAY_PAUSE_SECONDS = 0.5
ASK_KEY_FRAME_SECONDS = 0.4


class OutgoingVideo:
    """Belongs to the event loop's thread."""

    def __init__(self, line: Line, first_timestamp: int = 0, *, pacer: Pacer | None = None) -> None:
        """Without `pacer` everything is sent at once."""
        self._line = line
        self._pacer = pacer
        self._last_timestamp = first_timestamp
        self._last_sent: float | None = None
        self._offset = 0
        self._watched: Feed | None = None
        self._shown: Feed | None = None
        self._replayed = 0.0
        self._replay_due = False
        self._asking: asyncio.TimerHandle | None = None

    @property
    def watched(self) -> Feed | None:
        return self._watched

    def watch(self, feed: Feed | None, *, waits: bool = False) -> None:
        """Show another feed from its next key frame on, or the kept pictures at once, unless he
        `waits`: his line has no room for them."""
        if feed is self._watched:
            return
        previous, self._watched = self._watched, feed
        if previous is not None and previous is not self._shown:
            previous.remove(self)
        if feed is None:
            self._leave_shown()
        elif feed is not self._shown:
            feed.add(self)
            if not waits or feed.request_key_frame is not None:
                self._begin(feed)

    def close(self) -> None:
        self.watch(None)

    def begin(self) -> None:
        """The path is there: what was watched before is shown now."""
        if self._watched is not None and self._shown is None:
            self._begin(self._watched)

    def show(self, feed: Feed, frame: Frame) -> None:
        if feed is not self._shown:
            if feed is not self._watched or not frame.key:
                return
            self._switch(frame.timestamp)
        if self._replay_due and not frame.key and feed.recent:
            self._replay(feed)
        else:
            self._send_frame(frame, frame.timestamp + self._offset)
        self._replay_due = False

    def key_frame_wanted(self) -> None:
        """The browser lost the picture (PLI): ask the source, or show what is kept once more."""
        if self._shown is None:
            return
        if self._shown.request_key_frame is not None:
            self._shown.request_key_frame()
        elif time.monotonic() - self._replayed > REPLAY_PAUSE_SECONDS:
            self._replay_due = True  # in front of the next picture, whose time is not used yet

    def _begin(self, feed: Feed) -> None:
        """A source that can be asked gives a key frame of now; another's kept pictures do."""
        if feed.request_key_frame is not None:
            self._ask(feed)
        elif feed.recent:
            self._replay(feed)

    def _ask(self, feed: Feed) -> None:
        self._asking = None
        if feed is self._watched and feed is not self._shown and feed.request_key_frame:
            feed.request_key_frame()
            loop = asyncio.get_running_loop()
            self._asking = loop.call_later(ASK_KEY_FRAME_SECONDS, self._ask, feed)

    def _replay(self, feed: Feed) -> None:
        """Send the kept pictures in one burst, squeezed in front of the newest one's time: the
        browser decodes them as fast as it can and is in the present."""
        frames = feed.recent
        if not frames:
            return
        self._replayed = time.monotonic()
        newest = frames[-1].timestamp
        if feed is not self._shown:
            self._switch(newest)
        end = newest + self._offset
        step = max(1, min(40, (end - self._last_timestamp - 1) // len(frames)))
        start = end - step * (len(frames) - 1)
        if self._pacer is not None:
            self._pacer.begin_burst()
        for index, frame in enumerate(frames):
            if not self._send_frame(frame, start + index * step):
                break
        if self._pacer is not None:
            self._pacer.end_burst()

    def _switch(self, timestamp: int) -> None:
        """Go on in time where the line stopped, from this timestamp of the new source on."""
        self._leave_shown()
        self._shown = self._watched
        now = time.monotonic()
        elapsed = 3000 if self._last_sent is None else int((now - self._last_sent) * 90_000)
        self._offset = self._last_timestamp + max(3000, elapsed) - timestamp

    def _leave_shown(self) -> None:
        if self._shown is not None:
            if self._shown is not self._watched:
                self._shown.remove(self)
            self._shown = None

    def _send_frame(self, frame: Frame, timestamp: int) -> bool:
        if self._pacer is not None and self._pacer.busy:
            sent = self._pacer.put(self._line, frame.payloads, timestamp)
        else:
            sent = self._line.send(frame.payloads, timestamp)
        if not sent:
            self._leave_shown()  # no path yet: begin anew when there is one
            return False
        self._last_timestamp = timestamp
        self._last_sent = time.monotonic()
        return True
