"""The technician's page of the systems outside: how it goes with each, and what was given up.

The house shows it at `/technician/outward`, the ward's hub at `/watch/outward`; what differs is who
may look, and the frame around it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from feedback.out_tray import OutTray
from web.templating import Templates

Enter = Callable[[Request], Awaitable[dict[str, Any]]]
"""Who asks may do this: what his page needs besides. Raises what leads him to log in."""


def routes(
    path: str, tray: OutTray, enter: Enter, templates: Templates, template: str
) -> list[BaseRoute]:
    pages = _Outward(path, tray, enter, templates, template)
    return [
        Route(path, pages.show, methods=["GET"]),
        Route(f"{path}/resend", pages.resend, methods=["POST"]),
    ]


class _Outward:
    def __init__(
        self, path: str, tray: OutTray, enter: Enter, templates: Templates, template: str
    ) -> None:
        self._path = path
        self._tray = tray
        self._enter = enter
        self._templates = templates
        self._template = template

    async def show(self, request: Request) -> Response:
        context = await self._enter(request)
        return self._templates.page(
            request,
            self._template,
            **context,
            outward_path=self._path,
            targets=await self._tray.progress(),
            letters=await self._tray.letters(),
        )

    async def resend(self, request: Request) -> Response:
        """Send again what was given up: one event, or all of a target, which is begun with again
        where it had asked for nothing more."""
        await self._enter(request)
        async with request.form(max_files=0) as form:
            target, event = str(form.get("target", "")), str(form.get("event", ""))
        if target not in self._tray.targets:
            raise Refused("delivery.no_target")
        await self._tray.resend(target, event or None)
        return RedirectResponse(self._path, status_code=303)
