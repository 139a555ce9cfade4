"""An official's browser at the ward's media server: what it asks passes through the hub.

    POST   /meetings/{meeting}/whip?after=…    publish: whoever speaks (WHIP, RFC 9725)
    POST   /meetings/{meeting}/whep/{who}      watch `ward` or a house (WHEP)
    PATCH  /meetings/{meeting}/{part}/{mark}/{token}    answer what the media server offered
    DELETE …                                   end it

`after` is the mark of the session that the page had before: it does not push out another page that
the same person opened since. Without it, it does.

The server's tokens never come to a browser, its pages' policy allows no other host, and the
media server need not know the hub's. Pictures and sound go between browser and media server. The
address of the server's session stands in `token`, signed.
"""

import logging
import secrets
from contextlib import suppress
from typing import Final
from urllib.parse import urljoin

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from ward.accounts import Account
from ward.meetings import Meeting, MeetingState
from web.hub.houses import ATTENDS
from web.hub.media_server import OFFICIAL, MediaServer
from web.hub.site import HubSite
from web.link.ward_meeting import Stream

SDP: Final = "application/sdp"
MOST_SDP_BYTES: Final = 64 * 1024
ANSWER_SECONDS: Final = 10.0
END_SECONDS: Final = 3.0

_SESSION: Final = "media-session"

logger = logging.getLogger(__name__)


def routes(site: HubSite) -> list[BaseRoute]:
    door = _Door(site)
    session = "/meetings/{meeting}/{part}/{mark}/{token}"
    return [
        Route("/meetings/{meeting}/whip", door.publish, methods=["POST"]),
        Route("/meetings/{meeting}/whep/{who}", door.watch, methods=["POST"]),
        Route(session, door.answer, methods=["PATCH"]),
        Route(session, door.end, methods=["DELETE"]),
    ]


class _Door:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._client = httpx.AsyncClient(
            timeout=ANSWER_SECONDS, follow_redirects=True, trust_env=False
        )

    async def publish(self, request: Request) -> Response:
        """The picture and the voice of whoever speaks. What he published before, from another page
        or before his line was lost, ends."""
        account, meeting, server = await self._in_meeting(request)
        if meeting.speaker != account.id:
            raise Refused("gathering.not_speaker", name=meeting.speaker_name)
        after = request.query_params.get("after")
        if after is not None and meeting.stream not in {None, after}:
            raise Refused("gathering.elsewhere")
        stream = server.publish(meeting.id, OFFICIAL)
        if meeting.stream_url is not None:
            await self._end(meeting.stream_url, stream.token)
        answer = await self._ask(request, "POST", stream)
        mark = secrets.token_hex(4)
        url = _session_of(answer)
        await self._site.meetings.streams(meeting.id, mark, url, by=account)
        return self._passed_on(answer, meeting.id, "whip", mark, url)

    async def watch(self, request: Request) -> Response:
        """The official, or a house that takes part."""
        _, meeting, server = await self._in_meeting(request)
        who = request.path_params["who"]
        if who != OFFICIAL and meeting.house(who) is None:
            raise Refused("ward.house_unknown")
        stream = server.watch(meeting.id, who)
        answer = await self._ask(request, "POST", stream)
        mark = secrets.token_hex(4)
        return self._passed_on(answer, meeting.id, "whep", mark, _session_of(answer))

    async def answer(self, request: Request) -> Response:
        """To what the media server offered."""
        await self._site.access.require(request, *ATTENDS)
        answer = await self._ask(request, "PATCH", self._session(request))
        return Response(answer.content, answer.status_code, media_type=SDP)

    async def end(self, request: Request) -> Response:
        """A server that is away ends it by itself."""
        await self._site.access.require(request, *ATTENDS)
        stream = self._session(request)
        await self._end(stream.url, stream.token)
        return Response()

    async def _in_meeting(self, request: Request) -> tuple[Account, Meeting, MediaServer]:
        """Raises Refused: `gathering.unknown`, `gathering.not_open`,
        `gathering.no_media_server`."""
        account = (await self._site.access.require(request, *ATTENDS)).account
        meeting = await self._site.meetings.find(request.path_params["meeting"])
        if self._site.media is None:
            raise Refused("gathering.no_media_server")
        if meeting.state is not MeetingState.OPEN:
            raise Refused("gathering.not_open")
        return account, meeting, self._site.media

    async def _ask(self, request: Request, method: str, stream: Stream) -> httpx.Response:
        """The media server's answer where it is one of use to a browser. Raises Refused:
        `mediaserver.*`."""
        body = await request.body()
        headers = {"Accept": SDP, **_login(stream.token)}
        if body:
            headers["Content-Type"] = SDP
        try:
            answer = await self._client.request(method, stream.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            logger.warning("the media server does not answer: %s", error)
            code = "certificate" if "CERTIFICATE" in str(error) else "no_answer"
            raise Refused(f"mediaserver.{code}") from error
        status = answer.status_code
        if status in {401, 403}:
            raise Refused("mediaserver.refused")
        if status == 404:
            raise Refused("mediaserver.nobody")
        # 406: it offers by itself; the others: it takes no offer, and is asked again without one.
        useful = answer.is_success or status in {400, 406, 415, 422}
        if not useful or len(answer.content) > MOST_SDP_BYTES:
            logger.warning("the media server answers %s to %s", status, method)
            raise Refused("mediaserver.rejected", status=status)
        return answer

    def _passed_on(
        self, answer: httpx.Response, meeting_id: str, part: str, mark: str, url: str
    ) -> Response:
        response = Response(answer.content, answer.status_code, media_type=SDP)
        if url:
            token = self._site.tokens.sign(f"{_SESSION}-{part}", url)
            response.headers["Location"] = f"/meetings/{meeting_id}/{part}/{mark}/{token}"
        return response

    def _session(self, request: Request) -> Stream:
        """Raises Refused `access.link_broken`, `gathering.no_media_server`."""
        part = request.path_params["part"]
        url = self._site.tokens.read(f"{_SESSION}-{part}", request.path_params["token"])
        if self._site.media is None:
            raise Refused("gathering.no_media_server")
        media = self._site.media
        return Stream(str(url), media.publish_token if part == "whip" else media.watch_token)

    async def _end(self, url: str, token: str) -> None:
        with suppress(httpx.HTTPError):
            if url:
                await self._client.delete(url, headers=_login(token), timeout=END_SECONDS)


def _session_of(answer: httpx.Response) -> str:
    """Its address; empty where the server named none, or one on another host: the token is for
    nobody else."""
    location = answer.headers.get("location", "")
    url = httpx.URL(urljoin(str(answer.url), location)) if location else answer.url
    return str(url) if location and url.host == answer.url.host else ""


def _login(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
