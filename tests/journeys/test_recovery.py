"""Pages that slept, or came into another network, are back without waiting for a clock."""

from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.journey

AWAY = "Mất kết nối, đang chờ trở lại"
QUESTION = "Máy tính bảng ngủ thì câu này có mất không?"


async def test_whoever_slept_or_came_into_another_network_is_back_at_once(
    hall: Any, journey: Any
) -> None:
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Bà Hoa")
    await journey.picture_moves(official, "hall-video")
    cookies = {cookie["name"]: cookie["value"] for cookie in await panel.context.cookies()}
    browser = [
        process
        for process in psutil.Process().children(recursive=True)
        if process.name().startswith("chrom")
    ]
    for process in browser:
        with suppress(psutil.NoSuchProcess):  # a renderer that was no longer needed
            process.suspend()
    try:
        async with httpx.AsyncClient(
            base_url=hall.url,
            cookies=cookies,
            headers={"Origin": hall.url},
            trust_env=False,
            timeout=30,
        ) as tablet:

            async def away() -> bool:
                return AWAY in (await tablet.get("/panel/guests")).text

            await journey.until(away, what="a page that sleeps is away")
            asked = {"text": QUESTION, "name": "", "key": "k" * 32}
            assert (await tablet.post("/ask", data=asked)).status_code == 303
    finally:
        for process in browser:
            with suppress(psutil.NoSuchProcess):
                process.resume()
    await panel.wait_for_selector(f"#queue:has-text('{QUESTION}')")
    await journey.picture_moves(official, "hall-video")

    # from Wi-Fi into the mobile network: the old line, which lives here, is not waited for
    await official.evaluate(COUNT_SOCKETS)
    assert await official.evaluate("sockets") == 0
    await official.evaluate("dispatchEvent(new Event('online'))")
    await journey.until(lambda: official.evaluate("sockets"), what="a new line, the old one alive")
    await journey.picture_moves(official, "hall-video")
    await expect(panel.locator("[data-value=guests]")).to_have_text("1")


COUNT_SOCKETS = """() => {
  window.sockets = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      window.sockets += 1;
    }
  };
}"""
