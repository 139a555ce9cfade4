"""Invitations that an official writes at the hub for somebody else."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import websockets
from sqlalchemy import select

from rooms.hub_commands import MOST_FROM_HUB
from rooms.meeting import Actor
from rooms.plans import LINK_LASTS
from rooms.tables import journal
from rooms.view import Presence, Role
from ward.accounts import AccountRole
from web.link.authority import Authority
from web.link.messages import Ask

LEADER = Actor(Role.LEADER, "Bác Lan")
PLACE = "/houses/to-5/invitations"
KEY = "a" * 32


@pytest.fixture
async def linked(hub, link_house):
    return await link_house(hub)


@pytest.fixture
async def official(hub):
    return await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")


def form(**fields):
    return {"whom": "official", "name": "Bà Chi", "days": "7", "plan": "", **fields}


async def invite(client, **fields):
    """The page of the new invitation."""
    answer = await client.post(PLACE, data=form(**fields))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def link_on(page):
    return re.search(r'data-value="invitation-link">([^<]+)<', page.text)[1]


async def stored(house, link):
    return await house.room.invitation(house.access.read_invitation(link.rpartition("/")[2]))


async def plan_of(hub, house, title="Họp với phường"):
    """Planned in the house, and known at the hub."""
    plan = await house.room.plan_meeting(LEADER, title, datetime.now(UTC) + timedelta(hours=2), 60)
    await hub.site.plans.keep("to-5", plan.body())
    return plan


WHOM = {
    "official": (Role.OFFICIAL, True),
    "officials": (Role.OFFICIAL, False),
    "speaker": (Role.SPEAKER, True),
    "viewer": (Role.VIEWER, False),
}


@pytest.mark.parametrize("who", [AccountRole.OFFICIAL, AccountRole.ADMIN])
async def test_he_invites_somebody_else(hub, linked, who):
    client = await hub.client_as(who, "Trần Thị Hoa")
    assert f'href="{PLACE}"' in (await client.get("/houses/to-5")).text
    for whom, (role, personal) in WHOM.items():
        page = await client.get(await invite(client, whom=whom))
        link = link_on(page)
        assert link.startswith(f"{hub.url}/h/to-5/join/")
        assert (await hub.client().get(link)).status_code == 200, "anybody may open it"
        made = await stored(linked.house, link)
        assert (made.role, made.personal, made.name_hint) == (role, personal, "Bà Chi")
        assert (made.inviter, made.lobby) == ("Trần Thị Hoa", True)
    query = select(journal).order_by(journal.c.seq.desc()).limit(1)
    line = await linked.house.database.read(lambda connection: connection.execute(query).one())
    assert (line.role, line.name, line.action) == ("hub", "Trần Thị Hoa", "invite_from_hub")


async def test_the_page_has_what_the_houses_own_has(linked, official):
    page = await official.get(await invite(official))
    for action in ("copy-link", "copy-text", "share-text", "mail-text", "revoke-invitation"):
        assert f'data-action="{action}"' in page.text
    assert "<svg" in page.text and 'class="qr"' in page.text
    link = link_on(page)
    text = re.search(r'data-value="invitation-text">([^<]+)<', page.text)[1]
    assert link in text and "Nhà văn hóa Tổ dân phố 5" in text
    assert link in unquote(re.search(r'href="(mailto:[^"]+)"', page.text)[1])


async def test_for_a_planned_meeting_it_lasts_as_long_as_that(hub, linked, official):
    plan = await plan_of(hub, linked.house)
    page = (await official.get("/houses/to-5")).text
    assert f'href="{PLACE}?plan={plan.id}"' in page
    chosen = (await official.get(f"{PLACE}?plan={plan.id}")).text
    assert f'value="{plan.id}" selected' in chosen
    later = datetime.now(UTC) + timedelta(days=9)
    await hub.site.plans.plan("to-5", "Chưa gửi xuống", later, 60, by="Bà Hoa")
    assert "Chưa gửi xuống" in (await official.get("/houses/to-5")).text
    assert "Chưa gửi xuống" not in (await official.get(PLACE)).text, "the house does not know it"
    page = await official.get(await invite(official, plan=plan.id, days="1"))
    assert plan.title in page.text
    made = await stored(linked.house, link_on(page))
    assert (made.plan_id, made.meeting_id) == (plan.id, None)
    assert made.expires == plan.ends + LINK_LASTS
    later = plan.starts + timedelta(days=3)
    await linked.house.room.change_plan(LEADER, plan.id, plan.title, later, 60)
    (listed,) = await linked.house.room.standing_invitations()
    assert listed.expires == later + timedelta(hours=1) + LINK_LASTS, "it moves with the meeting"
    await linked.house.room.cancel_plan(LEADER, plan.id)
    assert made.id not in (await official.get(PLACE)).text, "it leads nowhere any more"


async def test_a_meeting_that_the_house_does_not_know_is_told_above_the_form(linked, official):
    answer = await official.post(PLACE, data=form(plan="0" * 16, whom="viewer", name="Ông Tư"))
    assert answer.status_code == 409
    assert 'data-code="schedule.unknown"' in answer.text
    assert 'value="Ông Tư"' in answer.text and 'value="viewer" checked' in answer.text
    assert await linked.house.room.standing_invitations() == ()


async def test_those_of_the_leader_are_out_of_reach(linked, official):
    room = linked.house.room
    expires = datetime.now(UTC) + timedelta(days=1)
    leaders = await room.create_invitation(LEADER, Role.OFFICIAL, "", expires=expires, lobby=False)
    await invite(official)
    page = (await official.get(PLACE)).text
    assert page.count('data-value="invitation"') == 1 and leaders.id not in page
    assert "Người mời: Trần Thị Hoa" in page
    assert (await official.get(f"{PLACE}/{leaders.id}")).status_code == 404
    for what in ("revoke", "release"):
        refused = await official.post(f"{PLACE}/{leaders.id}/{what}")
        assert refused.status_code == 404
        assert 'data-code="invitation.unknown"' in refused.text
    assert not (await room.invitation(leaders.id)).revoked
    assert len(await room.standing_invitations()) == 2, "the leader sees both"


async def test_the_leader_sees_who_of_the_ward_invited(linked, official):
    await invite(official)
    leader = await linked.house.client_as(Role.LEADER)
    page = (await leader.get("/panel/guests")).text
    assert "Phường mời: Trần Thị Hoa" in page


async def test_who_came_in_by_it_is_out_when_it_is_taken_back(hub, linked, official):
    """He is told so within the second; here only that it happens."""
    room = linked.house.room
    await room.start_meeting(LEADER)
    place = await invite(official, whom="officials")
    link = link_on(await official.get(place))
    url = hub.url.replace("http", "ws", 1) + "/h/to-5/ws/call"
    async with websockets.connect(url, origin=hub.url, proxy=None) as line:
        token = link.rpartition("/")[2]
        await line.send(json.dumps({"type": "join", "token": token, "name": "Bà Chi"}))
        async with asyncio.timeout(40):
            while not room.view.value.guests:
                await asyncio.sleep(0.01)
            (guest,) = room.view.value.guests
            assert guest.presence is Presence.LOBBY
            answer = await official.post(f"{place}/revoke")
            assert answer.headers["location"] == PLACE
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await line.recv()
    assert room.guest(guest.id) is None
    assert (await hub.client().get(link)).status_code == 410
    assert 'data-value="invitations">0<' in (await official.get(PLACE)).text
    assert "đã bị hủy" in (await official.get(place)).text


async def test_another_browser_may_use_it_once_he_says_so(linked, official):
    room = linked.house.room
    place = await invite(official)
    made = await stored(linked.house, link_on(await official.get(place)))
    guest = await room.enter(made.id, "Bà Chi", KEY)
    assert 'data-action="release-invitation"' in (await official.get(place)).text
    await official.post(f"{place}/release")
    assert await room.enter(made.id, "Bà Chi", "b" * 32) == guest


async def test_a_house_that_is_away_is_told_with_what_to_do(hub, linked, official):
    place = await invite(official)
    await linked.hang_up()
    await hub.until("to-5", lambda house: house.linked_at is None)
    page = await official.get(PLACE)
    assert page.status_code == 503
    assert 'data-code="invitation.house_away"' in page.text and "gọi tổ trưởng" in page.text
    kept = await official.post(PLACE, data=form(name="Ông Tư"))
    assert kept.status_code == 503
    assert kept.text.count('data-code="invitation.house_away"') == 1
    assert 'value="Ông Tư"' in kept.text, "nothing that was typed is lost"
    for answer in (await official.get(place), await official.post(f"{place}/revoke")):
        assert answer.status_code == 503
        assert 'data-code="invitation.house_away"' in answer.text


@pytest.mark.parametrize("role", [AccountRole.HANDLER, AccountRole.TECHNICIAN])
async def test_who_has_no_part_in_meetings_invites_nobody(hub, linked, official, role):
    client = await hub.client_as(role)
    place = await invite(official)
    assert PLACE not in (await client.get("/houses/to-5")).text
    for path in (PLACE, place):
        assert (await client.get(path)).status_code == 403
    for path in (PLACE, f"{place}/revoke", f"{place}/release"):
        assert (await client.post(path, data=form())).status_code == 403
        assert (await hub.client().post(path, data=form())).status_code == 401
    (standing,) = await linked.house.room.standing_invitations()
    assert not standing.revoked


async def test_another_process_of_the_hub_passes_it_on(hub, start_hub, linked):
    other = await start_hub(database=hub.database)
    client = await other.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")
    place = await invite(client, name="Ông Tư")
    assert "Ông Tư" in (await client.get(PLACE)).text
    made = await stored(linked.house, link_on(await client.get(place)))
    await client.post(f"{place}/revoke")
    assert (await linked.house.room.invitation(made.id)).revoked
    refused = await client.post(PLACE, data=form(plan="0" * 16))
    assert 'data-code="schedule.unknown"' in refused.text


async def asks(linked, what="invite", about="", **fields):
    authority = Authority(linked.house.room, linked.house.access)
    typed = {"role": "official", "personal": "no", "lobby": "no", "days": "7", **fields}
    return await authority.answer(Ask(1, what, "account-1", "Ai đó", about, typed))


async def test_the_house_checks_itself_who_is_invited_and_for_how_long(linked):
    for role in [*set(Role) - {Role.OFFICIAL, Role.SPEAKER, Role.VIEWER}, "", "admin"]:
        assert (await asks(linked, role=str(role))).code == "invitation.role"
    for days in ["", "0", "-1", "91", "x", "1e3", "٣"]:
        assert (await asks(linked, days=days)).code == "web.bad_request"
    assert await linked.house.room.standing_invitations() == ()


async def test_the_house_bounds_how_many_there_are(linked):
    for _ in range(MOST_FROM_HUB):
        assert (await asks(linked, name="Nguyễn Thị Hồng Nhung " * 3)).code is None
    refused = await asks(linked)
    assert (refused.code, refused.params) == ("invitation.too_many", {"most": MOST_FROM_HUB})
    assert len((await asks(linked, "invitations")).invitations) == MOST_FROM_HUB
