"""The technician's page: what is wrong and what to do, who is let in, new codes and links."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from rooms.view import Role
from web import outward
from web.access import PAIRED_ROLES
from web.address import Addresses
from web.pages import region_context
from web.qr import qr_code
from web.setup.draft import of_settings
from web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    pages = _Technician(site)

    async def enter(request: Request) -> dict[str, object]:
        site.access.require(request, Role.TECHNICIAN)
        return {}

    return [
        Route("/technician", pages.show),
        Route("/technician/sheet", pages.sheet, methods=["GET"]),
        Route("/technician/pairing", pages.create_pairing, methods=["POST"]),
        Route("/technician/revoke", pages.revoke, methods=["POST"]),
        *outward.routes(
            "/technician/outward", site.out_tray, enter, site.templates, "technician_outward.html"
        ),
    ]


class _Technician:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._addresses = Addresses(site.settings.web)

    async def show(self, request: Request) -> Response:
        identity = self._site.access.require(request, Role.TECHNICIAN)
        local = self._addresses.for_people(request)
        context = region_context(self._site, self._site.room.view.value, "technician", local)
        return self._site.templates.page(
            request,
            "technician.html",
            **context,
            paired=self._site.access.paired(),
            mail=self._site.mail and await self._site.mail.standing(),
            own_id=identity.device_id,
            paired_roles=PAIRED_ROLES,
            set_up=self._set_up(),
            local_name=self._site.local_name,
        )

    def _set_up(self) -> str:
        """`empty`, `done`, or nothing where it cannot be."""
        workshop = self._site.workshop
        return "" if workshop is None else "empty" if workshop.empty else "done"

    async def sheet(self, request: Request) -> Response:
        """What hangs on the wall of the hall: addresses, what the colours mean, what to do. No
        password and no code stands on it: everybody in the hall reads it."""
        self._site.access.require(request, Role.TECHNICIAN)
        local = self._addresses.for_people(request)
        view = self._site.room.view.value
        devices = of_settings(self._site.settings).devices
        return self._site.templates.page(
            request,
            "sheet.html",
            **region_context(self._site, view, "technician", local),
            pair_address=f"{local}/pair",
            local=local,
            local_name=self._site.local_name,
            devices=devices,
            ward=self._site.settings.house.ward,
        )

    async def create_pairing(self, request: Request) -> Response:
        """A page that shows the code once; it is stored nowhere but as a hash."""
        self._site.access.require(request, Role.TECHNICIAN)
        async with request.form(max_files=0) as form:
            role, name = str(form.get("role", "")), str(form.get("name", "")).strip()
        if role not in PAIRED_ROLES or not name:
            raise Refused("web.bad_request")
        code = await self._site.access.create_pairing(Role(role), name)
        address = f"{self._addresses.for_people(request)}/pair"
        return self._site.templates.page(
            request,
            "technician_pairing.html",
            view=self._site.room.view.value,
            code=code,
            role=Role(role),
            name=name,
            pair_address=address,
            pair_code=qr_code(f"{address}/{code}"),
        )

    async def revoke(self, request: Request) -> Response:
        """Send a paired browser out, at once and for good."""
        self._site.access.require(request, Role.TECHNICIAN)
        async with request.form(max_files=0) as form:
            await self._site.access.revoke_device(str(form.get("device", "")))
        return RedirectResponse("/technician", status_code=303)
