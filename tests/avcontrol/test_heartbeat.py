import asyncio

import pytest

from avcontrol import heartbeat
from avcontrol.heartbeat import Heartbeat


async def served(answer: bytes, asked: list[bytes]) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "fresh"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 503 No\r\n\r\n", False), (b"", False)],
)
async def test_only_a_good_answer_is_a_sign_of_life(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, fresh: bool
) -> None:
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.05)
    asked: list[bytes] = []
    server, url = await served(answer, asked)
    heart = Heartbeat(url)
    heart._heard -= heartbeat.FRESH_SECONDS
    assert not heart.fresh()
    task = asyncio.create_task(heart.run())
    async with asyncio.timeout(30):
        while len(asked) < 3 or (fresh and not heart.fresh()):
            await asyncio.sleep(0.02)
    assert heart.fresh() is fresh
    task.cancel()
    server.close()
