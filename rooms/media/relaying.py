"""Tries the relay, and says which server a new peer connection should ask.

    relaying = Relaying()
    task_group.create_task(relaying.run())
    bridge = Bridge(cameras, sound, relaying)
    relaying.offered.set(relay)       # whenever the hub offers another one
    relaying.state.value      # RelayState(condition=LIMITED, cause=Cause("relay.only_tcp", …))

To be sure, it is used as a meeting uses it: two connections, one with the house's account and one
with its guests', and a word from one to the other through the relay. A relay that lets everybody in
and passes nothing on is found out by that.
"""

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Final

from aioice.stun import TransactionFailed
from aioice.turn import TurnTransport, create_turn_endpoint

from base.cause import Cause
from base.latest import Latest
from config.turn import TurnAddress
from rooms.relay import Relay, RelayAccount, RelayCondition, RelayServers, RelayState

TRY_SECONDS: Final = 6.0
"""For one way to the relay; a line that needs longer is no use for a conversation."""
AGAIN_SECONDS: Final = 300.0
AGAIN_SOON_SECONDS: Final = 30.0
"""While it does not work as it should."""
CLOCKS_APART_SECONDS: Final = 120.0
_SAY_AGAIN_SECONDS: Final = 0.25
_MOST_WORDS: Final = 10
_WORD: Final = b"avcontrol"

logger = logging.getLogger(__name__)


class _NoWay(Exception):  # noqa: N818 - a finding, not an error
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Relaying:
    def __init__(self) -> None:
        self.offered: Latest[Relay | None] = Latest(None)
        """By the hub."""
        self.state = Latest(RelayState())
        """What was found."""
        self._doubted = asyncio.Event()
        self._ways: tuple[str, ...] | None = None
        """The addresses that worked, the best first; None before the first trial."""

    async def run(self) -> None:
        """Try every offer, and what works now and then; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._doubt_at_every_offer())
            pause = None
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._doubted.wait()
                self._doubted.clear()
                if (relay := self.offered.value) is not None:
                    pause = await self._look(relay)

    def doubt(self) -> None:
        """It did not answer, or is another one: try it again now."""
        self._doubted.set()

    async def _doubt_at_every_offer(self) -> None:
        async for relay in self.offered.changes():
            if relay is not None:
                self.doubt()

    def for_house(self) -> RelayServers | None:
        """For a new connection of the house. aiortc takes one STUN and one TURN server, so this
        names the best one that worked; none where none did, for asking it would only take time."""
        relay = self._current()
        if relay is None or self._ways == ():
            return None
        ways = self._ways or _in_order(relay.urls)
        best = next(iter(ways), None)
        if best is None:
            return None
        urls = (best, *_stun_urls(relay.urls, best))
        return RelayServers(urls, relay.house)

    def for_guests(self) -> RelayServers | None:
        """For a browser, which tries everything by itself. What the house found does not matter:
        another line may get through where this one does not."""
        relay = self._current()
        return RelayServers(relay.urls, relay.guests) if relay else None

    def _current(self) -> Relay | None:
        relay = self.offered.value
        now = asyncio.get_running_loop().time()
        return relay if relay is not None and now < relay.until else None

    async def _look(self, relay: Relay) -> float:
        """Try it, tell how it stands, and say when to try again."""
        if self._current() is None:
            self._ways = None
            self._tell(RelayState(RelayCondition.UNMEASURED, Cause("relay.run_out")))
            return AGAIN_SECONDS
        if self.state.value.condition is RelayCondition.NONE:
            self._tell(RelayState(RelayCondition.UNMEASURED, Cause("relay.trying")))
        urls = _in_order(relay.urls)
        found = await asyncio.gather(*(_try(url, relay) for url in urls))
        self._ways = tuple(url for url, code in zip(urls, found, strict=True) if code is None)
        state = _judge(urls, found, relay)
        self._tell(state)
        left = relay.until - asyncio.get_running_loop().time()
        works = state.condition is RelayCondition.WORKING
        return max(0.0, min(left, AGAIN_SECONDS if works else AGAIN_SOON_SECONDS))

    def _tell(self, state: RelayState) -> None:
        if state != self.state.value:
            logger.info("the relay: %s", state.cause)
            self.state.set(state)


def _in_order(urls: Sequence[str]) -> tuple[str, ...]:
    """The TURN servers among them, UDP before TCP before TLS. Only those that aiortc understands:
    no literal IPv6, and TLS over TCP alone."""
    rank = {("turn", "udp"): 0, ("turn", "tcp"): 1, ("turns", "tcp"): 2}
    known = [(url, TurnAddress.read(url)) for url in urls]
    usable = [
        (rank[address.scheme, address.transport], url)
        for url, address in known
        if (address.scheme, address.transport) in rank and ":" not in address.host
    ]
    return tuple(url for _, url in sorted(usable, key=lambda pair: pair[0]))


def _stun_urls(urls: Sequence[str], best: str) -> list[str]:
    """Where to ask for one's own address, which may spare the relay: a TURN server tells it too.
    Over UDP alone, so not where UDP does not get through."""
    address = TurnAddress.read(best)
    if address.transport != "udp":
        return []
    named = (url for url in urls if url.startswith("stun:") and "[" not in url)
    return [next(named, f"stun:{address.host}:{address.port}")]


async def _try(url: str, relay: Relay) -> str | None:
    """None where a word came through; else a code that says how far it got."""
    address = TurnAddress.read(url)
    try:
        async with asyncio.timeout(TRY_SECONDS), AsyncExitStack() as stack:
            one = await _allocate(address, relay.house, stack)
            other = await _allocate(address, relay.guests, stack)
            await _pass_on(one, other)
    except _NoWay as found:
        return found.code
    except TransactionFailed as failed:
        code: int = failed.response.error_code or 0
        return {401: "refused", 486: "full", 508: "full"}.get(code, "silent")
    except ssl.SSLCertVerificationError:
        return "certificate"
    except socket.gaierror:
        return "no_name"
    except Exception as error:  # whatever a stranger's server makes aioice stumble over
        logger.debug("no way through %s: %r", url, error)
        return "silent"
    return None


class _End(asyncio.DatagramProtocol):
    """One end of the trial."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.refused = asyncio.Event()
        self.closed = asyncio.Event()
        self.transport: TurnTransport | None = None

    def connection_made(self, transport: object) -> None:
        assert isinstance(transport, TurnTransport)
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if data == _WORD:
            self.heard.set()

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, TransactionFailed) and exc.response.error_code == 403:
            self.refused.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def _allocate(address: TurnAddress, account: RelayAccount, stack: AsyncExitStack) -> _End:
    _, end = await create_turn_endpoint(
        _End,
        (address.host, address.port),
        account.username,
        account.credential,
        ssl=address.scheme == "turns",
        transport=address.transport,
    )
    stack.push_async_callback(_give_back, end)
    return end


