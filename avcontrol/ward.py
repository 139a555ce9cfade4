"""A ward's hub: its database and its web pages, in one task group.

    async with open_ward(settings) as ward:
        print(ward.url)

Everything that lasts is in the database. Several of these may stand behind one address where they
share a PostgreSQL database; each house is linked to one of them, and the others pass on to that one
what browsers ask of the house.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from avcontrol.alerts import Watchman, message, patience_of, teller
from avcontrol.casework import casework_of
from avcontrol.heartbeat import live_until
from avcontrol.ledger import signer_of
from avcontrol.mail import mail_of
from avcontrol.outward import outward
from base.garbage import settle
from config.settings import WebSection
from config.ward import WardSettings
from feedback import ledger
from feedback.case import Place
from feedback.data_request import Told
from feedback.desk import words_of
from feedback.handoff import Handoff
from feedback.handover import Copy
from feedback.intake import give_owners
from feedback.ledger_book import HEAD, Book, store_head
from feedback.words import Word
from rooms.help_commands import HELP
from rooms.plans import PLANNED
from storage.engine import Database
from ward.helping import hear_help
from ward.processes import shared_secret
from web.address import local_url
from web.hub.app import create_hub_app
from web.hub.peers import create_peer_app
from web.hub.site import HubSite
from web.link.parcels import Parcels, TakeIn
from web.server import WebServer
from web.tokens import Tokens, load_key

SIGNING_KEY: Final = "signing-key"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ward:
    settings: WardSettings
    site: HubSite
    url: str
    """Of its own web server, as this machine reaches it, without a slash at the end."""


@asynccontextmanager
async def open_ward(settings: WardSettings) -> AsyncIterator[Ward]:
    """Open the hub and keep it running inside the block.

    Raises Refused where the port is taken or the database cannot be used, OSError where the data
    folder cannot be written.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    async with await Database.open(settings.database()) as database:
        await database.write(ledger.adopt_all)

        def deliveries(house_id: str) -> Parcels:
            desk = site.desk(house_id)
            take_in: Mapping[str, TakeIn] = {
                Copy.kind: desk.keep_copy,
                Handoff.kind: desk.take_up,
                Word.kind: words_of(site.workplace, house_id).hear,
                HELP: partial(hear_help, database, house_id),
                Told.kind: partial(site.requests.hear, house_id=house_id),
                PLANNED: partial(site.plans.keep, house_id),
                HEAD: partial(store_head, database, house_id),
            }
            return Parcels(desk.outbox(), take_in, site.album(house_id))

        if settings.storage.url:
            key = await shared_secret(database, SIGNING_KEY)
        else:
            key = load_key(settings.data / "signing.key")
        tokens = Tokens(key)
        book = Book(database, await signer_of(settings, database))
        site = HubSite.of(settings, database, deliveries, tokens, book)
        await database.write(lambda connection: give_owners(connection, site.rules))
        server = WebServer(create_hub_app(site), settings.web, proxies=settings.web.proxies)
        host, port = server.bind()
        async with (
            outward(
                database, settings.targets, here=Place.WARD, where=settings.ward.name
            ) as outgoing,
            asyncio.TaskGroup() as group,
        ):
            jobs = (site.board.run(), book.run(), watchman_of(site, settings).run(), *outgoing)
            mail = mail_of(
                database,
                site.mail,
                settings.ward.name,
                settings.web.public_url,
                settings.feedback.citizen_reception,
            )
            own = (*jobs, *casework_of(site.workplace, site.requests), *mail)
            tasks = [group.create_task(job) for job in own]
            if settings.storage.url:
                tasks += [group.create_task(job) for job in await _known_to_others(site)]
            tasks.append(group.create_task(server.run()))
            await server.started.wait()
            try:
                yield Ward(settings, site, local_url(host, port))
            finally:
                # The web server first: houses and browsers are told.
                for task in reversed(tasks):
                    task.cancel()


async def _known_to_others(site: HubSite) -> list[Coroutine[Any, Any, None]]:
    """What has to run so that the hub's other processes reach the houses of this one. Raises
    Refused where the port is taken."""
    settings = site.settings.peers
    key = secrets.token_urlsafe(32)
    app = create_peer_app(site.links.sessions, key)
    server = WebServer(app, WebSection(host=settings.host))
    host, port = server.bind(settings.port)
    return [server.run(), site.peers.stay_known(local_url(host, port), key)]


def watchman_of(site: HubSite, settings: WardSettings) -> Watchman:
    """Raises OSError where the addresses for alerts cannot be read."""
    ward = settings.ward
    return Watchman(
        site.houses,
        site.post,
        site.alerts,
        patience_of(settings),
        grace=timedelta(minutes=settings.alerts.grace_minutes),
        write=partial(message, ward.name, settings.web.public_url, ward.language),
        tell=teller(settings.alerts.urls()),
    )


async def read_signing_key(settings: WardSettings) -> bytes:
    """For a command beside the hub, which may run meanwhile. Raises StorageError, OSError."""
    if not settings.storage.url:
        return load_key(settings.data / "signing.key")
    async with await Database.open(settings.database()) as database:
        return await shared_secret(database, SIGNING_KEY)


async def run_ward(settings: WardSettings, stop: asyncio.Event) -> None:
    """Keep the hub open until `stop` is set; tell systemd how it stands."""
    async with open_ward(settings) as ward:
        settle()
        logger.info("%s answers at %s", settings.ward.name, ward.url)
        if (code := await ward.site.accounts.first_code()) is not None:
            address = settings.web.public_url or ward.url
            logger.warning("nobody has an account yet: open %s/welcome/%s", address, code)
        await live_until(stop, ward.url)
