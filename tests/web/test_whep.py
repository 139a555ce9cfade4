"""A player watches with a viewer's link as its token; what a bad one is told."""

import asyncio
import shutil
import subprocess
import tarfile
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from base.latest import Latest
from devices.device import AccessUnit, Condition, Health
from devices.virtual.hall_picture import load_small_clip
from rooms.media.bridge import Bridge
from rooms.media.relaying import Relaying
from rooms.media.uplink import Uplink
from rooms.meeting import Actor
from rooms.relay import Relay, RelayAccount
from rooms.view import Phase, Presence, Role
from web.whep import Players

CEILING_SECONDS = 30
LEADER = Actor(Role.LEADER, "Bác Lan")
SDP = {"Content-Type": "application/sdp"}

PACKAGE = "whip-whep@1.2.0"
"""A player that nobody here wrote; it is used as it is."""
PAGE = """<!doctype html><title>player</title><video id=video autoplay muted playsinline></video>
<script type=module>
import { WHEPClient } from "/whep.js";
window.view = async (url, token) => {
  const peer = window.peer = new RTCPeerConnection();
  peer.addTransceiver("audio", {direction: "recvonly"});
  peer.addTransceiver("video", {direction: "recvonly"});
  peer.ontrack = ({track, streams}) => { document.getElementById("video").srcObject = streams[0]; };
  window.player = new WHEPClient();
  await window.player.view(peer, url, token);
};
window.counted = async (kind, name) => {
  let found = 0;
  (await window.peer.getStats()).forEach((s) => {
    if (s.type === "inbound-rtp" && s.kind === kind) found = s[name] ?? 0; });
  return found;
};
window.ready = true;
</script>"""


class Camera:
    """Pictures of the virtual hall, 15 a second."""

    def __init__(self, clip):
        self.health = Latest(Health(Condition.WORKING))
        self._clip = clip
        self._sinks = []

    def subscribe(self, sink):
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    async def run(self):
        count = 0
        while True:
            data = self._clip.units[count % len(self._clip.units)]
            key = count % len(self._clip.units) == 0
            unit = AccessUnit(data, count * 6000, key, asyncio.get_running_loop().time())
            for sink in tuple(self._sinks):
                sink(unit)
            count += 1
            await asyncio.sleep(1 / 15)


@pytest.fixture
async def relaying():
    return Relaying()


@pytest.fixture
async def bridge(hall_cache, relaying):
    camera = Camera(load_small_clip(hall_cache))
    bridge = Bridge([camera], None, relaying)
    running = [asyncio.create_task(bridge.run()), asyncio.create_task(camera.run())]
    yield bridge
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def house(start_house, bridge, relaying):
    return await start_house(
        media=bridge, more=lambda site: Players(site, bridge, relaying).routes()
    )


@pytest.fixture
async def client(house):
    client = house.client()
    del client.headers["Origin"]
    client.headers["Accept"] = "application/json"
    return client


async def invite(house, role=Role.VIEWER, *, lobby=False):
    expires = datetime.now(UTC) + timedelta(days=1)
    invitation = await house.room.create_invitation(
        LEADER, role, "Tổ 6", expires=expires, lobby=lobby
    )
    token = house.access.invitation_link(invitation.id).rpartition("/")[2]
    return invitation.id, {"Authorization": f"Bearer {token}"}


async def until(holds):
    async with asyncio.timeout(CEILING_SECONDS):
        while not holds():
            await asyncio.sleep(0.02)


class Player:
    """An aiortc that watches, as far as it is looked at here."""

    def __init__(self, direction="recvonly", kinds=("audio", "video")):
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        for kind in kinds:
            self.connection.addTransceiver(kind, direction=direction)
        self.tracks = {}
        self.connection.on("track", lambda track: self.tracks.setdefault(track.kind, track))

    async def offer(self):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def answered(self, sdp):
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def gets(self, kind):
        async with asyncio.timeout(CEILING_SECONDS):
            return await self.tracks[kind].recv()


@asynccontextmanager
async def watching(client, rights, **how):
    """A player that is there."""
    player = Player(**how)
    try:
        answer = await client.post("/whep", content=await player.offer(), headers=SDP | rights)
        assert answer.status_code == 201, answer.text
        await player.answered(answer.text)
        yield player, answer
    finally:
        await player.connection.close()


