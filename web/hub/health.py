"""What machines ask of the hub: is it well (`/healthz`), how much (`/metrics`), what can be called
(`/api/openapi.json`).

`/healthz` says nothing of the houses, so that anybody may ask. `/metrics` names them: it is for who
shows the token of `[metrics] token_file`, and for a browser in which the admin is logged in.

    GET /metrics   Authorization: Bearer <token>
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from ward.accounts import AccountRole
from web.hub.site import HubSite
from web.link.hub import HouseSession
from web.openapi.describe import describe

VERSION: Final = version("avcontrol")


def routes(
    site: HubSite, answers: Counter[int], *, described: Sequence[BaseRoute]
) -> list[BaseRoute]:
    """`answers` are the requests of this process by status, `described` all other routes, for the
    description of what can be called. Raises OSError where the token cannot be read."""
    token = site.settings.metrics.token()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)

    async def healthz(request: Request) -> Response:
        """Whether this process of the hub works: 200 with `ok`, 503 with `failed`."""
        try:
            await site.accounts.is_empty()
        except Refused:
            failed = {"status": "failed", "version": VERSION, "storage": "failed"}
            return JSONResponse(failed, 503)
        return JSONResponse({"status": "ok", "version": VERSION, "storage": "ok"})

    async def metrics(request: Request) -> Response:
        """Counts and gauges for Prometheus; of this process, but for houses, outboxes and alerts,
        which are the ward's."""
        if not _shows(request, token):
            session = await site.access.identify(request)
            if session is None:
                challenge = {"WWW-Authenticate": 'Bearer realm="metrics"'}
                return Response(status_code=401, headers=challenge)
            await site.access.require(request, AccountRole.ADMIN)
        standing = await _standing(site)
        text = generate_latest(registry) + generate_latest(_Hub(site, answers, standing))
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def openapi(request: Request) -> Response:
        """This description."""
        return JSONResponse(description)

    own = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/api/openapi.json", openapi, methods=["GET"]),
    ]
    description = describe([*described, *own], VERSION, hub=True)
    return list[BaseRoute](own)


def _shows(request: Request, token: str) -> bool:
    shown = request.headers.get("authorization", "").encode("latin-1")
    return bool(token) and hmac.compare_digest(shown, f"Bearer {token}".encode())


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the database says."""

    houses: Mapping[str, int]
    outboxes: Mapping[str, int]
    alerts: int


async def _standing(site: HubSite) -> _Standing | None:
    """None while the database does not answer: what this process knows is told all the same."""
    try:
        houses = await site.houses.all()
        outboxes = await site.outboxes()
        alerts = await site.alerts.open()
    except Refused:
        return None
    states = Counter(
        "linked" if house.linked_at else "away" if house.enrolled_at else "expected"
        for house in houses
    )
    waiting = {house.id: outboxes.get(house.id, 0) for house in houses}
    return _Standing({s: states[s] for s in ("linked", "away", "expected")}, waiting, len(alerts))


class _Hub(Collector):
    def __init__(self, site: HubSite, answers: Counter[int], standing: _Standing | None) -> None:
        self._sessions = site.links.sessions.all()
        self._answers = answers
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "avcontrol_hub_links", "Houses linked to this process", value=len(self._sessions)
        )
        yield from _of_links(self._sessions)
        answered = CounterMetricFamily(
            "avcontrol_http_answers", "Requests by the status they got", labels=["status"]
        )
        for status, count in sorted(self._answers.items()):
            answered.add_metric([str(status)], count)
        yield answered
        if self._standing is not None:
            yield from _of_the_ward(self._standing)
        info = GaugeMetricFamily("avcontrol_info", "The version that runs", labels=["version"])
        info.add_metric([VERSION], 1)
        yield info


def _of_links(sessions: tuple[HouseSession, ...]) -> Iterator[Metric]:
    channels = GaugeMetricFamily(
        "avcontrol_hub_open_channels", "Browsers' connections in a house's link", labels=["house"]
    )
    trips = GaugeMetricFamily(
        "avcontrol_hub_link_round_trip_seconds", "To a house and back, last", labels=["house"]
    )
    for session in sessions:
        channels.add_metric([session.house_id], session.open_channels)
        if session.round_trip is not None:
            trips.add_metric([session.house_id], session.round_trip)
    yield channels
    yield trips


def _of_the_ward(standing: _Standing) -> Iterator[Metric]:
    houses = GaugeMetricFamily("avcontrol_hub_houses", "Houses by state", labels=["state"])
    for state, count in standing.houses.items():
        houses.add_metric([state], count)
    yield houses
    outboxes = GaugeMetricFamily(
        "avcontrol_hub_outbox", "What waits to be handed over to a house", labels=["house"]
    )
    for house_id, count in standing.outboxes.items():
        outboxes.add_metric([house_id], count)
    yield outboxes
    yield GaugeMetricFamily("avcontrol_hub_alerts", "Alerts not over", value=standing.alerts)
