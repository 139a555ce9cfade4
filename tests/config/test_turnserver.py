"""The relay that a ward sets up by `turnserver.example.conf`: Debian's coturn, told exactly that.

Only what a test has to change is changed: the secret, ports, addresses, the log.
"""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aioice.stun import Class, Message, Method, TransactionFailed
from aioice.turn import create_turn_endpoint

from ward.turn import LASTS_SECONDS, TurnMint

LOCAL = ("127.0.0.1", "::1")

PRIVATE = [
    "0.0.0.0", "0.1.2.3",
    "10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.254",
    "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PRIVATE_V6 = [
    "::", "::1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1",
    "3fff::1", "fc00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1",
    "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "172.32.0.0", "223.255.255.255"]
PUBLIC_V6 = ["2001:200::1", "2405:4800::1", "2606:4700::1111", "3ffe::1"]


@pytest.fixture(params=LOCAL)
def relay(request: pytest.FixtureRequest, start_coturn: Callable[..., Any]) -> Any:
    try:
        return start_coturn(request.param, allocation_default_address_family="keep")
    except OSError:
        pytest.skip(f"this machine has no {request.param}")


@pytest.fixture
def relay4(start_coturn: Callable[..., Any]) -> Any:
    return start_coturn(LOCAL[0])


class Client:
    """A TURN client with an account of its own."""

    def __init__(self, relay: Any, account: Any, password: str = "") -> None:
        self._relay = relay
        self._username = account.username
        self._password = password or account.credential
        self._inner: Any = None

    async def __aenter__(self) -> "Client":
        transport, _ = await create_turn_endpoint(
            asyncio.DatagramProtocol,
            (self._relay.address, self._relay.port),
            self._username,
            self._password,
        )
        self._inner = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._inner.delete()

    async def ask(self, method: Method, **attributes: Any) -> None:
        request = Message(message_method=method, message_class=Class.REQUEST)
        request.attributes.update({k.replace("_", "-"): v for k, v in attributes.items()})
        await self._inner.request_with_retry(request)

    async def may_send_to(self, peer: str) -> bool:
        """As the relay says: permissions are what everything else needs first (RFC 8656, 9)."""
        try:
            await self.ask(Method.CREATE_PERMISSION, XOR_PEER_ADDRESS=(peer, 4000))
        except TransactionFailed as failed:
            assert failed.response.error_code == 403, failed
            return False
        return True


def mint(relay: Any, clock: Callable[[], float] | None = None) -> TurnMint:
    options = {"clock": clock} if clock else {}
    return TurnMint((), relay.SECRET, **options)


async def test_nobody_reaches_a_private_network_through_it(relay: Any) -> None:
    v6 = ":" in relay.address
    private, public = (PRIVATE_V6, PUBLIC_V6) if v6 else (PRIVATE, PUBLIC)
    async with Client(relay, mint(relay).account("to-5")) as client:
        reached = [peer for peer in (*private, *public) if await client.may_send_to(peer)]
    assert reached == public


async def test_what_has_run_out_or_is_forged_is_refused(relay4: Any) -> None:
    good = mint(relay4).account("to-5")
    expired = mint(relay4, lambda: time.time() - LASTS_SECONDS - 5).account("to-5")
    for account, password in (
        (expired, ""),
        (good, "forged"),
        (TurnMint((), "another secret").account("to-5"), ""),
        (replace(good, username=good.username.replace("to-5", "to-6")), ""),
        (replace(good, username=f"9{good.username}"), ""),
    ):
        with pytest.raises(TransactionFailed) as refused:
            await Client(relay4, account, password).__aenter__()
        assert refused.value.response.error_code == 401
    async with Client(relay4, good):
        pass


async def test_a_connection_outlives_the_credentials_it_was_made_with(relay4: Any) -> None:
    """So a meeting of three hours needs no new connection every hour."""
    nearly_over = mint(relay4, lambda: time.time() - LASTS_SECONDS + 1).account("to-5")
    async with Client(relay4, nearly_over) as client:
        await asyncio.sleep(2.1)
        with pytest.raises(TransactionFailed):
            await Client(relay4, nearly_over).__aenter__()
        await client.ask(Method.REFRESH, LIFETIME=600)
        assert await client.may_send_to(PUBLIC[0])


async def test_nobody_gets_more_than_his_share(relay4: Any) -> None:
    """Whatever the account's hour: the share is of the house, not of the credentials."""
    share = int(re.search(r"^user-quota=(\d+)$", relay4.EXAMPLE.read_text(), re.MULTILINE)[1])
    accounts = [
        mint(relay4).account("to-5"),
        mint(relay4, lambda: time.time() - 60).account("to-5"),
    ]
    clients = [Client(relay4, accounts[number % 2]) for number in range(share)]
    for start in range(0, share, 50):
        await asyncio.gather(*(client.__aenter__() for client in clients[start : start + 50]))
    with pytest.raises(TransactionFailed) as refused:
        await Client(relay4, accounts[0]).__aenter__()
    assert refused.value.response.error_code == 486
    async with Client(relay4, mint(relay4).account("to-6")):
        pass
    for client in clients:
        client._inner.transport.abort()
