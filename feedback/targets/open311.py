"""Hands cases to a server of Open311 GeoReport v2, as its client.

    POST {url}/requests.json
    api_key=…&service_code=…&address_string=…&description=…

GeoReport v2 (wiki.open311.org/GeoReport_v2) can create a request and read it, not change one: a
case is sent once, when it is received. Its POST cannot be repeated safely either, so that a mark of
the case stands at the end of the description; after an attempt whose outcome is not known, the
server's list is searched for it first. A server that publishes no descriptions, such as another
avcontrol, knows the same request again by its `Idempotency-Key`
(draft-ietf-httpapi-idempotency-key-header).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from base.cause import Cause
from config.targets import Open311Target
from feedback.targets.target import Event, NotDelivered
from feedback.targets.webhook import judge

RECEIVED: Final = "case.received"
MOST_DESCRIPTION: Final = 4_000
"""Characters (GeoReport v2, POST Service Request)."""
_BEFORE: Final = timedelta(days=1)
"""The other side's clock may be wrong by so much."""


class Open311:
    def __init__(
        self,
        settings: Open311Target,
        client: httpx.AsyncClient,
        now: Callable[[], datetime],
    ) -> None:
        """`client` must not follow redirects: a redirect is a failure."""
        self.name = settings.id
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._client = client
        self._now = now
        found = settings.jurisdiction
        self._jurisdiction = {"jurisdiction_id": found} if found else {}

    async def deliver(self, event: Event) -> None:
        """Raises NotDelivered, TargetGone."""
        if event.kind != RECEIVED:
            return
        found = self._settings
        services: Mapping[str, str] = {str(topic): code for topic, code in found.services.items()}
        service = services.get(str(event.body.get("topic")), found.default_service)
        mark = mark_of(event.subject)
        if event.attempt > 1 and await self._has(service, mark, event):
            return
        try:
            key = found.key()
        except OSError:
            raise NotDelivered(Cause("delivery.secret")) from None
        text = str(event.body.get("text", ""))[: MOST_DESCRIPTION - len(mark) - 1]
        form = {
            **self._jurisdiction,
            "api_key": key,
            "service_code": service,
            **_place(event.body.get("location"), found.address),
            "description": f"{text}\n{mark}",
        }
        headers = {"Idempotency-Key": f'"{event.id}"'}
        reply = await self._ask("POST", "/requests.json", data=form, headers=headers)
        judge(reply, self._now())
        if not _created(reply):
            raise NotDelivered(Cause("delivery.no_receipt"))

    async def _has(self, service: str, mark: str, event: Event) -> bool:
        """Whether an earlier attempt did arrive."""
        since = datetime.fromisoformat(str(event.body["received_at"])) - _BEFORE
        query = {
            **self._jurisdiction,
            "service_code": service,
            "start_date": since.isoformat(timespec="seconds"),
        }
        reply = await self._ask("GET", "/requests.json", params=query)
        judge(reply, self._now())
        return any(mark in str(found.get("description", "")) for found in _listed(reply))

    async def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        try:
            return await self._client.request(method, f"{self._url}{path}", **what)
        except httpx.TimeoutException:
            raise NotDelivered(Cause("delivery.hangs")) from None
        except httpx.HTTPError as error:
            raise NotDelivered(Cause("delivery.unreachable", error=type(error).__name__)) from None


def _place(location: Any, house: str) -> dict[str, str]:
    """The case's own, or else where the house is: a request needs one."""
    known = location if isinstance(location, Mapping) else {}
    named = {"address_string": known.get("address") or house}
    point = {"lat": known.get("lat"), "long": known.get("long")}
    return named | {name: str(value) for name, value in point.items() if value is not None}


def mark_of(case_id: str) -> str:
    """Stands in the description, and says whose it is."""
    return f"[avcontrol {case_id}]"


def _listed(reply: httpx.Response) -> list[Mapping[str, Any]]:
    """The objects of a JSON array. Raises NotDelivered where it is something else."""
    try:
        found = reply.json()
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise NotDelivered(Cause("delivery.no_receipt"))
    return [entry for entry in found if isinstance(entry, dict)]


def _created(reply: httpx.Response) -> bool:
    """A service_request_id, or a token for one that comes later."""
    return any(e.get("service_request_id") or e.get("token") for e in _listed(reply))
