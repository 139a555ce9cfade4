"""How the house last stopped and how it came back: a power cut is told from a clean end.

    starting = Starting(database, equipment.start)
    group.create_task(starting.run(server.started))
    equipment.start.value      # Start(ended=Ended.POWER_CUT, took=41.0, …)

While the house runs, a line in the database says so; an orderly end takes it back. Found at the
next start, the line says that nobody ended it: the machine lost its power where the kernel has been
started since, else the program alone was lost, and was started anew.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from base.latest import Latest
from rooms import store
from rooms.clock import Clock
from rooms.start import Ended, Start
from storage.engine import Database
from storage.errors import StorageError

KEPT_AS: Final = "run"
ALIVE_SECONDS: Final = 60.0
BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the kernel (random(4))."""

log = logging.getLogger(__name__)


class Starting:
    def __init__(
        self,
        database: Database,
        start: Latest[Start | None],
        clock: Clock | None = None,
        boot: Path = BOOT,
    ) -> None:
        """Made where the program begins: `took` is counted from here."""
        self._database = database
        self._start = start
        self._clock = clock or Clock()
        self._boot = boot
        self._began = self._clock.monotonic()

    async def run(self, answers: asyncio.Event) -> None:
        """Until cancelled, which is the orderly end. `answers` is set once the pages are there."""
        boot = _boot_id(self._boot)
        try:
            kept = await self._database.read(lambda c: store.value(c, KEPT_AS))
            await self._note(boot)
            await answers.wait()
            self._start.set(self._of(_read(kept), boot))
            log.info("the house is up: %s", self._start.value)
            while True:
                await asyncio.sleep(ALIVE_SECONDS)
                with suppress(StorageError):  # which is a notice by itself
                    await self._note(boot)
        finally:
            with suppress(StorageError):
                await self._note(boot, clean=True)

    async def _note(self, boot: str, *, clean: bool = False) -> None:
        text = json.dumps([boot, self._clock.now().isoformat(), clean])
        await self._database.write(partial(store.set_value, name=KEPT_AS, new=text))

    def _of(self, before: tuple[str, datetime, bool] | None, boot: str) -> Start:
        anew = before is None or before[0] != boot
        took = self._clock.monotonic() - self._began
        if anew and boot and before is not None:
            took = time.clock_gettime(time.CLOCK_BOOTTIME)
        ended = Ended.NEVER
        if before is not None:
            lost = Ended.POWER_CUT if anew else Ended.LOST
            ended = Ended.CLEANLY if before[2] else lost
        return Start(
            at=self._clock.now(),
            took=took,
            whole_machine=anew and before is not None,
            ended=ended,
            ended_at=before[1] if before else None,
        )


def _read(kept: object) -> tuple[str, datetime, bool] | None:
    try:
        boot, at, clean = json.loads(str(kept))
        return str(boot), datetime.fromisoformat(at), bool(clean)
    except (ValueError, TypeError):
        return None


def _boot_id(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
