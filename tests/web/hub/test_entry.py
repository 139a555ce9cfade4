from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ward.accounts import AccountRole
from web.hub.access import COOKIE
from web.hub.entry import OPEN

PASSWORD = "chín con voi đi chợ"


def logged_in(response: httpx.Response) -> bool:
    return response.status_code == 303 and COOKIE in response.cookies


async def test_the_first_account_is_made_with_the_code_from_the_log(hub):
    browser = hub.client()
    assert (await browser.get("/login")).headers["location"] == "/welcome"
    form = {"login": "an@phuong.example", "name": "Nguyễn Văn An", "password": PASSWORD}
    wrong = await browser.post("/welcome", data={**form, "code": "K7QM-2ZRT-9DTA"})
    assert wrong.status_code == 403
    assert 'data-code="ward.wrong_code"' in wrong.text
    assert "Nguyễn Văn An" in wrong.text
    assert PASSWORD not in wrong.text
    code = await hub.site.accounts.first_code()
    made = await browser.post("/welcome", data={**form, "code": code})
    assert logged_in(made)
    assert made.headers["location"] == "/houses"
    assert (await browser.get("/accounts")).status_code == 200
    assert await hub.site.accounts.first_code() is None


async def test_an_invited_official_sets_a_password_and_logs_in_with_it(hub, admin):
    shown = await admin.post(
        "/accounts",
        data={"login": "hoa@phuong.example", "name": "Trần Thị Hoa", "role": "official"},
    )
    code = shown.text.split('data-value="account-code">')[1].split("<")[0]
    browser = hub.client()
    page = await browser.get(f"/welcome/{code}")
    assert f'value="{code}"' in page.text
    short = await browser.post("/welcome", data={"code": code, "password": "ngắn"})
    assert (short.status_code, COOKIE in short.cookies) == (422, False)
    assert logged_in(await browser.post("/welcome", data={"code": code, "password": PASSWORD}))
    assert (await browser.get("/houses")).status_code == 200
    again = hub.client()
    assert not logged_in(await again.post("/welcome", data={"code": code, "password": PASSWORD}))
    form = {"login": "HOA@phuong.example", "password": PASSWORD, "next": "/houses/to-5"}
    back = await again.post("/login", data=form)
    assert back.headers["location"] == "/houses/to-5"


async def test_a_wrong_password_and_a_way_back_that_leads_elsewhere(hub):
    await hub.client_as(AccountRole.OFFICIAL)
    browser = hub.client()
    form = {"login": "official@phuong.example", "password": "sai rồi, sai rồi"}
    wrong = await browser.post("/login", data=form)
    assert wrong.status_code == 403
    assert 'data-code="ward.wrong_login"' in wrong.text
    form = {**form, "password": PASSWORD, "next": "//evil.example"}
    assert (await browser.post("/login", data=form)).headers["location"] == "/houses"


async def test_guessing_from_one_address_has_to_wait(hub):
    await hub.client_as(AccountRole.OFFICIAL)
    browser = hub.client()
    for number in range(5):
        form = {"login": f"ai{number}@phuong.example", "password": "sai rồi, sai rồi"}
        assert (await browser.post("/login", data=form)).status_code == 403
    form = {"login": "official@phuong.example", "password": PASSWORD}
    refused = await browser.post("/login", data=form)
    assert refused.status_code == 429
    assert 'data-code="web.slow_down"' in refused.text


