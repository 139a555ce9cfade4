"""From the receipt to the public answer: who may do what, and what becomes of a case."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from feedback import store
from feedback.actions import ALLOWED, Action, allowed
from feedback.case import Answer, CaseState, Holder
from feedback.casework import (
    accept,
    confirm_topic,
    draft_answer,
    publish,
    rate,
    refuse,
    reopen,
    send_back,
    set_urgency,
    take,
    transfer,
)
from feedback.topics import Topic, Urgency

OFFICE = "Văn phòng HĐND và UBND phường"
ECONOMY = "Phòng Kinh tế, Hạ tầng và Đô thị phường"
ANSWER = Answer("Đã nạo vét cống, nước rút hết.", ECONOMY, date(2026, 12, 1))


async def in_hand(office, **more):
    case = await office.received(**more)
    await office.do(take, case)
    return case


async def answered(office, **more):
    case = await in_hand(office, **more)
    await office.do(publish, case, answer=ANSWER)
    return case


async def test_what_came_in_has_an_owner_and_a_deadline(office):
    work = (await office.find(await office.received())).work
    assert work.owner == Holder("office", OFFICE)
    # Ten working days from Tuesday, 1 December; its own day does not count.
    assert work.due_at == datetime(2026, 12, 15, 10, 0, tzinfo=UTC)
    assert (work.due_rule, work.topic) == ("Luật Tiếp công dân 42/2013/QH13, Điều 28", None)


# What it is about


async def test_a_confirmed_topic_leads_to_its_authority(office):
    case = await office.received()
    work = (await office.do(confirm_topic, case, topic=Topic.INFRASTRUCTURE)).work
    assert (work.topic, work.topic_by) == (Topic.INFRASTRUCTURE, "Trần Thị Hoa")
    assert work.owner == Holder("economy", ECONOMY)
    assert (await office.lines(case))[-1] == ("topic_confirmed", None, "infrastructure")


async def test_once_somebody_has_begun_the_owner_moves_only_by_a_transfer(office):
    case = await in_hand(office)
    work = (await office.do(confirm_topic, case, topic=Topic.INFRASTRUCTURE)).work
    assert (work.topic, work.owner.code) == (Topic.INFRASTRUCTURE, "office")


async def test_what_is_urgent_is_due_sooner_and_counts_from_the_receipt(office):
    case = await office.received()
    office.pass_(hours=1)
    work = (await office.do(set_urgency, case, urgency=Urgency.URGENT)).work
    # Eight hours of work from 9:00: 2.5 before noon, 3.5 after, and two the next morning.
    assert work.due_at == datetime(2026, 12, 2, 2, 30, tzinfo=UTC)
    assert work.due_rule == "Cam kết của phường về việc khẩn cấp"
    back = (await office.do(set_urgency, case, urgency=Urgency.NORMAL)).work
    assert back.due_at == datetime(2026, 12, 15, 10, 0, tzinfo=UTC)


# Who deals with it


async def test_an_owner_moves_only_when_the_other_authority_acknowledges(office):
    case = await in_hand(office)
    moved = await office.do(transfer, case, to="economy", reason="Việc thoát nước")
    assert moved.case.state is CaseState.TRANSFERRED
    assert (moved.work.owner.code, moved.work.transfer_to.code) == ("office", "economy")
    taken = await office.do(accept, case, office.minh)
    assert (taken.case.state, taken.work.owner.name) == (CaseState.IN_PROGRESS, ECONOMY)
    assert (taken.work.assignee_name, taken.work.transfer_to) == ("Lê Minh", None)
    assert (await office.lines(case))[-2:] == [
        ("transferred", "Việc thoát nước", ECONOMY),
        ("accepted", None, ECONOMY),
    ]


async def test_sent_back_it_is_the_first_ones_again(office, refused):
    case = await in_hand(office)
    await office.do(transfer, case, to="economy", reason="Việc thoát nước")
    async with refused("feedback.empty"):
        await office.do(send_back, case, office.minh, next_holder="office", reason=" ")
    async with refused("case.no_authority"):
        await office.do(send_back, case, office.minh, next_holder="", reason="Không phải")
    async with refused("case.same_owner"):
        await office.do(send_back, case, office.minh, next_holder="economy", reason="Không phải")
    back = await office.do(
        send_back, case, office.minh, next_holder="office", reason="Đường của tỉnh"
    )
    assert (back.case.state, back.work.owner.code) == (CaseState.IN_PROGRESS, "office")
    assert back.work.assignee_name == "Trần Thị Hoa"
    assert (await office.lines(case))[-1] == ("sent_back", "Đường của tỉnh", OFFICE)


async def test_sent_on_to_a_third_one_it_waits_for_that_one(office):
    case = await in_hand(office)
    await office.do(transfer, case, to="economy", reason="Việc thoát nước")
    on = await office.do(send_back, case, office.minh, next_holder="police", reason="An ninh")
    assert (on.case.state, on.work.owner.code) == (CaseState.TRANSFERRED, "office")
    assert on.work.transfer_to.code == "police"


async def test_it_is_the_owners_to_deal_with(office, refused):
    case = await office.received()
    async with refused("case.not_yours") as refusal:
        await office.do(take, case, office.minh)
    assert refusal.cause.params == {"owner": OFFICE}
    await office.do(take, case)
    await office.do(transfer, case, to="economy", reason="Việc thoát nước")
    async with refused("case.not_yours"):
        await office.do(accept, case, office.hoa)
    await office.do(accept, case, office.chief)  # who may act for all


# What is answered


async def test_an_answer_says_what_was_done_when_and_by_whom(office, refused):
    case = await in_hand(office)
    for answer, code in (
        (Answer(" ", ECONOMY, date(2026, 12, 1)), "feedback.empty"),
        (Answer("Đã sửa", "  ", date(2026, 12, 1)), "case.office_missing"),
        (Answer("Đã sửa", ECONOMY), "case.date_missing"),
        (Answer("Đã sửa", ECONOMY, date(2026, 12, 2)), "case.date_to_come"),
    ):
        async with refused(code):
            await office.do(publish, case, answer=answer)
    assert (await office.find(case)).case.state is CaseState.IN_PROGRESS
    office.pass_(hours=2)
    done = await office.do(publish, case, answer=ANSWER)
    assert (done.case.state, done.case.answer) == (CaseState.ANSWERED, ANSWER.text)
    assert (done.case.answered_by, done.case.answered_at) == ("Trần Thị Hoa", office.now)
    assert (done.work.office, done.work.done_on) == (ECONOMY, date(2026, 12, 1))
    assert (await office.lines(case))[-1] == ("answered", ANSWER.text, ECONOMY)


async def test_a_draft_is_kept_and_not_published(office):
    case = await office.received()
    drafted = await office.do(draft_answer, case, answer=Answer("Sẽ sửa"))
    assert (drafted.work.draft, drafted.work.draft_by) == (Answer("Sẽ sửa"), "Trần Thị Hoa")
    assert (drafted.case.state, drafted.case.answer) == (CaseState.IN_PROGRESS, None)
    assert drafted.work.assignee == office.hoa.id
    done = await office.do(publish, case, answer=ANSWER)
    assert done.work.draft is None


@pytest.mark.parametrize("where", ["question", "answer"])
async def test_what_names_a_person_is_published_only_with_an_explicit_yes(office, refused, where):
    telephone = "Liên hệ bà Tư 0912 345 678."
    case = await in_hand(office, text=telephone if where == "question" else "Cống tắc")
    answer = Answer(telephone, ECONOMY, ANSWER.done_on) if where == "answer" else ANSWER
    async with refused("case.marks_open") as refusal:
        await office.do(publish, case, answer=answer)
    assert refusal.cause.params == {"number": 1, "words": "0912 345 678"}
    await office.do(publish, case, answer=answer, despite_marks=True)


async def test_the_public_reads_the_question_without_what_was_taken_out(office):
    case = await in_hand(office, text="Bà Tư, 0912 345 678, xả rác")
    done = await office.do(publish, case, answer=ANSWER, public_text="Có người xả rác")
    assert (done.case.public_text, done.case.text) == (
        "Có người xả rác",
        "Bà Tư, 0912 345 678, xả rác",
    )


async def test_a_published_answer_can_be_corrected_and_the_first_is_remembered(office):
    case = await answered(office)
    office.pass_(hours=1)
    better = Answer("Đã nạo vét, và thay nắp cống.", ECONOMY, ANSWER.done_on)
    corrected = await office.do(publish, case, answer=better)
    assert corrected.case.answer == better.text
    said = [text for what, text, _ in await office.lines(case) if what == "answered"]
    assert said == [ANSWER.text, better.text]


async def test_a_refusal_has_a_reason_and_says_whom_to_turn_to(office, refused):
    case = await in_hand(office)
    async with refused("feedback.empty"):
        await office.do(refuse, case, reason="", next_holder="Điện lực")
    async with refused("case.next_holder_missing"):
        await office.do(refuse, case, reason="Việc của ngành điện", next_holder=" ")
    async with refused("case.next_holder_too_long"):
        await office.do(refuse, case, reason="Việc của ngành điện", next_holder="x" * 201)
    no = await office.do(refuse, case, reason="Việc của ngành điện", next_holder="Điện lực")
    assert (no.case.state, no.case.answer) == (CaseState.REFUSED, "Việc của ngành điện")
    assert (no.work.next_holder, no.work.office) == ("Điện lực", OFFICE)


# What the resident says to it


async def test_the_holder_of_the_receipt_opens_it_again_and_the_clock_begins_anew(office, refused):
    case = await answered(office)
    office.pass_(days=3)  # Friday
    async with refused("feedback.empty"):
        await office.place.say(reopen, case.receipt, reason="")
    again = await office.place.say(reopen, case.receipt.lower(), reason="Lại tắc rồi")
    assert (again.case.state, again.case.answer) == (CaseState.WAITING, None)
    assert (again.work.reopened, again.work.assignee) == (1, office.hoa.id)
    assert again.work.due_at == datetime(2026, 12, 18, 10, 0, tzinfo=UTC)
    assert (await office.lines(case))[-2:] == [
        ("reopened", "Lại tắc rồi", None),
        ("due", None, again.work.due_rule),
    ]
    assert (await office.place.history(case.id))[-1].who == "resident"
    async with refused("receipt.not_found"):
        await office.place.say(reopen, "0000-0000-0000", reason="Lại tắc")


async def test_it_is_opened_again_twice_and_within_a_month(office, refused):
    case = await answered(office)
    office.pass_(days=31)
    async with refused("case.reopened_too_late"):
        await office.place.say(reopen, case.receipt, reason="Lại tắc")
    office.pass_(days=-1)
    for _ in range(2):
        await office.place.say(reopen, case.receipt, reason="Lại tắc")
        await office.do(take, case)
        await office.do(publish, case, answer=ANSWER)
    async with refused("case.reopened_too_often"):
        await office.place.say(reopen, case.receipt, reason="Lại tắc")
    await office.do(reopen, case, reason="Xem lại theo yêu cầu của Ban Chỉ đạo")


async def test_a_refused_one_can_be_opened_again(office):
    case = await in_hand(office)
    await office.do(refuse, case, reason="Việc của ngành điện", next_holder="Điện lực")
    again = await office.place.say(reopen, case.receipt, reason="Điện lực bảo của phường")
    assert (again.case.state, again.work.next_holder) == (CaseState.WAITING, None)


async def test_an_answer_is_rated_once(office, refused):
    case = await office.received()
    async with refused("case.not_while_waiting"):
        await office.place.say(rate, case.receipt, stars=5)
    await office.do(take, case)
    await office.do(publish, case, answer=ANSWER)
    for wrong in (0, 6):
        async with refused("case.stars"):
            await office.place.say(rate, case.receipt, stars=wrong)
    assert (await office.place.say(rate, case.receipt, stars=4)).work.rating == 4
    async with refused("case.rated"):
        await office.place.say(rate, case.receipt, stars=1)
    again = await office.place.say(reopen, case.receipt, reason="Lại tắc")
    assert again.work.rating is None, "the next answer gets one of its own"


# Once, and never over somebody else's


ONCE = {
    "confirm_topic": (CaseState.WAITING, confirm_topic, {"topic": Topic.OTHER}),
    "set_urgency": (CaseState.WAITING, set_urgency, {"urgency": Urgency.URGENT}),
    "take": (CaseState.WAITING, take, {}),
    "transfer": (CaseState.IN_PROGRESS, transfer, {"to": "police", "reason": "An ninh"}),
    "draft": (CaseState.IN_PROGRESS, draft_answer, {"answer": Answer("Sẽ sửa")}),
    "publish": (CaseState.IN_PROGRESS, publish, {"answer": ANSWER}),
    "refuse": (CaseState.IN_PROGRESS, refuse, {"reason": "Của điện", "next_holder": "Điện lực"}),
}


@pytest.mark.parametrize("name", ONCE)
async def test_a_double_tap_is_one(office, name):
    state, action, more = ONCE[name]
    case = await (office.received() if state is CaseState.WAITING else in_hand(office))
    seen = (await office.find(case)).case.revision
    office.told.clear()
    twice = [office.do(action, case, seen=seen, **more) for _ in range(2)]
    first, second = await asyncio.gather(*twice)
    assert first == second
    assert office.told == [(case.id, seen + 1)], "and the other side hears of it once"
    office.pass_(minutes=1)
    assert (await office.do(action, case, seen=seen, **more)) == first


async def test_opened_again_twice_at_once_is_once(office):
    case = await answered(office)
    for _ in range(2):
        again = await office.place.say(reopen, case.receipt, reason="Lại tắc")
    assert again.work.reopened == 1


@pytest.mark.parametrize("name", ONCE)
async def test_an_old_page_overwrites_nobody(office, refused, name):
    state, action, more = ONCE[name]
    case = await (office.received() if state is CaseState.WAITING else in_hand(office))
    seen = (await office.find(case)).case.revision
    await office.do(draft_answer, case, office.chief, seen, answer=Answer("Đang xem"))
    before = await office.find(case)
    async with refused("case.changed") as refusal:
        await office.do(action, case, seen=seen, **more)
    assert refusal.cause.params == {"who": "Phạm Văn Chính"}
    assert await office.find(case) == before


async def test_of_two_at_the_same_time_one_is_told(office, refused):
    case = await office.received()
    second = office.chief
    wins, loses = await asyncio.gather(
        office.do(take, case, seen=1),
        office.do(take, case, second, seen=1),
        return_exceptions=True,
    )
    assert wins.work.assignee == office.hoa.id
    assert loses.cause.code == "case.changed"


# In which state what is possible


async def test_every_action_is_refused_in_every_other_state(office, refused):
    topic, stars = {"topic": Topic.PROCEDURES}, {"stars": 5}
    how = {
        Action.CONFIRM_TOPIC: (confirm_topic, topic),
        Action.SET_URGENCY: (set_urgency, {"urgency": Urgency.URGENT}),
        Action.TAKE: (take, {}),
        Action.TRANSFER: (transfer, {"to": "police", "reason": "An ninh"}),
        Action.ACCEPT: (accept, {}),
        Action.SEND_BACK: (send_back, {"next_holder": "police", "reason": "An ninh"}),
        Action.DRAFT: (draft_answer, {"answer": Answer("Khác")}),
        Action.PUBLISH: (publish, {"answer": Answer("Khác", OFFICE, date(2026, 12, 1))}),
        Action.REFUSE: (refuse, {"reason": "Không", "next_holder": "Tòa án"}),
        Action.REOPEN: (reopen, {"reason": "Lại tắc"}),
        Action.RATE: (rate, stars),
    }
    assert how.keys() == ALLOWED.keys() == set(Action)
    for state in CaseState:
        case = await office.received()
        if state is not CaseState.WAITING:
            await office.do(take, case)
        match state:
            case CaseState.TRANSFERRED:
                await office.do(transfer, case, to="economy", reason="Thoát nước")
            case CaseState.ANSWERED:
                await office.do(publish, case, answer=ANSWER)
            case CaseState.REFUSED:
                await office.do(refuse, case, reason="Điện", next_holder="Điện lực")
        dossier = await office.find(case)
        assert dossier.case.state is state
        possible = {action for action, states in ALLOWED.items() if state in states}
        assert allowed(dossier, office.rules, office.chief) == possible - {Action.RATE}
        for action in set(Action) - possible:
            run, more = how[action]
            async with refused(f"case.not_while_{state}"):
                await office.do(run, case, office.chief, **more)
        assert await office.find(case) == dossier


async def test_the_buttons_are_those_of_ones_own_cases(office):
    case = await in_hand(office)
    await office.do(transfer, case, to="economy", reason="Thoát nước")
    dossier = await office.find(case)
    assert {Action.ACCEPT, Action.SEND_BACK} <= allowed(dossier, office.rules, office.minh)
    assert not {Action.ACCEPT, Action.SEND_BACK} & allowed(dossier, office.rules, office.hoa)


async def test_an_unknown_case_is_told(office, refused):
    async with refused("case.unknown"):
        await office.place.do(take, "f" * 16, office.hoa, None)
    async with refused("case.unknown"):
        await office.place.find("f" * 16)


async def test_what_is_on_its_way_to_a_house_waits_for_it(office, refused):
    case = await office.received(house_id="to-5")
    async with refused("case.on_its_way"):
        await office.do(take, case)
    assert allowed(await office.find(case), office.rules, office.chief) == frozenset()


async def test_late_is_by_the_clock_and_stays_so_once_it_is_answered(office):
    case = await in_hand(office)
    dossier = await office.find(case)
    assert not dossier.late_at(dossier.work.due_at)
    assert dossier.late_at(dossier.work.due_at + timedelta(seconds=1))
    office.now = dossier.work.due_at + timedelta(hours=1)
    done = await office.do(publish, case, answer=ANSWER)
    assert done.is_late and done.late_at(office.now)


async def test_what_was_merged_is_answered_with_the_one_it_was_merged_into(office):
    head, other, own = [await office.received(text) for text in ("Cống tắc", "Ngập", "Đèn hỏng")]
    office.now += timedelta(minutes=1)
    merge = {"by": "leader An", "at": office.now}
    await office.database.write(lambda c: store.merge(c, other.id, head.id, **merge))
    await office.do(take, head)
    office.told.clear()
    await office.do(publish, head, answer=ANSWER)
    merged = await office.find(other)
    assert (merged.case.state, merged.case.answer) == (CaseState.ANSWERED, ANSWER.text)
    assert (merged.work.office, merged.work.done_on) == (ECONOMY, ANSWER.done_on)
    assert {case_id for case_id, _ in office.told} == {head.id, other.id}
    assert (await office.find(own)).case.state is CaseState.WAITING
