"""Residents' mail in words: the receipt that goes back, in Vietnamese and below in English."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from base.cause import Cause
from config.feedback import CitizenReceptionSection
from config.mail import MailSection
from feedback.delivery import Delivery
from feedback.intake import Draft
from feedback.mail import letters as mail_letters
from feedback.mail.receipts import Receipts
from feedback.mail.reception import EMPTY, Alongside, Reception
from feedback.receipt import written
from feedback.targets.email import Letter
from feedback.targets.target import Event
from rooms.room import Room
from storage.engine import Database
from web.language import day
from web.sentences import Language, say

_LANGUAGES: Final[Sequence[Language]] = ("vi", "en")


def mail_of(
    database: Database,
    reception: Reception | None,
    where: str,
    address: str,
    citizens: CitizenReceptionSection,
) -> tuple[Coroutine[Any, Any, None], ...]:
    """Jobs that run until they are cancelled; none where no mail is received. `where` is the name
    of the house or ward, `address` that of its pages, empty where nobody outside reaches them;
    `citizens` is where a complaint or a denunciation goes."""
    if reception is None:
        return ()
    receipts = Receipts(reception.settings, partial(letter, where, address, citizens))
    delivery = Delivery(database, receipts, now=lambda: datetime.now(UTC))
    return reception.run(), delivery.run()


def reception_of_house(
    database: Database, settings: MailSection | None, room: Room
) -> Reception | None:
    """All mail is this house's, whatever the address; its questions wait with the others."""
    if settings is None:
        return None

    async def receive(draft: Draft, _: str | None, alongside: Alongside) -> None:
        await room.receive(draft, alongside)

    async def house_of(_: mail_letters.Letter) -> None:
        return None

    rules = room.workplace.rules
    return Reception(database, settings, rules, receive, house_of, album=lambda _: room.album)


def letter(where: str, address: str, citizens: CitizenReceptionSection, event: Event) -> Letter:
    """What whoever wrote gets back. Not a word of what he wrote: his address may be another's."""
    body = event.body
    if event.kind == EMPTY:
        subject = say(Cause("mail.empty_subject", where=where), "vi")
        return Letter(subject, _in_both(lambda _: [Cause("mail.empty", where=where)]))
    code = written(str(body["code"]))
    subject = say(Cause("mail.receipt_subject", where=where, code=code), "vi")
    below = f"/h/{body['house']}" if body["house"] else ""
    url = f"{address}{below}/receipt/{body['code']}" if address else ""
    return Letter(subject, _in_both(lambda one: _receipt(where, url, citizens, event, one)))


def _receipt(
    where: str, url: str, citizens: CitizenReceptionSection, event: Event, language: Language
) -> Iterator[Cause]:
    body = event.body
    yield Cause(
        "mail.receipt",
        where=where,
        code=written(str(body["code"])),
        owner=str(body["owner"]),
        due=day(datetime.fromisoformat(str(body["due_at"])), language),
    )
    if url:
        yield Cause("mail.receipt_link", url=url)
    if grievance := body.get("grievance"):
        yield Cause(f"grievance.{grievance}")
        place = (citizens.name, citizens.address, citizens.hours, citizens.telephone)
        yield Cause("mail.place", place="\n".join(line for line in place if line))
    if body["enclosed"]:
        yield Cause("mail.receipt_enclosed")
    yield Cause("mail.receipt_more")


def _in_both(causes: Callable[[Language], Iterable[Cause]]) -> str:
    parts = ("\n\n".join(say(cause, one) for cause in causes(one)) for one in _LANGUAGES)
    return "\n\n* * *\n\n".join(parts) + "\n"
