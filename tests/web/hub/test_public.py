"""A house's pages as they are reached through the hub."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import websockets

from rooms.meeting import Actor
from rooms.view import Role
from tests.web.test_whep import Player
from web.hub.public import policy
from web.link.reach import headers_inward, headers_outward

LEADER = Actor(Role.LEADER, "Bác Lan")


async def invite(house, *, lobby=True):
    expires = datetime.now(UTC) + timedelta(hours=1)
    invitation = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "Bà Hoa", expires=expires, lobby=lobby
    )
    return invitation, house.access.invitation_link(invitation.id)


async def test_an_official_opens_his_invitation_through_the_hub(hub, link_house):
    linked = await link_house(hub)
    _, path = await invite(linked.house)
    page = await hub.client().get(f"/h/to-5{path}")
    assert page.status_code == 200
    assert 'data-root="/h/to-5"' in page.text
    assert 'value="Bà Hoa"' in page.text
    assert "/language/en?back=/h/to-5/join/" in page.text
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert page.headers["content-security-policy"] == policy(hub.url, "/h/to-5/")
    assert "set-cookie" not in page.headers
    english = await hub.client(lang="en").get(f"/h/to-5{path}")
    assert '<html lang="en">' in english.text


def test_a_house_is_trusted_with_its_own_pages_alone():
    rules = policy("https://hop.example", "/h/to-5/")
    assert "script-src https://hop.example/static/;" in rules
    assert "form-action https://hop.example/h/to-5/;" in rules
    assert "connect-src https://hop.example/h/to-5/ wss://hop.example/h/to-5/;" in rules
    assert "default-src 'none'" in rules
    assert "'self'" not in rules
    assert "unsafe" not in rules


@pytest.mark.parametrize("path", ["/panel", "/technician", "/login", "/metrics", "/api/x", "/%2e"])
async def test_what_is_not_for_guests_is_not_there(hub, link_house, path):
    await link_house(hub)
    assert (await hub.client().get(f"/h/to-5{path}")).status_code == 404


async def test_a_house_that_is_away_is_told_in_words(hub, link_house):
    linked = await link_house(hub)
    _, path = await invite(linked.house)
    await linked.hang_up()
    await hub.until("to-5", lambda house: house.linked_at is None)
    page = await hub.client().get(f"/h/to-5{path}")
    assert page.status_code == 503
    assert 'data-code="link.house_away"' in page.text
    assert "Nhà văn hóa Tổ dân phố 5" in page.text
    assert page.headers["retry-after"] == "5"
    asked = await hub.client().get(f"/h/to-5{path}", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (503, "link.house_away")


async def test_a_house_that_does_not_exist(hub):
    page = await hub.client().get("/h/to-404/join/x")
    assert page.status_code == 404
    assert 'data-code="ward.house_unknown"' in page.text
    assert (await hub.client().get("/h/to-5")).headers["location"] == "/h/to-5/"


async def test_the_meeting_is_live_through_the_hub(hub, link_house):
    linked = await link_house(hub)
    await linked.house.room.start_meeting(LEADER)
    invitation, _ = await invite(linked.house, lobby=False)
    guest = await linked.house.room.enter(invitation.id, "Bà Trần Thị Hoa")
    token = linked.house.access.guest_token(guest, 1)
    url = hub.url.replace("http", "ws", 1) + "/h/to-5/live/official"
    async with websockets.connect(url, origin=hub.url, proxy=None) as line, asyncio.timeout(40):
        await line.send(json.dumps({"token": token}))
        regions = {}
        while "guest-people" not in regions:
            regions = json.loads(await line.recv()).get("regions", {})
    assert "Bà Trần Thị Hoa" in regions["guest-people"]


@pytest.mark.parametrize("origin", ["https://evil.example", None])
async def test_a_socket_from_elsewhere_does_not_reach_the_house(hub, link_house, origin):
    await link_house(hub)
    url = hub.url.replace("http", "ws", 1) + "/h/to-5/live/official"
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(url, origin=origin, proxy=None)
    assert refused.value.response.status_code == 403


async def test_a_body_that_is_too_large_stays_outside(hub, link_house):
    await link_house(hub)
    client: httpx.AsyncClient = hub.client()
    refused = await client.post("/h/to-5/ask", content=b"x" * (64 * 1024 + 1))
    assert refused.status_code == 413


async def test_static_files_are_the_hubs(hub):
    static = await hub.client().get("/static/live.js")
    assert static.headers["cache-control"] == "no-cache"
    page = await hub.client().get("/")
    address = page.text.split('href="/static/tokens.css')[1].split('"')[0]
    kept = await hub.client().get(f"/static/tokens.css{address}")
    assert "immutable" in kept.headers["cache-control"]
    skewed = await hub.client().get("/static/tokens.css?v=000000000000")
    assert (skewed.status_code, skewed.headers["cache-control"]) == (200, "no-cache")


async def test_a_player_watches_a_house_through_the_hub(hub, link_house):
    linked = await link_house(hub)
    expires = datetime.now(UTC) + timedelta(hours=1)
    invitation = await linked.house.room.create_invitation(
        LEADER, Role.VIEWER, "", expires=expires, lobby=False
    )
    token = linked.house.access.invitation_link(invitation.id).rpartition("/")[2]
    await linked.house.room.start_meeting(LEADER)
    player, anywhere = Player(), {"Origin": "https://player.example"}
    client, sdp = hub.client(), {"Content-Type": "application/sdp"}
    preflight = await client.options("/h/to-5/whep", headers=anywhere)
    assert preflight.headers["access-control-allow-origin"] == "*"
    refused = await client.post("/h/to-5/whep", headers=sdp | anywhere)
    assert (refused.status_code, "Bearer" in refused.headers["www-authenticate"]) == (401, True)
    rights = {"Authorization": f"Bearer {token}"}
    answer = await client.post(
        "/h/to-5/whep", content=await player.offer(), headers=sdp | anywhere | rights
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/sdp"
    await player.answered(answer.text)  # it is one
    assert len(linked.house.room.view.value.guests) == 1
    location = answer.headers["location"]
    assert location.startswith("/h/to-5/whep/")
    assert (await client.delete(location, headers=anywhere)).status_code == 200
    assert (await client.delete("/h/to-5/panel", headers=anywhere)).status_code in (403, 404)
    await player.connection.close()


def test_a_house_sends_nobody_elsewhere_and_learns_no_password():
    for place in ("https://elsewhere.example/", "/login", "/h/to-5/join/x", "//x/h/to-5/whep/y"):
        assert "location" not in dict(headers_outward([("location", place)]))
    for path, shown in (("/whep", "Basic cGhvOm5n"), ("/join/x", "Bearer x"), ("", "Bearer x")):
        assert headers_inward([("authorization", shown)], path) == ()
