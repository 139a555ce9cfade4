"""Asking for help with one tap, taking it on, and being left in peace while one works.

What is asked goes to the ward over the link, where there is one, and to those whom the settings
name; each answers by itself, and the panel tells of it. None of it needs the other.
"""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from base.cause import Refused
from feedback.outbox import Parcel
from feedback.text import clean_line
from rooms import store
from rooms.attention import Alarm, Help, Quiet
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.running import RunningRoom

HELP: Final = "help"
"""What goes up to the ward; `help-standing` is what comes down."""
STANDING: Final = "help-standing"
AGAIN_SECONDS: Final = 60.0
"""A second tap within this time sends nothing."""
LATE: Final = timedelta(seconds=20)
SHOWN: Final = timedelta(hours=12)
SHOWN_TAKEN: Final = timedelta(hours=2)
QUIET: Final = timedelta(hours=1)
MOST_WORDS: Final = 600
MOST_NAME: Final = 80
KEPT_HELP: Final = "help"
KEPT_QUIET: Final = "quiet"

logger = logging.getLogger(__name__)


class HelpCommands(RunningRoom):
    async def ask_for_help(self, by: Actor, words: str) -> None:
        """`words` say what is wrong now, in the house's language. Soon after the last time it
        changes nothing."""
        self._check(Action.ASK_FOR_HELP, by)
        asked = self._help_asked
        if asked is not None and self._clock.monotonic() - asked < AGAIN_SECONDS:
            return
        new = Help(
            id=secrets.token_hex(8),
            by=(by.name or by.role.value)[:MOST_NAME],
            words=clean_line(words)[:MOST_WORDS],
            at=self._clock.now(),
            addressed=self._outbox is not None or self._settings.alerts.urls_file is not None,
        )

        def change() -> Change:
            return Change(partial(self._send_help, new), partial(self._put_help, new))

        await self._do(Action.ASK_FOR_HELP, by, change, addressed=new.addressed)

    async def take_help(self, by: Actor) -> None:
        """The technician of the house says that he comes. Raises Refused `help.nobody_asks`."""
        self._check(Action.TAKE_HELP, by)
        known = self._help
        if known is None:
            raise Refused("help.nobody_asks")
        taken = self._taken(known, by.name or by.role.value)
        await self._do(Action.TAKE_HELP, by, lambda: self._kept_help(taken))

    async def be_quiet(self, by: Actor, quiet: bool) -> None:
        """Tell nobody of anything for an hour, or again from now on."""
        until = self._clock.now() + QUIET
        new = Quiet(by.name or by.role.value, until) if quiet else None
        text = json.dumps([new.by, new.until.isoformat()]) if new else ""

        def apply() -> None:
            self._quiet = new

        change = Change(partial(store.set_value, name=KEPT_QUIET, new=text), apply)
        await self._do(Action.BE_QUIET, by, lambda: change, quiet=quiet)

    # What others say

    async def help_sent(self, help_id: str) -> None:
        """It has reached somebody. Raises StorageError."""
        await self._help_changes(help_id, sent=True)

    async def help_standing(self, body: Mapping[str, Any]) -> None:
        """From the hub (`STANDING`): it has arrived there, or somebody has taken it on. Raises
        StorageError."""
        help_id, who = body.get("id"), body.get("who")
        if not isinstance(help_id, str) or not isinstance(who, str):
            logger.warning("how a call for help stands makes no sense")
            return
        known = self._help
        if known is None or known.id != help_id:
            return
        if not who:
            await self._help_changes(help_id, sent=True)
        elif known.taken_by is None:
            taken = self._taken(known, clean_line(who)[:MOST_NAME])
            who, at = taken.taken_by, taken.taken_at
            await self._help_changes(help_id, sent=True, taken_by=who, taken_at=at)

    # Alarms, which are looked after elsewhere

    async def kept_alarms(self) -> str | None:
        """As they were kept. Raises StorageError."""
        kept = await self._database.read(lambda c: store.value(c, "alarms"))
        return kept if isinstance(kept, str) else None

    async def keep_alarms(self, text: str, standing: tuple[Alarm, ...]) -> None:
        """And show those that stand. Raises StorageError."""
        self._alarms = standing
        self._drawing.request()
        await self._store(partial(store.set_value, name="alarms", new=text))

    # As time goes by

    async def _restore_help(self) -> None:
        kept = await self._database.read(lambda c: store.value(c, KEPT_HELP))
        self._help = _read_help(str(kept)) if kept else None
        kept = await self._database.read(lambda c: store.value(c, KEPT_QUIET))
        self._quiet = _read_quiet(str(kept)) if kept else None

    def _look_at_help(self) -> None:
        """What is late is told; what is long over goes."""
        now, known, quiet = self._clock.now(), self._help, self._quiet
        if quiet is not None and not now < quiet.until <= now + QUIET:
            self._quiet = None  # over, or the clock was wrong
            self._drawing.request()
        if known is None:
            return
        if known.code == "sending" and now - known.at >= LATE:
            self._help = replace(known, late=True)
            self._drawing.request()
        shown = SHOWN_TAKEN if known.taken_at else SHOWN
        if not timedelta() <= now - (known.taken_at or known.at) < shown:
            self._help = None
            self._drawing.request()

    def _send_help(self, new: Help, connection: Any) -> None:
        store.set_value(connection, KEPT_HELP, _write_help(new))
        if self._outbox is not None:
            body = {"id": new.id, "by": new.by, "words": new.words, "at": new.at.isoformat()}
            self._outbox.put(connection, Parcel(f"{HELP}-{new.id}", HELP, body))

    def _put_help(self, new: Help) -> None:
        self._help, self._help_asked = new, self._clock.monotonic()

    def _taken(self, known: Help, who: str) -> Help:
        return replace(known, taken_by=who, taken_at=self._clock.now())

    def _kept_help(self, new: Help) -> Change:
        def apply() -> None:
            self._help = new

        return Change(partial(store.set_value, name=KEPT_HELP, new=_write_help(new)), apply)

    async def _help_changes(self, help_id: str, **fields: Any) -> None:
        def change() -> Change | None:
            known = self._help
            if known is None or known.id != help_id:
                return None
            return self._kept_help(replace(known, late=False, **fields))

        await self._house_does("help_stands", change)
        self._drawing.request()


def _write_help(known: Help) -> str:
    times = {"at": known.at.isoformat(), "taken_at": known.taken_at and known.taken_at.isoformat()}
    return json.dumps({**asdict(known), **times}, ensure_ascii=False)


def _read_help(text: str) -> Help | None:
    """None where an earlier version wrote it otherwise."""
    try:
        kept: dict[str, Any] = json.loads(text)
        for name in ("at", "taken_at"):
            kept[name] = kept[name] and datetime.fromisoformat(kept[name])
        return Help(**kept)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _read_quiet(text: str) -> Quiet | None:
    try:
        by, until = json.loads(text)
        return Quiet(by, datetime.fromisoformat(until))
    except (ValueError, TypeError):
        return None
