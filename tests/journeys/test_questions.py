"""A question from a phone without JavaScript, all the way to its answer."""

import asyncio
import time
from statistics import median

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.journey


async def test_from_a_phone_to_the_stage_to_the_answer(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    stage = await hall.paired("stage", viewport={"width": 1920, "height": 1080})
    await journey.start_meeting(panel)

    phone = await hall.page(java_script_enabled=False, viewport={"width": 360, "height": 740})
    await phone.goto(f"{hall.url}/ask")
    await phone.fill("textarea", "Ngõ 5 ngập nước mỗi khi mưa, bao giờ sửa cống?")
    await phone.click("[data-action=send-question]")
    receipt = (await phone.inner_text("[data-value=receipt]")).strip()
    assert len(receipt.replace("-", "")) >= 10

    await panel.wait_for_selector("text=Ngõ 5 ngập nước")
    await panel.click("[data-action=approve-question]")
    show = panel.locator("[data-action=show-question]")
    await expect(show).to_contain_text("Đưa lên màn hình")  # the tapped button's new meaning
    await show.click()
    await stage.wait_for_selector("text=Ngõ 5 ngập nước")
    await panel.click("[data-action=answer-question]")
    await stage.wait_for_selector("text=Ngõ 5 ngập nước", state="detached")

    await phone.goto(f"{hall.url}/receipt/{receipt}")
    assert "trả lời" in (await phone.inner_text("main")).lower()
    await phone.goto(f"{hall.url}/board")
    assert "Ngõ 5 ngập nước" in await phone.inner_text("main")

    # somebody without a telephone asks, and there is no secretary
    await panel.goto(f"{hall.url}/panel/questions")
    await panel.click("#enter > summary")
    await panel.fill("#text", "Cụ Ba hỏi bao giờ phát lương hưu.")
    await panel.click("[data-action=enter-question]")
    await panel.wait_for_selector("[data-value=receipt]")
    await panel.click("[data-action=back]")
    await panel.wait_for_selector("li.question:has-text('Cụ Ba hỏi')")


SHOWN_AT = """(words) => new Promise((done) => {
  const look = () => document.body.innerText.includes(words) && done(Date.now());
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
  look();
})"""


async def test_the_leader_sees_a_question_within_half_a_second_of_its_receipt(
    hall, journey
) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    await journey.start_meeting(panel)
    phone = await hall.page()
    waits: list[float] = []
    # Whatever else the machine does must not count: five, and five again where that was much.
    while not waits or (median(waits[-5:]) > 0.5 and len(waits) < 30):
        for _ in range(5):
            words = f"Câu hỏi gấp thứ {len(waits)}"
            seen = asyncio.create_task(panel.evaluate(SHOWN_AT, words))
            form = {"text": f"{words}?", "key": f"urgent-{len(waits):08}"}
            headers = {"Origin": hall.url}
            await phone.request.post(f"{hall.url}/ask", form=form, headers=headers, max_redirects=0)
            receipt = time.time()
            waits.append(await seen / 1000 - receipt)
    assert median(waits[-5:]) <= 0.5, waits


async def test_the_secretary_asks_for_somebody_and_dismisses_with_a_reason(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    await journey.start_meeting(panel)
    secretary = await hall.paired("secretary")
    await secretary.fill("textarea[name=text]", "Cụ Tư hỏi về lương hưu tháng này.")
    await secretary.click("[data-action=enter-question]")
    await panel.wait_for_selector("text=Cụ Tư hỏi về lương hưu")
    await panel.goto(f"{hall.url}/panel/questions")
    row = panel.locator("li", has_text="Cụ Tư hỏi về lương hưu")
    dismiss = row.locator("[data-action=dismiss-question]")
    if not await dismiss.is_visible():
        await row.locator("summary").last.click()
    await dismiss.click()
    await (
        panel.locator("li", has_text="Cụ Tư")
        .locator("[data-action=approve-question]")
        .wait_for(state="detached")
    )


async def test_markup_stays_text(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    phone = await hall.page()
    dialogs: list[str] = []
    panel.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await phone.goto(f"{hall.url}/ask")
    text = "<script>alert(1)</script><img src=x onerror=alert(2)> có được không?"
    await phone.fill("textarea", text)
    await phone.click("[data-action=send-question]")
    await phone.wait_for_selector("[data-value=receipt]")
    await panel.wait_for_selector("text=có được không")
    assert text in await panel.inner_text("body")
    assert not dialogs
