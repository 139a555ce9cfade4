"""That somebody agreed to his name being kept with what he asks.

The words themselves are processed because answering residents is the ward's task; a name is not
needed for that, so it rests on consent alone (Law 91/2025/QH15, Decree 356/2025/NĐ-CP): given for
this purpose, never by default, to be proven, and taken back as easily. Each form that takes a name
shows the purpose beside an empty box, and posts which words stood there:

    consent = agreed(name, typed)            # None where there is no name
    draft = check(text, name=name, consent=consent, …)
"""

from typing import Final

from base.cause import Refused

WORDING: Final = "name-1"
"""What the forms say today (`web/templates/consent.html`). Other words get another version, and
what was agreed to before stays what it was."""
_KNOWN: Final = frozenset({WORDING})
"""Also those of pages that were opened before an update."""


def agreed(name: str, typed: str) -> str | None:
    """Which words whoever gives `name` agreed to; None where he gives none. Raises Refused
    `consent.missing`."""
    if not name.strip():
        return None
    if typed not in _KNOWN:
        raise Refused("consent.missing")
    return typed
