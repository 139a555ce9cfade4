"""The handlers' pages: what there is to do, and a case from its receipt to its public answer."""

import re
from dataclasses import dataclass
from datetime import date

import pytest

from feedback.intake import check, receive
from feedback.suggesting import Suggesting
from feedback.topics import Topic
from ward.accounts import AccountRole
from web.hub.access import COOKIE

DONE = {
    "text": "Đã nạo vét cống, nước rút hết.",
    "office": "Phòng Kinh tế, Hạ tầng và Đô thị phường",
    "done_on": date(2026, 11, 20).isoformat(),
}


@pytest.fixture
async def handler(hub):
    return await hub.client_as(AccountRole.HANDLER, "Trần Thị Hoa")


async def receive_one(hub, text="Cống ngõ 5 tắc, nước đọng", name=None, **more):
    draft = check(text, name=name, via="phone", key="", **more)
    case, _ = await receive(
        hub.database,
        draft,
        hub.site.rules,
        by="resident",
        now=hub.site.workplace.now(),
        alongside=lambda *_: None,
    )
    return case.id


async def press(client, case, action, **fields):
    """As on the page: with the revision that it shows."""
    page = (await client.get(f"/work/{case}")).text
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    return await client.post(f"/work/{case}/{action}", data={"seen": seen, **fields})


def state(page):
    return re.search(r'data-value="case-state" data-code="(\w+)"', page)[1]


async def test_from_the_list_to_the_public_answer(hub, handler):
    case = await receive_one(hub, name="Ông Tư")
    listed = (await handler.get("/work")).text
    assert f'href="/work/{case}"' in listed
    assert 'data-value="count-new">1<' in listed
    page = (await handler.get(f"/work/{case}")).text
    assert "Ông Tư" in page
    assert 'data-action="publish-answer"' not in page, "nobody has taken it"

    taken = await press(handler, case, "take")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/work/{case}")
    assert f'href="/work/{case}"' in (await handler.get("/work?view=mine")).text
    await press(handler, case, "topic", topic="infrastructure")
    await press(handler, case, "draft", text="Đang làm")
    assert "Trần Thị Hoa đã soạn" in (await handler.get(f"/work/{case}")).text
    assert (await press(handler, case, "publish", **DONE)).status_code == 303
    page = (await handler.get(f"/work/{case}")).text
    assert state(page) == "answered"
    events = re.findall(r'data-value="event" data-code="(\w+)"', page)
    assert events[0] == "received"
    assert [e for e in events if e != "due"][-4:] == [
        "taken",
        "topic_confirmed",
        "drafted",
        "answered",
    ]


@dataclass(frozen=True)
class Suggestion:
    topic: Topic = Topic.INFRASTRUCTURE
    confidence: float = 0.83


async def test_a_topic_that_was_suggested_is_confirmed(hub, handler):
    case = await receive_one(hub)
    suggesting = Suggesting(hub.database, hub.site.rules, lambda _: Suggestion(), lambda *_: None)
    assert await suggesting.step() == 1
    page = (await handler.get(f"/work/{case}")).text
    assert "Máy gợi ý lĩnh vực</strong>: Hạ tầng<" in page and "chắc 83 %" in page
    assert "máy của phường tự ghi" in page
    await press(handler, case, "topic", topic="environment")
    page = (await handler.get(f"/work/{case}")).text
    assert "Vệ sinh môi trường<" in page and "Trần Thị Hoa xác nhận" in page


async def test_numbers_that_are_none_are_taken_for_none(hub, handler):
    case, digits = await receive_one(hub), "1" * 5_000
    assert (await handler.get(f"/work?page={digits}")).status_code == 200
    answer = await handler.post(f"/work/{case}/take", data={"seen": digits})
    assert answer.status_code == 400


async def test_a_hidden_name_reaches_nobody_at_the_ward(hub, handler, admin):
    case = await receive_one(hub, name="Ông Tư", name_hidden=True)
    for who in (handler, admin):
        page = (await who.get(f"/work/{case}")).text
        assert 'data-value="name-hidden"' in page and "Ông Tư" not in page
        assert "Ông Tư" not in (await who.get("/work?view=all")).text
    assert "Ông Tư" not in (await admin.get("/ledger.jsonl")).text


async def test_what_seems_to_denounce_somebody_is_marked(hub, handler):
    case = await receive_one(hub, "Tôi tố cáo cán bộ phường nhận hối lộ.")
    for path in ("/work", f"/work/{case}"):
        assert 'data-value="sensitive" data-code="denunciation"' in (await handler.get(path)).text
    other = await receive_one(hub)
    assert 'data-value="sensitive"' not in (await handler.get(f"/work/{other}")).text


