"""The endpoint of a house, at its own address; its room takes the cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import BaseRoute

from base.cause import Refused
from feedback.intake import Draft
from feedback.requests import PublicRequest, Wanted
from rooms.room import Room
from web.address import Addresses
from web.open311.server import Office, Receipt, Server
from web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    settings = site.settings
    desk = _Hall(site.room)
    address = Addresses(settings.web).for_people
    own = settings.open311.jurisdiction or (settings.link.house if settings.link else "")

    async def office(request: Request, jurisdiction: str | None) -> Office:
        if jurisdiction not in (None, own):
            raise Refused("georeport.unknown_jurisdiction", found=str(jurisdiction)[:80])
        return Office(own, desk, site.limits, f"{address(request)}/receipt")

    return Server(
        office,
        address,
        settings.open311,
        settings.house.name,
        site.templates,
        settings.feedback.citizen_reception,
    ).routes()


@dataclass(frozen=True, slots=True)
class _Taken:
    code: str
    case_id: str


class _Hall:
    """The desk in the house itself."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def take_in(self, draft: Draft, *, by: str) -> Receipt:
        receipt = await self._room.receive(draft, sender=by)
        return _Taken(receipt.code, receipt.question_id)

    async def public_requests(self, wanted: Wanted) -> Sequence[PublicRequest]:
        return await self._room.public_requests(wanted)

    async def id_of(self, typed: str) -> str | None:
        return await self._room.id_of(typed)
