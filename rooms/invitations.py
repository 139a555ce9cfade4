"""Invitations: what a link leads to. The link itself is signed by `web.access`."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from base.cause import Refused
from feedback.text import clean_line
from rooms.tables import invitations
from rooms.view import Role

MOST_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    meeting_id: str | None
    """None is good for any meeting."""
    role: Role
    """OFFICIAL or VIEWER."""
    name_hint: str
    """What the page puts into the field for the name; may be empty."""
    lobby: bool
    """Somebody in the hall must let him in."""
    expires: datetime
    revoked: bool = False


def new_invitation(
    role: Role, name_hint: str, *, expires: datetime, lobby: bool, meeting_id: str | None
) -> Invitation:
    """Raises Refused: `invitation.role`, `room.name_too_long`."""
    if role not in (Role.OFFICIAL, Role.VIEWER):
        raise Refused("invitation.role")
    name_hint = clean_line(name_hint)
    if len(name_hint) > MOST_NAME_CHARACTERS:
        raise Refused("room.name_too_long", most=MOST_NAME_CHARACTERS)
    return Invitation(secrets.token_hex(8), meeting_id, role, name_hint, lobby, expires)


def check_valid(invitation: Invitation, meeting_id: str, now: datetime) -> None:
    """Raises Refused: `invitation.revoked`, `invitation.expired`, `invitation.other_meeting`."""
    if invitation.revoked:
        raise Refused("invitation.revoked")
    if invitation.expires <= now:
        raise Refused("invitation.expired")
    if invitation.meeting_id not in (None, meeting_id):
        raise Refused("invitation.other_meeting")


def find(connection: Connection, invitation_id: str) -> Invitation:
    """Raises Refused: `invitation.unknown`."""
    row = connection.execute(
        select(invitations).where(invitations.c.id == invitation_id)
    ).one_or_none()
    if row is None:
        raise Refused("invitation.unknown")
    return Invitation(
        id=row.id,
        meeting_id=row.meeting_id,
        role=Role(row.role),
        name_hint=row.name_hint,
        lobby=row.lobby,
        expires=row.expires,
        revoked=row.revoked,
    )


def add(connection: Connection, invitation: Invitation) -> None:
    connection.execute(
        insert(invitations).values({**asdict(invitation), "role": invitation.role.value})
    )


def revoke(connection: Connection, invitation_id: str) -> None:
    """Raises Refused: `invitation.unknown`."""
    find(connection, invitation_id)
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(revoked=True)
    )


def require_lobby(connection: Connection, invitation_id: str) -> None:
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(lobby=True)
    )
