"""What people ask about their own data, in the database; and whose case a receipt leads to.

All of it inside `Database.read` or `Database.write`. What follows from a request, and who may
decide on it, is in `data_requests.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, update

from base.cause import Refused
from feedback.case import Place
from feedback.data_request import DataRequest, RequestState, request_of, values_of
from feedback.tables import case_copies, cases, data_requests

# Made once: every page of a receipt asks it.
_OF_RECEIPT: Final = (
    select(data_requests)
    .where(data_requests.c.receipt == bindparam("code"))
    .where(data_requests.c.house.is_not_distinct_from(bindparam("house")))
    .order_by(data_requests.c.asked_at)
)


@dataclass(frozen=True, slots=True)
class Located:
    case_id: str
    house: str | None
    is_here: bool


def locate(
    connection: Connection,
    code: str,
    house_id: str | None,
    *,
    here: Place,
    anywhere: bool = False,
) -> Located | None:
    """The case of this receipt, or the copy of it: of this house alone, or `anywhere`."""
    copy = select(case_copies.c.id, case_copies.c.house).where(case_copies.c.receipt == code)
    case = select(cases.c.id, cases.c.house, cases.c.home).where(cases.c.receipt == code)
    if not anywhere:
        copy = copy.where(case_copies.c.house == house_id)
        case = case.where(cases.c.house == house_id)
    copied = connection.execute(copy).one_or_none()
    if copied is not None:
        return Located(copied.id, copied.house, is_here=False)
    own = connection.execute(case).one_or_none()
    if own is not None:
        return Located(own.id, own.house, is_here=own.home == here.value)
    return None


def receipt_of(connection: Connection, case_id: str, house_id: str | None) -> str | None:
    """Of a case that this house has, or there is a copy of."""
    for table in (cases, case_copies):
        query = select(table.c.receipt).where(table.c.id == case_id, table.c.house == house_id)
        receipt: str | None = connection.execute(query).scalar_one_or_none()
        if receipt is not None:
            return receipt
    return None


def add(connection: Connection, request: DataRequest) -> None:
    connection.execute(insert(data_requests).values(values_of(request)))


def save(connection: Connection, request: DataRequest) -> None:
    mine = data_requests.c.id == request.id
    connection.execute(update(data_requests).where(mine).values(values_of(request)))


def mark_told(connection: Connection, request_id: str) -> None:
    """The other side knows this state."""
    mine = data_requests.c.id == request_id
    connection.execute(update(data_requests).where(mine).values(told=True))


def mark_reminded(connection: Connection, request_id: str, at: datetime) -> None:
    mine = data_requests.c.id == request_id
    connection.execute(update(data_requests).where(mine).values(reminded_at=at))


def find(connection: Connection, request_id: str) -> DataRequest | None:
    query = select(data_requests).where(data_requests.c.id == request_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else request_of(row)


def get(connection: Connection, request_id: str) -> DataRequest:
    """Raises Refused `privacy.unknown`."""
    request = find(connection, request_id)
    if request is None:
        raise Refused("privacy.unknown")
    return request


def of_case(connection: Connection, case_id: str) -> tuple[DataRequest, ...]:
    """The oldest first."""
    mine = select(data_requests).where(data_requests.c.case_id == case_id)
    return _all(connection, mine.order_by(data_requests.c.asked_at))


def of_receipt(
    connection: Connection, code: str | None, house_id: str | None
) -> tuple[DataRequest, ...]:
    """The oldest first."""
    rows = connection.execute(_OF_RECEIPT, {"code": code, "house": house_id})
    return tuple(map(request_of, rows))


def waiting(connection: Connection, most: int) -> tuple[DataRequest, ...]:
    """The most urgent first."""
    waits = data_requests.c.state == RequestState.WAITING.value
    query = select(data_requests).where(waits).order_by(data_requests.c.due_at).limit(most)
    return _all(connection, query)


def decided(connection: Connection, most: int) -> tuple[DataRequest, ...]:
    """The last ones that somebody asked for."""
    query = (
        select(data_requests)
        .where(data_requests.c.state != RequestState.WAITING.value)
        .where(data_requests.c.via != "rule")
        .order_by(data_requests.c.decided_at.desc())
        .limit(most)
    )
    return _all(connection, query)


def untold(connection: Connection, most: int) -> tuple[DataRequest, ...]:
    """Whose state the other side does not know."""
    return _all(connection, select(data_requests).where(~data_requests.c.told).limit(most))


def not_reminded(connection: Connection) -> tuple[DataRequest, ...]:
    """What waits, and nobody was reminded of."""
    waits = (
        data_requests.c.state == RequestState.WAITING.value,
        data_requests.c.reminded_at.is_(None),
    )
    return _all(connection, select(data_requests).where(*waits))


def count(connection: Connection, now: datetime) -> tuple[int, int]:
    """How many wait, and how many of those are late."""
    waits = data_requests.c.state == RequestState.WAITING.value
    late = and_(waits, data_requests.c.due_at < now)
    counted = func.count()
    both = select(
        select(counted).select_from(data_requests).where(waits).scalar_subquery(),
        select(counted).select_from(data_requests).where(late).scalar_subquery(),
    )
    row = connection.execute(both).one()
    return int(row[0]), int(row[1])


def _all(connection: Connection, query: Select[Any]) -> tuple[DataRequest, ...]:
    return tuple(map(request_of, connection.execute(query)))
