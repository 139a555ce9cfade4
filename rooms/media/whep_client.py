"""Asks a media server for a stream over HTTP (WHEP, draft-ietf-wish-whep).

session = await ask_for_stream(client, url, token, viewer)
await session.end()

Servers differ in who describes the stream first. Ours is offered; one that would rather offer says
so (406, with its own offer) and is answered by PATCH, and one that only ever offers is asked for it
with nothing.
"""

from typing import Final, Protocol

import httpx

from rooms.media.stream_http import SDP, NotTaken, Session, asked, login, post, session_of

NO_OFFERS: Final = frozenset({400, 415, 422})
"""So answers a server that does not read ours; also one that finds it wrong, and says it again."""
NOBODY: Final = frozenset({404, 409})
"""Nobody sends there yet; or not any more."""


class Viewer(Protocol):
    """The receiving end; `BadOffer` where a description is none."""

    async def offer(self) -> str: ...

    async def accept(self, answer: str) -> None: ...

    async def answer(self, offer: str) -> str:
        """To the server's offer, whatever was offered before."""


async def ask_for_stream(
    client: httpx.AsyncClient, url: str, token: str, viewer: Viewer
) -> Session:
    """Until the descriptions are exchanged. Raises NotTaken (`nobody` where nobody sends there
    yet), and `rooms.media.offer.BadOffer`; the server is told then."""
    told = await post(client, url, token, await viewer.offer())
    offers = told.status_code == 406
    if told.status_code in NO_OFFERS:
        told = await post(client, url, token, "")
        offers = told.status_code == 201
    if told.status_code in NOBODY:
        raise NotTaken("nobody", told.status_code)
    if told.status_code == 405:
        raise NotTaken("not_found", told.status_code)
    session = session_of(told, url, client, token)
    if not offers and told.status_code != 201:
        raise NotTaken("rejected", told.status_code)
    try:
        if offers:
            await _counter(session, told.status_code, viewer)
        else:
            await viewer.accept(session.description)
    except BaseException:
        await session.end()
        raise
    return session


async def _counter(session: Session, status: int, viewer: Viewer) -> None:
    """The server has offered; raises NotTaken and BadOffer."""
    if not session.url or not session.description:
        raise NotTaken("rejected", status)
    answer = await viewer.answer(session.description)
    headers = {"Content-Type": SDP, **login(session.token)}
    told = await asked(session.client.patch(session.url, content=answer, headers=headers))
    if told.status_code in NOBODY:
        raise NotTaken("nobody", told.status_code)
    if not told.is_success:
        raise NotTaken("rejected", told.status_code)
