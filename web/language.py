"""Vietnamese and English: which one a reader wants, and the words of the pages in it.

Templates carry the Vietnamese text itself (`_("Bắt đầu họp")`); `locale/en.po` holds the English.
It is read as it is when the daemon starts: there is no compile step to forget.

A reader chooses with the switch on every page; the choice stays in the cookie `lang`. Whoever never
chose gets the house's language.
"""

import gettext
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from typing import Final, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from web.sentences import Language

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
COOKIE: Final = "lang"
SOURCE: Final[Language] = "vi"
VIETNAM: Final = timezone(timedelta(hours=7))
"""All of Vietnam, without summer time, whatever the clock of a fresh mini-PC says."""

_YEAR: Final = 365 * 24 * 3600


def language_of(connection: HTTPConnection, house: Language) -> Language:
    """What the reader chose, else the language of the house."""
    chosen = connection.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else house


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue for Jinja. Raises babel's PoFileError where the file is damaged."""
    if language == SOURCE:
        return gettext.NullTranslations()
    text = (resources.files("web") / "locale" / f"{language}.po").read_text("utf-8")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.StringIO(text), locale=language, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def clock(moment: datetime, language: Language) -> str:
    """A time for people: `20:15 hôm nay` or `20:15, 22/07/2026`, on Vietnam's clock."""
    local = moment.astimezone(VIETNAM)
    if local.date() == datetime.now(UTC).astimezone(VIETNAM).date():
        return f"{local:%H:%M} " + ("hôm nay" if language == "vi" else "today")
    return f"{local:%H:%M}, {local:%d/%m/%Y}" if language == "vi" else f"{local:%H:%M, %d %b %Y}"


_WEEKDAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def day(moment: datetime, language: Language) -> str:
    """A time in some days, for people: `19:30 thứ Sáu, 27/11/2026`, on Vietnam's clock."""
    local = moment.astimezone(VIETNAM)
    weekday = _WEEKDAYS[language][local.weekday()]
    written = f"{local:%d/%m/%Y}" if language == "vi" else f"{local:%d %b %Y}"
    return f"{local:%H:%M} {weekday}, {written}"


def deadline(moment: datetime, language: Language) -> str:
    """The day until which something is promised: `thứ Năm 3/12`, with its year where that is
    another one."""
    local = moment.astimezone(VIETNAM)
    weekday = _WEEKDAYS[language][local.weekday()]
    same_year = local.year == datetime.now(UTC).astimezone(VIETNAM).year
    if language == "vi":
        return f"{weekday} {local.day}/{local.month}" + ("" if same_year else f"/{local.year}")
    return f"{weekday} {local:%d %b}" + ("" if same_year else f" {local.year}")


def into(seconds: int, language: Language) -> str:
    """How far into a meeting: `sau 12 phút họp`, `sau 1 giờ 5 phút họp`."""
    hours, minutes = divmod(seconds // 60, 60)
    if not hours and not minutes:
        return "vừa vào họp" if language == "vi" else "as the meeting began"
    if language == "vi":
        passed = f"{hours} giờ {minutes} phút" if hours else f"{minutes} phút"
        return f"sau {passed} họp"
    return (
        f"{hours} h {minutes} min into the meeting" if hours else f"{minutes} min into the meeting"
    )


def lasted(time: timedelta, language: Language) -> str:
    """How long something was: `12 phút`, `2 giờ 5 phút`, `3 ngày 4 giờ`."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return "chưa đến 1 phút" if language == "vi" else "less than a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = ("ngày", "giờ", "phút") if language == "vi" else ("d", "h", "min")
    parts = [(days, words[0]), (hours, words[1]), (minutes, words[2])]
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {word}" for count, word in parts[first : first + 2] if count)


def seconds_to(moment: datetime) -> int:
    """From now; 0 where it is over."""
    return max(0, round((moment - datetime.now(UTC)).total_seconds()))


def date(moment: datetime, language: Language) -> str:
    """`22/07/2026`, on Vietnam's calendar."""
    local = moment.astimezone(VIETNAM)
    return f"{local:%d/%m/%Y}" if language == "vi" else f"{local:%d %b %Y}"


def short_date(moment: datetime) -> str:
    """`22/7`, the same in both languages, where there is little room."""
    local = moment.astimezone(VIETNAM)
    return f"{local.day}/{local.month}"


def hour(moment: datetime) -> str:
    """`19:30`, on Vietnam's clock."""
    return f"{moment.astimezone(VIETNAM):%H:%M}"


def local_path(path: str | None) -> str:
    """`path` if it is one of this site, else `/`: a redirect never leads to another host."""
    if path is None or not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return "/"
    return "/" if "\\" in path else path


async def choose(request: Request) -> Response:
    """Keep the reader's choice and go back to the page he came from."""
    if request.path_params["language"] not in LANGUAGES:
        raise HTTPException(404)
    response = RedirectResponse(local_path(request.query_params.get("back")), status_code=303)
    response.set_cookie(
        COOKIE,
        request.path_params["language"],
        max_age=_YEAR,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def routes() -> list[BaseRoute]:
    return [Route("/language/{language}", choose)]
