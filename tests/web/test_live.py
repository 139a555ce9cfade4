"""The live socket: what changed is sent, to whoever may look, for as long as he may."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import websockets

from base.latest import Latest
from config.settings import ScreenSection
from devices.device import Levels
from devices.screen import KioskScreen
from rooms.meeting import Actor
from rooms.view import Connection, LinkState, Outside, Phase, Role
from web.access import cookie_name
from web.app import create_app
from web.live import NOT_ALLOWED, Regions

LEADER = Actor(Role.LEADER, "Bác Lan")
QUESTION = "Bao giờ sửa cống ngõ 5?"


class Page:
    """One live socket, with everything that it was told so far."""

    def __init__(self, socket):
        self.socket = socket
        self.regions = {}
        self.levels = []
        self.last = {}
        self.heard = []
        """What came while waiting for the end."""

    async def told(self):
        """The next message that says something."""
        async with asyncio.timeout(30):
            while not (message := json.loads(await self.socket.recv())):
                pass
        self.last = message.get("regions", {})
        self.regions |= self.last
        self.levels += [message["levels"]] if "levels" in message else []
        return message

    async def until(self, region, words):
        while words not in self.regions.get(region, ""):
            await self.told()

    async def close_code(self):
        async with asyncio.timeout(30):
            with suppress(websockets.ConnectionClosed):
                while True:
                    self.heard.append(await self.socket.recv())
        return self.socket.close_code


@asynccontextmanager
async def look_as_guest(house, token):
    async with look(house, "official") as socket:
        await socket.send(json.dumps({"token": token}))
        yield socket


def look(house, page, secret="", *, role=Role.LEADER, origin=None, language="vi", port=None):
    url = house.url if port is None else f"http://127.0.0.1:{port}"
    cookie = f"{cookie_name(role)}={secret}; lang={language}"
    return websockets.connect(
        f"{url.replace('http', 'ws', 1)}/live/{page}",
        origin=origin or url,
        additional_headers={"Cookie": cookie},
        proxy=None,
    )


async def let_in(house, role=Role.LEADER):
    return await house.access.let_in(role, "Bác Lan")


async def ask(house, key="k"):
    return await house.room.ask(QUESTION, name=None, via="phone", key=key * 32, by=None)


async def enter(house):
    expires = datetime.now(UTC) + timedelta(days=1)
    invitation = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "", expires=expires, lobby=True
    )
    return await house.room.enter(invitation.id, "Ông Nam")


async def live(house):
    await house.room.start_meeting(LEADER)
    async for view in house.room.view.changes():
        if view.phase is Phase.LIVE:
            return


async def test_everything_at_first_and_then_what_changed(house):
    person = await let_in(house)
    async with look(house, "panel", person.secret) as socket:
        page = Page(socket)
        await page.told()
        assert set(page.regions) == {"status", "bar", "controls", "queue"}
        assert 'data-code="idle"' in page.regions["status"]
        await ask(house)
        await page.until("queue", QUESTION)
        assert "controls" not in page.last, "nothing changed there"


async def test_each_reader_gets_his_language(house):
    person = await let_in(house)
    async with look(house, "panel", person.secret, language="en") as socket:
        page = Page(socket)
        await page.until("controls", "Start meeting")
        assert "Bắt đầu họp" not in page.regions["controls"]


async def test_a_burst_of_changes_ends_with_the_newest(house):
    person = await let_in(house)
    async with look(house, "panel-questions", person.secret) as socket:
        page = Page(socket)
        await page.told()
        receipts = [await ask(house, key) for key in "abcdefgh"]
        await page.until("questions", f"question-{receipts[-1].question_id}")
        assert all(f"question-{r.question_id}" in page.regions["questions"] for r in receipts)


async def test_everybody_on_a_page_shares_one_rendering(house, monkeypatch):
    monkeypatch.setattr("web.live.FRESH_SECONDS", 600.0)
    regions = Regions(house.site)
    before = regions.of("panel", "vi", house.url)
    assert regions.of("panel", "vi", house.url) is before
    assert regions.of("panel", "en", house.url) is not before
    await ask(house)
    assert regions.of("panel", "vi", house.url) is not before


async def test_the_stage_sends_people_to_the_ward_while_it_is_known(house):
    """By the room's view: whoever keeps the link says for how long (tests/web/link)."""
    stage = await let_in(house, Role.STAGE)
    outside = Outside("https://hop.example/h/to-5", "https://hop.example/to-5")
    async with look(house, "stage", stage.secret, role=Role.STAGE) as socket:
        page = Page(socket)
        await page.until("stage-ask", f'data-code="{house.url}"')
        local = page.regions["stage-ask"]
        house.link_is(LinkState(Connection.LINKED, outside=outside))
        await page.until("stage-ask", 'data-code="https://hop.example/to-5"')
        assert "<svg" in page.last["stage-ask"], "the QR code, too"
        shown = page.regions["stage-ask"]
        assert (
            shown.split("</svg>")[0].split("<path")[1:]
            != local.split("</svg>")[0].split("<path")[1:]
        )
        house.link_is(LinkState(Connection.AWAY))
        await page.until("stage-ask", f'data-code="{house.url}"')


@pytest.mark.parametrize(
    ("page", "role"),
    [
        ("panel", Role.SECRETARY),
        ("secretary", Role.STAGE),
        ("stage", Role.LEADER),
        ("technician", Role.LEADER),
        ("nothing", Role.LEADER),
    ],
)
async def test_a_page_is_for_its_role_alone(house, page, role):
    person = await let_in(house, role)
    async with look(house, page, person.secret, role=role) as socket:
        assert await Page(socket).close_code() == NOT_ALLOWED


