import asyncio
from dataclasses import replace
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import select, text

from base.cause import Cause
from devices.device import (
    ChirpHeard,
    ChirpKind,
    Condition,
    DeviceError,
    DisplayState,
    Echo,
    EchoState,
    Health,
    Power,
    Turns,
    VolumeKnob,
)
from rooms.cameras import stop_all
from rooms.meeting import Actor
from rooms.sound_test import judge, run_sound_test
from rooms.tables import journal
from rooms.view import HallRequest, HallWish, Phase, Presence, Role, SoundTest
from web.sentences import say


async def test_muting_closes_the_microphone(house):
    await house.live()
    await house.room.mute_hall(house.leader, True)
    assert (house.view.sound.muted, house.view.sound.microphone_open) == (True, False)
    await house.room.mute_hall(house.leader, False)
    assert (house.view.sound.muted, house.view.sound.microphone_open) == (False, True)


async def test_what_the_hall_has_muted_nobody_else_opens(house, refused):
    await house.live()
    chi = await house.guest("Bà Chi", microphone=True)
    await house.room.mute_hall(house.leader, True)
    opened = house.sound.opened
    for role in set(Role) - {Role.LEADER}:
        async with refused("room.not_your_part"):
            await house.room.mute_hall(Actor(role, "X"), False)
    # nor by anything else that is done meanwhile
    await house.room.set_guest(chi, microphone=True, hand=True)
    await house.room.set_volume(house.technician, 90)
    await house.room.silence_guest(house.leader, chi, False)
    await house.room.end_meeting(house.leader)
    await house.room.undo_end(house.leader)
    await house.restart(minutes=16)
    await house.room.confirm_presence(house.secretary)
    assert (house.view.sound.muted, house.view.sound.microphone_open) == (True, False)
    assert (opened, house.sound.opened) == (1, 0), "the second is another process"


async def test_the_volume_is_shown_as_it_was_read_back(house, refused):
    await house.room.set_volume(house.leader, 0)
    assert house.view.sound.volume == 0
    house.sound.volume.set(12)
    await house.until(lambda view: view.sound.volume == 12)
    for percent in (-1, 101):
        async with refused("room.volume"):
            await house.room.set_volume(house.leader, percent)


async def test_a_song_is_left_as_it_is_until_it_is_over(house):
    await house.live()
    assert not house.view.sound.music
    await house.room.set_music(house.secretary, True)
    assert house.view.sound.music
    assert house.sound.music
    await house.room.set_music(house.leader, False)
    assert not house.view.sound.music
    assert not house.sound.music


async def test_a_song_that_nobody_ends_is_over_by_itself(house):
    await house.live()
    await house.room.set_music(house.leader, True)
    house.time.pass_(seconds=590)
    await asyncio.sleep(0.05)
    assert house.sound.music
    house.time.pass_(seconds=15)
    await house.until(lambda view: not view.sound.music)
    assert not house.sound.music


async def test_what_is_not_there_is_said(without, refused):
    house = without("sound", "display", "cameras")
    await house.begin()
    try:
        async with refused("room.no_sound"):
            await house.room.set_volume(house.leader, 10)
        async with refused("room.no_projector"):
            await house.room.want_projector(house.leader, True)
        async with refused("camera.unknown"):
            await house.room.go_to_preset(house.leader, "camera", "1")
        assert house.view.safe_to_switch_off
    finally:
        await house.stop()


async def test_at_the_stop_of_the_house_no_camera_turns_on(house):
    stuck = type(house.camera)("stuck")
    stuck.answers.clear()
    await stop_all((stuck, house.camera), 0.1)
    assert house.camera.stopped == 1


