import pytest

from rooms.floor import LOST_SECONDS
from rooms.shown import Floor, FloorKind

HALL = Floor()


def camera(guest_id):
    return Floor(FloorKind.CAMERA, guest_id)


def screen(guest_id):
    return Floor(FloorKind.SCREEN, guest_id)


@pytest.fixture
async def live(house):
    await house.live()
    return house


async def speak(house, *speaking, seconds=1.6):
    """`speaking`, loudest first, keep at it for so long."""
    house.media.speaking.set(speaking)
    await house.ticks(2)
    house.time.pass_(seconds)
    await house.ticks(2)


async def test_the_first_official_with_a_camera_takes_it_from_the_hall(live):
    without_camera = await live.guest("Không máy ảnh", microphone=True)
    await live.guest("Trong sảnh", lobby=True, camera=True)
    await live.guest("Chưa nối", connected=False, camera=True)
    assert live.view.floor == HALL
    first = await live.guest("Bà Chi", camera=True)
    assert live.view.floor == live.media.floor == camera(first)
    await live.guest("Ông Dũng", camera=True)
    assert live.view.floor == camera(first)
    await live.room.set_guest(without_camera, camera=True)
    assert live.view.floor == camera(first)


async def test_it_goes_to_whoever_speaks_for_a_moment_and_stays_in_silence(live):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    await speak(live, second, first, seconds=1.4)
    assert live.view.floor == camera(first)
    live.time.pass_(0.2)
    await live.ticks()
    assert live.view.floor == live.media.floor == camera(second)
    await speak(live, seconds=60)
    assert live.view.floor == camera(second)
    await speak(live, "hall", first, seconds=60)
    assert live.view.floor == camera(second)


async def test_a_word_in_between_begins_the_moment_anew(live):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    for _ in range(4):
        await speak(live, second, seconds=1.0)
        await speak(live, "hall", seconds=0.1)
    assert live.view.floor == camera(first)


async def test_who_shows_no_picture_does_not_take_it_by_speaking(live):
    first = await live.guest(camera=True)
    dark = await live.guest(microphone=True)
    await speak(live, dark, seconds=5)
    assert live.view.floor == camera(first)


async def test_a_choice_of_the_leader_stands(live):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    await live.room.give_floor(live.leader, camera(second))
    assert live.view.floor == live.media.floor == camera(second)
    assert not live.view.floor_follows_speaker
    await speak(live, first, seconds=60)
    await live.room.set_guest(first, sharing=True)
    assert live.view.floor == camera(second)
    await live.room.give_floor(live.leader, HALL)
    await live.ticks()
    assert live.view.floor == HALL
    await live.guest(camera=True)
    assert live.view.floor == HALL
    await live.room.follow_speaker(live.leader, True)
    await live.ticks()
    assert live.view.floor == camera(first)


async def test_a_shared_screen_takes_it_and_gives_it_back(live):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    third = await live.guest(camera=True)
    await speak(live, second)
    await live.room.set_guest(third, sharing=True)
    assert live.view.floor == live.media.floor == screen(third)
    await speak(live, first, seconds=10)
    assert live.view.floor == screen(third)
    await speak(live)
    await live.room.set_guest(third, sharing=False)
    assert live.view.floor == camera(second)


async def test_the_newest_screen_is_shown_and_the_floor_before_both_comes_back(live):
    first = await live.guest(camera=True)
    second = await live.guest()
    third = await live.guest()
    await live.room.set_guest(second, sharing=True)
    await live.room.set_guest(third, sharing=True)
    assert live.view.floor == screen(third)
    await live.room.set_guest(third, sharing=False)
    assert live.view.floor == camera(first)


async def test_the_chosen_one_may_show_his_screen(live):
    first = await live.guest(camera=True)
    await live.room.give_floor(live.leader, camera(first))
    await live.room.set_guest(first, sharing=True)
    assert live.view.floor == screen(first)
    await live.room.set_guest(first, sharing=False)
    assert live.view.floor == camera(first)


