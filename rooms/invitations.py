"""Invitations: what a link leads to. The link itself is signed by `web.access`.

An invitation is for whoever has the link, or for one person. A personal one belongs to the browser
that came in by it first: that browser shows the same key whenever it comes, and no other knows it.

    check_holder(invitation, key)       # the invitation as it is from now on, or Refused
"""

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from base.cause import Refused
from feedback.text import clean_line
from rooms.tables import invitations
from rooms.view import Role

MOST_NAME_CHARACTERS: Final = 80
LEAST_KEY_CHARACTERS: Final = 16

ACCOUNT_OUT: Final = "account-out"
"""Kind of what the hub hands down when an account is closed there, or ends everywhere."""


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    meeting_id: str | None
    """None is good for any meeting."""
    role: Role
    """OFFICIAL, SPEAKER or VIEWER."""
    name_hint: str
    """What the page puts into the field for the name; may be empty."""
    lobby: bool
    """Somebody in the hall must let him in."""
    expires: datetime
    revoked: bool = False
    personal: bool = False
    """For one person, whose browser is known by its key."""
    holder_sha256: bytes | None = None
    """Of that key; None until somebody came in by it."""
    account: str | None = None
    """At the ward's hub, which gave it to one of its officials; None was made in the house."""
    plan_id: str | None = None
    """It is for this planned meeting, whenever that is."""
    inviter: str | None = None
    """Name of the official who wrote it at the ward's hub; None was made in the house."""


def new_invitation(
    role: Role,
    name_hint: str,
    *,
    expires: datetime,
    lobby: bool,
    meeting_id: str | None,
    personal: bool = False,
    account: str | None = None,
    plan_id: str | None = None,
    inviter: str | None = None,
) -> Invitation:
    """A resident who wants to speak always waits in the lobby, whatever `lobby` says.

    Raises Refused: `invitation.role`, `room.name_too_long`.
    """
    if role not in (Role.OFFICIAL, Role.SPEAKER, Role.VIEWER):
        raise Refused("invitation.role")
    name_hint = clean_line(name_hint)
    if len(name_hint) > MOST_NAME_CHARACTERS:
        raise Refused("room.name_too_long", most=MOST_NAME_CHARACTERS)
    lobby = lobby or role is Role.SPEAKER
    return Invitation(
        secrets.token_hex(8),
        meeting_id,
        role,
        name_hint,
        lobby,
        expires,
        personal=personal,
        account=account,
        plan_id=plan_id,
        inviter=inviter,
    )


def check_valid(invitation: Invitation, meeting_id: str, now: datetime) -> None:
    """Raises Refused: `invitation.revoked`, `invitation.expired`, `invitation.other_meeting`."""
    if invitation.revoked:
        raise Refused("invitation.revoked")
    if invitation.expires <= now:
        raise Refused("invitation.expired")
    if invitation.meeting_id not in (None, meeting_id):
        raise Refused("invitation.other_meeting")


def check_holder(invitation: Invitation, key: str) -> Invitation:
    """Whether the browser with this key may come in; a personal one is his from then on.

    Raises Refused `invitation.somebody_elses`.
    """
    if not invitation.personal:
        return invitation
    shown = hashlib.sha256(key.encode()).digest()
    if len(key) < LEAST_KEY_CHARACTERS or (
        invitation.holder_sha256 and not hmac.compare_digest(invitation.holder_sha256, shown)
    ):
        raise Refused("invitation.somebody_elses")
    return replace(invitation, holder_sha256=shown)


def find(connection: Connection, invitation_id: str) -> Invitation:
    """Raises Refused: `invitation.unknown`."""
    row = connection.execute(
        select(invitations).where(invitations.c.id == invitation_id)
    ).one_or_none()
    if row is None:
        raise Refused("invitation.unknown")
    return _invitation(row)


def standing(connection: Connection, meeting_id: str, now: datetime) -> tuple[Invitation, ...]:
    """Those by which somebody may enter this meeting, and all for planned ones, which may have been
    moved or cancelled since."""
    rows = connection.execute(
        select(invitations)
        .where(
            invitations.c.meeting_id.is_(None) | (invitations.c.meeting_id == meeting_id),
            (invitations.c.expires > now) | invitations.c.plan_id.is_not(None),
            invitations.c.revoked.is_(False),
        )
        .order_by(invitations.c.id)
    )
    return tuple(_invitation(row) for row in rows)


def of_account(connection: Connection, account: str, meeting_id: str) -> tuple[Invitation, ...]:
    """What the hub gave to this account for this meeting, also what was taken back."""
    rows = connection.execute(
        select(invitations).where(
            invitations.c.account == account, invitations.c.meeting_id == meeting_id
        )
    )
    return tuple(_invitation(row) for row in rows)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        meeting_id=row.meeting_id,
        role=Role(row.role),
        name_hint=row.name_hint,
        lobby=row.lobby,
        expires=row.expires,
        revoked=row.revoked,
        personal=row.personal,
        holder_sha256=row.holder_sha256,
        account=row.account,
        plan_id=row.plan_id,
        inviter=row.inviter,
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


def end(connection: Connection, invitation_id: str, now: datetime) -> None:
    """Nobody enters by it any more. Nobody was sent out by the house either."""
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(expires=now)
    )


def hold(connection: Connection, invitation_id: str, holder_sha256: bytes | None) -> None:
    """Whose browser a personal one belongs to; None is the next that comes."""
    connection.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id)
        .values(holder_sha256=holder_sha256)
    )


def require_lobby(connection: Connection, invitation_id: str) -> None:
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(lobby=True)
    )
