"""The call's WebSocket: who is let in, who takes whose place, what a bad line can do."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import websockets
from sqlalchemy import select
from starlette.websockets import WebSocket

from rooms.media.bridge import Bridge
from rooms.meeting import Actor
from rooms.tables import journal
from rooms.view import Presence, Role
from web import call, call_socket
from web.app import create_app
from web.live_socket import NOT_ALLOWED

CEILING_SECONDS = 20
LEADER = Actor(Role.LEADER, "Bác Lan")


class Guest:
    def __init__(self, socket):
        self.socket = socket

    async def say(self, **message):
        await self.socket.send(json.dumps(message))

    async def told(self, kind):
        """The next message of this type."""
        async with asyncio.timeout(CEILING_SECONDS):
            while (message := json.loads(await self.socket.recv()))["type"] != kind:
                pass
        return message

    async def closed(self):
        async with asyncio.timeout(CEILING_SECONDS):
            with suppress(websockets.ConnectionClosed):
                while True:
                    await self.socket.recv()

    async def breathe(self):
        with suppress(websockets.ConnectionClosed):
            while True:
                await self.say(type="ping")
                await asyncio.sleep(0.5)


@pytest.fixture
async def line(house, serve):
    """Opens lines to the call; each says that it lives, as the page does."""

    async def preview(camera_id):
        return None

    bridge = Bridge([], None)
    running = asyncio.create_task(bridge.run())
    more = call.routes(house.site, bridge)
    port = await serve(create_app(house.site, preview=preview, more=more))
    url = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def open_line(path="/ws/call", *, alive=True):
        address = url.replace("http", "ws", 1) + path
        async with websockets.connect(address, origin=url, proxy=None) as socket:
            guest = Guest(socket)
            breathing = asyncio.create_task(guest.breathe()) if alive else None
            yield guest
            if breathing:
                breathing.cancel()

    yield open_line
    assert not running.done(), running
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def token(house):
    return await invited(house)


async def invited(house, *, role=Role.OFFICIAL, **more):
    expires = datetime.now(UTC) + timedelta(days=1)
    invitation = await house.room.create_invitation(
        LEADER, role, "", expires=expires, lobby=False, **more
    )
    return house.access.invitation_link(invitation.id).rpartition("/")[2]


async def join(guest, token, **more):
    await guest.say(type="join", token=token, name="Ông Nam", **more)
    return await guest.told("welcome")


async def presence(house, expected):
    async with asyncio.timeout(CEILING_SECONDS):
        async for view in house.room.view.changes():
            if [guest.presence for guest in view.guests] == expected:
                return


async def test_he_comes_back_as_the_same_guest_and_the_older_line_is_told(house, line, token):
    async with line() as first, line() as second:
        welcome = await join(first, token)
        again = await join(second, token, resume=welcome["resume"])
        assert again["guest"] == welcome["guest"]
        assert (await first.told("end"))["reason"] == "replaced"
        await first.closed()
        assert (await second.told("state"))["presence"] == "admitted"
        await second.say(type="set", hand=True)
        while not (await second.told("state"))["hand"]:
            pass
    await presence(house, [Presence.AWAY])


async def test_an_old_resume_token_is_refused_and_nothing_else_happens(house, line, token, caplog):
    async with line() as first:
        old = await join(first, token)
    async with line() as lost_the_answer:
        await join(lost_the_answer, token, resume=old["resume"])
    async with line() as again, line() as copy:
        new = await join(again, token, resume=old["resume"])
        async with line() as newest:
            await join(newest, token, resume=new["resume"])
            await copy.say(type="join", token=token, name="Ông Nam", resume=old["resume"])
            refused = await copy.told("refused")
            assert (refused["code"], refused["final"]) == ("room.resume_used", True)
            await copy.closed()
            assert "room.resume_used" in caplog.text
            await newest.told("pong")
            assert [guest.id for guest in house.room.view.value.guests] == [old["guest"]]
        # nor does it show who is there
        async with line("/live/official", alive=False) as looker:
            await looker.say(token=old["resume"])
            await looker.closed()
            assert looker.socket.close_code == NOT_ALLOWED


async def test_a_removed_guest_does_not_come_back_by_his_token(house, line, token):
    async with line() as guest:
        welcome = await join(guest, token)
        await house.room.remove_guest(LEADER, welcome["guest"])
        assert (await guest.told("end"))["reason"] == "removed"
    async with line() as guest:
        await guest.say(type="join", token=token, name="Ông Nam", resume=welcome["resume"])
        refused = await guest.told("refused")
        assert (refused["code"], refused["resume"]) == ("room.guest_removed", True)
        await join(guest, token)
        assert (await guest.told("state"))["presence"] == "lobby"


async def test_who_came_in_by_a_revoked_invitation_is_told_and_out(house, line, token):
    invitation_id = house.access.read_invitation(token)
    async with line() as guest:
        welcome = await join(guest, token)
        await house.room.revoke_invitation(LEADER, invitation_id)
        assert (await guest.told("end"))["reason"] == "revoked"
        await guest.closed()
    async with line() as guest:
        await guest.say(type="join", token=token, name="Ông Nam", resume=welcome["resume"])
        assert (await guest.told("refused"))["code"] == "invitation.revoked"
        await guest.say(type="join", token=token, name="Ông Nam")
        refused = await guest.told("refused")
        assert (refused["code"], refused["final"]) == ("invitation.revoked", True)
        await guest.closed()


async def test_a_personal_link_is_known_by_the_key_of_its_browser(house, line):
    token = await invited(house, personal=True)
    async with line() as guest:
        welcome = await join(guest, token, key="a" * 32)
        await guest.say(type="set", microphone=True, camera=False)
        async with line() as other:
            await other.say(type="join", token=token, name="Ông Nam", key="b" * 32)
            refused = await other.told("refused")
            assert (refused["code"], refused["final"]) == ("invitation.somebody_elses", True)
            await other.closed()
    async with line() as guest:
        again = await join(guest, token, key="a" * 32)
        assert again["guest"] == welcome["guest"]
        assert (again["microphone"], again["camera"]) == (True, False)


@pytest.mark.parametrize("wanted", [Role.OFFICIAL, Role.LEADER])
async def test_a_swapped_role_is_refused_logged_and_nothing_else(house, line, caplog, wanted):
    """Whether a stronger invitation is put into the token, or a role of one's own making."""
    watching, stronger = [
        await invited(house, role=role, personal=True) for role in (Role.VIEWER, Role.OFFICIAL)
    ]
    swapped = stronger.rpartition(".")[0] if wanted is Role.OFFICIAL else forged(watching, wanted)
    before = await lines(house)
    async with line() as guest:
        signature = watching.rpartition(".")[2]
        await guest.say(type="join", token=f"{swapped}.{signature}", name="X", key="a" * 32)
        refused = await guest.told("refused")
        assert (refused["code"], refused["final"]) == ("access.link_broken", True)
        await guest.closed()
    assert "a link was altered" in caplog.text
    assert house.room.view.value.guests == ()
    assert await lines(house) == before


