"""Tells that a media path has died, in the place of aioice's own consent checks.

Those take half a minute, and forget an answer that was half a second on its way. Here the browser
is asked as well, but whatever comes from it counts, so that a slow line full of sound is no dead
one. A path that died is closed, and aiortc says so: `failed`.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from aioice.stun import Class, Message

from rooms.media.stun import NUMBER_BYTES, Request

ASK_SECONDS: Final = 0.7
"""RFC 7675."""
AGAIN_SECONDS: Final = 0.35
"""After which a question is asked once more, where there is no answer."""
SILENT_SECONDS: Final = 2.7
"""A path by which nothing came for so long is dead, whoever keeps sending into it."""
_MOST_UNANSWERED: Final = 20
_LOOK_AGAIN_SECONDS: Final = 0.1
"""A house that was held up itself finds what arrived meanwhile."""


def watch_path(ice: Any) -> "Pulse":
    """To be called before `ice`, an aioice connection, connects."""
    pulse = Pulse(ice)
    ice.data_received = pulse.take
    ice.query_consent = pulse.watch
    return pulse


class Pulse:
    def __init__(self, ice: Any) -> None:
        self.on_answer: Callable[[float], None] = lambda _: None
        """Told how many seconds a question and its answer took."""
        self._ice = ice
        self._loop = asyncio.get_running_loop()
        self._heard = 0.0
        self._questions: deque[_Question] = deque()
        self._request: Request | None = None
        self._controlling = False
        self._pass_on = ice.data_received

    def take(self, data: bytes, component: int) -> None:
        self._heard = self._loop.time()
        self._pass_on(data, component)

    async def watch(self) -> None:
        """Runs once the path is there; aioice cancels it where the connection is closed."""
        self._heard = self._loop.time()
        try:
            while self._left() > 0:
                self.ask()
                await asyncio.sleep(min(AGAIN_SECONDS, self._left()))
                if self._questions:
                    self._questions[-1].send()
                await asyncio.sleep(min(ASK_SECONDS - AGAIN_SECONDS, self._left()))
                if self._left() <= 0:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        finally:
            while self._questions:
                self._questions.popleft().forget()
        self._ice._query_consent_task = None  # closing would wait for it, which is us
        await self._ice.close()

    def _left(self) -> float:
        """Seconds until it is dead; negative where it is."""
        return self._heard + SILENT_SECONDS - self._loop.time()

    @property
    def heard(self) -> float:
        """When something came last, by the loop's clock."""
        return self._heard

    @property
    def unanswered(self) -> list[float]:
        """When each was asked since the last that was answered, by the loop's clock."""
        return [question.asked for question in self._questions]

    def ask(self) -> None:
        """Whether the browser is there, now."""
        if not self._ice._nominated:
            return  # it is closed already
        request = self._to_ask()
        for pair in self._ice._nominated.values():
            question = _Question(self, pair, request, self._loop.time())
            self._questions.append(question)
            question.send()
        while len(self._questions) > _MOST_UNANSWERED:
            self._questions.popleft().forget()

    def _to_ask(self) -> Request:
        ice = self._ice
        if self._request is None or self._controlling is not ice.ice_controlling:
            (pair, *_) = ice._nominated.values()
            message = bytes(ice.build_request(pair, nominate=False))
            self._request = Request(message[20:], ice.remote_password.encode())
            self._controlling = ice.ice_controlling
        return self._request

    def answered(self, question: "_Question") -> None:
        """What was asked before it is of no interest any more."""
        self._heard = self._loop.time()
        while self._questions:
            earlier = self._questions.popleft()
            earlier.forget()
            if earlier is question:
                break
        self.on_answer(self._heard - question.asked)


class _Question:
    """Stands in the place of a transaction of aioice's, without its task."""

    def __init__(self, pulse: Pulse, pair: Any, request: Request, asked: float) -> None:
        self.asked = asked
        self._pulse = pulse
        self._protocol = pair.protocol
        self._address = pair.remote_addr
        self._key = pulse._ice.remote_password.encode()
        self._number = os.urandom(NUMBER_BYTES)
        self._data = request.numbered(self._number)
        self._protocol.transactions[self._number] = self

    def send(self) -> None:
        with suppress(OSError, RuntimeError, AttributeError):  # closed: uvloop's is no OSError
            self._protocol.transport.sendto(self._data, self._address)

    def response_received(self, message: Message, address: tuple[str, int]) -> None:
        """Called by aioice."""
        if message.message_class is Class.RESPONSE and message.check_message_integrity(self._key):
            self._pulse.answered(self)

    def forget(self) -> None:
        self._protocol.transactions.pop(self._number, None)
