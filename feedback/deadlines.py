"""Until when a case has to be answered: working hours, holidays and make-up days.

    calendar = WorkingCalendar(settings)
    calendar.after_hours(received_at, 8)      # a working day later, on the clock
    calendar.after_days(received_at, 10)      # the end of the tenth working day

Vietnam's holidays, the days that are given instead of them and the Saturdays worked for them come
from the `holidays` library, which follows the Government's yearly announcements; a later one
stands in the configuration. A period in days does not count its first day, and ends with its last
(Civil Code 91/2015/QH13, Articles 147 and 148). Everything is reckoned in the time of Hanoi.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from config.feedback import DeadlineSection, FeedbackSection
from feedback.topics import Topic, Urgency

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")

LONGEST_BREAK: Final = timedelta(days=60)
"""No calendar of people has more days off in a row; one that has is a mistake in the file."""


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    rule: str
    """Where that is laid down, for everybody to read."""


class CalendarError(ValueError):
    """In this calendar nobody ever works."""


class WorkingCalendar:
    def __init__(self, settings: FeedbackSection) -> None:
        """Raises CalendarError."""
        self._weekdays = frozenset(settings.hours.days)
        self._spans = tuple(sorted(_span(text) for text in settings.hours.spans))
        self._days_off = frozenset(settings.days_off)
        self._make_up_days = frozenset(settings.working_days)
        self._national = holidays.country_holidays("VN", language="vi")
        if not self._weekdays or not self._spans or any(a >= b for a, b in self._spans):
            raise CalendarError

    def is_working_day(self, day: date) -> bool:
        """What the configuration says of a day goes before what the library says."""
        if day in self._make_up_days:
            return True
        if day in self._days_off or day in self._national:
            return False
        return day.isoweekday() in self._weekdays or day in self._national.weekend_workdays

    def holiday(self, day: date) -> str | None:
        """The name of a national holiday, in Vietnamese."""
        return self._national.get(day)

    def after_days(self, start: datetime, working_days: int) -> datetime:
        """The end of the last of so many working days, of which `start`'s is not one.

        Raises CalendarError.
        """
        day = start.astimezone(HANOI).date()
        for _ in range(working_days):
            day = self._next_working_day(day)
        return datetime.combine(day, self._spans[-1][1], HANOI)

    def after_hours(self, start: datetime, working_hours: int) -> datetime:
        """When so many hours were worked since `start`. Raises CalendarError."""
        left = timedelta(hours=working_hours)
        for opens, closes in self._working_spans(start):
            worked = closes - opens
            if worked >= left:
                return opens + left
            left -= worked
        raise AssertionError("the spans never end")

    def worked_between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; none where `end` is not after it."""
        total = timedelta()
        for opens, closes in self._working_spans(start):
            if opens >= end:
                break
            total += min(closes, end.astimezone(HANOI)) - opens
        return total

    def _working_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From `start` on, without an end. Raises CalendarError."""
        start = start.astimezone(HANOI)
        day = start.date()
        if not self.is_working_day(day):
            day = self._next_working_day(day)
        while True:
            for opens_at, closes_at in self._spans:
                opens = datetime.combine(day, opens_at, HANOI)
                closes = datetime.combine(day, closes_at, HANOI)
                if closes > start:
                    yield max(opens, start), closes
            day = self._next_working_day(day)

    def _next_working_day(self, day: date) -> date:
        latest = day + LONGEST_BREAK
        while day < latest:
            day += timedelta(days=1)
            if self.is_working_day(day):
                return day
        raise CalendarError


class Deadlines:
    """The rules of a ward, and the calendar they are reckoned in."""

    def __init__(self, settings: FeedbackSection) -> None:
        """Raises CalendarError."""
        self.calendar = WorkingCalendar(settings)
        self._rules = settings.deadlines

    def due(self, received_at: datetime, topic: Topic | None, urgency: Urgency) -> Due:
        """By the first rule that fits; the last one stands in where none does, as nothing may be
        without a deadline. Raises CalendarError."""
        rule = next((r for r in self._rules if _fits(r, topic, urgency)), self._rules[-1])
        if rule.working_hours is not None:
            return Due(self.calendar.after_hours(received_at, rule.working_hours), rule.rule)
        return Due(self.calendar.after_days(received_at, rule.working_days or 1), rule.rule)


def _fits(rule: DeadlineSection, topic: Topic | None, urgency: Urgency) -> bool:
    if rule.urgent is not None and rule.urgent is not (urgency is Urgency.URGENT):
        return False
    return not rule.topics or (topic is not None and topic.value in rule.topics)


def _span(text: str) -> tuple[time, time]:
    opens, _, closes = text.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
