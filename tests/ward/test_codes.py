from datetime import timedelta

import pytest

from storage.engine import Database
from ward import codes

HOUR = timedelta(hours=1)


@pytest.fixture
def create(database: Database):
    async def create(purpose="house", subject="to-5", lasts=HOUR):
        return await database.write(lambda c: codes.create(c, purpose, subject, lasts))

    return create


@pytest.fixture
def use(database: Database):
    async def use(typed, purpose="house"):
        return await database.write(lambda c: codes.use(c, purpose, typed))

    return use


async def test_a_code_works_once(create, use):
    code = await create()
    assert await use(code) == "to-5"
    assert await use(code) is None


async def test_a_code_as_people_type_it(create, use):
    assert await use(" " + (await create()).lower().replace("-", " ") + " ") == "to-5"


async def test_a_code_for_one_thing_is_none_for_another(create, use):
    code = await create()
    assert await use(code, "account") is None
    assert await use(code) == "to-5"


async def test_a_code_runs_out(create, use):
    assert await use(await create(lasts=timedelta(seconds=-1))) is None


async def test_a_newer_code_replaces_the_older(create, use):
    older, newer = await create(), await create()
    other = await create(subject="to-6")
    assert await use(older) is None
    assert (await use(newer), await use(other)) == ("to-5", "to-6")


async def test_five_attempts_and_no_more(create, use):
    code = await create()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    for _ in range(codes.MOST_ATTEMPTS - 1):
        assert await use(wrong) is None
    assert await use(code) == "to-5"
    code = await create()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    for _ in range(codes.MOST_ATTEMPTS):
        assert await use(wrong) is None
    assert await use(code) is None


async def test_what_is_no_code_at_all(create, use):
    await create()
    for typed in ["", "-", "KKKK", "ă" * 12, "2" * 4000]:
        assert await use(typed) is None