async def test_a_revoked_tablet_is_out_at_once(house):
    person = await let_in(house)
    async with look(house, "panel", person.secret) as socket:
        await Page(socket).told()
        await house.access.revoke_device(person.identity.device_id)
        assert await Page(socket).close_code() == NOT_ALLOWED
    async with look(house, "panel", person.secret) as socket:
        assert await Page(socket).close_code() == NOT_ALLOWED


async def test_another_site_cannot_listen(house):
    person = await let_in(house)
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with look(house, "panel", person.secret, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_guest_sees_people_and_questions_once_he_is_let_in(house):
    guest_id = await enter(house)
    token = house.access.guest_token(guest_id, 1)
    async with look_as_guest(house, token) as socket:
        page = Page(socket)
        assert await page.close_code() == NOT_ALLOWED, "he waits at the door"
        assert page.heard == [], "and is told nothing through it"
    await house.room.admit(LEADER, guest_id)
    receipt = await ask(house)
    async with look_as_guest(house, token) as socket:
        page = Page(socket)
        await page.until("guest-people", "Ông Nam")
        assert QUESTION not in page.regions["guest-questions"], "not approved yet"
        await house.room.approve_question(LEADER, receipt.question_id)
        await page.until("guest-questions", QUESTION)
        await house.room.remove_guest(LEADER, guest_id)
        assert await page.close_code() == NOT_ALLOWED
    async with look_as_guest(house, token) as socket:
        page = Page(socket)
        assert await page.close_code() == NOT_ALLOWED
        assert page.heard == [], "his token is still signed, but his place is gone"


async def test_an_invitation_is_no_guests_token(house):
    token = house.access.invitation_link("x").rpartition("/")[2]
    async with look_as_guest(house, token) as socket:
        assert await Page(socket).close_code() == NOT_ALLOWED


async def test_a_guests_token_in_the_address_is_not_looked_at(house, monkeypatch):
    guest_id = await enter(house)
    await house.room.admit(LEADER, guest_id)
    monkeypatch.setattr("web.live.TOKEN_SECONDS", 0.2)
    async with look(house, f"official?token={house.access.guest_token(guest_id, 1)}") as socket:
        page = Page(socket)
        assert await page.close_code() == NOT_ALLOWED
        assert page.heard == []


async def test_levels_are_told_in_a_meeting_and_never_before(house, serve):
    levels = Latest(Levels(-23.04, -40.0))

    async def preview(camera_id):
        return None

    port = await serve(create_app(house.site, preview=preview, levels=levels))
    person = await let_in(house)
    async with look(house, "panel", person.secret, port=port) as socket:
        page = Page(socket)
        await page.told()
        for level in range(5):
            levels.set(Levels(-50.0 + level, -60.0))
            await asyncio.sleep(0.25)
        await ask(house)
        await page.until("queue", QUESTION)
        assert page.levels == []

        await live(house)
        levels.set(Levels(-23.04, -40.0))
        while not page.levels:
            await page.told()
        assert page.levels[-1] == {"microphone": -23.0, "loudspeaker": -40.0}
        # after a long stop, until somebody in the hall says that the meeting goes on
        house.shows(awaits_confirmation=True)
        await page.until("controls", "confirm-presence")
        page.levels.clear()
        for level in range(5):
            levels.set(Levels(-50.0 + level, -60.0))
            await asyncio.sleep(0.25)
        await ask(house, "y")
        await page.until("status", ">2<")
        silence = {"microphone": -100.0, "loudspeaker": -100.0}
        assert page.levels == [silence], "the meters fall, and stay where they are"
    async with look(house, "panel-guests", person.secret, port=port) as socket:
        page = Page(socket)
        levels.set(Levels(-1.0, -1.0))
        await ask(house, "z")
        await page.until("status", ">3<")
        assert page.levels == []


async def test_a_quiet_line_is_known_to_be_alive(house):
    person = await let_in(house)
    async with look(house, "panel", person.secret) as socket:
        async with asyncio.timeout(30):
            assert "regions" in json.loads(await socket.recv())
            assert json.loads(await socket.recv()) == {}


async def test_what_the_page_sends_is_ignored(house):
    person = await let_in(house)
    async with look(house, "panel", person.secret) as socket:
        page = Page(socket)
        await socket.send("x" * 1000)
        await socket.send(b"\x00")
        await ask(house)
        await page.until("queue", QUESTION)


async def test_the_houses_own_screen_is_seen_while_its_page_answers(start_house, tmp_path):
    """And no other big screen is taken for it."""
    screen = KioskScreen(ScreenSection(), str, tmp_path)
    seen = []
    screen.saw_page = lambda: seen.append(screen.name)
    house = await start_house(screen=screen)
    for name, role, counts in (
        ("Máy chiếu phòng bên", Role.STAGE, False),
        (screen.name, Role.LEADER, False),
        (screen.name, Role.STAGE, True),
    ):
        let_in = await house.access.let_in(role, name)
        page = "stage" if role is Role.STAGE else "panel"
        async with look(house, page, let_in.secret, role=role) as socket:
            told = Page(socket)
            await told.told()
            await socket.send("{}")
            async with asyncio.timeout(30):
                while counts and not seen:
                    await asyncio.sleep(0.01)
            await told.socket.recv()
        assert bool(seen) is counts, name
