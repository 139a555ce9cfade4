"""What residents find on the house's board, and what is never found there."""

import csv
import io

import pytest

from feedback.topics import Topic
from rooms.meeting import Actor
from rooms.view import Role
from web.residents import export

LEADER = Actor(Role.LEADER, "Bác Lan")
AS_JSON = {"Accept": "application/json"}


async def asked(house, text, **more):
    """Its id."""
    fields = {"name": "Ông Tư", "via": "phone", "key": "", "by": None} | more
    return (await house.room.ask(text, **fields)).question_id


async def found(client, path="/board", **query):
    told = (await client.get(path, params=query, headers=AS_JSON)).json()
    return [one["text"] for one in told["questions"]]


async def about(house, question_id, topic):
    statement = f"UPDATE case_work SET topic = '{topic.value}' WHERE case_id = '{question_id}'"
    await house.database.write(lambda c: c.exec_driver_sql(statement))


async def test_a_search_finds_what_is_public_with_accents_or_without(house, client):
    road = await asked(house, "Khi nào sửa đường ngõ 5?")
    lights = await asked(house, "Đèn đường ngõ 15 hỏng")
    waiting = await asked(house, "Đường trước cổng bẩn quá")
    await asked(house, "Đường này chưa ai duyệt")
    for question in (road, lights):
        await house.room.answer_question(LEADER, question, "Tuần sau thợ đến.")
    await house.room.approve_question(LEADER, waiting)
    await about(house, lights, Topic.INFRASTRUCTURE)

    both = ["Đèn đường ngõ 15 hỏng", "Khi nào sửa đường ngõ 5?"]
    assert await found(client) == both, "the board itself is what was answered"
    everything = ["Đường trước cổng bẩn quá", *both]
    assert await found(client, words="duong") == await found(client, words="ĐƯỜNG") == everything
    assert await found(client, words="duong", state="answered") == both
    assert await found(client, words="duong", state="open") == everything[:1]
    assert await found(client, state="open") == everything[:1]
    assert await found(client, words="ngo 5") == ["Khi nào sửa đường ngõ 5?"]
    assert await found(client, words="thợ đường", topic="infrastructure") == both[:1]
    assert await found(client, words="duyet") == await found(client, words="Tư") == []
    odd = {"words": "duong", "topic": "nonsense", "state": "x", "page": "0"}
    assert await found(client, **odd) == everything

    page = (await client.get("/board", params={"words": "ĐƯỜNG <b>", "state": "open"})).text
    assert 'value="ĐƯỜNG &lt;b&gt;"' in page and 'data-value="nothing-found"' in page
    page = (await client.get("/board", params={"words": "duong"})).text
    assert f'/questions#question-{waiting}"' in page and 'data-code="infrastructure"' in page
    assert page.count('data-value="answered-question"') == 2
    receipt = (await client.get("/board", params={"words": "K7QM-3XWP-9DTA"})).text
    assert 'href="/receipt?code=K7QM-3XWP-9DTA"' in receipt


async def test_a_search_finds_other_words_and_not_what_they_stand_for(house, client):
    question = await asked(house, "Ông Hùng số 12 hát đêm")
    await house.room.reword_question(LEADER, question, "Ngõ 5 ồn ban đêm")
    await house.room.approve_question(LEADER, question)
    assert (await found(client, words="hùng"), await found(client, words="ồn")) == (
        [],
        ["Ngõ 5 ồn ban đêm"],
    )
    await house.room.answer_question(LEADER, question, "Đã nhắc.")
    assert (await found(client, words="hùng"), await found(client, words="nhac on")) == (
        [],
        ["Ngõ 5 ồn ban đêm"],
    )
    await house.room.approve_question(LEADER, await asked(house, "Câu mới"))
    await house.room.dismiss_question(LEADER, await asked(house, "Bịa đặt"), "Không rõ là gì")
    assert await found(client, words="dat") == await found(client, words="khong ro") == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
