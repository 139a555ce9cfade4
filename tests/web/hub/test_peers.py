"""Two processes of a hub, each with its own connections to one PostgreSQL, and a house that is
linked to one of them."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import websockets

import web.hub.board
import web.hub.links
from rooms.meeting import Actor
from rooms.view import Connection, Role
from ward.accounts import AccountRole

LEADER = Actor(Role.LEADER, "Bác Lan")


@pytest.fixture
async def hubs(postgres_url, start_hub, monkeypatch):
    # What is seen in time was told, and not found by looking.
    monkeypatch.setattr(web.hub.links, "VOUCH_SECONDS", 15)
    monkeypatch.setattr(web.hub.board, "LOOK_SECONDS", 15)
    return await start_hub(where=postgres_url), await start_hub(where=postgres_url)


async def invitation(house):
    expires = datetime.now(UTC) + timedelta(hours=1)
    made = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Bà Hoa", expires=expires, lobby=False
    )
    return made.id, house.access.invitation_link(made.id)


async def test_a_page_is_passed_on_to_the_process_that_holds_the_link(hubs, link_house, caplog):
    holder, other = hubs
    linked = await link_house(holder)
    _, path = await invitation(linked.house)
    caplog.set_level(logging.INFO)
    straight = await holder.client().get(f"/h/to-5{path}")
    passed_on = await other.client().get(f"/h/to-5{path}")
    assert passed_on.status_code == 200
    assert 'value="Bà Hoa"' in passed_on.text
    assert passed_on.text == straight.text.replace(holder.url, other.url)
    assert passed_on.headers["permissions-policy"] == straight.headers["permissions-policy"]
    assert f"{other.url}/static/" in passed_on.headers["content-security-policy"]
    nonsense = await other.client().get("/h/to-5/join/nonsense")
    assert (nonsense.status_code, "data-code=" in nonsense.text) == (404, True), "the house's words"
    assert (await other.client().get("/h/to-5/panel")).status_code == 404
    english = await other.client(lang="en").get(f"/h/to-5{path}")
    assert '<html lang="en">' in english.text


async def test_the_house_is_told_the_address_of_the_browser(hubs, link_house, caplog):
    holder, _ = hubs
    linked = await link_house(holder)
    _, path = await invitation(linked.house)
    caplog.set_level(logging.INFO, "web.request_log")
    headers = {"Authorization": f"Bearer {'k' * 40}", "Avcontrol-Client": "203.0.113.7"}
    async with httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as process:
        assert (await process.get(f"{holder.inside}/h/to-5{path}")).status_code == 200
    assert "203.0.113.7 GET /join/… 200" in caplog.text


async def test_a_meeting_is_live_through_the_other_process(hubs, link_house):
    holder, other = hubs
    linked = await link_house(holder)
    await linked.house.room.start_meeting(LEADER)
    made, _ = await invitation(linked.house)
    guest = await linked.house.room.enter(made, "Bà Trần Thị Hoa")
    token = linked.house.access.guest_token(guest, 1)
    url = other.url.replace("http", "ws", 1) + "/h/to-5/live/official"
    async with websockets.connect(url, origin=other.url, proxy=None) as line, asyncio.timeout(40):
        await line.send(json.dumps({"token": token}))
        regions = {}
        while "guest-people" not in regions:
            regions = json.loads(await line.recv()).get("regions", {})
        assert "Bà Trần Thị Hoa" in regions["guest-people"]
        await linked.hang_up()
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await line.recv()
    assert line.close_code == 1012, "come back"


async def test_a_house_that_is_away_everywhere_is_told_in_words(hubs, link_house):
    holder, other = hubs
    linked = await link_house(holder)
    await linked.hang_up()
    await other.until("to-5", lambda house: house.linked_at is None)
    page = await other.client().get("/h/to-5/join/x")
    assert page.status_code == 503
    assert 'data-code="link.house_away"' in page.text
    url = other.url.replace("http", "ws", 1) + "/h/to-5/live/official"
    async with websockets.connect(url, origin=other.url, proxy=None) as line:
        with pytest.raises(websockets.ConnectionClosed):
            await line.recv()
    assert line.close_code == 4503


async def test_a_process_answers_for_its_own_links_alone(hubs, link_house):
    """Asked by another, it asks nobody else: no loop, whatever the database says."""
    holder, other = hubs
    await link_house(holder)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as process:
        process.headers["Authorization"] = f"Bearer {'k' * 40}"
        answer = await process.get(f"{other.inside}/h/to-5/join/x")
    assert answer.headers["avcontrol-refused"] == "link.house_away"


async def test_whoever_does_not_know_the_key_gets_nothing(hubs, link_house, caplog):
    holder, _ = hubs
    await link_house(holder)
    url = holder.inside.replace("http", "ws", 1) + "/h/to-5/live/official"
    for shown in ({}, {"Authorization": "Bearer kkk"}):
        async with httpx.AsyncClient(trust_env=False, timeout=30, headers=shown) as stranger:
            answer = await stranger.get(f"{holder.inside}/h/to-5/join/x")
        assert (answer.status_code, answer.content) == (401, b"")
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(url, additional_headers=shown, proxy=None)
        assert refused.value.response.status_code == 401
    assert "somebody without the key" in caplog.text


async def test_what_one_process_sees_the_others_show(hubs, link_house):
    holder, other = hubs
    linked = await link_house(holder)
    async with asyncio.timeout(30):
        await other.until("to-5", lambda house: house.linked_at is not None)
        await linked.house.room.start_meeting(LEADER)
        await other.until("to-5", lambda house: '"phase":"live"' in (house.summary or ""))
        await linked.hang_up()
        await other.until("to-5", lambda house: house.linked_at is None)


async def test_a_house_that_is_revoked_is_out_in_every_process(hubs, link_house):
    holder, other = hubs
    linked = await link_house(holder)
    admin = await other.client_as(AccountRole.ADMIN)
    assert (await admin.post("/houses/to-5/revoke")).status_code == 303
    async with asyncio.timeout(30):
        async for state in linked.link.state.changes():
            if state.connection is Connection.AWAY and state.cause.code == "link.wrong_key":
                break
    assert (await holder.client().get("/h/to-5/join/x")).status_code == 503


async def test_a_players_token_reaches_its_house_and_the_process_key_does_not(hubs, link_house):
    holder, other = hubs
    linked = await link_house(holder)
    _, path = await invitation(linked.house)  # an official's, which no player may use
    sdp = {"Content-Type": "application/sdp", "Accept": "application/json"}
    for hub in (other, holder):
        for token, code in ((path.rpartition("/")[2], "stream.no_description"), ("x", "access")):
            rights = {"Authorization": f"Bearer {token}"}
            answer = await hub.client().post("/h/to-5/whep", headers=sdp | rights)
            assert answer.json()["code"].startswith(code)
        assert (await hub.client().post("/h/to-5/whep", headers=sdp)).json()["code"] == (
            "stream.no_token"
        )