def forged(token, role):
    payload = token.rpartition(".")[0]
    invitation, until = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    content = json.dumps([{"id": invitation, "role": role.value}, until]).encode()
    return urlsafe_b64encode(content).decode().rstrip("=")


async def lines(house):
    return await house.database.read(lambda c: c.execute(select(journal)).all())


async def test_the_end_of_a_meeting_is_no_removal(house, line, token):
    await house.room.start_meeting(LEADER)
    async with line() as guest:
        await join(guest, token)
        assert (await guest.told("state"))["phase"] == "live"
        await house.room.end_meeting(LEADER)
        assert (await guest.told("end"))["reason"] == "meeting-ended"


async def test_who_has_no_link_is_out_in_the_end_whatever_he_says(house, line, monkeypatch):
    monkeypatch.setattr(call, "JOIN_SECONDS", 1.0)
    async with line() as stranger:
        talking = asyncio.create_task(chatter(stranger))
        await stranger.closed()
        talking.cancel()
    assert house.room.view.value.guests == ()


async def chatter(guest):
    with suppress(websockets.ConnectionClosed):
        while True:
            await guest.say(type="join", resume="x" * 40)
            await guest.say(type="hello")
            await asyncio.sleep(0.1)


async def test_a_dead_line_does_not_hold_up_the_new_one(house, line, token, monkeypatch):
    """The older line takes not one word, as when a telephone went out of reach."""
    monkeypatch.setattr(call_socket, "SILENT_SECONDS", 60.0)
    older_page, words = asyncio.Queue(), asyncio.Queue()

    async def dead(message):
        await words.put(message)
        if message["type"] == "websocket.send" and "end" in message["text"]:
            await asyncio.Event().wait()

    calls = call.Calls(house.site, Bridge([], None))

    async def serve(receive, send):
        scope = {"type": "websocket", "headers": [], "path": "/ws/call", "query_string": b""}
        await calls.serve(WebSocket(scope, receive, send))

    await older_page.put({"type": "websocket.connect"})
    older = asyncio.create_task(serve(older_page.get, dead))
    message = {"type": "join", "token": token, "name": "Ông Nam"}
    await older_page.put({"type": "websocket.receive", "text": json.dumps(message)})
    while "welcome" not in (said := await words.get()).get("text", ""):
        pass
    message["resume"] = json.loads(said["text"])["resume"]

    newer_page, answers = asyncio.Queue(), asyncio.Queue()
    await newer_page.put({"type": "websocket.connect"})
    newer = asyncio.create_task(serve(newer_page.get, answers.put))
    await newer_page.put({"type": "websocket.receive", "text": json.dumps(message)})
    async with asyncio.timeout(CEILING_SECONDS):
        while "welcome" not in (await answers.get()).get("text", ""):
            pass
    for task in (older, newer):
        task.cancel()
    await asyncio.gather(older, newer, return_exceptions=True)


