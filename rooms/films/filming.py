"""Makes films: takes what camera and mixer give on the event loop, writes it on a thread.

    filming = Filming(folder, camera, add_ear)
    task_group.create_task(filming.run())
    filming.want("meeting-1")         # a film begins, with the picture if there is one
    filming.state.value               # Shooting("meeting-1-01", since) while one is made
    filming.want(None)                # it ends

A film ends and the next begins where the picture changes its form, appears, or where writing
failed: a file has one form of picture from its beginning to its end.
"""

import asyncio
import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from base.cause import Cause
from base.latest import Latest
from devices.device import AccessUnit, Samples, Unsubscribe, VideoSource
from rooms.films.film import Film, parameter_sets

WAITS_FOR_PICTURE_SECONDS: Final = 3.0
"""Longer than two key frames are apart; then there is sound alone."""
AGAIN_SECONDS: Final = 10.0
MOST_BEHIND: Final = 3_000
"""Pictures and pieces of sound that wait for the disk, some forty seconds of them."""
CLOSES_WITHIN_SECONDS: Final = 30.0
TICK_SECONDS: Final = 0.02
_NAME: Final = re.compile(r"(?P<meeting>[0-9a-z]+)-(?P<number>\d+)\.mp4")

log = logging.getLogger(__name__)

Ear = Callable[[Samples], None]
AddEar = Callable[[Ear], Unsubscribe]
"""Whoever is added gets the mix of hall and guests, 20 ms at a time, on the event loop."""


@dataclass(frozen=True, slots=True)
class Shooting:
    """What is filmed now."""

    film: str | None = None
    """Its id, `<meeting>-<number>`; None between two films and while there is none."""
    began: float = 0.0
    """Monotonic."""
    has_picture: bool = False
    trouble: Cause | None = None
    """Why nothing is filmed though it should be: `film.disk_full`, `film.not_written`."""


@dataclass(frozen=True, slots=True)
class _Unit:
    data: bytes
    at: float
    key: bool


@dataclass(frozen=True, slots=True)
class _Sound:
    samples: Samples
    at: float


_Item = _Unit | _Sound | None
"""None is the end."""


def number_of(path: Path) -> tuple[str, int] | None:
    """The meeting and which of its films a file is; None for any other file."""
    found = _NAME.fullmatch(path.name)
    return (found["meeting"], int(found["number"])) if found else None


