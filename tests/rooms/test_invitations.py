"""Whom a link lets in, as what, and how it is taken back."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest

from config.settings import LinkSection
from rooms.hub_commands import Wanted
from rooms.meeting import Actor
from rooms.shown import Floor, FloorKind
from rooms.view import Presence, Role

KEY, OTHER_KEY = "a" * 32, "b" * 32


async def test_a_personal_invitation_is_the_first_browsers(house, refused):
    await house.live()
    invitation = await house.invite(personal=True)
    guest = await house.room.enter(invitation.id, "Bà Chi", KEY)
    for key in (OTHER_KEY, "", KEY[:8]):
        async with refused("invitation.somebody_elses"):
            await house.room.enter(invitation.id, "Bà Chi", key)
    assert [guest.id for guest in house.view.guests] == [guest]


async def test_a_browser_without_a_key_does_not_take_a_personal_invitation(house, refused):
    invitation = await house.invite(personal=True)
    async with refused("invitation.somebody_elses"):
        await house.room.enter(invitation.id, "Bà Chi")
    assert await house.room.enter(invitation.id, "Bà Chi", KEY)


async def test_of_two_browsers_at_once_one_is_first(house):
    invitation = await house.invite(personal=True)
    entering = [house.room.enter(invitation.id, "X", key) for key in (KEY, OTHER_KEY)]
    results = await asyncio.gather(*entering, return_exceptions=True)
    assert sorted(isinstance(result, str) for result in results) == [False, True]
    assert len(house.view.guests) == 1


async def test_he_returns_as_the_same_guest_also_after_a_restart(house, refused):
    await house.live()
    invitation = await house.invite(personal=True, lobby=True)
    guest = await house.room.enter(invitation.id, "Bà Chi", KEY)
    await house.room.admit(house.leader, guest)
    await house.restart(seconds=30)
    assert await house.room.enter(invitation.id, "Bà Chi", KEY) == guest
    assert house.shown(guest).presence is Presence.ADMITTED
    async with refused("invitation.somebody_elses"):
        await house.room.enter(invitation.id, "Bà Chi", OTHER_KEY)


@pytest.mark.parametrize("waits", [True, False])
async def test_the_house_says_whether_the_wards_guests_wait_at_the_door(house, waits):
    link = LinkSection(url="https://hop.example", house="to-5", key_file="k", officials_wait=waits)
    house.room._settings = house.settings.model_copy(update={"link": link})
    by = Actor(Role.HUB, "Trần Thị Hoa")
    lobby = {}
    for role, asked in product([Role.OFFICIAL, Role.SPEAKER, Role.VIEWER], [True, False]):
        wanted = Wanted(role, "", timedelta(days=1), asked, personal=False)
        made = await house.room.invite_from_hub(by, "account-1", wanted)
        lobby[role, asked] = (await house.room.invitation(made.id)).lobby
    straight_in = {pair for pair, in_lobby in lobby.items() if not in_lobby}
    expected = set() if waits else {(Role.OFFICIAL, False), (Role.VIEWER, False)}
    assert straight_in == expected


async def test_a_released_invitation_goes_to_the_next_browser(house, refused):
    await house.live()
    invitation = await house.invite(personal=True)
    guest = await house.room.enter(invitation.id, "Bà Chi", KEY)
    await house.room.release_invitation(house.leader, invitation.id)
    assert await house.room.enter(invitation.id, "Bà Chi", OTHER_KEY) == guest
    async with refused("invitation.somebody_elses"):
        await house.room.enter(invitation.id, "Bà Chi", KEY)


async def test_one_for_the_meeting_is_for_every_browser(house):
    await house.live()
    invitation = await house.invite()
    first = await house.room.enter(invitation.id, "Một", KEY)
    assert await house.room.enter(invitation.id, "Hai", OTHER_KEY) != first


async def test_a_resident_waits_at_the_door_whatever_his_invitation_says(house):
    await house.live()
    invitation = await house.invite(role=Role.SPEAKER, lobby=False)
    speaker = await house.room.enter(invitation.id, "Ông Nam")
    await house.room.set_guest(speaker, microphone=True, camera=True)
    await house.connect(speaker)
    assert house.shown(speaker).presence is Presence.LOBBY
    assert not house.media.heard[speaker]
    assert house.view.floor == Floor()
    await house.room.admit(house.leader, speaker)
    assert house.media.heard[speaker]


async def test_the_leader_gives_and_takes_the_word(house, refused):
    await house.live()
    invitation = await house.invite(role=Role.SPEAKER)
    speaker = await house.room.enter(invitation.id, "Ông Nam")
    await house.room.admit(house.leader, speaker)
    await house.room.set_guest(speaker, microphone=True, camera=True)
    await house.connect(speaker)
    assert house.view.floor == Floor(), "a resident is not put on the screen by himself"
    his = Floor(FloorKind.CAMERA, speaker)
    await house.room.give_floor(house.leader, his)
    assert house.view.floor == his
    await house.room.silence_guest(house.leader, speaker, True)
    assert (house.view.floor, house.media.heard[speaker]) == (Floor(), False)
    async with refused("floor.no_word"):
        await house.room.give_floor(house.leader, his)
    await house.room.silence_guest(house.leader, speaker, False)
    await house.room.give_floor(house.leader, his)
    assert (house.view.floor, house.media.heard[speaker]) == (his, True)


async def test_who_came_in_by_a_revoked_invitation_is_out_at_once(house, refused):
    await house.live()
    invitation, other = await house.invite(), await house.invite()
    by_it = [await house.room.enter(invitation.id, name) for name in ("Một", "Hai")]
    stays = await house.room.enter(other.id, "Ba")
    for guest in (*by_it, stays):
        await house.connect(guest)
    await house.room.revoke_invitation(house.leader, invitation.id)
    assert [guest.id for guest in house.view.guests] == [stays]
    assert sorted(house.media.dropped) == sorted(by_it)
    for guest in by_it:
        async with refused("invitation.revoked"):
            await house.room.come_back(guest, 1)
    async with refused("invitation.revoked"):
        await house.room.enter(invitation.id, "Một")


async def test_only_those_that_stand_are_listed(house):
    standing, revoked = await house.invite(), await house.invite()
    await house.room.revoke_invitation(house.leader, revoked.id)
    assert [one.id for one in await house.room.standing_invitations()] == [standing.id]
    house.time.pass_(minutes=120)
    assert await house.room.standing_invitations() == ()
