"""What is left of a meeting after its process was killed."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from devices.device import Power
from rooms import store
from rooms.view import Phase, Presence, QuestionState


async def test_the_same_meeting_goes_on(house):
    await house.room.set_title(house.leader, "Họp tổ tháng Ba")
    await house.live()
    admitted = await house.guest("Ông Dũng", microphone=True, camera=True, hand=True)
    silenced = await house.guest("Ông Dũng", microphone=True)
    await house.room.silence_guest(house.leader, silenced, True)
    waiting = await house.guest("Bà Chi", lobby=True, connected=False)
    left = await house.guest("Ông Giang")
    await house.room.leave(left)
    removed = await house.guest("Ông Hải")
    await house.room.remove_guest(house.leader, removed)
    asked = [await house.ask(f"Câu hỏi {n}", key=f"{n}") for n in range(3)]
    await house.room.show_question(house.secretary, asked[1].question_id)
    await house.room.dismiss_question(house.secretary, asked[2].question_id, "Trùng câu 1")
    before = house.view

    await house.restart(seconds=5)

    view = house.view
    assert (view.phase, view.meeting_id, view.title, view.started_at) == (
        Phase.LIVE,
        before.meeting_id,
        "Họp tổ tháng Ba",
        before.started_at,
    )
    assert not view.awaits_confirmation
    assert view.questions == before.questions
    assert view.question_on_stage().number == 2
    assert [(g.id, g.presence) for g in view.guests] == [
        (waiting, Presence.LOBBY),
        (admitted, Presence.AWAY),
        (silenced, Presence.AWAY),
    ]
    shown = house.shown(admitted)
    assert (shown.name, shown.microphone, shown.camera, shown.hand_position) == (
        "Ông Dũng",
        True,
        True,
        1,
    )
    assert house.media.live is True
    assert house.media.heard == {admitted: True, silenced: False, waiting: False}
    assert house.sound.microphone_open.value
    assert house.projector.wishes == [True]

    await house.room.come_back(admitted, 1)
    assert house.shown(admitted).presence is Presence.ADMITTED
    await house.connect(admitted)
    assert house.shown(admitted).presence is Presence.CONNECTED


async def test_mute_follow_and_volume_survive(house):
    assert house.view.sound.volume == 65
    await house.live()
    await house.room.mute_hall(house.leader, True)
    await house.room.follow_speaker(house.leader, False)
    await house.room.set_volume(house.technician, 40)
    await house.restart()
    assert house.view.sound.muted
    assert not house.sound.microphone_open.value
    assert house.sound.opened == 0
    assert not house.view.floor_follows_speaker
    assert house.view.sound.volume == house.sound.volume.value == 40


async def test_a_volume_turned_in_the_system_survives(house):
    await house.room.set_volume(house.leader, 40)
    house.sound.volume.set(25)

    def kept(connection):
        return store.value(connection, "volume")

    async with asyncio.timeout(20):
        while await house.database.read(kept) != 25:
            await asyncio.sleep(0.01)
    await house.until(lambda view: view.sound.volume == 25)
    await house.restart()
    assert house.view.sound.volume == 25


@pytest.mark.parametrize(("minutes", "asks"), [(14, False), (16, True), (-1, True), (9999, True)])
async def test_after_a_long_stop_the_hall_is_asked_first(house, minutes, asks):
    await house.live()
    guest = await house.guest(microphone=True)
    await house.restart(minutes=minutes)
    view = house.view
    assert (view.phase, view.awaits_confirmation) == (Phase.LIVE, asks)
    assert house.sound.microphone_open.value is not asks
    assert house.media.live is not asks
    assert house.media.heard[guest] is not asks
    assert house.projector.wishes == ([] if asks else [True])
    if asks:
        # A second stop, however short, does not answer for the people in the hall.
        await house.restart(seconds=1)
        assert house.view.awaits_confirmation
        assert house.sound.opened == 0
        await house.room.confirm_presence(house.secretary)
        assert not house.view.awaits_confirmation
        assert house.sound.microphone_open.value
        assert house.media.live is True
        assert house.media.heard[guest]
        assert house.projector.wishes == [True]


async def test_the_stop_is_counted_from_the_last_sign_of_life(house):
    await house.live()
    for _ in range(4):
        await house.room.confirm_presence(house.leader)
        house.time.pass_(minutes=10)
        await house.ticks()
    await house.restart(minutes=10)
    assert house.view.phase is Phase.LIVE
    assert not house.view.awaits_confirmation


async def test_a_clock_that_learns_the_time_late_makes_it_ask(house):
    await house.live()
    await house.restart(seconds=5)
    house.time.pass_(seconds=30)
    await house.ticks()
    assert house.sound.microphone_open.value
    house.time.wall += timedelta(hours=9)
    await house.until(lambda view: view.awaits_confirmation)
    assert not house.sound.microphone_open.value


async def test_a_jump_of_the_clock_does_not_disturb_people_who_are_there(house):
    await house.live()
    house.time.wall += timedelta(days=30)
    house.time.pass_(seconds=10)
    await house.ticks()
    assert not house.view.awaits_confirmation
    await house.restart(seconds=5)
    await house.room.mute_hall(house.leader, False)
    house.time.wall -= timedelta(days=30)
    await house.ticks()
    assert not house.view.awaits_confirmation
    assert house.view.phase is Phase.LIVE
    assert house.sound.microphone_open.value


async def test_killed_while_it_opened_it_goes_live(house):
    house.camera.answers.clear()
    starting = asyncio.create_task(house.room.start_meeting(house.leader))
    await house.until(lambda view: view.phase is Phase.OPENING)
    await house.restart(seconds=3)
    starting.cancel()
    assert house.view.phase is Phase.LIVE
    assert house.sound.microphone_open.value


async def test_killed_while_it_closed_it_is_over(house):
    await house.live()
    over = house.view.meeting_id
    asked = await house.ask()
    await house.guest()
    house.projector.read_back(Power.ON)
    await house.room.end_meeting(house.leader)
    await house.restart(seconds=1)
    view = house.view
    assert (view.phase, view.guests, view.questions) == (Phase.IDLE, (), ())
    assert view.meeting_id != over
    assert house.sound.opened == 0
    assert house.projector.wishes == [False]
    assert [question.id for question in house.room.unanswered_before()] == [asked.question_id]


async def test_nothing_opens_in_a_house_without_a_meeting(house):
    await house.room.want_projector(house.leader, True)
    await house.room.watch_hall(house.leader, True)
    await house.restart(minutes=5)
    assert house.view.phase is Phase.IDLE
    assert house.view.hall_watched_by is None
    assert house.sound.opened == 0
    assert house.projector.wishes == []
    assert house.media.live is False


PROGRAM = """
import asyncio, os, pathlib, sys
from datetime import UTC, datetime, timedelta
from base.latest import Latest
from config.settings import HouseSection, HouseSettings
from rooms.equipment import Equipment
from rooms.meeting import Actor
from rooms.room import Room
from rooms.view import Role
from storage.engine import Database

