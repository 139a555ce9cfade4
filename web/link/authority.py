"""What the ward's officials may do in a house through the hub, which has checked who they are.

    admit   let in somebody who waits at the door
    come    come into the meeting himself, by an invitation of his own

Nothing else, whatever the hub asks: a hub that was broken into can put people into a meeting, where
everybody sees them, and no more. Each leaves a line in the journal, with the official's name.
"""

import logging

from base.cause import Refused
from feedback.text import clean_line
from rooms.invitations import MOST_NAME_CHARACTERS
from rooms.meeting import Actor
from rooms.room import Room
from rooms.view import Role
from web.access import Access
from web.link.messages import Ask, Reply

logger = logging.getLogger(__name__)


class Authority:
    def __init__(self, room: Room, access: Access) -> None:
        self._room = room
        self._access = access

    async def answer(self, ask: Ask) -> Reply:
        """Do it, or say why not."""
        by = Actor(Role.HUB, clean_line(ask.name)[:MOST_NAME_CHARACTERS])
        try:
            path = await self._do(ask, by)
        except Refused as refused:
            code = refused.cause.code
            logger.info("account %s of the ward was refused %s: %s", ask.account, ask.what, code)
            params = {
                k: v if isinstance(v, int) else str(v) for k, v in refused.cause.params.items()
            }
            return Reply(ask.number, code=code, params=params)
        logger.info("account %s of the ward: %s", ask.account, ask.what)
        return Reply(ask.number, path)

    async def _do(self, ask: Ask, by: Actor) -> str:
        match ask.what:
            case "admit":
                await self._room.admit(by, ask.about)
                return ""
            case "come":
                invitation = await self._room.come_from_hub(by, ask.account)
                return self._access.invitation_link(invitation.id)
        raise Refused("room.not_your_part")
