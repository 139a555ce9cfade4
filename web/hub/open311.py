"""Open311 at the hub: for each house below `/h/to-5/`, and for all of them by `jurisdiction_id`,
which is the id of the house. A house that is away is not noticed here."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.routing import BaseRoute

from base.cause import Refused
from web.hub.site import HubSite
from web.limiting import Limits
from web.open311.server import Office, Server
from web.templating import root_of


@dataclass(frozen=True, slots=True)
class Open311:
    """`routes` are the whole ward's, `house_routes` go below `/h/{house}`."""

    site: HubSite
    _limits: defaultdict[str, Limits] = field(default_factory=lambda: defaultdict(Limits))

    def routes(self) -> list[BaseRoute]:
        async def office(request: Request, jurisdiction: str | None) -> Office:
            if jurisdiction is None:
                raise Refused("georeport.no_jurisdiction")
            return await self._office(request, jurisdiction)

        return self._server(office)

    def house_routes(self) -> list[BaseRoute]:
        async def office(request: Request, jurisdiction: str | None) -> Office:
            house_id = request.path_params["house"]
            if jurisdiction not in (None, house_id):
                raise Refused("georeport.unknown_jurisdiction", found=str(jurisdiction)[:80])
            return await self._office(request, house_id)

        return self._server(office)

    async def _office(self, request: Request, house_id: str) -> Office:
        house = await self.site.houses.find(house_id)
        if house is None or not house.was_enrolled:
            raise Refused("georeport.unknown_jurisdiction", found=house_id[:80])
        receipts = f"{self.site.address(request)}/h/{house.id}/receipt"
        return Office(house.id, self.site.desk(house.id), self._limits[house.id], receipts)

    def _server(
        self, office: Callable[[Request, str | None], Awaitable[Office]]
    ) -> list[BaseRoute]:
        site = self.site

        def address(request: Request) -> str:
            return f"{site.address(request)}{root_of(request)}"

        settings = site.settings
        return Server(
            office,
            address,
            settings.open311,
            settings.ward.name,
            site.templates,
            settings.feedback.citizen_reception,
        ).routes()
