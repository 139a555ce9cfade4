"""The screens of the set-up, for the technician.

    GET, POST /technician/setup                  the house's name, whom to call
    GET, POST /technician/setup/find             look for devices, choose, name
    GET, POST /technician/setup/device/{id}      its address, its password, try it
    GET       /technician/setup/device/{id}/picture.jpg
    GET, POST /technician/setup/save             all of it, then write it down
    GET       /technician/setup/opening          until the house runs with it
    GET       /technician/setup/done             and is rehearsed

What was wrong is said on the screen where it was typed, which keeps everything but a password's
letters.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from config.settings import HdmiSection
from devices.discovery.found import Found, FoundKind
from devices.mdc import INPUTS as MDC_INPUTS
from rooms.view import Phase, Role
from web.address import Addresses
from web.errors import status_of
from web.pages import region_context
from web.setup.draft import DISPLAYS, MOST_NAME, PJLINK_INPUTS, Device
from web.setup.workshop import Workshop
from web.site import Site

_START: Final = "/technician/setup"
_FIND, _SAVE, _OPENING, _DONE = (f"{_START}/{name}" for name in ("find", "save", "opening", "done"))
_CABLE: Final[str] = HdmiSection.model_fields["name"].default
_TO_CHOOSE: Final = {
    FoundKind.CAMERA: "rtsp",
    FoundKind.WEBCAM: "webcam",
    FoundKind.HDMI: "hdmi",
    FoundKind.PROJECTOR: "pjlink",
}
"""Kind in the settings of what is chosen from the list; sound has a screen of its own."""
_EITHER: Final = ("webcam", "hdmi")
"""The kernel takes one for the other, and so may we."""


def routes(site: Site) -> list[BaseRoute]:
    if site.workshop is None:
        return []
    pages = _Setup(site, site.workshop)
    device = f"{_START}/device/{{id}}"
    return [
        Route(_START, pages.house, methods=["GET", "POST"]),
        Route(_FIND, pages.find, methods=["GET", "POST"]),
        Route(device, pages.device, methods=["GET", "POST"]),
        Route(f"{device}/picture.jpg", pages.picture, methods=["GET"]),
        Route(_SAVE, pages.save, methods=["GET", "POST"]),
        Route(_OPENING, pages.opening, methods=["GET"]),
        Route(_DONE, pages.done, methods=["GET"]),
    ]


class _Setup:
    def __init__(self, site: Site, workshop: Workshop) -> None:
        self._site = site
        self._workshop = workshop
        self._addresses = Addresses(site.settings.web)
        self._instance = secrets.token_hex(6)
        """Of this run of the house: another one has another."""
        self._waits = False
        """The page that waits was sent; when it asks again, nothing more is needed of this run."""

    async def house(self, request: Request) -> Response:
        form = await self._enter(request)
        draft = self._workshop.draft
        if form is None:
            return self._page(request, "house")
        if form.get("do") == "forget":
            await self._workshop.forget()
            return _to(_START)
        draft.name, draft.ward = _text(form, "name"), _text(form, "ward")
        draft.telephone = _text(form, "telephone")[:40]
        await self._workshop.keep()
        if not draft.name or not draft.ward:
            return self._page(request, "house", Cause("setup.house_missing"))
        return _to(_FIND)

    async def find(self, request: Request) -> Response:
        form = await self._enter(request)
        if form is None:
            return self._page(request, "find")
        try:
            return await self._found(form)
        except Refused as refused:
            return self._page(request, "find", refused.cause)

    async def _found(self, form: Mapping[str, str]) -> Response:
        draft, what = self._workshop.draft, form.get("do", "")
        if what == "look":
            await self._workshop.look()
            return _to(_FIND)
        if what == "rtsp" or what in DISPLAYS:
            address = _text(form, f"{what}-address")
            if not address and what != "cec":
                raise Refused("setup.address_missing")
            device = draft.add(what, self._usual_name(what), address)
            await self._workshop.keep()
            return _to(_of(device))
        for index, found in enumerate(draft.found):
            kind = _TO_CHOOSE.get(found.kind)
            if kind in _EITHER and form.get(f"as-{index}") in _EITHER:
                kind = form[f"as-{index}"]
            if kind and form.get(f"pick-{index}") and not draft.knows(found):
                name = _text(form, f"name-{index}") or self._usual_name(kind)
                device = draft.add(kind, name, found.address)
                device.sound = found.sound if kind == "hdmi" else ""
        self._workshop.choose_sound()
        await self._workshop.keep()
        return _to(self._after(None))

    def _usual_name(self, kind: str) -> str:
        names = {"pjlink": "Máy chiếu", "mdc": "Tivi", "cec": "Tivi", "hdmi": _CABLE}
        return names.get(kind, "Camera hội trường")

    async def device(self, request: Request) -> Response:
        form = await self._enter(request)
        device = self._device(request)
        if form is None:
            return self._device_page(request, device)
        if form.get("do") == "drop":
            draft, after = self._workshop.draft, self._after(device)
            draft.devices.remove(device)
            await self._workshop.keep()
            return _to(after)
        _take(device, form)
        await self._workshop.keep()
        try:
            if form.get("do") == "try":
                await self._workshop.try_out(device)
                return _to(_of(device) + "#tried")
            self._workshop.check(device)
        except Refused as refused:
            return self._device_page(request, device, refused.cause)
        return _to(self._after(device))

    async def picture(self, request: Request) -> Response:
        """What a camera saw when it was tried. Raises Refused `web.watch_first`."""
        self._site.access.require(request, Role.TECHNICIAN)
        tried = self._device(request).tried
        if tried is None or tried.jpeg is None:
            raise HTTPException(404)
        if not self._may_see():
            raise Refused("web.watch_first")
        return Response(tried.jpeg, media_type="image/jpeg")

    async def save(self, request: Request) -> Response:
        form = await self._enter(request)
        if form is None:
            return self._page(request, "save")
        try:
            if await self._workshop.save():
                return _to(f"{_OPENING}?run={self._instance}")
        except Refused as refused:
            return self._page(request, "save", refused.cause)
        return self._page(request, "save", status=409)

    async def opening(self, request: Request) -> Response:
        """Asked again by the page itself until another run of the house answers."""
        self._site.access.require(request, Role.TECHNICIAN)
        if request.query_params.get("run") != self._instance:
            return _to(_DONE)
        page = self._page(request, "opening", status=503)
        if self._waits:
            page.background = BackgroundTask(self._reopen)
        self._waits = True
        return page

    async def _reopen(self) -> None:
        """On the loop: what is no coroutine, Starlette runs in a thread."""
        self._workshop.reopen()

    async def done(self, request: Request) -> Response:
        await self._enter(request)
        return self._page(request, "done")

    # What the screens share

    async def _enter(self, request: Request) -> dict[str, str] | None:
        """The form, or None where there is none to read."""
        self._site.access.require(request, Role.TECHNICIAN)
        if request.method != "POST":
            return None
        async with request.form(max_files=0, max_fields=200) as form:
            return {key: value for key, value in form.items() if isinstance(value, str)}

    def _device(self, request: Request) -> Device:
        device = self._workshop.draft.device(request.path_params["id"])
        if device is None:
            raise HTTPException(404)
        return device

    def _after(self, device: Device | None) -> str:
        devices = self._workshop.draft.devices
        place = devices.index(device) + 1 if device else 0
        return _of(devices[place]) if place < len(devices) else _SAVE

    def _before(self, device: Device) -> str:
        devices = self._workshop.draft.devices
        place = devices.index(device)
        return _of(devices[place - 1]) if place else _FIND

    def _may_see(self) -> bool:
        """As everywhere: once the hall is in use, whoever is in it agrees first, and it shows."""
        view = self._site.room.view.value
        in_use = any(one.role is Role.LEADER for one in self._site.access.paired())
        return not in_use or view.hall_is_open() or view.hall_watched_by is not None

    def _device_page(
        self, request: Request, device: Device, problem: Cause | None = None
    ) -> Response:
        found, microphones = self._workshop.draft.found, self._workshop.draft.microphones()
        return self._page(
            request,
            "device",
            problem,
            device=device,
            back=self._before(device),
            may_see=self._may_see(),
            microphones=_chosen(microphones, device.address),
            loudspeakers=_names(found, FoundKind.LOUDSPEAKER, device.loudspeaker),
            fallbacks=_chosen(microphones, device.fallback),
            sounds=_names(found, FoundKind.MICROPHONE, device.sound),
            inputs=_inputs(device),
            chosen_input=_chosen_input(device),
        )

    def _page(
        self,
        request: Request,
        screen: str,
        problem: Cause | None = None,
        status: int = 0,
        **more: Any,
    ) -> Response:
        draft = self._workshop.draft
        view = self._site.room.view.value
        steps = [_START, _FIND, *map(_of, draft.devices), _SAVE, _DONE]
        here = _of(more["device"]) if "device" in more else f"{_START}/{screen}"
        here = {f"{_START}/house": _START, _OPENING: _DONE}.get(here, here)
        context = region_context(
            self._site, view, "technician", self._addresses.for_people(request)
        )
        return self._site.templates.page(
            request,
            f"setup/{screen}.html",
            status_code=status or (status_of(problem) if problem else 200),
            **context,
            draft=draft,
            problem=problem,
            problems=self._workshop.problems if screen == "save" else (),
            can_save=self._workshop.can_save,
            busy_hall=view.phase is not Phase.IDLE,
            step=steps.index(here) + 1,
            steps=len(steps),
            choosable=[
                (index, one, _TO_CHOOSE[one.kind], draft.knows(one))
                for index, one in enumerate(draft.found)
                if one.kind in _TO_CHOOSE
            ],
            heard=[
                one
                for one in draft.found
                if one.kind is FoundKind.LOUDSPEAKER or one.address in draft.microphones()
            ],
            **more,
        )


def _take(device: Device, form: Mapping[str, str]) -> None:
    """What was typed; whatever was tried before was something else."""
    before = replace(device)
    device.name = _text(form, "name") or ("" if "name" in form else device.name)
    for field in (
        *("address", "loudspeaker", "fallback", "sound"),
        *("user", "onvif_user", "input"),
    ):
        if field in form:
            setattr(device, field, _text(form, field, 400))
    if device.address != before.address:
        device.inputs, device.asks_onvif = {}, False
    if onvif_password := form.get("onvif_password", "")[:200]:
        device.onvif_password = onvif_password
    if password := form.get("password", "")[:200]:
        device.password = password
    if device != replace(before, name=device.name):
        device.tried = None


def _names(found: Sequence[Found], kind: FoundKind, chosen: str) -> list[str]:
    return _chosen([one.address for one in found if one.kind is kind], chosen)


def _chosen(names: list[str], chosen: str) -> list[str]:
    return names if not chosen or chosen in names else [chosen, *names]


def _inputs(device: Device) -> Mapping[str, str]:
    """Code and name of those to choose from, the one that is chosen among them; a projector's may
    have no name."""
    usual = {"pjlink": PJLINK_INPUTS, "mdc": MDC_INPUTS}.get(device.kind, {})
    chosen = {device.input: ""} if device.input and device.kind == "pjlink" else {}
    return {**chosen, **(device.inputs or usual)}


def _chosen_input(device: Device) -> str:
    """Where nothing was chosen yet, the first digital one: never what happens to stand first."""
    codes = list(_inputs(device))
    digital = [code for code in codes if device.kind != "pjlink" or code.startswith("3")]
    return device.input or next(iter(digital or codes), "")


def _text(form: Mapping[str, str], name: str, most: int = MOST_NAME) -> str:
    return " ".join(form.get(name, "").split())[:most]


def _of(device: Device) -> str:
    return f"{_START}/device/{device.id}"


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)
