"""Recordings in the house: a list, and each to be played, searched, saved and deleted.

    GET  /films                      newest first
    GET  /films/<film>               to be played; chapters are links, so that no script is needed
    GET  /films/<film>/film.mp4      in parts, if they are asked for (RFC 9110, section 14)
    GET  /films/<film>/chapters.vtt  WebVTT
    POST /films/<film>/delete        asks once more first

For the leader and the secretary; never through the hub.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from rooms.films.store import FilmView, Mark, MarkKind
from rooms.view import Role
from web.access import Identity
from web.entry import HOME
from web.language import VIETNAM, translations
from web.site import Site

PATH: Final = "/films"
_ROLES: Final = (Role.LEADER, Role.SECRETARY)


def routes(site: Site) -> list[BaseRoute]:
    pages = _Films(site)
    return [
        Route(PATH, pages.list, methods=["GET"]),
        Route(f"{PATH}/{{film}}", pages.show, methods=["GET"]),
        Route(f"{PATH}/{{film}}/film.mp4", pages.play, methods=["GET", "HEAD"]),
        Route(f"{PATH}/{{film}}/chapters.vtt", pages.chapters, methods=["GET"]),
        Route(f"{PATH}/{{film}}/delete", pages.delete, methods=["POST"]),
    ]


class _Films:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._room = site.room

    async def list(self, request: Request) -> Response:
        identity = self._who(request)
        return self._site.templates.page(
            request,
            "films.html",
            films=await self._room.films.films(),
            running=self._room.film_under_way(),
            home=HOME[identity.role],
            keeps_days=self._site.settings.recording.keep_days,
        )

    async def show(self, request: Request) -> Response:
        identity = self._who(request)
        film, marks = await self._room.films.film(request.path_params["film"])
        return self._site.templates.page(
            request,
            "film.html",
            film=film,
            running=film.id == self._room.film_under_way(),
            marks=[(mark, _clock(mark.seconds)) for mark in marks],
            may_delete=identity.role is Role.LEADER,
            sure="delete" in request.query_params,
        )

    async def play(self, request: Request) -> Response:
        """The film itself; with `?save` under a name that says what it is."""
        self._who(request)
        film, _ = await self._room.films.film(request.path_params["film"])
        path = self._room.films.path_of(film)
        if not path.exists():
            raise Refused("film.unknown")
        response = FileResponse(path, media_type="video/mp4" if film.has_picture else "audio/mp4")
        response.headers["Cache-Control"] = "private, no-store"
        if "save" in request.query_params:
            name = quote(
                f"{film.began_at.astimezone(VIETNAM):%Y-%m-%d} họp, phần {film.number}.mp4"
            )
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response

    async def chapters(self, request: Request) -> Response:
        self._who(request)
        film, marks = await self._room.films.film(request.path_params["film"])
        hall = translations(self._site.templates.language_of(request)).gettext("Hội trường")
        return Response(_vtt(film, marks, hall), media_type="text/vtt")

    async def delete(self, request: Request) -> Response:
        identity = self._who(request)
        film_id = request.path_params["film"]
        async with request.form() as form:
            sure = form.get("sure") == "yes"
        if not sure:
            return RedirectResponse(f"{PATH}/{film_id}?delete", status_code=303)
        await self._room.delete_film(identity.actor, film_id)
        return RedirectResponse(PATH, status_code=303)

    def _who(self, request: Request) -> Identity:
        return self._site.access.require(request, *_ROLES)


def _clock(seconds: float) -> str:
    """`1:02:07`, and `2:07` within the first hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _vtt(film: FilmView, marks: Sequence[Mark], hall: str) -> str:
    """WebVTT (W3C, section 4): a cue for each chapter until the next one."""
    ends = [mark.seconds for mark in marks[1:]] + [film.seconds or 24 * 3600.0]
    cues = [
        f"{_stamp(mark.seconds)} --> {_stamp(max(end, mark.seconds + 0.1))}\n"
        f"{_plain(hall if mark.kind is MarkKind.HALL else mark.text)}\n"
        for mark, end in zip(marks, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _stamp(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _plain(text: str) -> str:
    """What a cue may hold, on one line."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
