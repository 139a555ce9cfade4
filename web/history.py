"""What was, for the technician: each signal's state as a band over days, its numbers as a line.

`/technician/health` shows all of them, `/technician/health/{signal}` one with what was wrong and
when; `?days=1`, `7`, `30` or `90`. All of it is drawn here; the pages need no script.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Parameter
from devices.device import Condition, Health
from rooms.health_history import Spell, outages
from rooms.signals import HOUSE, ILL, Signal, signals_of
from rooms.view import Role
from web.charts import Block, Line, draw_band, draw_line, marks
from web.language import lasted
from web.sentences import Language
from web.site import Site

DAYS: Final = (1, 7, 30, 90)
USUAL: Final = 7
MOST_FAULTS: Final = 30
WORTH_TELLING: Final = timedelta(minutes=10)

_NAMES: Final[Mapping[Language, Mapping[str, str]]] = {
    "vi": {
        "line": "Đường nối với phường",
        "relay": "Máy chuyển tiếp hình và tiếng",
        "publish": "Phát lên máy chủ",
        "ward_meeting": "Họp toàn phường",
        "disk": "Ổ đĩa",
        "power": "Điện",
        "clock": "Đồng hồ của máy",
        "house": "Máy của nhà văn hóa",
        "rehearsal": "Kiểm tra trước giờ họp",
    },
    "en": {
        "line": "The line to the ward",
        "relay": "The relay for picture and sound",
        "publish": "Publishing to the media server",
        "ward_meeting": "The meeting of the whole ward",
        "disk": "The disk",
        "power": "Electricity",
        "clock": "The computer's clock",
        "house": "The computer of the house",
        "rehearsal": "The try before the meeting",
    },
}
_LOST: Final = frozenset(
    {"no_answer", "silent", "hung_up", "no_name", "closed", "hub_down", "lost", "unplugged"}
)
"""Last words of causes by which something was not there at all."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is looked back at."""

    days: int
    since: datetime
    now: datetime
    language: Language


@dataclass(frozen=True, slots=True)
class Shown:
    """One signal, as the pages show it."""

    id: str
    name: str
    kind: str
    health: Health | None
    """Now; None of the computer itself, which is there as long as anybody reads this."""
    sentences: tuple[Cause, ...]
    band: tuple[Block, ...]
    faults: tuple[Spell, ...] = ()
    """The newest first."""
    lines: tuple[tuple[Cause, Line], ...] = ()


def routes(site: Site) -> list[BaseRoute]:
    pages = _History(site)
    return [
        Route("/technician/health", pages.all),
        Route("/technician/health/{signal}", pages.one),
    ]


class _History:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def all(self, request: Request) -> Response:
        self._site.access.require(request, Role.TECHNICIAN)
        span = self._span(request)
        spells = await self._site.room.history(span.since)
        shown = [
            _shown(signal, spells.get(signal.id, ()), span)
            for signal in signals_of(self._site.room.view.value)
        ]
        return self._page(request, "technician_health.html", span, shown=shown)

    async def one(self, request: Request) -> Response:
        self._site.access.require(request, Role.TECHNICIAN)
        span = self._span(request)
        wanted = request.path_params["signal"]
        found = (one for one in signals_of(self._site.room.view.value) if one.id == wanted)
        signal = next(found, None)
        if signal is None and wanted != HOUSE:
            raise HTTPException(404)
        spells = (await self._site.room.history(span.since)).get(wanted, ())
        curves = await self._site.room.curves(wanted, span.since)
        lines = tuple(
            (Cause(f"quantity.{name}"), draw_line(points, seconds, span.since, span.now))
            for name, (points, seconds) in curves.items()
        )
        if signal is None:
            shown = Shown(
                HOUSE, name_of("house", "", span.language), "house", None, (), (), (), lines
            )
        else:
            shown = _shown(signal, spells, span, lines)
        return self._page(request, "technician_signal.html", span, one=shown)

    def _span(self, request: Request) -> Span:
        asked = request.query_params.get("days", "")
        days = int(asked) if asked in map(str, DAYS) else USUAL
        now = datetime.now(UTC)
        language = self._site.templates.language_of(request)
        return Span(days, now - timedelta(days=days), now, language)

    def _page(
        self,
        request: Request,
        template: str,
        span: Span,
        **more: Any,
    ) -> Response:
        return self._site.templates.page(
            request,
            template,
            view=self._site.room.view.value,
            days=span.days,
            choices=DAYS,
            marks=marks(span.since, span.now),
            **more,
        )


def name_of(kind: str, name: str, language: Language) -> str:
    """What people call it."""
    return name or _NAMES[language].get(kind, kind)


def _shown(
    signal: Signal,
    spells: Iterable[Spell],
    span: Span,
    lines: tuple[tuple[Cause, Line], ...] = (),
) -> Shown:
    known = tuple(spells)
    name = name_of(signal.kind, signal.name, span.language)
    ill = [spell for spell in known if spell.condition in ILL]
    return Shown(
        id=signal.id,
        name=name,
        kind=signal.kind,
        health=signal.health,
        sentences=tuple(_told(known, name, span)),
        band=draw_band(known, span.since, span.now),
        faults=tuple(reversed(ill[-MOST_FAULTS:])),
        lines=lines,
    )


def _told(spells: tuple[Spell, ...], name: str, span: Span) -> Iterable[Cause]:
    """In words what the band shows."""
    days, language = span.days, span.language
    if all(spell.condition is Condition.UNKNOWN for spell in spells):
        yield Cause("history.unknown", name=name, days=days)
        return
    failed, impaired = outages(spells), outages(spells, Condition.IMPAIRED)
    if failed.count:
        lost = all(code.rpartition(".")[2] in _LOST for code in failed.codes) and failed.codes
        params: dict[str, Parameter] = {"name": name, "count": failed.count, "days": days}
        longest = lasted(failed.longest, language)
        yield Cause("history.lost" if lost else "history.failed", longest=longest, **params)
    if impaired.count:
        longest = lasted(impaired.longest, language)
        yield Cause("history.impaired", name=name, count=impaired.count, days=days, longest=longest)
    if not failed.count and not impaired.count:
        yield Cause("history.well", name=name, days=days)
    dark = outages(spells, Condition.UNKNOWN).altogether
    if dark >= WORTH_TELLING:
        yield Cause("history.dark", longest=lasted(dark, language))
