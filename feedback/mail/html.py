"""The words of an HTML mail, in lines, as somebody would read them out.

>>> words_of("<p>Đèn ngõ 5<br>hỏng</p><style>p {}</style><p>từ hôm qua")
'Đèn ngõ 5\\nhỏng\\n\\ntừ hôm qua'
"""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"head", "script", "style", "title", "template", "noscript"})
_PARAGRAPHS: Final = frozenset(
    {"p", "div", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_LINES: Final = frozenset({"br", "li", "tr", "hr", "dt", "dd"})
_CELLS: Final = frozenset({"td", "th"})
_QUOTES: Final = ("gmail_quote", "moz-cite-prefix", "yahoo_quoted")
"""Classes by which programs mark what they quote; from there on it is somebody else's."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self.quoted_from: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = dict(attrs)
        if self.quoted_from is None and any(q in (marks.get("class") or "") for q in _QUOTES):
            self.quoted_from = len(self.parts)
        if tag in _SILENT:
            self._silent += 1
        self._break(tag)
        if tag == "li":
            self.parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag == "body":
            self._silent = 0  # a <style> that nobody closed hides no words behind the mail's end
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n" if tag != "div" else "\n")
        elif tag in _LINES:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")


def words_of(html: str, *, without_quotes: bool = False) -> str:
    """Without tags; flat, so that nothing is too deeply nested."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    upto = parser.quoted_from if without_quotes else None
    own = _lines(parser.parts[:upto])
    return own or _lines(parser.parts)


def _lines(parts: list[str]) -> str:
    lines = (re.sub(r"[ \xa0]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
