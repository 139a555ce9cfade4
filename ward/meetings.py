"""Meetings of the whole ward: one official speaks to many houses, and hears the one with the floor.

    await meetings.open(meeting_id, by=hoa)             # planned before (meeting_planning.py)
    await meetings.give_floor(meeting_id, "to-3", by=hoa)
    await meetings.end(meeting_id, by=hoa)

At most one meeting is open at a time. Whoever opened it speaks, until somebody takes over; only who
speaks gives the floor. Who did what stands in the table of acts.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from base.cause import Cause, Refused
from rooms.plans import Plan, PlanState
from storage.engine import Database
from storage.signals import announce
from ward import plans
from ward.accounts import Account
from ward.tables import houses, meeting_acts, meeting_houses, meetings

TOPIC: Final = plans.TOPIC
"""They are shown with how the houses stand."""
MOST_ACTS: Final = 200
GRACE: Final = timedelta(hours=4)
"""So long after its time a planned meeting can still be opened."""
_PAST: Final = timedelta(days=31)
"""So long those that are over are listed."""

logger = logging.getLogger(__name__)


class MeetingState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A house that is to take part."""

    house_id: str
    name: str
    plan: Plan | None
    """The house's own, as the hub knows it."""
    proposed: bool = False
    """The house has not answered to that yet."""
    hand_at: datetime | None = None
    """Since when it asks for the floor."""

    @property
    def why(self) -> Cause | None:
        """What the house did not take, for people."""
        return Cause(self.plan.refusal) if self.plan and self.plan.refusal else None

    @property
    def plan_id(self) -> str | None:
        """None where the house did not take it, or has taken it back."""
        standing = self.plan and self.plan.state in {PlanState.PLANNED, PlanState.HELD}
        return self.plan.id if self.plan and standing else None


@dataclass(frozen=True, slots=True)
class Meeting:
    id: str
    title: str
    starts: datetime
    minutes: int
    state: MeetingState
    houses: tuple[Wanted, ...]
    """By name."""
    speaker: str | None = None
    """Account of the official who speaks, while it is open."""
    speaker_name: str = ""
    floor: str | None = None
    """The house that is heard."""
    stream: str | None = None
    """A mark of the page by which the speaker is published now."""
    stream_url: str | None = None
    """Of its session at the media server."""

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(minutes=self.minutes)

    def house(self, house_id: str | None) -> Wanted | None:
        return next((one for one in self.houses if one.house_id == house_id), None)

    @property
    def hands(self) -> tuple[Wanted, ...]:
        """Who asks for the floor, the first first; who has it asks no more."""
        up = [h for h in self.houses if h.hand_at is not None and h.house_id != self.floor]
        return tuple(sorted(up, key=lambda house: house.hand_at or house.name))


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime
    by: str
    what: str
    """`plan`, `change`, `cancel`, `open`, `speak`, `floor`, `floor-back`, `floor-left`, `end`."""
    house: str
    """What it is called; empty where it is about none."""


