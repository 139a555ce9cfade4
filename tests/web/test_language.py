from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import httpx
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from base.cause import Cause
from web.language import clock, date, local_path
from web.sentences import Sentence, say, sentences

WEB = Path(__file__).parents[2] / "web"


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (WEB / "locale/en.po").open("rb") as file:
        return read_po(file, locale="en")


@pytest.mark.parametrize("template", sorted(WEB.glob("templates/**/*.html")), ids=lambda p: p.name)
def test_every_text_has_its_english(template: Path, english: Catalog):
    found = extract_from_file(
        "jinja2", str(template), options={"trimmed": "true", "silent": "false"}
    )
    missing = [
        message
        for _, message, _, _ in found
        if not (english.get(message) and english[message].string)
    ]
    assert missing == []


async def test_the_house_speaks_vietnamese_until_somebody_chooses(house, client):
    assert '<html lang="vi">' in (await client.get("/")).text
    chosen = await client.get("/language/en?back=/board%3Fpage=2")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/board?page=2")
    page = (await client.get("/")).text
    assert '<html lang="en">' in page and "Send" in page
    assert "sửa" not in page
    refused = await client.get("/receipt/AAAABBBBCCCC")
    assert "receipt code" in refused.text


async def test_an_unknown_language_is_no_page(client):
    assert (await client.get("/language/xx")).status_code == 404
    assert '<html lang="vi">' in (await client.get("/", headers={"Cookie": "lang=xx"})).text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:x",
        "",
        None,
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil.example",
    ],
)
async def test_a_way_back_never_leaves_the_house(path):
    assert local_path(path) == "/"


async def test_the_switch_comes_back_to_the_same_page(client: httpx.AsyncClient):
    page = (await client.get("/board?page=3")).text
    assert 'href="/language/en?back=/board%3Fpage%3D3"' in page


def test_times_are_vietnams():
    then = datetime(2026, 7, 22, 18, 15, tzinfo=UTC)
    assert clock(then, "vi") == "01:15, 23/07/2026"
    assert clock(then, "en") == "01:15, 23 Jul 2026"
    assert clock(datetime.now(UTC), "vi").endswith(" hôm nay")
    assert (date(then, "vi"), date(then, "en")) == ("23/07/2026", "23 Jul 2026")


def test_a_cause_is_said_in_both_languages():
    assert "Cổng 8080" in say(Cause("web.port_taken", host="0.0.0.0", port=8080), "vi")
    assert say(Cause("no.such_code"), "vi") == "no.such_code"


def test_sentences_of_a_code_take_the_same_parameters():
    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    known: dict[str, Sentence] = sentences()
    assert {code for code, s in known.items() if fields(s.vi) != fields(s.en)} == set()
