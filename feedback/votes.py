"""“Tôi cũng hỏi câu này”: phones that ask along. Each counts once for a question.

    cast(connection, case_id, meeting, device, at)      # True; the same again: False
    counted(connection, [case_id, …])                   # {case_id: {device, …}}

A device is known by the hash of the secret in its cookie, wherever it comes from: a hall behind one
address, or a provider's thousand customers behind another, are as many devices as there are phones.
Who throws his cookies away is a new one; what he could do with that is bounded by a limit on
requests alone, as everybody's is.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from base.cause import Refused
from feedback.tables import case_votes, cases

MOST_VOTES: Final = 10
"""Of one device in one meeting."""


def device_of(secret: str) -> bytes:
    """By what a device is known here; nobody learns its secret from it."""
    return hashlib.sha256(f"device\0{secret}".encode()).digest()


def cast(connection: Connection, case_id: str, meeting: str, device: bytes, at: datetime) -> bool:
    """Whether it is a new one. Raises Refused: `vote.spent`."""
    known = (case_votes.c.case_id == case_id, case_votes.c.device == device)
    if connection.execute(select(case_votes.c.at).where(*known)).first() is not None:
        return False
    of_device = (case_votes.c.meeting == meeting, case_votes.c.device == device)
    spent = select(func.count()).select_from(case_votes).where(*of_device)
    if connection.execute(spent).scalar_one() >= MOST_VOTES:
        raise Refused("vote.spent", most=MOST_VOTES)
    values = {"case_id": case_id, "meeting": meeting, "device": device, "at": at}
    connection.execute(insert(case_votes).values(values))
    return True


def count(connection: Connection, case_id: str) -> int:
    """How many devices ask along, with the matters that were merged into this one."""
    merged = select(cases.c.id).where(cases.c.same_as == case_id)
    here = (case_votes.c.case_id == case_id) | case_votes.c.case_id.in_(merged)
    devices = func.count(case_votes.c.device.distinct())
    return connection.execute(select(devices).where(here)).scalar_one()


def counted(connection: Connection, case_ids: Iterable[str]) -> Mapping[str, frozenset[bytes]]:
    """The devices that ask along, for each case for which any do."""
    found: defaultdict[str, set[bytes]] = defaultdict(set)
    ids = sorted(case_ids)
    for first in range(0, len(ids), 500):
        part = case_votes.c.case_id.in_(ids[first : first + 500])
        rows = connection.execute(select(case_votes.c.case_id, case_votes.c.device).where(part))
        for row in rows:
            found[row.case_id].add(row.device)
    return {case_id: frozenset(devices) for case_id, devices in found.items()}
