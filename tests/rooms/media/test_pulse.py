"""Questions whether a browser is there, as aioice reads and answers them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import Connection
from aioice.stun import Class, parse_message

from rooms.media import pulse
from rooms.media.pulse import Pulse, watch_path
from rooms.media.stun import Request

CEILING_SECONDS = 20


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Connection, Connection, Pulse]]:
    ours, theirs = Connection(ice_controlling=False), Connection(ice_controlling=True)
    watched = watch_path(ours)
    await asyncio.gather(ours.gather_candidates(), theirs.gather_candidates())
    for one, other in ((ours, theirs), (theirs, ours)):
        for candidate in other.local_candidates:
            await one.add_remote_candidate(candidate)
        await one.add_remote_candidate(None)
        one.remote_username, one.remote_password = other.local_username, other.local_password
    await asyncio.gather(ours.connect(), theirs.connect())
    yield ours, theirs, watched
    await asyncio.gather(ours.close(), theirs.close())


async def until(holds: Any) -> None:
    async with asyncio.timeout(CEILING_SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_browser_that_answers_is_there_and_how_quickly_is_told(
    ends: tuple[Connection, Connection, Pulse],
) -> None:
    ours, _, watched = ends
    took: list[float] = []
    watched.on_answer = took.append
    heard = watched.heard
    watched.ask()
    await until(lambda: took)
    assert watched.heard > heard
    assert 0 < took[0] < CEILING_SECONDS
    await until(lambda: not watched.unanswered)
    assert not any(protocol.transactions for protocol in ours._protocols), "nothing is kept"


async def test_an_answer_that_is_not_signed_is_none(
    ends: tuple[Connection, Connection, Pulse],
) -> None:
    ours, theirs, watched = ends
    theirs._local_password = "another" * 4  # it refuses, and whoever is in between could answer
    await until(lambda: not watched.unanswered or len(watched.unanswered) > 1)
    heard = watched.heard
    asked = len(watched.unanswered)
    await until(lambda: len(watched.unanswered) > asked or ours._closed)
    assert watched.heard == heard


async def test_who_is_silent_for_too_long_is_dead(
    ends: tuple[Connection, Connection, Pulse], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs, watched = ends
    monkeypatch.setattr(pulse, "SILENT_SECONDS", 0.3)
    for protocol in theirs._protocols:
        protocol.transport.abort()
    await until(lambda: ours._closed)
    assert not watched.unanswered


async def test_what_comes_counts_whatever_it_is(
    ends: tuple[Connection, Connection, Pulse],
) -> None:
    _, theirs, watched = ends
    heard = watched.heard
    await theirs.send(b"\x80 a packet")
    await until(lambda: watched.heard > heard)


def test_a_request_is_what_aioice_would_have_sent() -> None:
    connection = Connection(ice_controlling=False)
    connection.remote_username, connection.remote_password = "them", "p" * 22

    class Pair:
        component = 1

    message = connection.build_request(Pair(), nominate=False)  # type: ignore[arg-type]
    request = Request(bytes(message)[20:], b"p" * 22)
    message.add_message_integrity(b"p" * 22)
    data = request.numbered(message.transaction_id)
    assert data == bytes(message)
    assert parse_message(data).message_class is Class.REQUEST
