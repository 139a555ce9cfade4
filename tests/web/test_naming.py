"""A name: nobody has to give one, consent to keep it is never by default, and a hidden one is for
the leader and the secretary alone."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from feedback import outward, store
from feedback.case import Consent
from feedback.consent import WORDING
from rooms.view import Role
from web import templating

TEXT = "Bao giờ sửa cống ngõ 5?"
NAME = "Bà Trần Thị Năm"
AS_JSON = {"Accept": "application/json"}


async def ask(client, **more):
    return await client.post("/ask", data={"text": TEXT, "name": NAME, **more})


async def the_case(house):
    (question,) = house.room.view.value.questions
    return await house.room._database.read(lambda c: store.get(c, question.id))


async def test_a_name_needs_a_yes_that_nobody_gave_beforehand(house, client):
    page = (await client.get("/ask")).text
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", page)
    assert len(boxes) == 2 and not any("checked" in box for box in boxes)
    for typed in ("", "yes", "name-0"):
        refused = await ask(client, consent=typed, name_hidden="yes")
        assert refused.status_code == 422 and 'data-code="consent.missing"' in refused.text
        assert f'value="{NAME}"' in refused.text and TEXT in refused.text
        (consent,) = re.findall(r"<input[^>]*name=\"consent\"[^>]*>", refused.text)
        assert "checked" not in consent, "nor ticked by us the second time"
    told = await client.post("/ask", data={"text": TEXT, "name": NAME}, headers=AS_JSON)
    assert (told.status_code, told.json()["code"]) == (422, "consent.missing")
    assert not house.room.view.value.questions


async def test_without_a_name_nothing_is_agreed_to(house, client):
    assert (await ask(client, name=" ", consent=WORDING, name_hidden="yes")).status_code == 303
    case = (await the_case(house)).case
    assert (case.name, case.name_hidden, case.consent) == (None, False, None)


async def test_consent_is_kept_with_the_case_and_shown_on_the_receipt(house, client):
    receipt = (await ask(client, consent=WORDING)).headers["location"]
    case = (await the_case(house)).case
    assert case.consent == Consent(WORDING, case.received_at)
    page = (await client.get(receipt)).text
    assert f'data-value="consent" data-code="{WORDING}"' in page
    assert 'data-value="name-hidden"' not in page and NAME not in page
    told = (await client.get(receipt, headers=AS_JSON)).json()
    assert (told["consent"], told["name_hidden"]) == (WORDING, False)
    assert told["consented_at"] == case.received_at.isoformat()


async def test_a_hidden_name_is_for_the_leader_and_the_secretary_alone(house, client):
    receipt = (await ask(client, consent=WORDING, name_hidden="yes")).headers["location"]
    leader, secretary = [await house.client_as(role) for role in (Role.LEADER, Role.SECRETARY)]
    stage, technician = [await house.client_as(role) for role in (Role.STAGE, Role.TECHNICIAN)]
    question = house.room.view.value.questions[0]
    await leader.post("/do/start-meeting")
    await leader.post("/do/approve-question", data={"question": question.id})
    await leader.post("/do/show-question", data={"question": question.id})
    assert (await leader.get("/panel/questions")).text.count(NAME) == 1
    assert 'data-value="hidden-name"' in (await secretary.get("/secretary")).text
    public = [
        await stage.get("/stage"),
        await technician.get("/technician"),
        *[await client.get(path) for path in (receipt, "/questions", "/board", "/ledger.jsonl")],
    ]
    assert TEXT in public[0].text, "it is on the stage"
    await leader.post("/do/answer-question", data={"question": question.id, "text": "Mai sửa."})
    public.append(await client.get("/board", headers=AS_JSON))
    await leader.post("/do/end-meeting")
    ended = house.room.view.value.phase
    assert ended == "closing"
    for page in public:
        assert page.status_code == 200, page.url
        assert NAME not in page.text, page.url
    assert 'data-value="name-hidden"' in public[2].text
    dossier = await the_case(house)
    assert dossier.case.name == NAME
    body = outward.body_of(dossier, dossier.case.received_at)
    assert NAME not in json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize("page", ["/panel/questions", "/secretary"])
async def test_on_behalf_of_somebody_who_agreed(house, page):
    role = Role.LEADER if page.startswith("/panel") else Role.SECRETARY
    clerk = await house.client_as(role)
    form = {"text": TEXT, "name": NAME, "key": "k1"}
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", (await clerk.get(page)).text)
    assert len(boxes) >= 2 and not any("checked" in box for box in boxes)
    refused = await clerk.post("/do/enter-question", data=form, headers=AS_JSON)
    assert refused.json()["code"] == "consent.missing"
    done = await clerk.post(
        "/do/enter-question", data={**form, "consent": WORDING, "name_hidden": "yes"}
    )
    assert done.status_code == 303
    case = (await the_case(house)).case
    assert (case.via, case.name, case.name_hidden) == ("hall", NAME, True)
    assert case.consent == Consent(WORDING, case.received_at)
    assert NAME in (await clerk.get(done.headers["location"])).text


def test_other_words_get_another_version():
    """What was agreed to is found by its version: who changes the words changes that as well."""
    agreed = {"name-1": "693709a80f0b"}
    template = (Path(templating.__file__).parent / "templates" / "consent.html").read_text("utf-8")
    words = " ".join(re.findall(r'_\("([^"]*đồng ý[^"]*)"\)', template))
    assert agreed[WORDING] == hashlib.sha256(words.encode()).hexdigest()[:12]
