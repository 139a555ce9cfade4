"""Whatever is sent to what the OpenAPI description names, by schemathesis: no 500 anywhere, and of
Open311 what is described alone."""

import asyncio
import sys
from pathlib import Path

import pytest

from config.open311 import Open311Key, Open311Section
from rooms.view import Role
from web.access import cookie_name

KEY = "k3y"
PROGRAM = Path(__file__).with_name("whatever.py")


async def send_whatever(url, *more):
    """How many answers had which status."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROGRAM), url, "--key", KEY, *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()[-6_000:]
    counts = said.decode().splitlines()[-1].split()
    return {int(status): int(count) for status, count in (c.split(":") for c in counts)}


@pytest.fixture
def open311(tmp_path):
    file = tmp_path / "city.key"
    file.write_text(KEY)
    return Open311Section(keys=(Open311Key(id="city-app", key_file=file),))


async def test_open311_answers_as_it_is_described(start_house, open311):
    house = await start_house(open311=open311)
    answered = await send_whatever(house.url, "--examples", "6", "--only", "open311")
    assert sum(answered.values()) > 60
    assert {200, 201, 400, 403, 404} <= answered.keys()
    assert len(house.room.view.value.questions) >= 1


@pytest.mark.soak
@pytest.mark.timeout(240)  # every endpoint of the house, on a busy machine
async def test_a_house_never_fails(start_house, open311):
    house = await start_house(open311=open311)
    cookies = []
    for role in (Role.LEADER, Role.TECHNICIAN):
        let_in = await house.access.let_in(role, "Bác Lan")
        cookies.append(f"{cookie_name(role)}={let_in.secret}")
    answered = await send_whatever(house.url, "--examples", "40", "--cookies", "; ".join(cookies))
    assert sum(answered.values()) > 1_500
    assert 500 not in answered
