"""The house's web application, put together from its parts.

Each part is a module with `routes(site)`. What a request passes on its way in, from the outside:
the log, the guard (Host, Origin, headers), the limit on bodies, the route.
"""

from collections import Counter
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from base.latest import Latest
from devices.device import Levels
from web import (
    actions,
    ask,
    bundle,
    cases,
    entry,
    files,
    films,
    hall_requests,
    health,
    history,
    language,
    listening,
    live,
    one_way,
    pages,
    papers,
    schedule,
    slips,
    technician,
)
from web.address import Addresses
from web.errors import Errors
from web.minutes import pages as minutes
from web.open311 import house as open311
from web.open311.errors import below
from web.request_log import RequestLog
from web.security import Guard, SmallBodies
from web.setup import pages as setup
from web.site import Site


def create_app(
    site: Site,
    *,
    preview: pages.Preview,
    levels: Latest[Levels] | None = None,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application.

    `preview` is a small picture of a camera, `levels` what is to be heard in the hall, `more` the
    routes of the call, which needs the media.
    """
    answers: Counter[int] = Counter()
    routes: list[BaseRoute] = [
        *language.routes(),
        *entry.routes(site),
        *ask.routes(site),
        *open311.routes(site),
        *pages.routes(site, preview),
        *schedule.routes(site),
        *minutes.routes(site),
        *slips.routes(site),
        *cases.routes(site),
        *hall_requests.routes(site),
        *actions.routes(site),
        *listening.routes(site),
        *films.routes(site),
        *papers.routes(site),
        *technician.routes(site),
        *history.routes(site),
        *bundle.routes(site),
        *setup.routes(site),
        *live.routes(site, levels),
        *more,
        files.route(),
    ]
    routes += health.routes(site, answers, described=routes)
    errors = Errors(site.templates, otherwise=below(site.templates.language_of))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, answers),
            Middleware(Guard, Addresses(site.settings.web), errors, by_token=one_way.PATHS),
            Middleware(SmallBodies, errors),
        ],
        exception_handlers=errors.handlers(),
    )
