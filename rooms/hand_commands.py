"""Who in the hall wants to speak: noted, given the word, done."""

from feedback import intake
from rooms.meeting import Action, Actor
from rooms.running import RunningRoom


class HandCommands(RunningRoom):
    async def note_hand(self, by: Actor, name: str) -> None:
        """Somebody in the hall wants to speak; behind all who raised a hand before. An empty name
        is somebody. Raises Refused: `hand.too_many`, `feedback.name_too_long`."""
        self._check(Action.NOTE_HAND, by)
        who = intake.checked_name(name) or ""
        await self._do(
            Action.NOTE_HAND,
            by,
            lambda: self._hall_hands.note(who, self._meeting.id, self._next_hand()),
            name=who,
        )

    async def call_hand(self, by: Actor, hand_id: str) -> None:
        """He has the word, and the stage says so; whoever had it before is done."""
        await self._do(
            Action.CALL_HAND,
            by,
            lambda: self._hall_hands.call(self._hall_hands.get(hand_id)),
            hand=hand_id,
        )

    async def end_hand(self, by: Actor, hand_id: str) -> None:
        """He has spoken, or does not want to any more."""
        await self._do(
            Action.LOWER_HAND,
            by,
            lambda: self._hall_hands.done(self._hall_hands.get(hand_id)),
            hand=hand_id,
        )
