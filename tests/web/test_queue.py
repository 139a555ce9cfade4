"""What the secretary and the leader do with the questions of a meeting, by plain forms."""

import asyncio
import html
import re

import pytest

from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")
ASKED = "den ngo 5 hong 2 thang"
WORDS = "Đèn ngõ 5 hỏng hai tháng, bao giờ sửa?"


def text(page):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def value(page, name):
    return html.unescape(page.text.split(f'data-value="{name}"')[1].split(">", 1)[1].split("<")[0])


async def ask(house, words, **more):
    usual = {"name": None, "via": "phone", "key": words, "by": None}
    return await house.room.ask(words, **(usual | more))


@pytest.fixture
async def secretary(house):
    await house.room.start_meeting(LEADER)
    return await house.client_as(Role.SECRETARY, "Bà Bình")


async def test_other_words_and_merging_by_plain_forms(house, client, secretary):
    first, second = await ask(house, ASKED), await ask(house, "Sửa đèn giúp với")
    for command, fields in [
        ("reword-question", {"question": first.question_id, "text": WORDS}),
        ("merge-question", {"question": second.question_id, "number": "1"}),
        ("show-question", {"question": first.question_id}),
    ]:
        done = await secretary.post(
            f"/do/{command}", data=fields, headers={"Referer": f"{house.url}/secretary"}
        )
        assert (done.status_code, done.headers["location"]) == (303, "/secretary"), command
    page = text(await secretary.get("/secretary"))
    assert f"{WORDS} Bà con viết: {ASKED}" in page
    assert "2 người cùng hỏi việc này Câu số 2 Không ghi tên Sửa đèn giúp với Tách ra" in page
    stage = await house.client_as(Role.STAGE)
    assert WORDS in text(await stage.get("/stage"))

    receipt = await client.get(f"/receipt/{first.code}")
    assert (value(receipt, "text"), value(receipt, "public-text")) == (ASKED, WORDS)
    merged = await client.get(f"/receipt/{second.code}")
    assert f"Trả lời chung với câu số 1: {WORDS}" in text(merged)
    found = await client.get(f"/receipt/{second.code}", headers={"Accept": "application/json"})
    assert (found.json()["merged_into"], found.json()["state"]) == (1, "on_stage")

    fields = {"question": first.question_id, "text": "Mai sửa", "other": "Bác Tư"}
    await secretary.post("/do/answer-question", data=fields)
    for page in (receipt, merged):
        again = await client.get(page.url.path)
        assert (value(again, "answer"), value(again, "answered-by")) == ("Mai sửa", "Bác Tư")
        assert "vừa vào họp" in text(again)
    board = await client.get("/board")
    assert board.text.count('data-value="answered-question"') == 1
    assert WORDS in text(board) and value(board, "answered-by") == "Bác Tư"


async def test_what_cannot_be_merged_is_told_in_words(house, secretary):
    first, second = await ask(house, "Ngõ 5 ngập"), await ask(house, "Ngõ 9 ngập")
    fields = {"question": second.question_id, "number": "1"}
    refused = await secretary.post("/do/merge-question", data=fields)
    assert refused.status_code == 409
    assert "một câu nói về Ngõ 9, câu kia nói về Ngõ 5" in text(refused)
    fields = {"question": first.question_id, "number": "7"}
    refused = await secretary.post("/do/merge-question", data=fields)
    assert "Không có câu số 7" in text(refused)


async def test_the_code_of_a_question_entered_for_somebody_is_shown_large(house, client, secretary):
    fields = {"text": "Nhà cụ Tư mất nước", "name": "Cụ Tư", "key": "k1", "consent": WORDING}
    done = await secretary.post("/do/enter-question", data=fields)
    page = await secretary.get(done.headers["location"])
    assert page.status_code == 200
    code = re.search(r'data-value="receipt">(.*?)</p>', page.text)[1]
    code = re.sub(r"<[^>]*>", "", code)
    assert value(await client.get(f"/receipt/{code}"), "text") == "Nhà cụ Tư mất nước"
    assert "Cụ Tư, " in text(page) and "vừa vào họp, ghi hộ" in text(page)
    json = {"Accept": "application/json"}
    again = (await secretary.post("/do/enter-question", data=fields, headers=json)).json()
    assert again["url"] == done.headers["location"], "a double tap"
    assert code in again["message"]
    stranger = await client.get(done.headers["location"])
    assert stranger.status_code == 303


