"""The ledger on the residents' pages: sums, files, and the mark on a receipt."""

import html
import re

from feedback.ledger_check import check, compare, read_heads
from rooms.meeting import Actor
from rooms.view import Role
from web.qr import qr_code

LEADER = Actor(Role.LEADER, "Bác Lan")
AS_JSON = {"Accept": "application/json"}


async def ask(client, text="Khi nào sửa đường ngõ 5?"):
    answer = await client.post("/ask", data={"text": text, "key": ""})
    return answer.headers["location"]


def value(page, name):
    return html.unescape(page.text.split(f'data-value="{name}"')[1].split(">", 1)[1].split("<")[0])


async def ledger_of(client, path="/ledger.jsonl"):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert 'filename="ledger' in answer.headers["content-disposition"]
    return answer.content.splitlines(keepends=True)


async def test_the_board_adds_up_what_the_ledger_says(house, client):
    for n in range(3):
        await ask(client, f"Câu số {n}")
    one, two, _ = house.room.view.value.questions
    await house.room.answer_question(LEADER, one.id, "Mai sửa")
    await house.room.dismiss_question(LEADER, two.id, "Không thuộc tổ")
    board = await client.get("/board")
    assert [
        value(board, f"ledger-{name}") for name in ("received", "answered", "refused", "open")
    ] == [*"3111"]
    (told,) = (await client.get("/board", headers=AS_JSON)).json()["ledgers"]
    assert (told["whose"], told["at"], told["export"]) == ("house", None, "/ledger.jsonl")
    assert told["sums"]["received"] == sum(told["sums"].values()) - 3
    checked = check(await ledger_of(client))
    assert (told["in_time"], told["closed_with_deadline"]) == checked.punctual == (2, 2)
    assert [value(board, f"ledger-{name}") for name in ("in-time", "closed")] == ["2", "2"]
    assert checked.head.sums == told["sums"]
    assert checked.head.name == "Nhà văn hóa Tổ dân phố 5"


async def test_the_mark_on_a_receipt_is_found_in_the_ledger(house, client):
    await ask(client, "Câu đầu")
    path = await ask(client)
    receipt = await client.get(path)
    told = (await client.get(path, headers=AS_JSON)).json()
    mark = told["ledger"]
    checked = check(await ledger_of(client))
    assert checked.find(value(receipt, "ledger-mark")) == checked.find(mark["hash"]) == 2
    assert value(receipt, "ledger-number") == "Mục số 2"
    assert mark["export"] == f"{house.url}/ledger.jsonl"
    link = re.search(r'href="([^"]+)" download data-action="export-ledger"', receipt.text)[1]
    assert link == f"{house.url}/ledger.jsonl#2-{mark['hash']}"
    assert checked.find(link) == checked.prove(mark["proof"]) == 2
    assert mark["proof"]["content"]["text"] == told["text"]

    drawn = re.search(r'<img class="mark-code" src="([^"]+)" loading="lazy"', receipt.text)[1]
    code = await client.get(drawn)
    assert code.headers["content-type"] == "image/svg+xml"
    assert code.text == qr_code(link, alone=True), "drawn for whoever opens it"
    assert (await client.get("/receipt/AAAABBBBCCCD/mark.svg")).status_code == 404


async def test_the_heads_of_each_day_are_published(house, client):
    assert await ledger_of(client, "/ledger-heads.jsonl") == []
    await ask(client)
    await house.site.book.sign_of_day()
    await ask(client, "Câu sau")
    heads = read_heads(await ledger_of(client, "/ledger-heads.jsonl"))
    checked = check(await ledger_of(client))
    assert (compare(checked, heads), heads[0].number, checked.head.number) == (1, 1, 2)
    board = await client.get("/board")
    assert value(board, "ledger-head") == " ".join(re.findall("....", heads[0].hash[:16]))


async def test_a_damaged_ledger_is_told_and_never_signed(house, client):
    await ask(client)
    await house.database.write(
        lambda c: c.exec_driver_sql("UPDATE ledger SET line = '{}' WHERE number = 1")
    )
    refused = await client.get("/ledger.jsonl", headers=AS_JSON)
    assert (refused.status_code, refused.json()["code"]) == (503, "ledger.damaged")
    board = await client.get("/board")
    assert board.status_code == 200
    assert 'data-code="ledger.damaged"' in board.text and "ledger-received" not in board.text


async def test_nobody_keeps_the_house_busy_with_downloads(client):
    answers = [(await client.get("/ledger.jsonl", headers=AS_JSON)).status_code for _ in range(21)]
    assert answers == [*[200] * 20, 429]
