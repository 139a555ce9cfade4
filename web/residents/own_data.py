"""A resident's own data: what is kept of him in one case, what he may ask, and what the rules are.

GET  /privacy                   what is kept, why, how long, who sees it, whom to turn to
GET  /receipt/<code>/data       all that is kept of this case, and what was asked about it
POST /receipt/<code>/data       to have a name removed or corrected, or everything erased
GET  /receipt/<code>/data.json  the same, to take along
"""

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.data_request import Kind
from feedback.intake import MOST_NAME_CHARACTERS
from feedback.receipt import parse_receipt
from web.errors import status_of, wants_json
from web.limiting import ASKING, LOOKING_UP
from web.residents.pages import Pages, Reception
from web.templating import root_of

_KINDS: Final = {kind.value: kind for kind in Kind}


class OwnDataPages:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/privacy", self.privacy, methods=["GET"]),
            Route("/receipt/{code}/data", self.show, methods=["GET"]),
            Route("/receipt/{code}/data", self.ask, methods=["POST"]),
            Route("/receipt/{code}/data.json", self.save, methods=["GET"]),
        ]

    async def privacy(self, request: Request) -> Response:
        reception = await self._pages.reception(request)
        return self._pages.page(
            request,
            reception,
            "privacy.html",
            settings=reception.own_data.settings,
            films_kept_days=reception.films_kept_days,
        )

    async def show(self, request: Request) -> Response:
        reception = await self._pages.reception(request)
        return await self._show(request, reception)

    async def save(self, request: Request) -> Response:
        reception = await self._pages.reception(request)
        code = await self._allowed(request, reception)
        kept = await reception.own_data.kept(code)
        if kept is None:
            return await self._unknown(request, reception)
        disposition = f'attachment; filename="{kept["receipt"]}.json"'
        return JSONResponse(kept, headers={"Content-Disposition": disposition})

    async def ask(self, request: Request) -> Response:
        """Durable before it is acknowledged; the same twice is once."""
        reception = await self._pages.reception(request)
        code = await self._allowed(request, reception)
        async with request.form(max_files=0) as form:
            kind, name = _KINDS.get(str(form.get("kind", ""))), str(form.get("name", ""))
        if kind is None:
            raise Refused("web.bad_request")
        try:
            await reception.limits.count(ASKING, request)
            asked = await reception.own_data.ask(code, kind, name)
        except Refused as refused:
            if wants_json(request) or refused.cause.code == "receipt.not_found":
                raise
            return await self._show(request, reception, refused.cause)
        url = f"{root_of(request)}/receipt/{code}/data"
        if wants_json(request):
            told = {"id": asked.id, "state": asked.state.value, "due_at": asked.due_at.isoformat()}
            return JSONResponse(told | {"url": url}, 202)
        return RedirectResponse(f"{url}?asked={kind.value}", status_code=303)

    async def _allowed(self, request: Request, reception: Reception) -> str:
        """The code; guessing is held short, as for receipts. Raises Refused."""
        code = parse_receipt(request.path_params["code"]) or ""
        if code not in self._pages.own_receipts(request):
            await reception.limits.check(LOOKING_UP, request)
        return code

    async def _show(
        self, request: Request, reception: Reception, problem: Cause | None = None
    ) -> Response:
        code = await self._allowed(request, reception)
        kept = await reception.own_data.kept(code)
        if kept is None:
            return await self._unknown(request, reception)
        if wants_json(request):
            return JSONResponse(kept)
        return self._pages.page(
            request,
            reception,
            "own_data.html",
            status_code=status_of(problem) if problem else 200,
            code=code,
            kept=kept,
            moment=datetime.fromisoformat,
            asked=await reception.own_data.asked(code),
            settings=reception.own_data.settings,
            problem=problem,
            heard=request.query_params.get("asked", "") in _KINDS,
            most_name=MOST_NAME_CHARACTERS,
        )

    async def _unknown(self, request: Request, reception: Reception) -> Response:
        await reception.limits.count(LOOKING_UP, request)
        raise Refused("receipt.not_found")
