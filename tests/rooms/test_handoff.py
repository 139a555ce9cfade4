"""The meeting is over: what is open has an owner and a deadline, and the ward deals with it."""

import asyncio

import pytest

from config.feedback import FeedbackSection
from feedback import handoff, store
from feedback.actions import Handler
from feedback.case import Answer, CaseState, Place
from feedback.casework import confirm_topic, publish, take
from feedback.desk import Desk
from feedback.handoff import Handoff
from feedback.outbox import Outbox, Parcel
from feedback.rules import Rules
from feedback.topics import Topic
from feedback.worklist import View
from feedback.workplace import Workplace
from rooms.view import Connection, LinkState, QuestionState
from storage.engine import Database

WARD_RULES = Rules.of(FeedbackSection(), here=Place.WARD)
LINKED = LinkState(Connection.LINKED, takes=frozenset({Handoff.kind}))
OLD_HUB = LinkState(Connection.LINKED)
HOA = Handler("a1", "Trần Thị Hoa")
LAN = Handler("leader", "Nguyễn Văn An")


class Ward:
    """Its database, and whoever carries the parcels."""

    def __init__(self, database):
        self.desk = Desk(database, "to-5", WARD_RULES)
        self.place = Workplace(database, WARD_RULES, handoff.tell_house)

    async def carry(self, house):
        """Both ways, until nothing is left."""
        up = Outbox(house.database, "ward")
        take_in = {"handoff": self.desk.take_up, "case": self.desk.keep_copy}
        for parcel in await _waiting(up):
            await take_in[parcel.kind](parcel.body)
            await up.handed_over(parcel.id)
        for parcel in await _waiting(self.desk.outbox()):
            await house.room.follow_ward(parcel.body)
            await self.desk.outbox().handed_over(parcel.id)


async def _waiting(outbox):
    """What waits now; there is no end to waiting for more."""
    none = Parcel("none", "none", {})
    return [one for one in await outbox.oldest(100, lambda _: [none]) if one is not none]


@pytest.fixture
async def ward(tmp_path):
    async with await Database.open(tmp_path / "ward.db") as database:
        yield Ward(database)


@pytest.fixture
async def linked(house):
    house.linked = True
    await house.restart()
    return house


async def until(condition):
    async with asyncio.timeout(40):
        while not await condition():
            await asyncio.sleep(0.05)


async def offered(house):
    rows = await Outbox(house.database, "ward").oldest(100)
    return [parcel.body["text"] for parcel in rows if parcel.kind == "handoff"]


async def left_open(house, text="Bao giờ sửa cống?"):
    await house.live()
    receipt = await house.ask(text, name="Bà Năm")
    await house.ended()
    return receipt


async def test_what_was_left_open_is_an_open_case_with_an_owner_and_a_deadline(house):
    receipt = await left_open(house)
    found = await house.room.find_receipt(receipt.code)
    assert found.over and found.progress.state is CaseState.WAITING
    assert found.progress.owner == "Văn phòng HĐND và UBND phường"
    assert found.progress.due_at > house.time.wall and found.progress.due_rule
    lines = await house.database.read(lambda c: store.history(c, receipt.question_id))
    assert [line.what for line in lines] == ["received", "left_open"]
    (dossier,) = await house.room.worklist.find(LAN, View.NEW)
    assert dossier.case.id == receipt.question_id


async def test_what_was_answered_live_is_no_open_case(house):
    await house.live()
    receipt = await house.ask()
    await house.room.answer_question(house.leader, receipt.question_id, "Tuần sau sửa")
    await house.ended()
    assert await house.room.worklist.find(LAN, View.OPEN) == ()
    found = await house.room.find_receipt(receipt.code)
    assert found.answered_by == "Nguyễn Văn An" and found.answered_at is not None
    assert found.progress.office is None, "it was said in the meeting"


async def test_a_dismissal_says_whom_to_turn_to(house):
    await house.live()
    receipt = await house.ask()
    await house.room.dismiss_question(house.leader, receipt.question_id, "Không thuộc cuộc họp")
    found = await house.room.find_receipt(receipt.code)
    assert found.progress.state is CaseState.REFUSED
    assert found.progress.next_holder == "Văn phòng HĐND và UBND phường"


async def test_a_lone_house_deals_with_its_cases_itself(house):
    receipt = await left_open(house)
    place = house.room.workplace
    await place.do(take, receipt.question_id, LAN, None)
    answer = Answer("Đã thông cống", "Tổ dân phố 5", house.time.wall.date())
    await place.do(publish, receipt.question_id, LAN, None, answer=answer)
    await until(lambda: _none_open(house))
    found = await house.room.find_receipt(receipt.code)
    assert (found.state, found.answer) == ("answered", "Đã thông cống")
    assert (found.progress.office, found.over) == ("Tổ dân phố 5", True)
    (shown,) = await house.room.answered(10)
    assert (shown.answer, shown.office) == ("Đã thông cống", "Tổ dân phố 5")


async def _none_open(house):
    return house.room.unanswered_before() == ()


async def test_the_ward_hears_at_once_that_the_meeting_is_over_and_who_owns_what(linked, ward):
    receipt = await left_open(linked)
    await ward.carry(linked)
    found = await ward.desk.find_receipt(receipt.code)
    assert (found.home, found.over) == (Place.HOUSE, True)
    assert found.progress.owner == "Văn phòng HĐND và UBND phường"


