"""Paper slips, from the printer to the answer under the stub's code."""

import html
import io
import re

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image

from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Role

SECRETARY = Actor(Role.SECRETARY, "Bà Bình")
TEXT = "Đèn ngõ 7 hỏng <b>hai tháng</b> nay."


def codes(page):
    return re.findall(r'data-value="slip" data-code="([0-9A-Z-]{14})"', page.text)


async def test_from_the_printer_to_the_answer(house, client):
    secretary = await house.client_as(Role.SECRETARY)
    assert 'href="/slips"' in (await secretary.get("/secretary")).text
    assert (await secretary.get("/slips")).status_code == 200
    made = await secretary.post("/slips", data={"pages": "2"})
    assert made.status_code == 303
    sheet = await secretary.get(made.headers["location"])
    printed = codes(sheet)
    assert len(set(printed)) == 16
    assert f"{house.url}/receipt" in sheet.text and "Phiếu số 16" in sheet.text
    assert sheet.text.count("☐ Đồng ý cho ghi tên") == sheet.text.count("☐ Giấu tên") == 16
    assert codes(await secretary.get(made.headers["location"])) == printed, "to be printed again"
    assert made.headers["location"] in (await secretary.get("/slips")).text

    # somebody looks before it is typed in
    early = await client.get(f"/receipt/{printed[3]}")
    assert early.status_code == 404 and "receipt.not_entered" in early.text
    assert "phiếu giấy số 4 chưa được nhập" in early.text

    form = {"code": printed[3].lower(), "text": TEXT, "name": "Cụ Tư", "consent": WORDING}
    for _ in range(2):
        done = await secretary.post("/slips/enter", data=form)
        assert done.status_code == 200 and 'data-code="slip.done"' in done.text
        assert TEXT not in html.unescape(done.text), "the form is ready for the next one"
    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(drawn, "PNG")
    slip = [("photo", ("slip.png", one, "image/png")) for one in (drawn.getvalue(), b"MZ")]
    done = await secretary.post("/slips/enter", data=form, files=slip)
    assert 'data-code="slip.done"' in done.text and 'data-code="picture.not_one"' in done.text
    assert f"/receipt/{printed[3]}/photos/" in (await client.get(f"/receipt/{printed[3]}")).text
    (question,) = house.room.view.value.questions
    await house.room.answer_question(SECRETARY, question.id, "Đã thay bóng.")
    found = await client.get(f"/receipt/{printed[3]}")
    assert "Đã thay bóng." in found.text and html.escape(TEXT) in found.text


async def test_what_was_refused_stays_in_the_form(house):
    leader = await house.client_as(Role.LEADER)
    form = {"code": "K7QM-3XWP-9DTA", "text": TEXT, "name": "Cụ Tư", "name_hidden": "yes"}
    asked = await leader.post("/slips/enter", data=form)
    assert asked.status_code == 422 and 'data-code="consent.missing"' in asked.text
    assert 'name="name_hidden" value="yes" checked' in asked.text
    answer = await leader.post("/slips/enter", data={**form, "consent": WORDING})
    assert answer.status_code == 404 and 'data-code="slip.unknown"' in answer.text
    assert html.escape(TEXT) in answer.text and TEXT not in answer.text
    assert 'value="Cụ Tư"' in answer.text and 'value="K7QM-3XWP-9DTA"' in answer.text
    too_many = await leader.post("/slips", data={"pages": "11"})
    assert too_many.status_code == 422 and "slip.pages" in too_many.text
    assert (await leader.post("/slips", data={"pages": "viele"})).status_code == 400
    assert (await leader.get("/slips/0000000000000000")).status_code == 404


@pytest.mark.parametrize("path", ["/slips", "/slips/enter", "/slips/x"])
async def test_they_are_not_for_everybody(house, client, path):
    for other in (client, await house.client_as(Role.STAGE)):
        assert (await other.get(path)).status_code == 303
    assert (await client.post("/slips", data={"pages": "1"})).status_code == 401
    assert await house.room.slip_sheets(1) == ()


@pytest.mark.peer
async def test_eight_fit_on_a_page(house, browser):
    sheet = await house.room.print_slips(SECRETARY, 2)
    context = await browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(house.open_link(Role.SECRETARY))
    await page.goto(f"{house.url}/slips/{sheet}")
    report = await Axe().run(page)
    assert report.response["violations"] == [], report.generate_report()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    printed = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 2
    await page.emulate_media(media="print")
    lost = """() => [...document.querySelectorAll(".slip")]
      .filter((slip) => slip.scrollHeight > slip.clientHeight + 1).length"""
    await page.set_viewport_size({"width": 794, "height": 1123})
    assert await page.evaluate(lost) == 0, "nothing of a slip is cut off"
    await context.close()
