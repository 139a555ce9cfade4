"""A meeting of the whole ward: what the leader does, who is seen, what stays after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause
from devices.device import Condition, Health
from rooms.shown import Floor, FloorKind
from rooms.signals import WARD_MEETING, signals_of
from rooms.view import Phase, Presence, Role
from rooms.ward_meeting import (
    THE_WARD,
    Attended,
    OtherHouse,
    Part,
    Stream,
    WardMeeting,
    guest_id_of,
    part_of,
)
from web.link.summary import summary_of

PUBLISH, WARD = Stream("https://media.example/whip/5"), Stream("https://media.example/whep/w")
THIRD = OtherHouse("to-3", "Tổ dân phố 3", Stream("https://media.example/whep/3"))
THIRD_ID = guest_id_of("to-3")
PLANNED = WardMeeting(
    "m1", "Họp toàn phường", datetime(2026, 3, 1, 12, 10, tzinfo=UTC), 90, plan="p1"
)
OPEN = replace(PLANNED, is_open=True, publish=PUBLISH, ward=WARD)
WORKS = Health(Condition.WORKING)


def camera(guest_id):
    return Floor(FloorKind.CAMERA, guest_id)


async def says(house, meeting):
    house.equipment.ward_meeting.set(meeting)
    await house.ticks(2)


async def comes(house, *seen, health=WORKS):
    """Paths and pictures of these."""
    house.media.connected.set(house.media.connected.value | frozenset(seen))
    house.equipment.attended.set(Attended(health, health is WORKS, frozenset(seen)))
    await house.ticks(2)


@pytest.fixture
async def joined(house):
    await says(house, OPEN)
    await house.room.join_ward(house.leader)
    return house


async def test_one_tap_begins_the_meeting_and_joins(house):
    await says(house, OPEN)
    assert house.view.ward_meeting.near
    assert not house.view.ward_meeting.joined
    assert part_of(house.view) is None
    await house.room.join_ward(house.leader)
    assert (house.view.phase, house.view.title) == (Phase.LIVE, "Họp toàn phường")
    assert part_of(house.view) == Part(PUBLISH, WARD, None, False)
    assert house.media.heard == {THE_WARD: True}


async def test_it_joins_a_meeting_that_is_on_without_another_name(house):
    await house.room.set_title(house.leader, "Họp tổ")
    await house.live()
    await says(house, OPEN)
    await house.room.join_ward(house.leader)
    assert (house.view.title, house.view.ward_meeting.joined) == ("Họp tổ", True)


async def test_when_it_may_be_joined(house, refused):
    async with refused("ward.none"):
        await house.room.join_ward(house.leader)
    await says(house, replace(PLANNED, starts=PLANNED.starts + timedelta(hours=1)))
    assert not house.view.ward_meeting.near
    async with refused("ward.early"):
        await house.room.join_ward(house.leader)
    await says(house, PLANNED)
    async with refused("ward.not_joined"):
        await house.live()
        await house.room.ask_ward(house.leader, True)
    await house.room.join_ward(house.leader)
    assert house.view.ward_meeting.joined
    assert part_of(house.view) is None, "there is nothing to connect to yet"
    await says(house, OPEN)
    assert part_of(house.view) is not None


async def test_the_ward_is_large_and_before_it_the_house_that_has_the_floor(joined):
    await comes(joined, THE_WARD)
    assert joined.view.floor == joined.media.floor == camera(THE_WARD)
    ward = joined.shown(THE_WARD)
    assert (ward.name, ward.role, ward.presence) == ("Phường Mẫu", Role.WARD, Presence.CONNECTED)
    joined.media.speaking.set((THE_WARD,))
    await joined.ticks(2)
    joined.time.pass_(5)
    await says(joined, replace(OPEN, floor=THIRD))
    assert part_of(joined.view).floor == THIRD
    assert joined.view.floor == camera(THE_WARD), "its picture is not there yet"
    assert joined.shown(THIRD_ID).awaited
    await comes(joined, THE_WARD, THIRD_ID)
    joined.time.pass_(5)
    await joined.ticks(2)
    assert joined.view.floor == camera(THIRD_ID), "the ward speaks on, and has given it away"
    assert joined.media.heard[THIRD_ID]
    await says(joined, OPEN)
    assert joined.view.floor == camera(THE_WARD)
    assert THIRD_ID in joined.media.dropped


async def test_who_speaks_here_is_seen_only_while_the_ward_hears_it(joined):
    await comes(joined, THE_WARD)
    official = await joined.guest("Bà Chi", camera=True, microphone=True)
    joined.media.speaking.set((official,))
    await joined.ticks(2)
    joined.time.pass_(5)
    await joined.ticks(2)
    assert joined.view.floor == camera(THE_WARD)
    await says(joined, replace(OPEN, floor=replace(THIRD, house="to-5"), called=True))
    assert part_of(joined.view) == Part(PUBLISH, WARD, None, True), "nobody watches himself"
    joined.time.pass_(5)
    await joined.ticks(2)
    assert joined.view.floor == camera(official)
    joined.media.speaking.set((THE_WARD,))
    await joined.ticks(2)
    joined.time.pass_(5)
    await joined.ticks(2)
    assert joined.view.floor == camera(THE_WARD)


async def test_it_is_not_said_to_be_heard_while_nothing_goes_out(joined):
    called = replace(OPEN, called=True)
    await comes(joined, THE_WARD)
    assert not joined.view.ward_meeting.heard
    await says(joined, called)
    assert joined.view.ward_meeting.heard
    await joined.room.mute_hall(joined.leader, True)
    assert not joined.view.ward_meeting.heard
    await joined.room.mute_hall(joined.leader, False)
    impaired = Health(Condition.IMPAIRED, Cause("attend.no_answer", host="media.example"))
    await comes(joined, THE_WARD, health=impaired)
    assert not joined.view.ward_meeting.heard


async def test_what_the_leader_chose_stands(joined):
    await comes(joined, THE_WARD)
    await joined.room.give_floor(joined.leader, Floor())
    await says(joined, replace(OPEN, floor=THIRD))
    await comes(joined, THE_WARD, THIRD_ID)
    assert joined.view.floor == Floor()
    await joined.room.give_floor(joined.leader, camera(THIRD_ID))
    assert joined.view.floor == joined.media.floor == camera(THIRD_ID)


async def test_without_its_picture_the_hall_is_seen(joined):
    await comes(joined, THE_WARD)
    joined.equipment.attended.set(Attended(WORKS, sends=True))
    await joined.ticks(2)
    assert joined.view.floor == Floor()
    assert joined.shown(THE_WARD).presence is Presence.CONNECTED


async def test_a_hand_is_down_once_the_house_is_called(joined):
    await joined.room.ask_ward(joined.leader, True)
    assert joined.view.ward_meeting.hand
    assert summary_of(joined.view).ward_meeting.hand
    await joined.room.ask_ward(joined.leader, False)
    assert not joined.view.ward_meeting.hand
    await joined.room.ask_ward(joined.leader, True)
    await says(joined, replace(OPEN, called=True))
    await joined.until(lambda view: not view.ward_meeting.hand)
    await says(joined, OPEN)
    assert not joined.view.ward_meeting.hand


async def test_the_hub_is_told_how_it_stands(joined):
    trouble = Cause("attend.no_answer", host="media.example", status=0)
    await comes(joined, THE_WARD, health=Health(Condition.FAILED, trouble))
    told = summary_of(joined.view).ward_meeting
    assert (told.id, told.joined, told.condition) == ("m1", True, "failed")
    assert (told.cause, told.params["host"]) == ("attend.no_answer", "media.example")
    assert summary_of(joined.view).guests == 0, "the ward is nobody's guest"
    assert [s.health.cause for s in signals_of(joined.view) if s.id == WARD_MEETING] == [trouble]
    await joined.room.leave_ward(joined.leader)
    told = summary_of(joined.view).ward_meeting
    assert (told.joined, told.condition) == (False, "standby")
    await says(joined, None)
    assert summary_of(joined.view).ward_meeting is None


async def test_it_leaves_and_the_meeting_goes_on(joined):
    await comes(joined, THE_WARD)
    await joined.room.ask_ward(joined.leader, True)
    await joined.room.leave_ward(joined.leader)
    assert (joined.view.phase, part_of(joined.view)) == (Phase.LIVE, None)
    assert not joined.view.ward_meeting.hand
    assert not joined.view.guests
    assert THE_WARD in joined.media.dropped
    await joined.ticks(2)
    assert joined.view.floor == Floor()


async def test_the_ward_ends_its_meeting_and_the_house_goes_on(joined):
    await comes(joined, THE_WARD)
    await says(joined, None)
    assert (joined.view.phase, joined.view.ward_meeting) == (Phase.LIVE, None)
    assert part_of(joined.view) is None
    assert joined.media.heard[THE_WARD] is False


async def test_nobody_joins_by_himself_after_the_house_ended_its_meeting(joined):
    await joined.room.end_meeting(joined.leader)
    assert part_of(joined.view) is not None, "it may be taken back"
    joined.time.pass_(joined.settings.meeting.undo_end_seconds)
    await joined.until(lambda view: view.phase is Phase.IDLE)
    assert not joined.view.ward_meeting.joined
    await joined.live()
    assert part_of(joined.view) is None


async def test_it_is_joined_after_a_restart_and_waits_where_the_stop_was_long(joined):
    await joined.room.ask_ward(joined.leader, True)
    await joined.restart(seconds=20)
    await says(joined, OPEN)
    assert part_of(joined.view) is not None
    assert joined.view.ward_meeting.hand
    await joined.restart(minutes=60)
    await says(joined, OPEN)
    assert joined.view.awaits_confirmation
    assert part_of(joined.view) is None, "nobody is seen or heard unasked"
    await joined.room.confirm_presence(joined.leader)
    assert part_of(joined.view) is not None


async def test_nobody_sends_the_ward_out(joined, refused):
    async with refused("room.guest_unknown"):
        await joined.room.remove_guest(joined.leader, THE_WARD)
    async with refused("room.guest_unknown"):
        await joined.room.silence_guest(joined.leader, THE_WARD, True)
