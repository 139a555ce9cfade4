"""Whatever way something comes in: it has an owner and a deadline from its first second."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from feedback import handover, store
from feedback.desk import Desk
from feedback.handover import read_question
from feedback.tables import case_work, cases

TEXT = "Bao giờ sửa cống ngõ 5?"


async def by_a_form(office):
    await office.received(via="phone")


async def on_paper(office):
    await office.received(via="hall", name="Cụ Tư")


async def for_a_house_at_the_hub(office):
    await Desk(office.database, "to-5", office.rules).ask(TEXT, name=None, key="")


async def handed_down_by_the_ward(office):
    await for_a_house_at_the_hub(office)
    parcel = (await Desk(office.database, "to-5", office.rules).outbox().oldest(1))[0]
    question = read_question(parcel.body | {"id": "f" * 16, "receipt": "K7QM3XWP9DTA"})
    await office.database.write(lambda c: handover.take_over(c, office.rules, question))


WAYS = [by_a_form, on_paper, for_a_house_at_the_hub, handed_down_by_the_ward]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_it_has_an_owner_and_a_deadline(office, way):
    await way(office)
    without = (
        select(func.count())
        .select_from(cases.outerjoin(case_work, case_work.c.case_id == cases.c.id))
        .where(case_work.c.owner.is_(None) | case_work.c.due_at.is_(None))
    )
    known = await office.database.read(lambda c: c.execute(select(cases.c.id)).all())
    assert known
    assert await office.database.read(lambda c: c.execute(without).scalar_one()) == 0
    for row in known:
        work = (await office.place.find(row.id)).work
        assert work.owner.name and work.due_at > office.now and work.due_rule


async def test_there_is_no_way_past_it(office):
    known = await office.received()
    other = replace(known, id="f" * 16, receipt="K7QM3XWP9DTA")
    key = hashlib.sha256(b"other").digest()
    with pytest.raises(AttributeError):
        await office.database.write(lambda c: store.add(c, other, None, key, by="resident"))
    assert await office.database.read(lambda c: store.by_id(c, other.id)) is None
    root = Path(store.__file__).parents[1]
    packages = ("avcontrol", "web", "ward", "rooms", "feedback")
    files = [file for name in packages for file in (root / name).rglob("*.py")]
    writers = [file.name for file in files if "insert(cases)" in file.read_text(encoding="utf-8")]
    assert writers == ["store.py"]
