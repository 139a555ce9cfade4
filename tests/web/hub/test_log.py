"""What a hub and its house write down, at their most talkative: nothing in it lets anybody in."""

import logging
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from rooms.meeting import Actor
from rooms.view import Role
from ward.accounts import AccountRole
from web.calendar import calendar_path
from web.hub.access import COOKIE
from web.hub.entry import OPEN

LEADER = Actor(Role.LEADER, "Bác Lan")
PASSWORD = "bảy con mèo leo cau"
OTHERS = ("httpx", "httpcore", "sqlalchemy", "websockets.client")
"""Who asks here, and what is silent where a daemon runs, at INFO."""


@pytest.fixture
def log(caplog):
    """All that was logged by then, as one text."""
    caplog.set_level(logging.DEBUG)

    def text():
        own = [r for r in caplog.records if not r.name.startswith(OTHERS)]
        return "\n".join(record.getMessage() for record in own)

    return text


async def test_no_token_no_key_and_no_code_is_in_it(hub, start_hub, link_house, log):
    secrets = {}
    linked = await link_house(hub)
    secrets["key of the link"] = linked.key
    secrets["key of the link, as it is sent"] = b64encode(f"to-5:{linked.key}".encode()).decode()

    somebody = hub.client()
    _, code = await hub.site.accounts.create("an@phuong.vn", "Nguyễn Văn An", AccountRole.ADMIN)
    secrets["code of an account"], secrets["password"] = code, PASSWORD
    await somebody.get(f"/welcome/{code}")
    form = {"code": code, "password": PASSWORD}
    assert (await somebody.post("/welcome", data=form)).status_code == 303
    form = {"login": "an@phuong.vn", "password": PASSWORD}
    opened = await somebody.post("/login", data=form)
    secrets["session"] = opened.cookies[COOKIE]

    code = await hub.site.houses.invite("to-6", "Tổ 6")
    enrolled = await somebody.post("/api/enrol", json={"code": code})
    secrets["code of a house"], secrets["key of a house"] = code, enrolled.json()["key"]

    until = datetime.now(UTC) + timedelta(hours=1)
    token = hub.site.tokens.sign(OPEN, AccountRole.ADMIN.value, until=until)
    secrets["link of the command line"] = token
    secrets["the session that it opened"] = (await hub.client().get(f"/open/{token}")).cookies[
        COOKIE
    ]

    receipt = await hub.site.desk("to-5").ask("Đèn hỏng?", name="Bà Năm", key="")
    secrets["receipt"] = receipt.code
    await somebody.get(f"/h/to-5/receipt/{receipt.code}")
    await somebody.get("/h/to-5/receipt", params={"code": receipt.code})
    secrets["calendar"] = calendar_path(hub.site.tokens, "to-5").split("/")[2]
    await somebody.get(f"/calendar/{secrets['calendar']}")

    official = await hub.client_as(AccountRole.OFFICIAL)
    made = await official.post(
        "/houses/to-5/invitations", data={"whom": "official", "name": "Bà Chi", "days": "1"}
    )
    (invitation,) = await linked.house.room.standing_invitations()
    link = linked.house.access.invitation_link(invitation.id)
    secrets["invitation"] = link.rpartition("/")[2]
    own = (await official.post("/houses/to-5/come")).headers["location"]
    secrets["his own invitation"] = own.rpartition("/")[2]
    assert (await official.get(made.headers["location"])).status_code == 200
    other = await start_hub(database=hub.database)
    for client in (somebody, other.client()):
        assert (await client.get(f"/h/to-5{link}")).status_code == 200
    secrets["key of a process"] = "k" * 40

    written = log()
    for line in (
        "GET /welcome/… 200",
        "GET /open/… 303",
        "GET /h/to-5/receipt/… ",
        "GET /calendar/… 200",
        "GET /h/to-5/join/… 200",
        "POST /api/enrol 201",
    ):
        assert line in written, line
    assert [what for what, secret in secrets.items() if secret in written] == []