async def test_a_phone_searches_and_turns_the_pages(house, browser, script):
    for number in range(23):
        question = await asked(house, f"Đường ngõ {number} ngập")
        await house.room.answer_question(LEADER, question, "Sẽ sửa.")
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, base_url=house.url, java_script_enabled=script
    )
    page = await context.new_page()
    await page.goto("/board")
    await page.fill("#words", "duong ngap")
    await page.click("[data-action=search-board]")
    await page.wait_for_url("**/board?words=duong+ngap&topic=&state=")
    assert await page.locator("[data-value=answered-question]").count() == 20
    assert await page.input_value("#words") == "duong ngap"
    await page.click("[data-action=older]")
    await page.wait_for_url("**page=2&words=duong+ngap")
    assert await page.locator("[data-value=answered-question]").count() == 3
    await page.fill("#words", "duong bay")
    await page.press("#words", "Enter")
    await page.wait_for_selector("[data-value=nothing-found]")
    await context.close()


async def test_nobody_keeps_the_house_busy_with_searching(client):
    path = "/board?words=x"
    answers = [(await client.get(path, headers=AS_JSON)).status_code for _ in range(121)]
    assert answers == [*[200] * 120, 429]


# To be taken away


async def table_of(client, **query):
    answer = await client.get("/board.csv", params=query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="bang-cong-khai.csv"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_board_opens_in_a_spreadsheet_and_nothing_in_it_is_a_formula(
    house, client, monkeypatch
):
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    assert len(await table_of(client, state="answered")) == 1, "of nothing, the head"
    texts = ["=1+1", ' @SUM(A1)\n"hai dòng", phẩy', "-5 độ", "＝HYPERLINK", "Đèn hỏng"]
    ids = [await asked(house, text * 2) for text in texts]
    for question in ids[:-1]:
        await house.room.answer_question(LEADER, question, "+84 gọi thợ")
    await house.room.approve_question(LEADER, ids[-1])
    await about(house, ids[0], Topic.INFRASTRUCTURE)
    await asked(house, "Chưa ai duyệt")

    header, waiting, *answered = await table_of(client)
    assert header[:5] == ["Mã công khai", "Câu số", "Lĩnh vực", "Tình trạng", "Nội dung"]
    assert [row[0] for row in answered] == ids[-2::-1]
    assert (waiting[0], waiting[3], waiting[9], waiting[13]) == (ids[-1], "Chờ xử lý", "", "")
    by_name = dict(zip(header, answered[-1], strict=True))
    assert (by_name["Lĩnh vực"], by_name["Tình trạng"]) == ("Hạ tầng", "Đã xử lý")
    assert (by_name["Đúng hạn"], by_name["Người trả lời"]) == ("Có", "Bác Lan")
    assert by_name["Nhận lúc"] < by_name["Hạn trả lời"] and len(by_name["Nhận lúc"]) == 16
    assert all(row[4].startswith("'") and row[8] == "'+84 gọi thợ" for row in answered)
    assert answered[2][4] == "'" + (texts[1] * 2).strip()
    assert [row[0] for row in await table_of(client, words="dong", state="answered")] == [
        "Mã công khai",
        ids[1],
    ]
    client.cookies.set("lang", "en")
    assert (await table_of(client))[0][:4] == ["Public id", "Question no.", "Topic", "State"]
    page = (await client.get("/board?words=dong")).text
    assert 'href="/board.csv?words=dong"' in page


async def test_a_program_reads_the_whole_board_part_by_part(house, client):
    ids = [await asked(house, f"Câu số {number} ạ") for number in range(6)]
    for question in ids[:-1]:
        await house.room.answer_question(LEADER, question, "Rồi.")
    await house.room.approve_question(LEADER, ids[-1])
    path, read, parts = "/api/board?words=cau&limit=2", [], 0
    while path:
        told = (await client.get(path, headers=AS_JSON)).json()
        read += [case["id"] for case in told["cases"]]
        path, parts = told["next"], parts + 1
    assert (read, parts) == ([ids[-1], *ids[-2::-1]], 3)
    document = (await client.get("/api/openapi.json")).json()
    described = document["components"]["schemas"]["PublicCase"]["properties"]
    assert set(described) == set(told["cases"][0])
    parameters = document["paths"]["/api/board"]["get"]["parameters"]
    assert {one["name"] for one in parameters} == {"words", "topic", "state", "limit", "after"}
    for odd in ("after=x", "after=2026-01-01~ab", "after=2026-01-01T00:00Z~%27", "limit=0"):
        assert (await client.get(f"/api/board?{odd}", headers=AS_JSON)).status_code == 400, odd