async def test_the_cookie_is_not_for_scripts_and_log_out_ends_the_session(hub):
    await hub.client_as(AccountRole.OFFICIAL)
    browser = hub.client()
    form = {"login": "official@phuong.example", "password": PASSWORD}
    cookie = (await browser.post("/login", data=form)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    stolen = hub.client(**{COOKIE: browser.cookies[COOKIE]})
    assert (await stolen.get("/houses")).status_code == 200
    assert (await browser.post("/logout")).headers["location"] == "/login"
    assert (await stolen.get("/houses")).headers["location"] == "/login?next=/houses"


@pytest.mark.parametrize("path", ["/houses", "/houses/to-5", "/accounts"])
async def test_pages_of_the_staff_are_for_the_staff(hub, path):
    await hub.secret_of(AccountRole.ADMIN)
    stranger = hub.client()
    assert (await stranger.get(path)).headers["location"] == f"/login?next={path}"
    asked = await stranger.get(path, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (401, "ward.log_in_first")


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        (AccountRole.OFFICIAL, "/accounts", False),
        (AccountRole.TECHNICIAN, "/accounts", False),
        (AccountRole.OFFICIAL, "/houses", False),
        (AccountRole.HANDLER, "/houses", False),
        (AccountRole.TECHNICIAN, "/houses", True),
        (AccountRole.ADMIN, "/houses", True),
    ],
)
async def test_what_each_role_may_do(hub, role, path, allowed):
    browser = await hub.client_as(role)
    form = {"id": "to-5", "name": "Nhà văn hóa", "login": "a@b.example", "role": "admin"}
    response = await browser.post(path, data=form)
    assert response.status_code == (200 if allowed else 403)
    assert bool(await hub.site.houses.all()) is allowed
    assert len(await hub.site.accounts.all()) == 1


async def test_another_site_cannot_act_for_an_admin(hub, admin):
    form = {"id": "to-5", "name": "Nhà văn hóa"}
    for headers in [{"Origin": "https://evil.example"}, {"Origin": "null"}]:
        refused = await admin.post("/houses", data=form, headers=headers)
        assert refused.status_code == 403
    del admin.headers["Origin"]
    assert (await admin.post("/houses", data=form)).status_code == 403
    assert await hub.site.houses.all() == ()
    other = await admin.get("/houses", headers={"Host": "evil.example"})
    assert other.status_code == 421


async def test_an_account_is_closed_and_opened_again(hub, admin):
    browser = await hub.client_as(AccountRole.OFFICIAL)
    accounts = {account.role: account for account in await hub.site.accounts.all()}
    path = f"/accounts/{accounts['official'].id}"
    assert (await admin.post(f"{path}/log-out")).status_code == 303
    assert (await browser.get("/houses")).status_code == 303
    assert (await admin.post(f"{path}/close")).status_code == 303
    assert "Đã khóa" in (await admin.get("/accounts")).text
    assert 'data-value="account-code"' in (await admin.post(f"{path}/code")).text
    assert "Đã khóa" not in (await admin.get("/accounts")).text
    last = await admin.post(f"/accounts/{accounts['admin'].id}/close")
    assert last.status_code == 409
    assert 'data-code="ward.last_admin"' in last.text


async def test_who_comes_to_the_bare_address(hub, admin):
    assert (await admin.get("/")).headers["location"] == "/houses"
    page = await hub.client().get("/")
    assert 'href="/login"' in page.text
    english = await hub.client(lang="en").get("/")
    assert "Log in" in english.text


async def test_health_says_nothing_of_the_houses(hub):
    await hub.site.houses.invite("to-5", "Nhà văn hóa")
    told = await hub.client().get("/healthz")
    assert told.status_code == 200
    assert set(told.json()) == {"status", "version", "storage"}
    figures = await hub.client().get("/metrics")
    assert figures.status_code == 401
    assert "to-5" not in figures.text


async def test_a_link_of_the_command_line_lets_the_first_admin_in(hub):
    accounts, tokens = hub.site.accounts, hub.site.tokens
    soon = datetime.now(UTC) + timedelta(minutes=1)
    nobody = await hub.client().get(f"/open/{tokens.sign(OPEN, 'admin', until=soon)}")
    assert (nobody.headers["location"], COOKIE in nobody.cookies) == ("/welcome", False)
    for name, role in [("Bà Hoa", AccountRole.OFFICIAL), ("Ông An", AccountRole.ADMIN)]:
        await accounts.create(f"{role.value}@phuong.example", name, role)
    browser = hub.client()
    assert logged_in(await browser.get(f"/open/{tokens.sign(OPEN, 'admin', until=soon)}"))
    assert (await browser.get("/accounts")).status_code == 200
    past = datetime.now(UTC) - timedelta(minutes=1)
    for token in (
        tokens.sign(OPEN, "admin", until=past),
        tokens.sign(OPEN, "official", until=soon),
        tokens.sign("guest", "admin", until=soon),
    ):
        assert not logged_in(await hub.client().get(f"/open/{token}"))
