"""What is wrong gets its clear error, and nothing else happens."""

import asyncio
import sys
from pathlib import Path

import pytest
import websockets

pytestmark = pytest.mark.journey


async def test_a_wrong_configuration_names_line_and_key(tmp_path: Path) -> None:
    config = tmp_path / "house.toml"
    config.write_text('[house]\nname = "Tổ 5"\nward = "Phường"\n\n[web]\nprot = 8080\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "avcontrol", "check-config", str(config),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate()
    assert process.returncode == 1
    text = errors.decode()
    assert f"{config}:6" in text
    assert "web.prot" in text
    assert "port" in text.replace("prot", "")


async def test_wrong_links_are_refused_in_words(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    page = await hall.page()
    for wrong in (f"{hall.url}/join/no-such-thing", link[:-3] + "abc", f"{hall.url}/open/nothing"):
        answer = await page.goto(wrong)
        assert answer is not None
        assert answer.status in {403, 404, 410}
        assert await page.inner_text("main")
        assert not await page.query_selector("[data-action=join]")

    # revoked: the same link says so, and lets nobody in
    await panel.goto(f"{hall.url}/panel/guests")
    await panel.click("#invite > summary")
    await panel.click("[data-action=create-invitation]")
    revoked = (await panel.input_value("[data-value=invitation-link]")).strip()
    await panel.click("[data-action=revoke-invitation]")
    await journey.until(lambda: hall.stored("SELECT 1 FROM invitations WHERE revoked"))
    assert await hall.refused_link(revoked) == "invitation.revoked"

    # the day after
    hall.stored("UPDATE invitations SET expires = '2026-01-01 00:00:00' WHERE NOT revoked")
    assert await hall.refused_link(link) == "invitation.expired"
    assert hall.stored("SELECT count(*) FROM guests") == [(0,)]


async def test_a_foreign_origin_is_refused(hall, journey) -> None:  # type: ignore[no-untyped-def]
    page = await hall.page()
    answer = await page.request.post(
        f"{hall.url}/ask",
        form={"text": "Từ trang khác gửi sang", "key": "foreign-1"},
        headers={"Origin": "https://evil.example"},
        max_redirects=0,
    )
    assert answer.status == 403
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(
            hall.url.replace("http", "ws") + "/ws/call", origin="https://evil.example"
        ):
            pass
    assert refused.value.response.status_code == 403
    panel = await hall.paired("leader")
    assert "Từ trang khác" not in await panel.inner_text("body")


async def test_ten_megabytes_are_refused_and_nothing_stored(hall, journey) -> None:  # type: ignore[no-untyped-def]
    page = await hall.page()
    answer = await page.request.post(
        f"{hall.url}/ask",
        form={"text": "x" * 10_000_000, "key": "large-1"},
        headers={"Origin": hall.url},
        max_redirects=0,
    )
    assert answer.status == 413
    panel = await hall.paired("leader")
    assert "xxxx" not in await panel.inner_text("body")
