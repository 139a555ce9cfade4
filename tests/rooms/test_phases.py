import asyncio
import sqlite3
import threading
from datetime import timedelta

import pytest

from base.cause import Refused
from devices.device import Condition, Cover, DeviceError, Health, Power, Velocity
from rooms.hub_commands import Wanted
from rooms.meeting import ALLOWED, Action, Actor, check_allowed
from rooms.view import Filmed, Phase, Role

LEADER, SECRETARY, TECHNICIAN = Role.LEADER, Role.SECRETARY, Role.TECHNICIAN
OFFICIAL, VIEWER, STAGE, HUB = Role.OFFICIAL, Role.VIEWER, Role.STAGE, Role.HUB
GUESTS = {OFFICIAL, Role.SPEAKER, VIEWER}
IDLE, OPENING, LIVE, CLOSING = Phase

# Written down a second time, from the house's rules and not from the code.
RULES = {
    "start_meeting": ({IDLE}, {LEADER}),
    "end_meeting": ({LIVE}, {LEADER}),
    "undo_end": ({CLOSING}, {LEADER}),
    "confirm_presence": ({LIVE}, {LEADER, SECRETARY}),
    "mute_hall": ({OPENING, LIVE, CLOSING}, {LEADER}),
    "set_volume": (set(Phase), {LEADER, TECHNICIAN}),
    "set_music": ({OPENING, LIVE, CLOSING}, {LEADER, SECRETARY}),
    "go_to_preset": (set(Phase), {LEADER, TECHNICIAN}),
    "steer_camera": (set(Phase), {LEADER, TECHNICIAN}),
    "save_preset": (set(Phase), {LEADER, TECHNICIAN}),
    "set_camera_right": ({IDLE}, {TECHNICIAN}),
    "allow_stand_in": (set(Phase), {LEADER}),
    "follow_faces": (set(Phase), {LEADER, TECHNICIAN}),
    "want_projector": (set(Phase), {LEADER, TECHNICIAN}),
    "cover_projector": (set(Phase), {LEADER, TECHNICIAN}),
    "set_title": ({IDLE, OPENING, LIVE}, {LEADER}),
    "watch_hall": ({IDLE}, {LEADER, TECHNICIAN}),
    "test_sound": ({IDLE}, {TECHNICIAN}),
    "record_hall": ({IDLE}, {LEADER, TECHNICIAN}),
    "film": ({OPENING, LIVE, CLOSING}, {LEADER, SECRETARY}),
    "delete_film": (set(Phase), {LEADER}),
    "add_paper": ({IDLE, OPENING, LIVE}, {LEADER, SECRETARY}),
    "show_paper": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "hide_paper": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "turn_page": (set(Phase), {LEADER, SECRETARY}),
    "remove_paper": (set(Phase), {LEADER, SECRETARY}),
    "show_hdmi": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "hide_hdmi": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "mute_hdmi": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "allow_hall": ({IDLE}, {LEADER}),
    "rehearse": ({IDLE}, {LEADER, TECHNICIAN}),
    "ask_for_help": (set(Phase), {LEADER, SECRETARY}),
    "take_help": (set(Phase), {TECHNICIAN}),
    "be_quiet": (set(Phase), {TECHNICIAN}),
    "admit": ({IDLE, OPENING, LIVE}, {LEADER, HUB}),
    "remove_guest": (set(Phase), {LEADER}),
    "silence_guest": (set(Phase), {LEADER}),
    "lower_hand": (set(Phase), {LEADER, SECRETARY}),
    "note_hand": ({OPENING, LIVE, CLOSING}, {LEADER, SECRETARY}),
    "call_hand": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "give_floor": ({LIVE, CLOSING}, {LEADER}),
    "follow_speaker": (set(Phase), {LEADER}),
    "ask": (set(Phase), {LEADER, SECRETARY, *GUESTS}),
    "approve_question": (set(Phase), {LEADER, SECRETARY}),
    "show_question": ({LIVE, CLOSING}, {LEADER, SECRETARY}),
    "hide_question": (set(Phase), {LEADER, SECRETARY}),
    "answer_question": (set(Phase), {LEADER, SECRETARY}),
    "dismiss_question": (set(Phase), {LEADER, SECRETARY}),
    "print_slips": (set(Phase), {LEADER, SECRETARY}),
    "reword_question": (set(Phase), {LEADER, SECRETARY}),
    "show_photos": (set(Phase), {LEADER, SECRETARY}),
    "merge_question": (set(Phase), {LEADER, SECRETARY}),
    "separate_question": (set(Phase), {LEADER, SECRETARY}),
    "vote": (set(Phase), set()),
    "create_invitation": (set(Phase), {LEADER, TECHNICIAN}),
    "revoke_invitation": (set(Phase), {LEADER, TECHNICIAN}),
    "release_invitation": (set(Phase), {LEADER, TECHNICIAN}),
    "come_from_hub": ({IDLE, OPENING, LIVE}, {HUB}),
    "invite_from_hub": (set(Phase), {HUB}),
    "revoke_from_hub": (set(Phase), {HUB}),
    "release_from_hub": (set(Phase), {HUB}),
    "account_out": (set(Phase), {HUB}),
    "plan_meeting": (set(Phase), {LEADER, HUB}),
    "change_plan": (set(Phase), {LEADER}),
    "cancel_plan": (set(Phase), {LEADER}),
    "enter": ({IDLE, OPENING, LIVE}, GUESTS),
    "come_back": (set(Phase), GUESTS),
    "set_guest": (set(Phase), GUESTS),
    "guest_away": (set(Phase), GUESTS),
    "leave": (set(Phase), GUESTS),
    "join_ward": ({IDLE, OPENING, LIVE}, {LEADER}),
    "leave_ward": (set(Phase), {LEADER}),
    "ask_ward": ({OPENING, LIVE, CLOSING}, {LEADER}),
}


