"""What offering a stream (WHIP, RFC 9725) and asking for one (WHEP) have in common over HTTP.

    answer = await post(client, url, token, sdp)
    session = session_of(answer, url, client, token)
    await session.end()

Redirects are followed (RFC 9725, section 4.5); the token goes to the host that it is for and to no
other.
"""

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import httpx

MOST_ANSWER_BYTES: Final = 64 * 1024
END_SECONDS: Final = 3.0
SDP: Final = "application/sdp"


class NotTaken(Exception):  # noqa: N818 - said of the server
    """It does not take the stream, or does not give it; `code` says why: `refused`, `not_found`,
    `nobody`, `rejected`, `no_answer`, `certificate`."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Session:
    description: str
    """The server's."""
    url: str
    """Of the session; empty where the server named none on its own host."""
    client: httpx.AsyncClient
    token: str = field(repr=False)

    async def end(self) -> None:
        """Tell the server. Raises nothing: a server that is away ends it by itself."""
        with suppress(httpx.HTTPError):
            if self.url:
                await self.client.delete(self.url, headers=login(self.token), timeout=END_SECONDS)


async def post(client: httpx.AsyncClient, url: str, token: str, sdp: str) -> httpx.Response:
    """A description, or nothing. Raises NotTaken: `certificate`, `no_answer`, `refused`."""
    headers = {"Accept": SDP, **login(token)} | ({"Content-Type": SDP} if sdp else {})
    answer = await asked(
        client.post(url, content=sdp or b"", headers=headers, follow_redirects=True)
    )
    if len(answer.content) > MOST_ANSWER_BYTES:
        raise NotTaken("rejected", answer.status_code)
    return answer


async def asked(request: Awaitable[httpx.Response]) -> httpx.Response:
    """What comes back. Raises NotTaken: as `post`."""
    try:
        answer = await request
    except httpx.ConnectError as error:
        raise NotTaken("certificate" if "CERTIFICATE" in str(error) else "no_answer") from error
    except httpx.HTTPError as error:
        raise NotTaken("no_answer") from error
    if answer.status_code in (401, 403):
        raise NotTaken("refused", answer.status_code)
    return answer


def session_of(answer: httpx.Response, url: str, client: httpx.AsyncClient, token: str) -> Session:
    """`url` is what was asked, before any redirect: its host alone may see the token again."""
    location = answer.headers.get("location", "")
    session = urljoin(str(answer.url), location) if location else ""
    if httpx.URL(session or url).host != answer.url.host:
        session = ""  # whoever answers speaks for himself alone
    shown = token if httpx.URL(url).host == answer.url.host else ""
    return Session(answer.text, session, client, shown)


def login(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
