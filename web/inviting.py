"""Inviting somebody, in a house or at its ward: the form, and what is sent with the link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import quote

from starlette.datastructures import FormData

from base.cause import Cause, Refused
from rooms.plans import Plan
from rooms.view import Role
from web.language import day
from web.sentences import Language, say

INVITED: Final[Mapping[str, tuple[Role, bool]]] = {
    "official": (Role.OFFICIAL, True),
    "officials": (Role.OFFICIAL, False),
    "speaker": (Role.SPEAKER, True),
    "viewer": (Role.VIEWER, False),
}
"""Who may be invited: as what, and whether the link is for one person."""

MOST_DAYS: Final = 90

_CRLF: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form, as it stands in the fields."""

    whom: str = "official"
    name: str = ""
    days: str = "7"
    lobby: bool = True
    plan: str = ""

    @classmethod
    def of(cls, form: FormData) -> Self:
        """Raises Refused `web.bad_request` where a page of ours would never send it."""
        whom, name, days, lobby = (
            _text(form, field) for field in ("whom", "name", "days", "lobby")
        )
        typed = cls(whom or "official", name, days, lobby == "yes")
        if typed.whom not in INVITED or not (days.isdecimal() and 1 <= int(days) <= MOST_DAYS):
            raise Refused("web.bad_request")
        return typed

    def to_plan(self, form: FormData) -> Self:
        """For the planned meeting that the form names, where it names one. Raises Refused."""
        return replace(self, plan=_text(form, "plan"))

    @property
    def role(self) -> Role:
        return INVITED[self.whom][0]

    @property
    def personal(self) -> bool:
        return INVITED[self.whom][1]


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes with a link."""

    text: str
    mail: str
    """The same as the address of a new e-mail (RFC 6068)."""


def letter(house: str, link: str, plan: Plan | None, language: Language) -> Letter:
    """`house` is its name; `plan` the meeting that the invitation is for, where it is planned."""
    if plan is None:
        subject, text = house, Cause("invitation.text", house=house, link=link)
    else:
        when = day(plan.starts, language)
        subject = plan.title
        text = Cause("invitation.text_planned", title=subject, house=house, when=when, link=link)
    words = say(text, language)
    title = say(Cause("invitation.subject", title=subject), language)
    body = words.replace("\n", _CRLF)
    return Letter(words, f"mailto:?subject={quote(title)}&body={quote(body)}")


def _text(form: FormData, field: str) -> str:
    value = form.get(field, "")
    if not isinstance(value, str):
        raise Refused("web.bad_request")
    return value.strip()
