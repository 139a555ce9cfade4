import asyncio

import pytest

from base.cause import Refused
from feedback import slips
from feedback.receipt import written
from rooms.slip_commands import MOST_PAGES, SLIPS_ON_A_PAGE

TEXT = "Đèn ngõ 7 hỏng hai tháng nay."


async def test_their_codes_and_numbers_are_kept_for_them(house):
    first = await house.room.print_slips(house.secretary, 1)
    second = await house.room.print_slips(house.leader, 2)
    await house.restart()
    made = await house.room.slips_of(first), await house.room.slips_of(second)
    assert [len(sheet) for sheet in made] == [SLIPS_ON_A_PAGE, 2 * SLIPS_ON_A_PAGE]
    every = [*made[0], *made[1]]
    assert [slip.number for slip in every] == list(range(1, 25)), "no two have the same number"
    assert len({slip.receipt for slip in every}) == 24
    newest, oldest = await house.room.slip_sheets(10)
    assert (newest.id, newest.first, newest.last, newest.entered) == (second, 9, 24, 0)
    assert (oldest.id, oldest.made_at) == (first, house.time.wall)


async def test_what_is_typed_in_is_found_by_the_stub(house):
    sheet = await house.room.print_slips(house.secretary, 1)
    slip = (await house.room.slips_of(sheet))[2]
    assert await house.room.find_receipt(slip.receipt) is None
    typed = f" {written(slip.receipt).lower()} "
    receipt = await house.room.enter_slip(house.secretary, typed, TEXT, name="Cụ Tư")
    assert receipt.code == written(slip.receipt)
    (question,) = house.view.questions
    assert (question.text, question.asked_by, question.via) == (TEXT, "Cụ Tư", "paper")
    found = await house.room.find_receipt(slip.receipt)
    assert (found.text, found.number) == (TEXT, question.number)
    assert (await house.room.slip_sheets(1))[0].entered == 1


async def test_typed_in_twice_is_one_question_and_another_text_is_refused(house, refused):
    sheet = await house.room.print_slips(house.secretary, 1)
    code = (await house.room.slips_of(sheet))[0].receipt
    entering = [
        house.room.enter_slip(by, code, TEXT, name=None)
        for by in (house.secretary, house.leader, house.secretary)
    ]
    assert len({receipt.number for receipt in await asyncio.gather(*entering)}) == 1
    with pytest.raises(Refused) as other:
        await house.room.enter_slip(house.secretary, code, "Chuyện khác hẳn", name=None)
    assert (other.value.cause.code, other.value.cause.params) == ("slip.entered", {"number": 1})
    assert [question.text for question in house.view.questions] == [TEXT]
    await house.restart()
    again = await house.room.enter_slip(house.secretary, code, TEXT, name=None)
    assert again.number == 1


@pytest.mark.parametrize("code", ["", "K7QM-3XWP-9DTA", "tôi quên mã rồi", "' OR 1=1 --"])
async def test_a_wrong_code_stores_nothing(house, refused, code):
    await house.room.print_slips(house.secretary, 1)
    async with refused("slip.unknown"):
        await house.room.enter_slip(house.secretary, code, TEXT, name=None)
    assert house.view.questions == ()


async def test_a_receipt_of_somebody_else_is_no_slip(house, refused):
    own = await house.room.ask(TEXT, name=None, via="phone", key="k", by=None)
    async with refused("slip.unknown"):
        await house.room.enter_slip(house.secretary, own.code, "Chuyện khác", name=None)


async def test_not_for_everybody_and_not_without_end(house, refused):
    async with refused("room.not_your_part"):
        await house.room.print_slips(house.technician, 1)
    for pages in (0, MOST_PAGES + 1):
        async with refused("slip.pages"):
            await house.room.print_slips(house.leader, pages)
    assert await house.database.read(lambda c: slips.sheets(c, 10)) == ()
