"""Offers a stream to a media server over HTTP (WHIP, RFC 9725).

session = await offer_stream(client, url, token, sdp)
session.description         # its answer
await session.end()
"""

import httpx

from rooms.media.stream_http import NotTaken, Session, post, session_of


async def offer_stream(client: httpx.AsyncClient, url: str, token: str, sdp: str) -> Session:
    """Raises NotTaken."""
    answer = await post(client, url, token, sdp)
    status = answer.status_code
    if status in (404, 405):
        raise NotTaken("not_found", status)
    if status != 201:
        raise NotTaken("rejected", status)
    return session_of(answer, url, client, token)
