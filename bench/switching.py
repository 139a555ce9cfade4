"""From the leader's tap that gives an official the floor to his picture at somebody else far away,
both in a real browser: at once, though his camera was sent small until then."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page

from bench.figures import Conditions, Figure
from bench.house import House
from bench.joining import CAMERA_IS_OPEN

SETTLED_SECONDS = 2.0
"""Between two switches."""
ARM = """() => {
  const video = document.getElementById("floor-video");
  window.switched = new Promise((resolve) =>
    video.requestVideoFrameCallback(() => resolve(Date.now())));
}"""
WIDE = """async ([id, least]) => {
  while (document.getElementById(id).videoWidth < least)
    await new Promise((resolve) => setTimeout(resolve, 10));
}"""


@asynccontextmanager
async def official(chromium: Browser, link: str, name: str) -> AsyncIterator[Page]:
    """In the meeting, and sees the hall."""
    parts = urlsplit(link)
    context = await chromium.new_context(locale="vi-VN")
    try:
        origin = f"{parts.scheme}://{parts.netloc}"
        await context.grant_permissions(["camera", "microphone"], origin=origin)
        page = await context.new_page()
        await page.goto(link)
        await page.evaluate(CAMERA_IS_OPEN)
        await page.fill("#name", name)
        await page.click("[data-action=join]")
        await page.evaluate(WIDE, ["hall-video", 1])
        yield page
        await page.click("[data-action=leave]")
    finally:
        await context.close()


async def switches(house: House, chromium: Browser, link: str, times: int) -> list[Figure]:
    conditions = Conditions.now()
    first: list[float] = []
    large: list[float] = []
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(official(chromium, link, "Ông Nam"))
        (speaker,) = await house.guests()
        watching = await stack.enter_async_context(official(chromium, link, "Bà Hoa"))
        for _ in range(times):
            await asyncio.sleep(SETTLED_SECONDS)
            await watching.evaluate(ARM)
            began = 1000 * time.time()
            await house.give_floor(speaker)
            first.append(await watching.evaluate("() => window.switched") - began)
            await watching.evaluate(WIDE, ["floor-video", 640])
            large.append(1000 * time.time() - began)
            await house.give_floor("")
    remark = f"median of {times}, worst {max(first):.0f}; in full size {median(large):.0f}"
    return [Figure("floor-to-picture", median(first), "ms", None, None, conditions, remark)]
