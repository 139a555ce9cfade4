"""`/listen`: five seconds of the hall's microphone, recorded and played back, without a script."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.view import Role
from web.site import Site

PATH: Final = "/listen"
_ROLES: Final = (Role.LEADER, Role.TECHNICIAN)
_BACK: Final = {Role.LEADER: "/panel/picture", Role.TECHNICIAN: "/technician"}


def routes(site: Site) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        """How far the recording is, and the recording for the browser that asked for it."""
        identity = site.access.require(request, *_ROLES)
        view = site.room.view.value
        recording = site.room.recording(identity.device_id)
        asked = view.hall_asked
        return site.templates.page(
            request,
            "listen.html",
            view=view,
            role=identity.role,
            recording=recording,
            asked=asked is not None and asked.wish == "recording",
            back=_BACK[identity.role],
        )

    async def start(request: Request) -> Response:
        """Record five seconds; a technician asks the leader first."""
        identity = site.access.require(request, *_ROLES)
        await site.room.record_hall(identity.actor, owner=identity.device_id)
        return RedirectResponse(PATH, status_code=303)

    async def play(request: Request) -> Response:
        """The recording, as WAV, for the browser that asked for it."""
        identity = site.access.require(request, *_ROLES)
        recording = site.room.recording(identity.device_id)
        if recording is None or not recording.wav:
            raise HTTPException(404)
        return Response(recording.wav, media_type="audio/wav")

    return [
        Route(PATH, show, methods=["GET"]),
        Route(PATH, start, methods=["POST"]),
        Route(f"{PATH}/microphone.wav", play, methods=["GET"]),
    ]
