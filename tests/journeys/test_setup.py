"""From an empty machine to a house that is rehearsed: the technician follows the screens and edits
no file. Camera and projector want passwords, and the first one that is typed is wrong."""

import re
import stat
import sys
import tempfile
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from config.check import read_settings
from devices.virtual.announcing import answering_probes, answering_searches
from devices.virtual.camera import serve_camera
from devices.virtual.projector import virtual_projector
from devices.virtual.sound import virtual_sound
from tests.journeys.conftest import Process
from tests.ports import free_port

pytestmark = pytest.mark.journey


async def test_an_empty_machine_becomes_a_rehearsed_house(
    tmp_path: Path, browser: Browser, journey: Any, hall_cache: Path
) -> None:
    number = uuid.uuid4().bytes
    place = f"127.{1 + number[0] % 200}.{1 + number[1] % 200}"
    config, log, port = tmp_path / "house.toml", tmp_path / "daemon.log", free_port()
    screens: list[str] = []
    async with AsyncExitStack() as stack:
        camera = await stack.enter_async_context(
            serve_camera(hall_cache, f"{place}.20", user="viewer", password="đúng rồi")
        )
        assert camera.onvif is not None
        onvif = camera.onvif.url
        await stack.enter_async_context(answering_probes(lambda: onvif, "Hội trường"))
        await stack.enter_async_context(
            virtual_projector(host=f"{place}.30", port=4352, password="JBMIA", warm=1, cool=1)
        )
        await stack.enter_async_context(answering_searches(f"{place}.30", "0011223344aa"))
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
        sound = await stack.enter_async_context(virtual_sound(Path(short)))

        async def is_up() -> bool:
            return log.exists() and "/pair with the code" in log.read_text()

        daemon = Process(
            [sys.executable, "-m", "avcontrol", "house", "--config", str(config)],
            is_up,
            {
                **sound.environment,
                "AVCONTROL_DATA": str(tmp_path / "data"),
                "AVCONTROL_WEB__PORT": str(port),
                "AVCONTROL_WEB__HOST": "127.0.0.1",
                "AVCONTROL_NETWORK__ADDRESSES": f'["{place}.1"]',
            },
            log,
        )
        stack.push_async_callback(daemon.end)
        await daemon.start()
        page = await (await browser.new_context(locale="vi-VN")).new_page()
        page.on("framenavigated", lambda frame: screens.append(re.split("[?#]", frame.url)[0]))
        found = re.search(r"open (\S+)/pair with the code (\S+)", log.read_text())
        assert found is not None
        await page.goto(f"{found[1]}/pair/{found[2]}")
        await page.click("[data-action=pair]")
        await page.goto(f"{found[1]}/technician")
        await page.click("[data-action=set-up]")

        await page.fill("#name", "Nhà văn hóa Tổ dân phố 7")
        await page.fill("#ward", "Phường Mẫu")
        await page.fill("#telephone", "0900 000 007")
        await page.click("[data-action=next]")
        await page.click("[data-action=look]")
        await expect(page.get_by_text(onvif)).to_be_visible(timeout=30_000)
        await expect(page.get_by_text(f"{place}.30")).to_be_visible()
        await _choose_ours(page, place)
        await page.click("[data-action=next]")

        # the camera: a wrong password first; nothing else that was typed is lost
        await page.fill("#name", "Camera sân khấu")
        await page.fill("#user", "viewer")
        await page.fill("#password", "sai rồi")
        await _try(page, "bad", "setup.camera_password")
        assert await page.input_value("#name") == "Camera sân khấu"
        assert await page.input_value("#user") == "viewer"
        assert await page.input_value("#password") == ""
        assert "sai rồi" not in await page.content()
        await page.fill("#password", "đúng rồi")
        await _try(page, "good", "setup.picture_good")
        shown = page.locator("img.preview")
        await expect(shown).to_have_js_property("complete", value=True)
        assert await shown.evaluate("picture => picture.naturalWidth") > 0
        await page.click("[data-action=next]")

        await page.select_option("#address", sound.microphone)
        await page.select_option("#loudspeaker", sound.loudspeaker)
        await _try(page, "good", "sound.test_heard")
        await page.click("[data-action=next]")

        await page.fill("#password", "JBMIA")
        await _try(page, "good", "setup.projector_off")
        await page.click("[data-action=next]")

        await page.click("[data-action=save]")
        await page.wait_for_url("**/technician/setup/done", timeout=60_000)
        assert daemon.running and daemon.running.returncode is None, "nobody had to start it again"
        await page.click("[data-action=rehearse]")
        verdict = page.locator("[data-value=rehearsal]")
        await expect(verdict).not_to_have_attribute("data-code", "none", timeout=20_000)
        await expect(verdict).not_to_have_attribute("data-code", "running", timeout=60_000)
        # the projector is off, which is advice: it answers, and can be switched on
        for subject, code in (("camera", "good"), ("sound", "good"), ("projector", "advice")):
            row = page.locator(f"[data-value=rehearsed-{subject}]")
            await expect(row).to_have_attribute("data-code", code)
        await daemon.end()

    settings = read_settings(config, {})
    assert settings.house.name == "Nhà văn hóa Tổ dân phố 7"
    assert [one.name for one in settings.cameras] == ["Camera sân khấu"]
    assert settings.projector and settings.sound
    text = config.read_text()
    assert text.startswith("# Cấu hình") and "đúng rồi" not in text and "JBMIA" not in text
    for secret in ("camera.password", "projector.password"):
        assert stat.S_IMODE((tmp_path / secret).stat().st_mode) == 0o600
    assert not list((tmp_path / "data").glob("setup*"))
    assert "đúng rồi" not in log.read_text()
    steps = [one for one in dict.fromkeys(screens) if "/technician" in one]
    assert len(steps) <= 12, steps


async def _choose_ours(page: Page, place: str) -> None:
    """Whatever else answers on this machine belongs to other tests."""
    for row in await page.locator("[data-value=found]:has(input[type=checkbox])").all():
        if place not in await row.inner_text():
            await row.locator("input[type=checkbox]").uncheck()


async def _try(page: Page, outcome: str, code: str) -> None:
    await page.click("[data-action=try]")
    tried = page.locator("[data-value=tried]")
    await expect(tried.locator("p[data-code]")).to_have_attribute("data-code", code, timeout=40_000)
    await expect(tried).to_have_attribute("data-code", outcome)
