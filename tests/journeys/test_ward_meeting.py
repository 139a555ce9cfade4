"""A meeting of the whole ward, from the leader's one tap: through a media server and a hub."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from base.latest import Latest
from config.settings import WebSection
from devices.virtual.hall_picture import load_small_clip
from devices.virtual.sound import tone, write_wav
from tests.journeys.conftest import open_hall
from tests.journeys.test_meeting import played
from tests.media_server import TOKEN, MediaServer
from tests.web.link.conftest import Kept
from web.link.hub import HouseSession, Sessions
from web.link.ward_meeting import FloorStream, Stream, TellWardMeeting, WardMeeting
from web.server import WebServer

pytestmark = pytest.mark.journey

WARD, HALL = 440.0, 880.0
LINK = '\n[link]\nurl = "http://127.0.0.1:{port}"\nhouse = "to-5"\nkey_file = "{key}"\n'


@dataclass
class Ward:
    """As much of a hub as a house needs to hear of the meeting."""

    meeting: Latest[TellWardMeeting | None]
    sessions: Sessions
    port: int

    async def told(self, **fields: object) -> None:
        """Until the house says this of how it takes part."""
        async with asyncio.timeout(40):
            async for houses in self.sessions.linked.changes():
                if "to-5" in houses:
                    break
            async for summary in self.sessions.of("to-5").summary.changes():
                said = summary and summary.ward_meeting
                if said and all(getattr(said, name) == value for name, value in fields.items()):
                    return


@asynccontextmanager
async def open_ward() -> AsyncIterator[Ward]:
    sessions, meeting = Sessions(), Latest[TellWardMeeting | None](None)

    async def link(websocket: WebSocket) -> None:
        url = f"http://{websocket.url.netloc}/h/to-5"
        await sessions.serve(
            HouseSession(websocket, "to-5", public_url=url, deliveries=Kept(), ward_meeting=meeting)
        )

    server = WebServer(Starlette(routes=[WebSocketRoute("/link", link)]), WebSection())
    _, port = server.bind(0)
    serving = asyncio.create_task(server.run())
    try:
        yield Ward(meeting, sessions, port)
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def test_one_tap_and_the_whole_ward_is_there(
    tmp_path: Path, browser: Browser, journey: Any, hall_cache: Path
) -> None:
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("mot-khoa-rat-dai")
    units = load_small_clip(hall_cache).units
    async with (
        MediaServer(units, "offers").serving() as media,
        open_ward() as ward,
        open_hall(tmp_path, browser, LINK.format(port=ward.port, key=key)) as hall,
    ):
        media.sends["ward"] = WARD
        now = datetime.now(UTC)
        meeting = WardMeeting("m1", "Họp toàn phường", now, 90, "open")
        meeting = replace(
            meeting,
            publish=Stream(media.whip("to-5"), TOKEN),
            ward=Stream(media.whep("ward"), TOKEN),
        )
        ward.meeting.set(TellWardMeeting(meeting))
        panel = await hall.paired("leader", viewport={"width": 1280, "height": 800})
        stage = await hall.paired("stage", viewport={"width": 1920, "height": 1080})
        await panel.click("[data-action=join-ward]")
        await panel.wait_for_selector("[data-value=phase][data-code=live]", state="attached")
        await journey.picture_moves(stage, "floor-video", 15)
        await expect(stage.locator("[data-value=floor]")).to_have_text("Phường Hòa Bình")
        await ward.told(joined=True, condition="working")

        await panel.click("[data-action=ask-ward]")
        await ward.told(hand=True)
        assert media.got["to-5"].is_silent(), "nobody called on the house"
        floor = FloorStream("to-5", "Tổ dân phố 5", media.whep("to-5"), TOKEN)
        ward.meeting.set(TellWardMeeting(replace(meeting, floor=floor, called=True)))
        await stage.wait_for_selector("[data-value=ward-heard]")
        await ward.told(hand=False)
        sound = tmp_path / "tone.wav"
        write_wav(sound, tone(HALL, 120))
        await hall.sound.turn_volume(0)  # what comes by the air is the echo canceller's business
        got = media.got["to-5"]
        async with played(hall, sound):
            await journey.until(
                lambda: got.hears(HALL) and not got.hears(WARD), what="the hall alone at the ward"
            )
        assert got.pictures > 5

        await panel.click("[data-action=panel-guests]")
        await panel.click("[data-action=leave-ward]")
        await ward.told(joined=False)
        await expect(panel.locator("[data-value=phase]").first).to_have_attribute(
            "data-code", "live"
        )
