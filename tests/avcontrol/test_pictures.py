"""What the cameras show is looked at in a meeting: from a verified green, over real RTSP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from avcontrol.house import House, open_house
from config.settings import HouseSection, HouseSettings, RtspCamera, WebSection
from devices.judging import Fault
from devices.virtual.camera import VirtualCamera, serve_camera
from rooms.meeting import Actor
from rooms.view import DeviceView, Role
from tests.ports import free_port

LEADER = Actor(Role.LEADER, "Bác Lan")


def settings_of(folder: Path, *cameras: VirtualCamera) -> HouseSettings:
    port = free_port()
    return HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(port=port),
        data=folder,
        cameras=tuple(
            RtspCamera(kind="rtsp", id=f"camera-{n}", name=f"Camera {n}", url=camera.url)
            for n, camera in enumerate(cameras, 1)
        ),
    )


class Visit:
    """A house with an ear at its API."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house = house
        self.client = client

    async def told(self, path: str, said: str, seconds: float = 40) -> None:
        """Wait until this path says so."""
        async with asyncio.timeout(seconds):
            while said not in (await self.client.get(path)).text:
                await asyncio.sleep(0.1)

    async def device(self, code: str | None, seconds: float = 40) -> DeviceView:
        """The first camera, once it is measured and its cause has this code."""
        async with asyncio.timeout(seconds):
            async for view in self.house.room.view.changes():
                camera = view.devices[0]
                cause = camera.health.cause
                if camera.picture is not None and (cause and cause.code) == code:
                    return camera
        raise AssertionError


@pytest.fixture
def visited(tmp_path: Path):
    @asynccontextmanager
    async def visit(*cameras: VirtualCamera) -> AsyncIterator[Visit]:
        async with (
            open_house(settings_of(tmp_path, *cameras)) as house,
            httpx.AsyncClient(base_url=house.url, trust_env=False, verify=False) as client,
        ):
            yield Visit(house, client)

    return visit


async def test_a_picture_that_stands_leaves_green_everywhere_and_comes_back(hall_cache, visited):
    async with serve_camera(hall_cache) as camera, visited(camera) as visit:
        await visit.told("/healthz", '"picture":"unmeasured"')
        await visit.house.room.start_meeting(LEADER)
        assert (await visit.device(None)).health.condition == "working"
        await visit.told("/healthz", '"picture":"well"')

        await camera.show(Fault.FROZEN)
        assert (await visit.device("camera.frozen")).health.condition == "impaired"
        await visit.told("/healthz", '"picture":"frozen"')
        await visit.told("/metrics", 'camera_picture{id="camera-1",picture="frozen"} 1.0')
        await visit.told("/metrics", 'camera_picture{id="camera-1",picture="well"} 0.0')

        await camera.show(None)
        assert (await visit.device(None)).last_fault.cause.code == "camera.frozen"
        await visit.told("/healthz", '"picture":"well"')


async def rehearsed(visit: Visit) -> str:
    """What the first camera was found to be, when everything was tried."""
    before = visit.house.room.view.value.rehearsal
    await visit.house.room.rehearse(LEADER)
    async with asyncio.timeout(60):
        async for view in visit.house.room.view.changes():
            tried = view.rehearsal
            if tried is not None and tried is not before and tried.ended is not None:
                return next(one.cause.code for one in tried.found if one.subject == "camera-1")
    raise AssertionError


async def test_what_a_rehearsal_saw_is_no_green_until_it_is_seen_well(hall_cache, visited):
    async with serve_camera(hall_cache) as camera, visited(camera) as visit:
        await camera.show(Fault.BLACK)
        await visit.told("/healthz", '"condition":"working"')
        assert await rehearsed(visit) == "camera.black"
        shown = visit.house.room.view.value.devices[0]
        assert shown.health.condition == "impaired", "nobody looks any more, and it is not well"
        assert (await visit.client.get("/healthz")).json()["status"] == "impaired"

        await camera.show(None)
        assert await rehearsed(visit) == "rehearsal.picture_good", "and not what was seen before"
        assert visit.house.room.view.value.devices[0].health.condition == "working"
