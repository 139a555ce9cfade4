"""A telephone that asks: HTTP/1.1 (RFC 9112) over a connection of its own, and nothing that it does
not need, so that a thousand of them in one process do not wait for each other.

    async with Phone(host, port) as phone:
        answer = await phone.post("/ask", text="Bao giờ sửa đèn?", key=key)
        receipt = answer.json()["receipt"]
"""

import asyncio
import json
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlencode

_JSON: Final = "application/json"


class Answer(NamedTuple):
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Phone:
    """Raises OSError and EOFError where the line breaks; a new one may be made then. A line that
    was kept and that the house has closed meanwhile is made anew once, as browsers do (RFC 9112,
    9.3.1); what is sent here may be sent twice."""

    def __init__(self, host: str, port: int, **headers: str) -> None:
        self._host, self._port = host, port
        stated = {"Host": f"{host}:{port}", **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in stated.items())
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._kept = False
        """Something was asked over this line before."""

    async def connect(self) -> None:
        self._kept = False
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def get(self, path: str, *, accept: str = _JSON) -> Answer:
        head = f"GET {path} HTTP/1.1\r\n{self._headers}Accept: {accept}\r\n\r\n"
        return await self._ask(head.encode())

    async def post(self, path: str, **form: str) -> Answer:
        body = urlencode(form).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._headers}Accept: {_JSON}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return await self._ask(head.encode() + body)

    async def _ask(self, request: bytes) -> Answer:
        try:
            answer = await self._ask_once(request)
        except (OSError, EOFError):
            if not self._kept:
                raise
            self.close()
            await self.connect()
            answer = await self._ask_once(request)
        self._kept = True
        return answer

    async def _ask_once(self, request: bytes) -> Answer:
        assert self._reader is not None and self._writer is not None
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self._reader.readexactly(int(fields.get("content-length", 0)))
        return Answer(int(head[0].split(" ", 2)[1]), body)
