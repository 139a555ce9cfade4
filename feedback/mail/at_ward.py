"""Where a ward puts the mail of its mailbox: down to a house, or onto its own table."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from config.mail import WardMailSection
from feedback.case import Case
from feedback.handover import hand_down
from feedback.intake import Draft, receive
from feedback.mail.letters import Letter
from feedback.mail.reception import Alongside, HouseOf, Receive
from feedback.rules import Rules
from storage.engine import Database


def receive_at_ward(database: Database, rules: Rules) -> Receive:
    async def store(draft: Draft, house_id: str | None, alongside: Alongside) -> None:
        def also(connection: Connection, case: Case) -> None:
            if house_id is not None:
                hand_down(connection, house_id, case)
            alongside(connection, case)

        await receive(
            database,
            draft,
            rules,
            by="resident",
            now=datetime.now(UTC),
            alongside=also,
            house_id=house_id,
        )

    return store


def by_address(settings: WardMailSection, is_house: Callable[[str], Awaitable[bool]]) -> HouseOf:
    """By the address that a mail was written to. A house that there is not is nobody: the mail is
    the ward's then."""
    local, _, domain = settings.address.lower().partition("@")
    named = {address.lower(): house for address, house in settings.houses.items()}

    def meant(address: str) -> str | None:
        begins, ends = f"{local}+", f"@{domain}"
        if address.startswith(begins) and address.endswith(ends):
            return address.removeprefix(begins).removesuffix(ends)
        return named.get(address)

    async def house_of(letter: Letter) -> str | None:
        for house in (*map(meant, letter.to), settings.default_house):
            if house and await is_house(house):
                return house
        return None

    return house_of