async def test_it_sees_and_hears_as_a_viewer_until_it_goes(house, client, bridge):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    await until(lambda: house.room.view.value.phase is Phase.LIVE)
    async with watching(client, rights) as (player, answer):
        assert answer.headers["content-type"] == "application/sdp"
        assert "a=sendonly" in answer.text
        assert "a=sendrecv" not in answer.text
        picture = await player.gets("video")
        assert (picture.width, picture.height) == (640, 360)
        assert (await player.gets("audio")).sample_rate == 48_000
        guest = house.room.view.value.guests[0]
        assert (guest.role, guest.name) == (Role.VIEWER, "Tổ 6 (trình phát)")
        await until(lambda: house.room.view.value.guests[0].presence is Presence.CONNECTED)
        location = answer.headers["location"]
        patched = await client.patch(location, content="a=x", headers=rights)
        assert (patched.status_code, patched.headers["allow"]) == (405, "DELETE, OPTIONS")
        assert (await client.delete(location)).status_code == 200
        await until(lambda: not house.room.view.value.guests)
        assert not bridge.connected.value
        gone = await client.delete(location)
        assert (gone.status_code, gone.json()["code"]) == (404, "stream.gone")
        await until(lambda: player.connection.connectionState in ("closed", "failed"))


async def test_it_gets_what_the_houses_own_line_has_to_spare(house, client, bridge):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    await until(lambda: house.room.view.value.phase is Phase.LIVE)
    bridge._is_near = lambda _: False
    async with watching(client, rights) as (player, _):
        await player.gets("video")
        bridge._uplink = Uplink(100_000)
        await until(lambda: not bridge._hall.viewers)
        assert (await player.gets("audio")).sample_rate == 48_000
        bridge._uplink = Uplink(10_000_000)
        await until(lambda: bridge._hall.viewers)


@pytest.mark.parametrize("how", ["sent out", "revoked", "ended"])
async def test_it_is_out_as_any_viewer_is(house, client, bridge, how):
    invitation_id, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    async with watching(client, rights, kinds=("video",)) as (player, answer):
        await until(lambda: bridge.connected.value)
        if how == "sent out":
            await house.room.remove_guest(LEADER, house.room.view.value.guests[0].id)
        elif how == "revoked":
            await house.room.revoke_invitation(LEADER, invitation_id)
        else:
            house.ends_at_once()
            await house.room.end_meeting(LEADER)
        await until(lambda: player.connection.connectionState in ("closed", "failed"))
        await until(lambda: not house.room.view.value.guests)
        assert not bridge.connected.value
        assert (await client.delete(answer.headers["location"])).status_code in (200, 404)
        again = await client.post("/whep", content=await Player().offer(), headers=SDP | rights)
        codes = {"sent out": "stream.lobby", "revoked": "invitation.revoked"}
        if how in codes:
            assert again.json()["code"] == codes[how]
        assert again.status_code in (403, 409, 410)


async def test_one_that_goes_without_a_word_is_gone(house, client, bridge):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    async with watching(client, rights, kinds=("audio",)) as (_, _):
        await until(lambda: bridge.connected.value)
    await until(lambda: not house.room.view.value.guests)


async def test_what_it_sends_is_not_taken(house, client):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    async with watching(client, rights, direction="sendrecv") as (_, answer):
        assert answer.text.count("a=sendonly") == 2
        assert "a=recvonly" not in answer.text
        assert "a=sendrecv" not in answer.text


async def test_the_relay_is_named(house, client, relaying):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    account = RelayAccount("1700000000:x", "s=cret+")
    now = asyncio.get_running_loop().time()
    urls = ("stun:relay.example:3478", "turn:relay.example:3478?transport=tcp")
    relaying.offered.set(Relay(urls, account, account, now + 600))
    relaying._ways = ()  # none that the house itself would wait for
    async with watching(client, rights) as (_, answer):
        stun, turn = answer.headers["link"].split(", ")
    assert stun == '<stun:relay.example:3478>; rel="ice-server"'
    assert turn == (
        '<turn:relay.example:3478?transport=tcp>; rel="ice-server"; username="1700000000:x"; '
        'credential="s=cret+"; credential-type="password"'
    )


