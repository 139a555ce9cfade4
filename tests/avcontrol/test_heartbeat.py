import asyncio

import pytest

from avcontrol import heartbeat
from avcontrol.heartbeat import Heartbeat


async def served(answer: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
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
    monkeypatch.setattr(heartbeat, "FRESH_SECONDS", 0.5)
    server, url = await served(answer)
    heart = Heartbeat(url)
    task = asyncio.create_task(heart.run())
    await asyncio.sleep(0.8)
    assert heart.fresh() is fresh
    task.cancel()
    server.close()
