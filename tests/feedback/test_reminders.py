"""Due soon: its owner is reminded. Late: the steering committee hears of it. Once each."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feedback.case import Answer
from feedback.casework import publish, reopen, set_urgency, take, transfer
from feedback.reminders import AT_ONCE, Reminders
from feedback.topics import Urgency

OFFICE = "Văn phòng HĐND và UBND phường"


@pytest.fixture
def sent():
    return []


@pytest.fixture
def reminders(office, sent):
    def remind(connection, reminder):
        sent.append((reminder.kind.value, reminder.dossier.case.text, reminder.to))

    return Reminders(office.database, office.rules, remind, now=lambda: office.now)


async def test_its_owner_is_reminded_a_working_day_before(office, reminders, sent):
    case = await office.received("Cống tắc")  # due on Tuesday the 15th at 17:00
    office.pass_(days=12, hours=23)  # Monday, 8:00
    assert await reminders.step() == 0
    office.pass_(hours=8)  # Monday, 16:00: half an hour more than that day has
    assert await reminders.step() == 0
    office.pass_(hours=1)
    assert await reminders.step() == 1
    assert await reminders.step() == 0
    assert sent == [("reminded", "Cống tắc", OFFICE)]
    assert (await office.lines(case))[-1] == ("reminded", None, OFFICE)


async def test_a_holiday_is_no_time_to_answer_in(office, reminders, sent):
    office.pass_(days=17)  # Friday the 18th: due on Monday, 4 January, at 17:00
    await office.received("Cống tắc")
    office.now = datetime(2026, 12, 31, 9, 0, tzinfo=UTC)  # Thursday, 16:00; then New Year
    assert await reminders.step() == 0
    office.pass_(minutes=31)
    assert await reminders.step() == 1


async def test_what_is_late_goes_to_the_steering_committee_once(office, reminders, sent):
    case = await office.received("Cống tắc")
    office.now = (await office.find(case)).work.due_at + timedelta(minutes=1)
    for _ in range(3):
        await reminders.step()
        office.pass_(days=1)
    assert sent == [("escalated", "Cống tắc", "Ban Chỉ đạo phường")]
    assert (await office.lines(case))[-1] == ("escalated", None, "Ban Chỉ đạo phường")


async def test_whoever_is_to_acknowledge_it_is_reminded(office, reminders, sent):
    case = await office.received("Cống tắc")
    await office.do(take, case)
    await office.do(transfer, case, to="police", reason="An ninh")
    office.now = (await office.find(case)).work.due_at - timedelta(hours=1)
    await reminders.step()
    assert sent == [("reminded", "Cống tắc", "Công an phường")]


async def test_what_is_closed_is_left_alone_and_opened_again_it_is_reminded_of_anew(
    office, reminders, sent
):
    case = await office.received("Cống tắc")
    await office.do(take, case)
    office.now = (await office.find(case)).work.due_at - timedelta(hours=1)
    await reminders.step()
    await office.do(publish, case, answer=Answer("Đã sửa", OFFICE, date(2026, 12, 14)))
    office.pass_(days=3)
    assert await reminders.step() == 0
    await office.place.say(reopen, case.receipt, reason="Lại tắc")
    office.now = (await office.find(case)).work.due_at - timedelta(hours=1)
    assert await reminders.step() == 1
    office.pass_(days=3)
    assert await reminders.step() == 1
    assert [kind for kind, _, _ in sent] == ["reminded", "reminded", "escalated"]


async def test_another_deadline_is_reminded_of_too(office, reminders, sent):
    case = await office.received("Dây điện đứt")
    await office.do(set_urgency, case, urgency=Urgency.URGENT)
    office.pass_(hours=1)
    await reminders.step()
    await office.do(set_urgency, case, urgency=Urgency.NORMAL)
    assert await reminders.step() == 0
    office.now = (await office.find(case)).work.due_at - timedelta(hours=1)
    assert await reminders.step() == 1


async def test_what_could_not_be_handed_on_is_not_noted_and_comes_again(office, sent):
    await office.received("Cống tắc")
    office.pass_(days=30)
    working = False

    def remind(connection, reminder):
        if not working:
            raise ZeroDivisionError
        sent.append(reminder)

    reminders = Reminders(office.database, office.rules, remind, now=lambda: office.now)
    with pytest.raises(ZeroDivisionError):
        await reminders.step()
    working = True
    assert await reminders.step() == 1


async def test_many_are_done_in_several_steps(office, reminders, sent):
    for number in range(AT_ONCE + 5):
        await office.received(f"Câu {number}")
    office.pass_(days=30)
    assert [await reminders.step() for _ in range(3)] == [AT_ONCE, 5, 0]
    assert len(set(sent)) == AT_ONCE + 5