@pytest.mark.parametrize("action", Action)
def test_who_may_do_what_and_when(action):
    phases, roles = RULES[action.value]
    for phase in Phase:
        for role in Role:
            try:
                check_allowed(action, phase, Actor(role, "X"))
                refused = None
            except Refused as error:
                refused = error.cause.code
            if role not in roles:
                assert refused == "room.not_your_part"
            elif phase not in phases:
                assert refused == f"room.not_while_{phase}"
            else:
                assert refused is None


def test_every_action_has_its_rule():
    assert ALLOWED.keys() == set(Action)
    assert RULES.keys() == {action.value for action in Action}


# What each command is called with by somebody in the hall, where no guest and no question exist:
# whoever may do it gets further than the table.
COMMANDS = {
    "start_meeting": (),
    "end_meeting": (),
    "undo_end": (),
    "confirm_presence": (),
    "mute_hall": (True,),
    "set_volume": (50,),
    "set_music": (True,),
    "go_to_preset": ("camera", "1"),
    "steer_camera": ("camera", "a.1", Velocity(pan=1.0)),
    "save_preset": ("camera", "Cửa"),
    "set_camera_right": ("camera",),
    "allow_stand_in": (True,),
    "follow_faces": ("camera", True),
    "want_projector": (True,),
    "cover_projector": (Cover.HIDDEN,),
    "set_title": ("Họp tổ",),
    "watch_hall": (True,),
    "test_sound": (),
    "record_hall": ("browser",),
    "film": (Filmed.PAUSED,),
    "delete_film": ("none",),
    "join_ward": (),
    "leave_ward": (),
    "ask_ward": (True,),
    "show_paper": ("none",),
    "hide_paper": (),
    "turn_page": ("none", 0),
    "remove_paper": ("none",),
    "show_hdmi": (),
    "hide_hdmi": (),
    "mute_hdmi": (True,),
    "allow_hall": (False,),
    "rehearse": (),
    "ask_for_help": ("",),
    "take_help": (),
    "be_quiet": (True,),
    "admit": ("nobody",),
    "remove_guest": ("nobody",),
    "silence_guest": ("nobody", True),
    "lower_hand": ("nobody",),
    "follow_speaker": (False,),
    "approve_question": ("none",),
    "show_question": ("none",),
    "hide_question": ("none",),
    "answer_question": ("none", "Đã sửa"),
    "show_photos": ("none", True),
    "dismiss_question": ("none", "Trùng"),
    "revoke_invitation": ("none",),
    "release_invitation": ("none",),
    "come_from_hub": ("account-1",),
    "invite_from_hub": ("account-1", Wanted(OFFICIAL, "", timedelta(days=1), True, False)),
    "revoke_from_hub": ("none",),
    "release_from_hub": ("none",),
    "cancel_plan": ("none",),
}


