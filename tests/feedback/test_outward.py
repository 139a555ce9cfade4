"""What happens to a case is told outside, once and in order, and nobody's name with it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from feedback.case import Answer, Place
from feedback.casework import confirm_topic, draft_answer, publish, take
from feedback.delivery import receiver_of
from feedback.outward import Outward
from feedback.reminders import Reminders
from feedback.tables import outbox
from feedback.topics import Topic
from storage.engine import Database


@pytest.fixture
async def office(where, make_office):
    async with await Database.open(where) as database:
        yield make_office(database, Place.WARD)


async def events(office, target="city"):
    query = select(outbox).where(outbox.c.receiver == receiver_of(target)).order_by(outbox.c.seq)
    return await office.database.read(lambda c: c.execute(query).all())


async def all_told(outward):
    while await outward.step():
        pass


async def test_from_the_receipt_to_the_answer(office):
    outward = Outward(office.database, ["city", "office"], here=Place.WARD)
    await outward.step()
    case = await office.received(name="Trần Văn Bình")
    await all_told(outward)
    answer = Answer("Đã thông cống", "Phòng Kinh tế", datetime(2026, 12, 1, tzinfo=UTC).date())
    await office.do(take, case)
    await office.do(draft_answer, case, answer=answer)
    await office.do(publish, case, answer=answer)
    await all_told(outward)
    for target in ("city", "office"):
        found = await events(office, target)
        assert [event.kind for event in found] == ["case.received", "case.changed", "case.answered"]
        assert {event.subject for event in found} == {case.id}
        assert len({event.id for event in found}) == 3
        assert "Bình" not in "".join(event.body for event in found)
    assert '"due_at": "2026-12-15T10:00:00Z"' in found[0].body
    assert '"office": "Phòng Kinh tế"' in found[-1].body


async def test_a_target_hears_of_what_comes_after_it(office):
    await office.received()
    outward = Outward(office.database, ["city"], here=Place.WARD)
    await all_told(outward)
    assert await events(office) == []
    await office.received("Đèn đường hỏng")
    await all_told(outward)
    (event,) = await events(office)
    assert "Đèn đường hỏng" in event.body


async def test_after_a_restart_it_goes_on_where_it_was(office):
    await all_told(Outward(office.database, ["city"], here=Place.WARD))
    await office.received("một câu")
    await all_told(Outward(office.database, ["city"], here=Place.WARD))
    await office.received("hai câu")
    await all_told(Outward(office.database, ["city"], here=Place.WARD))
    assert [event.kind for event in await events(office)] == ["case.received"] * 2


async def test_what_is_at_home_elsewhere_is_told_there(office):
    outward = Outward(office.database, ["city"], here=Place.HOUSE)
    await outward.step()
    await office.received()
    await all_told(outward)
    assert await events(office) == []


async def test_a_topic_is_told_as_a_code(office):
    outward = Outward(office.database, ["city"], here=Place.WARD)
    await outward.step()
    case = await office.received()
    await office.do(confirm_topic, case, topic=Topic.INFRASTRUCTURE)
    await all_told(outward)
    assert '"topic": "infrastructure"' in (await events(office))[-1].body


async def test_a_deadline_is_reminded_of_outside_too(office):
    outward = Outward(office.database, ["office"], here=Place.WARD)
    await outward.step()
    await office.received()
    reminders = Reminders(office.database, office.rules, lambda *_: None, now=lambda: office.now)
    office.pass_(days=30)
    await reminders.step()
    await all_told(outward)
    kinds = [event.kind for event in await events(office, "office")]
    assert kinds[0] == "case.received"
    assert "case.escalated" in kinds
