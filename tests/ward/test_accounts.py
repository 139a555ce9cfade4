from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from base.cause import Refused
from ward import failures, tables
from ward.accounts import AccountRole, normal_login
from ward.passwords import Passwords

PASSWORD = "một câu ngắn dễ nhớ"


async def code_of(wanted):
    with pytest.raises(Refused) as refused:
        await wanted
    return refused.value.cause.code


@pytest.fixture
def hoa(accounts):
    """An official with a password."""

    async def make(login="hoa@phuong.vn", role=AccountRole.OFFICIAL):
        account, code = await accounts.create(login, "Trần Thị Hoa", role)
        return await accounts.set_password(code, PASSWORD) if code else account

    return make


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        (" Hoa@Phuong.VN ", "hoa@phuong.vn"),
        ("+84 900 000 000", "0900000000"),
        ("0084900000000", "0900000000"),
        ("(0900) 000.000", "0900000000"),
    ],
)
def test_a_login_as_people_type_it(typed, login):
    assert normal_login(typed) == login


@pytest.mark.parametrize("typed", ["", "hoa", "hoa@phuong", "12345", "+1 202 555 0100", "a b@c.d"])
def test_what_is_no_login(typed):
    with pytest.raises(Refused):
        normal_login(typed)


async def test_an_account_its_password_and_a_session(accounts, sessions):
    account, code = await accounts.create("Hoa@phuong.vn", "Trần Thị Hoa", AccountRole.OFFICIAL)
    assert (account.login, account.has_password) == ("hoa@phuong.vn", False)
    assert await code_of(sessions.log_in("hoa@phuong.vn", "")) == "ward.wrong_login"
    assert await code_of(accounts.set_password(code, "short")) == "access.password_too_short"
    assert (await accounts.set_password(code, PASSWORD)).has_password
    opened = await sessions.log_in("HOA@phuong.vn", PASSWORD)
    session = await sessions.identify(opened.secret)
    assert session == opened.session
    assert session.account.name == "Trần Thị Hoa"
    assert timedelta(hours=11) < session.expires_at - datetime.now(UTC) <= timedelta(hours=12)
    assert await code_of(accounts.set_password(code, PASSWORD)) == "ward.wrong_code"


async def test_neither_password_nor_token_is_stored(accounts, sessions, hoa, database):
    await hoa()
    secret = (await sessions.log_in("hoa@phuong.vn", PASSWORD)).secret
    account = await database.read(lambda c: c.execute(select(tables.accounts)).one())
    session = await database.read(lambda c: c.execute(select(tables.sessions)).one())
    assert account.argon2.startswith("$argon2id$")
    assert PASSWORD not in repr(account)
    assert secret not in repr(session)


async def test_a_password_is_as_dear_to_guess_as_rfc_9106_recommends():
    """What the other tests are spared."""
    assert (await Passwords().hash(PASSWORD)).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_two_accounts_cannot_share_a_login(accounts, hoa):
    await hoa()
    other = accounts.create("HOA@phuong.vn", "Người khác", AccountRole.ADMIN)
    assert await code_of(other) == "ward.login_taken"


async def test_who_is_unknown_is_refused_like_a_wrong_password(sessions, hoa):
    await hoa()
    for login in ["hoa@phuong.vn", "ai@phuong.vn", "not even a login"]:
        assert await code_of(sessions.log_in(login, "sai mật khẩu")) == "ward.wrong_login"


async def test_a_session_ends_by_log_out_and_by_the_clock(sessions, hoa, database):
    await hoa()
    first = await sessions.log_in("hoa@phuong.vn", PASSWORD)
    second = await sessions.log_in("hoa@phuong.vn", PASSWORD)
    await sessions.end(first.session.id)
    assert await sessions.identify(first.secret) is None
    assert await sessions.identify(second.secret) is not None
    past = datetime.now(UTC) - timedelta(seconds=1)
    await database.write(lambda c: c.execute(update(tables.sessions).values(expires_at=past)))
    assert await sessions.identify(second.secret) is None
    assert await sessions.identify("made up") is None


async def test_all_sessions_of_one_account_and_of_no_other(accounts, sessions, hoa):
    one, other = await hoa(), await hoa("an@phuong.vn")
    opened = [await sessions.log_in("hoa@phuong.vn", PASSWORD) for _ in range(2)]
    kept = await sessions.log_in("an@phuong.vn", PASSWORD)
    assert {a.id: a.sessions for a in await accounts.all()} == {one.id: 2, other.id: 1}
    await sessions.end_all(one.id)
    assert [await sessions.identify(o.secret) for o in opened] == [None, None]
    assert await sessions.identify(kept.secret) is not None


