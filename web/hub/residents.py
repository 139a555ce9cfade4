"""What residents find at the hub: the ward's houses, and for each the pages to ask and to read.

    GET /                 the houses, for whoever has no session (entry.py)
    GET /to-5             on to the house's ask page
    GET /h/to-5/ask       as in the house itself (`web/residents/`): ask, receipt, board, qr.svg
    GET /receipt/<code>   of what was sent to the ward itself, by mail

They are the hub's own, from its own database: a house that is away is not noticed here. A question
goes down to it once it is back (`feedback/handover.py`).
"""

from collections import defaultdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from feedback.desk import own_words_of, words_of
from feedback.own_data import OwnData
from web import ledger
from web.hub import house_ledger
from web.hub.short import long_path, short_path
from web.hub.site import HubSite
from web.limiting import DOWNLOADING, Limits
from web.residents.own_data import OwnDataPages
from web.residents.pages import Pages, Reception
from web.residents.photos import Photos
from web.residents.receipts import Receipts
from web.residents.routes import routes as residents_routes
from web.templating import root_of


def routes(site: HubSite) -> list[BaseRoute]:
    """Below `/h/{house}`."""
    limits: defaultdict[str, Limits] = defaultdict(Limits)
    latest = house_ledger.Latest(site)

    async def reception(request: Request) -> Reception:
        house = await site.houses.find(request.path_params["house"])
        if house is None or not house.was_enrolled:
            raise Refused("ward.house_unknown")

        async def ledgers() -> list[ledger.LedgerView]:
            heads = await site.house_heads(house.id)
            now = await latest.of(house.id, request) if heads else None
            kept = ledger.kept_view(heads, root_of(request), now)
            own = await ledger.live_view(site.book, "ward", "", house.id)
            return [own] if kept is None else [kept, own]

        here = site.address(request)
        return Reception(
            house.name,
            site.desk(house.id),
            limits[house.id],
            here + short_path(house.id),
            ledgers,
            here + ledger.EXPORT,
            site.settings.feedback.citizen_reception,
            words_of(site.workplace, house.id).say,
            site.album(house.id),
            OwnData(site.workplace.database, site.requests, house.id),
            house_export=f"{here}{root_of(request)}{ledger.EXPORT}",
        )

    async def whole(request: Request) -> Response:
        """The house's own ledger, fetched from it."""
        house_id = request.path_params["house"]
        if await site.houses.find(house_id) is None:
            raise Refused("ward.house_unknown")
        await limits[house_id].count(DOWNLOADING, request)
        return await house_ledger.whole(site, house_id, request)

    async def heads(request: Request) -> Response:
        """The heads of the house's ledger, as it handed them over to the ward."""
        return ledger.heads_file(await site.house_heads(request.path_params["house"]))

    return [
        *residents_routes(Pages(reception, site.templates, site.tokens)),
        Route(ledger.EXPORT, whole, methods=["GET"]),
        Route(ledger.HEADS, heads, methods=["GET"]),
    ]


def receipt_routes(site: HubSite) -> list[BaseRoute]:
    """Of what no house has to do with."""
    limits = Limits()

    async def reception(request: Request) -> Reception:
        async def ledgers() -> list[ledger.LedgerView]:
            return [await ledger.live_view(site.book, "ward", "")]

        here = site.address(request)
        say = own_words_of(site.workplace).say
        return Reception(
            site.settings.ward.name,
            site.own_desk,
            limits,
            here,
            ledgers,
            here + ledger.EXPORT,
            site.settings.feedback.citizen_reception,
            say,
            site.album(None),
            OwnData(site.workplace.database, site.requests),
            of_ward=True,
        )

    pages = Pages(reception, site.templates, site.tokens)
    parts = (OwnDataPages(pages), Receipts(pages), Photos(pages))
    return [route for part in parts for route in part.routes()]


def short_routes(site: HubSite) -> list[BaseRoute]:
    """Last of all: every other address of the hub goes before a house's."""

    async def short(request: Request) -> Response:
        house = await site.houses.find(request.path_params["house"])
        if house is None or not house.was_enrolled:
            raise HTTPException(404)
        return RedirectResponse(long_path(house.id), status_code=307)

    return [Route("/{house}", short, methods=["GET"])]