async def test_who_has_the_floor_has_answered(house, client, secretary):
    """Unless the form says somebody else."""
    receipt = await ask(house, "Bao giờ sửa cống?")
    await house.room.show_question(LEADER, receipt.question_id)
    page = await secretary.get("/secretary")
    assert "Người bấm nút này" in page.text
    await secretary.post(
        "/do/answer-question", data={"question": receipt.question_id, "text": "Mai"}
    )
    assert (await house.room.find_receipt(receipt.code)).answered_by == "Bà Bình"


async def test_a_hall_behind_one_address_asks_along_without_javascript(house, client, secretary):
    """Each telephone once; none of three hundred is in another's way."""
    receipt = await ask(house, "Bao giờ sửa cống?")
    assert "Chưa có câu nào" in text(await client.get("/questions"))
    await house.room.approve_question(LEADER, receipt.question_id)
    path = f"/questions/{receipt.question_id}/vote"
    stranger = await house.client().post(path)
    assert stranger.status_code == 409 and "cookie" in text(stranger)
    page = await client.get("/questions")
    assert f'action="{path}"' in page.text and value(page, "askers") == "1"
    for _ in range(2):
        done = await client.post(path)
        assert (done.status_code, done.headers["location"]) == (
            303,
            f"/questions#question-{receipt.question_id}",
        )
    page = await client.get("/questions")
    assert value(page, "askers") == "2" and f'action="{path}"' not in page.text

    async def thirty() -> None:
        browser = house.client()
        for _ in range(30):
            await browser.get("/questions")
            assert (await browser.post(path)).status_code == 303
            del browser.cookies["av_device"]

    await asyncio.gather(*(thirty() for _ in range(10)))
    told = (await client.get("/questions", headers={"Accept": "application/json"})).json()
    assert [(one["number"], one["askers"]) for one in told["questions"]] == [(1, 302)]
    assert "302 người cùng hỏi việc này" in text(await secretary.get("/secretary"))


async def test_the_next_question_is_the_same_for_all_and_on_the_stage(house, secretary):
    asked = [await ask(house, f"Câu hỏi {number}?") for number in (1, 2, 3)]
    for receipt in asked:
        await house.room.approve_question(LEADER, receipt.question_id)
    await house.room.show_question(LEADER, asked[0].question_id)
    leader, stage = await house.client_as(Role.LEADER), await house.client_as(Role.STAGE)
    for client, path in [(leader, "/panel"), (secretary, "/secretary"), (stage, "/stage")]:
        page = await client.get(path)
        marked = re.search(r'data-value="next-question" data-code="(\w+)"', page.text)
        assert marked[1] == asked[1].question_id, path
        assert page.text.count('data-value="next-question"') == 1, path
    assert "Câu tiếp theo: câu số 2" in text(await stage.get("/stage"))


async def test_who_wants_to_speak_is_noted_called_and_done_by_plain_forms(house, secretary):
    await secretary.post("/do/note-hand", data={"name": "bác Tư"})
    await secretary.post("/do/note-hand", data={"name": ""})
    page = await secretary.get("/secretary")
    assert "bác Tư trong hội trường Mời phát biểu Xong Một bà con trong hội trường" in text(page)
    assert value(page, "hands") == "2"
    first, second = house.room.view.value.hands()
    leader, stage = await house.client_as(Role.LEADER), await house.client_as(Role.STAGE)
    await leader.post("/do/call-hand", data={"hand": first.id})
    assert "Mời phát biểu: bác Tư" in text(await stage.get("/stage"))
    assert "bác Tư đang phát biểu Xong Một bà con" in text(await leader.get("/panel"))
    await secretary.post("/do/end-hand", data={"hand": first.id})
    assert "Mời phát biểu:" not in text(await stage.get("/stage"))
    assert [hand.id for hand in house.room.view.value.hands()] == [second.id]
