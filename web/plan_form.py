"""The form in which a meeting is planned, the same in a house and at its ward.

Days and times are Vietnam's, whoever types them wherever: there is no summer time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, Self

from starlette.datastructures import FormData
from starlette.requests import Request

from base.cause import Refused
from web.language import VIETNAM

LENGTHS: Final = (30, 60, 90, 120, 180, 240)
"""Minutes that are offered."""

_USUAL_TIME: Final = "19:30"
_USUAL_MINUTES: Final = "90"


class Planned(Protocol):
    """A meeting of one house, or of the whole ward."""

    @property
    def title(self) -> str: ...
    @property
    def starts(self) -> datetime: ...
    @property
    def minutes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Typed:
    """As it stands in the fields."""

    title: str = ""
    day: str = ""
    time: str = _USUAL_TIME
    minutes: str = _USUAL_MINUTES

    @classmethod
    async def of(cls, request: Request) -> Self:
        async with request.form(max_files=0) as form:
            return cls(*(_text(form, name) for name in ("title", "day", "time", "minutes")))

    @classmethod
    def as_planned(cls, plan: Planned) -> Self:
        local = plan.starts.astimezone(VIETNAM)
        return cls(plan.title, f"{local:%Y-%m-%d}", f"{local:%H:%M}", str(plan.minutes))

    @property
    def lengths(self) -> tuple[int, ...]:
        """With one that somebody else chose."""
        chosen = int(self.minutes) if self.minutes.isdecimal() else LENGTHS[0]
        return tuple(sorted({*LENGTHS, min(chosen, 480)}))

    def starts(self) -> datetime:
        """Raises Refused `schedule.when`."""
        day, time = _day(self.day), re.fullmatch(r"(\d{1,2})[:hg.](\d{2})", self.time.strip())
        if day is None or time is None:
            raise Refused("schedule.when")
        try:
            local = datetime(*day, int(time[1]), int(time[2]), tzinfo=VIETNAM)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused("schedule.when") from None

    def length(self) -> int:
        """Minutes; nothing that a form would send is 0. Raises nothing."""
        return int(self.minutes) if re.fullmatch(r"\d{1,4}", self.minutes, re.ASCII) else 0


def today() -> str:
    """The least day that a field takes."""
    return f"{datetime.now(UTC).astimezone(VIETNAM):%Y-%m-%d}"


def _day(typed: str) -> tuple[int, int, int] | None:
    """As a browser's own field sends it, or as people here write it."""
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", typed.strip(), re.ASCII):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", typed.strip(), re.ASCII):
        return int(found[3]), int(found[2]), int(found[1])
    return None


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value[:200] if isinstance(value, str) else ""
