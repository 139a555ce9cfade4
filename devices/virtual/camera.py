"""An IP camera made of software: a drawn hall over real RTSP, for the demo and the tests.

    python -m devices.virtual.camera --port 8554 --cache build/virtual

prints the addresses of its picture and of its ONVIF, by which it is turned and zoomed, a line each,
and serves until SIGTERM, or until its standard input is closed, so that it never outlives the
program that started it.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from devices.judging import Fault
from devices.virtual.hall_picture import load_clip, load_small_clip, smaller
from devices.virtual.head import Head
from devices.virtual.onvif_server import OnvifServer
from devices.virtual.rtsp_server import Broadcast, Connection, Login
from devices.virtual.spoilt_picture import spoilt
from devices.virtual.steered import SteeredBroadcast

PATH = "/hall"
LOW_PATH = "/hall/low"
"""Of the second stream, small and with half as many pictures a second."""


class VirtualCamera:
    """Can be switched off and on again at the same address, for drills."""

    def __init__(
        self,
        broadcast: Broadcast,
        host: str,
        port: int,
        login: Login | None,
        low: Broadcast | None = None,
    ) -> None:
        """`low` is its second stream; without one it has one alone."""
        self.onvif: OnvifServer | None = None
        """Where it can be turned."""
        self._broadcasts = {PATH: broadcast} | ({LOW_PATH: low} if low else {})
        self._clips = {path: one.clip for path, one in self._broadcasts.items()}
        self._host = host
        self._port = port
        self._login = login
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    @property
    def url(self) -> str:
        """Without user and password. The port is known once it was started."""
        return f"rtsp://{self._host}:{self._port}{PATH}"

    @property
    def low_url(self) -> str:
        """Of the second stream."""
        return f"rtsp://{self._host}:{self._port}{LOW_PATH}"

    async def show(self, fault: Fault | None) -> None:
        """Give its picture a fault, for drills, or take it away again."""
        clips = dict(self._clips)
        if fault is not None:
            clips[PATH] = await asyncio.to_thread(spoilt, clips[PATH], fault)
            if LOW_PATH in clips:
                clips[LOW_PATH] = await asyncio.to_thread(smaller, clips[PATH])
        for path, clip in clips.items():
            self._broadcasts[path].show(clip)

    @property
    def viewers(self) -> int:
        return len(self._connections)

    async def start(self) -> None:
        """Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As if its plug were pulled: viewers are cut off, and nobody answers any more."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
            await connection.over.wait()
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._broadcasts, self._login, reader, writer)
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)


@contextlib.asynccontextmanager
async def serve_camera(
    cache: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    user: str = "",
    password: str = "",
    onvif_login: Login | None = None,
) -> AsyncIterator[VirtualCamera]:
    """Serve the hall's picture; port 0 takes a free one. Without `user` nobody needs to log in;
    `onvif_login` is for its ONVIF alone, where that has users of its own.

    The picture is kept in `cache`; without it there, it is drawn first, in a few seconds.
    Raises OSError where the port is taken.
    """
    clip = await asyncio.to_thread(load_clip, cache)
    small = await asyncio.to_thread(load_small_clip, cache)
    login = Login(user, password) if user else None
    head = Head()
    broadcast = SteeredBroadcast(clip, head.look)
    low = SteeredBroadcast(small, head.look)
    camera = VirtualCamera(broadcast, host, port, login, low)
    await camera.start()
    camera.onvif = OnvifServer(
        head,
        lambda: camera.url,
        onvif_login or login,
        snapshot=broadcast.snapshot,
        second_stream=lambda: camera.low_url,
    )
    try:
        await camera.onvif.start(host)
        yield camera
    finally:
        await camera.onvif.stop()
        await camera.stop()


async def _serve_until_told(arguments: argparse.Namespace) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)

    def wait_for_end_of_input() -> None:
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    password = ""
    if arguments.password_file is not None:
        password = await asyncio.to_thread(arguments.password_file.read_text, encoding="utf-8")
    async with serve_camera(
        arguments.cache,
        arguments.host,
        arguments.port,
        user=arguments.user,
        password=password.strip("\r\n"),
    ) as camera:
        assert camera.onvif is not None
        sys.stdout.write(f"{camera.url}\n{camera.onvif.url}\n")
        sys.stdout.flush()
        await done.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="An IP camera made of software.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the drawn picture")
    parser.add_argument("--user", default="")
    parser.add_argument("--password-file", type=Path)
    asyncio.run(_serve_until_told(parser.parse_args()))


if __name__ == "__main__":
    main()
