"""Many telephones in one process, behind one address: each opens the form, asks, and looks at its
receipt, over a line that it keeps.

    python -m bench.phones http://127.0.0.1:8080 --count 1000 --connect 2 --seconds 10

They come within `--connect` seconds and ask within `--seconds` from then on, each at a moment of
its own that no other's delay puts off. In the end it writes one line of JSON, `Asked`.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import uvloop

from bench.phone import Phone

PAGE = "text/html"


@dataclass(slots=True)
class Asked:
    connected: float = 0.0
    """Seconds from the first phone's first packet until the last one had its form."""
    opening: list[float] = field(default_factory=list)
    """Seconds from a phone's first packet until it has the form."""
    asked: list[tuple[float, float, int]] = field(default_factory=list)
    """Of each acknowledged question: when it was sent (monotonic, of all processes of a machine),
    after how many seconds it was acknowledged, its number in the meeting."""
    reading: list[float] = field(default_factory=list)
    """Seconds until a phone has its receipt's page."""
    receipts: int = 0
    """Different ones."""
    refused: dict[str, int] = field(default_factory=dict)
    """How many were told no, by its status or error."""

    def refuse(self, why: str) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1


async def ask_all(url: str, count: int, connect: float, seconds: float) -> Asked:
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    told, began, receipts = Asked(), time.monotonic() + 0.1, set[str]()

    async def phone() -> None:
        await _until(began + random.uniform(0, connect))
        sent = time.monotonic()
        async with Phone(host, port) as line:
            form = await line.get("/ask", accept=PAGE)
            told.opening.append(time.monotonic() - sent)
            told.connected = max(told.connected, time.monotonic() - began)
            if form.status != 200:
                told.refuse(f"form {form.status}")
                return
            await _until(began + connect + random.uniform(0, seconds))
            key, sent = secrets.token_hex(16), time.monotonic()
            text = f"Bao giờ sửa đèn đường ngõ {key[:6]}?"
            answer = await line.post("/ask", text=text, name="", key=key)
            took = time.monotonic() - sent
            if answer.status != 201:
                told.refuse(f"question {answer.status}")
                return
            receipt = answer.json()
            receipts.add(receipt["receipt"])
            told.asked.append((sent, took, receipt["number"]))
            sent = time.monotonic()
            page = await line.get(urlsplit(receipt["url"]).path, accept=PAGE)
            told.reading.append(time.monotonic() - sent)
            if page.status != 200 or receipt["receipt"].encode() not in page.body:
                told.refuse(f"receipt {page.status}")

    async def one() -> None:
        try:
            await phone()
        except (OSError, EOFError) as error:
            told.refuse(type(error).__name__)

    await asyncio.gather(*(one() for _ in range(count)))
    told.receipts = len(receipts)
    return told


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Many telephones that ask.")
    parser.add_argument("url", help="of the house, without a slash at the end")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--connect", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(ask_all(options.url, options.count, options.connect, options.seconds))
    sys.stdout.write(json.dumps(asdict(told)) + "\n")


if __name__ == "__main__":
    main()