async def test_presets_are_read_when_the_camera_works_and_gone_to(house, refused):
    view = await house.until(lambda view: view.devices[0].presets)
    assert view.devices[0].presets == (("1", "Sân khấu"), ("2", "Hội trường"))
    await house.room.go_to_preset(house.technician, "camera", "2")
    assert house.camera.gone_to == ["2"]
    house.camera.known = [("9", "Cửa")]
    house.camera.fail()
    house.camera.health.set(Health(Condition.WORKING))
    await house.until(lambda view: view.devices[0].presets == (("9", "Cửa"),))
    house.camera.error = DeviceError("camera.no_answer", host="192.168.1.20")
    async with refused("camera.no_answer"):
        await house.room.go_to_preset(house.technician, "camera", "2")
    house.camera.error = ZeroDivisionError()
    async with refused("device.unexpected"):
        await house.room.go_to_preset(house.technician, "camera", "2")


async def test_the_projector_can_be_switched_in_and_outside_a_meeting(house):
    await house.room.want_projector(house.technician, True)
    await house.room.want_projector(house.technician, True)
    assert house.projector.wishes == [True, True]
    await house.live()
    await house.room.want_projector(house.leader, False)
    assert house.projector.wishes[-1] is False
    await house.restart(seconds=1)
    assert house.projector.wishes == [False]


async def test_the_projector_is_watched_while_a_meeting_relies_on_it(house):
    assert not house.projector.watched
    await house.live()
    assert house.projector.watched
    await house.ended()
    assert not house.projector.watched


async def test_the_view_shows_what_the_devices_read_back(house):
    names = [device.id for device in house.view.devices]
    assert names == ["camera", "microphone", "loudspeaker", "projector", "screen"]
    house.projector.state.set(DisplayState(Power.ON, "31", None))
    house.screen.health.set(Health(Condition.FAILED, Cause("screen.ended")))
    view = await house.until(lambda view: view.notices and view.devices[3].display.input)
    assert view.devices[3].display == DisplayState(Power.ON, "31", None)
    assert view.devices[4].health.condition is Condition.FAILED
    assert view.notices == (Cause("screen.ended"),)


async def test_watching_the_hall_is_said_openly_and_ends_by_itself(house, refused):
    await house.room.watch_hall(house.leader, True)
    assert house.view.hall_watched_by == "Nguyễn Văn An"
    assert house.sound.opened == 0
    house.time.pass_(59)
    await house.ticks()
    assert house.view.hall_watched_by
    house.time.pass_(1)
    await house.until(lambda view: view.hall_watched_by is None)
    await house.room.watch_hall(house.leader, True)
    await house.room.watch_hall(house.leader, False)
    assert house.view.hall_watched_by is None
    await house.room.watch_hall(house.leader, True)
    await house.live()
    assert house.view.hall_watched_by is None
    async with refused("room.not_while_live"):
        await house.room.watch_hall(house.leader, True)


async def test_a_technician_looks_into_the_hall_only_when_somebody_in_it_agrees(house, refused):
    asked = HallRequest("Kỹ thuật", HallWish.PICTURE)
    await house.room.watch_hall(house.technician, True)
    assert (house.view.hall_asked, house.view.hall_watched_by) == (asked, None)
    await house.room.allow_hall(house.leader, False)
    assert (house.view.hall_asked, house.view.hall_watched_by) == (None, None)
    async with refused("room.nobody_asks"):
        await house.room.allow_hall(house.leader, True)

    await house.room.watch_hall(house.technician, True)
    house.time.pass_(60)
    await house.until(lambda view: view.hall_asked is None)
    assert house.view.hall_watched_by is None, "who does not answer has not agreed"

    await house.room.watch_hall(house.technician, True)
    await house.room.allow_hall(house.leader, True)
    assert (house.view.hall_asked, house.view.hall_watched_by) == (None, "Kỹ thuật")
    assert [line.action for line in await lines(house)][-2:] == ["watch_hall", "allow_hall"]


@pytest.fixture
def quick_sound_test(monkeypatch):
    monkeypatch.setattr("rooms.sound_test.TONE_SECONDS", 0.3)


