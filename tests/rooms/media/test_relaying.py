"""What the house finds of its relay: Debian's coturn on loopback, in every way it can be wrong."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aioice.turn import create_turn_endpoint

from config.turn import TurnAddress
from rooms.media.peer import MOST_WAITING_BYTES, _is_full
from rooms.media.relaying import Relaying
from rooms.relay import Relay, RelayAccount, RelayCondition, RelayState
from ward.turn import LASTS_SECONDS, TurnMint
from web.sentences import say

CEILING_SECONDS = 30
OWN = {"allow_loopback_peers": True, "denied_peer_ip": False}
"""All that a test has is loopback, which the example keeps everybody out of."""


@pytest.fixture
async def relaying(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Relaying]:
    monkeypatch.setattr("rooms.media.relaying.TRY_SECONDS", 3.0)
    relaying = Relaying()
    running = asyncio.create_task(relaying.run())
    yield relaying
    assert not running.done(), running
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
def silent() -> Iterator[int]:
    """A UDP port where somebody listens and says nothing, as behind a wall."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def offer(
    *urls: str, secret: str = "", clock: Callable[[], float] = time.time, lasts: float = 3600
) -> Relay:
    mint = TurnMint(urls, secret, clock)
    own, guests = mint.account("to-5"), mint.account("to-5.guests")
    return Relay(
        urls,
        RelayAccount(own.username, own.credential),
        RelayAccount(guests.username, guests.credential),
        asyncio.get_running_loop().time() + lasts,
    )


async def found(relaying: Relaying, relay: Relay) -> RelayState:
    """What the trial of this offer ends with; it can be said in words."""
    relaying.offered.set(relay)
    async with asyncio.timeout(CEILING_SECONDS):
        async for state in relaying.state.changes():
            if state.cause is not None and state.cause.code != "relay.trying":
                break
    assert state.cause is not None
    for language in ("vi", "en"):
        words = say(state.cause, language)  # type: ignore[arg-type]
        assert words != state.cause.code
        assert "…" not in words
    return state


def code(state: RelayState) -> tuple[RelayCondition, str]:
    assert state.cause is not None
    return state.condition, state.cause.code


async def test_until_it_was_tried_nothing_is_said_to_be_good(
    relaying: Relaying, silent: int
) -> None:
    assert relaying.state.value.condition is RelayCondition.NONE
    relaying.offered.set(offer(f"turn:127.0.0.1:{silent}"))
    async with asyncio.timeout(CEILING_SECONDS):
        async for state in relaying.state.changes():
            if state.condition is not RelayCondition.NONE:
                break
    assert state.condition is RelayCondition.UNMEASURED


async def test_a_relay_that_works(relaying: Relaying, start_coturn: Callable[..., Any]) -> None:
    relay = start_coturn(**OWN)
    udp = f"turn:127.0.0.1:{relay.port}"
    given = offer(f"{udp}?transport=tcp", udp, secret=relay.SECRET)
    assert code(await found(relaying, given)) == (RelayCondition.WORKING, "relay.works")
    servers = relaying.for_house()
    assert servers is not None
    assert servers.urls == (udp, f"stun:127.0.0.1:{relay.port}")
    assert servers.account == given.house
    guests = relaying.for_guests()
    assert guests is not None
    assert (guests.urls, guests.account) == (given.urls, given.guests)


async def test_where_udp_is_stopped_the_house_goes_by_tcp(
    relaying: Relaying, start_coturn: Callable[..., Any], silent: int
) -> None:
    relay = start_coturn(**OWN)
    tcp = f"turn:127.0.0.1:{relay.port}?transport=tcp"
    state = await found(relaying, offer(f"turn:127.0.0.1:{silent}", tcp, secret=relay.SECRET))
    assert code(state) == (RelayCondition.LIMITED, "relay.only_tcp")
    assert f"TCP {relay.port}" in say(state.cause, "vi")  # type: ignore[arg-type]
    servers = relaying.for_house()
    assert servers is not None
    assert servers.urls == (tcp,)


async def test_a_relay_that_is_not_there_costs_no_time_any_more(
    relaying: Relaying, silent: int
) -> None:
    given = offer(f"turn:127.0.0.1:{silent}", f"turn:127.0.0.1:{silent}?transport=tcp")
    relaying.offered.set(given)
    assert relaying.for_house() is not None
    assert code(await found(relaying, given)) == (RelayCondition.FAILED, "relay.silent")
    assert relaying.for_house() is None
    assert relaying.for_guests() is not None


