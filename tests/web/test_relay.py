"""What the technician reads of the ward's relay: never better than it was measured."""

import asyncio

import pytest

from base.cause import Cause
from rooms.relay import RelayCondition, RelayState
from rooms.view import Connection, LinkState, Role
from web.sentences import say

LINKED = LinkState(Connection.LINKED, public_url="https://hop.example/h/to-5")


async def shown(house, relay: RelayState, role: Role, path: str) -> str:
    house.equipment.link.set(LINKED)
    house.equipment.relay.set(relay)
    async with asyncio.timeout(20):
        async for view in house.room.view.changes():
            if (view.link, view.relay) == (LINKED, relay):
                break
    answer = await (await house.client_as(role)).get(path)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (RelayCondition.UNMEASURED, "relay.trying"),
        (RelayCondition.WORKING, "relay.works"),
        (RelayCondition.LIMITED, "relay.only_tcp"),
        (RelayCondition.FAILED, "relay.silent"),
    ],
)
async def test_how_it_stands_and_what_to_do(house, condition, code):
    cause = Cause(code, host="turn.example", way="TLS 443")
    page = await shown(house, RelayState(condition, cause), Role.TECHNICIAN, "/technician")
    assert f'data-value="relay" data-code="{condition}"' in page
    assert say(cause, "vi") in page
    assert ("tone-good" in page.partition('data-value="relay"')[0].rpartition("<span")[2]) is (
        condition is RelayCondition.WORKING
    )


async def test_a_ward_without_a_relay(house):
    page = await shown(house, RelayState(), Role.TECHNICIAN, "/technician")
    assert 'data-value="relay" data-code="none"' in page
    assert "hãy hỏi phường" in page


async def test_the_leader_is_not_bothered_with_it(house):
    page = await shown(house, RelayState(), Role.LEADER, "/panel/equipment")
    assert 'data-value="link"' in page
    assert 'data-value="relay"' not in page
