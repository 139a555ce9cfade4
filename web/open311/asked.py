"""Which requests somebody asks for, read and checked (GeoReport v2, GET Service Requests)."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

from starlette.datastructures import QueryParams

from base.cause import Refused
from feedback.requests import MOST, Wanted
from web.language import VIETNAM
from web.open311.services import topic_of

SPAN: Final = timedelta(days=90)
_STATUS: Final = {"open": True, "closed": False}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,20})?)?)"
    r"(?:(Z)|([ +-])([0-9]{2}:[0-9]{2}))"
)
"""W3C-DTF, https://www.w3.org/TR/NOTE-datetime. A plus that was not encoded comes as a space."""


def wanted(query: QueryParams, now: datetime) -> Wanted:
    """Raises Refused: `georeport.…`."""
    if ids := _listed(query, "service_request_id"):
        if len(ids) > MOST:
            raise Refused("georeport.too_many_ids", most=MOST)
        return Wanted(ids=frozenset(ids))
    topics = frozenset(map(topic_of, _listed(query, "service_code")))
    statuses = frozenset(map(_is_open, _listed(query, "status")))
    since, until = _range(query, now)
    return Wanted(
        topics=topics or None,
        since=since,
        until=until,
        is_open=next(iter(statuses)) if len(statuses) == 1 else None,
    )


def _listed(query: QueryParams, name: str) -> list[str]:
    """Declared several times, or with commas between them."""
    parts = ",".join(query.getlist(name)).split(",")
    return [part.strip() for part in parts if part.strip()]


def _is_open(typed: str) -> bool:
    if typed.lower() not in _STATUS:
        raise Refused("georeport.status", found=typed[:80])
    return _STATUS[typed.lower()]


def _range(query: QueryParams, now: datetime) -> tuple[datetime, datetime]:
    """The last 90 days, or the 90 days from or up to the one date that is given."""
    since = _moment(query, "start_date", time.min)
    until = _moment(query, "end_date", time.max)
    try:
        if since is None:
            until = until or now
            since = until - SPAN
        until = until or min(since + SPAN, max(now, since))
    except OverflowError:
        raise Refused("georeport.date", field="start_date, end_date") from None
    if until < since:
        raise Refused("georeport.dates")
    if until - since > SPAN:
        raise Refused("georeport.span", days=SPAN.days)
    return since, until


def _moment(query: QueryParams, field: str, of_day: time) -> datetime | None:
    """In UTC. A day alone is one of Vietnam's, from its beginning or to its end."""
    typed = query.get(field, "").strip()
    if not typed:
        return None
    found = _MOMENT.fullmatch(typed)
    try:
        if found:
            zone = "+00:00" if found[2] else f"{found[3].replace(' ', '+')}{found[4]}"
            return datetime.fromisoformat(found[1] + zone).astimezone(UTC)
        if _DAY.fullmatch(typed):
            day = datetime.fromisoformat(typed).date()
            return datetime.combine(day, of_day, VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("georeport.date", field=field)
