"""Who wants to speak: in the hall, as the secretary notes it, and far away, in one order."""

import pytest

from rooms.hands import MOST_HANDS


@pytest.fixture
async def live(house):
    await house.live()
    return house


def names(house):
    return [hand.name for hand in house.view.hands()]


async def test_one_list_in_the_order_in_which_they_came(live):
    far = await live.guest("Bà Chi")
    await live.room.note_hand(live.secretary, " bác  Tư ")
    await live.room.set_guest(far, hand=True)
    await live.room.note_hand(live.leader, "")
    assert names(live) == ["bác Tư", "Bà Chi", ""]
    await live.restart()
    await live.connect(far)
    assert names(live) == ["bác Tư", "Bà Chi", ""]
    first = live.view.hands()[0]
    await live.room.call_hand(live.leader, first.id)
    assert live.view.called().name == "bác Tư"
    assert "bác Tư" in live.view.may_have_answered()
    await live.room.call_hand(live.secretary, live.view.hands()[2].id)
    assert names(live) == ["Bà Chi", ""], "whoever had the word is done"
    await live.room.end_hand(live.secretary, live.view.called().id)
    await live.room.lower_hand(live.secretary, far)
    assert (names(live), live.view.called()) == ([], None)
    await live.room.set_guest(far, hand=True)
    await live.room.note_hand(live.secretary, "cô Năm")
    assert names(live) == ["Bà Chi", "cô Năm"]


async def test_whoever_lost_his_line_keeps_his_place(live):
    far = await live.guest("Bà Chi", hand=True)
    await live.room.note_hand(live.secretary, "bác Tư")
    await live.disconnect(far)
    assert names(live) == ["bác Tư"]
    await live.connect(far)
    assert names(live) == ["Bà Chi", "bác Tư"]


async def test_what_makes_no_sense_is_refused(live, refused):
    async with refused("room.not_your_part"):
        await live.room.note_hand(live.technician, "bác Tư")
    async with refused("feedback.name_too_long"):
        await live.room.note_hand(live.secretary, "a" * 81)
    async with refused("hand.unknown"):
        await live.room.call_hand(live.leader, "none")
    for _ in range(MOST_HANDS):
        await live.room.note_hand(live.secretary, "")
    async with refused("hand.too_many"):
        await live.room.note_hand(live.secretary, "")
    await live.ended()
    assert live.view.hands() == ()
    async with refused("room.not_while_idle"):
        await live.room.note_hand(live.secretary, "bác Tư")
