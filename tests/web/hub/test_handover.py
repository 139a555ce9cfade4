"""Questions go both ways through the real link, once and in order, whatever the line does."""

import asyncio

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from rooms.meeting import Actor
from rooms.view import Connection, Role

LEADER = Actor(Role.LEADER, "Bác Lan")
EACH = 100


async def until(holds, seconds=40):
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.05)


async def copies(hub):
    """(text, origin, state), in the order in which the hub heard of them."""
    rows = "SELECT text, origin, state FROM case_copies ORDER BY seq"
    return [tuple(row) for row in await hub.database.read(lambda c: c.execute(text(rows)).all())]


async def ask_at_the_hub(hub, words):
    return await hub.site.desk("to-5").ask(words, name=None, key="")


async def ask_in_the_hall(house, words):
    return await house.room.ask(words, name="Bà Năm", via="phone", key="", by=None)


async def test_what_is_asked_at_the_hub_is_answered_in_the_house(hub, link_house):
    linked = await link_house(hub)
    room = linked.house.room
    await room.start_meeting(LEADER)
    asked = await hub.client().post("/h/to-5/ask", data={"text": "Bao giờ sửa cống?"})
    async with asyncio.timeout(30):
        async for view in room.view.changes():
            if view.waiting():
                break
    (question,) = view.waiting()
    receipt = asked.headers["location"]
    await room.answer_question(LEADER, question.id, "Mai sửa.")

    async def answered():
        return "Mai sửa." in (await hub.client().get(receipt)).text

    await until(answered)
    page = await hub.client().get(receipt)
    assert 'data-code="ward-house"' in page.text and "Câu số 1" in page.text
    in_the_house = await linked.house.client().get(receipt.removeprefix("/h/to-5"))
    assert "Mai sửa." in in_the_house.text, "the same receipt"
    assert "Mai sửa." in (await hub.client().get("/h/to-5/board")).text


async def test_what_was_asked_in_the_hall_is_found_at_the_hub(hub, link_house):
    linked = await link_house(hub)
    receipt = await ask_in_the_hall(linked.house, "Đèn đường hỏng.")

    async def there():
        return (await hub.client().get(f"/h/to-5/receipt/{receipt.code}")).status_code == 200

    await until(there)
    page = await hub.client().get(f"/h/to-5/receipt/{receipt.code}")
    assert 'data-code="house-house"' in page.text and "Bà Năm" not in page.text


async def test_a_link_that_breaks_in_the_middle_loses_and_doubles_nothing(hub, link_house):
    linked = await link_house(hub)
    await linked.hang_up()
    below = [f"Câu hỏi tại nhà văn hóa số {n}" for n in range(EACH)]
    above = [f"Câu hỏi tại trang của phường số {n}" for n in range(EACH)]
    for words in below:
        await ask_in_the_hall(linked.house, words)
    for words in above:
        await ask_at_the_hub(hub, words)
    breaks = 0
    while len(known := await copies(hub)) < 2 * EACH:
        before = len(known)
        await linked.dial()

        async def more(before=before):
            return len(await copies(hub)) >= min(before + EACH // 4, 2 * EACH)

        await until(more)
        await linked.hang_up()
        breaks += 1
    assert breaks >= 3
    assert [words for words, origin, _ in known if origin == "house"] == below
    assert [words for words, origin, _ in known if origin == "ward"] == above
    async with asyncio.timeout(30):
        async for view in linked.house.room.view.changes():
            if len(view.questions) >= 2 * EACH:
                break
    assert [question.text for question in view.questions] == below + above


@pytest.mark.peer
async def test_the_big_screen_follows_the_link_without_a_reload(
    hub, link_house, browser, monkeypatch
):
    monkeypatch.setattr("web.link.house.OUTSIDE_KEPT_SECONDS", 1.0)
    linked = await link_house(hub)
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    stage = await context.new_page()
    await stage.goto(linked.house.open_link(Role.STAGE))
    await stage.evaluate("window.same = true")
    address = stage.locator("[data-value=ask-address]")
    drawn = []
    for ask_at in (f"{hub.url}/to-5", linked.house.url, f"{hub.url}/to-5"):
        await expect(address).to_have_attribute("data-code", ask_at)
        drawn.append(await stage.inner_html(".stage-code"))
        if linked.house.equipment.link.value.connection is Connection.LINKED:
            hub.site.links.drop("to-5")
            monkeypatch.setattr(hub.site.links, "serve", turn_away)
        else:
            monkeypatch.undo()
    assert drawn[0] == drawn[2] != drawn[1]
    assert await stage.evaluate("window.same")
    await context.close()


async def turn_away(socket, house_id, address):
    await socket.close()
