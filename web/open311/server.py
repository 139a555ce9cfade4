"""The endpoint of one house, or of several at once: who answers, and how an error is told."""

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from base.cause import Cause, Refused
from config.feedback import CitizenReceptionSection
from config.open311 import Open311Section
from feedback.case import Location
from feedback.grievances import grievance_in
from feedback.intake import Draft
from feedback.receipt import parse_receipt
from feedback.requests import PublicRequest, Wanted
from web.errors import cause_of
from web.limiting import LOOKING_UP, READING, REPORTING, Limit, Limits
from web.open311 import asked, posted
from web.open311.answers import FORMATS, Answer, Data, Format
from web.open311.errors import error, form_of
from web.open311.services import definition, name_of, service_list, topic_of
from web.sentences import Language, say
from web.templating import Templates

ROOT: Final = "/open311/v2"
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGESET: Final = "2026-11-26T00:00:00Z"
"""When services or their attributes were last changed."""
_LONGEST_AGAIN: Final = 200


class Receipt(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def case_id(self) -> str: ...


class Desk(Protocol):
    """Who receives the cases of one house, and knows how they stand."""

    async def take_in(self, draft: Draft, *, by: str) -> Receipt:
        """Durable before it returns. The same key with the same text is the same case."""

    async def public_requests(self, wanted: Wanted) -> Sequence[PublicRequest]:
        """Newest first."""

    async def id_of(self, typed: str) -> str | None:
        """Of a case, by its receipt as somebody typed it."""


@dataclass(frozen=True, slots=True)
class Office:
    """What is needed of the house whose cases are meant."""

    jurisdiction: str
    desk: Desk
    limits: Limits
    receipts: str
    """The address below which its receipts are."""


@dataclass(frozen=True, slots=True)
class Server:
    office: Callable[[Request, str | None], Awaitable[Office]]
    """By the jurisdiction_id, or None where none was given. Raises Refused:
    `georeport.no_jurisdiction`, `georeport.unknown_jurisdiction`."""
    address: Callable[[Request], str]
    """Of the endpoint, below which `/open311/v2` is."""
    settings: Open311Section
    place: str
    """Whom to ask for a key."""
    templates: Templates
    citizens: CitizenReceptionSection
    """Where complaints and denunciations are received."""

    def routes(self) -> list[BaseRoute]:
        get: list[tuple[str, Handler]] = [
            ("/open311/discovery", self.discovery),
            (f"{ROOT}/discovery", self.discovery),
            (f"{ROOT}/services", self.services),
            (f"{ROOT}/services/{{service_code}}", self.service),
            (f"{ROOT}/requests", self.requests),
            (f"{ROOT}/requests/{{service_request_id}}", self.request),
            (f"{ROOT}/tokens/{{token}}", self.token),
        ]
        return [
            *(self._route(path, handler, form, "GET") for form in FORMATS for path, handler in get),
            *(self._route(f"{ROOT}/requests", self.post, form, "POST") for form in FORMATS),
            Mount("/open311", app=self._nothing_here),
        ]

    async def discovery(self, request: Request) -> Answer:
        """Where the endpoint is, and what it speaks."""
        language = self._language(request)
        contact = self.settings.contact or say(
            Cause("georeport.contact", place=self.place), language
        )
        asked_for = self.settings.contact or self.place
        endpoint: Data = {
            "specification": SPECIFICATION,
            "url": f"{self.address(request)}{ROOT}",
            "changeset": CHANGESET,
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        return Answer(
            "discovery",
            {
                "changeset": CHANGESET,
                "contact": contact,
                "key_service": say(Cause("georeport.key_service", contact=asked_for), language),
                "endpoints": [endpoint],
            },
        )

    async def services(self, request: Request) -> Answer:
        """What there is to ask for."""
        await self._office(request)
        return Answer("services", service_list(self._language(request)))

    async def service(self, request: Request) -> Answer:
        """What can be told with a request for one service."""
        await self._office(request)
        topic = topic_of(request.path_params["service_code"])
        return Answer("service_definition", definition(topic, self._language(request)))

    async def post(self, request: Request) -> Answer:
        """Send in a case; it has an owner, a deadline and a receipt from then on."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _FORMS:
            raise Refused("georeport.not_a_form")
        async with request.form(max_files=0) as form:
            sent = posted.read(form)
        sender = self.settings.sender(sent.get("api_key").strip())
        office = await self._office(request, sent.get("jurisdiction_id"), REPORTING)
        if sender is None:
            raise Refused("georeport.key", place=self.place)
        again = request.headers.get("idempotency-key", "")[:_LONGEST_AGAIN]
        now = datetime.now(UTC)
        draft = posted.draft(sent, office.jurisdiction, sender, again, now)
        receipt = await office.desk.take_in(draft, by=f"{posted.VIA} {sender}")
        url = f"{office.receipts}/{parse_receipt(receipt.code)}"
        told: Data = {
            "service_request_id": receipt.case_id,
            "service_notice": self._notice(draft, receipt.code, url, self._language(request)),
            "account_id": None,
        }
        return Answer("service_requests", [told], 201)

    async def requests(self, request: Request) -> Answer:
        """How cases stand; those of the last 90 days where nothing else is asked for."""
        office = await self._office(request)
        wanted = asked.wanted(request.query_params, datetime.now(UTC))
        found = await office.desk.public_requests(wanted)
        if wanted.ids and not found:
            raise Refused("georeport.unknown_request", found=", ".join(sorted(wanted.ids))[:200])
        return Answer("service_requests", [self._told(one, request) for one in found])

    async def request(self, request: Request) -> Answer:
        """How one case stands."""
        office = await self._office(request)
        case_id = request.path_params["service_request_id"]
        found = await office.desk.public_requests(Wanted(ids=frozenset({case_id})))
        if not found:
            raise Refused("georeport.unknown_request", found=case_id[:80])
        return Answer("service_requests", [self._told(one, request) for one in found])

    async def token(self, request: Request) -> Answer:
        """The service_request_id for a receipt: this server gives no other tokens."""
        office = await self._office(request)
        token = request.path_params["token"]
        await office.limits.check(LOOKING_UP, request)
        case_id = await office.desk.id_of(token)
        if case_id is None:
            await office.limits.count(LOOKING_UP, request)
            raise Refused("georeport.unknown_token", found=token[:80])
        told: Data = {"service_request_id": case_id, "token": token}
        return Answer("service_requests", [told])

    # What they share

    async def _office(
        self, request: Request, jurisdiction: str | None = None, limit: Limit = READING
    ) -> Office:
        named = (
            request.query_params.get("jurisdiction_id") if jurisdiction is None else jurisdiction
        )
        office = await self.office(request, (named or "").strip() or None)
        await office.limits.count(limit, request)
        return office

    def _notice(self, draft: Draft, receipt: str, url: str, language: Language) -> str:
        """How to follow it; of what seems a complaint or a denunciation, the law's own way."""
        causes = [Cause("georeport.receipt", receipt=receipt, url=url)]
        if grievance := grievance_in(draft.text):
            citizens = self.citizens
            where = ", ".join(filter(None, (citizens.name, citizens.address, citizens.telephone)))
            causes += [
                Cause(f"grievance.{grievance}"),
                Cause("georeport.citizens", where=where, hours=citizens.hours),
            ]
        return " ".join(say(cause, language) for cause in causes)

    def _language(self, request: Request) -> Language:
        return self.templates.language_of(request)

    def _told(self, one: PublicRequest, request: Request) -> Data:
        language = self._language(request)
        where = one.location or Location()
        return {
            "service_request_id": one.id,
            "status": "open" if one.state.is_open else "closed",
            "status_notes": one.answer or say(Cause(f"georeport.{one.state}"), language),
            "service_name": name_of(one.topic, language),
            "service_code": one.topic.value,
            "description": one.text,
            "agency_responsible": one.owner,
            "service_notice": one.due_rule,
            "requested_datetime": _w3c(one.received_at),
            "updated_datetime": _w3c(one.changed_at),
            "expected_datetime": _w3c(one.due_at) if one.due_at else None,
            "address": where.address,
            "address_id": where.address_id,
            "zipcode": None,
            "lat": where.lat,
            "long": where.long,
            "media_url": None,
        }

    def _route(self, path: str, handler: "Handler", form: Format, method: str) -> Route:
        @functools.wraps(handler)
        async def answering(request: Request) -> Response:
            return await self._answering(handler, request, form)

        return Route(f"{path}.{form}", answering, methods=[method])

    async def _answering(self, handler: "Handler", request: Request, form: Format) -> Response:
        try:
            return (await handler(request)).response(form)
        except Refused as refused:
            return error(refused.cause, self._language(request), form)
        except HTTPException as failed:  # while the form was read
            cause = cause_of(failed)
            if cause.code == "web.bad_request":
                cause = Cause("georeport.not_a_form")
            return error(cause, self._language(request), form)

    async def _nothing_here(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        cause = Cause("georeport.no_such_address")
        response = error(cause, self._language(request), form_of(request))
        await response(scope, receive, send)


Handler = Callable[[Request], Awaitable[Answer]]

_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
