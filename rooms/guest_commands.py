"""What can be done about guests, and what they can do about themselves."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from base.cause import Parameter, Refused
from rooms import invitations, store
from rooms.change import Change
from rooms.floor import check_can_have
from rooms.guests import Guest
from rooms.invitations import Invitation, check_holder, check_valid, new_invitation
from rooms.meeting import Action, Actor
from rooms.papers import PAPER_SHOWN
from rooms.plans import LINK_LASTS, Plan, PlanState
from rooms.running import RunningRoom
from rooms.shown import Floor, FloorKind
from rooms.view import GuestView, Role
from storage.errors import StorageError


class GuestCommands(RunningRoom):
    # Guests, as the hall decides

    async def admit(self, by: Actor, guest_id: str) -> None:
        await self._do_to_guest(Action.ADMIT, by, guest_id, admitted=True)

    async def remove_guest(self, by: Actor, guest_id: str) -> None:
        await self._do(
            Action.REMOVE_GUEST,
            by,
            lambda: self._guests.remove(self._guests.get(guest_id)),
            guest=guest_id,
        )

    async def silence_guest(self, by: Actor, guest_id: str, silenced: bool) -> None:
        await self._do_to_guest(
            Action.SILENCE_GUEST, by, guest_id, protects=silenced, silenced=silenced
        )

    async def lower_hand(self, by: Actor, guest_id: str) -> None:
        await self._do_to_guest(Action.LOWER_HAND, by, guest_id, hand=None)

    async def give_floor(self, by: Actor, floor: Floor) -> None:
        """A choice that stands: the floor no longer follows the speaker until it is told to.

        Raises Refused: those of `rooms.floor.check_can_have`.
        """

        def change() -> Change:
            if floor.kind is not FloorKind.HALL:
                ward = {one.id: one for one in self._from_ward().guests}
                guest = ward.get(floor.guest_id or "") or self._guests.get(floor.guest_id or "")
                connected = guest.id in self._media.connected.value
                check_can_have(floor, guest, connected=connected)
            altered = self._alter(follows_speaker=False)

            def keep(connection: Connection) -> None:
                altered.store(connection)
                store.set_value(connection, "floor", f"{floor.kind.value} {floor.guest_id or ''}")
                store.set_value(connection, PAPER_SHOWN, "")

            def apply() -> None:
                altered.apply()
                self._floor.give(floor)
                self._media.set_floor(floor)

            return Change(keep, apply)

        await self._do(
            Action.GIVE_FLOOR, by, change, kind=floor.kind.value, guest=floor.guest_id or ""
        )

    async def follow_speaker(self, by: Actor, follow: bool) -> None:
        await self._do(
            Action.FOLLOW_SPEAKER, by, lambda: self._alter(follows_speaker=follow), follow=follow
        )

    # Invitations

    async def create_invitation(
        self,
        by: Actor,
        role: Role,
        name_hint: str,
        *,
        expires: datetime,
        lobby: bool,
        any_meeting: bool = False,
        personal: bool = False,
        plan_id: str | None = None,
    ) -> Invitation:
        """For the meeting under way or the next one, for any, or for a planned one."""
        made: list[Invitation] = []

        def change() -> Change:
            if plan_id is not None:
                self._schedule.get(plan_id)
            meeting_id = None if any_meeting or plan_id else self._meeting.id
            made.append(
                new_invitation(
                    role,
                    name_hint,
                    expires=expires,
                    lobby=lobby,
                    meeting_id=meeting_id,
                    personal=personal,
                    plan_id=plan_id,
                )
            )
            return Change(partial(invitations.add, invitation=made[0]))

        told: dict[str, Parameter] = {"role": role.value, "lobby": lobby, "personal": personal}
        await self._do(Action.CREATE_INVITATION, by, change, **told)
        return made[0]

    async def revoke_invitation(self, by: Actor, invitation_id: str) -> None:
        """Nobody enters by it any more, and whoever did is out at once."""
        self._check(Action.REVOKE_INVITATION, by)
        await self.invitation(invitation_id)
        await self._revoke(Action.REVOKE_INVITATION, by, invitation_id)

    async def release_invitation(self, by: Actor, invitation_id: str) -> None:
        """Of one person: the next browser that comes is his. He has another telephone, or opened
        the link where he cannot be in a meeting."""
        self._check(Action.RELEASE_INVITATION, by)
        await self.invitation(invitation_id)
        await self._release(Action.RELEASE_INVITATION, by, invitation_id)

    async def invitation(self, invitation_id: str) -> Invitation:
        """As it is stored, valid or not. Raises Refused: `invitation.unknown`."""
        return await self._database.read(lambda c: invitations.find(c, invitation_id))

    def check_invitation(self, invitation: Invitation) -> Plan | None:
        """Whether it stands; the plan where it is for a planned meeting, whose door may still be
        closed. Raises Refused: `invitation.cancelled`, and those of `check_valid`."""
        plan = None
        if invitation.plan_id is not None:
            plan = self._schedule.find(invitation.plan_id)
            if plan is None or plan.state not in (PlanState.PLANNED, PlanState.HELD):
                raise Refused("invitation.cancelled")
            invitation = replace(invitation, meeting_id=plan.meeting_id)
        invitation = self.with_its_end(invitation)
        check_valid(invitation, self._meeting.id, self._clock.now())
        return plan

    def with_its_end(self, invitation: Invitation) -> Invitation:
        """One for a planned meeting lasts as long as that does, whenever it is by now."""
        plan = self._schedule.find(invitation.plan_id)
        return replace(invitation, expires=plan.ends + LINK_LASTS) if plan else invitation

    async def standing_invitations(self) -> tuple[Invitation, ...]:
        """By which somebody may enter now, or once the next meeting or its own is open; the one
        that lasts longest first."""
        meeting_id, now = self._meeting.id, self._clock.now()
        known = await self._database.read(lambda c: invitations.standing(c, meeting_id, now))
        standing = (self.with_its_end(one) for one in known if self._stands(one))
        return tuple(sorted(standing, key=lambda one: one.expires, reverse=True))

    def _stands(self, invitation: Invitation) -> bool:
        try:
            self.check_invitation(invitation)
        except Refused:
            return False
        return True

    # Guests, of themselves

    async def enter(self, invitation_id: str, name: str, key: str = "") -> str:
        """The id of a guest, in the lobby or admitted: a new one, or, where the invitation is for
        one person, the one that he is already. `key` is that of his browser.

        Raises Refused: `invitation.too_early`, those of `check_invitation`, of
        `rooms.invitations.check_holder` and of `Guests.enter`.
        """
        guest = await self._finished(self._enter(invitation_id, name, key))
        await self._drawing.request()
        return guest.id

    async def enter_stage(self) -> str:
        """The stage's page is a guest whom nobody lists, and who is forgotten when it closes."""
        if not self.ready.is_set():
            raise Refused("room.starting")
        return self._guests.enter_stage()

    async def come_back(self, guest_id: str, turn: int) -> None:
        """After a lost line or a restart. Raises Refused: those of `Guests.come_back`."""
        guest = self.check_turn(guest_id, turn)
        await self._comes_or_goes(
            Action.COME_BACK, guest, lambda: self._guests.come_back(guest_id, turn)
        )

    def check_turn(self, guest_id: str, turn: int) -> Guest:
        """Whether a resume token still stands. Raises Refused: those of `Guests.check_turn`."""
        return self._guests.check_turn(guest_id, turn)

    def next_turn(self, guest_id: str) -> int:
        """For the resume token that he is given now."""
        return self._guests.turn(guest_id) + 1

    async def guest_away(self, guest_id: str) -> None:
        """His line is lost; his place is kept. Does nothing for somebody who is gone."""
        if self.guest(guest_id) is not None:
            now = self._clock.monotonic()
            await self._comes_or_goes(
                Action.GO_AWAY,
                self._guests.get(guest_id),
                lambda: Change(apply=partial(self._guests.went, guest_id, now)),
            )

    async def leave(self, guest_id: str) -> None:
        """He gives up his place. Does nothing for somebody who is gone."""
        if guest_id in self._guests.stages():
            self._guests.leave_stage(guest_id)
            self._media.drop(guest_id)
        elif self.guest(guest_id) is not None:
            await self._comes_or_goes(
                Action.LEAVE,
                self._guests.get(guest_id),
                lambda: self._guests.alter(self._guests.get(guest_id), gone="left"),
            )

    async def set_guest(
        self,
        guest_id: str,
        *,
        microphone: bool | None = None,
        camera: bool | None = None,
        sharing: bool | None = None,
        hand: bool | None = None,
    ) -> None:
        """What he lets be heard and seen; None leaves it. Raises Refused: those of `Guests.set`."""
        wishes = {"microphone": microphone, "camera": camera, "sharing": sharing, "hand": hand}
        await self._do(
            Action.SET_GUEST,
            self._guests.get(guest_id).actor,
            lambda: self._guests.set(self._guests.get(guest_id), wishes, place=self._next_hand()),
            guest=guest_id,
            **{name: wish for name, wish in wishes.items() if wish is not None},
        )

    def guest(self, guest_id: str) -> GuestView | None:
        """How he stands right now, or None where he is not (or no longer) in the room."""
        return next((view for view in self._guest_views() if view.id == guest_id), None)

    def why_gone(self, guest_id: str) -> str | None:
        """As `rooms.guests.Guest.gone`."""
        return self._guests.why_gone(guest_id)

    async def _enter(self, invitation_id: str, name: str, key: str) -> Guest:
        self._check(Action.ENTER, None)
        async with self._lock:
            self._check(Action.ENTER, None)
            invitation = await self.invitation(invitation_id)
            plan = self.check_invitation(invitation)
            if plan is not None and plan.meeting_id is None and self._clock.now() < plan.opens:
                raise Refused("invitation.too_early")
            held = check_holder(invitation, key)
            guest, change = self._comes_in(held, name)
            line = self._line(Action.ENTER, guest.actor, invitation=invitation_id, guest=guest.id)
            await self._make(_and_holds(change, held) if held.personal else change, line)
        self._touch()
        return guest

    async def _revoke(self, action: Action, by: Actor, invitation_id: str) -> None:
        await self._do(
            action, by, lambda: self._guests.revoke(invitation_id), invitation=invitation_id
        )

    async def _release(self, action: Action, by: Actor, invitation_id: str) -> None:
        change = Change(partial(invitations.hold, invitation_id=invitation_id, holder_sha256=None))
        await self._do(action, by, lambda: change, invitation=invitation_id)

    def _comes_in(self, invitation: Invitation, name: str) -> tuple[Guest, Change]:
        here = self._guests.of_invitation(invitation.id) if invitation.personal else ()
        if not here:
            return self._guests.enter(invitation, self._meeting.id, name)
        return here[0], self._guests.return_to(here[0])

    async def _comes_or_goes(
        self, action: Action, guest: Guest, change: Callable[[], Change]
    ) -> None:
        """Happens whether or not it can be written down: a full disk sends nobody out."""
        with suppress(StorageError):  # a notice by now
            await self._do(
                action, guest.actor, lambda: replace(change(), protects=True), guest=guest.id
            )

    async def _do_to_guest(
        self, action: Action, by: Actor, guest_id: str, *, protects: bool = False, **fields: Any
    ) -> None:
        def change() -> Change:
            altered = self._guests.alter(self._guests.get(guest_id), **fields)
            return replace(altered, protects=protects)

        told = {name: value for name, value in fields.items() if value is not None}
        await self._do(action, by, change, guest=guest_id, **told)


def _and_holds(change: Change, invitation: Invitation) -> Change:
    def store(connection: Connection) -> None:
        invitations.hold(connection, invitation.id, invitation.holder_sha256)
        change.store(connection)

    return replace(change, store=store)
