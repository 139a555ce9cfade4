import asyncio
import json
import logging

import httpx
import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from rooms.view import Role
from web.errors import Errors
from web.request_log import masked
from web.security import CALL_PERMISSIONS, MOST_BODY_BYTES, SmallBodies

QUESTION = {"text": "Khi nào sửa đường ngõ 5?", "key": "1"}


async def talk(port: int, *parts: bytes, pause: float = 0.0, patience: float = 10.0) -> bytes:
    """Send parts over a bare socket; everything that came back until the house closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), patience)
    finally:
        writer.close()


def head(house, *lines: str, method: str = "POST", path: str = "/ask") -> bytes:
    fields = [f"Host: 127.0.0.1:{house.port}", f"Origin: {house.url}", *lines]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *fields, "", ""]).encode()


async def stored(house) -> int:
    return len(house.room.view.value.questions)


# What every answer carries


async def test_every_answer_carries_the_headers(house, client):
    for path in ("/", "/board", "/receipt", "/pair", "/login", "/nowhere", "/healthz", "/qr.svg"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "*" not in policy
        assert f"connect-src 'self' ws://127.0.0.1:{house.port};" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["permissions-policy"] != CALL_PERMISSIONS
        assert headers["cache-control"] == "no-store", path
        assert "server" not in headers


async def test_a_failure_is_told_in_words_with_the_same_headers(house, client, monkeypatch):
    async def broken(read: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house.database, "read", broken)
    page = await client.get("/board")
    assert page.status_code == 500
    assert "cán bộ kỹ thuật" in page.text and "secret detail" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    told = await client.get("/board", headers={"Accept": "application/json"})
    assert told.json()["code"] == "web.failed"


async def test_static_files_are_kept_by_their_content(client):
    page = await client.get("/")
    address = page.text.split('href="/static/ask.css')[1].split('"')[0]
    named = await client.get(f"/static/ask.css{address}")
    assert named.headers["cache-control"] == "max-age=31536000, immutable"
    plain = await client.get("/static/ask.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = await client.get("/static/ask.css", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert (await client.get(path)).status_code == 404


async def test_a_browser_that_gives_up_is_no_failure(house, caplog):
    """A form that was sent twice: the browser breaks the first one off."""
    caplog.set_level(logging.INFO)
    _, line = await asyncio.open_connection("127.0.0.1", house.port)
    head = f"POST /ask HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nOrigin: {house.url}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\ntext="
    line.write((head + form).encode())
    await line.drain()
    line.transport.abort()
    async with asyncio.timeout(20):
        while "POST /ask 499" not in caplog.text:
            await asyncio.sleep(0.02)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# Host


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80", "a:" + "9" * 5000]
)
async def test_another_host_is_refused(client, host):
    answer = await client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "web.unknown_host" in answer.text


async def test_names_of_the_machine_itself_are_answered(house, client):
    for host in (f"localhost:{house.port}", f"LOCALHOST:{house.port}", f"127.0.0.1:{house.port}"):
        assert (await client.get("/", headers={"Host": host})).status_code == 200


async def test_the_public_address_is_answered(start_house):
    house = await start_house(public_url="https://nvh5.example")
    client = house.client()
    host = {"Host": "nvh5.example"}
    assert (await client.get("/", headers=host)).status_code == 200
    good = await client.post(
        "/ask", data=QUESTION, headers={**host, "Origin": "https://nvh5.example"}
    )
    wrong = await client.post(
        "/ask", data=QUESTION, headers={**host, "Origin": "http://nvh5.example"}
    )
    assert (good.status_code, wrong.status_code) == (303, 403)


async def test_behind_a_proxy_cookies_are_for_tls_alone(start_house):
    house = await start_house(public_url="https://nvh5.example", behind_proxy=True)
    headers = {"Host": "nvh5.example", "X-Forwarded-Proto": "https"}
    opened = await house.client().get(house.open_link(Role.LEADER), headers=headers)
    assert "Secure" in opened.headers["set-cookie"]


# Origin


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
    ],
)
async def test_a_foreign_origin_changes_nothing(house, client, origin):
    stated = origin.format(port=house.port)
    answer = await client.post("/ask", data=QUESTION, headers={"Origin": stated})
    assert answer.status_code == 403
    assert "web.foreign_origin" in answer.text
    assert await stored(house) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Referer": "{url}/"}, 303),
        ({"Referer": "http://evil.example/"}, 403),
        ({"Referer": "{url}.evil.example/"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Referer": "{url}/"}, 403),
        ({}, 303),
        ({"Cookie": "av_leader=x"}, 403),
    ],
)
async def test_without_an_origin_other_signs_count(house, headers, status):
    stated = {name: value.format(url=house.url) for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=30) as client:
        answer = await client.post("/ask", data=QUESTION, headers=stated)
    assert answer.status_code == status
    assert await stored(house) == (1 if status == 303 else 0)


async def test_a_foreign_page_opens_no_websocket(house):
    let_in = await house.access.let_in(Role.STAGE, "")
    cookie = {"Cookie": f"av_stage={let_in.secret}"}
    address = f"ws://127.0.0.1:{house.port}/live/stage"
    for origin in (None, "http://evil.example", "null", f"https://127.0.0.1:{house.port}"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(address, origin=origin, additional_headers=cookie)
        assert refused.value.response.status_code == 403
    async with websockets.connect(address, origin=house.url, additional_headers=cookie) as socket:
        assert "regions" in json.loads(await asyncio.wait_for(socket.recv(), 30))


async def test_a_revoked_browser_loses_its_websocket_by_itself(house):
    let_in = await house.access.let_in(Role.STAGE, "")
    async with websockets.connect(
        f"ws://127.0.0.1:{house.port}/live/stage",
        origin=house.url,
        additional_headers={"Cookie": f"av_stage={let_in.secret}"},
    ) as socket:
        await asyncio.wait_for(socket.recv(), 30)
        await house.access.revoke_device(let_in.identity.device_id)
        async with asyncio.timeout(10):
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await socket.recv()


# Bodies


async def test_a_body_too_large_is_told_in_words(house, client):
    answer = await client.post("/ask", data={"text": "x" * (MOST_BODY_BYTES + 1)})
    assert answer.status_code == 413
    assert "rút ngắn" in answer.text
    told = await client.post(
        "/ask",
        data={"text": "x" * (MOST_BODY_BYTES + 1)},
        headers={"Accept": "application/json"},
    )
    assert told.json()["code"] == "web.too_large"


async def test_it_is_told_before_the_rest_arrives(house):
    announced = head(house, "Content-Length: 1000000000")
    answer = await talk(house.port, announced, b"x" * 1000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "rút ngắn".encode() in answer


async def test_a_body_that_announces_no_length_is_cut_off(house):
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    form = "Content-Type: application/x-www-form-urlencoded"
    parts = [head(house, form, "Transfer-Encoding: chunked"), *[chunk] * 40]
    answer = await talk(house.port, *parts)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "rút ngắn".encode() in answer


async def test_a_large_body_that_nobody_reads_is_refused_too(house, client):
    for path in ("/nowhere", "/board"):
        answer = await client.post(path, data={"text": "x" * (MOST_BODY_BYTES + 1)})
        assert answer.status_code == 413


async def test_a_body_of_the_greatest_size_is_read(house, client):
    text = "x" * (MOST_BODY_BYTES - len("text="))
    answer = await client.post("/ask", content=f"text={text}", headers=FORM)
    assert answer.status_code == 422
    assert "feedback.too_long" in answer.text


async def test_files_and_broken_forms_are_refused(house, client):
    upload = await client.post("/login", files={"password": ("x.txt", b"hello")})
    assert upload.status_code == 400
    upload = await client.post("/ask", files={"text": ("x.txt", b"hello")})
    assert upload.status_code == 422, "a file is no text"
    broken = await client.post(
        "/ask",
        content=b"--x\r\nnonsense",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert broken.status_code in {400, 422}
    assert await stored(house) == 0


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# What is written down


async def test_the_log_holds_no_secrets(house, client, caplog):
    caplog.set_level(logging.DEBUG)
    let_in = await client.get(house.open_link(Role.LEADER))
    secret = let_in.headers["set-cookie"].split("=")[1].split(";")[0]
    code = await house.access.create_pairing(Role.STAGE, "")
    await client.get(f"/pair/{code}")
    await client.get("/receipt/K7QM-3XWP-9DTA")
    await client.get("/receipt", params={"code": "K7QM-3XWP-9DTA"})
    await client.get("/board?page=2")
    link = house.access.invitation_link("abc")
    await client.get(link)

    own = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore", "sqlalchemy"))]
    text = "\n".join(record.getMessage() for record in own)
    assert "GET /open/… 303" in text and "GET /join/… " in text and "GET /board 200" in text
    for hidden in (secret, code, "K7QM", link.removeprefix("/join/"), "page=2"):
        assert hidden not in text


def test_a_path_cannot_write_a_line_of_its_own():
    assert masked("/a\nGET /fake 200") == "/a?GET /fake 200"
    assert masked("/join/abc/def\n") == "/join/…"
    assert masked("/h/to-5/join/abc") == "/h/to-5/join/…"
    assert masked("/welcome/K7QM-2ZRT-9DTA") == "/welcome/…"
    assert masked("/calendar/WyJob3VzZSI.abc.ics") == "/calendar/…"
    assert masked("/h/to-5/board") == "/h/to-5/board"
    assert len(masked("/" + "x" * 5000)) <= 200


# Deadlines of bodies, over real sockets


@pytest.fixture
async def hasty(house, serve):
    """A server whose bodies have 0.3 seconds, and one handler that reads them."""

    async def read(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    errors = Errors(house.site.templates)
    inner = Starlette(
        routes=[Route("/", read, methods=["POST"])], exception_handlers=errors.handlers()
    )
    return await serve(SmallBodies(inner, errors, seconds=0.3))


async def test_a_slow_body_is_told_so(hasty):
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    answer = await talk(hasty, request, *[b"a"] * 5, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "gửi lại".encode() in answer


async def test_a_body_in_time_is_read(hasty):
    request = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
    answer = await talk(hasty, request, b"a", b"b", b"c", pause=0.02)
    assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"3")