class Meetings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> tuple[Meeting, ...]:
        """The open one, then those that are still to come, the next first."""
        return await self._database.read(lambda connection: _current(connection, datetime.now(UTC)))

    async def past(self) -> tuple[Meeting, ...]:
        """What was, of the last month, the last first."""
        since = datetime.now(UTC) - _PAST

        def read(connection: Connection) -> tuple[Meeting, ...]:
            found = _read(connection, meetings.c.starts > since)
            standing = {meeting.id for meeting in _current(connection, datetime.now(UTC))}
            over = [meeting for meeting in found if meeting.id not in standing]
            return tuple(sorted(over, key=lambda meeting: meeting.starts, reverse=True))

        return await self._database.read(read)

    async def find(self, meeting_id: str) -> Meeting:
        """Raises Refused `gathering.unknown`."""
        return await self._database.read(lambda connection: _find(connection, meeting_id))

    async def acts(self, meeting_id: str) -> tuple[Act, ...]:
        """Who did what, the first first."""
        query = (
            select(meeting_acts, houses.c.name)
            .outerjoin(houses, houses.c.id == meeting_acts.c.house_id)
            .where(meeting_acts.c.meeting_id == meeting_id)
            .order_by(meeting_acts.c.seq)
            .limit(MOST_ACTS)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Act(row.at, row.by, row.what, row.name or "") for row in rows)

    # The meeting itself

    async def open(self, meeting_id: str, *, by: Account) -> None:
        """Whoever opens it speaks. Raises Refused: `gathering.unknown`,
        `gathering.not_planned`, `gathering.another_open`."""

        def write(connection: Connection) -> None:
            in_state(connection, meeting_id, MeetingState.PLANNED)
            other = select(meetings.c.title).where(meetings.c.state == MeetingState.OPEN.value)
            if (title := connection.execute(other).scalar()) is not None:
                raise Refused("gathering.another_open", title=title)
            speaker = {"speaker": by.id, "speaker_name": by.name}
            change(connection, meeting_id, state=MeetingState.OPEN.value, **speaker)
            note(connection, meeting_id, by.name, "open")

        await self._database.write(write)

    async def speak(self, meeting_id: str, *, by: Account) -> None:
        """Take over from whoever speaks. Raises Refused: `gathering.unknown`,
        `gathering.not_open`."""

        def write(connection: Connection) -> None:
            meeting = in_state(connection, meeting_id, MeetingState.OPEN)
            if meeting.speaker != by.id:
                change(connection, meeting_id, speaker=by.id, speaker_name=by.name)
                note(connection, meeting_id, by.name, "speak")

        await self._database.write(write)

    async def give_floor(self, meeting_id: str, house_id: str, *, by: Account) -> None:
        """Raises Refused: `gathering.unknown`, `gathering.not_open`,
        `gathering.not_speaker`, `ward.house_unknown`."""

        def write(connection: Connection) -> None:
            meeting = _spoken_by(connection, meeting_id, by)
            if meeting.house(house_id) is None:
                raise Refused("ward.house_unknown")
            if meeting.floor != house_id:
                change(connection, meeting_id, floor=house_id)
                note(connection, meeting_id, by.name, "floor", house_id)

        await self._database.write(write)

    async def take_floor_back(self, meeting_id: str, *, by: Account) -> None:
        """Raises Refused: `gathering.unknown`, `gathering.not_open`,
        `gathering.not_speaker`."""

        def write(connection: Connection) -> None:
            meeting = _spoken_by(connection, meeting_id, by)
            if meeting.floor is not None:
                change(connection, meeting_id, floor=None)
                note(connection, meeting_id, by.name, "floor-back", meeting.floor)

        await self._database.write(write)

    async def end(self, meeting_id: str, *, by: Account) -> None:
        """Raises Refused: `gathering.unknown`, `gathering.not_open`,
        `gathering.not_speaker`."""

        def write(connection: Connection) -> None:
            _spoken_by(connection, meeting_id, by)
            change(
                connection,
                meeting_id,
                state=MeetingState.ENDED.value,
                floor=None,
                stream=None,
                stream_url=None,
            )
            note(connection, meeting_id, by.name, "end")

        await self._database.write(write)

    async def streams(self, meeting_id: str, mark: str, url: str, *, by: Account) -> str | None:
        """The speaker is published by this session at the media server from now on; the address of
        the one before, which is to be ended. Raises Refused as `end`."""

        def write(connection: Connection) -> str | None:
            meeting = _spoken_by(connection, meeting_id, by)
            change(connection, meeting_id, stream=mark, stream_url=url)
            return meeting.stream_url

        return await self._database.write(write)

    # What the houses say

    async def heard(self, house_id: str, meeting_id: str, *, joined: bool, hand: bool) -> None:
        """How a house takes part, each time it says so. One that has left gives the floor back."""

        def write(connection: Connection) -> None:
            here = (meeting_houses.c.meeting_id == meeting_id) & (
                meeting_houses.c.house_id == house_id
            )
            row = connection.execute(select(meeting_houses).where(here)).one_or_none()
            if row is None:
                return
            if (row.hand_at is not None) is not hand:
                hand_at = datetime.now(UTC) if hand else None
                connection.execute(update(meeting_houses).where(here).values(hand_at=hand_at))
                announce(connection, TOPIC)
            has_floor = (meetings.c.id == meeting_id) & (meetings.c.floor == house_id)
            if not joined and connection.execute(select(meetings.c.id).where(has_floor)).first():
                change(connection, meeting_id, floor=None)
                note(connection, meeting_id, "", "floor-left", house_id)

        await self._database.write(write)


