"""The films of a house: finished one by one, kept as long as the rule says, deleted by hand."""

import asyncio
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from base.beside import beside
from base.cause import Refused
from config.settings import RecordingSection
from rooms.films import store
from rooms.films.filming import number_of
from rooms.films.store import FilmView, Mark
from storage.engine import Database

GIGABYTE = 1_000_000_000
FINISHED = ".film.mp4"
"""Instead of `.mp4`, once it can be searched."""
UNFINISHED = ".film.part"
"""On the way there (`rooms.films.finish`)."""

log = logging.getLogger(__name__)


class Archive:
    """Belongs to the event loop's thread; what waits for the disk runs on another."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        settings: RecordingSection,
        now: Callable[[], datetime],
    ) -> None:
        self.folder = folder
        self._database = database
        self._settings = settings
        self._now = now

    def check_room(self) -> None:
        """Raises Refused `film.disk_full` where a film would leave too little for the rest."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if shutil.disk_usage(self.folder).free < self._settings.leave_free_gb * GIGABYTE:
            raise Refused("film.disk_full")

    async def films(self) -> Sequence[FilmView]:
        """Newest first."""
        return await self._database.read(store.newest_first)

    async def film(self, film_id: str) -> tuple[FilmView, Sequence[Mark]]:
        """Raises Refused `film.unknown`."""
        found = await self._database.read(lambda c: store.find(c, film_id))
        if found is None:
            raise Refused("film.unknown")
        return found, await self._database.read(lambda c: store.marks_of(c, film_id))

    def path_of(self, film: FilmView) -> Path:
        return self.folder / f"{film.id}{FINISHED if film.finished else '.mp4'}"

    async def delete(self, film_id: str, *, running: str | None) -> None:
        """Raises Refused `film.unknown`, and `film.running` for the one that is being made."""
        if film_id == running:
            raise Refused("film.running")
        film, _ = await self.film(film_id)
        await asyncio.to_thread(self._unlink, film.id)
        await self._database.write(lambda c: store.forget(c, film_id))

    async def adopt(self, *, running: str | None) -> None:
        """What a power cut kept from being written down, or from being thrown away."""
        known = {film.id: film for film in await self.films()}
        for path in await asyncio.to_thread(self._raw):
            found = number_of(path)
            if found is None or path.stem == running:
                continue
            if (film_known := known.get(path.stem)) is not None:
                if film_known.finished:
                    await asyncio.to_thread(path.unlink, missing_ok=True)
                continue
            began = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            film = FilmView(path.stem, *found, "", began, None, None, False, True)
            await self._database.write(lambda c, film=film: store.add(c, film))  # type: ignore[misc]

    async def tidy(self, *, running: str | None) -> None:
        """Delete what is too old, then the oldest until the rest fits."""
        oldest = self._now() - timedelta(days=self._settings.keep_days)
        room = self._settings.most_gb * GIGABYTE
        for film in await self.films():
            if film.id == running:
                continue
            size = await asyncio.to_thread(self._size, film) if film.size is None else film.size
            room -= size
            if film.began_at < oldest or room < 0:
                log.info("the film %s goes: it is too old, or there are too many", film.id)
                await self.delete(film.id, running=running)

    async def finish_next(self, words: Callable[[Mark], str], *, running: str | None) -> bool:
        """Finish one film, as another process with little claim to the processor; False where none
        is left. Cancelled, it leaves the film as it was."""
        raw = [film for film in await self.films() if not film.finished and film.id != running]
        if not raw:
            return False
        film = raw[-1]
        path, finished = self.path_of(film), self.folder / f"{film.id}{FINISHED}"
        if not await asyncio.to_thread(path.exists) and not finished.exists():
            await self._database.write(lambda c: store.forget(c, film.id))
            return True
        marks = await self._database.read(lambda c: store.marks_of(c, film.id))
        chapters = [[one.seconds, words(one)] for one in marks]
        told, status = await beside(
            *("nice", "-n", "15", sys.executable, "-m", "rooms.films.finish"),
            *(str(path), str(finished)),
            given=json.dumps(chapters).encode(),
            complains=True,
        )
        if status:
            log.warning("the film %s stays as it is: %s", film.id, status)
            finished.unlink(missing_ok=True)
            await asyncio.to_thread(os.replace, path, finished)
            told = b"0"
        size = finished.stat().st_size
        await self._database.write(lambda c: store.finish(c, film.id, float(told), size))
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return True

    def _raw(self) -> list[Path]:
        return sorted(self.folder.glob("*.mp4")) if self.folder.is_dir() else []

    def _size(self, film: FilmView) -> int:
        try:
            return self.path_of(film).stat().st_size
        except OSError:
            return 0

    def _unlink(self, film_id: str) -> None:
        for ending in (".mp4", FINISHED, UNFINISHED):
            (self.folder / f"{film_id}{ending}").unlink(missing_ok=True)
