"""`/whip/<camera>`: OBS or another encoder is a camera of the house (WHIP, RFC 9725).

The camera stands in the settings as `kind = "whip"`; its token is in a file beside them. One
encoder at a time. Candidates do not trickle, and nothing is restarted: both come with a new offer.
"""

import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from devices.device import VideoSource
from devices.whip import WhipCamera
from rooms.media.ingest import Ingest
from rooms.media.one_way import SENDS, read_offer
from web import one_way
from web.limiting import PAIRING
from web.one_way import Sessions
from web.site import Site

PATH: Final = "/whip"
LEAST_CHARACTERS: Final = 16
"""Of a token: it is guessed at from the whole network."""


class Encoders:
    """The encoders that send a picture in."""

    def __init__(self, site: Site, ingest: Ingest, cameras: Sequence[VideoSource]) -> None:
        self._site = site
        self._cameras = [camera for camera in cameras if isinstance(camera, WhipCamera)]
        self._ingest = ingest
        self._sessions = Sessions()

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{PATH}/{{camera}}", self._endpoint, methods=["POST", "OPTIONS"]),
            Route(
                f"{PATH}/{{camera}}/{{session}}",
                self._session,
                methods=["DELETE", "PATCH", "OPTIONS"],
            ),
        ]

    async def _endpoint(self, request: Request) -> Response:
        """An encoder's offer; 201 with the answer, and where it ends the session."""
        return await one_way.endpoint(request, self._site.templates, self._take)

    async def _session(self, request: Request) -> Response:
        """Ends it."""
        return one_way.session(request, self._site.templates, self._sessions)

    async def _take(self, request: Request) -> Response:
        async with self._site.limits.guess(PAIRING, request):
            camera = self._camera(request.path_params["camera"], one_way.bearer(request))
        offer = read_offer(await one_way.description(request), SENDS)
        answer = await self._ingest.answer(
            camera, offer, on_over=lambda: self._sessions.forget(camera.id)
        )
        session = self._sessions.add(camera.id, lambda: self._ingest.stop(camera.id))
        root = request.scope.get("root_path", "")
        return one_way.made(answer, f"{root}{PATH}/{camera.id}/{session}")

    def _camera(self, camera_id: str, token: str) -> WhipCamera:
        """The one whose token this is. Raises Refused `stream.wrong_token`, also where there is no
        such camera: whoever has no token learns nothing."""
        for camera in self._cameras:
            if camera.id == camera_id:
                wanted = _read(camera.token_file)
                if wanted and hmac.compare_digest(wanted.encode(), token.encode()):
                    return camera
        raise Refused("stream.wrong_token")


def _read(path: Path) -> str:
    """Empty where there is none, or one that could be guessed."""
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return token if len(token) >= LEAST_CHARACTERS else ""
