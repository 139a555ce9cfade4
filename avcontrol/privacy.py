"""`avcontrol privacy show | retention`: what is kept how long, in words, and what is due."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from base.cause import Cause
from config.check import read_any
from config.settings import HouseSettings
from config.ward import WardSettings
from feedback.case import Place
from feedback.data_requests import DataRequests
from feedback.retention import Due, Retention
from feedback.rules import Rules
from feedback.workplace import Workplace
from storage.copy import copy_database
from storage.engine import Database
from web.sentences import say


def show(options: argparse.Namespace) -> int:
    """The rules, as the configuration has them."""
    settings = read_any(options.config, os.environ)
    privacy = settings.privacy
    told = [
        Cause("privacy.clock", days=privacy.answer_working_days, rule=privacy.answer_rule),
        *(
            Cause(f"privacy.keeps_{rule.what}", days=rule.after_days, rule=rule.rule)
            for rule in privacy.retention
        ),
        *([_films(settings)] if isinstance(settings, HouseSettings) else []),
        Cause("privacy.complaints", to=privacy.complaints),
    ]
    sys.stdout.write("".join(f"{say(cause, options.language)}\n" for cause in told))
    return 0


def _films(settings: HouseSettings) -> Cause:
    recording = settings.recording
    if not recording.allowed:
        return Cause("privacy.no_films")
    return Cause("privacy.keeps_films", days=recording.keep_days, gigabytes=recording.most_gb)


def retention(options: argparse.Namespace) -> int:
    """With `--dry-run` what would be erased now; without, it is erased, while no daemon runs.
    Raises StorageError, OSError."""
    settings = read_any(options.config, os.environ)
    due = asyncio.run(_looked(settings) if options.dry_run else _applied(settings))
    code = "privacy.due" if options.dry_run else "privacy.erased"
    for one in due:
        what = say(Cause(f"privacy.what_{one.rule.what}"), options.language)
        cause = Cause(code, count=one.count, what=what, days=one.rule.after_days)
        sys.stdout.write(f"{say(cause, options.language)}\n")
    return 0


async def _looked(settings: HouseSettings | WardSettings) -> tuple[Due, ...]:
    """At a copy where the database belongs to the daemon, which may run."""
    where = _database(settings)
    if isinstance(where, str):
        async with await Database.open(where) as database:
            return await _retention(settings, database).due()
    with tempfile.TemporaryDirectory(prefix=".avcontrol-", dir=settings.data) as folder:
        copy = Path(folder) / where.name
        copy_database(where, copy)
        async with await Database.open(copy) as database:
            return await _retention(settings, database).due()


async def _applied(settings: HouseSettings | WardSettings) -> tuple[Due, ...]:
    """A hub on PostgreSQL may go on meanwhile. What the other side has to know waits for the
    daemon."""
    async with await Database.open(_database(settings)) as database:
        rules = _retention(settings, database)
        due = await rules.due()
        while await rules.step():
            pass
        return due


def _retention(settings: HouseSettings | WardSettings, database: Database) -> Retention:
    here = Place.HOUSE if isinstance(settings, HouseSettings) else Place.WARD
    workplace = Workplace(database, Rules.of(settings.feedback, here=here))
    requests = DataRequests(workplace, settings.privacy)
    return Retention(workplace, requests, settings.privacy.retention)


def _database(settings: HouseSettings | WardSettings) -> Path | str:
    """Raises OSError."""
    if isinstance(settings, HouseSettings):
        return settings.data / "house.db"
    return settings.database()
