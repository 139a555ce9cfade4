"""An encoder that nobody here wrote sends a picture in: FFmpeg's WHIP sender, as PyAV brings it.
And what a bad one is told."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import av
import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection

from config.settings import WhipCamera as Settings
from devices import h264
from devices.device import Condition
from devices.keep_running import keep_running
from devices.whip import WhipCamera
from rooms.media.ingest import Ingest
from web.app import create_app
from web.whip import Encoders

CEILING_SECONDS = 30
MAX_BUNDLE = RTCBundlePolicy.MAX_BUNDLE
TOKEN = "mot-ma-kho-doan-2026"


class Encoder:
    """A program that sends, until `stop`."""

    def __init__(self, url: str, token: str) -> None:
        program = Path(__file__).with_name("whip_sender.py")
        self._process = subprocess.Popen(
            [sys.executable, str(program), url, token],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def over(self) -> bool:
        return self._process.poll() is not None

    async def stop(self) -> str:
        """What it said."""
        _, said = await asyncio.to_thread(self._process.communicate)
        return said

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


async def until(holds, seconds: float = CEILING_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.fixture
async def camera(tmp_path: Path):
    token = tmp_path / "encoder.token"
    token.write_text(TOKEN + "\n")
    settings = Settings(kind="whip", id="obs", name="Camera OBS", token_file=token)
    camera = WhipCamera(settings, patience=0.2)
    running = asyncio.create_task(keep_running(camera, first_pause=0.1, longest_pause=0.1))
    yield camera
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def address(house, serve, camera):
    async def preview(camera_id):
        return None

    ingest = Ingest()
    more = Encoders(house.site, ingest, [camera]).routes()
    port = await serve(create_app(house.site, preview=preview, more=more))
    yield f"http://127.0.0.1:{port}/whip/obs"
    await ingest.aclose()


async def test_ffmpeg_is_a_camera(camera, address) -> None:
    await until(lambda: camera.health.value.condition is Condition.FAILED)
    assert camera.health.value.cause.code == "camera.nobody_sends"
    units = []
    camera.subscribe(units.append)
    sender = Encoder(address, TOKEN)
    try:
        await until(lambda: len(units) >= 30 or sender.over)
    finally:
        said = await sender.stop()
    assert len(units) >= 30, said
    assert units[0].key
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units))
    assert camera.picture.value.passed_through
    assert (camera.picture.value.width, camera.picture.value.height) == (320, 180)
    decoder = av.CodecContext.create("h264", "r")
    shown = [frame for unit in units for frame in decoder.decode(av.Packet(unit.data))]
    assert len(shown) >= 28
    await until(lambda: camera.health.value.condition is Condition.FAILED)
    assert camera.health.value.cause.code in ("camera.sender_gone", "camera.nobody_sends")
    assert {h264.nal_type(nal) for nal in h264.split(units[0].data)} >= {h264.SPS, h264.PPS}


async def test_one_at_a_time_and_only_with_the_token(camera, address, client) -> None:
    async def told(token, content="", path=address, **more):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp", **more}
        answer = await client.post(path, content=content, headers=headers)
        return answer.status_code, answer.json()["code"]

    client.headers["Accept"] = "application/json"
    assert await told("wrong") == (401, "stream.wrong_token")
    assert await told(TOKEN, path=address.replace("obs", "camera")) == (401, "stream.wrong_token")
    assert await told(TOKEN) == (400, "stream.no_description")
    offer = await offer_of("sendonly", "audio", "video")
    assert await told(TOKEN, offer, **{"Content-Type": "text/html"}) == (415, "stream.other_type")
    watch = offer.replace("a=sendonly", "a=recvonly")
    assert await told(TOKEN, watch) == (422, "stream.direction")
    assert await told(TOKEN, offer.replace("H264", "H265")) == (422, "stream.no_h264")
    alone = await offer_of("sendonly", "audio")
    assert await told(TOKEN, alone) == (422, "stream.lines")
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sdp"}
    first = await client.post(address, content=offer, headers=headers)
    assert first.status_code == 201
    assert first.text.count("a=recvonly") == 2
    assert await told(TOKEN, offer) == (409, "stream.taken")
    session = address.rpartition("/whip")[0] + first.headers["location"]
    assert (await client.patch(session)).status_code == 405
    assert (await client.delete(session)).status_code == 200
    assert (await client.delete(session)).status_code == 404
    assert (await client.post(address, content=offer, headers=headers)).status_code == 201
    camera.token_file.write_text("short")
    assert await told("short") == (401, "stream.wrong_token")


async def offer_of(direction, *kinds):
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=MAX_BUNDLE))
    for kind in kinds:
        connection.addTransceiver(kind, direction=direction)
    await connection.setLocalDescription(await connection.createOffer())
    sdp = connection.localDescription.sdp
    await connection.close()
    return sdp
