from datetime import timedelta

import pytest

from base.cause import Cause
from devices.device import Condition, Health
from feedback.case import CaseState
from rooms.minutes import Fate
from rooms.view import Role


async def close(house):
    """The id of the meeting that is over then."""
    meeting_id = house.view.meeting_id
    await house.ended()
    return meeting_id


async def ask(house, text, name=None, by=None, via="phone", **more):
    receipt = await house.room.ask(text, name=name, via=via, key="", by=by, **more)
    return receipt.question_id


@pytest.fixture
async def live(house):
    await house.live()
    return house


async def test_they_are_ready_when_the_meeting_closes_and_not_before(house, refused):
    await house.room.set_title(house.leader, "Họp tổ dân phố tháng 3")
    await house.live()
    began = house.time.wall
    meeting_id = house.view.meeting_id
    async with refused("minutes.not_over"):
        await house.room.minutes(meeting_id)
    async with refused("minutes.unknown"):
        await house.room.minutes("0" * 16)
    house.time.pass_(minutes=20)
    await ask(house, "Ngõ 5 ngập nước?", by=house.secretary, via="hall")
    pressed = house.time.wall
    await house.ended()

    minutes = await house.room.minutes(meeting_id)
    assert (minutes.title, minutes.started_at) == ("Họp tổ dân phố tháng 3", began)
    assert minutes.ended_at == pressed, "not when it could no longer be taken back"
    assert minutes.made_at == house.time.wall
    assert minutes.chaired_by == ("Nguyễn Văn An",)
    assert minutes.taken_by == ("Bà Bình",)
    (held,) = await house.room.held_meetings(10)
    assert (held.id, held.title, held.started_at, held.questions) == (
        meeting_id,
        "Họp tổ dân phố tháng 3",
        began,
        1,
    )


async def test_an_end_that_was_taken_back_is_none(live):
    meeting_id = live.view.meeting_id
    await live.room.end_meeting(live.leader)
    await live.room.undo_end(live.leader)
    live.time.pass_(minutes=20)
    last = live.time.wall
    await close(live)
    assert (await live.room.minutes(meeting_id)).ended_at == last


async def test_each_question_says_what_became_of_it(live):
    answered = await ask(live, "Bao giờ sửa cống?", name="Ông Tư")
    hidden = {"name": "Bà Năm", "name_hidden": True}
    dismissed = await ask(live, "Quảng cáo", by=live.secretary, via="hall", **hidden)
    await ask(live, "Đèn ngõ 7 hỏng")
    late = await ask(live, "Xin lịch thu rác")
    await live.room.answer_question(live.leader, answered, "Tuần sau.")
    await live.room.dismiss_question(live.secretary, dismissed, "Ngoài phạm vi")
    meeting_id = await close(live)
    live.time.pass_(minutes=30)
    await live.room.answer_question(live.secretary, late, "Thứ Ba hằng tuần.")

    minutes = await live.room.minutes(meeting_id)
    one, two, three, four = minutes.questions
    assert (one.number, one.asked_by, one.fate) == (1, "Ông Tư", Fate.ANSWERED)
    assert (one.answer, one.answered_by) == ("Tuần sau.", "Nguyễn Văn An")
    assert (two.asked_by, two.via, two.fate) == (None, "hall", Fate.DISMISSED), "it stays hidden"
    assert (three.fate, three.state, three.answer) == (Fate.OPEN, CaseState.WAITING, None)
    assert three.owner and three.due_at > minutes.made_at
    assert three.text == "Đèn ngõ 7 hỏng"
    assert (four.fate, four.answered_at) == (Fate.ANSWERED_LATER, live.time.wall)
    assert (minutes.count(Fate.ANSWERED, Fate.ANSWERED_LATER), minutes.count(Fate.OPEN)) == (2, 1)


async def test_what_seems_a_denunciation_is_not_read_from_them(live):
    told = "Tôi tố cáo cán bộ phường nhận hối lộ."
    dismissed = await ask(live, told, name="Bà Năm")
    await ask(live, f"{told} Xin xem xét.")
    shown = await ask(live, f"{told} Ai giải quyết?")
    await live.room.dismiss_question(live.leader, dismissed, "Có đường riêng theo luật")
    await live.room.approve_question(live.leader, shown)
    one, two, three = (await live.room.minutes(await close(live))).questions
    assert (one.withheld, one.text, one.asked_by) == (True, "", None)
    assert (two.withheld, two.text, two.fate) == (True, "", Fate.OPEN), "nobody approved it"
    assert not three.withheld and three.text, "the leader let everybody read it"