async def test_a_new_password_ends_every_session(accounts, sessions, hoa):
    account = await hoa()
    opened = await sessions.log_in("hoa@phuong.vn", PASSWORD)
    code = await accounts.create_code(account.id)
    assert await sessions.identify(opened.secret) is not None
    await accounts.set_password(code, "một mật khẩu khác")
    assert await sessions.identify(opened.secret) is None
    assert await code_of(sessions.log_in("hoa@phuong.vn", PASSWORD)) == "ward.wrong_login"
    await sessions.log_in("hoa@phuong.vn", "một mật khẩu khác")
    assert await code_of(accounts.create_code("nobody")) == "ward.account_unknown"


async def test_a_closed_account_is_out_until_it_gets_a_code(accounts, sessions, hoa):
    await hoa("an@phuong.vn", AccountRole.ADMIN)
    account = await hoa()
    opened = await sessions.log_in("hoa@phuong.vn", PASSWORD)
    code = await accounts.create_code(account.id)
    await accounts.close(account.id)
    assert await sessions.identify(opened.secret) is None
    assert await code_of(sessions.log_in("hoa@phuong.vn", PASSWORD)) == "ward.wrong_login"
    assert await code_of(accounts.set_password(code, PASSWORD)) == "ward.wrong_code"
    await accounts.set_password(await accounts.create_code(account.id), PASSWORD)
    await sessions.log_in("hoa@phuong.vn", PASSWORD)


async def test_the_last_admin_stays(accounts, hoa):
    one = await hoa("an@phuong.vn", AccountRole.ADMIN)
    await hoa()
    assert await code_of(accounts.close(one.id)) == "ward.last_admin"
    other = await hoa("be@phuong.vn", AccountRole.ADMIN)
    await accounts.close(one.id)
    assert await code_of(accounts.close(other.id)) == "ward.last_admin"
    assert [a.closed for a in await accounts.all()].count(True) == 1


async def test_the_first_code_makes_the_first_admin_and_no_second(accounts, sessions):
    first, again = await accounts.first_code(), await accounts.first_code()
    assert await accounts.is_empty()
    wrong = accounts.create_first("K7QM-2ZRT-9DTA", "an@phuong.vn", "An", PASSWORD)
    assert await code_of(wrong) == "ward.wrong_code"
    account = await accounts.create_first(again, "an@phuong.vn", "Nguyễn Văn An", PASSWORD)
    assert account.role is AccountRole.ADMIN
    late = accounts.create_first(first, "be@phuong.vn", "Bé", PASSWORD)
    assert await code_of(late) == "ward.wrong_code"
    assert await accounts.first_code() is None
    assert not await accounts.is_empty()
    await sessions.log_in("an@phuong.vn", PASSWORD)


async def test_guessing_a_password_has_to_wait(sessions, hoa, database):
    await hoa()
    await hoa("an@phuong.vn")
    for _ in range(failures.MOST - 1):
        await database.write(lambda c: failures.count(c, "hoa@phuong.vn"))
    assert await code_of(sessions.log_in("hoa@phuong.vn", "sai mật khẩu")) == "ward.wrong_login"
    with pytest.raises(Refused) as refused:
        await sessions.log_in("hoa@phuong.vn", PASSWORD)
    assert refused.value.cause.code == "ward.too_many_attempts"
    assert 14 <= int(refused.value.cause.params["minutes"]) <= 15
    await sessions.log_in("an@phuong.vn", PASSWORD)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await database.write(lambda c: c.execute(update(tables.failures).values(until=past)))
    await sessions.log_in("hoa@phuong.vn", PASSWORD)


async def test_the_right_password_forgives_the_wrong_ones(sessions, hoa, database):
    await hoa()
    for _ in range(failures.MOST - 1):
        await database.write(lambda c: failures.count(c, "hoa@phuong.vn"))
    await sessions.log_in("hoa@phuong.vn", PASSWORD)
    assert await code_of(sessions.log_in("hoa@phuong.vn", "sai mật khẩu")) == "ward.wrong_login"
    await sessions.log_in("hoa@phuong.vn", PASSWORD)