async def test_a_sound_test_opens_the_microphone_while_it_lasts(house, quick_sound_test):
    await house.room.test_sound(house.technician)
    assert (house.view.sound_test, house.sound.opened) == (None, 0), "nobody agreed yet"
    await house.room.allow_hall(house.leader, True)
    assert house.view.sound_test == SoundTest("Kỹ thuật")
    assert house.view.hall_is_heard()
    assert house.sound.microphone_open.value
    view = await house.until(lambda view: view.sound_test.result)
    assert view.sound_test.result == Cause("sound.test_heard", delay=180, echo=-9, noise=-60)
    assert say(view.sound_test.result, "vi").startswith("Loa và micro tốt, trễ 180 ms.")
    assert house.sound.chirps == [ChirpKind.TEST]
    assert not house.sound.microphone_open.value
    assert not view.hall_is_heard()
    assert (await lines(house))[-1].action == "sound_tested"


async def test_a_rattle_is_told_when_a_second_chirp_says_so_too(house):
    clear = house.sound.heard
    for second, code in ((replace(clear, rattles=True), "rattles"), (clear, "heard")):
        answers = [replace(clear, rattles=True), second]
        house.sound.chirp = AsyncMock(side_effect=answers)
        house.sound.microphone_open.set(True)
        assert (await run_sound_test(house.sound, tone=False)).code == f"sound.test_{code}"


async def test_a_loudspeaker_that_is_muted_is_no_amplifier_that_is_off(house):
    house.sound.heard = replace(house.sound.heard, delay=None, loudspeaker=-100.0)
    house.sound.microphone_open.set(True)
    for muted, code in ((False, "sound.test_not_played"), (True, "sound.loudspeaker_muted")):
        house.sound.knob.set(VolumeKnob(Turns.CARD, "Master", muted))
        assert (await run_sound_test(house.sound, tone=False)).code == code


async def test_a_meeting_that_starts_ends_the_sound_test(house):
    await house.room.test_sound(house.technician)
    await house.room.allow_hall(house.leader, True)
    await house.live()
    assert house.view.sound_test is None
    assert house.sound.microphone_open.value, "as in any meeting"


async def test_a_meeting_begins_with_a_soft_sound_and_the_echo_is_shown(house):
    await house.live()
    async with asyncio.timeout(20):
        while house.sound.chirps != [ChirpKind.OPENING]:
            await asyncio.sleep(0.01)
    assert house.view.sound.echo == Echo()
    measured = Echo(EchoState.READY, -42, -9, 0.18)
    house.sound.echo.set(measured)
    await house.until(lambda view: view.sound.echo == measured)


async def test_nobody_is_interrupted_by_the_sound_at_the_start(house):
    house.media.speaking.set(("guest",))
    await house.live()
    await house.ticks()
    assert house.sound.chirps == []


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        (ChirpHeard(0.18, -9, -60, -24, -15), "heard"),
        (ChirpHeard(None, None, -60, -55, -15), "not_heard"),
        (ChirpHeard(None, None, -100, -100, -15), "nothing_heard"),
        (ChirpHeard(None, None, -60, -55, -100), "not_played"),
        (ChirpHeard(0.18, 14, -60, -0.2, -15), "too_loud"),
        (ChirpHeard(0.18, 14, -60, -0.2, -15, rattles=True), "too_loud"),
        (ChirpHeard(0.18, -9, -60, -24, -15, rattles=True), "rattles"),
    ],
)
def test_what_a_sound_test_finds(heard, code):
    assert judge(heard).code == f"sound.test_{code}"


async def lines(house):
    query = select(journal).order_by(journal.c.seq)
    return await house.database.read(lambda c: c.execute(query).all())


