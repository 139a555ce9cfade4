"""What the residents' pages share: who receives for which house, and what a browser remembers."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from base.cause import Refused
from config.feedback import CitizenReceptionSection
from feedback.album import Album
from feedback.board import Position, PublicCase, Search
from feedback.case import AskedView, Mark, ReceiptView
from feedback.own_data import OwnData
from feedback.receipt import parse_receipt
from feedback.words import Word
from web import ledger
from web.limiting import Limits
from web.templating import Templates, root_of
from web.tokens import Tokens

_OWN_RECEIPTS: Final = "av_receipts"
_DEVICE: Final = "av_device"
_MOST_OWN: Final = 10
_KEPT_SECONDS: Final = 90 * 24 * 3600


class Receipt(Protocol):
    """What somebody who asked takes home."""

    @property
    def code(self) -> str: ...
    @property
    def number(self) -> int | None: ...


class Desk(Protocol):
    """Who receives the questions of one house, and knows what became of them."""

    async def ask(
        self, text: str, *, name: str | None, key: str, name_hidden: bool, consent: str | None
    ) -> Receipt:
        """Durable before it returns. The same key with the same text is the same question."""

    async def find_receipt(self, typed: str) -> ReceiptView | None:
        """`typed` as somebody typed it. Raises Refused where the code is right and there is nothing
        to show yet."""

    async def asked(self, device: bytes | None) -> Sequence[AskedView]:
        """What may be asked along with, in order."""

    async def vote(self, question_id: str, device: bytes) -> None:
        """Durable before it returns. The same again changes nothing."""

    async def answered(
        self, most: int, search: Search, *, skip: int = 0, before: Position | None = None
    ) -> Sequence[PublicCase]:
        """Newest answer first; from after `before`, without the first `skip`."""

    async def open(self, search: Search) -> Sequence[PublicCase]:
        """Of what `asked` shows."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What the pages of one house need."""

    name: str
    """Of the house."""
    desk: Desk
    limits: Limits
    address: str
    """Of the ask page, for a poster."""
    ledgers: ledger.Ledgers
    """For the board."""
    export: str
    """Where the ledger is in which a receipt's entry stands, as a whole address."""
    citizens: CitizenReceptionSection
    """Where the ward receives who has a complaint or a denunciation."""
    say: Callable[[str, Word], Awaitable[None]]
    """Whoever has the receipt opens the case again, or rates the answer (`feedback.words`)."""
    album: Album
    """Photos and papers of its cases."""
    own_data: OwnData
    """What is kept of whoever has the receipt, and what he asks about it."""
    of_ward: bool = False
    """The ward itself, which has no meeting to ask in."""
    films_kept_days: int | None = None
    """Where meetings may be recorded: how long."""
    house_export: str = ""
    """At the ward: where the house's own ledger is."""

    def ledger_of(self, mark: Mark) -> str:
        """The address of the ledger that a mark stands in."""
        return self.house_export if mark.of_house else self.export


@dataclass(frozen=True, slots=True)
class Pages:
    """Whoever has the desk: the house, or its ward.

    `reception` may raise Refused, where there is no such house.
    """

    reception: Callable[[Request], Awaitable[Reception]]
    templates: Templates
    tokens: Tokens

    def page(
        self, request: Request, reception: Reception, template: str, **context: Any
    ) -> Response:
        return self.templates.page(
            request, template, house_name=reception.name, of_ward=reception.of_ward, **context
        )

    # A hall behind one address shares its limit on wrong look-ups; who has asked from this phone
    # still sees his own answer. The list is signed, so that it cannot be guessed into.

    def own_receipts(self, request: Request) -> list[str]:
        try:
            own = self.tokens.read("receipts", request.cookies.get(_OWN_RECEIPTS, ""))
        except Refused:
            return []
        return own if isinstance(own, list) else []

    def note_own(self, request: Request, response: Response, code: str) -> None:
        plain = parse_receipt(code) or code
        others = (known for known in self.own_receipts(request) if known != plain)
        own = [plain, *others][:_MOST_OWN]
        self._set_cookie(request, response, _OWN_RECEIPTS, self.tokens.sign("receipts", own))

    # Who a device is, without an account. Whoever has no cookie cannot ask along: he would count
    # each time.

    def device(self, request: Request) -> str | None:
        try:
            secret = self.tokens.read("device", request.cookies.get(_DEVICE, ""))
        except Refused:
            return None
        return secret if isinstance(secret, str) else None

    def give_device(self, request: Request, response: Response) -> None:
        token = self.tokens.sign("device", secrets.token_hex(16))
        self._set_cookie(request, response, _DEVICE, token)

    def _set_cookie(self, request: Request, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=_KEPT_SECONDS,
            path=f"{root_of(request)}/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
