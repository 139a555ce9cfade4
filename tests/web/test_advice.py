"""Complaints and denunciations: advice once, never a refusal, and nothing public by mistake."""

import re

import pytest
from playwright.async_api import expect

from rooms.view import Role

PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "vi-VN"}
AS_JSON = {"Accept": "application/json"}
DENOUNCED = "Tôi tố cáo cán bộ phường nhận hối lộ."
COMPLAINED = "toi khieu nai quyet dinh thu hoi dat"


def questions(house):
    return house.room.view.value.questions


async def test_the_form_comes_back_once_with_the_way_by_law(house, client):
    for kind, text in (("denunciation", DENOUNCED), ("complaint", COMPLAINED)):
        before = len(questions(house))
        form = {"text": text, "key": kind, "name_hidden": "yes"}
        back = await client.post("/ask", data=form)
        assert back.status_code == 200 and len(questions(house)) == before
        shown, _ = back.text.split("<template", 1)
        assert f'data-value="advice" data-code="{kind}"' in shown
        assert "Nơi tiếp công dân, Ủy ban nhân dân phường" in shown and "Giờ hành chính" in shown
        assert text in shown and f'value="{kind}"' in shown, "nothing to type again"
        assert re.search(r'name="name_hidden" value="yes" checked', shown)
        assert 'name="advised" value="yes"' in shown
        sent = await client.post("/ask", data={**form, "advised": "yes"})
        assert sent.status_code == 303 and len(questions(house)) == before + 1
        # Whoever was not told then, because somebody wrote it for him, is told beside his receipt.
        receipt = (await client.get(sent.headers["location"])).text
        assert f'data-value="advice" data-code="{kind}"' in receipt
        assert "Nơi tiếp công dân, Ủy ban nhân dân phường" in receipt
    assert 'data-value="advice"' not in (await client.get("/ask")).text.split("<template")[0]


async def test_a_script_is_answered_and_told(house, client):
    told = await client.post("/ask", data={"text": DENOUNCED}, headers=AS_JSON)
    assert told.status_code == 201 and told.json()["receipt"]
    assert told.json()["advice"]["kind"] == "denunciation"
    assert "Luật Tố cáo 2018" in told.json()["advice"]["message"]
    plain = await client.post("/ask", data={"text": "Bao giờ sửa đèn?"}, headers=AS_JSON)
    assert "advice" not in plain.json()
    first = await client.post("/ask", data={"text": COMPLAINED, "advised": "no"}, headers=AS_JSON)
    assert first.status_code == 200 and set(first.json()) == {"advice"}
    assert len(questions(house)) == 2


async def test_it_comes_to_nobodys_eyes_by_mistake(house):
    leader, stage = await house.client_as(Role.LEADER), await house.client_as(Role.STAGE)
    ask = house.room.ask
    await ask(DENOUNCED, name=None, via="phone", key="1", by=None)
    await ask("Bao giờ sửa đèn?", name=None, via="phone", key="2", by=None)
    await leader.post("/do/start-meeting")
    (one, _) = questions(house)
    for page in ("/panel", "/panel/questions"):
        text = (await leader.get(page)).text
        assert text.count('data-value="sensitive" data-code="denunciation"') == 1
        row = text.split(f'id="question-{one.id}"')[1].split("</li>")[0]
        assert row.index('data-action="open-despite"') < row.index('data-action="approve-question"')
        assert text.count('data-action="open-despite"') == 1, "of the other one a single tap"
    assert "Khiếu nại, tố cáo có đường riêng" in row
    await leader.post("/do/end-meeting")
    closing = (await leader.get("/panel")).text
    assert 'data-value="sensitive-open" data-code="1"' in closing
    assert DENOUNCED not in closing.split('data-value="questions-open"')[1].split("</section>")[0]
    assert DENOUNCED not in (await stage.get("/stage")).text


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
async def test_a_phone_is_advised_and_sends_all_the_same(house, browser, script):
    context = await browser.new_context(**PHONE, base_url=house.url, java_script_enabled=script)
    page = await context.new_page()
    await page.goto("/")
    await page.fill("#text", DENOUNCED)
    await page.click('[data-action="send-question"]')
    await page.wait_for_selector('[data-value="advice"][data-code="denunciation"]')
    assert not questions(house)
    await page.click('[data-action="edit-question"]')
    assert await page.input_value("#text") == DENOUNCED
    if script:
        await expect(page.locator("#text")).to_be_focused()
    await page.click('[data-action="send-anyway"]')
    await page.wait_for_url("**/receipt/*")
    assert [question.text for question in questions(house)] == [DENOUNCED]
    await context.close()


async def test_what_waited_for_a_line_is_sent_without_a_question(house, browser):
    """Whoever wrote it may have put the telephone away: it is stored, and marked for the leader."""
    context = await browser.new_context(**PHONE, base_url=house.url)
    page = await context.new_page()
    await page.goto("/")
    await page.fill("#text", DENOUNCED)
    await context.set_offline(True)
    await page.click('[data-action="send-question"]')
    await expect(page.locator("#ask-status")).to_contain_text("tự gửi")
    await context.set_offline(False)
    await page.wait_for_url("**/receipt/*")
    (question,) = questions(house)
    assert question.grievance == "denunciation"
    await context.close()
