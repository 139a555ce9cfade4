"""Working time with Vietnam's holidays and make-up days.

The days are those of the Government's announcements of 2025 and 2026.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.feedback import DeadlineSection, FeedbackSection, HoursSection
from feedback.deadlines import HANOI, CalendarError, Deadlines, WorkingCalendar
from feedback.topics import Topic, Urgency

CALENDAR = WorkingCalendar(FeedbackSection())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),  # the Friday before Tết
        ("2026-02-16", False),
        ("2026-02-20", False),  # the fourth day of Tết
        ("2026-02-23", True),
        ("2026-04-26", False),  # the Hung Kings' day, a Sunday,
        ("2026-04-27", False),  # and the Monday given for it
        ("2026-08-31", False),  # a Monday off,
        ("2026-08-22", True),  # worked for on this Saturday
        ("2026-08-29", False),  # a Saturday as any other
        ("2026-11-24", False),  # the day of Vietnamese culture, new in 2026
        ("2025-05-02", False),
        ("2025-04-26", True),
    ],
)
def test_holidays_and_make_up_days(day: str, works: bool) -> None:
    assert WorkingCalendar(FeedbackSection()).is_working_day(date.fromisoformat(day)) is works


def test_what_the_ward_writes_goes_first() -> None:
    off, made_up = date(2026, 11, 25), date(2026, 11, 24)
    calendar = WorkingCalendar(FeedbackSection(days_off=(off,), working_days=(made_up,)))
    assert not calendar.is_working_day(off)
    assert calendar.is_working_day(made_up)


def test_a_holiday_has_a_name() -> None:
    assert CALENDAR.holiday(date(2026, 9, 2)) == "Quốc khánh"
    assert CALENDAR.holiday(date(2026, 9, 3)) is None


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-25T08:00", 2, "2026-11-25T10:00"),
        ("2026-11-25T10:30", 2, "2026-11-25T14:30"),  # over lunch
        ("2026-11-25T12:15", 1, "2026-11-25T14:30"),  # asked at lunch
        ("2026-11-25T16:00", 2, "2026-11-26T08:30"),  # over the night
        ("2026-11-27T20:00", 8, "2026-12-01T08:00"),  # asked on Friday evening
        ("2026-02-13T16:30", 1, "2026-02-23T08:00"),  # over Tết
        ("2026-08-21T16:00", 2, "2026-08-22T08:30"),  # a Saturday that is worked
    ],
)
def test_hours_are_working_hours(start: str, hours: int, end: str) -> None:
    assert CALENDAR.after_hours(at(start), hours) == at(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-25T08:00", 1, "2026-11-26T17:00"),
        ("2026-11-25T22:00", 1, "2026-11-26T17:00"),
        ("2026-11-27T08:00", 1, "2026-11-30T17:00"),
        ("2026-11-23T08:00", 1, "2026-11-25T17:00"),  # the 24th is a holiday
        ("2026-02-06T08:00", 10, "2026-02-27T17:00"),  # five before Tết, five after it
        ("2026-08-20T08:00", 5, "2026-08-26T17:00"),  # a Saturday that is worked counts
    ],
)
def test_days_are_working_days_without_the_first(start: str, days: int, end: str) -> None:
    assert CALENDAR.after_days(at(start), days) == at(end)


def test_the_day_is_that_of_hanoi() -> None:
    evening_in_utc = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)  # the 26th, 01:00
    assert CALENDAR.after_days(evening_in_utc, 1) == at("2026-11-27T17:00")


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    hours=st.integers(1, 100),
)
def test_what_was_allowed_is_what_was_worked(start: datetime, hours: int) -> None:
    begin = start.replace(tzinfo=HANOI)
    end = CALENDAR.after_hours(begin, hours)
    assert CALENDAR.worked_between(begin, end) == timedelta(hours=hours)


def test_nothing_is_worked_backwards() -> None:
    assert CALENDAR.worked_between(at("2026-11-25T10:00"), at("2026-11-25T09:00")) == timedelta()


class TestDeadlines:
    RECEIVED = at("2026-11-25T10:00")

    def test_the_defaults(self) -> None:
        deadlines = Deadlines(FeedbackSection())
        normal = deadlines.due(self.RECEIVED, Topic.INFRASTRUCTURE, Urgency.NORMAL)
        assert normal.at == at("2026-12-09T17:00")
        assert "42/2013/QH13" in normal.rule
        urgent = deadlines.due(self.RECEIVED, None, Urgency.URGENT)
        assert urgent.at == at("2026-11-26T10:30")

    def test_the_first_that_fits(self) -> None:
        rules = (
            DeadlineSection(topics=("procedures",), working_days=3, rule="A"),
            DeadlineSection(urgent=True, working_hours=4, rule="B"),
            DeadlineSection(working_days=5, rule="C"),
        )
        due = Deadlines(FeedbackSection(deadlines=rules)).due
        assert due(self.RECEIVED, Topic.PROCEDURES, Urgency.URGENT).rule == "A"
        assert due(self.RECEIVED, Topic.OTHER, Urgency.URGENT).rule == "B"
        assert due(self.RECEIVED, None, Urgency.NORMAL).rule == "C"

    def test_nothing_is_without_one(self) -> None:
        rules = (DeadlineSection(topics=("procedures",), urgent=True, working_days=3, rule="A"),)
        due = Deadlines(FeedbackSection(deadlines=rules)).due
        assert due(self.RECEIVED, None, Urgency.NORMAL).rule == "A"


def test_a_calendar_in_which_nobody_works_is_refused() -> None:
    with pytest.raises(CalendarError):
        WorkingCalendar(FeedbackSection(hours=HoursSection(days=())))
    with pytest.raises(CalendarError):
        WorkingCalendar(FeedbackSection(hours=HoursSection(spans=("11:00-07:00",))))
    days = tuple(date(2027, 1, 1) + timedelta(days=n) for n in range(90))
    calendar = WorkingCalendar(FeedbackSection(days_off=days))
    with pytest.raises(CalendarError):
        calendar.after_days(at("2027-01-02T08:00"), 1)
