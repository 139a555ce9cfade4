"""What machines ask of a hub, and who may read how much."""

from dataclasses import replace

import httpx
import pytest
import websockets
from prometheus_client.parser import text_string_to_metric_families

from config.ward import MetricsSection
from feedback.outbox import Parcel, put
from ward.accounts import AccountRole
from web.hub.app import create_hub_app


def samples(text):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_anybody_may_ask_whether_it_is_well_and_learns_nothing_else(hub, link_house):
    await link_house(hub)
    told = (await hub.client().get("/healthz")).json()
    assert told.pop("version")
    assert told == {"status": "ok", "storage": "ok"}


async def test_figures_are_for_the_admin_and_for_nobody_else_who_is_logged_in(hub):
    refused = await hub.client().get("/metrics")
    assert (refused.status_code, refused.content) == (401, b"")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    for shown in ("Bearer", "Bearer guess", "Basic guess"):
        answer = await hub.client().get("/metrics", headers={"Authorization": shown})
        assert answer.status_code == 401
    technician = await hub.client_as(AccountRole.TECHNICIAN)
    assert (await technician.get("/metrics")).status_code == 403
    admin = await hub.client_as(AccountRole.ADMIN)
    assert (await admin.get("/metrics")).status_code == 200


async def test_figures_follow_the_houses(hub, admin, link_house):
    linked = await link_house(hub)
    await hub.site.houses.invite("to-9", "Tổ 9")
    await hub.database.write(lambda c: put(c, "to-9", Parcel("case-1", "case", {})))
    await hub.client().get("/h/to-5/nowhere")
    found = samples((await admin.get("/metrics")).text)
    assert found["avcontrol_hub_links",] == 1
    assert found["avcontrol_hub_houses", "linked"] == 1
    assert found["avcontrol_hub_houses", "expected"] == 1
    assert found["avcontrol_hub_open_channels", "to-5"] == 0
    assert 0 < found["avcontrol_hub_link_round_trip_seconds", "to-5"] < 3
    assert found["avcontrol_hub_outbox", "to-9"] == 1
    assert found["avcontrol_hub_alerts",] == 0
    assert found["avcontrol_http_answers_total", "404"] == 1
    assert found["process_resident_memory_bytes",] > 1e6
    url = hub.url.replace("http", "ws", 1) + "/h/to-5/ws/call"
    async with websockets.connect(url, origin=hub.url, proxy=None):
        found = samples((await admin.get("/metrics")).text)
        assert found["avcontrol_hub_open_channels", "to-5"] == 1
    await linked.hang_up()
    await hub.until("to-5", lambda house: house.linked_at is None)
    found = samples((await admin.get("/metrics")).text)
    assert found["avcontrol_hub_links",] == 0
    assert found["avcontrol_hub_houses", "away"] == 1


@pytest.fixture
async def scraped(hub, tmp_path):
    """The hub with a token for a machine."""
    token = tmp_path / "metrics.token"
    token.write_text("s3cret-token\n")
    settings = hub.site.settings.model_copy(update={"metrics": MetricsSection(token_file=token)})
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_hub_app(replace(hub.site, settings=settings))),
        base_url="http://127.0.0.1:8090",
    )


async def test_a_machine_shows_its_token(scraped):
    async with scraped as machine:
        shown = {"Authorization": "Bearer s3cret-token"}
        assert "avcontrol_hub_links" in (await machine.get("/metrics", headers=shown)).text
        wrong = {"Authorization": "Bearer s3cret-tokem"}
        assert (await machine.get("/metrics", headers=wrong)).status_code == 401


async def test_without_its_database_the_process_tells_what_it_knows(scraped, hub):
    await hub.database.aclose()
    async with scraped as machine:
        shown = {"Authorization": "Bearer s3cret-token"}
        text = (await machine.get("/metrics", headers=shown)).text
        assert "avcontrol_hub_links" in text
        assert "avcontrol_hub_houses" not in text
        assert (await machine.get("/healthz")).status_code == 503