async def test_every_command_leaves_a_line_in_the_journal(house, refused):
    meeting = house.view.meeting_id
    house.projector.read_back(Power.ON)
    await house.room.watch_hall(house.technician, True)
    await house.live()
    guest = await house.guest("Bà Chi", microphone=True)
    await house.room.silence_guest(house.leader, guest, True)
    await house.ask("Không ghi nội dung vào nhật ký", key="1")
    async with refused("room.not_your_part"):
        await house.room.mute_hall(house.technician, True)
    await house.ended()
    found = await lines(house)
    assert [(line.role, line.name, line.action) for line in found] == [
        ("technician", "Kỹ thuật", "watch_hall"),
        ("leader", "Nguyễn Văn An", "start_meeting"),
        ("house", "", "opened"),
        ("leader", "Nguyễn Văn An", "create_invitation"),
        ("official", "Bà Chi", "enter"),
        ("official", "Bà Chi", "set_guest"),
        ("leader", "Nguyễn Văn An", "silence_guest"),
        ("resident", "", "ask"),
        ("leader", "Nguyễn Văn An", "end_meeting"),
        ("house", "", "finish"),
    ]
    assert {line.meeting_id for line in found} == {meeting}
    assert found[0].params == {"watching": True}
    assert found[5].params == {"guest": guest, "microphone": True}
    assert found[6].params == {"guest": guest, "silenced": True}
    assert found[7].params == {"via": "phone"}
    assert found[1].at.tzinfo


@pytest.fixture
async def full(house):
    """A house in a meeting, with a guest, whose disk is full."""
    await house.live()
    house.chi = await house.guest("Bà Chi", microphone=True)

    async def limit(pages):
        await house.database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")))

    house.limit = limit
    await limit(1)
    big = "đ" * 2000
    for number in range(100):
        try:
            await house.ask(big, key=f"fill-{number}")
        except Exception as error:
            assert error.cause.code == "storage.disk_full"
            break
    else:
        raise AssertionError
    return house


async def until_refused(command, times=200):
    """Small rows may still find room on the last page; sooner or later there is none."""
    for _ in range(times):
        try:
            await command()
        except Exception as error:
            return error.cause.code
    raise AssertionError


async def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_stored(full):
    code = await until_refused(lambda: full.room.set_title(full.leader, "Họp " * 25))
    assert code == "storage.disk_full"
    title = full.view.title
    await full.until(lambda view: view.notices == (Cause("storage.disk_full", file="house.db"),))
    await full.limit(1_000_000)
    await full.restart()
    assert full.view.title == title


async def test_on_a_full_disk_what_protects_people_still_works(full):
    await until_refused(lambda: full.room.set_title(full.leader, "Họp " * 25))
    await until_refused(lambda: full.room.mute_hall(full.leader, True))
    assert not full.sound.microphone_open.value
    await until_refused(lambda: full.room.silence_guest(full.leader, full.chi, True))
    assert not full.media.heard[full.chi]


async def test_on_a_full_disk_guests_come_and_go(full):
    """A weak line must not cost anybody his place because a line of the journal has no room."""
    await until_refused(lambda: full.room.set_title(full.leader, "Họp " * 25))
    await full.disconnect(full.chi)
    for _ in range(20):
        await full.room.guest_away(full.chi)
        await full.until(lambda _: full.shown(full.chi).presence is Presence.AWAY)
        await full.room.come_back(full.chi, 1)
        await full.until(lambda _: full.shown(full.chi).presence is Presence.ADMITTED)
    await until_refused(lambda: full.room.set_title(full.leader, "Họp " * 25))
    await full.room.leave(full.chi)
    await full.until(lambda view: view.guests == ())


async def test_a_meeting_that_cannot_be_stored_as_over_is_silent_and_ends_later(full):
    await full.room.end_meeting(full.leader)
    await until_refused(lambda: full.room.set_volume(full.leader, 10))
    full.time.pass_(10)
    await full.until(lambda view: not view.sound.microphone_open)
    assert full.media.live is False
    await full.limit(1_000_000)
    await full.until(lambda view: view.phase is Phase.IDLE and view.notices == ())


async def test_a_full_disk_is_a_notice_until_there_is_room_again(full):
    await full.until(lambda view: view.notices == (Cause("storage.disk_full", file="house.db"),))
    await full.limit(1_000_000)
    full.time.pass_(11)
    await full.until(lambda view: view.notices == ())