class Media:
    connected, speaking, returning = Latest(frozenset()), Latest(()), Latest(frozenset())
    lines = Latest({})
    def set_live(self, live): pass
    def set_floor(self, floor): pass
    def set_heard(self, guest_id, heard): pass
    def drop(self, guest_id): pass

def say(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

async def asking(room, who):
    number = 0
    while True:
        receipt = await room.ask(
            f"{who} hỏi câu {number}", name=None, via="phone", key=f"{who}-{number}", by=None)
        say("asked", receipt.code, str(receipt.number))
        number += 1

async def main(folder):
    leader = Actor(Role.LEADER, "An")
    settings = HouseSettings(house=HouseSection(name="N", ward="P"), data=folder)
    async with await Database.open(folder / "house.db") as database:
        room = Room(settings, database, Equipment(), Media())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(room.run())
            await room.ready.wait()
            await room.start_meeting(leader)
            invitation = await room.create_invitation(
                leader, Role.OFFICIAL, "", lobby=False,
                expires=datetime.now(UTC) + timedelta(hours=1))
            for name in ("Bà Chi", "Ông Dũng"):
                say("guest", await room.enter(invitation.id, name))
            say("meeting", room.view.value.meeting_id)
            for who in range(10):
                tasks.create_task(asking(room, who))

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


async def test_kill_9_loses_neither_meeting_nor_guest_nor_question(house):
    await house.stop()
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(house.folder)], stdout=subprocess.PIPE
    )
    lines = [await asyncio.to_thread(program.stdout.readline) for _ in range(200)]
    program.send_signal(signal.SIGKILL)
    rest, _ = await asyncio.to_thread(program.communicate)
    assert program.returncode == -signal.SIGKILL
    said = [line.decode().split() for line in (*lines, *rest.splitlines())]
    asked = {words[1]: int(words[2]) for words in said if words[0] == "asked"}

    house._build()
    await house.begin()
    assert house.view.meeting_id == next(words[1] for words in said if words[0] == "meeting")
    assert house.view.phase is Phase.LIVE
    guests = [words[1] for words in said if words[0] == "guest"]
    assert [(g.id, g.presence) for g in house.view.guests] == [(g, Presence.AWAY) for g in guests]
    assert len(asked) > 100
    for code, number in asked.items():
        receipt = await house.room.find_receipt(code)
        assert (receipt.number, receipt.state) == (number, QuestionState.WAITING)
    assert {q.number for q in house.view.questions} >= set(asked.values())
    numbers = [q.number for q in house.view.questions]
    assert numbers == list(range(1, len(numbers) + 1))