async def test_another_secret_and_another_clock(
    relaying: Relaying, start_coturn: Callable[..., Any]
) -> None:
    relay = start_coturn(**OWN)
    url = f"turn:127.0.0.1:{relay.port}"
    assert code(await found(relaying, offer(url, secret="another"))) == (
        RelayCondition.FAILED,
        "relay.refused",
    )
    hours_ago = Relaying()
    running = asyncio.create_task(hours_ago.run())
    given = offer(url, secret=relay.SECRET, clock=lambda: time.time() - 2 * LASTS_SECONDS)
    state = await found(hours_ago, given)
    assert code(state) == (RelayCondition.FAILED, "relay.clock")
    assert "120 phút" in say(state.cause, "vi")  # type: ignore[arg-type]
    running.cancel()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({}, "relay.passes_nothing"),
        (OWN | {"user_quota": 1, "total_quota": 1}, "relay.full"),
    ],
)
async def test_a_relay_that_is_set_up_wrongly(
    relaying: Relaying, start_coturn: Callable[..., Any], lines: dict[str, Any], expected: str
) -> None:
    relay = start_coturn(**lines)
    given = offer(f"turn:127.0.0.1:{relay.port}", secret=relay.SECRET)
    assert code(await found(relaying, given)) == (RelayCondition.FAILED, expected)


async def test_what_it_offers_runs_out(relaying: Relaying, silent: int) -> None:
    relaying.offered.set(offer(f"turn:127.0.0.1:{silent}", lasts=0.0))
    assert relaying.for_guests() is None
    async with asyncio.timeout(CEILING_SECONDS):
        async for state in relaying.state.changes():
            if state.cause is not None and state.cause.code == "relay.run_out":
                break
    assert state.condition is RelayCondition.UNMEASURED


async def test_it_is_tried_again_where_a_connection_got_no_answer(
    relaying: Relaying, start_coturn: Callable[..., Any]
) -> None:
    relay = start_coturn(**OWN)
    tcp = f"turn:127.0.0.1:{relay.port}?transport=tcp"
    await found(relaying, offer(tcp, secret=relay.SECRET))
    relay.stop()
    relaying.doubt()
    async with asyncio.timeout(CEILING_SECONDS):
        async for state in relaying.state.changes():
            if state.condition is RelayCondition.FAILED:
                break
    assert relaying.for_house() is None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("turn:a.example", TurnAddress("turn", "a.example", 3478, "udp")),
        ("turn:a.example:443?transport=tcp", TurnAddress("turn", "a.example", 443, "tcp")),
        ("turns:a.example", TurnAddress("turns", "a.example", 5349, "tcp")),
        ("stun:[2001:db8::1]:3479", TurnAddress("stun", "2001:db8::1", 3479, "udp")),
    ],
)
def test_addresses(url: str, address: TurnAddress) -> None:
    assert TurnAddress.read(url) == address


async def test_a_certificate_that_nobody_vouches_for(
    relaying: Relaying, start_coturn: Callable[..., Any], silent: int, tmp_path: Path
) -> None:
    pair = (tmp_path / "cert.pem", tmp_path / "key.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    command = [*made, "-out", pair[0], "-keyout", pair[1]]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    relay = start_coturn(certificate=pair, tls_listening_port=silent, **OWN)
    given = offer(f"turns:127.0.0.1:{silent}", secret=relay.SECRET)
    assert code(await found(relaying, given)) == (RelayCondition.FAILED, "relay.certificate")


async def test_a_relay_that_takes_nothing_more_gets_nothing_more(
    start_coturn: Callable[..., Any],
) -> None:
    """Over TCP whatever is not taken would wait in the house, more and more of it."""
    relay = start_coturn(**OWN)
    account = offer(secret=relay.SECRET).house
    transport, _ = await create_turn_endpoint(
        asyncio.DatagramProtocol,
        ("127.0.0.1", relay.port),
        account.username,
        account.credential,
        transport="tcp",
    )
    transport.sendto(b"first", ("127.0.0.1", 9))  # makes a channel
    async with asyncio.timeout(CEILING_SECONDS):
        while not transport._TurnTransport__inner_protocol.peer_to_channel:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    relay.process.send_signal(signal.SIGSTOP)
    assert not _is_full(transport)
    sent = 0
    async with asyncio.timeout(CEILING_SECONDS):
        while not _is_full(transport):
            transport.sendto(bytes(1200), ("127.0.0.1", 9))
            sent += 1
            await asyncio.sleep(0)
    assert sent * 1200 > MOST_WAITING_BYTES
