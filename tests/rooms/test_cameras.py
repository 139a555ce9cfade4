"""Turning cameras: one at a time, and never on by themselves."""

from dataclasses import replace

import pytest

from base.cause import Cause
from base.latest import Latest
from devices.device import Advice, Controls, DeviceError, Velocity
from rooms.holds import LEASE_SECONDS, STEP_SECONDS
from rooms.meeting import Actor
from rooms.view import Role

LEFT, RIGHT = Velocity(pan=-0.5), Velocity(pan=0.5)


@pytest.fixture
def other():
    return Actor(Role.LEADER, "Bà Lan")


async def test_a_held_button_asks_for_a_short_while_at_a_time(house):
    for _ in range(3):
        await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    assert house.camera.held == [(LEFT, LEASE_SECONDS)] * 3
    assert LEASE_SECONDS < 1
    await house.room.release_camera(house.leader, "camera", "a.1")
    assert house.camera.stopped == 1


async def test_a_sign_that_comes_after_the_button_was_let_go_turns_nothing(house):
    await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    await house.room.release_camera(house.leader, "camera", "a.1")
    await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    assert len(house.camera.held) == 1
    await house.room.release_camera(house.leader, "camera", "a.7")
    await house.room.steer_camera(house.leader, "camera", "a.7", LEFT)
    assert len(house.camera.held) == 1, "the sign was overtaken on its way"
    await house.room.steer_camera(house.leader, "camera", "a.8", RIGHT)
    assert house.camera.held[-1] == (RIGHT, LEASE_SECONDS)


async def test_two_leaders_do_not_fight_over_a_camera(house, other, refused):
    await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    async with refused("camera.held"):
        await house.room.steer_camera(other, "camera", "b.1", RIGHT)
    await house.room.release_camera(other, "camera", "b.1")
    assert house.camera.stopped == 0, "he has nothing to stop"
    house.time.pass_(LEASE_SECONDS)
    await house.room.steer_camera(other, "camera", "b.2", RIGHT)
    async with refused("camera.held"):
        await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    await house.room.release_camera(other, "camera", "b.2")
    await house.room.steer_camera(house.leader, "camera", "a.2", LEFT)


async def test_a_tap_without_javascript_is_a_step(house):
    for _ in range(2):
        await house.room.steer_camera(house.leader, "camera", "", LEFT)
    assert house.camera.held == [(LEFT, STEP_SECONDS)] * 2


async def test_a_new_place_is_among_the_presets_at_once(house, refused):
    await house.room.save_preset(house.technician, "camera", "  Cửa  ra vào ")
    await house.until(lambda view: ("3", "Cửa ra vào") in view.devices[0].presets)
    for name in ("", "x" * 41):
        async with refused("camera.place_name"):
            await house.room.save_preset(house.leader, "camera", name)
    await house.room.send_camera_home(house.leader, "camera")
    assert house.camera.homes == 1


async def test_what_a_camera_refuses_is_said_in_its_words(house, refused):
    house.camera.error = DeviceError("camera.cannot", name="Camera")
    async with refused("camera.cannot"):
        await house.room.steer_camera(house.leader, "camera", "a.1", LEFT)
    async with refused("camera.unknown"):
        await house.room.steer_camera(house.leader, "camera-9", "a.1", LEFT)
    async with refused("camera.not_adjustable"):
        await house.room.set_camera_right(house.technician, "camera")


async def test_what_it_can_do_is_drawn_as_it_is(house):
    everything = house.camera.controls.value
    await house.until(lambda view: view.devices[0].controls == everything)
    house.camera.controls.set(replace(everything, home=False))
    await house.until(lambda view: view.devices[0].controls == replace(everything, home=False))
    assert house.view.devices[1].controls is None
    assert Controls() != everything


async def test_a_camera_that_can_be_set_is_set_outside_a_meeting(house, refused):
    camera = house.camera
    cause = Cause("camera.set_codec", name="Camera", codec="H.265")
    camera.advice = Latest(Advice((cause,), can_be_set=True))

    async def set_right():
        camera.advice.set(Advice())

    camera.set_right = set_right
    await house.room.set_title(house.leader, "Họp")  # anything that is drawn
    assert house.view.devices[0].advice.can_be_set
    await house.room.set_camera_right(house.technician, "camera")
    assert house.view.devices[0].advice == Advice()
    await house.live()
    async with refused("room.not_while_live"):
        await house.room.set_camera_right(house.technician, "camera")


async def test_a_place_that_is_kept_while_the_hall_is_open_has_its_picture(house):
    async def still(camera):
        return b"jpeg of " + camera.encode()

    object.__setattr__(house.equipment, "still", still)
    await house.room.save_preset(house.leader, "camera", "Bục")
    assert house.view.devices[0].pictured == frozenset(), "nobody looks into a closed hall"
    await house.live()
    await house.room.save_preset(house.leader, "camera", "Cửa")
    assert house.view.devices[0].pictured == {"4"}
    assert await house.room.place_picture("camera", "4") == b"jpeg of camera"
    assert await house.room.place_picture("camera", "3") is None
    await house.restart(seconds=1)
    await house.until(lambda view: view.devices[0].pictured == {"4"})
