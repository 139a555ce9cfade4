"""What an official with an account does in a house's meeting from the hub's pages."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

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


async def last_line(house):
    query = select(journal).order_by(journal.c.seq.desc()).limit(1)
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


async def test_a_link_that_is_lost_meanwhile_is_an_answer_too(hub, linked, monkeypatch):
    never = asyncio.Event()

    async def waits(self, by, account):
        await never.wait()

    monkeypatch.setattr(type(linked.house.room), "come_from_hub", waits)
    official = await hub.client_as(AccountRole.OFFICIAL)
    asking = asyncio.create_task(official.post("/houses/to-5/come"))
    session = hub.site.links.sessions.of("to-5")
    async with asyncio.timeout(20):
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
