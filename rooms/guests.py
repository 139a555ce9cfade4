"""The guests of a meeting: browsers far away, and where each is on his way in.

Stored is what must outlive a `kill -9`: who is here, admitted or not, and what he lets be seen and
heard. Whether his line is open is known only while it is; the stage's is never stored, because
nobody misses it: its page simply enters again.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from base.cause import Refused
from feedback.text import clean_line
from rooms import invitations
from rooms.change import Change
from rooms.invitations import Invitation
from rooms.meeting import Actor
from rooms.shown import LineState
from rooms.tables import guests
from rooms.tables import invitations as invited
from rooms.view import GuestView, Presence, Role

MOST_GUESTS: Final = 40
MOST_STAGES: Final = 4
MOST_NAME_CHARACTERS: Final = 80
LOBBY_SECONDS: Final = 120.0
"""How long the place of somebody who was not let in yet is kept for him while he is away."""
AWAITED_SECONDS: Final = 120.0
"""For so long the hall is told to wait for somebody whose line was lost; most are back by then."""
AWAY_SECONDS: Final = 900.0
"""After this he counts no more, and comes back to his place all the same: by his resume token, or
by his invitation where it is for him alone."""


@dataclass(frozen=True, slots=True)
class Guest:
    id: str
    meeting_id: str
    invitation_id: str
    name: str
    role: Role
    admitted: bool
    gone: str | None = None
    """`left`, `removed`, `revoked` with his invitation, or `away` too long; None is present, be it
    with a lost line."""
    silenced: bool = False
    microphone: bool = False
    camera: bool = False
    sharing: bool = False
    hand: int | None = None
    """Order in which hands were raised; None is down."""
    turn: int = 0
    """Of the newest resume token that he showed; older ones are worth nothing."""
    account: str | None = None
    """Of the official whom the hub gave his invitation to; it is stored there alone."""

    @property
    def may_be_seen(self) -> bool:
        """By everybody. A resident whose word was taken is neither heard nor seen."""
        always = self.role in (Role.OFFICIAL, Role.WARD)
        return always or (self.role is Role.SPEAKER and not self.silenced)

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.name)


@dataclass(frozen=True, slots=True)
class FromWard:
    """Whoever is here by a meeting of the whole ward (`rooms.ward_meeting`), in no list."""

    guests: tuple[Guest, ...] = ()
    """The one whose picture goes first is the first."""
    apart: bool = False
    """Nobody outside hears the house: the first of them is seen, whoever speaks."""


NOBODY: Final = FromWard()


class Guests:
    def __init__(self) -> None:
        self._by_id: dict[str, Guest] = {}
        self._away_since: dict[str, float] = {}
        self._stages: list[str] = []

    def load(self, known: Iterable[Guest], now: float) -> None:
        """After a start: everybody is away until he returns."""
        self._by_id = {guest.id: guest for guest in known}
        self._away_since = dict.fromkeys(self._by_id, now)

    def get(self, guest_id: str) -> Guest:
        """Raises Refused: `room.guest_removed`, `invitation.revoked`, `room.guest_unknown`."""
        guest = self._by_id.get(guest_id)
        if guest is not None and guest.gone is None:
            return guest
        if guest is not None and guest.gone == "removed":
            raise Refused("room.guest_removed")
        if guest is not None and guest.gone == "revoked":
            raise Refused("invitation.revoked")
        raise Refused("room.guest_unknown")

    def why_gone(self, guest_id: str) -> str | None:
        """As `Guest.gone`; None also for whoever is not known, which he is not after a meeting."""
        guest = self._by_id.get(guest_id)
        return guest.gone if guest else None

    def of_invitation(self, invitation_id: str) -> tuple[Guest, ...]:
        """Whoever came in by it and is not gone, or may come back to his place."""
        return tuple(
            guest
            for guest in self._by_id.values()
            if guest.invitation_id == invitation_id and guest.gone in (None, "away")
        )

    def only_the_hall_admits(self, guest: Guest) -> bool:
        """Somebody was sent out of this meeting who had the same link, or the same account."""
        return any(
            other.gone == "removed"
            and (
                other.invitation_id == guest.invitation_id
                or (guest.account is not None and other.account == guest.account)
            )
            for other in self._by_id.values()
        )

    def was_removed(self, account: str) -> bool:
        return any(g.gone == "removed" and g.account == account for g in self._by_id.values())

    def turn(self, guest_id: str) -> int:
        """Of the newest resume token that he showed; 0 for whoever has shown none."""
        guest = self._by_id.get(guest_id)
        return guest.turn if guest else 0

    def check_turn(self, guest_id: str, turn: int) -> Guest:
        """Whether a resume token still stands. Raises Refused: `room.resume_used`, and those of
        `get`."""
        guest = self._by_id.get(guest_id)
        if guest is None or guest.gone != "away":
            guest = self.get(guest_id)
        if turn < guest.turn:
            raise Refused("room.resume_used")
        return guest

    def come_back(self, guest_id: str, turn: int) -> Change:
        """By the resume token of this turn: those before it are used up. It is not itself, because
        the page may never have got the next one. Raises Refused: those of `check_turn`, and
        `room.full`."""
        return self.return_to(self.check_turn(guest_id, turn), turn=turn)

    def return_to(self, place: Guest, **fields: Any) -> Change:
        """He is back, even after he was away for long. Raises Refused: `room.full`."""
        if place.gone is not None:
            self._check_room_for_one()
        back = replace(place, gone=None, **fields)

        def apply() -> None:
            self._put(back)
            self._away_since.pop(back.id, None)

        return Change(partial(_save, back), apply)

    def present(self) -> tuple[Guest, ...]:
        """Whoever is not gone, in order of arrival."""
        return tuple(guest for guest in self._by_id.values() if guest.gone is None)

    def stages(self) -> tuple[str, ...]:
        return tuple(self._stages)

    def enter(self, invitation: Invitation, meeting_id: str, name: str) -> tuple[Guest, Change]:
        """A new guest: in the lobby, or admitted where the invitation needs none.

        Raises Refused: `room.full`, `room.name_missing`, `room.name_too_long`.
        """
        self._check_room_for_one()
        name = clean_line(name) or invitation.name_hint
        if not name:
            raise Refused("room.name_missing")
        if len(name) > MOST_NAME_CHARACTERS:
            raise Refused("room.name_too_long", most=MOST_NAME_CHARACTERS)
        guest = Guest(
            id=secrets.token_hex(8),
            meeting_id=meeting_id,
            invitation_id=invitation.id,
            name=name,
            role=invitation.role,
            admitted=not invitation.lobby,
            account=invitation.account,
        )
        return guest, Change(partial(_add, guest), partial(self._put, guest))

    def alter(self, guest: Guest, **fields: Any) -> Change:
        changed = replace(guest, **fields)
        return Change(partial(_save, changed), partial(self._put, changed))

    def last_hand(self) -> int:
        """The last place that a raised hand has; 0 where there is none."""
        return max((guest.hand or 0 for guest in self.present()), default=0)

    def set(self, guest: Guest, wishes: Mapping[str, bool | None], *, place: int) -> Change:
        """What a guest wants of himself: microphone, camera, sharing, hand, which gets this place.

        Raises Refused: `room.viewer_only_watches`.
        """
        fields: dict[str, Any] = {
            name: wish
            for name, wish in wishes.items()
            if name in ("microphone", "camera", "sharing") and wish is not None
        }
        if guest.role is Role.VIEWER and any(fields.values()):
            raise Refused("room.viewer_only_watches")
        hand = wishes.get("hand")
        if hand is False:
            fields["hand"] = None
        elif hand and guest.hand is None:
            fields["hand"] = place
        return self.alter(guest, **fields)

    def remove(self, guest: Guest) -> Change:
        """Out of the meeting; with the same link he comes no further than the lobby again."""
        changed = replace(guest, gone="removed")

        def store(connection: Connection) -> None:
            _save(changed, connection)
            invitations.require_lobby(connection, guest.invitation_id)

        return Change(store, partial(self._put, changed), protects=True)

    def revoke(self, invitation_id: str) -> Change:
        """Nobody enters by it any more, and whoever did is out."""
        return self._out_with(
            invitation_id, partial(invitations.revoke, invitation_id=invitation_id)
        )

    def end(self, invitation_id: str, now: datetime) -> Change:
        """The same, but by nobody's decision in the house."""
        return self._out_with(
            invitation_id, partial(invitations.end, invitation_id=invitation_id, now=now)
        )

    def _out_with(self, invitation_id: str, ends: Callable[[Connection], None]) -> Change:
        changed = [replace(g, gone="revoked") for g in self.of_invitation(invitation_id)]

        def store(connection: Connection) -> None:
            ends(connection)
            for guest in changed:
                _save(guest, connection)

        def apply() -> None:
            for guest in changed:
                self._put(guest)

        return Change(store, apply, protects=True)

    def enter_stage(self) -> str:
        stage = f"stage-{secrets.token_hex(8)}"
        self._stages = [*self._stages[1 - MOST_STAGES :], stage]
        return stage

    def leave_stage(self, stage: str) -> None:
        self._stages.remove(stage)

    def went(self, guest_id: str, now: float) -> None:
        self._away_since.setdefault(guest_id, now)

    def awaited(
        self, connected: frozenset[str], now: float, others: tuple[Guest, ...] = ()
    ) -> frozenset[str]:
        """The ids of those who are let in and have no media path, or lost it a moment ago."""
        return frozenset(
            guest.id
            for guest in (*self.present(), *others)
            if guest.admitted
            and guest.id not in connected
            and now - self._away_since.get(guest.id, now) < AWAITED_SECONDS
        )

    def lost_for_long(self, now: float) -> tuple[Guest, ...]:
        """Whoever was let in, went away, and did not return."""
        return tuple(
            guest
            for guest in self.present()
            if guest.admitted and now - self._away_since.get(guest.id, now) >= AWAY_SECONDS
        )

    def lost_in_lobby(self, now: float) -> tuple[Guest, ...]:
        """Whoever went away before he was let in, and did not return."""
        return tuple(
            guest
            for guest in self.present()
            if not guest.admitted and now - self._away_since.get(guest.id, now) >= LOBBY_SECONDS
        )

    def clear(self) -> None:
        """The meeting is over. The stage stays for the next one."""
        self._by_id.clear()
        self._away_since.clear()

    def presence(self, guest: Guest, connected: frozenset[str]) -> Presence:
        if guest.gone is not None:
            return Presence.GONE
        if not guest.admitted:
            return Presence.LOBBY
        if guest.id in connected:
            return Presence.CONNECTED
        return Presence.AWAY if guest.id in self._away_since else Presence.ADMITTED

    def views(
        self,
        connected: frozenset[str],
        speaking: tuple[str, ...],
        returning: frozenset[str],
        now: float,
        lines: Mapping[str, LineState] = MappingProxyType({}),
        *,
        others: tuple[Guest, ...] = (),
    ) -> tuple[GuestView, ...]:
        """The lobby first, each part in order of arrival; `others` who are in no list come last."""
        awaited = self.awaited(connected, now, others)
        hands = sorted(guest.hand for guest in self.present() if guest.hand is not None)
        found = [
            GuestView(
                id=guest.id,
                name=guest.name,
                role=guest.role,
                presence=self.presence(guest, connected),
                microphone=guest.microphone,
                silenced=guest.silenced,
                camera=guest.camera,
                sharing=guest.sharing,
                hand_raised=guest.hand is not None,
                speaking=guest.id in speaking and guest.microphone and not guest.silenced,
                returns=guest.id in returning and guest.microphone and not guest.silenced,
                hand_position=None if guest.hand is None else hands.index(guest.hand) + 1,
                hand_place=guest.hand,
                awaited=guest.id in awaited,
                line=lines.get(guest.id, LineState()),
                account=guest.account,
                only_the_hall_admits=self.only_the_hall_admits(guest),
            )
            for guest in (*self.present(), *others)
        ]
        return tuple(sorted(found, key=lambda guest: guest.presence is not Presence.LOBBY))

    def _check_room_for_one(self) -> None:
        if len(self.present()) >= MOST_GUESTS:
            raise Refused("room.full", most=MOST_GUESTS)

    def _put(self, guest: Guest) -> None:
        self._by_id[guest.id] = guest


def of_meeting(connection: Connection, meeting_id: str) -> tuple[Guest, ...]:
    """In order of arrival, with those who are gone."""
    rows = connection.execute(
        select(guests, invited.c.account)
        .join(invited, guests.c.invitation_id == invited.c.id, isouter=True)
        .where(guests.c.meeting_id == meeting_id)
        .order_by(guests.c.seq)
    )
    return tuple(
        Guest(
            id=row.id,
            meeting_id=row.meeting_id,
            invitation_id=row.invitation_id,
            name=row.name,
            role=Role(row.role),
            admitted=row.admitted,
            gone=row.gone,
            silenced=row.silenced,
            microphone=row.microphone,
            camera=row.camera,
            sharing=row.sharing,
            hand=row.hand,
            turn=row.turn,
            account=row.account,
        )
        for row in rows
    )


def _add(guest: Guest, connection: Connection) -> None:
    connection.execute(insert(guests).values(_values(guest)))


def _save(guest: Guest, connection: Connection) -> None:
    connection.execute(update(guests).where(guests.c.id == guest.id).values(_values(guest)))


def _values(guest: Guest) -> dict[str, Any]:
    values = {**asdict(guest), "role": guest.role.value}
    del values["account"]
    return values
