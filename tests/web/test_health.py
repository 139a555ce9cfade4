import re
from contextlib import suppress
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import FormData
from starlette.routing import Mount, Route

from base.cause import Refused
from devices.device import Echo, EchoState
from rooms.meeting import Actor
from rooms.view import Role
from web.actions import COMMANDS, Fields
from web.app import create_app

LEADER = Actor(Role.LEADER, "Bác Lan")


async def samples(client) -> dict[tuple[str, frozenset], float]:
    text = (await client.get("/metrics")).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def sample(found, name: str, **labels: str) -> float:
    return found[(name, frozenset(labels.items()))]


async def test_health_is_told_without_a_login(house, client):
    answer = await client.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert (told["status"], told["storage"], told["phase"]) == ("ok", "ok", "idle")
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])


async def test_a_house_without_its_database_is_not_well(house, client):
    await house.database.aclose()
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["storage"]) == ("failed", "failed")


async def test_metrics_follow_the_room(house, client):
    before = await samples(client)
    assert sample(before, "avcontrol_phase", phase="idle") == 1
    assert sample(before, "avcontrol_questions", state="waiting") == 0

    await house.room.ask("Khi nào họp?", name="Ông Tư", via="phone", key="1", by=None)
    await house.room.start_meeting(LEADER)
    await client.get("/nowhere")
    after = await samples(client)
    assert sample(after, "avcontrol_phase", phase="live") == 1
    assert sample(after, "avcontrol_phase", phase="idle") == 0
    assert sample(after, "avcontrol_questions", state="waiting") == 1
    assert sample(after, "avcontrol_http_answers_total", status="404") == 1
    assert sample(after, "process_resident_memory_bytes") > 1e6
    assert sample(after, "avcontrol_loop_stall_seconds") >= 0
    assert sample(after, "avcontrol_loop_busy_seconds") >= 0
    assert "Ông Tư" not in (await client.get("/metrics")).text


async def test_every_endpoint_that_is_no_page_is_described(house, client):
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    app = create_app(house.site, preview=None)
    leader = await house.client_as(Role.LEADER)
    for route in app.routes:
        if isinstance(route, Mount) or not isinstance(route, Route):
            continue
        path = route.path_format
        if path == "/do/{action}":
            assert {p.removeprefix("/do/") for p in paths if p.startswith("/do/")} == set(COMMANDS)
        elif "POST" in route.methods:
            schema = paths[path]["post"]["requestBody"]["content"].popitem()[1]["schema"]
            assert "additionalProperties" not in schema, f"the fields of {path} are told"
        elif "get" not in paths.get(path, {}):
            answer = await leader.get(re.sub(r"\{\w+\}", "vi", path), follow_redirects=True)
            assert answer.headers["content-type"].startswith("text/html"), path


class Listening(FormData):
    """A form that notes which of its fields are asked for."""

    def __init__(self, values):
        super().__init__(values)
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)


VALUES = dict.fromkeys(
    ("camera", "token", "hand", "question", "invitation", "guest", "key", "paper"), "x"
)
VALUES |= {"percent": "50", "kind": "camera", "days": "1", "number": "1"}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_has_the_fields_that_are_described(house, client, name):
    described = (await client.get("/api/openapi.json")).json()["paths"][f"/do/{name}"]["post"]
    content = described["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    form = Listening(VALUES)
    with suppress(Refused):  # there is no such guest or question
        await COMMANDS[name](house.room, LEADER, Fields(form))
    assert set(content["properties"]) == form.asked
    assert described["summary"]


async def test_what_is_described_is_so(house, client):
    document = (await client.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for path in (
        "/healthz",
        "/metrics",
        "/api/openapi.json",
        "/qr.svg",
        "/board",
        "/api/board",
        "/board.csv",
    ):
        described = document["paths"][path]["get"]["responses"]["200"]["content"]
        answer = await client.get(path, headers={"Accept": "application/json"})
        assert answer.headers["content-type"].split(";")[0] in described, path
    health = document["components"]["schemas"]["Health"]
    assert set((await client.get("/healthz")).json()) == set(health["required"])
    for name in re.findall(r'"#/components/schemas/(\w+)"', str(document).replace("'", '"')):
        assert name in document["components"]["schemas"]


async def test_the_echo_is_told_where_it_was_measured(house, client):
    unknown = {"state": "measuring", "left": None, "heard": None, "delay": None}
    assert (await client.get("/healthz")).json()["echo"] == unknown
    found = await samples(client)
    assert sample(found, "avcontrol_echo_state", state="ready") == 0
    assert not any(name.startswith("avcontrol_echo_left") for name, _ in found)
    view = house.room.view.value
    house.shows(replace(view, sound=replace(view.sound, echo=Echo(EchoState.READY, -42, -9, 0.18))))
    measured = {"state": "ready", "left": -42, "heard": -9, "delay": 0.18}
    assert (await client.get("/healthz")).json()["echo"] == measured
    found = await samples(client)
    assert sample(found, "avcontrol_echo_state", state="ready") == 1
    assert sample(found, "avcontrol_echo_left_db") == -42
    assert sample(found, "avcontrol_echo_delay_seconds") == 0.18
