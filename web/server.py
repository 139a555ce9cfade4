"""uvicorn as one task among the daemon's others: no signal handlers, a quick stop, deadlines.

    server = WebServer(app, settings.web)
    server.bind()                          # Refused where the port is taken
    group.create_task(server.run())        # cancel it to stop

uvicorn waits for ever for the rest of a header, and for a reader who does not read; the protocol
here does not. Deadlines of bodies are in `web.security`, where they can still be told in words.
"""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Generator, Sequence
from typing import Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from base.cause import Refused
from config.settings import ServerSection
from web import photos
from web.security import BODY_SECONDS, UPLOAD_SECONDS

HEADER_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 30
UNREAD_SECONDS: Final = 30.0
"""So long may a reader leave an answer standing in the buffers."""

_DRAIN_SECONDS: Final = 2
_STOP_SECONDS: Final = 3.0
_MOST_CONNECTIONS: Final = 3000
_MOST_MESSAGE_BYTES: Final = 64 * 1024
_BACKLOG: Final = 512

logger = logging.getLogger(__name__)


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which closes a connection that keeps us waiting."""

    header_seconds = HEADER_SECONDS
    body_seconds = BODY_SECONDS + 5.0
    """A little more than the application allows itself, so that it can still answer."""
    unread_seconds = UNREAD_SECONDS

    _waiting_for: str | None = None
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait("header")

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.flow is not None:
            super().resume_writing()

    def _look(self) -> None:
        state = self.conn.their_state
        if self.transport.get_protocol() is not self:
            self._wait(None)  # it has become a WebSocket
        elif state is h11.SEND_BODY:
            self._wait("body")
        elif state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait("header")
        else:
            self._wait(None)

    def _wait(self, what: str | None) -> None:
        """Start the clock when what we wait for changes; a trickle does not restart it."""
        if what == self._waiting_for:
            return
        self._waiting_for = what
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if what is not None:
            seconds = self.header_seconds if what == "header" else self._body_seconds()
            self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _body_seconds(self) -> float:
        path = self.scope["path"] if self.scope else ""
        return UPLOAD_SECONDS + 5.0 if photos.TAKES.fullmatch(path) else self.body_seconds


class _QuietServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, answering: asyncio.Event) -> None:
        super().__init__(config)
        self._answering = answering

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals belong to the daemon."""
        yield


class WebServer:
    def __init__(
        self,
        app: ASGIApp,
        settings: ServerSection,
        *,
        protocol: type[DeadlineProtocol] = DeadlineProtocol,
        proxies: Sequence[str] = ("127.0.0.1", "::1"),
    ) -> None:
        """`proxies` are believed about who asks, where the settings say that there are any."""
        self._settings = settings
        self._socket: socket.socket | None = None
        self.started = asyncio.Event()
        """Set once requests are answered."""
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="websockets-sansio",
            ws_max_size=_MOST_MESSAGE_BYTES,
            lifespan="off",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            proxy_headers=settings.behind_proxy,
            forwarded_allow_ips=list(proxies),
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        )
        self._server = _QuietServer(config, self.started)

    def bind(self, port: int | None = None) -> tuple[str, int]:
        """Take the address, `port` instead of the configured one; 0 takes any free port.

        Returns host and port. Raises Refused: `web.port_taken`, `web.address_unusable`.
        """
        host = self._settings.host
        port = self._settings.port if port is None else port
        try:
            self._socket = socket.create_server(
                (host, port),
                family=socket.AF_INET6 if ":" in host else socket.AF_INET,
                backlog=_BACKLOG,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused("web.port_taken", host=host, port=port) from error
            detail = error.strerror or str(error)
            raise Refused("web.address_unusable", host=host, port=port, detail=detail) from error
        return host, self._socket.getsockname()[1]

    async def run(self) -> None:
        """Answer until cancelled; then let requests finish for two seconds and end in three."""
        if self._socket is None:
            self.bind()
        assert self._socket is not None
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        finally:
            self._server.should_exit = True
            done, _ = await asyncio.wait({serving}, timeout=_STOP_SECONDS)
            if not done:
                serving.cancel()
            self._socket.close()
            logger.info("the web server has stopped")
