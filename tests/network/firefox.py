"""Debian's Firefox by WebDriver BiDi: a WebSocket that carries commands as JSON, and nothing more.

    async with firefox(namespace, secure="55.0.0.1") as page:
        await page.goto(link)
        await page.click("[data-action=join]")

Camera and microphone are of its own making. It has no H.264 here (that is a download): VP8 only.
"""

import asyncio
import itertools
import json
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import websockets

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "dom.security.https_first": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.update.enabled": False,
}
START_SECONDS = 60


class Place(Protocol):
    """Where it runs: a network namespace."""

    @property
    def prefix(self) -> Sequence[str]: ...

    def work(self, job: Any) -> Any: ...


class Page:
    """As much of Playwright's page as is needed here."""

    def __init__(self, line: websockets.ClientConnection, process: Any) -> None:
        self._line = line
        self._numbers = itertools.count(1)
        self._context = ""
        self.process = process

    async def begin(self) -> None:
        await self._do("session.new", capabilities={})
        tree = await self._do("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        await self._do("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, function: str, *arguments: object) -> Any:
        """What a function of JavaScript returns, made of JSON."""
        given = ", ".join(json.dumps(argument) for argument in arguments)
        answer = await self._do(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({function})({given})))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    async def fill(self, selector: str, text: str) -> None:
        await self.evaluate("(at, text) => document.querySelector(at).value = text", selector, text)

    async def click(self, selector: str) -> None:
        await self.evaluate("(at) => document.querySelector(at).click()", selector)

    async def close(self) -> None:
        await self._do("browser.close")

    async def _do(self, method: str, **params: object) -> Any:
        number = next(self._numbers)
        await self._line.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(await self._line.recv())
            if answer.get("id") == number:
                assert answer["type"] == "success", f"{method}: {answer}"
                return answer["result"]


@asynccontextmanager
async def firefox(place: Place, *, secure: str) -> AsyncIterator[Page]:
    """`secure` is a host whose pages may have camera and microphone without TLS."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as folder:
        preferences = PREFERENCES | {"dom.securecontext.allowlist": secure}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in preferences.items()]
        (Path(folder) / "user.js").write_text("\n".join(lines))
        process = await asyncio.create_subprocess_exec(
            *place.prefix, "firefox-esr", "--headless", "--no-remote", "--profile", folder,
            "--remote-debugging-port", "0", "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"HOME": folder},
        )  # fmt: skip
        assert process.stderr
        try:
            async with asyncio.timeout(START_SECONDS):
                said = b""
                while b"BiDi listening on" not in said:
                    said = await process.stderr.readline()
                    assert said, "Firefox ended"
            url = said.decode().split()[-1]
            address = (urlsplit(url).hostname, urlsplit(url).port)
            # A socket belongs to the namespace in which it was made.
            wire = place.work(lambda: socket.create_connection(address))
            async with websockets.connect(
                f"{url}/session", sock=wire, max_size=None, proxy=None
            ) as line:
                page = Page(line, process)
                await page.begin()
                yield page
                await page.close()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
