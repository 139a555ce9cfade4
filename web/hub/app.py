"""The hub's web application, put together from its parts.

What a request passes on its way in is the same as in a house (`web/app.py`): the log, the guard
(Host, Origin, headers), the limit on bodies, the route.
"""

from collections import Counter
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from base.cause import Cause
from web import files, language, ledger, one_way
from web.address import Addresses
from web.errors import Errors, wants_json
from web.hub import (
    accounts,
    committee,
    enrol,
    entry,
    health,
    houses,
    invitations,
    live,
    meeting_door,
    meetings,
    plans,
    public,
    residents,
    watch,
    work,
)
from web.hub.access import COOKIE, NotLoggedIn
from web.hub.open311 import Open311
from web.hub.site import HubSite
from web.open311.errors import below
from web.request_log import RequestLog
from web.security import Guard, SmallBodies


def create_hub_app(site: HubSite) -> Starlette:
    """The ASGI application; `site.board.run()` has to run beside it."""
    errors = Errors(site.templates, "hub/error.html", otherwise=below(site.templates.language_of))
    answers: Counter[int] = Counter()
    api = Open311(site)
    routes: list[BaseRoute] = [
        *language.routes(),
        *entry.routes(site),
        *houses.routes(site),
        *watch.routes(site),
        *work.routes(site),
        *committee.routes(site),
        *plans.routes(site),
        *meetings.routes(site),
        *meeting_door.routes(site),
        *invitations.routes(site),
        *accounts.routes(site),
        *enrol.routes(site),
        *live.routes(site),
        *ledger.routes(site.book, site.limits),
        *api.routes(),
        *public.routes(site, api.house_routes()),
        files.route(),
        *residents.receipt_routes(site),
    ]
    routes += health.routes(site, answers, described=routes)
    routes += residents.short_routes(site)

    async def log_in_first(request: Request, error: Exception) -> Response:
        if wants_json(request) or request.method not in {"GET", "HEAD"}:
            return errors.respond(request, Cause("ward.log_in_first"))
        return RedirectResponse(f"/login?next={quote(request.url.path)}", status_code=303)

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, answers),
            Middleware(
                Guard,
                Addresses(site.settings.web),
                errors,
                acting=frozenset({COOKIE}),
                programs=enrol.PROGRAMS,
                by_token=one_way.PATHS,
            ),
            Middleware(SmallBodies, errors),
        ],
        exception_handlers={**errors.handlers(), NotLoggedIn: log_in_first},
    )
