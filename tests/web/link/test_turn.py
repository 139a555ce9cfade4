"""The relay that the hub offers a house: at once, and again before it runs out."""

import asyncio
import json
from base64 import b64encode

import pytest
import websockets
from starlette.responses import PlainTextResponse

from base.latest import Latest
from rooms.relay import RelayAccount
from rooms.view import Connection
from web.link.messages import ProtocolError, Turn, TurnAccount, decode, encode

nothing = PlainTextResponse("nothing")
URLS = ("turn:turn.example:3478", "turns:turn.example:443?transport=tcp")


def turns(seconds):
    """Mints one after the other: a new name for each."""
    number = 0

    def mint():
        nonlocal number
        number += 1
        house, guests = (TurnAccount(f"{number}:{name}", "s3cret") for name in ("to-5", "guests"))
        return Turn(URLS, house, guests, seconds)

    return mint


async def test_a_house_knows_its_relay_as_soon_as_it_is_linked(start_hub, dial):
    hub = await start_hub(turn=turns(3600))
    offered = Latest(None)
    dial(hub.link_url, nothing, relay=offered)
    async with asyncio.timeout(20):
        async for relay in offered.changes():
            if relay is not None:
                break
    assert (relay.urls, relay.house) == (URLS, RelayAccount("1:to-5", "s3cret"))
    assert relay.guests.username == "1:guests"
    left = relay.until - asyncio.get_running_loop().time()
    assert 3500 < left <= 3600


async def test_it_gets_another_before_that_runs_out(start_hub, dial):
    hub = await start_hub(turn=turns(2))
    offered = Latest(None)
    dial(hub.link_url, nothing, relay=offered)
    seen = []
    async with asyncio.timeout(20):
        async for relay in offered.changes():
            if relay is not None:
                seen.append(relay)
            if len(seen) == 3:
                break
    now = asyncio.get_running_loop().time()
    assert [relay.house.username for relay in seen] == ["1:to-5", "2:to-5", "3:to-5"]
    assert seen[1].until > now


async def test_a_hub_without_a_relay_offers_none(hub, dial, until_state):
    offered = Latest(None)
    link = dial(hub.link_url, nothing, relay=offered)
    await until_state(link, Connection.LINKED)
    await hub.told("to-5", phase="idle")
    assert offered.value is None


async def test_a_house_that_offers_the_hub_a_relay_breaks_the_protocol(hub, key):
    basic = b64encode(f"to-5:{key}".encode()).decode()
    async with websockets.connect(
        hub.link_url, additional_headers={"Authorization": f"Basic {basic}"}, proxy=None
    ) as socket:
        await socket.send(json.dumps({"type": "hello", "version": 1}))
        await socket.send(encode(turns(60)()))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                while True:
                    await socket.recv()
    assert closed.value.rcvd.code == 1002


@pytest.mark.parametrize(
    "change",
    [
        {"urls": []},
        {"urls": ["http://turn.example"]},
        {"urls": ["turn:user@turn.example"]},
        {"urls": ["stun:turn.example?transport=udp"]},
        {"urls": ["turn:turn.example?transport=sctp"]},
        {"seconds": 3601},
        {"seconds": 0},
        {"house": {"username": "a b", "credential": "x"}},
        {"guests": {"username": "a"}},
    ],
)
def test_what_a_browser_would_choke_on_is_no_offer(change):
    message = json.loads(encode(turns(60)()))
    assert isinstance(decode(json.dumps(message)), Turn)
    with pytest.raises(ProtocolError):
        decode(json.dumps(message | change))


def test_the_secret_stands_in_no_log():
    assert "s3cret" not in repr(turns(60)())
