"""Templates to HTML: one Jinja environment a language, everything escaped.

    templates = Templates(settings.house)                 # or settings.ward
    templates.page(request, "ask.html", question=…)      # a response
    templates.render("regions/guests.html", "vi", view=view)   # a piece for a live page

Every template may use `_()`, `language`, `house_name` (at the hub the ward's), `static("ask.css")`,
and the filters `say` (a Cause in words), `clock` and `day` (a time for people, of today or of any
day), `deadline` (a day on which something is due), `date`, `into` (seconds of a meeting),
`seconds_to` a moment, `unbroken` (a name whose number stays beside its word) and jinja's own. Pages
have `path`, where they are, and `root`, what goes before every address of this house: nothing, or
`/h/to-5` where the ward's hub shows it. Static files and the language switch are the hub's then.
"""

import hashlib
import string
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from web.language import (
    LANGUAGES,
    clock,
    date,
    day,
    deadline,
    into,
    language_of,
    seconds_to,
    translations,
)
from web.sentences import Language, say

STATIC: Final = Path(__file__).with_name("static")
_TEMPLATES: Final = Path(__file__).with_name("templates")


class Place(Protocol):
    """Whose pages they are: a house, or a ward."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> Language: ...


@cache
def version_of(name: str) -> str:
    """Of a static file; changes with its content."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it."""
    return f"/static/{name}?v={version_of(name)}"


class Templates:
    def __init__(self, place: Place) -> None:
        self._house_language: Language = place.language
        self._environments = {
            language: _environment(language, place.name) for language in LANGUAGES
        }

    def language_of(self, connection: HTTPConnection) -> Language:
        return language_of(connection, self._house_language)

    def render(self, template: str, language: Language, /, **context: object) -> str:
        return self._environments[language].get_template(template).render(context)

    def page(
        self,
        request: Request,
        template: str,
        /,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> HTMLResponse:
        """A whole page in the reader's language."""
        html = self.render(
            template,
            self.language_of(request),
            **{"request": request, "path": where(request), "root": root_of(request), **context},
        )
        return HTMLResponse(html, status_code, headers)


def root_of(connection: HTTPConnection) -> str:
    """What stands before every address of this house, without a slash at the end."""
    root: str = connection.scope.get("root_path", "")
    return root


def where(request: Request) -> str:
    """The path and query to come back to: the page itself, or the first one after a form was
    posted."""
    if request.method not in {"GET", "HEAD"}:
        return f"{root_of(request)}/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def unbroken(name: str) -> str:
    """“Tổ dân phố 5” does not end in a line with nothing but the 5. What is escaped stays so."""
    for digit in string.digits:
        name = name.replace(f" {digit}", f"\N{NO-BREAK SPACE}{digit}")
    return name


@cache
def _environment(language: Language, house_name: str) -> Environment:
    """Kept, because it keeps the templates that it has compiled; a page's take a quarter of a
    second."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        auto_reload=False,  # they do not change while it runs; each page has a dozen of them
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    i18n: Any = environment
    i18n.install_gettext_translations(translations(language), newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters["say"] = partial(say, language=language)
    environment.filters["clock"] = partial(clock, language=language)
    environment.filters["day"] = partial(day, language=language)
    environment.filters["deadline"] = partial(deadline, language=language)
    environment.filters["seconds_to"] = seconds_to
    environment.filters["into"] = partial(into, language=language)
    environment.filters["date"] = partial(date, language=language)
    environment.filters["unbroken"] = unbroken
    environment.globals.update(language=language, house_name=house_name, static=static)
    return environment