@pytest.mark.parametrize("chosen", [False, True])
@pytest.mark.parametrize("how", ["disconnect", "leave", "remove", "camera off"])
async def test_who_goes_gives_it_to_another_with_a_camera_or_the_hall(live, chosen, how):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    if chosen:
        await live.room.give_floor(live.leader, camera(first))

    async def go(guest_id):
        if how == "disconnect":
            await live.disconnect(guest_id)
            live.time.pass_(LOST_SECONDS)
        elif how == "leave":
            await live.room.leave(guest_id)
        elif how == "remove":
            await live.room.remove_guest(live.leader, guest_id)
        else:
            await live.room.set_guest(guest_id, camera=False)
        await live.ticks()

    assert live.view.floor == camera(first)
    await go(first)
    assert live.view.floor == live.media.floor == camera(second)
    await go(second)
    assert live.view.floor == live.media.floor == HALL


async def test_a_screen_ends_with_the_line_of_its_guest(live):
    first = await live.guest(camera=True)
    second = await live.guest(sharing=True)
    await live.ticks()
    assert live.view.floor == screen(second)
    await live.disconnect(second)
    live.time.pass_(LOST_SECONDS)
    await live.ticks()
    assert live.view.floor == camera(first)


async def test_whose_line_is_lost_for_a_moment_keeps_it(live):
    first = await live.guest(camera=True)
    await live.guest(camera=True)
    await live.disconnect(first)
    live.time.pass_(LOST_SECONDS - 0.5)
    await live.ticks()
    assert live.view.floor == camera(first)
    await live.connect(first)
    live.time.pass_(LOST_SECONDS)
    await live.ticks()
    assert live.view.floor == live.media.floor == camera(first)


@pytest.mark.parametrize("chosen", [False, True])
async def test_it_is_his_again_when_he_returns(live, chosen):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    if chosen:
        await live.room.give_floor(live.leader, camera(first))
    await lose(live, first)
    assert live.view.floor == camera(second)
    await lose(live, second)
    assert live.view.floor == HALL
    await live.connect(second)
    await live.connect(first)
    assert live.view.floor == live.media.floor == camera(first)


async def test_it_is_not_when_another_spoke_or_was_given_it_meanwhile(live):
    first = await live.guest(camera=True)
    second = await live.guest(camera=True)
    third = await live.guest(camera=True)
    await lose(live, first)
    await speak(live, third)
    await live.connect(first)
    assert live.view.floor == camera(third)
    await lose(live, third)
    await live.room.give_floor(live.leader, camera(second))
    await live.connect(third)
    assert live.view.floor == camera(second)


async def test_a_choice_of_the_leader_outlives_a_kill(live):
    await live.guest(camera=True)
    second = await live.guest(camera=True)
    await live.room.give_floor(live.leader, camera(second))
    await live.restart()
    first, second = (guest.id for guest in live.view.guests)
    await live.connect(first)
    await live.connect(second)
    assert live.view.floor == live.media.floor == camera(second)


async def lose(live, guest_id):
    await live.disconnect(guest_id)
    live.time.pass_(LOST_SECONDS)
    await live.ticks()


async def test_it_cannot_be_given_to_who_has_nothing_to_show(live, refused):
    away = await live.guest(connected=False, camera=True)
    dark = await live.guest()
    async with refused("floor.not_connected"):
        await live.room.give_floor(live.leader, camera(away))
    async with refused("floor.no_camera"):
        await live.room.give_floor(live.leader, camera(dark))
    async with refused("floor.no_screen"):
        await live.room.give_floor(live.leader, screen(dark))
    async with refused("room.guest_unknown"):
        await live.room.give_floor(live.leader, camera("nobody"))
    assert live.view.floor_follows_speaker


async def test_a_new_meeting_begins_in_the_hall(live):
    await live.guest(camera=True)
    await live.ended()
    assert live.view.floor == live.media.floor == HALL
