"""What the ward's steering committee (Ban Chỉ đạo) looks at: all houses on one page that prints.

    GET /committee        received = closed + open, what is late, refused, transferred, rated
    GET /committee.csv    its figures as a table

Each figure of the ward's own cases leads to the list behind it (`web/hub/work.py`). The committee
are the admins and those handlers who have no authority of their own: they see all cases anyway.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.ledger_lines import Head
from feedback.oversight import Figures
from ward.accounts import Account, AccountRole
from web.hub import house_ledger
from web.hub.site import HubSite
from web.ledger import problem_of
from web.sentences import say
from web.spreadsheet import Cell, table
from web.work.pages import NOTHING

_COLUMNS: Final = ("received", "open", "late", "closed", "in_time", "percent", "refused")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums of one ledger, or of one house's part in the ward's."""

    house: str | None
    """Its id."""
    name: str
    own: bool
    """It is the house's, as it was handed over."""
    sums: Mapping[str, int]
    head: Head | None = None
    """The last one that was handed over, where the house does not tell its sums of now."""
    problem: Cause | None = None
    """Why its sums are worth nothing."""


def routes(site: HubSite) -> list[BaseRoute]:
    committee = _Committee(site)
    return [
        Route("/committee", committee.page, methods=["GET"]),
        Route("/committee.csv", committee.csv, methods=["GET"]),
    ]


class _Committee:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._latest = house_ledger.Latest(site)

    async def page(self, request: Request) -> Response:
        account = await self._enter(request)
        report = await self._site.oversight.report()
        names = await self._names()
        return self._site.templates.page(
            request,
            "hub/committee.html",
            account=account,
            report=report,
            houses=names,
            ledgers=await self._ledgers(names, request),
            nothing=NOTHING,
        )

    async def csv(self, request: Request) -> Response:
        """The page's figures, headed and worded in the reader's language."""
        await self._enter(request)
        language = self._site.templates.language_of(request)
        report, names = await self._site.oversight.report(), await self._names()

        def words(code: str) -> str:
            return say(Cause(code), language)

        async def rows() -> AsyncIterator[Iterable[Sequence[Cell]]]:
            yield [_row(words("group.all"), "", report.total)]
            for code, figures in report.by_authority.items():
                yield [_row(words("group.authority"), report.names[code], figures)]
            for topic, figures in report.by_topic.items():
                name = words(f"topic.{topic}" if topic else "topic.none")
                yield [_row(words("group.topic"), name, figures)]
            for house, figures in report.by_house.items():
                name = names.get(house, house) if house else words("group.ward")
                yield [_row(words("group.house"), name, figures)]
            for house, figures in report.at_home.items():
                yield [_row(words("group.at_home"), names.get(house, house), figures)]

        header = [words(f"column.{name}") for name in ("group", "name", *_COLUMNS)]
        return await table("ban-chi-dao.csv", [header], rows())

    async def _enter(self, request: Request) -> Account:
        """Raises NotLoggedIn, Refused `ward.not_your_part`."""
        session = await self._site.access.require(request, AccountRole.HANDLER)
        if not is_committee(session.account):
            raise Refused("ward.not_your_part")
        return session.account

    async def _names(self) -> Mapping[str, str]:
        return {house.id: house.name for house in await self._site.houses.all()}

    async def _ledgers(self, names: Mapping[str, str], request: Request) -> Sequence[Ledger]:
        """The ward's, then of each house its own, as it stands now or was handed over last, and
        its part in the ward's. Raises StorageError."""
        book, heads = self._site.book, await self._site.last_heads()
        told = await asyncio.gather(*(self._latest.of(house, request) for house in heads))
        now = dict(zip(heads, told, strict=True))
        try:
            found = [Ledger(None, "", False, await book.sums())]
            for house, name in names.items():
                if (head := heads.get(house)) is not None:
                    handed, newest = await self._site.house_heads(house), now[house]
                    problem = problem_of([*handed, newest] if newest else handed)
                    sums = (newest or head).sums
                    told_then = None if newest else head
                    found.append(Ledger(house, name, True, sums, told_then, problem))
                if (sums := await book.sums(house))["received"]:
                    found.append(Ledger(house, name, False, sums))
        except Refused as refused:
            if refused.cause.code != "ledger.damaged":
                raise
            return []
        return found


def is_committee(account: Account) -> bool:
    return account.role is AccountRole.ADMIN or (
        account.role is AccountRole.HANDLER and account.authority is None
    )


def _row(group: str, name: str, figures: Figures) -> Sequence[Cell]:
    return [group, name, *(getattr(figures, column) for column in _COLUMNS)]
