"""What the ward's officials may do in a house through the hub, which has checked who they are.

    admit         let in somebody who waits at the door, not himself, nor whom the hall sent out
    come          come into the meeting himself, by an invitation of his own
    invite        an invitation for somebody else, also for a planned meeting
    invitations   those that were written at the hub and still stand
    invitation    one of them, with its link
    revoke        take one of them back
    release       let another browser use one of them

Nothing else, whatever the hub asks: a hub that was broken into can put people into a meeting, where
everybody sees them, and no more; invitations that were made in the house are out of its reach. What
changes something leaves a line in the journal, with the official's name.
"""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta

from base.cause import Refused
from feedback.text import clean_line
from rooms.hub_commands import Wanted
from rooms.invitations import MOST_NAME_CHARACTERS, Invitation
from rooms.meeting import Actor
from rooms.room import Room
from rooms.view import Role
from web.access import Access
from web.inviting import MOST_DAYS
from web.link.messages import Ask, Invited, Reply, refusal

logger = logging.getLogger(__name__)


class Authority:
    def __init__(self, room: Room, access: Access) -> None:
        self._room = room
        self._access = access

    async def answer(self, ask: Ask) -> Reply:
        """Do it, or say why not."""
        by = Actor(Role.HUB, clean_line(ask.name)[:MOST_NAME_CHARACTERS])
        try:
            reply = await self._do(ask, by)
        except Refused as refused:
            code = refused.cause.code
            logger.info("account %s of the ward was refused %s: %s", ask.account, ask.what, code)
            return refusal(ask, refused.cause)
        logger.info("account %s of the ward: %s", ask.account, ask.what)
        return reply

    async def _do(self, ask: Ask, by: Actor) -> Reply:
        room = self._room
        match ask.what:
            case "admit":
                await room.admit_from_hub(by, ask.account, ask.about)
            case "come":
                own = await room.come_from_hub(by, ask.account)
                return Reply(ask.number, self._access.invitation_link(own.id))
            case "invite":
                made = await room.invite_from_hub(by, ask.account, _wanted(ask.form))
                return self._shown(ask, made)
            case "invitations":
                known = await room.invitations_from_hub(by)
                return Reply(ask.number, invitations=tuple(map(_invited, known)))
            case "invitation":
                return self._shown(ask, await room.invitation_from_hub(by, ask.about))
            case "revoke":
                await room.revoke_from_hub(by, ask.about)
            case "release":
                await room.release_from_hub(by, ask.about)
            case _:
                raise Refused("room.not_your_part")
        return Reply(ask.number)

    def _shown(self, ask: Ask, invitation: Invitation) -> Reply:
        link = self._access.invitation_link(invitation.id)
        return Reply(ask.number, link, invitations=(_invited(invitation),))


def _wanted(form: Mapping[str, str]) -> Wanted:
    """Raises Refused: `invitation.role`, `web.bad_request`."""
    days = form.get("days", "")
    if not re.fullmatch(r"[0-9]{1,2}", days) or not 1 <= int(days) <= MOST_DAYS:
        raise Refused("web.bad_request")
    try:
        role = Role(form.get("role", ""))
    except ValueError:
        raise Refused("invitation.role") from None
    return Wanted(
        role=role,
        name_hint=form.get("name", ""),
        lasts=timedelta(days=int(days)),
        lobby=form.get("lobby") == "yes",
        personal=form.get("personal") == "yes",
        plan_id=form.get("plan") or None,
    )


def _invited(invitation: Invitation) -> Invited:
    return Invited(
        id=invitation.id,
        role=invitation.role.value,
        name=invitation.name_hint,
        personal=invitation.personal,
        used=invitation.holder_sha256 is not None,
        lobby=invitation.lobby,
        expires=invitation.expires,
        by=invitation.inviter or "",
        plan=invitation.plan_id or "",
        revoked=invitation.revoked,
    )
