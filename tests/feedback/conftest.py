"""A place that works on cases, on a clock that is moved by hand."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Refused
from config.feedback import FeedbackSection
from feedback import store
from feedback.actions import Handler
from feedback.case import Place
from feedback.intake import check, receive
from feedback.rules import Rules
from feedback.workplace import Workplace
from storage.engine import Database


class Office:
    """Its people, its cases, and what the other side would be told."""

    def __init__(self, database, rules):
        self.database = database
        self.rules = rules
        self.now = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # a Tuesday, 9:00 in Hanoi
        self.told = []
        self.place = Workplace(database, rules, self._tell, now=lambda: self.now)
        self.hoa = Handler("a1", "Trần Thị Hoa", "office")
        self.minh = Handler("a2", "Lê Minh", "economy")
        self.chief = Handler("a3", "Phạm Văn Chính")

    def _tell(self, connection, case_id):
        case = store.get(connection, case_id).case
        self.told.append((case_id, case.revision))

    def pass_(self, **time):
        self.now += timedelta(**time)

    async def received(
        self, text="Cống ngõ 5 tắc, nước đọng", *, house_id=None, topic=None, **more
    ):
        draft = check(text, **{"name": None, "via": "phone", "key": ""} | more)
        draft = replace(draft, topic=topic)
        case, _ = await receive(
            self.database,
            draft,
            self.rules,
            by="resident",
            now=self.now,
            alongside=lambda *_: None,
            house_id=house_id,
        )
        return case

    async def do(self, action, case, by=None, seen=None, **more):
        return await self.place.do(action, case.id, by or self.hoa, seen, **more)

    async def find(self, case):
        return await self.place.find(case.id)

    async def lines(self, case):
        """(what, text, about)"""
        return [(line.what, line.text, line.about) for line in await self.place.history(case.id)]


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path, migrated):
    """The tables are there already."""
    if request.param == "postgres":
        return request.getfixturevalue("emptied_url")
    shutil.copy(migrated, tmp_path / "house.db")
    return tmp_path / "house.db"


@pytest.fixture
def make_office():
    return lambda database, here: Office(database, Rules.of(FeedbackSection(), here=here))


@pytest.fixture
async def office(tmp_path, make_office, migrated):
    """At the ward."""
    shutil.copy(migrated, tmp_path / "ward.db")
    async with await Database.open(tmp_path / "ward.db") as database:
        yield make_office(database, Place.WARD)


@pytest.fixture
def refused():
    """`async with refused("case.changed"): …`"""

    class Expect:
        def __init__(self, code):
            self.code = code
            self.cause = None

        async def __aenter__(self):
            return self

        async def __aexit__(self, kind, error, trace):
            assert isinstance(error, Refused), f"{self.code}: {error!r}"
            self.cause = error.cause
            assert self.cause.code == self.code
            return True

    return Expect
