"""Offers a stream to a media server over HTTP (WHIP, RFC 9725).

session = await offer_stream(client, url, token, sdp)
session.answer
await session.end()
"""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

MOST_ANSWER_BYTES = 64 * 1024
END_SECONDS = 3.0


class NotTaken(Exception):  # noqa: N818 - said of the server
    """It does not take the stream; `code` says why: `refused`, `not_found`, `rejected`,
    `no_answer`, `certificate`."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class WhipSession:
    answer: str
    """The server's description."""
    url: str
    """Of the session; empty where the server named none."""
    client: httpx.AsyncClient
    token: str

    async def end(self) -> None:
        """Tell the server. Raises nothing: a server that is away ends it by itself."""
        with suppress(httpx.HTTPError):
            if self.url:
                await self.client.delete(self.url, headers=_login(self.token), timeout=END_SECONDS)


async def offer_stream(client: httpx.AsyncClient, url: str, token: str, sdp: str) -> WhipSession:
    """Raises NotTaken."""
    headers = {"Content-Type": "application/sdp", "Accept": "application/sdp", **_login(token)}
    try:
        answer = await client.post(url, content=sdp, headers=headers, follow_redirects=True)
    except httpx.ConnectError as error:
        raise NotTaken("certificate" if "CERTIFICATE" in str(error) else "no_answer") from error
    except httpx.HTTPError as error:
        raise NotTaken("no_answer") from error
    status = answer.status_code
    if status in (401, 403):
        raise NotTaken("refused", status)
    if status in (404, 405):
        raise NotTaken("not_found", status)
    if status != 201 or len(answer.content) > MOST_ANSWER_BYTES:
        raise NotTaken("rejected", status)
    location = answer.headers.get("location", "")
    session = urljoin(str(answer.url), location) if location else ""
    if httpx.URL(session or url).host != answer.url.host:
        session = ""  # the token is for nobody else
    return WhipSession(answer.text, session, client, token)


def _login(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