def in_state(connection: Connection, meeting_id: str, state: MeetingState) -> Meeting:
    """Raises Refused: `gathering.unknown`, `gathering.not_planned`,
    `gathering.not_open`."""
    meeting = _find(connection, meeting_id)
    if meeting.state is not state:
        raise Refused(f"gathering.not_{state.value}")
    return meeting


def change(connection: Connection, meeting_id: str, **values: Any) -> None:
    connection.execute(update(meetings).where(meetings.c.id == meeting_id).values(values))
    announce(connection, TOPIC)


def note(
    connection: Connection, meeting_id: str, by: str, what: str, house_id: str | None = None
) -> None:
    """Write an act down."""
    connection.execute(
        insert(meeting_acts).values(
            meeting_id=meeting_id, at=datetime.now(UTC), by=by, what=what, house_id=house_id
        )
    )
    logger.info("meeting %s of the ward: %s, %s, by %s", meeting_id, what, house_id or "-", by)
    announce(connection, TOPIC)


def _spoken_by(connection: Connection, meeting_id: str, by: Account) -> Meeting:
    meeting = in_state(connection, meeting_id, MeetingState.OPEN)
    if meeting.speaker != by.id:
        raise Refused("gathering.not_speaker", name=meeting.speaker_name)
    return meeting


def _find(connection: Connection, meeting_id: str) -> Meeting:
    found = _read(connection, meetings.c.id == meeting_id)
    if not found:
        raise Refused("gathering.unknown")
    return found[0]


def _current(connection: Connection, now: datetime) -> tuple[Meeting, ...]:
    open_or_to_come = meetings.c.state.in_([MeetingState.OPEN.value, MeetingState.PLANNED.value])
    found = _read(connection, open_or_to_come)
    current = [one for one in found if one.state is MeetingState.OPEN or one.ends + GRACE > now]
    return tuple(sorted(current, key=lambda one: (one.state is not MeetingState.OPEN, one.starts)))


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Meeting]:
    rows = connection.execute(select(meetings).where(which)).all()
    named = (
        select(meeting_houses, houses.c.name)
        .join(houses, houses.c.id == meeting_houses.c.house_id)
        .where(meeting_houses.c.meeting_id.in_([row.id for row in rows]))
        .order_by(houses.c.name, houses.c.id)
    )
    wanted_rows = connection.execute(named).all()
    known = plans.of_ids(connection, [row.plan_id for row in wanted_rows])
    wanted: dict[str, list[Wanted]] = {}
    for row in wanted_rows:
        one = known.get(row.plan_id)
        plan, proposed = (one.plan, one.proposed) if one else (None, False)
        house = Wanted(row.house_id, row.name, plan, proposed, row.hand_at)
        wanted.setdefault(row.meeting_id, []).append(house)
    return [
        Meeting(
            id=row.id,
            title=row.title,
            starts=row.starts,
            minutes=row.minutes,
            state=MeetingState(row.state),
            houses=tuple(wanted.get(row.id, ())),
            speaker=row.speaker,
            speaker_name=row.speaker_name or "",
            floor=row.floor,
            stream=row.stream,
            stream_url=row.stream_url,
        )
        for row in rows
    ]
