"""Templates to HTML: one Jinja environment a language, everything escaped.

    templates = Templates(settings.house)                 # or settings.ward
    templates.page(request, "ask.html", question=…)      # a response
    templates.render("regions/guests.html", "vi", view=view)   # a piece for a live page

Every template may use `_()`, `language`, `house_name` (at the hub the ward's), `static("ask.css")`,
and the filters `say` (a Cause in words), `clock` and `day` (a time for people, of today or of any
day), `deadline` (a day on which something is due), `date`, `short_date`, `hour`, `into` (seconds
of a meeting), `lasted` (a length of time), `seconds_to` a moment, `unbroken` (a name whose number
stays beside its word) and jinja's own. Pages have `path`, where they are, and `root`, what goes
before every address of this house: nothing, or `/h/to-5` where the ward's hub shows it. Static
files and the language switch are the hub's then.
"""

import gettext
import hashlib
import pickle
import string
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from web.language import (
    LANGUAGES,
    clock,
    date,
    day,
    deadline,
    hour,
    into,
    language_of,
    lasted,
    seconds_to,
    short_date,
    translations,
)
from web.sentences import Language, say

STATIC: Final = Path(__file__).with_name("static")
_TEMPLATES: Final = Path(__file__).with_name("templates")


_COMPILED: Final = Path(sys.prefix) / "share" / "avcontrol" / "templates"
"""Beside the packages of this installation: to compile a page takes up to a tenth of a second, in
which nobody else is answered."""


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


class _Compiled(FileSystemBytecodeCache):
    """Templates as they were compiled, by what stands in them, by jinja's version and by this file.
    Where the folder cannot be written, each process compiles what it needs."""

    def __init__(self, folder: Path) -> None:
        made_by = version("jinja2").encode() + Path(__file__).read_bytes()
        super().__init__(str(folder), f"{hashlib.sha256(made_by).hexdigest()[:12]}-%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        # A power cut may leave less than a file.
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As one dictionary: jinja's `ChainMap` is walked through in Python for each page, and for
        each piece that a page includes."""
        return {**self.globals, **(d or {})}


def compile_all() -> None:
    """Compile every template, where that is not done yet, and keep it for the daemons."""
    environment = _environment("vi", "")
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


@cache
def _environment(language: Language, house_name: str) -> Environment:
    """Kept, because it keeps the templates that it has loaded."""
    environment = _Environment(
        loader=FileSystemLoader(_TEMPLATES),
        bytecode_cache=_Compiled(_COMPILED),
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
    environment.filters["hour"] = hour
    environment.filters["short_date"] = short_date
    environment.filters["lasted"] = partial(lasted, language=language)
    environment.filters["unbroken"] = unbroken
    environment.globals.update(
        _=_translating(translations(language)),
        language=language,
        house_name=house_name,
        static=static,
    )
    return environment


def _translating(catalogue: gettext.NullTranslations) -> Callable[..., Markup]:
    """`_()` as jinja's own, with most of its work done once for each text."""

    @cache
    def plain(text: str) -> Markup:
        return Markup(catalogue.gettext(text)) % {}  # noqa: S704 - of templates and catalogue

    def translate(text: str, **values: object) -> Markup:
        if not values:
            return plain(text)
        return Markup(catalogue.gettext(text)) % values  # noqa: S704 - what is filled in is escaped

    return translate