async def test_one_that_was_merged_says_into_which_and_a_reworded_one_its_new_words(live):
    head = await ask(live, "Đèn đường hỏng")
    same = await ask(live, "Đèn đường không sáng")
    await live.room.merge_question(live.secretary, same, head)
    await live.room.reword_question(live.secretary, head, "Đèn đường hỏng, bao giờ sửa?")
    await live.room.answer_question(live.leader, head, "Tuần sau.")
    minutes = await live.room.minutes(await close(live))
    one, two = minutes.questions
    assert (one.fate, one.text) == (Fate.ANSWERED, "Đèn đường hỏng, bao giờ sửa?")
    assert (two.fate, two.merged_into, two.text) == (Fate.MERGED, 1, "Đèn đường không sáng")


async def test_a_question_of_an_earlier_meeting_is_told_where_it_was_answered(live):
    began = live.time.wall
    left = await ask(live, "Đèn ngõ 7 hỏng")
    first = await close(live)
    await live.live()
    await live.room.answer_question(live.leader, left, "Đã thay bóng.")
    second = await close(live)
    minutes = await live.room.minutes(second)
    assert minutes.questions == ()
    (told,) = minutes.earlier
    assert (told.text, told.meeting_started, told.answer) == (
        "Đèn ngõ 7 hỏng",
        began,
        "Đã thay bóng.",
    )
    assert (await live.room.minutes(first)).earlier == ()
    assert [meeting.id for meeting in await live.room.held_meetings(10)] == [second, first]
    assert [meeting.id for meeting in await live.room.held_meetings(1)] == [second]


async def test_who_attended_from_afar_as_what_and_when(house):
    early = await house.guest("Ông Dũng", lobby=True)
    await house.guest("Ông Chờ", lobby=True)  # and is not let in
    await house.room.admit(house.leader, early)
    house.time.pass_(minutes=5)
    await house.live()
    began = house.time.wall
    house.time.pass_(minutes=1)
    viewer = await house.invite(role=Role.VIEWER)
    await house.room.enter(viewer.id, "Cô Hoa")
    house.time.pass_(minutes=1)
    left = await house.guest("Bà Chi")
    house.time.pass_(minutes=1)
    await house.room.leave(left)
    await house.room.revoke_invitation(house.leader, viewer.id)
    thrown_out = house.time.wall
    await house.guest("Bà Chi")  # from another browser
    house.time.pass_(minutes=1)

    minutes = await house.room.minutes(await close(house))
    told = {one.name: (one.role, one.came, one.left) for one in minutes.attendees}
    assert told == {
        "Ông Dũng": (Role.OFFICIAL, began, None),
        "Cô Hoa": (Role.VIEWER, began + timedelta(minutes=1), thrown_out),
        "Bà Chi": (Role.OFFICIAL, began + timedelta(minutes=2), None),
    }


async def test_who_left_and_came_back_stayed(live):
    guest = await live.guest("Ông Dũng")
    live.time.pass_(minutes=1)
    await live.room.guest_away(guest)
    live.time.pass_(minutes=16)
    await live.until(lambda view: not view.guests)
    live.time.pass_(minutes=1)
    await live.room.come_back(guest, 1)
    minutes = await live.room.minutes(await close(live))
    assert [one.left for one in minutes.attendees] == [None]


async def test_what_failed_for_a_while_is_named(live):
    def fault(since, condition=Condition.FAILED):
        cause = Cause("device.unexpected", name="x") if condition is Condition.FAILED else None
        return Health(condition, cause, since)

    def at(minutes):
        return live.time.wall + timedelta(minutes=minutes)

    began = live.time.wall
    for minute, condition in ((-60, "failed"), (-50, "working"), (3, "failed"), (9, "working")):
        live.projector.health.set(fault(at(minute), Condition(condition)))
        await live.until(lambda view, m=minute: any(d.health.since == at(m) for d in view.devices))
        await live.ticks(1)
    live.camera.health.set(fault(at(-5)))
    live.screen.health.set(fault(at(8)))
    await live.ticks(1)
    live.screen.health.set(fault(at(8.5), Condition.WORKING))
    await live.ticks(1)
    live.time.pass_(minutes=20)
    minutes = await live.room.minutes(await close(live))
    assert [(f.device, f.cause.code, f.since, f.until) for f in minutes.faults] == [
        ("camera", "device.unexpected", began, None),
        (
            "projector",
            "device.unexpected",
            began + timedelta(minutes=3),
            began + timedelta(minutes=9),
        ),
    ]


async def test_a_power_cut_is_an_interruption(live):
    await live.restart(minutes=7)
    went_on = live.time.wall
    minutes = await live.room.minutes(await close(live))
    (interruption,) = minutes.interruptions
    assert interruption.at == went_on
    assert 400 <= interruption.seconds <= 420


async def test_a_meeting_that_only_was_prepared_has_none(house, refused):
    assert await house.room.held_meetings(10) == ()
    async with refused("minutes.not_over"):
        await house.room.minutes(house.view.meeting_id)
