"""What of the public board somebody looks for: the query of an address, and what it finds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

from feedback.board import MOST_SOUGHT, PublicCase, Search, Which
from feedback.topics import Topic
from web.limiting import Limit
from web.residents.pages import Desk, Reception

SEARCHING: Final = Limit.of("searching", each="120/minute", all="600/minute")
"""Generous, as a hall may stand behind one address: each looks through the whole board."""


def search_of(query: Mapping[str, str]) -> Search:
    """`?words=duong+ngo+5&topic=infrastructure&state=answered`; what makes no sense is left out."""
    words = query.get("words", "").replace("\0", " ").strip()[:MOST_SOUGHT]
    topics, states = query.get("topic"), query.get("state")
    return Search(
        words,
        next((topic for topic in Topic if topic.value == topics), None),
        next((which for which in Which if which.value == states), None),
    )


def query_of(search: Search) -> str:
    """As `search_of` reads it; empty where there is nothing to look for."""
    fields = {"words": search.words, "topic": search.topic, "state": search.which}
    return urlencode({name: value for name, value in fields.items() if value})


async def count(request: Request, reception: Reception, search: Search) -> None:
    """Raises Refused `web.slow_down`."""
    if search != Search():
        await reception.limits.count(SEARCHING, request)


async def find(desk: Desk, search: Search, *, skip: int, most: int) -> Sequence[PublicCase]:
    """What waits for its answer first, then the newest answers."""
    waiting = () if search.which is Which.ANSWERED else await desk.open(search)
    found = [*waiting[skip : skip + most]]
    if len(found) < most and search.which is not Which.OPEN:
        left = max(0, skip - len(waiting))
        found += await desk.answered(most - len(found), search, skip=left)
    return found


def told(case: PublicCase) -> dict[str, Any]:
    """As JSON."""
    return {
        "id": case.id,
        "number": case.number,
        "topic": case.topic,
        "state": case.state,
        "text": case.text,
        "asked_at": case.asked_at.isoformat(),
        "owner": case.owner,
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "answer": case.answer,
        "answered_at": case.answered_at.isoformat() if case.answered_at else None,
        "answered_by": case.answered_by,
        "office": case.office,
        "done_on": case.done_on.isoformat() if case.done_on else None,
        "in_time": case.in_time,
    }
