import asyncio
import resource
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import HTTPConnection

from base.cause import Refused
from rooms.meeting import Actor
from rooms.view import Phase, Role
from web.access import cookie_name
from web.tokens import Tokens, load_key

LEADER = Actor(Role.LEADER, "Bác Lan")


def words(response: httpx.Response) -> str:
    return response.text


def code_of(response: httpx.Response) -> str:
    return response.text.split('data-code="')[1].split('"')[0]


def connection(**cookies: str) -> HTTPConnection:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return HTTPConnection(
        {
            "type": "http",
            "headers": [(b"cookie", header.encode())],
            "path": "/",
            "query_string": b"",
        }
    )


# Pairing


async def test_a_code_lets_one_browser_in_once(house):
    code = await house.access.create_pairing(Role.LEADER, "Máy tính bảng bác Lan")
    first, second = house.client(), house.client()

    paired = await first.post("/pair", data={"code": code})
    refused = await second.post("/pair", data={"code": code})

    assert (paired.status_code, paired.headers["location"]) == (303, "/panel")
    cookie = paired.headers["set-cookie"]
    assert cookie.startswith("av_leader=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert (await first.get("/panel")).status_code == 200
    assert refused.status_code == 403
    assert code_of(refused) == "access.wrong_code"
    assert "set-cookie" not in refused.headers


async def test_only_one_of_many_at_once_gets_in(house):
    code = await house.access.create_pairing(Role.LEADER, "")
    answers = await asyncio.gather(
        *(house.client().post("/pair", data={"code": code}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 7


async def test_a_code_may_be_typed_carelessly(house, client):
    code = await house.access.create_pairing(Role.SECRETARY, "")
    paired = await client.post("/pair", data={"code": f" {code.lower().replace('-', ' ')} "})
    assert paired.headers["location"] == "/secretary"


async def test_a_code_expires(house, client):
    code = await house.access.create_pairing(Role.LEADER, "", lasts=timedelta(seconds=-1))
    assert (await client.post("/pair", data={"code": code})).status_code == 403


async def test_looking_at_a_scanned_code_does_not_use_it_up(house, client):
    code = await house.access.create_pairing(Role.STAGE, "")
    for address in (f"/pair/{code}", f"/pair?code={code}"):
        page = await client.get(address)
        assert page.status_code == 200
        assert code in page.text
    assert (await client.post("/pair", data={"code": code})).headers["location"] == "/stage"


async def test_guessing_codes_is_stopped(house, client):
    wrong = [await client.post("/pair", data={"code": f"AAAA-AAA{n}"}) for n in range(2, 9)]
    wrong += [await client.post("/pair", data={"code": "AAAA-BBBB"}) for _ in range(3)]
    assert {answer.status_code for answer in wrong} == {403}

    code = await house.access.create_pairing(Role.LEADER, "")
    stopped = await client.post("/pair", data={"code": code})
    assert stopped.status_code == 429
    assert "phút" in words(stopped)


async def test_after_pairing_one_lands_where_one_wanted_to_go(house, client):
    sent_away = await client.get("/panel/guests")
    assert sent_away.headers["location"] == "/pair?next=/panel/guests"
    code = await house.access.create_pairing(Role.LEADER, "")
    for wanted, reached in (("/panel/guests", "/panel/guests"), ("//evil.example/", "/panel")):
        code = await house.access.create_pairing(Role.LEADER, "")
        paired = await client.post("/pair", data={"code": code, "next": wanted})
        assert paired.headers["location"] == reached


async def test_the_disk_holds_hashes_only(house, tmp_path):
    code = await house.access.create_pairing(Role.LEADER, "")
    let_in = await house.access.let_in(Role.STAGE, "")
    await house.access.set_password("mật khẩu rất dài")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("house-1/house.db*"))
    for secret in (code, code.replace("-", ""), let_in.secret, "mật khẩu rất dài"):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


# Who is it?


async def test_one_browser_may_be_several(house):
    leader = await house.access.let_in(Role.LEADER, "")
    stage = await house.access.let_in(Role.STAGE, "")
    browser = house.client(av_leader=leader.secret, av_stage=stage.secret)
    assert (await browser.get("/panel")).status_code == 200
    assert (await browser.get("/stage")).status_code == 200
    both = connection(av_leader=leader.secret, av_stage=stage.secret)
    assert house.access.identify(both, Role.STAGE, Role.LEADER) == stage.identity


async def test_a_cookie_is_worth_its_own_role_alone(house):
    stage = await house.access.let_in(Role.STAGE, "")
    assert house.access.identify(connection(av_leader=stage.secret), Role.LEADER) is None
    assert house.access.identify(connection(av_stage=stage.secret + "x"), Role.STAGE) is None


async def test_nobody_is_sent_to_pairing_and_a_script_is_told(house, client):
    assert (await client.get("/technician")).headers["location"].startswith("/login?")
    told = await client.get("/panel", headers={"Accept": "application/json"})
    assert told.status_code == 401
    assert told.json()["code"] == "access.pair_first"
    assert "mã ghép máy" in told.json()["message"]


async def test_the_paired_stay_paired_over_a_restart(start_house, tmp_path):
    folder = tmp_path / "kept"
    before = await start_house(folder=folder)
    let_in = await before.access.let_in(Role.LEADER, "")
    await before.stop()

    after = await start_house(folder=folder)
    page = await after.client(av_leader=let_in.secret).get("/panel")
    assert page.status_code == 200


# Revoking


async def test_a_revoked_browser_is_out_at_once(house):
    let_in = await house.access.let_in(Role.LEADER, "Máy cũ")
    browser = house.client(av_leader=let_in.secret)
    assert (await browser.get("/panel")).status_code == 200

    waiting = asyncio.create_task(house.access.until_revoked(let_in.identity))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await house.access.revoke_device(let_in.identity.device_id)

    await asyncio.wait_for(waiting, 30)
    assert (await browser.get("/panel")).status_code == 303
    assert let_in.identity.device_id not in {device.id for device in house.access.paired()}


async def test_another_one_stays(house):
    one, two = (
        await house.access.let_in(Role.LEADER, "1"),
        await house.access.let_in(Role.LEADER, "2"),
    )
    waiting = asyncio.create_task(house.access.until_revoked(two.identity))
    await house.access.revoke_device(one.identity.device_id)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()
    assert house.access.identify(connection(av_leader=two.secret), Role.LEADER) == two.identity


# Links that the daemon makes


async def test_an_open_link_pairs_at_once_and_again(house):
    link = house.open_link(Role.LEADER)
    for _ in range(2):
        browser = house.client()
        opened = await browser.get(link)
        assert (opened.status_code, opened.headers["location"]) == (303, "/panel")
        assert (await browser.get("/panel")).status_code == 200
    devices = len(house.access.paired())
    await browser.get(link)
    assert len(house.access.paired()) == devices


async def test_an_open_link_ends_and_cannot_be_altered(house, client):
    over = house.access.open_link(Role.LEADER, "", until=datetime.now(UTC) - timedelta(seconds=1))
    good = house.access.open_link(Role.STAGE, "", until=datetime.now(UTC) + timedelta(hours=1))
    expired = await client.get(over)
    altered = await client.get(good[:-2] + ("AA" if good[-2:] != "AA" else "BB"))
    assert (expired.status_code, code_of(expired)) == (410, "access.link_expired")
    assert (altered.status_code, code_of(altered)) == (404, "access.link_broken")


async def test_a_token_serves_its_own_purpose_alone(house):
    token = house.access.guest_token("guest-1", 3)
    assert house.access.read_guest_token(token) == ("guest-1", 3)
    with pytest.raises(Refused, match=r"access\.link_broken"):
        house.access.read_invitation(token)
    with pytest.raises(Refused, match=r"access\.link_broken"):
        house.access.read_guest_token(token[:-1])


async def test_the_key_is_made_once_for_the_daemon_alone(tmp_path: Path):
    path = tmp_path / "signing.key"
    key = load_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path) == key
    assert Tokens(key).sign("a", "x") != Tokens(load_key(tmp_path / "other.key")).sign("a", "x")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="0 bytes"):
        load_key(path)


async def test_a_key_that_could_not_be_written_is_made_at_the_next_start(tmp_path: Path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (0, before[1])
    )  # nothing can be written, as on a full disk
    try:
        with pytest.raises(OSError, match="too large"):
            load_key(tmp_path / "signing.key")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(load_key(tmp_path / "signing.key")) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["signing.key"]


# Invitations


async def invite(house, **change) -> str:
    wish = {"expires": datetime.now(UTC) + timedelta(days=1), "lobby": True, **change}
    invitation = await house.room.create_invitation(LEADER, Role.OFFICIAL, "Chị Hoa", **wish)
    return invitation.id


async def test_an_invitation_opens_the_officials_page(house, client):
    page = await client.get(house.access.invitation_link(await invite(house)))
    assert page.status_code == 200
    assert 'data-action="join"' in page.text
    assert "camera=(self)" in page.headers["permissions-policy"]


async def test_a_revoked_invitation_says_so(house, client):
    invitation_id = await invite(house)
    await house.room.revoke_invitation(LEADER, invitation_id)
    page = await client.get(house.access.invitation_link(invitation_id))
    assert (page.status_code, code_of(page)) == (410, "invitation.revoked")
    assert 'data-action="join"' not in page.text


async def test_an_expired_invitation_says_so(house, client):
    invitation_id = await invite(house, expires=datetime.now(UTC) + timedelta(seconds=2))
    await asyncio.sleep(2.2)
    page = await client.get(house.access.invitation_link(invitation_id))
    assert (page.status_code, code_of(page)) == (410, "invitation.expired")
    assert 'data-action="join"' not in page.text


async def test_an_invitation_to_a_meeting_that_is_over_says_so(house, client):
    house.ends_at_once()
    invitation_id = await invite(house)
    await house.room.start_meeting(LEADER)
    assert (await client.get(house.access.invitation_link(invitation_id))).status_code == 200
    await house.room.end_meeting(LEADER)
    async with asyncio.timeout(30):
        while house.room.view.value.phase is not Phase.IDLE:
            await asyncio.sleep(0.05)
    page = await client.get(house.access.invitation_link(invitation_id))
    assert (page.status_code, code_of(page)) == (410, "invitation.other_meeting")


async def test_an_altered_invitation_says_so(client):
    page = await client.get("/join/ImFiYyI.AAAA")
    assert (page.status_code, code_of(page)) == (404, "access.link_broken")


# The technician


async def test_the_technician_logs_in_and_out(house, client):
    await house.access.set_password("câu dễ nhớ của tôi")
    let_in = await client.post("/login", data={"password": "câu dễ nhớ của tôi"})
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/technician")
    cookie = let_in.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Max-Age=43" in cookie
    secret = client.cookies["av_technician"]
    assert (await client.get("/technician")).status_code == 200

    await client.post("/logout")
    stolen = house.client(av_technician=secret)
    assert (await stolen.get("/technician")).status_code == 303


async def test_wrong_passwords_are_counted(house, client):
    await house.access.set_password("câu dễ nhớ của tôi")
    wrong = [await client.post("/login", data={"password": f"sai {n}"}) for n in range(5)]
    assert {answer.status_code for answer in wrong} == {403}
    assert code_of(wrong[0]) == "access.wrong_password"
    stopped = await client.post("/login", data={"password": "câu dễ nhớ của tôi"})
    assert stopped.status_code == 429


async def test_many_guesses_at_once_are_no_more_than_one_after_the_other(house):
    """Also where the right one is among them."""
    await house.access.set_password("câu dễ nhớ của tôi")
    code = await house.access.create_pairing(Role.LEADER, "")
    client = house.client()
    for path, field, right in (
        ("/login", "password", "câu dễ nhớ của tôi"),
        ("/pair", "code", code),
    ):
        wrong = [asyncio.create_task(client.post(path, data={field: f"{n}"})) for n in range(20)]
        await asyncio.sleep(0)
        answers = [*await asyncio.gather(*wrong, client.post(path, data={field: right}))]
        assert {answer.status_code for answer in answers} == {403, 429}


async def test_a_session_ends_by_itself(house, monkeypatch):
    monkeypatch.setattr("web.access.SESSION_LASTS", timedelta(seconds=2))
    let_in = await house.access.let_in(Role.TECHNICIAN, "")
    here = connection(av_technician=let_in.secret)
    assert house.access.identify(here, Role.TECHNICIAN) == let_in.identity
    await asyncio.wait_for(house.access.until_revoked(let_in.identity), 30)
    assert house.access.identify(here, Role.TECHNICIAN) is None


async def test_a_new_password_ends_every_other_session(house):
    await house.access.set_password("câu dễ nhớ của tôi")
    one = await house.client_as(Role.TECHNICIAN)
    two = await house.client_as(Role.TECHNICIAN)
    short = await one.post("/password", data={"password": "ngắn"})
    assert (short.status_code, code_of(short)) == (422, "access.password_too_short")

    changed = await one.post("/password", data={"password": "một câu khác hẳn"})
    assert changed.headers["location"] == "/technician"
    assert (await one.get("/technician")).status_code == 200
    assert (await two.get("/technician")).status_code == 303
    with pytest.raises(Refused, match=r"access\.wrong_password"):
        await house.access.log_in("câu dễ nhớ của tôi")


async def test_the_first_code_brings_the_technician_in(house, client):
    told = await client.post("/login", data={"password": "gì cũng được"})
    assert code_of(told) == "access.no_password"
    other = await house.access.create_pairing(Role.TECHNICIAN, "Máy của anh Tư")
    older, code = await house.access.first_code(), await house.access.first_code()
    assert code is not None
    told = await client.post("/pair", data={"code": older})
    assert code_of(told) == "access.wrong_code", "that of an earlier start"
    assert (await client.post("/pair", data={"code": other})).status_code == 303
    let_in = await client.post("/pair", data={"code": code})
    assert let_in.headers["location"] == "/technician"
    await client.post("/password", data={"password": "câu dễ nhớ của tôi"})
    assert await house.access.first_code() is None


async def test_a_leader_is_no_technician(house):
    leader = await house.client_as(Role.LEADER)
    assert (await leader.get("/password")).status_code == 303
    refused = await leader.post("/password", data={"password": "tôi muốn đổi mật khẩu"})
    assert refused.status_code == 401
    assert not await house.access.has_password()


async def test_housekeeping_stores_who_was_seen(house, monkeypatch):
    monkeypatch.setattr("web.access._HOUSEKEEPING_SECONDS", 0.05)
    let_in = await house.access.let_in(Role.LEADER, "")
    await asyncio.sleep(0.02)
    house.access.identify(connection(av_leader=let_in.secret), Role.LEADER)
    keeping = asyncio.create_task(house.access.run())
    async with asyncio.timeout(30):
        while True:
            (device,) = await house.access._store.devices()
            if device.seen_at > device.paired_at:
                break
            await asyncio.sleep(0.02)
    keeping.cancel()


def test_every_role_has_a_cookie_of_its_own():
    assert len({cookie_name(role) for role in Role}) == len(Role)
