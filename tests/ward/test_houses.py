from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from base.cause import Refused
from ward import houses as module
from ward import tables

NAME = "Nhà văn hóa Tổ dân phố 5"


async def code_of(wanted):
    with pytest.raises(Refused) as refused:
        await wanted
    return refused.value.cause.code


async def test_a_house_enrols_and_proves_who_it_is(houses):
    code = await houses.invite("to-5", f"  {NAME} ")
    (house,) = await houses.all()
    assert (house.id, house.name, house.enrolled_at) == ("to-5", NAME, None)
    house_id, key = await houses.enrol(code)
    assert house_id == "to-5"
    known = await houses.identify("to-5", key)
    assert known is not None
    assert known.enrolled_at is not None
    assert await houses.identify("to-5", key + "x") is None
    assert await houses.identify("to-6", key) is None
    assert await code_of(houses.enrol(code)) == "ward.wrong_code"


async def test_the_key_is_not_stored(houses, database):
    _, key = await houses.enrol(await houses.invite("to-5", NAME))
    row = await database.read(lambda c: c.execute(select(tables.houses)).one())
    assert key not in repr(row)
    assert key.encode() not in row.key_sha256


@pytest.mark.parametrize("house_id", ["", "To-5", "5", "tổ-5", "a/b", "a" * 32, "../x"])
async def test_what_cannot_stand_in_an_address(houses, house_id):
    assert await code_of(houses.invite(house_id, NAME)) == "ward.house_id_form"


@pytest.mark.parametrize("name", ["", "   ", "A" * 81])
async def test_what_is_no_name(houses, name):
    assert await code_of(houses.invite("to-5", name)) == "ward.name_form"


async def test_an_address_belongs_to_one_house(houses):
    await houses.invite("to-5", NAME)
    assert await code_of(houses.invite("to-5", "Khác")) == "ward.house_id_taken"
    assert [house.name for house in await houses.all()] == [NAME]


async def test_a_new_machine_gets_a_new_key_and_the_old_one_ends(houses):
    _, old = await houses.enrol(await houses.invite("to-5", NAME))
    code = await houses.invite_again("to-5")
    assert await houses.identify("to-5", old) is not None
    _, new = await houses.enrol(code)
    assert await houses.identify("to-5", old) is None
    assert await houses.identify("to-5", new) is not None
    assert await code_of(houses.invite_again("to-6")) == "ward.house_unknown"


async def test_a_revoked_house_is_nobody_and_its_code_is_dead(houses):
    _, key = await houses.enrol(await houses.invite("to-5", NAME))
    code = await houses.invite_again("to-5")
    await houses.linked("to-5", "hub-a")
    await houses.revoke("to-5")
    assert await houses.identify("to-5", key) is None
    assert await code_of(houses.enrol(code)) == "ward.wrong_code"
    assert not await houses.seen("to-5", "hub-a")
    assert (await houses.find("to-5")).linked_at is None


async def test_the_link_belongs_to_the_process_that_has_it_last(houses):
    await houses.invite("to-5", NAME)
    await houses.linked("to-5", "hub-a")
    assert await houses.seen("to-5", "hub-a", '{"phase": "live"}')
    house = await houses.find("to-5")
    assert (house.linked_to, house.summary) == ("hub-a", '{"phase": "live"}')
    await houses.linked("to-5", "hub-b")
    assert not await houses.seen("to-5", "hub-a", '{"phase": "idle"}')
    await houses.away("to-5", "hub-a")
    house = await houses.find("to-5")
    assert (house.linked_to, house.summary) == ("hub-b", '{"phase": "live"}')
    await houses.away("to-5", "hub-b")
    house = await houses.find("to-5")
    assert (house.linked_to, house.linked_at) == (None, None)
    assert house.seen_at is not None


async def test_a_process_that_died_leaves_nothing_linked(houses, database):
    await houses.invite("to-5", NAME)
    await houses.linked("to-5", "hub-a")
    assert (await houses.find("to-5")).linked_at is not None
    past = datetime.now(UTC) - module.STALE - timedelta(seconds=1)
    await database.write(lambda c: c.execute(update(tables.houses).values(seen_at=past)))
    assert (await houses.find("to-5")).linked_at is None


async def test_a_house_gets_another_name(houses):
    await houses.invite("to-5", NAME)
    await houses.rename("to-5", "Nhà văn hóa Tổ 5")
    assert (await houses.find("to-5")).name == "Nhà văn hóa Tổ 5"
    assert await code_of(houses.rename("to-5", "")) == "ward.name_form"
