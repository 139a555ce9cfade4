"""What is wrong in which house, for the ward's technicians: worst first, since when, what to do.

`/watch` shows every house, `/watch/needed` those that need somebody. What went on for too long is
an alert (`ward/alerts.py`), until it is over; somebody says here that he looks after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ward.accounts import AccountRole
from ward.alerts import Alert
from ward.helping import KEY
from ward.houses import House
from ward.troubles import Severity, Trouble, troubles_of
from web import outward
from web.hub.board import Standing
from web.hub.houses import HouseView, view_of
from web.hub.site import HubSite

WATCHES: Final = (AccountRole.TECHNICIAN,)
"""Whose page it is, besides the admin's."""
NEEDED: Final = "needed"

_LATE: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    trouble: Trouble
    alert: Alert | None
    """Where somebody was told of it."""

    @property
    def since(self) -> datetime | None:
        return self.trouble.since or (self.alert.began_at if self.alert else None)


@dataclass(frozen=True, slots=True)
class Watched:
    """A house as the page shows it."""

    view: HouseView
    findings: tuple[Finding, ...]
    """Worst first."""

    @property
    def order(self) -> tuple[int, datetime, str]:
        worst = max((finding.trouble.severity for finding in self.findings), default=0)
        since = min((f.since for f in self.findings if f.since), default=_LATE)
        return -worst, since, self.view.house.name


def region_of(standing: Standing, *, only_needed: bool) -> tuple[str, dict[str, Any]]:
    """Name and context of the region that shows all of them."""
    alerts: dict[tuple[str | None, str], Alert]
    alerts = {(alert.house_id, alert.key): alert for alert in standing.alerts}
    own = [Finding(trouble, alerts.get((None, trouble.key))) for trouble in standing.own]
    houses = (_watched(house, alerts, standing.alerts) for house in standing.houses)
    watched = sorted(houses, key=lambda one: one.order)
    needed = [one for one in watched if one.findings]
    return "watch", {
        "watched": needed if only_needed else watched,
        "own": own,
        "needed": len(needed) + bool(own),
        "only_needed": only_needed,
        "recent": standing.past_alerts,
    }


def _watched(
    house: House, known: dict[tuple[str | None, str], Alert], every: Sequence[Alert]
) -> Watched:
    asked = (
        Finding(Trouble(one.key, Severity.NOW, one.cause, since=one.began_at), one)
        for one in every
        if one.house_id == house.id and one.key.startswith(KEY)
    )
    findings = (
        Finding(trouble, known.get((house.id, trouble.key))) for trouble in troubles_of(house)
    )
    return Watched(view_of(house), (*asked, *findings))


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Watch(site)

    async def enter(request: Request) -> dict[str, Any]:
        return {"account": (await site.access.require(request, *WATCHES)).account}

    return [
        Route("/watch", pages.all, methods=["GET"]),
        Route(f"/watch/{NEEDED}", pages.needed, methods=["GET"]),
        Route("/watch/{alert:int}/acknowledge", pages.acknowledge, methods=["POST"]),
        *outward.routes("/watch/outward", site.out_tray, enter, site.templates, "hub/outward.html"),
    ]


class _Watch:
    def __init__(self, site: HubSite) -> None:
        self._site = site

    async def all(self, request: Request) -> Response:
        return await self._page(request, only_needed=False)

    async def needed(self, request: Request) -> Response:
        return await self._page(request, only_needed=True)

    async def acknowledge(self, request: Request) -> Response:
        """The technician says that he looks after it; everybody sees his name."""
        session = await self._site.access.require(request, *WATCHES)
        async with request.form(max_files=0) as form:
            only_needed = form.get("only") == NEEDED
        await self._site.alerts.acknowledge(request.path_params["alert"], session.account.name)
        return RedirectResponse(f"/watch/{NEEDED}" if only_needed else "/watch", status_code=303)

    async def _page(self, request: Request, *, only_needed: bool) -> Response:
        session = await self._site.access.require(request, *WATCHES)
        await self._site.board.refresh()
        _, context = region_of(self._site.board.standing.value, only_needed=only_needed)
        return self._site.templates.page(
            request,
            "hub/watch.html",
            account=session.account,
            mail=self._site.mail and await self._site.mail.standing(),
            **context,
        )
