"""A house publishes its meeting by WHIP: here to another house, whose encoder it is."""

import asyncio
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from config.publish import PublishSection
from config.settings import WhipCamera as Settings
from devices.device import Condition
from devices.h264 import split
from devices.virtual.hall_picture import load_small_clip
from devices.whip import WhipCamera
from rooms.media.bridge import Bridge
from rooms.media.ingest import Ingest
from rooms.media.programme import Programme
from rooms.media.publishing import PUBLISHER, Publishing
from rooms.view import Floor
from tests.web.test_whep import Camera, until
from web.app import create_app
from web.whip import Encoders

TOKEN = "mot-ma-kho-doan-2026"


async def _nothing(camera_id):
    return None


@pytest.fixture
def token(tmp_path):
    file = tmp_path / "publish.token"
    file.write_text(TOKEN)
    return file


@pytest.fixture
async def bridge(hall_cache):
    camera = Camera(load_small_clip(hall_cache))
    bridge = Bridge([camera], None)
    running = [asyncio.create_task(bridge.run()), asyncio.create_task(camera.run())]
    bridge.set_live(True)
    yield bridge
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def publish(bridge, token):
    tasks = []

    def publish(url, **more):
        settings = PublishSection(url=url, token_file=token, **more)
        publishing = Publishing(settings, bridge, first_pause=0.1)
        tasks.append(asyncio.create_task(publishing.run()))
        publishing.want(True)
        return publishing

    yield publish
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_goes_as_the_camera_sends_it_and_comes_back_after_a_loss(
    house, serve, bridge, publish, token, hall_cache
):
    server = WhipCamera(Settings(kind="whip", id="hall", name="Nhà 5", token_file=token))
    ingest = Ingest()
    more = Encoders(house.site, ingest, [server]).routes()
    port = await serve(create_app(house.site, preview=_nothing, more=more))
    units = []
    server.subscribe(units.append)
    publishing = publish(f"http://127.0.0.1:{port}/whip/hall")
    await until(lambda: len(units) > 20)
    assert publishing.health.value.condition is Condition.WORKING
    sent = {bytes(nal) for data in load_small_clip(hall_cache).units for nal in split(data)}
    assert {nal for unit in units for nal in split(unit.data)} <= sent, "it was encoded anew"
    ingest.stop("hall")
    await until(lambda: publishing.health.value.condition is Condition.FAILED)
    assert publishing.health.value.cause.code == "publish.lost"
    count = len(units)
    await until(lambda: len(units) > count + 10)
    publishing.want(False)
    await until(lambda: publishing.health.value.condition is Condition.STANDBY)
    assert PUBLISHER not in bridge.connected.value
    await until(lambda: not server._came.is_set())
    await ingest.aclose()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "refused"),
        (404, "not_found"),
        (500, "rejected"),
        (201, "bad_answer"),
        (0, "no_answer"),
    ],
)
async def test_what_is_wrong_is_said_and_tried_again(serve, publish, status, code):
    asked = []

    async def answer(request):
        asked.append(request.headers["authorization"])
        return Response("v=1", status)

    port = await serve(Starlette(routes=[Route("/whip", answer, methods=["POST"])]))
    publishing = publish(f"http://127.0.0.1:{port if status else 1}/whip")
    await until(lambda: publishing.health.value.condition is Condition.FAILED)
    assert publishing.health.value.cause.code == f"publish.{code}"
    assert publishing.health.value.cause.params["host"] == "127.0.0.1"
    if status:
        await until(lambda: len(asked) >= 2)
        assert set(asked) == {f"Bearer {TOKEN}"}


async def test_the_hall_alone_is_not_whoever_has_the_floor(bridge):
    hall = bridge._hall
    bridge.set_programme("x", Programme.HALL)
    bridge.set_floor(Floor())
    assert bridge._outside.programme_of("x") is hall
    assert bridge._outside.programme_of("y") is hall
    bridge.set_live(False)
    assert bridge._outside.programme_of("x") is None
