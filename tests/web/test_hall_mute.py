"""A hall that has muted itself is opened by its own leader's tablet, and from nowhere else."""

import pytest

from rooms.meeting import Actor
from rooms.view import Role
from web.access import PAIRED_ROLES
from web.link.authority import Authority
from web.link.messages import Ask, Open
from web.link.reach import reachable

LEADER = Actor(Role.LEADER, "Bác Lan")
OPEN = {"muted": "no"}


async def test_only_the_leaders_tablet_ends_the_mute(house):
    await house.room.start_meeting(LEADER)
    leader = await house.client_as(Role.LEADER)
    assert (await leader.post("/do/mute-hall", data={"muted": "yes"})).status_code == 303
    others = [await house.client_as(role) for role in PAIRED_ROLES if role is not Role.LEADER]
    for client in (*others, house.client()):
        assert (await client.post("/do/mute-hall", data=OPEN)).status_code in (303, 401, 403, 409)
        assert house.room.view.value.sound.muted
    await leader.post("/do/mute-hall", data=OPEN)
    assert not house.room.view.value.sound.muted


@pytest.mark.parametrize("path", ["/do/mute-hall", "/panel", "/listen", "/live/panel"])
def test_the_hub_has_no_way_to_the_panel(path):
    for kind, method in (("http", "POST"), ("http", "GET"), ("websocket", "GET")):
        assert not reachable(Open(1, kind, method, path))


async def test_the_hub_has_no_word_for_it(house):
    await house.room.start_meeting(LEADER)
    await house.room.mute_hall(LEADER, True)
    authority = Authority(house.room, house.access)
    for what in ("mute_hall", "mute-hall", "unmute", "mute"):
        reply = await authority.answer(Ask(1, what, "account-1", "Bà Hoa", form={"muted": "no"}))
        assert reply.code == "room.not_your_part"
    assert house.room.view.value.sound.muted
