"""The houses of a ward: who they are, how they prove it, how they stand.

    code = await houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")     # for the technician there
    house_id, key = await houses.enrol(code)                           # once; the key is shown once
    house = await houses.identify(house_id, key)                       # at every dial

A house dials to one process of the hub; that one stores what the house says of itself, so that
every other can show it.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from base.cause import Refused
from storage.engine import Database
from storage.signals import Watch, announce
from ward import codes
from ward.plans import HousePlan, coming_of
from ward.tables import houses

CODE_LASTS: Final = timedelta(hours=24)
LONGEST_NAME: Final = 80
STALE: Final = timedelta(seconds=20)
"""A house counts as linked while its process of the hub has vouched for it within this time."""

TOPIC: Final = "houses"
"""Announced when a house comes, goes, or says something else of itself."""

_PURPOSE: Final = "house"
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class House:
    id: str
    """Stands in addresses: `/h/to-5/ask`."""
    name: str
    enrolled_at: datetime | None
    """None while the house has no key: never enrolled, or revoked."""
    seen_at: datetime | None
    """When it was last linked; None where it never was."""
    linked_at: datetime | None
    """Since when it is linked; None while it is away."""
    linked_to: str | None = None
    """The link that holds now: a mark of the process of the hub where it ends (`processes.py`)."""
    summary: str | None = None
    """What the house last said of itself, as it came over the link (JSON)."""
    plans: tuple[HousePlan, ...] = ()
    """Its meetings that are still to come."""

    @property
    def was_enrolled(self) -> bool:
        """Its residents may ask and read, also while its machine is being replaced."""
        return self.enrolled_at is not None or self.seen_at is not None


class Houses:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[House, ...]:
        """Every house, by name."""
        query = select(houses).order_by(houses.c.name, houses.c.id)

        def read(connection: Connection) -> tuple[House, ...]:
            plans = coming_of(connection)
            rows = connection.execute(query)
            return tuple(_house(row, tuple(plans.get(row.id, ()))) for row in rows)

        return await self._database.read(read)

    async def find(self, house_id: str) -> House | None:
        query = select(houses).where(houses.c.id == house_id)

        def read(connection: Connection) -> House | None:
            row = connection.execute(query).one_or_none()
            plans = coming_of(connection, house_id).get(house_id, ())
            return _house(row, tuple(plans)) if row else None

        return await self._database.read(read)

    # Enrolment

    async def invite(self, house_id: str, name: str) -> str:
        """A code for a new house: once, within 24 hours.

        Raises Refused: `ward.house_id_form`, `ward.name_form`, `ward.house_id_taken`.
        """
        name = " ".join(name.split())
        if not _ID.fullmatch(house_id):
            raise Refused("ward.house_id_form")
        if not 0 < len(name) <= LONGEST_NAME:
            raise Refused("ward.name_form", most=LONGEST_NAME)

        def write(connection: Connection) -> str:
            values = {"id": house_id, "name": name, "created_at": datetime.now(UTC)}
            try:
                connection.execute(insert(houses).values(values))
            except IntegrityError:
                raise Refused("ward.house_id_taken", id=house_id) from None
            announce(connection, TOPIC)
            return codes.create(connection, _PURPOSE, house_id, CODE_LASTS)

        return await self._database.write(write)

    async def invite_again(self, house_id: str) -> str:
        """A code for a house that is known: its machine was replaced, or its code ran out. The old
        key holds until the code is used. Raises Refused `ward.house_unknown`."""

        def write(connection: Connection) -> str:
            if not connection.execute(select(houses.c.id).where(houses.c.id == house_id)).first():
                raise Refused("ward.house_unknown")
            return codes.create(connection, _PURPOSE, house_id, CODE_LASTS)

        return await self._database.write(write)

    async def enrol(self, code: str) -> tuple[str, str]:
        """Use a code up: the house's id, and its key, which is stored as a hash only. An older key
        is worth nothing any more. Raises Refused `ward.wrong_code`."""
        key = secrets.token_urlsafe(_KEY_BYTES)

        def write(connection: Connection) -> str | None:
            house_id = codes.use(connection, _PURPOSE, code)
            if house_id is not None:
                values = {"key_sha256": _sha256(key), "enrolled_at": datetime.now(UTC)}
                connection.execute(update(houses).where(houses.c.id == house_id).values(values))
                announce(connection, TOPIC)
            return house_id

        house_id = await self._database.write(write)
        if house_id is None:
            raise Refused("ward.wrong_code")
        return house_id, key

    async def identify(self, house_id: str, key: str) -> House | None:
        """The house with this key; None where there is none, or it was revoked."""
        query = select(houses).where(houses.c.id == house_id)
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        if row is None or row.key_sha256 is None:
            return None
        return _house(row) if hmac.compare_digest(row.key_sha256, _sha256(key)) else None

    async def revoke(self, house_id: str) -> None:
        """Its key and its code are worth nothing any more; what it is called stays."""

        def write(connection: Connection) -> None:
            values = {"key_sha256": None, "enrolled_at": None, "linked_to": None, "linked_at": None}
            connection.execute(update(houses).where(houses.c.id == house_id).values(values))
            codes.revoke(connection, _PURPOSE, house_id)
            announce(connection, TOPIC)
            announce(connection, _topic(house_id))

        await self._database.write(write)

    async def rename(self, house_id: str, name: str) -> None:
        """Raises Refused `ward.name_form`."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise Refused("ward.name_form", most=LONGEST_NAME)
        await self._write(update(houses).where(houses.c.id == house_id).values(name=name))

    # The link

    def watch(self) -> Watch:
        """Wakes when a house comes, goes, or says something else of itself."""
        return self._database.watch(TOPIC)

    def watch_link(self, house_id: str) -> Watch:
        """Wakes when an older link of this house may hold no longer."""
        return self._database.watch(_topic(house_id))

    async def linked(self, house_id: str, mark: str) -> None:
        """The house is linked, by this connection, from now on."""
        now = datetime.now(UTC)
        values = {"linked_to": mark, "linked_at": now, "seen_at": now}

        def write(connection: Connection) -> None:
            connection.execute(update(houses).where(houses.c.id == house_id).values(values))
            announce(connection, TOPIC)
            announce(connection, _topic(house_id))

        await self._database.write(write)

    async def seen(self, house_id: str, mark: str, summary: str | None = None) -> bool:
        """It is still linked, and says this of itself; None leaves what it said before. False
        where this link no longer holds: revoked, or the house has come again."""
        values: dict[str, Any] = {"seen_at": datetime.now(UTC)}
        if summary is not None:
            values["summary"] = summary
        return await self._write(_held(house_id, mark).values(values), tell=summary is not None)

    async def away(self, house_id: str, mark: str) -> None:
        """This link is lost; a newer one stays as it is. What the house said of itself holds no
        longer, and there may be names in it."""
        values = {"linked_to": None, "linked_at": None, "summary": None}
        await self._write(_held(house_id, mark).values(values))

    async def _write(self, statement: Any, *, tell: bool = True) -> bool:
        def write(connection: Connection) -> bool:
            if tell:
                announce(connection, TOPIC)
            return bool(connection.execute(statement).rowcount)

        return await self._database.write(write)


def _held(house_id: str, mark: str) -> Any:
    return update(houses).where(houses.c.id == house_id, houses.c.linked_to == mark)


def _topic(house_id: str) -> str:
    return f"{TOPIC}/{house_id}"


def _house(row: Row[Any], plans: tuple[HousePlan, ...] = ()) -> House:
    linked = row.linked_to is not None and row.seen_at > datetime.now(UTC) - STALE
    return House(
        id=row.id,
        name=row.name,
        enrolled_at=row.enrolled_at,
        seen_at=row.seen_at,
        linked_at=row.linked_at if linked else None,
        linked_to=row.linked_to if linked else None,
        summary=row.summary,
        plans=plans,
    )


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
