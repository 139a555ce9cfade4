"""Cases go to a server of GeoReport v2: one request each, also where its answer was lost.

The server is written for the test after the specification; no GeoReport server is to be had here.
"""

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from base.cause import Cause
from config.targets import Open311Target
from feedback.targets.open311 import MOST_DESCRIPTION, Open311, mark_of
from feedback.targets.target import Event, NotDelivered

BODY = {
    "text": "Cống ngõ 5 tắc",
    "topic": "infrastructure",
    "received_at": "2026-11-25T08:00:00Z",
}


def event(kind="case.received", attempt=1, **body):
    return Event("1f-7", kind, "1f", BODY | body, attempt)


class GeoReport:
    """Keeps what was posted; `lose` makes it store a request and not say so."""

    def __init__(self):
        self.requests = []
        self.forms = []
        self.lose = False
        self.reply = None

    async def post(self, request):
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        self.forms.append(form)
        if self.reply is not None:
            return self.reply
        if form.get("api_key") != "k3y":
            return JSONResponse([{"code": 403, "description": "bad key"}], 403)
        number = str(len(self.requests) + 1)
        self.requests.append({"service_request_id": number, **form})
        if self.lose:
            return Response(status_code=502)
        return JSONResponse([{"service_request_id": number, "service_notice": ""}], 201)

    async def list(self, request):
        wanted = request.query_params["service_code"]
        assert datetime.fromisoformat(request.query_params["start_date"]) < datetime(
            2026, 11, 25, 8, tzinfo=UTC
        )
        return JSONResponse([r for r in self.requests if r["service_code"] == wanted])


@pytest.fixture
async def server():
    report = GeoReport()
    routes = [
        Route("/v2/requests.json", report.post, methods=["POST"]),
        Route("/v2/requests.json", report.list, methods=["GET"]),
    ]
    with socket.create_server(("127.0.0.1", 0)) as bound:
        report.port = bound.getsockname()[1]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off")
        serving = asyncio.create_task(uvicorn.Server(config).serve(sockets=[bound]))
        yield report
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


@pytest.fixture
async def target(server, tmp_path):
    key = tmp_path / "key"
    key.write_text("k3y\n")
    settings = Open311Target(
        kind="open311",
        id="region",
        url=f"http://127.0.0.1:{server.port}/v2",
        key_file=key,
        jurisdiction="phuong.example",
        address="Nhà văn hóa Tổ dân phố 5, Phường Mẫu",
        services={"infrastructure": "002"},
        default_service="099",
    )
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield Open311(settings, client, lambda: datetime.now(UTC))


async def failure(target, told):
    with pytest.raises(NotDelivered) as failed:
        await target.deliver(told)
    return failed.value.cause


async def test_a_request_with_what_the_specification_asks_for(server, target):
    await target.deliver(event())
    (form,) = server.forms
    assert form == {
        "jurisdiction_id": "phuong.example",
        "api_key": "k3y",
        "service_code": "002",
        "address_string": "Nhà văn hóa Tổ dân phố 5, Phường Mẫu",
        "description": f"Cống ngõ 5 tắc\n{mark_of('1f')}",
    }


async def test_a_case_with_a_place_of_its_own(server, target):
    location = {"address": "Đầu ngõ 5", "address_id": None, "lat": 21.0278, "long": 105.8342}
    await target.deliver(event(location=location))
    (form,) = server.forms
    assert (form["address_string"], form["lat"], form["long"]) == (
        "Đầu ngõ 5",
        "21.0278",
        "105.8342",
    )


async def test_a_topic_without_a_service_goes_to_the_default(server, target):
    await target.deliver(event(topic=None))
    await target.deliver(event(topic="other"))
    assert [form["service_code"] for form in server.forms] == ["099", "099"]


async def test_a_long_text_is_cut_and_the_mark_is_not(server, target):
    await target.deliver(event(text="á" * 5_000))
    (form,) = server.forms
    assert len(form["description"]) == MOST_DESCRIPTION
    assert form["description"].endswith(mark_of("1f"))


async def test_a_request_whose_acknowledgement_was_lost_is_not_made_again(server, target):
    server.lose = True
    assert await failure(target, event()) == Cause("delivery.status", status=502)
    server.lose = False
    await target.deliver(event(attempt=2))
    assert len(server.requests) == 1


async def test_one_that_never_arrived_is_made_the_second_time(server, target):
    server.reply = Response(status_code=500)
    await failure(target, event())
    server.reply = None
    await target.deliver(event(attempt=2))
    assert len(server.requests) == 1


async def test_what_it_cannot_be_told_is_not_sent(server, target):
    for kind in ("case.changed", "case.answered", "case.refused"):
        await target.deliver(event(kind))
    assert server.forms == []


async def test_a_wrong_key(server, target, tmp_path):
    (tmp_path / "key").write_text("other")
    assert await failure(target, event()) == Cause("delivery.status", status=403)


@pytest.mark.parametrize("reply", [[], {}, [{"code": 200}], "<html>"])
async def test_an_answer_without_a_number_is_no_acknowledgement(server, target, reply):
    server.reply = Response(reply, 200) if isinstance(reply, str) else JSONResponse(reply)
    assert await failure(target, event()) == Cause("delivery.no_receipt")


async def test_a_key_that_cannot_be_read_sends_nothing(server, target, tmp_path):
    (tmp_path / "key").unlink()
    assert await failure(target, event()) == Cause("delivery.secret")
    assert server.forms == []