async def _give_back(end: _End) -> None:
    """What is not given back counts against the house for ten minutes."""
    assert end.transport is not None
    end.transport.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await end.closed.wait()


async def _pass_on(one: _End, other: _End) -> None:
    """Both knock, as both ends of a call do. Raises _NoWay where nothing comes through."""
    assert one.transport and other.transport
    for _ in range(_MOST_WORDS):
        for end, to in ((one.transport, other.transport), (other.transport, one.transport)):
            end.sendto(_WORD, to.get_extra_info("sockname"))
        await asyncio.sleep(_SAY_AGAIN_SECONDS)
        if one.heard.is_set() and other.heard.is_set():
            return
        if one.refused.is_set() or other.refused.is_set():
            break
    raise _NoWay("passes_nothing")


def _judge(urls: Sequence[str], found: Sequence[str | None], relay: Relay) -> RelayState:
    """Put what was found of each way into one sentence."""
    if not urls:
        return RelayState(RelayCondition.FAILED, Cause("relay.no_address"))
    host = TurnAddress.read(urls[0]).host
    works = [TurnAddress.read(u) for u, code in zip(urls, found, strict=True) if code is None]
    if any(address.transport == "udp" for address in works):
        return RelayState(RelayCondition.WORKING, Cause("relay.works", host=host))
    if works:
        way = f"{'TLS' if works[0].scheme == 'turns' else 'TCP'} {works[0].port}"
        return RelayState(RelayCondition.LIMITED, Cause("relay.only_tcp", host=host, way=way))
    for code in ("refused", "full", "passes_nothing", "certificate", "no_name"):
        if code in found:
            if code == "refused" and (apart := _clocks_apart(relay)):
                return RelayState(RelayCondition.FAILED, Cause("relay.clock", minutes=apart))
            return RelayState(RelayCondition.FAILED, Cause(f"relay.{code}", host=host))
    return RelayState(RelayCondition.FAILED, Cause("relay.silent", host=host))


def _clocks_apart(relay: Relay) -> int:
    """Minutes between the clock by which the account was made and ours; 0 where they agree."""
    expires, _, _ = relay.house.username.partition(":")
    if not expires.isdecimal():
        return 0
    left = relay.until - asyncio.get_running_loop().time()
    apart = abs(int(expires) - left - time.time())
    return round(apart / 60) if apart > CLOCKS_APART_SECONDS else 0
