"""What the ward's officials do in a house through its hub, which has checked who they are.

They come into a meeting themselves, and write invitations for others. These belong to the house as
all others do; the hub may look at those that were written there, and take them back, and no others.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from base.cause import Refused
from rooms import invitations
from rooms.change import Change
from rooms.guest_commands import GuestCommands
from rooms.invitations import Invitation, new_invitation
from rooms.meeting import Action, Actor
from rooms.plans import LINK_LASTS
from rooms.view import Role

OWN_LASTS: Final = timedelta(hours=12)
"""An official's own invitation: as long as his session at the hub."""
MOST_FROM_HUB: Final = 60
"""Invitations written at the hub that stand at the same time."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invitation that an official asks for."""

    role: Role
    name_hint: str
    lasts: timedelta
    """Unless it is for a planned meeting."""
    lobby: bool
    personal: bool
    plan_id: str | None = None


class HubCommands(GuestCommands):
    async def come_from_hub(self, by: Actor, account: str) -> Invitation:
        """A personal invitation for an official whom the hub knows by this account: the one he has
        already, which the browser that he sits at now may use, or a new one. He waits at the door
        where the house wants that, and always after an earlier one was taken back."""
        return await self._finished(self._come_from_hub(by, account))

    async def invite_from_hub(self, by: Actor, account: str, wanted: Wanted) -> Invitation:
        """For somebody else: for the meeting under way or the next one, or for a planned one, and
        then until that is over. Where the house wants the ward's officials to wait at the door,
        whom they invite waits too, and whom somebody invites who was sent out.

        Raises Refused: `schedule.unknown`, `invitation.too_many`, and those of `new_invitation`.
        """
        return await self._finished(self._invite_from_hub(by, account, wanted))

    async def invitations_from_hub(self, by: Actor) -> tuple[Invitation, ...]:
        """Those by which somebody may still come in; the one that lasts longest first."""
        self._check(Action.INVITE_FROM_HUB, by)
        standing = await self.standing_invitations()
        return tuple(one for one in standing if one.inviter is not None)

    async def invitation_from_hub(self, by: Actor, invitation_id: str) -> Invitation:
        """One that was written at the hub, valid or not. Raises Refused `invitation.unknown`."""
        self._check(Action.INVITE_FROM_HUB, by)
        return self.with_its_end(await self._written_there(invitation_id))

    async def revoke_from_hub(self, by: Actor, invitation_id: str) -> None:
        """As `revoke_invitation`. Raises Refused `invitation.unknown`."""
        self._check(Action.REVOKE_FROM_HUB, by)
        await self._written_there(invitation_id)
        await self._revoke(Action.REVOKE_FROM_HUB, by, invitation_id)

    async def release_from_hub(self, by: Actor, invitation_id: str) -> None:
        """As `release_invitation`. Raises Refused `invitation.unknown`."""
        self._check(Action.RELEASE_FROM_HUB, by)
        await self._written_there(invitation_id)
        await self._release(Action.RELEASE_FROM_HUB, by, invitation_id)

    async def admit_from_hub(self, by: Actor, account: str, guest_id: str) -> None:
        """Let somebody in; never oneself, nor whom the hall has sent out, and nobody at all after
        one was sent out oneself.

        Raises Refused: `room.only_the_hall_admits`, and those of `Guests.get`.
        """
        self._check(Action.ADMIT, by)
        guest = self._guests.get(guest_id)
        sent_out = await self._was_sent_out(account)
        if guest.account is not None:
            sent_out = sent_out or await self._was_sent_out(guest.account)
        if sent_out or guest.account == account or self._guests.only_the_hall_admits(guest):
            raise Refused("room.only_the_hall_admits")
        await self._do_to_guest(Action.ADMIT, by, guest_id, admitted=True)

    async def account_out(self, body: Mapping[str, Any]) -> None:
        """From the hub (`invitations.ACCOUNT_OUT`): this account was closed, or ended everywhere.
        Its own invitations end, and whoever came in by them is out; what it wrote for others
        stands. The same again changes nothing. Raises Refused where nothing can be stored now."""
        account = body.get("account")
        if not isinstance(account, str):
            logger.warning("an account that is out has no name: %s", body)
            return
        now, by = self._clock.now(), Actor(Role.HUB, "")
        for one in await self.invitations_given(account):
            if not one.revoked and one.expires > now:
                await self._do(
                    Action.ACCOUNT_OUT,
                    by,
                    partial(self._guests.end, one.id, now),
                    account=account,
                    invitation=one.id,
                )

    async def invitations_given(self, account: str) -> tuple[Invitation, ...]:
        """What this account got for the meeting under way or the next one, also what ended."""
        meeting_id = self._meeting.id
        return await self._database.read(lambda c: invitations.of_account(c, account, meeting_id))

    async def _was_sent_out(self, account: str) -> bool:
        """Of this meeting, by the house."""
        if self._guests.was_removed(account):
            return True
        return any(one.revoked for one in await self.invitations_given(account))

    async def _written_there(self, invitation_id: str) -> Invitation:
        found = await self.invitation(invitation_id)
        if found.inviter is None:
            raise Refused("invitation.unknown")
        return found

    def _waits(self) -> bool:
        link = self._settings.link
        return link is None or link.officials_wait

    async def _invite_from_hub(self, by: Actor, account: str, wanted: Wanted) -> Invitation:
        self._check(Action.INVITE_FROM_HUB, by)
        async with self._lock:
            self._check(Action.INVITE_FROM_HUB, by)
            if len(await self.invitations_from_hub(by)) >= MOST_FROM_HUB:
                raise Refused("invitation.too_many", most=MOST_FROM_HUB)
            plan = self._schedule.get(wanted.plan_id) if wanted.plan_id else None
            made = new_invitation(
                wanted.role,
                wanted.name_hint,
                expires=plan.ends + LINK_LASTS if plan else self._clock.now() + wanted.lasts,
                lobby=wanted.lobby or self._waits() or await self._was_sent_out(account),
                meeting_id=None if plan else self._meeting.id,
                personal=wanted.personal,
                plan_id=plan.id if plan else None,
                inviter=by.name,
            )
            line = self._line(
                Action.INVITE_FROM_HUB,
                by,
                account=account,
                invitation=made.id,
                role=made.role.value,
                lobby=made.lobby,
                personal=made.personal,
            )
            await self._make(Change(partial(invitations.add, invitation=made)), line)
        self._touch()
        return made

    async def _come_from_hub(self, by: Actor, account: str) -> Invitation:
        self._check(Action.COME_FROM_HUB, by)
        async with self._lock:
            self._check(Action.COME_FROM_HUB, by)
            meeting_id, now = self._meeting.id, self._clock.now()
            known = await self.invitations_given(account)
            found = next((i for i in known if not i.revoked and i.expires > now), None)
            if found is not None:
                change = Change(
                    partial(invitations.hold, invitation_id=found.id, holder_sha256=None)
                )
            else:
                found = new_invitation(
                    Role.OFFICIAL,
                    by.name,
                    expires=now + OWN_LASTS,
                    lobby=self._waits() or any(i.revoked for i in known),
                    meeting_id=meeting_id,
                    personal=True,
                    account=account,
                )
                change = Change(partial(invitations.add, invitation=found))
            line = self._line(Action.COME_FROM_HUB, by, account=account, invitation=found.id)
            await self._make(change, line)
        self._touch()
        return found
