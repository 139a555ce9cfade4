"""The systems outside that a configuration names, and what has to run for them.

async with outward(database, settings, here=Place.HOUSE) as jobs:
    tasks = [group.create_task(job) for job in jobs]
"""

from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx

from base.cause import Cause
from config import targets as settings_of
from feedback.case import Place
from feedback.delivery import LONGEST_SECONDS, Delivery
from feedback.outward import Outward
from feedback.targets.email import Email, Letter
from feedback.targets.open311 import Open311
from feedback.targets.target import Event, Target
from feedback.targets.webhook import Webhook
from storage.engine import Database
from web.language import day
from web.sentences import Language, say

_FAILS_SECONDS: Final = LONGEST_SECONDS - 5
"""The client gives up before the delivery does, and says more about why."""


@asynccontextmanager
async def outward(
    database: Database, targets: Sequence[settings_of.Target], *, here: Place, where: str
) -> AsyncIterator[list[Coroutine[Any, Any, None]]]:
    """What has to run, until the block ends; nothing where there are no targets. `where` is the
    name of the house or ward, for people."""
    if not targets:
        yield []
        return
    # The environment's proxies hold: a ward may reach the world through one.
    async with httpx.AsyncClient(timeout=_FAILS_SECONDS, follow_redirects=False) as client:
        made = [_open(target, client, where) for target in targets]
        jobs = [Delivery(database, target, now=_now).run() for target in made]
        yield [Outward(database, [target.name for target in made], here=here).run(), *jobs]


def _open(settings: settings_of.Target, client: httpx.AsyncClient, where: str) -> Target:
    match settings:
        case settings_of.WebhookTarget():
            return Webhook(settings, client, _now)
        case settings_of.Open311Target():
            return Open311(settings, client, _now)
        case settings_of.EmailTarget():
            return Email(settings, partial(letter, where, settings.language))


def letter(where: str, language: Language, event: Event) -> Letter:
    """An event in words: what happened, to what, who has to do something until when."""
    body = event.body
    lines = [
        say(Cause(f"outward.{event.kind.removeprefix('case.')}"), language),
        str(body["text"]),
        say(
            Cause(
                "outward.due",
                authority=str(body["authority"]["name"]),
                due=day(datetime.fromisoformat(str(body["due_at"])), language),
            ),
            language,
        ),
    ]
    if answer := body["answer"]:
        said_by = str(answer["office"] or answer["by"] or where)
        lines.append(say(Cause("outward.answer", by=said_by, text=str(answer["text"])), language))
    lines.append(say(Cause("outward.case", id=event.subject), language))
    subject = say(Cause("outward.subject", where=where, text=_beginning(body["text"])), language)
    return Letter(subject, "\n\n".join(lines) + "\n")


def _beginning(text: str) -> str:
    """One line, short enough for a list of mails."""
    line = " ".join(str(text).split())
    return line if len(line) <= 60 else line[:59].rstrip() + "…"


def _now() -> datetime:
    return datetime.now(UTC)
