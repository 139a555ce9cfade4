"""Hints while typing: found on the telephone, as Python finds them, and nothing is sent."""

import csv
from pathlib import Path

from feedback.folding import fold
from feedback.places import places
from feedback.similar import Similar
from rooms.meeting import Actor
from rooms.view import Role

PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "vi-VN"}
LEADER = Actor(Role.LEADER, "Bác Lan")
MATTERS = Path(__file__).parents[2] / "bench" / "data" / "matters.tsv"
ODD = [
    "Hoà Đồng Ð ð",
    "ngõ 12/3 và ngách 12/3, tổ dân phố năm",
    "tòa A, Tổ II; nhà 3 tầng",
    "ngo 5 va 7 - 9, tdp 05, so nha 12a",
    "hai nhà 😀 ngõ 9",
]


async def asked(house, *texts):
    ids = []
    for number, text in enumerate(texts):
        await house.room.ask(text, name=None, via="phone", key=f"k{number}", by=None)
        ids.append(next(q.id for q in house.room.view.value.questions if q.text == text))
    return ids


async def test_the_list_is_small_and_asked_anew_by_its_tag(house, client):
    done, waits, *_ = await asked(
        house, "Ngõ 5 mưa là ngập", "Bao giờ sửa đèn?", *(f"{n} " + "đ" * 1900 for n in range(5))
    )
    await house.room.answer_question(LEADER, done, "Mai sửa.")
    await house.room.approve_question(LEADER, waits)
    first = await client.get("/published.json")
    assert {q["id"]: q["open"] for q in first.json()["questions"]} == {waits: True, done: False}
    url = next(q["url"] for q in first.json()["questions"] if q["id"] == done)
    assert f'data-code="{done}"' in (await client.get(url)).text, "where its answer is"
    again = await client.get("/published.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_hints_come_without_a_word_being_sent(house, browser):
    done, waits, _ = await asked(
        house,
        "Ngõ 5 mưa là ngập, nước tràn vào nhà",
        "Bao giờ sửa đèn đường đầu ngõ?",
        "Chưa duyệt: ngõ 5 mưa là ngập vào nhà",
    )
    await house.room.answer_question(LEADER, done, "Mai sửa.")
    await house.room.approve_question(LEADER, waits)
    context = await browser.new_context(**PHONE, base_url=house.url)
    page = await context.new_page()
    await page.goto("/")
    async with page.expect_response("**/published.json"):
        await page.focus("#text")
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    before = await page.locator('[data-action="send-question"]').bounding_box()
    await page.fill("#text", "ngo 5 mua la ngap nuoc tran vao nha toi")
    hint = page.locator('[data-value="hint"]')
    await hint.wait_for()
    assert await hint.get_attribute("data-code") == done
    assert await page.locator('[data-action="send-question"]').bounding_box() == before
    await page.fill("#text", "ngo 9 mua la ngap nuoc tran vao nha toi")
    await page.wait_for_selector("#hints", state="hidden")
    await page.fill("#text", "bao gio sua den duong dau ngo")
    await page.wait_for_selector(f'[data-value="hint"][data-code="{waits}"]')
    assert sent == []
    await page.click('[data-value="hint"] [data-action="join-question"]')
    await page.wait_for_url("**/questions*")
    assert await page.locator('[data-value="joined"]').count() == 1

    # The same sums as in Python, on every text of the bench and on odd ones.
    with MATTERS.open(encoding="utf-8", newline="") as file:
        texts = [row[2] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    typed = [*texts, *ODD, *map(fold, texts)]
    told = await page.evaluate(
        """async ([texts, typed]) => {
          const { fold, places, Similar } = await import("/static/similar.js");
          const similar = new Similar(texts);
          const numbers = (text) =>
            Object.fromEntries(Object.entries(places(text)).map(([k, v]) => [k, [...v].sort()]));
          return typed.map((t) => [fold(t), numbers(t), similar.to(t).map((one) => one.index)]);
        }""",
        [texts, typed],
    )
    similar = Similar(texts)
    for text, (folded, numbers, found) in zip(typed, told, strict=True):
        assert folded == fold(text)
        assert numbers == {kind: sorted(named) for kind, named in places(text).items()}, text
        assert found == [match.index for match in similar.to(text)], text
    await context.close()
