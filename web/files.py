"""Static files, the same for the house and for the hub."""

from os import PathLike
from pathlib import Path
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web.templating import STATIC, version_of


def route() -> Mount:
    return Mount("/static", _Static(directory=STATIC))


class _Static(StaticFiles):
    """Files whose address names their content are kept for a year, the others asked for anew.

    The name is compared: a page that the hub shows may come from a house of another version.
    """

    def file_response(
        self, full_path: str | PathLike[str], stat_result: Any, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = QueryParams(scope["query_string"]).get("v")
        kept = asked == version_of(Path(full_path).relative_to(STATIC).as_posix())
        response.headers["Cache-Control"] = "max-age=31536000, immutable" if kept else "no-cache"
        return response
