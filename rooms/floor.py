"""Whose picture everybody sees, and how that changes by itself.

* A shared screen takes the floor when it begins and gives it back when it ends.
* While the floor follows the speaker, it goes to the guest who speaks and has his camera on,
  once he was the loudest for a moment. Silence, or the hall, takes it from nobody.
* Where the hall has it, the first official with a camera takes it, so that the hall sees him.
* In a meeting of the whole ward the ward goes first, and before it the house that has the floor
  there: it has it as soon as its picture comes, and who speaks in the hall or here takes it only
  while everybody hears this house.
* A paper, or a laptop on the hall's HDMI cable, takes it when it is shown, and gives it back when
  it is taken away; who speaks meanwhile does not take it. The laptop also gives it back once it
  shows nothing any more; it is shown again by a tap alone, since then it may be somebody else's.
* Who leaves, or switches his picture off, gives it to another official with a camera, or the hall.
* Whose line is lost keeps it for a moment, because most are back at once. Afterwards it is lent in
  the same way, and is his again when he returns, unless somebody was given it, or spoke, meanwhile.

A choice of the leader stands: only the last two rules touch it, and a screen of the chosen one. A
resident at home is seen while he has the word, and only because he speaks or was chosen.
"""

from collections.abc import Collection, Sequence
from typing import Final

from base.cause import Refused
from rooms.guests import NOBODY, FromWard, Guest
from rooms.shown import Floor, FloorKind
from rooms.view import Role

SPEAKING_SECONDS: Final = 1.5
"""A cough, or a word of agreement, is shorter."""
LOST_SECONDS: Final = 2.0
"""His picture stands still meanwhile, and has done so for as long before the loss was noticed."""

HALL: Final = Floor()
_BROUGHT: Final = (FloorKind.PAPER, FloorKind.HDMI)
"""Shown by a tap; it is nobody's own picture."""


