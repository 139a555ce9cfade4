"""Photos and papers over HTTP: how they come in with a form, and with what they go out."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from base.cause import Cause, Refused
from feedback.album import Album
from feedback.attachments import MOST, Attachment, Kind
from feedback.developing import MOST_BYTES, MOST_MEGAPIXELS
from feedback.pictures import Sheet

FIELD: Final = "photo"
CHOSEN: Final = "with"
"""Ids of those that go with an answer, and of those that a page showed to be chosen from."""
LISTED: Final = "listed"
MOST_FILES: Final = 12
"""Of a form; more than three are told apart from three, and not taken."""
TAKES: Final = re.compile(
    r"(/h/[^/]+)?/(ask|receipt/[^/]+/photos)|/do/(enter|answer)-question"
    r"|/(work|cases)/[^/]+/(draft|publish)|/slips/enter|/content/(add|send/[^/]+)"
)
"""The paths of the forms that may bring some; every other body is small (`web/security.py`)."""

_NOTES: Final[Mapping[str, Cause]] = {
    cause.code: cause
    for cause in (
        Cause("picture.too_large", most=MOST_BYTES // 1_000_000),
        Cause("picture.too_many_pixels", most=MOST_MEGAPIXELS),
        *map(Cause, ("picture.heic", "picture.not_one", "picture.broken", "picture.busy")),
        Cause("attachment.too_many", most=MOST),
        *map(Cause, ("attachment.no_room", "attachment.later", "attachment.answered")),
    )
}
"""What a page may be led to say of photos that were not taken."""

_SEALED: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def _files(form: FormData) -> list[UploadFile]:
    return [one for one in form.getlist(FIELD) if isinstance(one, UploadFile) and one.size]


def most_files(request: Request) -> int:
    """Of this form."""
    return MOST_FILES if TAKES.fullmatch(request.url.path) else 0


def has_some(form: FormData) -> bool:
    return bool(_files(form))


async def sheets(
    form: FormData, album: Album, *, papers: bool = False
) -> tuple[Sequence[Sheet], Cause | None]:
    """What a form brings, fit to be kept, and what is wrong with the first that is not.

    Nothing is raised: what came with the photos is never held up by them.
    """
    found: list[Sheet] = []
    problem: Cause | None = None
    files = _files(form)
    if len(files) > MOST:
        problem = Cause("attachment.too_many", most=MOST)
    for file in files[:MOST]:
        try:
            found.append(await album.sheet(await _read(file), papers=papers))
        except Refused as refused:
            problem = problem or refused.cause
    return found, problem


async def keep_asked(form: FormData, album: Album, case_id: str, *, by: str) -> Cause | None:
    """What a form brings for somebody's question, which is stored by then; what is wrong with one
    that is not kept."""
    found, problem = await sheets(form, album)
    try:
        for sheet in found:
            await album.add(case_id, Kind.ASKED, sheet, by=by)
    except Refused as refused:
        return refused.cause
    return problem


async def _read(file: UploadFile) -> bytes:
    if (file.size or 0) > MOST_BYTES:
        raise Refused("picture.too_large", most=MOST_BYTES // 1_000_000)
    return await file.read()


def note(request: Request) -> Cause | None:
    """What the page that the form led to has to say: `?photo=picture.heic`."""
    code = request.query_params.get("photo", "")
    return None if code in ("", "added") else _NOTES.get(code, _NOTES["picture.busy"])


async def respond(
    request: Request, album: Album, may: Callable[[Attachment], bool] = lambda one: one.public
) -> Response:
    """The file that the path names by `id`, small where the query says so, if the reader may see
    it. Raises HTTPException 404.

    A picture was encoded here and may be shown; a paper is a stranger's file and is handed over as
    one, never opened in a page of ours.
    """
    small = request.query_params.get("size") == "small"
    found = await album.content(request.path_params["id"], small=small)
    if found is None or not may(found[0]):
        raise HTTPException(404)
    one, content = found
    headers = {
        "Content-Security-Policy": _SEALED,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=600",
    }
    if not one.is_picture:
        headers["Content-Disposition"] = f'attachment; filename="{one.id}.pdf"'
    return Response(content, media_type=one.type, headers=headers)


def told(attached: Sequence[Attachment], base: str) -> list[dict[str, str | int | None]]:
    """For scripts; `base` is the address below which they are."""
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "type": one.type,
            "bytes": one.size,
            "sha256": one.sha256,
            "url": f"{base}/{one.id}",
        }
        for one in attached
    ]