class Filming:
    """Belongs to the event loop's thread."""

    def __init__(self, folder: Path, camera: VideoSource | None, add_ear: AddEar) -> None:
        self.state: Latest[Shooting] = Latest(Shooting())
        self._folder = folder
        self._camera = camera
        self._add_ear = add_ear
        self._wanted: str | None = None
        self._changed = asyncio.Event()
        self._key_came = asyncio.Event()
        self._recent: list[_Unit] = []
        """Since the last key frame, while no film has a picture."""
        self._items: queue.Queue[_Item] | None = None
        self._lacks_key = False
        """A picture was left out: what follows refers to it, until the next key frame."""
        self._sets: tuple[bytes, ...] | None = None
        """Of the film under way; None where it has no picture."""

    def want(self, meeting_id: str | None) -> None:
        """Film the meeting; None is an end, or a pause."""
        if meeting_id != self._wanted:
            self._wanted = meeting_id
            self._changed.set()

    def position(self) -> float:
        """Seconds since the beginning of the film under way."""
        return time.monotonic() - self.state.value.began

    async def run(self) -> None:
        """Until cancelled; then the film under way is closed first."""
        while True:
            while self._wanted is None:
                self._changed.clear()
                await self._changed.wait()
            leave: list[Unsubscribe] = []
            try:
                if self._camera is not None:
                    leave.append(self._camera.subscribe(self._see))
                    self._camera.request_key_frame()
                leave.append(self._add_ear(self._hear))
                while (meeting := self._wanted) is not None:
                    await self._film(meeting)
            finally:
                for unsubscribe in leave:
                    unsubscribe()
                self._recent.clear()

    async def _film(self, meeting: str) -> None:
        """One film, to its end."""
        self._changed.clear()
        await self._picture_or_patience()
        if self._wanted != meeting:
            return
        items: queue.Queue[_Item] = queue.Queue()
        recent, self._recent = self._recent, []
        began = time.monotonic()
        for place, unit in enumerate(recent):  # what was seen since the key frame, in a moment
            items.put(_Unit(unit.data, began + place * 0.001, unit.key))
        self._sets = parameter_sets(recent[0].data) if recent else None
        loop = asyncio.get_running_loop()
        over: asyncio.Future[Cause | None] = loop.create_future()

        def tell(cause: Cause | None) -> None:
            if not over.done():
                over.set_result(cause)

        try:
            path = self._next_path(meeting)
        except OSError as error:
            await self._rest(_why(error))
            return
        self._items, self._lacks_key = items, False
        writer = threading.Thread(
            target=_write,
            args=(path, recent[0].data if recent else None, began, items),
            kwargs={"tell": lambda cause: loop.call_soon_threadsafe(tell, cause)},
            name="film",
            daemon=True,
        )
        writer.start()
        self.state.set(Shooting(path.stem, began, bool(recent)))
        ended = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((ended, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            self._items = None
            items.put(None)
            await asyncio.wait({over}, timeout=CLOSES_WITHIN_SECONDS)
            self.state.set(Shooting())
        cause = over.result() if over.done() else Cause("film.not_written", reason="fdatasync")
        if cause is not None:
            await self._rest(cause)

    async def _picture_or_patience(self) -> None:
        if self._camera is None or self._recent:
            return
        self._key_came.clear()
        waited = [asyncio.ensure_future(e.wait()) for e in (self._key_came, self._changed)]
        await asyncio.wait(
            waited, timeout=WAITS_FOR_PICTURE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for one in waited:
            one.cancel()

    async def _rest(self, cause: Cause) -> None:
        """Nothing can be written now: say so, and try again."""
        log.warning("no film: %s", cause)
        self.state.set(Shooting(trouble=cause))
        try:
            async with asyncio.timeout(AGAIN_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._recent.clear()
        if self._wanted is None:
            self.state.set(Shooting())

    def _next_path(self, meeting: str) -> Path:
        """Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        known = [number_of(path) for path in self._folder.iterdir()]
        last = max((found[1] for found in known if found and found[0] == meeting), default=0)
        return self._folder / f"{meeting}-{last + 1:02}.mp4"

    def _see(self, unit: AccessUnit) -> None:
        taken = _Unit(unit.data, unit.arrived, unit.key)
        if self._items is not None and self._sets is not None:
            if unit.key and parameter_sets(unit.data) != self._sets:
                self._next(taken)
            else:
                self._put(taken)
            return
        if unit.key:
            self._recent = [taken]
            self._key_came.set()
            if self._items is not None:  # a picture appeared: the film so far has none
                self._next(taken)
        elif self._recent:
            self._recent.append(taken)

    def _next(self, first: _Unit) -> None:
        self._recent = [first]
        self._items = None
        self._changed.set()

    def _hear(self, samples: Samples) -> None:
        self._put(_Sound(samples, time.monotonic() - TICK_SECONDS))

    def _put(self, item: _Unit | _Sound) -> None:
        if self._items is None:
            return
        if self._items.qsize() >= MOST_BEHIND:
            self._lacks_key |= isinstance(item, _Unit)
        elif isinstance(item, _Sound) or item.key or not self._lacks_key:
            self._lacks_key &= isinstance(item, _Sound)
            self._items.put(item)


def _write(
    path: Path,
    key_frame: bytes | None,
    began: float,
    items: "queue.Queue[_Item]",
    *,
    tell: Callable[[Cause | None], None],
) -> None:
    """The thread of one film. Tells once, at its end, what went wrong."""
    cause: Cause | None = None
    try:
        film = Film(path, key_frame)
        try:
            while (item := items.get()) is not None:
                seconds = max(0.0, item.at - began)
                if isinstance(item, _Sound):
                    film.sound(item.samples, seconds)
                else:
                    film.picture(item.data, seconds, key=item.key)
        finally:
            film.close()
    except (OSError, av.FFmpegError) as error:
        cause = _why(error)
    except Exception as error:
        log.exception("a film ended")
        cause = Cause("film.not_written", reason=str(error))
    finally:
        tell(cause)


def _why(error: Exception) -> Cause:
    if isinstance(error, OSError) and error.errno in (28, 122):  # ENOSPC, EDQUOT
        return Cause("film.disk_full")
    return Cause("film.not_written", reason=str(error))
