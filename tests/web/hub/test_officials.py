"""What an official with an account does in a house's meeting from the hub's pages."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from base.cause import Refused
from rooms import guests
from rooms.hub_commands import Wanted
from rooms.meeting import Actor
from rooms.tables import journal
from rooms.view import Presence, Role
from ward.accounts import AccountRole
from web.link.authority import Authority
from web.link.messages import Ask

LEADER = Actor(Role.LEADER, "Bác Lan")
KEY, OTHER_KEY = "a" * 32, "b" * 32


@pytest.fixture
async def linked(hub, link_house):
    return await link_house(hub)


async def knocks(house, name="Ông Nam"):
    expires = datetime.now(UTC) + timedelta(hours=1)
    invitation = await house.room.create_invitation(
        LEADER, Role.SPEAKER, "", expires=expires, lobby=True
    )
    return await house.room.enter(invitation.id, name)


async def last_line(house, action=None):
    query = select(journal).order_by(journal.c.seq.desc()).limit(1)
    if action is not None:
        query = query.where(journal.c.action == action)
    return await house.database.read(lambda connection: connection.execute(query).one())


async def come(client):
    answer = await client.post("/houses/to-5/come")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_he_comes_in_without_an_invitation_of_the_leader(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")
    assert 'data-action="come"' in (await official.get("/houses/to-5")).text
    link = await come(official)
    assert link.startswith("/h/to-5/join/")
    assert 'value="Trần Thị Hoa"' in (await official.get(link)).text
    line = await last_line(linked.house)
    assert (line.role, line.name, line.action) == ("hub", "Trần Thị Hoa", "come_from_hub")
    assert await come(official) == link, "one official is one guest, however often he taps"


async def test_his_newest_browser_is_his(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    room, access = linked.house.room, linked.house.access
    invitation = access.read_invitation((await come(official)).rpartition("/")[2])
    guest = await room.enter(invitation, "", KEY)
    assert room.guest(guest).presence is Presence.LOBBY, "as the house decides"
    await come(official)
    assert await room.enter(invitation, "", OTHER_KEY) == guest


async def test_who_was_sent_out_waits_at_the_door_when_he_comes_again(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    room, access = linked.house.room, linked.house.access
    first = access.read_invitation((await come(official)).rpartition("/")[2])
    await room.revoke_invitation(LEADER, first)
    second = access.read_invitation((await come(official)).rpartition("/")[2])
    assert second != first
    assert (await room.invitation(second)).lobby


async def test_he_lets_in_who_waits_while_there_is_a_meeting(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")
    guest = await knocks(linked.house)
    assert "Ông Nam" not in (await official.get("/houses/to-5")).text
    await linked.house.room.start_meeting(LEADER)
    await hub.until("to-5", lambda house: "Ông Nam" in (house.summary or ""))
    assert f'value="{guest}"' in (await official.get("/houses/to-5")).text
    answer = await official.post("/houses/to-5/admit", data={"guest": guest})
    assert answer.headers["location"] == "/houses/to-5"
    assert linked.house.room.guest(guest).presence is not Presence.LOBBY
    line = await last_line(linked.house)
    assert (line.role, line.name, line.action) == ("hub", "Trần Thị Hoa", "admit")
    await hub.until("to-5", lambda house: "Ông Nam" not in (house.summary or ""))


async def test_names_do_not_stay_at_the_hub_when_a_house_is_away(hub, linked):
    await linked.house.room.start_meeting(LEADER)
    await knocks(linked.house)
    await hub.until("to-5", lambda house: "Ông Nam" in (house.summary or ""))
    await linked.hang_up()
    away = await hub.until("to-5", lambda house: house.linked_at is None)
    assert away.summary is None


async def test_another_process_of_the_hub_asks_the_one_that_holds_the_link(hub, start_hub, linked):
    other = await start_hub(database=hub.database)
    official = await other.client_as(AccountRole.OFFICIAL)
    assert (await official.get(await come(official))).status_code == 200
    guest = await knocks(linked.house)
    for status in (204, 409):
        answer = await official.post(
            "/houses/to-5/admit",
            data={"guest": guest if status == 204 else "gone"},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == status
    assert answer.json()["code"] == "room.guest_unknown"
    assert linked.house.room.guest(guest).presence is not Presence.LOBBY


async def enters(linked, client):
    """As a guest of the house, at the door."""
    room, access = linked.house.room, linked.house.access
    return await room.enter(
        access.read_invitation((await come(client)).rpartition("/")[2]), "", KEY
    )


async def admits(client, guest):
    """None, or why not."""
    headers = {"Accept": "application/json"}
    answer = await client.post("/houses/to-5/admit", data={"guest": guest}, headers=headers)
    return None if answer.status_code == 204 else answer.json()["code"]


async def test_nobody_opens_the_door_for_himself(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")
    other = await hub.client_as(AccountRole.ADMIN, "Nguyễn Văn An")
    room = linked.house.room
    await room.start_meeting(LEADER)
    guest = await enters(linked, official)
    await hub.until("to-5", lambda house: guest in (house.summary or ""))
    assert f'value="{guest}"' not in (await official.get("/houses/to-5")).text
    assert f'value="{guest}"' in (await other.get("/houses/to-5")).text
    assert await admits(official, guest) == "room.only_the_hall_admits"
    assert room.guest(guest).presence is Presence.LOBBY
    assert await admits(other, guest) is None


async def test_whom_the_leader_sent_out_the_leader_alone_lets_in(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")
    other = await hub.client_as(AccountRole.ADMIN, "Nguyễn Văn An")
    room = linked.house.room
    await room.start_meeting(LEADER)
    first = await enters(linked, official)
    await room.admit(LEADER, first)
    await room.remove_guest(LEADER, first)
    again = await enters(linked, official)
    await hub.until("to-5", lambda house: again in (house.summary or ""))
    assert 'data-value="only-the-hall-admits"' in (await other.get("/houses/to-5")).text
    for client in (official, other):
        assert await admits(client, again) == "room.only_the_hall_admits"
    stranger = await knocks(linked.house)
    assert await admits(official, stranger) == "room.only_the_hall_admits"
    assert await admits(other, stranger) is None
    await room.admit(LEADER, again)
    assert room.guest(again).presence is not Presence.LOBBY


async def test_who_was_sent_out_with_his_invitation_opens_no_door_either(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    other = await hub.client_as(AccountRole.ADMIN)
    room, access = linked.house.room, linked.house.access
    own = access.read_invitation((await come(official)).rpartition("/")[2])
    await room.revoke_invitation(LEADER, own)
    guest = await enters(linked, official)
    assert await admits(other, guest) == "room.only_the_hall_admits"
    assert await admits(official, await knocks(linked.house)) == "room.only_the_hall_admits"


async def test_after_a_restart_it_is_still_known_who_is_whose(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    room = linked.house.room
    await room.start_meeting(LEADER)
    first = await enters(linked, official)
    await room.remove_guest(LEADER, first)
    known = await linked.house.database.read(
        lambda c: guests.of_meeting(c, room.view.value.meeting_id)
    )
    (account,) = [a.id for a in await hub.site.accounts.all()]
    assert [(guest.id, guest.account, guest.gone) for guest in known] == [
        (first, account, "removed")
    ]


@pytest.mark.parametrize("how", ["close", "log-out"])
async def test_an_account_that_is_out_is_out_of_the_meeting_too(hub, linked, admin, how):
    """Also of one whose house was away at that moment."""
    official = await hub.client_as(AccountRole.OFFICIAL)
    room = linked.house.room
    await room.start_meeting(LEADER)
    guest, others = await enters(linked, official), await enters(linked, admin)
    for one in (guest, others):
        await room.admit(LEADER, one)
    account = next(a for a in await hub.site.accounts.all() if a.role == "official")
    written = await room.invite_from_hub(
        Actor(Role.HUB, account.name),
        account.id,
        Wanted(Role.VIEWER, "Bà Chi", timedelta(days=1), lobby=False, personal=False),
    )
    await linked.hang_up()
    assert (await admin.post(f"/accounts/{account.id}/{how}")).status_code == 303
    assert room.guest(guest) is not None, "it does not know yet"
    await linked.dial()
    async with asyncio.timeout(40):
        async for view in room.view.changes():
            if guest not in {one.id for one in view.guests}:
                break
    assert room.why_gone(guest) == "revoked"
    own = await room.invitations_given(account.id)
    for invitation in own:
        with pytest.raises(Refused, match=r"invitation\.expired"):
            await room.enter(invitation.id, "", KEY)
    assert room.guest(others) is not None
    await room.enter(written.id, "Bà Chi")
    line = await last_line(linked.house, "account_out")
    assert (line.role, line.params["account"]) == ("hub", account.id)
    assert len(own) == 1


async def test_the_same_again_and_what_makes_no_sense_change_nothing(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    room = linked.house.room
    guest = await enters(linked, official)
    for body in ({}, {"account": 7}, {"account": "nobody"}):
        await room.account_out(body)
    assert room.guest(guest) is not None
    (account,) = await hub.site.accounts.all()
    for _ in range(2):
        await room.account_out({"account": account.id})
    lines = await linked.house.database.read(
        lambda c: c.execute(select(journal).where(journal.c.action == "account_out")).all()
    )
    assert len(lines) == 1


@pytest.mark.parametrize("role", [AccountRole.HANDLER, AccountRole.TECHNICIAN])
async def test_who_has_no_part_in_meetings_neither_sees_nor_does_it(hub, linked, role):
    client = await hub.client_as(role)
    guest = await knocks(linked.house)
    await linked.house.room.start_meeting(LEADER)
    await hub.until("to-5", lambda house: "Ông Nam" in (house.summary or ""))
    page = (await client.get("/houses/to-5")).text
    assert "Ông Nam" not in page and 'data-action="come"' not in page
    for path, form in (("come", {}), ("admit", {"guest": guest})):
        refused = await client.post(f"/houses/to-5/{path}", data=form)
        assert refused.status_code == 403
    assert (await hub.client().post("/houses/to-5/come")).status_code == 401
    assert linked.house.room.guest(guest).presence is Presence.LOBBY


async def test_a_house_that_is_away_is_told_in_words(hub, linked):
    official = await hub.client_as(AccountRole.OFFICIAL)
    await linked.hang_up()
    await hub.until("to-5", lambda house: house.linked_at is None)
    refused = await official.post("/houses/to-5/come")
    assert refused.status_code == 503
    assert 'data-code="link.house_away"' in refused.text


@pytest.mark.parametrize("action", ["come", "admit"])
async def test_a_house_that_is_not_there_is_not_said_to_be_away(hub, action):
    official = await hub.client_as(AccountRole.OFFICIAL)
    await hub.site.houses.invite("to-9", "Nhà văn hóa Tổ 9")
    for house, status, code in (
        ("zz", 404, "ward.house_unknown"),
        ("to-9", 409, "ward.house_not_enrolled"),
    ):
        answer = await official.post(f"/houses/{house}/{action}", data={"guest": "a1"})
        assert answer.status_code == status
        assert f'data-code="{code}"' in answer.text


async def test_a_link_that_is_lost_meanwhile_is_an_answer_too(hub, linked, monkeypatch):
    never = asyncio.Event()

    async def waits(self, by, account):
        await never.wait()

    monkeypatch.setattr(type(linked.house.room), "come_from_hub", waits)
    official = await hub.client_as(AccountRole.OFFICIAL)
    asking = asyncio.create_task(official.post("/houses/to-5/come"))
    session = hub.site.links.sessions.of("to-5")
    async with asyncio.timeout(40):
        while not session._asked:
            await asyncio.sleep(0.01)
    await linked.hang_up()
    assert (await asyncio.wait_for(asking, 20)).status_code == 503


@pytest.mark.parametrize("what", ["start_meeting", "remove_guest", "create_invitation"])
async def test_the_hub_may_ask_nothing_else(linked, what, caplog):
    caplog.set_level("INFO")
    authority = Authority(linked.house.room, linked.house.access)
    reply = await authority.answer(Ask(1, what, "account-1", "Ai đó"))
    assert (reply.code, reply.path) == ("room.not_your_part", "")
    assert f"account account-1 of the ward was refused {what}" in caplog.text
    assert await linked.house.database.read(lambda c: c.execute(select(journal)).all()) == []