class FloorKeeper:
    def __init__(self) -> None:
        self.floor = HALL
        self._before_screen = HALL
        self._before_brought = HALL
        self._sharing: frozenset[str] = frozenset()
        self._loudest = ""
        self._loudest_since = 0.0
        self._missed_since: float | None = None
        """When the line of whoever has the floor was lost."""
        self._lent: tuple[Floor, Floor] | None = None
        """Whose it is, and who has it until he returns."""
        self._leads = HALL
        """Who goes first in a meeting of the whole ward."""

    def give(self, floor: Floor) -> None:
        self.floor = floor
        self._lent = None

    def show_paper(self, paper_id: str) -> None:
        """Whoever has the floor gets it back by `end_paper`."""
        self._bring(Floor(FloorKind.PAPER, paper_id))

    def end_paper(self) -> None:
        """Where it has the floor; to whoever had it, if he is still there."""
        self._end(FloorKind.PAPER)

    def show_hdmi(self, device_id: str) -> None:
        """Whoever has the floor gets it back by `end_hdmi`."""
        self._bring(Floor(FloorKind.HDMI, device_id))

    def end_hdmi(self) -> None:
        """As `end_paper`."""
        self._end(FloorKind.HDMI)

    def _bring(self, floor: Floor) -> None:
        if self.floor.kind not in _BROUGHT:
            self._before_brought = self.floor
        self.give(floor)

    def _end(self, kind: FloorKind) -> None:
        if self.floor.kind is kind:
            self.give(self._before_brought)

    def wait_for(self, floor: Floor) -> None:
        """After a start: it was his, and he is not back yet."""
        self._lent = floor, self.floor

    def update(
        self,
        connected: Sequence[Guest],
        speaking: Sequence[str],
        *,
        away: Collection[str],
        follows: bool,
        now: float,
        signal: bool = False,
        ward: FromWard = NOBODY,
    ) -> None:
        """`connected` are the admitted guests with a media path, in order of arrival, those of the
        ward among them; `away` the ids of those who have lost it; `signal` whether the HDMI cable
        shows something; `now` is monotonic."""
        if ward.apart:
            speaking = ()  # the official alone decides who goes first
        guests = {guest.id: guest for guest in connected if guest.may_be_seen}
        if not signal:
            self.end_hdmi()
        self._follow_screens(guests, follows)
        self._return(guests)
        if self._is_missed(away, now):
            return
        self._follow_lead(guests, ward, follows)
        if not _stands(self.floor, guests):
            if self._lent is None and self.floor.guest_id in away:
                self._lent = self.floor, self.floor
            back = self._before_screen if self.floor.kind is FloorKind.SCREEN else HALL
            self._lend(back if _stands(back, guests) else HALL)
            if self.floor == HALL:
                self._lend(self._first_camera(guests))
        loudest = speaking[0] if speaking else ""
        if loudest != self._loudest:
            self._loudest, self._loudest_since = loudest, now
        if not follows or self.floor.kind in (FloorKind.SCREEN, *_BROUGHT):
            return
        if self.floor == HALL:
            self._lend(self._first_camera(guests))
        speaker = Floor(FloorKind.CAMERA, loudest)
        if _stands(speaker, guests) and now - self._loudest_since >= SPEAKING_SECONDS:
            self.floor = speaker

    def _follow_lead(self, guests: dict[str, Guest], ward: FromWard, follows: bool) -> None:
        """Who goes first changes: he is seen at once, unless something else was chosen."""
        cameras = (Floor(FloorKind.CAMERA, one.id) for one in ward.guests)
        leads = next((floor for floor in cameras if _stands(floor, guests)), HALL)
        if leads == self._leads:
            return
        self._leads = leads
        if follows and leads != HALL and self.floor.kind in (FloorKind.HALL, FloorKind.CAMERA):
            self.give(leads)

    def _first_camera(self, guests: dict[str, Guest]) -> Floor:
        if self._leads != HALL and _stands(self._leads, guests):
            return self._leads
        for guest in guests.values():
            if guest.camera and guest.role is Role.OFFICIAL:
                return Floor(FloorKind.CAMERA, guest.id)
        return HALL

    def _lend(self, floor: Floor) -> None:
        """By itself: whose it is stays who it was."""
        self.floor = floor
        if self._lent is not None:
            self._lent = self._lent[0], floor

    def _return(self, guests: dict[str, Guest]) -> None:
        """Back to whose it is, where it is only lent."""
        if self._lent is None:
            return
        whose, lent = self._lent
        if self.floor != lent:
            self._lent = None
        elif _stands(whose, guests):
            self.floor, self._lent = whose, None

    def _is_missed(self, away: Collection[str], now: float) -> bool:
        """Whether to wait for him, so that the stage does not change twice for nothing."""
        if self.floor.guest_id not in away:
            self._missed_since = None
            return False
        if self._missed_since is None:
            self._missed_since = now
        return now - self._missed_since < LOST_SECONDS

    def _follow_screens(self, guests: dict[str, Guest], follows: bool) -> None:
        sharing = frozenset(guest.id for guest in guests.values() if guest.sharing)
        for guest_id in sharing - self._sharing:
            if follows or self.floor.guest_id == guest_id:
                if self.floor.kind is not FloorKind.SCREEN:
                    self._before_screen = self.floor
                self.floor = Floor(FloorKind.SCREEN, guest_id)
        self._sharing = sharing


def check_can_have(floor: Floor, guest: Guest, *, connected: bool) -> None:
    """Raises Refused: `floor.not_connected`, `floor.no_word`, `floor.no_camera`,
    `floor.no_screen`."""
    if not connected or not guest.admitted:
        raise Refused("floor.not_connected", name=guest.name)
    if guest.role is Role.SPEAKER and guest.silenced:
        raise Refused("floor.no_word", name=guest.name)
    if floor.kind is FloorKind.CAMERA and not guest.camera:
        raise Refused("floor.no_camera", name=guest.name)
    if floor.kind is FloorKind.SCREEN and not guest.sharing:
        raise Refused("floor.no_screen", name=guest.name)


def _stands(floor: Floor, guests: dict[str, Guest]) -> bool:
    if floor.kind in (FloorKind.HALL, *_BROUGHT):
        return True
    guest = guests.get(floor.guest_id or "")
    if guest is None:
        return False
    return guest.camera if floor.kind is FloorKind.CAMERA else guest.sharing
