"""A camera is turned from a page: the real driver, over ONVIF, to the virtual camera's motors."""

import asyncio

import pytest

from config.settings import RtspCamera
from devices.onvif.camera import OnvifCamera
from devices.virtual.head import Head, Look
from devices.virtual.onvif_server import Habits, OnvifServer
from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")

pytestmark = pytest.mark.peer


@pytest.fixture
async def motors(house):
    """Of a camera that does not stop by itself."""
    head = Head()
    server = OnvifServer(head, lambda: "rtsp://127.0.0.1:1/hall", None, Habits(heeds_timeout=False))
    await server.start()
    settings = RtspCamera(kind="rtsp", id="camera", name="Camera sân khấu", onvif=server.url)
    camera = OnvifCamera(settings)
    await camera._look()
    object.__setattr__(house.equipment, "cameras", (camera,))
    house.shows()
    yield head
    await server.stop()


async def until(condition):
    async with asyncio.timeout(25):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def page(house, motors, browser):
    context = await browser.new_context()
    await context.request.get(house.open_link(Role.LEADER), max_redirects=0)
    page = await context.new_page()
    await page.goto(house.url + "/panel/picture")
    await page.click('[data-action="open-steering"]')
    yield page
    await context.close()


async def press(page, action):
    button = page.locator(f'[data-action="{action}"]')
    await button.scroll_into_view_if_needed()
    box = await button.bounding_box()
    await page.mouse.move(box["x"] + 30, box["y"] + 30)
    await page.mouse.down()


async def test_a_camera_turns_while_a_button_is_held(page, motors):
    await press(page, "steer-right")
    await until(lambda: motors.look().pan > 0.6)  # longer than a single sign would last
    await page.mouse.up()
    await until(lambda: not motors.moving)
    at = motors.look().pan
    await press(page, "steer-left")
    await until(lambda: motors.look().pan < at)
    await page.mouse.up()
    await until(lambda: not motors.moving)


async def test_a_camera_stops_where_the_browser_goes_away(page, motors):
    await press(page, "steer-closer")
    await until(lambda: motors.moving)
    await page.context.close()
    await until(lambda: not motors.moving)


async def test_the_keyboard_and_a_page_without_javascript_turn_it_by_steps(page, motors, house):
    await page.focus('[data-action="steer-up"]')
    await page.keyboard.press("Enter")
    await until(lambda: motors.look().tilt > 0)
    await until(lambda: not motors.moving)
    leader = await house.client_as(Role.LEADER)
    answer = await leader.post("/do/steer-camera", data={"camera": "camera", "way": "left"})
    assert answer.status_code == 303
    await until(lambda: motors.look().pan < 0)
    await until(lambda: not motors.moving)
    wrong = await leader.post("/do/steer-camera", data={"camera": "camera", "way": "back"})
    assert wrong.status_code == 400


async def test_a_place_is_kept_and_gone_to_from_the_page(page, motors):
    motors._look = Look(pan=0.5)
    await page.click('[data-action="open-save-preset"]')
    await page.fill('[name="name"][maxlength="40"]', "Bục phát biểu")
    await page.click('[data-action="save-preset"]')
    await page.wait_for_selector('[data-action="go-to-preset"] >> text=Bục phát biểu')
    motors._look = Look()
    await page.click('[data-action="go-to-preset"]')
    await until(lambda: motors.look() == Look(pan=0.5))
    assert await page.locator('[data-action="send-camera-home"]').count() == 1
    await page.click('[data-action="send-camera-home"]')
    await until(lambda: motors.look() == Look())


async def test_a_place_shows_its_picture_to_whoever_may_go_there(motors, house):
    async def still(_):
        return b"\xff\xd8a jpeg"

    object.__setattr__(house.equipment, "still", still)
    house.shows_what_is()
    leader = await house.client_as(Role.LEADER)
    await house.room.start_meeting(LEADER)
    answer = await leader.post("/do/save-preset", data={"camera": "camera", "name": "Bục"})
    assert answer.status_code == 303
    page = (await leader.get("/panel/picture")).text
    assert 'src="/panel/places/camera/1.jpg"' in page
    assert (await leader.get("/panel/places/camera/1.jpg")).content == b"\xff\xd8a jpeg"
    assert (await leader.get("/panel/places/camera/2.jpg")).status_code == 404
    secretary = await house.client_as(Role.SECRETARY)
    assert (await secretary.get("/panel/places/camera/1.jpg")).status_code in (303, 401, 403)
