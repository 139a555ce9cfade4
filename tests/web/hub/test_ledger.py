"""The ledgers at the ward: its own, and the heads of its houses'."""

import asyncio
import html
import json

import pytest

from feedback.ledger_book import store_head
from feedback.ledger_check import check, compare, read_heads
from feedback.ledger_lines import Signer
from web import ledger
from web.hub import house_ledger
from web.link import relay

AS_JSON = {"Accept": "application/json"}


@pytest.fixture
async def enrolled(hub):
    for number in (5, 9):
        await hub.site.houses.enrol(await hub.site.houses.invite(f"to-{number}", f"Tổ {number}"))


async def ask(client, house, text="Khi nào sửa đường ngõ 5?"):
    answer = await client.post(f"/h/{house}/ask", data={"text": text, "key": ""})
    return answer.headers["location"]


def values(page, name):
    found = page.text.split(f'data-value="{name}"')[1:]
    return [html.unescape(part.split(">", 1)[1].split("<")[0]) for part in found]


async def lines_of(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200
    return answer.content.splitlines(keepends=True)


async def test_one_ledger_for_the_hub_and_the_sums_of_each_house(hub, enrolled):
    client = hub.client()
    await ask(client, "to-5")
    path = await ask(client, "to-9")
    await ask(client, "to-9", "Câu nữa")
    for house, count in (("to-5", "1"), ("to-9", "2")):
        board = await client.get(f"/h/{house}/board")
        assert values(board, "ledger-received") == values(board, "ledger-open") == [count]
    checked = check(await lines_of(client, "/ledger.jsonl"))
    assert (checked.head.name, checked.head.sums["received"]) == ("Phường Mẫu", 3)
    mark = (await client.get(path, headers=AS_JSON)).json()["ledger"]
    assert mark["export"] == f"{hub.url}/ledger.jsonl"
    assert checked.prove(mark["proof"]) == 2
    assert checked.find(*values(await client.get(path), "ledger-mark")) == 2
    await hub.site.book.sign_of_day()
    heads = read_heads(await lines_of(client, "/ledger-heads.jsonl"))
    assert compare(check(await lines_of(client, "/ledger.jsonl")), heads) == 1


async def test_what_a_house_handed_over_shows_that_it_cut_its_ledger(
    hub, link_house, admin, monkeypatch
):
    """Over the link: signed in the house, kept and shown by the ward."""
    monkeypatch.setattr(house_ledger, "KEPT_SECONDS", 0)
    linked = await link_house(hub)
    house, client = linked.house, hub.client()
    await house.client().post("/ask", data={"text": "Bao giờ sửa cống?", "key": ""})
    before = await lines_of(house.client(), "/ledger.jsonl")
    await house.client().post("/ask", data={"text": "Bao giờ sửa đèn?", "key": ""})
    await house.site.book.sign_of_day()
    async with asyncio.timeout(40):
        while not (heads := await lines_of(client, "/h/to-5/ledger-heads.jsonl")):
            await asyncio.sleep(0.05)
    told = (await client.get("/h/to-5/board", headers=AS_JSON)).json()["ledgers"][0]
    assert (told["whose"], told["sums"]["received"], told["export"]) == (
        "house",
        2,
        "/h/to-5/ledger.jsonl",
    )
    assert told["heads"] == "/h/to-5/ledger-heads.jsonl"
    board = await client.get("/h/to-5/board")
    assert values(board, "ledger-received") == ["2", "0"]
    assert "ledger.does_not_fit" not in board.text

    # As long as the house is there, its sums are of this moment.
    await house.client().post("/ask", data={"text": "Bao giờ sửa loa?", "key": ""})
    board = await client.get("/h/to-5/board")
    assert values(board, "ledger-received") == ["3", "0"]
    assert "Tính đến" not in board.text
    committee = await admin.get("/committee")
    assert values(committee, "ledger-received") == ["0", "3"]
    assert "lúc này:" in committee.text
    await linked.hang_up()
    await hub.until("to-5", lambda known: known.linked_at is None)
    board = await client.get("/h/to-5/board")
    assert values(board, "ledger-received") == ["2", "0"]
    assert "Tính đến" in board.text
    committee = await admin.get("/committee")
    assert values(committee, "ledger-received") == ["0", "2"]
    assert "tính đến" in committee.text

    kept = read_heads(heads)
    now = check(await lines_of(house.client(), "/ledger.jsonl"))
    assert compare(now, kept) == 1
    assert kept[0].number > check(before).head.number

    signer = Signer(b"k" * 32, "Nhà văn hóa Tổ dân phố 5")
    shorter = signer.sign(1, now.hashes[1].hex(), now.head.origin, now.head.sums, kept[0].when)
    await store_head(hub.database, "to-5", json.loads(shorter.line()))
    board = await client.get("/h/to-5/board")
    assert 'data-code="ledger.does_not_fit"' in board.text


async def test_all_of_a_houses_ledger_comes_through_the_hub_in_pieces(hub, link_house, monkeypatch):
    """However large it is: no piece is larger than an answer over the link may be."""
    monkeypatch.setattr(ledger, "PIECE", 2)
    monkeypatch.setattr(relay, "MOST_ANSWER_BYTES", 1500)
    linked = await link_house(hub)
    house, client = linked.house, hub.client()
    for number in range(4):
        await house.client().post("/ask", data={"text": f"Câu số {number} ạ", "key": ""})
    there = await lines_of(house.client(), "/ledger.jsonl")
    here = await lines_of(client, "/h/to-5/ledger.jsonl")
    assert sum(map(len, here)) > 1500
    assert here[:-1] == there[:-1]
    assert check(here).head.sums["received"] == 4
    for odd in ("first=0", "first=0&last=2", "first=2&last=1", "first=x&last=1"):
        asked = await house.client().get(f"/ledger.jsonl?{odd}", headers=AS_JSON)
        assert asked.status_code == 400, odd

    receipt = await house.client().post("/ask", data={"text": "Câu cuối ạ", "key": ""})
    path = receipt.headers["location"].removeprefix(house.url)
    async with asyncio.timeout(40):
        while (found := await client.get(f"/h/to-5{path}", headers=AS_JSON)).status_code != 200:
            await asyncio.sleep(0.05)
    at_home = (await house.client().get(path, headers=AS_JSON)).json()["ledger"]
    mark = found.json()["ledger"]
    assert (mark["number"], mark["hash"]) == (at_home["number"], at_home["hash"])
    assert (mark["proof"], mark["export"]) == (None, f"{hub.url}/h/to-5/ledger.jsonl")
    assert (
        check(await lines_of(client, "/h/to-5/ledger.jsonl")).find(mark["hash"]) == mark["number"]
    )
    page = await client.get(f"/h/to-5{path}")
    assert values(page, "ledger-number") == [f"Mục số {mark['number']}"]

    await linked.hang_up()
    await hub.until("to-5", lambda known: known.linked_at is None)
    away = await client.get("/h/to-5/ledger.jsonl")
    assert (away.status_code, 'data-code="link.house_away"' in away.text) == (503, True)
    assert (await client.get("/h/to-404/ledger.jsonl")).status_code == 404
