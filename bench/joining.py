"""From the click on "join" to the first picture of the hall, in a real browser."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, async_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
CAMERA_IS_OPEN = """async () => {
  while (document.getElementById("own-video").readyState < 2)
    await new Promise((resolve) => setTimeout(resolve, 20));
}"""
JOIN = """() => new Promise((resolve, reject) => {
  const button = document.querySelector("[data-action=join]");
  const video = document.getElementById("hall-video");
  let clicked;
  button.addEventListener("click", () => { clicked = performance.now(); }, { capture: true });
  video.requestVideoFrameCallback(() => resolve(performance.now() - clicked));
  setTimeout(() => reject(new Error("no picture within 20 s")), 20_000);
  button.click();
})"""


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium with a camera and a microphone of its own making."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        try:
            yield chromium
        finally:
            await chromium.close()


async def milliseconds_to_picture(chromium: Browser, address: str) -> float:
    """Open the page as somebody new, wait until it is ready, click, and leave again."""
    parts = urlsplit(address)
    context = await chromium.new_context(locale="vi-VN")
    try:
        await context.grant_permissions(
            ["camera", "microphone"], origin=f"{parts.scheme}://{parts.netloc}"
        )
        page = await context.new_page()
        await page.goto(address)
        await page.evaluate(CAMERA_IS_OPEN)
        if await page.query_selector("#name"):
            await page.fill("#name", "Bà Hoa")
        await asyncio.sleep(random.random())  # anywhere between two key frames of the camera
        passed = float(await page.evaluate(JOIN))
        if leave := await page.query_selector("[data-action=leave]"):
            await leave.click()
        return passed
    finally:
        await context.close()