@pytest.mark.parametrize("role", Role)
async def test_the_commands_obey_the_table(house, role):
    for phase in (IDLE, LIVE):
        for command, arguments in COMMANDS.items():
            if command in ("start_meeting", "end_meeting") and role is LEADER:
                continue
            phases, roles = RULES[command]
            try:
                await getattr(house.room, command)(Actor(role, "X"), *arguments)
                refused = ""
            except Refused as error:
                refused = error.cause.code
            if role not in roles:
                assert refused == "room.not_your_part", command
            elif phase not in phases:
                assert refused == f"room.not_while_{phase}", command
            else:
                assert not refused.startswith("room.not_"), command
        if phase is IDLE:
            await house.live()
            assert house.view.phase is LIVE


async def test_before_the_stored_meeting_is_there_everything_is_refused(house, refused):
    house.room.ready.clear()
    async with refused("room.starting"):
        await house.room.start_meeting(house.leader)
    async with refused("room.starting"):
        await house.ask()
    async with refused("room.starting"):
        await house.room.enter_stage()


async def test_starting_opens_the_hall(house):
    assert (house.view.phase, house.media.live) == (IDLE, False)
    assert house.sound.opened == 0
    seen = []

    async def watch():
        nonlocal seen
        async for view in house.room.view.changes():
            seen += [view.phase]

    watching = asyncio.create_task(watch())
    house.camera.answers.clear()
    starting = asyncio.create_task(house.room.start_meeting(house.leader))
    await house.until(lambda view: view.phase is OPENING)
    house.camera.answers.set()
    await starting
    await asyncio.sleep(0)
    watching.cancel()
    assert seen == [IDLE, OPENING, LIVE]
    assert house.view.started_at == house.time.wall
    assert house.media.live is True
    assert house.view.sound.microphone_open
    assert house.projector.wishes == [True]
    assert house.camera.gone_to == ["1"]


async def test_two_starts_at_once_are_one_meeting(house):
    outcomes = await asyncio.gather(
        *(house.room.start_meeting(house.leader) for _ in range(3)), return_exceptions=True
    )
    assert sorted(str(o) for o in outcomes if o) == ["room.not_while_opening"] * 2
    assert house.view.phase is LIVE
    assert house.sound.opened == 1


async def test_a_projector_that_warms_is_a_notice_and_nothing_waits_for_it(house):
    house.projector.read_back(Power.WARMING)
    await house.live()
    view = await house.until(lambda view: view.notices)
    assert [cause.code for cause in view.notices] == ["room.projector_warming"]
    house.projector.read_back(Power.ON)
    await house.until(lambda view: not view.notices)


async def test_dead_devices_are_notices_worst_first_and_the_meeting_starts(house):
    house.screen.health.set(Health(Condition.IMPAIRED, None))
    house.sound.microphone.fail("sound.microphone_missing")
    house.camera.fail("camera.no_answer")
    house.camera.error = DeviceError("camera.no_answer", name=house.camera.name)
    await house.live()
    assert [cause.code for cause in house.view.notices] == [
        "camera.no_answer",
        "sound.microphone_missing",
        "room.device_impaired",
    ]
    view = house.view
    assert view.devices[0].health.condition is Condition.FAILED


async def test_a_camera_that_hangs_does_not_keep_the_meeting_waiting(house):
    house.time.patience_seconds = 0.1
    await house.restart()
    house.camera.answers.clear()
    await house.live()
    assert [cause.code for cause in house.view.notices] == ["camera.too_slow"]


async def test_a_preset_that_no_camera_has_is_a_notice(house):
    house.camera.known = [("1", "Khác")]
    await house.live()
    assert [cause.code for cause in house.view.notices] == ["room.preset_unknown"]
    assert house.camera.gone_to == []


async def test_a_house_without_any_equipment_can_meet(without):
    house = without("cameras", "sound", "display", "screen")
    await house.begin()
    try:
        await house.live()
        assert house.view.devices == ()
        assert not house.view.sound.microphone_open
        await house.ended()
        assert house.view.safe_to_switch_off
    finally:
        await house.stop()


async def test_an_end_can_be_undone_and_nothing_is_lost_until_then(house, refused):
    await house.live()
    guest = await house.guest(microphone=True)
    await house.room.end_meeting(house.leader)
    seconds = house.settings.meeting.undo_end_seconds
    assert house.view.phase is CLOSING
    assert house.view.undo_end_until == house.time.wall + timedelta(seconds=seconds)
    house.time.pass_(seconds - 1)
    await house.ticks()
    assert house.view.sound.microphone_open
    assert house.media.heard[guest]
    async with refused("room.not_while_closing"):
        await house.guest()
    await house.room.undo_end(house.leader)
    assert (house.view.phase, house.view.undo_end_until) == (LIVE, None)
    house.time.pass_(60)
    await house.ticks()
    assert house.view.phase is LIVE
    assert house.shown(guest)
    assert house.projector.wishes == [True]


