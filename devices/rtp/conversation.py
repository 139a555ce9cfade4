"""Questions and answers of one RTSP connection, and the login that they need.

What comes between them is handed to whoever extends it.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from devices.rtp.login import Challenge, authorization, strongest
from devices.rtp.messages import Interleaved, Message, MessageReader, UnreadableError

_BODY_SECONDS: Final = 1.5
"""For the rest of an answer that says it is longer than what came."""
_MOST_CHALLENGES: Final = 4
UNAUTHORIZED: Final = 401


class RefusedError(Exception):
    """An answer that is not OK."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class MovedError(Exception):
    """The camera says that it is to be asked elsewhere."""

    def __init__(self, address: str) -> None:
        super().__init__("moved")
        self.address = address


class LostError(Exception):
    """The connection has ended."""


@dataclass(frozen=True, slots=True)
class Login:
    user: str = ""
    password: str = ""
    plain: bool = True
    """The password itself may be told, where the camera asks for that."""


class Conversation(asyncio.Protocol):
    def __init__(self, login: Login) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Never has a result. Raises what ended it: LostError, UnreadableError, or what was raised
        by whoever takes what comes."""
        self.session = ""
        """Goes with each question once the camera has given it."""
        self.transport: asyncio.Transport | None = None
        self._login = login
        self._reader = MessageReader()
        self._came_at = 0.0
        self._count = 0
        self._asked: dict[int, asyncio.Future[Message]] = {}
        self._challenge: Challenge | None = None

    @property
    def has_login(self) -> bool:
        return bool(self._login.user)

    def take_interleaved(self, packet: Interleaved, now: float) -> None:
        """Of what comes on the same line."""
        raise NotImplementedError

    async def ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Message:
        """Raises RefusedError, MovedError and LostError."""
        fresh = False
        for _ in range(_MOST_CHALLENGES):
            answer = await self._exchange(method, url, headers or {})
            if answer.status != UNAUTHORIZED:
                break
            challenge = strongest(answer.challenges, plain=self._login.plain)
            if challenge is None or not self._login.user or (fresh and not challenge.stale):
                raise RefusedError(UNAUTHORIZED)
            fresh, self._challenge = not challenge.stale, challenge
        location = answer.headers.get("location", "")
        if 300 <= answer.status < 400 and location:
            raise MovedError(location)
        if answer.status != 200:
            raise RefusedError(answer.status)
        return answer

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str]) -> Message:
        asked: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        if self.ended.done():
            raise LostError
        number = self.send(method, url, headers)
        self._asked[number] = asked
        try:
            while True:
                done, _ = await asyncio.wait({asked}, timeout=_BODY_SECONDS)
                if done:
                    return asked.result()
                quiet = time.monotonic() - self._came_at > _BODY_SECONDS / 2
                if quiet and (cut_short := self._reader.give_up_body()) is not None:
                    self._heard(cut_short)
        finally:
            self._asked.pop(number, None)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> int:
        self._count += 1
        said = {"CSeq": str(self._count), "User-Agent": "avcontrol", **headers}
        if self.session:
            said["Session"] = self.session
        if self._challenge is not None:
            said["Authorization"] = authorization(
                self._challenge, self._login.user, self._login.password, method, url
            )
        lines = [f"{method} {url} RTSP/1.0", *(f"{name}: {value}" for name, value in said.items())]
        self.write("\r\n".join(lines) + "\r\n\r\n")
        return self._count

    def write(self, text: str) -> None:
        if self.transport is not None:
            self.transport.write(text.encode())

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        now = self._came_at = time.monotonic()
        try:
            for item in self._reader.feed(data):
                if isinstance(item, Interleaved):
                    self.take_interleaved(item, now)
                else:
                    self._heard(item)
        except UnreadableError as error:
            self.fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        self.fail(LostError())

    def _heard(self, message: Message) -> None:
        if message.method:
            self._answer(message)
            return
        if message.status < 200:
            return  # the answer is yet to come
        number = message.number("cseq")
        if number not in self._asked:  # some cameras count in their own way
            number = next(iter(self._asked), None)
        if number is not None:
            asked = self._asked.pop(number)
            if not asked.done():
                asked.set_result(message)

    def _answer(self, request: Message) -> None:
        """What a camera asks of its viewer is whether he is there."""
        known = request.method in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER")
        status = "200 OK" if known else "501 Not Implemented"
        self.write(f"RTSP/1.0 {status}\r\nCSeq: {request.headers.get('cseq', '0')}\r\n\r\n")

    def fail(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)
            self.ended.exception()  # seen, so that asyncio does not complain about it
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(error)
                asked.exception()
        self._asked.clear()