async def test_a_page_from_anywhere_may_ask_and_cookies_count_nothing(house, client):
    for path, methods in (("/whep", "POST, OPTIONS"), ("/whep/x", "DELETE, OPTIONS")):
        preflight = {"Origin": "https://player.example", "Access-Control-Request-Method": "POST"}
        answer = await client.options(path, headers=preflight)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == methods
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["accept-post"] == "application/sdp"
    leader = await house.client_as(Role.LEADER)
    answer = await leader.post("/whep", headers=SDP | {"Origin": "https://player.example"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer realm="avcontrol"',
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["code"] == "stream.no_token"


async def test_who_may_not_is_told_why(house, client):
    async def told(rights):
        answer = await client.post("/whep", content=offer, headers=SDP | rights)
        return answer.status_code, answer.json()["code"]

    offer = await Player().offer()
    _, viewer = await invite(house)
    idle = await client.post("/whep", content=offer, headers=SDP | viewer)
    assert (idle.status_code, idle.json()["code"]) == (409, "stream.not_begun")
    assert idle.headers["retry-after"] == "10"
    assert await told({"Authorization": "Bearer x"}) == (401, "access.link_broken")
    assert await told((await invite(house, Role.OFFICIAL))[1]) == (403, "stream.not_a_viewer")
    assert await told((await invite(house, lobby=True))[1]) == (403, "stream.lobby")
    assert not house.room.view.value.guests


async def test_a_bad_offer_gets_a_clear_error_and_no_place(house, client):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    good = await Player().offer()
    video = good[good.index("m=video") :]
    no_codec = good.replace("H264", "H265").replace("VP8", "VP9")
    bad = {
        "": (400, "stream.no_description"),
        "v=0": (400, "stream.no_description"),
        good[: good.index("m=")] + "a=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:c": (
            422,
            "stream.lines",
        ),
        "v=0\r\n" * 20_000: (413, "web.too_large"),
        "v=0\r\n" * 11_000: (400, "stream.no_description"),
        good.encode() + b"\xff": (400, "stream.no_description"),
        good + video: (422, "stream.lines"),
        good.replace("a=recvonly", "a=sendonly"): (422, "stream.direction"),
        good.replace("a=recvonly", "a=inactive", 1): (422, "stream.direction"),
        good.replace("opus", "mp4a-latm"): (422, "stream.no_opus"),
        no_codec: (422, "stream.no_h264"),
        good.replace("a=mid:1", "a=mid:0"): (400, "stream.no_description"),
        good.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"): (400, "stream.no_description"),
        good.replace("a=fingerprint", "a=finger"): (400, "stream.no_description"),
    }
    for offer, expected in bad.items():
        answer = await client.post("/whep", content=offer, headers=SDP | rights)
        assert (answer.status_code, answer.json()["code"]) == expected, offer
    other = await client.post(
        "/whep", content=good, headers=rights | {"Content-Type": "text/plain"}
    )
    assert (other.status_code, other.json()["code"]) == (415, "stream.other_type")
    await until(lambda: not house.room.view.value.guests)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    if shutil.which("npm") is None:
        pytest.skip("there is no npm here to fetch the player with")
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, timeout=120)
    with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
        return archive.extractfile("package/whep.js").read().decode()


@pytest.mark.soak
async def test_a_player_from_npm_sees_hears_and_goes(house, script, browser, bridge, serve):
    _, rights = await invite(house)
    await house.room.start_meeting(LEADER)
    page = await browser.new_page()
    routes = [
        Route("/player", lambda _: HTMLResponse(PAGE)),
        Route("/whep.js", lambda _: Response(script, media_type="text/javascript")),
    ]
    origin = f"http://127.0.0.1:{await serve(Starlette(routes=routes))}"
    await page.goto(f"{origin}/player")
    await page.wait_for_function("window.ready")
    token = rights["Authorization"].removeprefix("Bearer ")
    await page.evaluate("([url, token]) => view(url, token)", [f"{house.url}/whep", token])
    async with asyncio.timeout(60):
        while await page.evaluate("counted('video', 'framesDecoded')") < 30:
            await asyncio.sleep(0.1)
        while await page.evaluate("counted('audio', 'packetsReceived')") < 1:
            await asyncio.sleep(0.1)
    assert len(bridge.connected.value) == 1
    await page.evaluate("player.stop()")
    await until(lambda: not house.room.view.value.guests)
    await page.close()
