"""Who pretends to be somebody at the hub is refused and logged, and nothing else happens."""

import base64
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
import websockets

from rooms.meeting import Actor
from rooms.view import Role
from ward.accounts import AccountRole
from web.hub.access import COOKIE
from web.live_socket import NOT_ALLOWED

LEADER = Actor(Role.LEADER, "Bác Lan")
EVIL = "https://evil.example"


async def dial(hub, house_id, key, **options):
    token = base64.b64encode(f"{house_id}:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    url = hub.url.replace("http", "ws", 1) + "/link"
    return await websockets.connect(url, additional_headers=headers, proxy=None, **options)


async def invitation(house, role):
    expires = datetime.now(UTC) + timedelta(hours=1)
    made = await house.room.create_invitation(LEADER, role, "Bà Hoa", expires=expires, lobby=False)
    return house.access.invitation_link(made.id)


async def test_the_key_of_another_house_moves_no_link(hub, link_house, caplog):
    caplog.set_level(logging.INFO)
    linked = await link_house(hub)
    _, other_key = await hub.site.houses.enrol(await hub.site.houses.invite("to-6", "Tổ 6"))
    before = await hub.site.houses.find("to-5")
    with pytest.raises(websockets.InvalidStatus) as refused:
        await dial(hub, "to-5", other_key)
    assert refused.value.response.status_code == 401
    assert "WS /link 401" in caplog.text
    assert other_key not in caplog.text
    after = await hub.site.houses.find("to-5")
    assert (after.linked_to, after.linked_at) == (before.linked_to, before.linked_at)
    assert linked.link.round_trip is not None, "the right one is still there"


async def test_a_socket_of_another_site_is_refused(hub, link_house, caplog):
    caplog.set_level(logging.INFO)
    linked = await link_house(hub)
    secret = await hub.secret_of(AccountRole.ADMIN)
    key = base64.b64encode(f"to-5:{linked.key}".encode()).decode()
    headers = {"Cookie": f"{COOKIE}={secret}", "Authorization": f"Basic {key}"}
    for path in ("/link", "/live/houses", "/live/watch", "/h/to-5/ws/call"):
        url = hub.url.replace("http", "ws", 1) + path
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(url, origin=EVIL, additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == 403
        assert f"WS {path} 403" in caplog.text
    assert hub.site.links.sessions.of("to-5").open_channels == 0


async def test_a_form_of_another_site_changes_nothing(hub, admin, caplog):
    caplog.set_level(logging.INFO)
    await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Tổ 5"))
    before = await hub.site.houses.all(), len(await hub.site.accounts.all())
    for path, form in [
        ("/houses", {"id": "to-7", "name": "Tổ 7"}),
        ("/houses/to-5/revoke", {}),
        ("/watch/1/acknowledge", {}),
        ("/accounts", {"login": "x@y.vn", "name": "X", "role": "admin"}),
        ("/logout", {}),
    ]:
        refused = await admin.post(path, data=form, headers={"Origin": EVIL})
        assert refused.status_code == 403
        assert 'data-code="web.foreign_origin"' in refused.text
        assert f"POST {path} 403" in caplog.text
    assert (await hub.site.houses.all(), len(await hub.site.accounts.all())) == before
    assert (await admin.get("/houses")).status_code == 200, "he is still logged in"


async def test_an_invitation_is_worth_what_was_signed_alone(hub, link_house, caplog):
    """A viewer who puts an official's invitation under his own signature, or shows another token
    of the same house as an invitation, stays outside."""
    caplog.set_level(logging.INFO, "web")
    linked = await link_house(hub)
    await linked.house.room.start_meeting(LEADER)
    viewer = await invitation(linked.house, Role.VIEWER)
    official = await invitation(linked.house, Role.OFFICIAL)
    payload, signature = official.rpartition(".")[0], viewer.rpartition(".")[2]
    guest = linked.house.access.guest_token("somebody", 1)
    for swapped in (f"{payload}.{signature}", f"/join/{guest}"):
        page = await hub.client().get(f"/h/to-5{swapped}")
        assert page.status_code in {403, 404}
        assert 'data-code="access.link_broken"' in page.text
        url = hub.url.replace("http", "ws", 1) + "/h/to-5/ws/call"
        async with websockets.connect(url, origin=hub.url, proxy=None) as line:
            token = swapped.removeprefix("/join/")
            await line.send(json.dumps({"type": "join", "token": token, "name": "Ai đó"}))
            said = []
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    said.append(json.loads(await line.recv()))
            assert "welcome" not in {message["type"] for message in said}
    assert linked.house.room.view.value.guests == ()
    assert f"GET /h/to-5/join/… {page.status_code}" in caplog.text
    assert signature not in caplog.text


async def test_a_session_that_was_ended_at_one_process_is_over_at_the_other(
    postgres_url, start_hub, caplog
):
    one, other = await start_hub(where=postgres_url), await start_hub(where=postgres_url)
    secret = await one.secret_of(AccountRole.TECHNICIAN)
    client = other.client(**{COOKIE: secret})
    assert (await client.get("/watch")).status_code == 200
    url = other.url.replace("http", "ws", 1) + "/live/watch"
    cookie = {"Cookie": f"{COOKIE}={secret}"}
    async with websockets.connect(
        url, origin=other.url, additional_headers=cookie, proxy=None
    ) as line:
        await line.recv()
        session = await one.site.access.sessions.identify(secret)
        await one.site.access.sessions.end(session.id)
        assert (await client.get("/watch")).headers["location"] == "/login?next=/watch"
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await line.recv()
    assert line.close_code == NOT_ALLOWED
