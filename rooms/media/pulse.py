"""Tells that a media path has died, in the place of aioice's own consent checks.

Those take half a minute, and forget an answer that was half a second on its way. Here the browser
is asked as well, but whatever comes from it counts, so that a slow line full of sound is no dead
one. A path that died is closed, and aiortc says so: `failed`.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

from aioice.stun import TransactionError

ASK_SECONDS: Final = 0.7
"""RFC 7675."""
SILENT_SECONDS: Final = 2.7
"""A path by which nothing came for so long is dead, whoever keeps sending into it."""
_LOOK_AGAIN_SECONDS: Final = 0.1
"""A house that was held up itself finds what arrived meanwhile."""


def watch_path(ice: Any) -> None:
    """To be called before `ice`, an aioice connection, connects."""
    pulse = _Pulse(ice)
    ice.data_received = pulse.take
    ice.query_consent = pulse.watch


class _Pulse:
    def __init__(self, ice: Any) -> None:
        self._ice = ice
        self._loop = asyncio.get_running_loop()
        self._heard = 0.0
        self._asking: set[asyncio.Task[None]] = set()
        self._pass_on = ice.data_received

    def take(self, data: bytes, component: int) -> None:
        self._heard = self._loop.time()
        self._pass_on(data, component)

    async def watch(self) -> None:
        """Runs once the path is there; aioice cancels it where the connection is closed."""
        self._heard = self._loop.time()
        try:
            while (left := self._heard + SILENT_SECONDS - self._loop.time()) > 0:
                self._ask()
                await asyncio.sleep(min(ASK_SECONDS, left))
                if self._loop.time() >= self._heard + SILENT_SECONDS:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        finally:
            for task in self._asking:
                task.cancel()
        self._ice._query_consent_task = None  # closing would wait for it, which is us
        await self._ice.close()

    def _ask(self) -> None:
        for pair in self._ice._nominated.values():
            task = asyncio.ensure_future(self._consent(pair))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _consent(self, pair: Any) -> None:
        request = self._ice.build_request(pair, nominate=False)
        key = self._ice.remote_password.encode()
        with suppress(TransactionError, OSError):
            await pair.protocol.request(
                request, pair.remote_addr, integrity_key=key, retransmissions=1
            )
            self._heard = self._loop.time()
