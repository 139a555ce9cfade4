"""People in the hall who want to speak, as the secretary notes them: one list with those far away
who raise a hand (`rooms.guests`), in the order in which both came.

    change = hands.note("bác Tư", meeting_id, order)
    hands.call(hand)            # he has the word; whoever had it before is done
    hands.done(hand)
"""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection, insert, select, update

from base.cause import Refused
from rooms.change import Change
from rooms.tables import hall_hands
from rooms.view import HallHandView

MOST_HANDS: Final = 50


@dataclass(frozen=True, slots=True)
class HallHand:
    id: str
    meeting_id: str
    name: str
    """Empty where nobody asked for it."""
    place: int
    """Among all hands of the meeting, those far away as well."""
    called: bool = False
    """He has the word."""
    done: bool = False


class HallHands:
    def __init__(self) -> None:
        self._by_id: dict[str, HallHand] = {}

    def load(self, known: Iterable[HallHand]) -> None:
        self._by_id = {hand.id: hand for hand in known if not hand.done}

    def get(self, hand_id: str) -> HallHand:
        """Raises Refused: `hand.unknown`."""
        hand = self._by_id.get(hand_id)
        if hand is None:
            raise Refused("hand.unknown")
        return hand

    def last(self) -> int:
        """The last place that is taken; 0 where there is none."""
        return max((hand.place for hand in self._by_id.values()), default=0)

    def note(self, name: str, meeting_id: str, place: int) -> Change:
        """Raises Refused: `hand.too_many`."""
        if len(self._by_id) >= MOST_HANDS:
            raise Refused("hand.too_many", most=MOST_HANDS)
        hand = HallHand(secrets.token_hex(8), meeting_id, name, place)
        return Change(partial(_add, hand), partial(self._put, hand))

    def call(self, hand: HallHand) -> Change:
        before = [replace(h, done=True) for h in self._by_id.values() if h.called and h != hand]
        return self._alter(replace(hand, called=True), *before)

    def done(self, hand: HallHand) -> Change:
        return self._alter(replace(hand, done=True))

    def views(self) -> tuple[HallHandView, ...]:
        return tuple(
            HallHandView(hand.id, hand.name, hand.place, hand.called)
            for hand in self._by_id.values()
        )

    def clear(self) -> None:
        """The meeting is over."""
        self._by_id.clear()

    def _alter(self, *changed: HallHand) -> Change:
        def store(connection: Connection) -> None:
            for hand in changed:
                connection.execute(
                    update(hall_hands)
                    .where(hall_hands.c.id == hand.id)
                    .values(called=hand.called, done=hand.done)
                )

        return Change(store, partial(self._put, *changed))

    def _put(self, *changed: HallHand) -> None:
        for hand in changed:
            if hand.done:
                self._by_id.pop(hand.id, None)
            else:
                self._by_id[hand.id] = hand


def of_meeting(connection: Connection, meeting_id: str) -> tuple[HallHand, ...]:
    """In order."""
    rows = connection.execute(
        select(hall_hands).where(hall_hands.c.meeting_id == meeting_id).order_by(hall_hands.c.place)
    )
    return tuple(
        HallHand(row.id, row.meeting_id, row.name, row.place, row.called, row.done) for row in rows
    )


def _add(hand: HallHand, connection: Connection) -> None:
    connection.execute(insert(hall_hands).values(asdict(hand)))
