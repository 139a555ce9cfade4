"""Other words for a question: what was asked stays, and comes back."""

import pytest

from feedback import store as case_store
from rooms.view import QuestionState

ASKED = "den ngo 5 hong 2 thang ko ai sua the ha"
WORDS = "Đèn ngõ 5 hỏng hai tháng, bao giờ sửa?"


@pytest.fixture
async def live(house):
    await house.live()
    return house


async def test_everybody_reads_the_new_words_and_the_receipt_both(live):
    receipt = await live.ask(ASKED)
    await live.room.reword_question(live.secretary, receipt.question_id, f" {WORDS}\x00 ")
    await live.room.show_question(live.leader, receipt.question_id)
    shown = live.view.question_on_stage()
    assert (shown.text, shown.original) == (WORDS, ASKED)
    await live.room.answer_question(live.leader, receipt.question_id, "Mai sửa")
    found = await live.room.find_receipt(receipt.code)
    assert (found.text, found.public_text) == (ASKED, WORDS)
    assert [one.text for one in await live.room.answered(10)] == [WORDS]


@pytest.mark.parametrize("back", ["", "  ", ASKED])
async def test_what_was_asked_is_put_back_and_all_is_remembered(live, back):
    receipt = await live.ask(ASKED)
    await live.room.reword_question(live.leader, receipt.question_id, WORDS)
    await live.room.reword_question(live.leader, receipt.question_id, WORDS)
    await live.restart()
    assert live.question(receipt.question_id).text == WORDS
    await live.room.reword_question(live.leader, receipt.question_id, back)
    shown = live.question(receipt.question_id)
    assert (shown.text, shown.original) == (ASKED, None)
    history = await live.database.read(lambda c: case_store.history(c, receipt.question_id))
    assert [(entry.who, entry.what, entry.text) for entry in history] == [
        ("resident", "received", ASKED),
        ("leader Nguyễn Văn An", "reworded", WORDS),
        ("leader Nguyễn Văn An", "reworded", None),
    ]


async def test_what_is_answered_keeps_its_words(live, refused):
    receipt = await live.ask(ASKED)
    async with refused("feedback.too_short"):
        await live.room.reword_question(live.leader, receipt.question_id, "?!")
    async with refused("room.not_your_part"):
        await live.room.reword_question(live.technician, receipt.question_id, WORDS)
    await live.room.answer_question(live.leader, receipt.question_id, "Mai sửa")
    async with refused("question.not_while_answered"):
        await live.room.reword_question(live.leader, receipt.question_id, WORDS)
    assert live.question(receipt.question_id).state is QuestionState.ANSWERED
