"""The residents' pages in the house itself: its room takes the questions."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import BaseRoute

from base.cause import Refused
from feedback.case import AskedView, ReceiptView
from feedback.own_data import OwnData
from rooms.room import Room
from web import ledger
from web.address import Addresses, ask_address
from web.residents.pages import Pages, Receipt, Reception
from web.residents.routes import routes as residents_routes
from web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    desk = _Hall(site.room)
    addresses = Addresses(site.settings.web)

    async def ledgers() -> list[ledger.LedgerView]:
        return [await ledger.live_view(site.book, "house", "")]

    async def reception(request: Request) -> Reception:
        link = site.room.view.value.link
        here = addresses.for_people(request)
        address = ask_address(link, f"{here}/ask")
        export = f"{here}{ledger.EXPORT}"
        say = site.room.words.say
        recording = site.settings.recording
        return Reception(
            site.settings.house.name,
            desk,
            site.limits,
            address,
            ledgers,
            export,
            site.settings.feedback.citizen_reception,
            say,
            site.room.album,
            OwnData(site.room.workplace.database, site.room.requests),
            films_kept_days=recording.keep_days if recording.allowed else None,
        )

    return [
        *residents_routes(Pages(reception, site.templates, site.access.tokens)),
        *ledger.routes(site.book, site.limits),
    ]


class _Hall:
    """The desk in the house itself."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.answered = room.answered
        self.open = room.open
        self.vote = room.vote

    async def asked(self, device: bytes | None) -> Sequence[AskedView]:
        return self._room.asked(device)

    async def find_receipt(self, typed: str) -> ReceiptView | None:
        """Raises Refused `receipt.not_entered` for the stub of a slip that still waits."""
        found = await self._room.find_receipt(typed)
        if found is None and (slip := await self._room.slip(typed)) is not None:
            raise Refused("receipt.not_entered", number=slip.number)
        return found

    async def ask(
        self, text: str, *, name: str | None, key: str, name_hidden: bool, consent: str | None
    ) -> Receipt:
        return await self._room.ask(
            text,
            name=name,
            via="phone",
            key=key,
            by=None,
            name_hidden=name_hidden,
            consent=consent,
        )
