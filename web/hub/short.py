"""The short address of a house, to be typed from the big screen: `/to-5`.

It stands beside the hub's own pages, which go first: a house whose id is one of theirs keeps the
long address, and no house is given such an id any more.

>>> short_path("to-5"), short_path("login")
('/to-5', '/h/login/ask')
"""

from typing import Final

OWN: Final = frozenset(
    {
        "accounts",
        "api",
        "board",
        "calendar",
        "committee",
        "committee.csv",
        "data-requests",
        "h",
        "healthz",
        "houses",
        "language",
        "ledger-head.jsonl",
        "ledger-heads.jsonl",
        "ledger.jsonl",
        "link",
        "live",
        "login",
        "logout",
        "meetings",
        "open311",
    }
    | {"metrics", "open", "privacy", "receipt", "static", "watch", "welcome", "work"}
)
"""The first parts of the hub's own addresses; a test compares them with its routes."""


def short_path(house_id: str) -> str:
    return long_path(house_id) if house_id in OWN else f"/{house_id}"


def long_path(house_id: str) -> str:
    """Of the page where residents ask."""
    return f"/h/{house_id}/ask"
