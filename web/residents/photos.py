"""Photos that a resident adds to his question: with it, or later under its receipt.

The question is stored before its photos are looked at. One that cannot be used is a sentence on the
receipt's page, where another one can be added; the question is received either way.
"""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.receipt import parse_receipt
from web import photos
from web.errors import wants_json
from web.limiting import LOOKING_UP, UPLOADING
from web.residents.pages import Pages, Reception
from web.templating import root_of


class Photos:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/receipt/{code}/photos", self.add, methods=["POST"]),
            Route("/receipt/{code}/photos/{id}", self.own, methods=["GET"]),
            Route("/board/photos/{id}", self.public, methods=["GET"]),
        ]

    async def add(self, request: Request) -> Response:
        """Up to three photos to a question that was sent; the same again changes nothing."""
        reception = await self._pages.reception(request)
        code = await self._code(request, reception)
        async with request.form(max_files=photos.MOST_FILES) as form:
            problem = await add_photos(request, reception, code, form)
        if wants_json(request):
            if problem is not None:
                raise Refused(problem.code, **problem.params)
            added = photos.told(
                await reception.album.of_receipt(code), f"{root_of(request)}/receipt/{code}/photos"
            )
            return JSONResponse({"photos": added}, 201)
        query = f"photo={problem.code}" if problem else "photo=added"
        return RedirectResponse(f"{root_of(request)}/receipt/{code}?{query}", status_code=303)

    async def own(self, request: Request) -> Response:
        """A photo of the question, or one that was published with its answer."""
        reception = await self._pages.reception(request)
        code = await self._code(request, reception)
        allowed = await reception.album.of_receipt(code)
        return await photos.respond(request, reception.album, allowed.__contains__)

    async def public(self, request: Request) -> Response:
        """One that everybody may see."""
        reception = await self._pages.reception(request)
        return await photos.respond(request, reception.album)

    async def _code(self, request: Request, reception: Reception) -> str:
        """Of a receipt that there is. Raises Refused: `receipt.not_found`, `web.slow_down`."""
        code = parse_receipt(request.path_params["code"])
        if code not in self._pages.own_receipts(request):
            await reception.limits.check(LOOKING_UP, request)
        if code is None or await reception.desk.find_receipt(code) is None:
            await reception.limits.count(LOOKING_UP, request)
            raise Refused("receipt.not_found")
        return code


async def add_photos(
    request: Request, reception: Reception, code: str, form: FormData
) -> Cause | None:
    """What a form brings beside the words, stored; what is wrong with one that is not."""
    if not photos.has_some(form):
        return None
    try:
        await reception.limits.count(UPLOADING, request)
        found, problem = await photos.sheets(form, reception.album)
        for sheet in found:
            await reception.album.add_by_receipt(parse_receipt(code) or code, sheet)
    except Refused as refused:
        return refused.cause
    return problem