async def test_what_names_a_person_needs_a_yes(hub, handler):
    case = await receive_one(hub, "Gọi tôi 0912 345 678 về việc cống")
    await press(handler, case, "take")
    answer = await press(handler, case, "publish", **DONE)
    assert answer.status_code == 422
    assert "0912 345 678" in re.search(r"<mark>(.*?)</mark>", answer.text)[1]
    assert DONE["text"] in answer.text, "what was typed stays"
    shorter = await press(handler, case, "publish", **DONE, public_text="Về việc cống")
    assert shorter.status_code == 303
    assert "Về việc cống" in (await handler.get(f"/work/{case}")).text


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("publish", DONE | {"done_on": ""}, "ngày"),
        ("publish", DONE | {"done_on": "hôm qua"}, "ngày"),
        ("publish", DONE | {"done_on": "2199-01-01"}, "ngày"),
        ("publish", DONE | {"office": " "}, "cơ quan"),
        ("publish", DONE | {"text": ""}, ""),
        ("transfer", {"to": "moon", "reason": "Không thuộc chúng tôi"}, "cơ quan"),
        ("transfer", {"to": "police", "reason": ""}, ""),
        ("refuse", {"reason": "Việc của tỉnh", "next_holder": ""}, "đâu"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_lost(hub, handler, action, fields, words):
    case = await receive_one(hub)
    await press(handler, case, "take")
    answer = await press(handler, case, action, **fields)
    assert 400 <= answer.status_code < 500
    problem = re.search(r'role="alert" data-code="([\w.]+)">([^<]+)<', answer.text)
    assert words in problem[2].lower() or words in problem[2]
    assert state(answer.text) == "in_progress"
    for value in (fields.get("reason"), fields.get("text")):
        assert (value or "") in answer.text


async def test_a_transfer_is_acknowledged_or_sent_back_with_a_reason(hub, handler, admin):
    case = await receive_one(hub, "Thanh niên đua xe lúc nửa đêm")
    account, code = await hub.site.accounts.create(
        "ca@phuong.example", "Lê Văn An", AccountRole.HANDLER, "police"
    )
    await hub.site.accounts.set_password(code, "chín con voi đi chợ")
    police = hub.client(**{COOKIE: (await hub.site.access.sessions.open(account)).secret})
    assert (await police.get(f"/work/{case}")).status_code == 403, "not theirs yet"
    await press(handler, case, "transfer", to="police", reason="Việc về an ninh")
    assert state((await handler.get(f"/work/{case}")).text) == "transferred"
    assert f'href="/work/{case}"' in (await police.get("/work")).text
    assert "Công an phường" in (await police.get("/work")).text

    back = await press(police, case, "send-back", to="office", reason="Văn phòng giữ hồ sơ")
    assert back.status_code == 303
    assert (await police.get(f"/work/{case}")).status_code == 403
    await press(handler, case, "transfer", to="police", reason="Đã hỏi, đúng là an ninh")
    await press(police, case, "accept")
    page = (await police.get(f"/work/{case}")).text
    assert state(page) == "in_progress"
    assert 'data-value="owner" data-code="police"' in page
    assert "Văn phòng giữ hồ sơ" in page, "the history is whole"


async def test_refused_with_a_reason_and_the_next_holder_then_opened_again(hub, handler):
    case = await receive_one(hub)
    holder = "Sở Xây dựng, 258 Võ Chí Công"
    await press(handler, case, "refuse", reason="Cống chính do tỉnh quản lý", next_holder=holder)
    page = (await handler.get(f"/work/{case}")).text
    assert state(page) == "refused"
    assert holder in page
    await press(handler, case, "reopen", reason="Tỉnh giao lại cho phường")
    assert state((await handler.get(f"/work/{case}")).text) == "waiting"


async def test_an_old_page_overwrites_nobody(hub, handler, admin):
    case = await receive_one(hub)
    await press(handler, case, "take")
    old = await admin.post(f"/work/{case}/urgency", data={"seen": "1", "urgency": "urgent"})
    assert old.status_code == 409
    assert "Trần Thị Hoa vừa thay đổi" in old.text
    assert (await press(admin, case, "urgency", urgency="urgent")).status_code == 303
    assert 'data-value="urgent"' in (await admin.get(f"/work/{case}")).text


async def test_found_by_words_without_accents_and_by_receipt(hub, handler):
    await receive_one(hub)
    await receive_one(hub, "Đèn đường hỏng")
    found = (await handler.get("/work?view=all&words=den+duong")).text
    assert "Đèn đường hỏng" in found
    assert "Cống ngõ 5" not in found
    assert "Thử ít chữ hơn" in (await handler.get("/work?view=all&words=phi+thuyen")).text
    assert (await handler.get("/work?view=nonsense&page=x&house=zz")).status_code == 200


async def test_markup_means_nothing(hub, handler):
    case = await receive_one(hub, "<script>alert(1)</script> & cống")
    for path in ("/work", f"/work/{case}"):
        page = (await handler.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


async def test_who_may_not_look(hub):
    case = await receive_one(hub)
    for role in (AccountRole.OFFICIAL, AccountRole.TECHNICIAN):
        client = await hub.client_as(role)
        for path in ("/work", f"/work/{case}"):
            assert (await client.get(path)).status_code == 403
        assert (await client.post(f"/work/{case}/take", data={"seen": "1"})).status_code == 403
    nobody = hub.client()
    assert (await nobody.get("/work")).headers["location"] == "/login?next=/work"


async def test_nonsense_is_refused(hub, handler):
    case = await receive_one(hub)
    assert (await handler.get("/work/unknown")).status_code == 404
    assert (await handler.post(f"/work/{case}/fly", data={"seen": "1"})).status_code == 400
    assert (await handler.post(f"/work/{case}/take", data={})).status_code == 400
    wrong = await handler.post(f"/work/{case}/topic", data={"seen": "1", "topic": "weather"})
    assert wrong.status_code == 400


async def test_the_admin_says_whose_cases_an_account_deals_with(hub, admin):
    fields = {"login": "kt@phuong.example", "name": "Kinh Tế", "role": "handler"}
    assert (await admin.post("/accounts", data=fields | {"authority": "moon"})).status_code == 400
    await admin.post("/accounts", data=fields | {"authority": "economy"})
    account = next(a for a in await hub.site.accounts.all() if a.login == "kt@phuong.example")
    assert account.authority == "economy"
    page = (await admin.get("/accounts")).text
    assert 'data-value="authority" data-code="economy"' in page
    await admin.post(f"/accounts/{account.id}/authority", data={"authority": ""})
    assert (await hub.site.accounts.find(account.id)).authority is None
