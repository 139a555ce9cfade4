"""The page on which somebody listens to the hall's microphone."""

import asyncio
import time

import numpy as np
import pytest

from base.cause import Cause
from rooms.recording import Recording, wav_of
from rooms.view import HallRequest, HallWish, Role
from web.access import cookie_name

TONE = (8000 * np.sin(np.arange(48_000) * 0.1)).astype(np.int16)
SECOND = wav_of(TONE)


@pytest.fixture
async def leader(house):
    """His browser, and what the house calls it."""
    let_in = await house.access.let_in(Role.LEADER, "Bác Lan")
    return house.client(**{cookie_name(Role.LEADER): let_in.secret}), let_in.identity.device_id


def recorded(house, **more):
    """As the room has it once it has listened."""
    house.room._recording = Recording("Bác Lan", began=time.monotonic(), **more)


async def test_a_recording_is_for_the_browser_that_asked_alone(house, leader):
    client, device = leader
    recorded(house, owner=device, wav=SECOND)
    answer = await client.get("/listen/microphone.wav")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.content == SECOND
    assert answer.headers["cache-control"] == "no-store"
    for role in (Role.LEADER, Role.TECHNICIAN):
        other = await house.client_as(role)
        assert (await other.get("/listen/microphone.wav")).status_code == 404
        assert "<audio" not in (await other.get("/listen")).text
    for role in (Role.SECRETARY, Role.STAGE):
        other = await house.client_as(role)
        assert (await other.get("/listen")).status_code != 200
        assert (await other.get("/listen/microphone.wav")).status_code != 200


async def test_the_page_says_how_far_it_is_without_a_script(house, leader):
    client, device = leader
    page = (await client.get("/listen")).text
    assert 'action="/listen"' in page
    assert 'http-equiv="refresh"' not in page
    recorded(house, owner=device)
    page = (await client.get("/listen")).text
    assert 'data-code="running"' in page
    assert 'http-equiv="refresh"' in page
    assert "record-hall" not in page
    recorded(house, owner=device, problem=Cause("sound.recording_failed"))
    assert "Không ghi được tiếng" in (await client.get("/listen")).text
    technician = await house.client_as(Role.TECHNICIAN)
    house.shows(hall_asked=HallRequest("Kỹ thuật", HallWish.RECORDING))
    assert 'data-code="asked"' in (await technician.get("/listen")).text


async def test_a_house_without_sound_says_so(house, leader):
    client, _ = leader
    assert (await client.post("/listen")).status_code == 409


async def test_it_is_played_in_the_page(house, browser):
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await context.request.get(house.open_link(Role.LEADER), max_redirects=0)
    (device,) = (device.id for device in house.access.paired())
    recorded(house, owner=device, wav=SECOND)
    await page.goto(house.url + "/listen")
    audio = page.locator("audio.recording")
    await audio.wait_for()
    await audio.evaluate("(audio) => { audio.muted = true; audio.play(); }")
    async with asyncio.timeout(30):
        while await audio.evaluate("(audio) => audio.currentTime") < 0.2:
            await asyncio.sleep(0.05)
    assert abs(await audio.evaluate("(audio) => audio.duration") - 1) < 0.01
    assert (await audio.bounding_box())["height"] >= 63.5
    await context.close()
