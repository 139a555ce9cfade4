"""The steering committee's page: its figures, and the list behind each of them."""

import csv
import html
import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from feedback import casework
from feedback.actions import Handler
from feedback.case import Answer
from feedback.intake import check, receive
from feedback.ledger_book import store_head
from feedback.ledger_lines import Signer
from feedback.topics import Topic
from ward.accounts import AccountRole
from web.hub.access import COOKIE

NOW = datetime.now(UTC)
CHIEF = Handler("a1", "Trần Thị Hoa")
ANSWER = Answer("Đã thông cống", "Phòng Kinh tế", date(2026, 11, 2))


@pytest.fixture
async def cases(hub):
    """One late, one in time and rated, one too late, one refused, one transferred."""
    place, at = hub.site.workplace, NOW - timedelta(days=60)

    async def received(text, when=NOW, house_id=None):
        draft = check(text, name="Ông Tư", via="phone", key="")
        alongside = {"by": "resident", "now": when, "alongside": lambda *_: None}
        rules = hub.site.rules
        case, _ = await receive(hub.database, draft, rules, **alongside, house_id=house_id)
        return case.id

    async def do(action, case_id, *values, **more):
        await place.do(action, case_id, CHIEF, None, *values, **more)

    made = {
        "late": await received("Cống tắc đã lâu", at),
        "in_time": await received("Đèn hỏng"),
        "overdue": await received("Rác chưa dọn", at),
        "refused": await received("Cầu vượt bẩn"),
        "transferred": await received("Xe đỗ lấn vỉa hè"),
    }
    await received("Đang xuống nhà văn hóa", house_id="to-5")
    for one in ("in_time", "overdue"):
        await do(casework.confirm_topic, made[one], Topic.ENVIRONMENT)
        await do(casework.take, made[one])
        await do(casework.publish, made[one], ANSWER)
    case = (await place.find(made["in_time"])).case
    await place.say(casework.rate, case.receipt, 4)
    await do(casework.refuse, made["refused"], "Do tỉnh quản lý", "Sở Xây dựng")
    await do(casework.transfer, made["transferred"], "police", "Thuộc Công an phường")
    return made


@pytest.fixture
async def chief(hub):
    return await hub.client_as(AccountRole.HANDLER, "Phạm Văn Chính")


def row(page, code):
    """The figures of a row, each with where it leads."""
    found = re.search(rf'<tr data-value="row" data-code="{code}">(.*?)</tr>', page, re.DOTALL)[1]
    cells = re.findall(r'data-value="([a-z-]+)">(?:<a[^>]*href="([^"]+)"[^>]*>)?(\(?\d+)', found)
    return {name: (count.strip("("), html.unescape(link)) for name, link, count in cells}


async def test_each_figure_has_its_list_behind_it(hub, cases, chief):
    await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Nhà văn hóa Tổ 5"))
    page = (await chief.get("/committee")).text
    total = row(page, "total")
    assert {name: count for name, (count, _) in total.items()} == {
        "received": "6",
        "open": "3",
        "late": "1",
        "closed": "3",
        "in-time": "2",
        "percent": "66",
        "refused": "1",
    }
    codes = ["office", "total", *{"environment", "-"}, "to-5"]
    counted = 0
    for code in codes:
        for name, (count, link) in row(page, code).items():
            if not link:
                assert count == "0" or name == "percent", (code, name)
                continue
            listed = (await chief.get(link)).text
            assert len(re.findall(r'data-value="case"', listed)) == int(count), (code, name, link)
            counted += 1
    assert counted >= 20
    assert row(page, "environment")["received"][0] == "2"
    assert row(page, "to-5")["open"][0] == "1"
    for name in ("transfers", "ratings"):
        link = re.search(rf'data-value="{name}"><a class="figure" href="([^"]+)"', page)[1]
        assert (await chief.get(html.unescape(link))).text.count('data-value="case"') == 1
    assert 'data-value="narrowed"' in (await chief.get("/work?view=refused&topic=-")).text


async def test_what_somebody_has_to_ask_about_is_named(hub, cases, chief):
    page = (await chief.get("/committee")).text
    assert re.findall(r'data-value="late-case" data-code="(\w+)"', page) == [cases["late"]]
    assert re.findall(r'data-value="refused-case" data-code="(\w+)"', page) == [cases["refused"]]
    assert 'data-value="next-holder">Sở Xây dựng<' in page
    transferred = re.findall(r'data-value="transferred-case" data-code="(\w+)"', page)
    assert transferred == [cases["transferred"]] and "Công an phường" in page
    assert 'data-value="mean-rating">4.0<' in page and 'data-value="rating-4">1<' in page
    assert "Ông Tư" not in page


async def test_received_is_closed_and_open_in_every_ledger(hub, cases, chief):
    await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Nhà văn hóa Tổ 5"))
    sums = {"received": 9, "answered": 4, "refused": 1, "handed_over": 2, "erased": 0, "open": 2}
    for number in (1, 5):
        head = Signer(b"h" * 32, "Tổ 5").sign(number, "0" * 64, "1" * 64, sums, NOW)
        await store_head(hub.database, "to-5", json.loads(head.line()))
    page = (await chief.get("/committee")).text
    found = re.findall(r'<p data-value="ledger" data-code="([\w-]+)">(.*?)</p>', page, re.DOTALL)
    assert [code for code, _ in found] == ["ward-ward", "to-5-own", "to-5-ward"]
    received = []
    for _, line in found:
        first, *rest = map(int, re.findall(r'data-value="ledger-[a-z-]+">(\d+)<', line))
        assert first == sum(rest)
        received.append(first)
    assert received == [6, 9, 1]
    assert "ledger.does_not_fit" not in page
    shorter = Signer(b"h" * 32, "Tổ 5").sign(3, "0" * 64, "1" * 64, sums, NOW)
    await store_head(hub.database, "to-5", json.loads(shorter.line()))
    assert 'data-code="ledger.does_not_fit"' in (await chief.get("/committee")).text


async def test_its_figures_are_a_table_too(hub, cases, chief):
    answer = await chief.get("/committee.csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert header[:4] == ["Xếp theo", "Tên", "Đã nhận", "Đang mở"]
    assert rows[0] == ["Tất cả", "", "6", "3", "1", "3", "2", "66", "1"]
    assert {row[0] for row in rows} == {"Tất cả", "Nơi giải quyết", "Lĩnh vực", "Nhà văn hóa"}


async def test_it_is_for_the_committee_alone(hub, cases, admin):
    assert (await admin.get("/committee")).status_code == 200
    assert 'href="/committee"' in (await admin.get("/work")).text
    account, code = await hub.site.accounts.create(
        "police@phuong.example", "Anh Minh", AccountRole.HANDLER, "police"
    )
    await hub.site.accounts.set_password(code, "chín con voi đi chợ")
    secret = (await hub.site.access.sessions.open(account)).secret
    police = hub.client(**{COOKIE: secret})
    official = await hub.client_as(AccountRole.OFFICIAL)
    for client in (police, official):
        for path in ("/committee", "/committee.csv"):
            assert "ward.not_your_part" in (await client.get(path)).text
    assert 'href="/committee"' not in (await police.get("/work")).text
    assert (await hub.client().get("/committee")).headers["location"] == "/login?next=/committee"