async def test_after_the_end_the_hall_is_closed_and_the_next_meeting_prepared(house, refused):
    await house.live()
    over = house.view.meeting_id
    guest = await house.guest(microphone=True, camera=True)
    stage = await house.room.enter_stage()
    house.projector.read_back(Power.ON)
    await house.ended()
    view = house.view
    assert view.meeting_id != over
    assert (view.title, view.started_at, view.guests) == ("", None, ())
    assert view.undo_end_until is None
    assert house.media.live is False
    assert not house.media.heard[guest]
    assert {guest, stage} <= set(house.media.dropped)
    assert not house.sound.microphone_open.value
    assert house.projector.wishes == [True, False]
    assert not view.safe_to_switch_off
    async with refused("room.guest_unknown"):
        await house.room.come_back(guest, 1)
    house.projector.read_back(Power.COOLING)
    view = await house.until(lambda view: view.notices)
    assert [cause.code for cause in view.notices] == ["room.projector_cooling"]
    assert not view.safe_to_switch_off
    house.projector.read_back(Power.OFF)
    assert (await house.until(lambda view: view.safe_to_switch_off)).notices == ()
    assert house.view.meeting_id == view.meeting_id


async def test_it_is_not_safe_to_switch_off_while_nobody_knows_the_projector(house):
    assert house.view.safe_to_switch_off
    house.projector.read_back(Power.UNKNOWN)
    await house.until(lambda view: not view.safe_to_switch_off)
    house.projector.read_back(Power.OFF)
    await house.until(lambda view: view.safe_to_switch_off)
    await house.live()
    assert not house.view.safe_to_switch_off


async def test_a_projector_switched_on_after_the_meeting_is_left_alone(house):
    house.projector.read_back(Power.ON)
    await house.live()
    await house.ended()
    house.projector.read_back(Power.OFF)
    await house.until(lambda view: view.safe_to_switch_off)
    await house.ticks()
    await house.restart()
    assert house.projector.wishes == []


async def test_a_restart_does_not_forget_that_the_projector_is_to_go_off(house):
    house.projector.read_back(Power.ON)
    await house.live()
    await house.ended()
    await house.restart()
    assert house.projector.wishes == [False]


async def test_the_title_is_one_clean_line_for_this_meeting(house, refused):
    await house.room.set_title(house.leader, "  Họp\n tổ <b>5</b>\x00 ")
    assert house.view.title == "Họp tổ <b>5</b>"
    async with refused("room.title_too_long"):
        await house.room.set_title(house.leader, "T" * 121)
    await house.live()
    assert house.view.title == "Họp tổ <b>5</b>"
    await house.ended()
    assert house.view.title == ""


async def test_a_command_whose_caller_goes_away_is_carried_out(house):
    release = threading.Event()
    holding = asyncio.create_task(house.database.write(lambda _: release.wait(20)))
    await asyncio.sleep(0.05)
    naming = asyncio.create_task(house.room.set_title(house.leader, "Họp tổ"))
    asking = asyncio.create_task(house.ask())
    await asyncio.sleep(0.05)
    naming.cancel()
    asking.cancel()
    await asyncio.sleep(0)
    release.set()
    await holding
    await house.until(lambda view: view.title == "Họp tổ" and view.questions)


async def test_live_is_tried_again_where_it_could_not_be_stored(house, refused):
    house.camera.answers.clear()
    starting = asyncio.create_task(house.room.start_meeting(house.leader))
    await house.until(lambda view: view.phase is OPENING)
    other = sqlite3.connect(house.folder / "house.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    house.camera.answers.set()
    async with refused("storage.busy"):
        await starting
    other.execute("ROLLBACK")
    other.close()
    await house.until(lambda view: view.phase is LIVE)


async def test_the_view_is_drawn_at_most_twenty_times_a_second(house):
    drawn = []

    async def watch():
        nonlocal drawn
        async for view in house.room.view.changes():
            drawn += [view]

    watching = asyncio.create_task(watch())
    loop = asyncio.get_running_loop()
    begin, percent = loop.time(), 0
    while loop.time() - begin < 1.0:
        percent = (percent + 1) % 100
        house.sound.set_volume(percent)
        await asyncio.sleep(0.002)
    await house.until(lambda view: view.sound.volume == percent)
    watching.cancel()
    assert 5 <= len(drawn) <= 20 * (loop.time() - begin) + 2
