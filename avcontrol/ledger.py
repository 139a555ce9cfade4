"""`avcontrol ledger export | verify`: the public ledger as a file, and its check by anybody."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

import httpx

from base.cause import Cause, Refused
from config.check import read_any
from config.settings import HouseSettings
from config.ward import WardSettings
from feedback.ledger_book import Book
from feedback.ledger_check import Checked, check, compare, read_heads
from feedback.ledger_lines import Signer
from feedback.text import clean_line
from storage.engine import Database
from storage.errors import StorageError
from ward.processes import shared_secret
from web.address import local_url
from web.sentences import Language, say
from web.tokens import load_key

KEY_FILE = "ledger.key"
"""In the data folder."""
SECRET = "ledger-key"  # noqa: S105 - what it is called in the database
_SECONDS = 60.0


async def signer_of(settings: HouseSettings | WardSettings, database: Database) -> Signer:
    """Of this house's or hub's ledger. Its key is made at the first start, in the data folder, or
    where several processes may share a database, in that. Raises StorageError, OSError."""
    if isinstance(settings, HouseSettings):
        return Signer(load_key(settings.data / KEY_FILE), settings.house.name)
    if settings.storage.url:
        key = await shared_secret(database, SECRET)
    else:
        key = load_key(settings.data / KEY_FILE)
    return Signer(key, settings.ward.name)


def verify(options: argparse.Namespace) -> int:
    """0 where everything is right; Refused says what is not."""
    with options.file.open("rb") as file:
        checked = check(file)
    said = [*_found(checked)]
    if options.key and options.key.lower() != checked.head.key:
        raise Refused("ledger.key_differs", key=checked.head.key)
    if options.heads:
        with options.heads.open("rb") as file:
            said.append(Cause("ledger.heads_agree", count=compare(checked, read_heads(file))))
    if options.receipt:
        said.append(_receipt(checked, options.receipt))
    language: Language = options.language
    sys.stdout.write("".join(f"{say(cause, language)}\n" for cause in said))
    return 0


def _found(checked: Checked) -> list[Cause]:
    head, (in_time, closed) = checked.head, checked.punctual
    return [
        Cause("ledger.right", name=clean_line(head.name), last=head.number, at=head.at),
        Cause("ledger.sums", **head.sums),
        Cause("ledger.punctual", in_time=in_time, closed=closed),
        Cause("ledger.key", key=head.key, origin=head.origin),
    ]


def _receipt(checked: Checked, given: str) -> Cause:
    """`given` is what stands on the receipt, or a file. Raises Refused."""
    path = Path(given)
    if not path.is_file():
        number = checked.find(given)
        return Cause("ledger.receipt_found", entry=number)
    try:
        told = json.loads(path.read_bytes())
        proof = told["ledger"]["proof"] if "ledger" in told else told
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Refused("ledger.proof_unreadable") from error
    return Cause("ledger.receipt_proved", entry=checked.prove(proof))


def export(options: argparse.Namespace) -> int:
    settings = read_any(options.config, os.environ)
    asyncio.run(_write_export(settings))
    return 0


async def _write_export(settings: HouseSettings | WardSettings) -> None:
    """From the database, or from the daemon that has it. Raises StorageError, OSError."""
    where = (
        settings.data / "house.db" if isinstance(settings, HouseSettings) else settings.database()
    )
    try:
        database = await Database.open(where)
    except StorageError as error:
        if error.cause.code != "storage.in_use":
            raise
        await _download(local_url(settings.web.host, settings.web.port))
        return
    async with database:
        book = Book(database, await signer_of(settings, database))
        async for lines in book.export():
            sys.stdout.buffer.write(lines)


async def _download(address: str) -> None:
    """Raises OSError where the daemon does not give it."""
    try:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client,
            client.stream("GET", f"{address}/ledger.jsonl") as response,
        ):
            response.raise_for_status()
            async for lines in response.aiter_bytes():
                sys.stdout.buffer.write(lines)
    except httpx.HTTPError as error:
        raise OSError(f"{address}/ledger.jsonl: {error}") from error
