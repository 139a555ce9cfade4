"""A fixed camera's picture follows the faces, as long as the hall wants it to."""

from devices.device import Framing
from tests.rooms.conftest import FollowingCamera


def with_a_webcam(house):
    house.webcam = FollowingCamera()
    object.__setattr__(house.equipment, "cameras", (house.camera, house.webcam))


def shown(view, camera_id="camera-2"):
    return next(device.framing for device in view.devices if device.id == camera_id)


async def test_the_leader_switches_it_off_and_on_with_a_tap(house, refused):
    with_a_webcam(house)
    await house.room.follow_faces(house.leader, "camera-2", False)
    assert house.webcam.framing.value == Framing(False)
    assert shown(house.view) == Framing(False)
    await house.room.follow_faces(house.leader, "camera-2", True)
    assert shown(house.view) == Framing(True)
    async with refused("camera.unknown"):
        await house.room.follow_faces(house.leader, "camera-9", True)


async def test_a_camera_whose_picture_is_passed_on_is_not_offered_it(house, refused):
    assert shown(house.view, "camera") is None
    async with refused("camera.cannot_follow"):
        await house.room.follow_faces(house.leader, "camera", True)


async def test_whom_it_follows_is_told_and_the_wish_is_kept_over_a_restart(house):
    build = house._build

    def rebuild():
        build()
        with_a_webcam(house)

    house._build = rebuild
    await house.restart(seconds=1)
    house.webcam.framing.set(Framing(True, people=2))
    await house.until(lambda view: shown(view).people == 2)
    await house.room.follow_faces(house.leader, "camera-2", False)
    await house.restart(seconds=1)
    assert shown(house.view) == Framing(False)