async def test_a_page_that_says_nothing_is_away(house, line, token):
    async with line(alive=False) as guest:
        await join(guest, token)
        await presence(house, [Presence.AWAY])


async def test_a_page_whose_clock_is_slowed_down_answers_ours(house, line, token):
    """As those in the background are."""
    async with line(alive=False) as guest:
        await join(guest, token)
        loop = asyncio.get_running_loop()
        until = loop.time() + 2 * call_socket.SILENT_SECONDS
        while loop.time() < until:
            await guest.told("ping")
            await guest.say(type="pong")
        assert [guest.presence for guest in house.room.view.value.guests] == [Presence.ADMITTED]


async def test_a_line_that_takes_nothing_is_a_lost_one(house, token, monkeypatch):
    monkeypatch.setattr(call_socket, "SILENT_SECONDS", 0.5)
    page = asyncio.Queue()

    async def dead(message):
        if message["type"] == "websocket.send" and "pong" in message["text"]:
            await asyncio.Event().wait()

    scope = {"type": "websocket", "headers": [], "path": "/ws/call", "query_string": b""}
    calls = call.Calls(house.site, Bridge([], None))
    await page.put({"type": "websocket.connect"})
    for message in ({"type": "join", "token": token, "name": "Ông Nam"}, {"type": "ping"}):
        await page.put({"type": "websocket.receive", "text": json.dumps(message)})
    async with asyncio.timeout(CEILING_SECONDS):
        await calls.serve(WebSocket(scope, page.get, dead))
    await presence(house, [Presence.AWAY])


@pytest.mark.parametrize("nonsense", ["[" * 60_000, "9" * 5_000, b"\x00\xff", '"join"', "null"])
async def test_nonsense_is_not_heard(line, token, nonsense):
    async with line() as guest:
        await guest.socket.send(nonsense)
        await join(guest, token)
        await guest.socket.send(nonsense)
        await guest.told("pong")


async def test_wishes_are_taken_one_after_the_other(house, line, token):
    """However fast a page is, it cannot fill the disk."""
    async with line() as guest:
        await join(guest, token)
        began = asyncio.get_running_loop().time()
        for number in range(2 * call.MOST_AT_ONCE):
            await guest.say(type="set", hand=number % 2 == 0)
        await guest.say(type="set", hand=True, camera=True)
        async with asyncio.timeout(CEILING_SECONDS):
            while not house.room.view.value.guests[0].camera:
                await guest.told("pong")
        elapsed = asyncio.get_running_loop().time() - began
        assert elapsed >= call.MOST_AT_ONCE * call.PAUSE_SECONDS
