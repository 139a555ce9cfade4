"""A meeting that was left alone ends by itself; one that goes on does not."""

import asyncio

import pytest

from devices.device import Levels
from rooms.view import Phase


async def wait(house, minutes):
    """Time passes, and the room looks at the clock on the way."""
    for step in (minutes // 2, minutes - minutes // 2):
        house.time.pass_(minutes=step)
        await house.ticks(2)


@pytest.fixture
async def live(house):
    await house.live()
    await house.room.set_title(house.leader, "Họp")
    return house


async def test_it_says_so_two_minutes_before_and_ends(live):
    await wait(live, 27)
    assert live.view.notices == ()
    await wait(live, 2)
    await live.until(lambda view: view.notices)
    assert [cause.code for cause in live.view.notices] == ["room.ends_alone"]
    assert live.view.phase is Phase.LIVE
    live.time.pass_(minutes=1)
    view = await live.until(lambda view: view.phase is Phase.CLOSING)
    assert view.undo_end_until is not None
    assert view.notices == ()
    live.time.pass_(seconds=10)
    await live.until(lambda view: view.phase is Phase.IDLE)
    assert not live.sound.microphone_open.value


async def test_an_end_by_itself_can_be_undone_and_counts_anew(live):
    await wait(live, 30)
    await live.until(lambda view: view.phase is Phase.CLOSING)
    await live.room.undo_end(live.leader)
    await wait(live, 25)
    assert live.view.phase is Phase.LIVE


@pytest.mark.parametrize(
    "touch",
    [
        lambda house: house.room.confirm_presence(house.leader),
        lambda house: house.room.set_volume(house.technician, 50),
        lambda house: house.ask(key=str(house.time.seconds)),
    ],
)
async def test_a_touch_counts_anew_and_takes_the_notice_back(live, touch):
    await wait(live, 29)
    await live.until(lambda view: view.notices)
    await touch(live)
    assert live.view.notices == ()
    await wait(live, 27)
    assert live.view.phase is Phase.LIVE
    await wait(live, 3)
    await live.until(lambda view: view.phase is not Phase.LIVE)


async def speak(house, seconds=10):
    """Words with pauses between them, into the hall's microphone."""
    for peak in range(10 * seconds):
        house.time.pass_(seconds=0.1)
        house.sound.levels.set(Levels(microphone=-20.0 - peak % 2 if peak % 10 < 6 else -60.0))
        await asyncio.sleep(0)
    await house.ticks(2)


async def test_speech_in_the_hall_is_life(live):
    await wait(live, 20)
    await speak(live)
    await wait(live, 27)
    assert live.view.phase is Phase.LIVE
    await wait(live, 3)
    await live.until(lambda view: view.phase is not Phase.LIVE)


async def test_a_guests_page_left_open_keeps_no_meeting_alive(live):
    guest = await live.guest(microphone=True)
    await wait(live, 20)
    live.media.speaking.set((guest,))
    await live.disconnect(guest)
    await live.room.guest_away(guest)
    await live.room.come_back(guest, 1)
    await live.connect(guest)
    await live.room.set_guest(guest, hand=True)
    await wait(live, 10)
    await live.until(lambda view: view.phase is not Phase.LIVE)


async def test_the_stage_is_nobody(live):
    await live.connect(await live.room.enter_stage())
    await wait(live, 30)
    await live.until(lambda view: view.phase is not Phase.LIVE)


async def test_a_restarted_meeting_that_nobody_confirms_ends_even_with_a_guest(live):
    guest = await live.guest()
    await live.restart(minutes=20)
    await live.room.come_back(guest, 1)
    await live.connect(guest)
    await wait(live, 30)
    await live.until(lambda view: view.phase is not Phase.LIVE)


async def test_outside_a_meeting_nothing_ends(house):
    meeting = house.view.meeting_id
    await wait(house, 40)
    assert house.view.meeting_id == meeting
    assert house.view.notices == ()
