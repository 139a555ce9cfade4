"""A resident's own data, by his receipt; and whoever decides on what he asks."""

import asyncio
import re

from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")
TEXT = "Nhà tôi ở số 12 ngõ 5, gọi bà Tuyết Mai"


def codes(page, value):
    return re.findall(rf'data-value="{value}" data-code="([^"]*)"', page)


async def decide(client, decision, **fields):
    page = (await client.get("/data-requests")).text
    path = re.search(r'action="(/data-requests/[0-9a-f]+)"', page)[1]
    return await client.post(path, data={"decision": decision, **fields})


async def test_from_the_receipt_to_the_decision(house, client):
    named = {"name": "Bà Tuyết Mai", "name_hidden": True, "consent": WORDING}
    receipt = await house.room.ask(TEXT, **named, via="phone", key="1", by=None)
    address = f"/receipt/{receipt.code}/data"
    shown = (await client.get(f"/receipt/{receipt.code}")).text
    assert address.replace("-", "") in shown.replace("-", ""), "linked from the receipt"
    page = (await client.get(address)).text
    assert "Bà Tuyết Mai" in page and TEXT in page and "bản sao ở phường" not in page
    assert 'data-value="kept-consent"' in page and 'data-value="kept-name-hidden"' in page
    assert "UTC" not in page, "times are those of the wall"
    saved = await client.get(f"{address}.json")
    assert saved.headers["content-disposition"] == f'attachment; filename="{receipt.code}.json"'
    kept = saved.json()
    assert (kept["case"]["name"], kept["case"]["text"]) == ("Bà Tuyết Mai", TEXT)
    assert [line["what"] for line in kept["history"]] == ["received"]

    empty = await client.post(address, data={"kind": "correct_name", "name": ""})
    assert empty.status_code == 422 and codes(empty.text, "x") == []
    assert 'data-code="privacy.name_missing"' in empty.text
    sent = await client.post(address, data={"kind": "correct_name", "name": "Bà Mai"})
    assert sent.status_code == 303
    assert (await client.post(address, data={"kind": "nonsense"})).status_code == 400
    page = (await client.get(sent.headers["location"])).text
    assert codes(page, "request-state") == ["waiting"] and codes(page, "request-due")
    assert codes((await client.get(f"/receipt/{receipt.code}")).text, "request-state") == [
        "waiting"
    ]

    assert (await client.get("/data-requests")).status_code in (303, 401, 403)
    leader = await house.client_as(Role.LEADER)
    panel = (await leader.get("/panel/questions")).text
    assert 'data-value="data-requests-waiting">1<' in panel
    page = (await leader.get("/data-requests")).text
    plain = receipt.code.replace("-", "")
    assert plain[:4] in page, "which one it is"
    assert plain not in page.replace("-", ""), "and not what opens it: a hidden name is behind it"
    assert codes(page, "data-request") == ["correct_name"] and "Bà Mai" in page
    nothing = await decide(leader, "refused", text="")
    assert nothing.status_code == 422 and 'data-code="feedback.empty"' in nothing.text
    assert (await decide(leader, "done")).status_code == 303
    assert (await client.get(address)).text.count("Bà Tuyết Mai") == 0


async def test_what_came_on_paper_is_erased_and_shows_nowhere(house, client):
    await house.room.start_meeting(LEADER)
    receipt = await house.room.ask(TEXT, name="Bà Mai", via="phone", key="1", by=None)
    other = await house.room.ask("Đèn đường hỏng", name=None, via="phone", key="2", by=None)
    secretary = await house.client_as(Role.SECRETARY)
    entering = {"code": "0000", "kind": "erase", "name": "", "via": "paper"}
    wrong = await secretary.post("/data-requests", data=entering)
    assert wrong.status_code == 404 and 'data-code="receipt.not_found"' in wrong.text
    right = await secretary.post("/data-requests", data=entering | {"code": receipt.code})
    assert right.status_code == 303
    assert (await decide(secretary, "done")).status_code == 303
    async with asyncio.timeout(20):  # the room reads again what is stored
        while len(house.room.view.value.questions) > 1:
            await asyncio.sleep(0.02)
    assert [q.id for q in house.room.view.value.questions] == [other.question_id]
    page = (await client.get(f"/receipt/{receipt.code}")).text
    assert 'data-value="erased"' in page and "ngõ 5" not in page
    assert codes(page, "request-state") == ["done"]
    told = await client.get(f"/receipt/{receipt.code}", headers={"Accept": "application/json"})
    assert told.json()["erased_at"] and told.json()["ledger"]["proof"] is None


async def test_the_privacy_page_tells_the_rules_of_the_configuration(house, client):
    assert 'href="/privacy"' in (await client.get("/")).text
    page = (await client.get("/privacy")).text
    assert codes(page, "retention") == ["names", "dismissed", "votes", "requests"]
    assert codes(page, "answer-days") == ["2"]
    assert codes(page, "films-kept") == ["60"], "recordings of meetings, too"
    assert "365 ngày" in page and "Nghị định 356/2025/NĐ-CP, Điều 5" in page
    english = (await house.client(lang="en").get("/privacy")).text
    assert "How long it is kept" in english and "365 days" in english