async def test_linked_it_goes_up_and_the_house_shows_the_wards_word(linked, ward, refused):
    linked.equipment.link.set(LINKED)
    receipt = await left_open(linked)
    await until(lambda: _is_offered(linked))
    async with refused("case.on_its_way"):
        await linked.room.answer_question(linked.leader, receipt.question_id, "Tôi trả lời")
    await ward.carry(linked)
    await until(lambda: _is_away(linked, "case.elsewhere"))
    (earlier,) = linked.room.unanswered_before()
    assert earlier.progress.owner == "Văn phòng HĐND và UBND phường"
    async with refused("case.elsewhere"):
        await linked.room.answer_question(linked.leader, receipt.question_id, "Tôi trả lời")
    await ward.place.do(take, receipt.question_id, HOA, None)
    await ward.carry(linked)
    found = await linked.room.find_receipt(receipt.code)
    assert (found.home, found.progress.state) == (Place.WARD, CaseState.IN_PROGRESS)
    answer = Answer("Đã thông cống", "Phòng Kinh tế", linked.time.wall.date())
    await ward.place.do(publish, receipt.question_id, HOA, None, answer=answer)
    await ward.carry(linked)
    await until(lambda: _none_open(linked))
    found = await linked.room.find_receipt(receipt.code)
    assert (found.state, found.answer, found.answered_by) == (
        QuestionState.ANSWERED,
        "Đã thông cống",
        "Trần Thị Hoa",
    )
    (shown,) = await linked.room.answered(10)
    assert shown.answer == "Đã thông cống"
    await linked.restart()
    assert linked.room.unanswered_before() == ()


async def _is_offered(house):
    return await _is_away(house, "case.on_its_way")


async def _is_away(house, code):
    shown = [question.away for question in house.room.unanswered_before()]
    return [away and away.code for away in shown] == [code]


async def test_what_waited_for_the_link_goes_up_once_it_is_there(linked, ward):
    await left_open(linked)
    assert (await _waiting(Outbox(linked.database, "ward")))[-1].kind == "case"
    linked.equipment.link.set(LINKED)
    await until(lambda: _is_offered(linked))
    assert await offered(linked) == ["Bao giờ sửa cống?"]
    await linked.restart()
    assert (await linked.database.read(lambda c: store.by_id(c, _first(linked)))).handed


def _first(house):
    return house.room.unanswered_before()[0].id


async def test_a_hub_of_an_older_version_is_given_nothing(linked):
    await left_open(linked)
    linked.equipment.link.set(OLD_HUB)
    await linked.ticks()
    await asyncio.sleep(0.6)
    assert await offered(linked) == []
    assert await _is_away(linked, None), "the house deals with it itself"


async def test_after_every_new_link_it_is_asked_again_for_what_the_ward_has_not_confirmed(linked):
    await left_open(linked)
    linked.equipment.link.set(LINKED)
    await until(lambda: _is_offered(linked))
    up = Outbox(linked.database, "ward")
    for parcel in await up.oldest(100):
        await up.handed_over(parcel.id)  # taken by a hub that made nothing of it
    linked.equipment.link.set(LinkState(Connection.AWAY))
    await asyncio.sleep(0.5)
    linked.equipment.link.set(LINKED)
    await until(lambda: _has_offered(linked))


async def _has_offered(house):
    return [p.kind for p in await _waiting(Outbox(house.database, "ward"))] == ["handoff"]


async def test_nothing_goes_up_while_the_meeting_lasts_and_the_blocks_own_stays(linked):
    linked.equipment.link.set(LINKED)
    await linked.live()
    own = await linked.ask("Hội diễn văn nghệ", key="1")
    await linked.ask("Cống tắc", key="2")
    confirm = linked.room.workplace.do(
        confirm_topic, own.question_id, LAN, None, topic=Topic.BLOCK_LIFE
    )
    await confirm
    await asyncio.sleep(0.6)
    assert await offered(linked) == []
    await linked.ended()
    await until(lambda: _some_offered(linked))
    assert await offered(linked) == ["Cống tắc"]


async def _some_offered(house):
    return bool(await offered(house))


async def test_a_question_that_came_from_the_ward_goes_back_to_it(linked, ward):
    receipt = await ward.desk.ask("Bao giờ có đèn?", name=None, key="")
    (parcel,) = await ward.desk.outbox().oldest(10)
    await linked.room.take_over(parcel.body)
    await ward.desk.outbox().handed_over(parcel.id)
    await linked.live()
    linked.equipment.link.set(LINKED)
    await linked.ended()
    await until(lambda: _is_offered(linked))
    await ward.carry(linked)
    found = await ward.desk.find_receipt(receipt.code)
    assert (found.home, found.number, found.over) == (Place.WARD, 1, True)


async def test_who_works_on_a_question_of_the_meeting_shows_in_the_room(house):
    await house.live()
    receipt = await house.ask()
    await house.room.workplace.do(take, receipt.question_id, LAN, None)
    answer = Answer("Đã sửa", "Tổ dân phố 5", house.time.wall.date())
    await house.room.workplace.do(publish, receipt.question_id, LAN, None, answer=answer)
    await house.until(lambda view: view.questions[0].state is QuestionState.ANSWERED)
