"""“Tôi cũng hỏi câu này”: who asks along, in the house or through its ward."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from base.cause import Refused
from feedback import handover, votes
from feedback import store as case_store
from feedback.case import AskedView
from rooms import question_store
from rooms.meeting import Action
from rooms.running import RunningRoom

TELL_SECONDS: Final = 2.0
"""So long votes are gathered before the ward is told how many there are now."""


class VoteCommands(RunningRoom):
    def asked(self, device: bytes | None) -> tuple[AskedView, ...]:
        """What everybody may ask along with, in the order that is suggested; what is on the stage
        first."""
        return self._questions.asked(self._meeting.id, device)

    async def vote(self, question_id: str, device: bytes) -> None:
        """Durable before it returns; the same again changes nothing. `device` as in
        `feedback.votes`. Raises Refused: `vote.closed`, `vote.spent`."""
        self._check(Action.VOTE, None)
        await self._finished(self._vote(question_id, device))
        await self._drawing.request()

    async def take_vote(self, body: Mapping[str, Any]) -> None:
        """What the ward received for this house (`feedback.handover.Vote`); durable before it
        returns. One that comes when the question is no longer asked is too late."""
        self._check(Action.VOTE, None)
        vote = handover.read_vote(body)
        if vote is None:
            return
        try:
            await self._finished(self._vote(vote.id, bytes.fromhex(vote.device)))
        except Refused as refused:
            if refused.cause.code not in ("vote.closed", "vote.spent"):
                raise  # a full disk: it is offered again

    async def _vote(self, question_id: str, device: bytes) -> None:
        """Without the room's lock: a hall that votes at once shares a commit."""
        meeting_id, now = self._meeting.id, self._clock.now()
        question = self._questions.to_vote_for(question_id, meeting_id)

        def write(connection: Connection) -> bool:
            new = votes.cast(connection, question.id, meeting_id, device, now)
            if new:
                case_store.touch(connection, question.id)
            return new

        with self._minding_the_disk():
            new = await self._database.write(write)
        if new:
            self._questions.askers.add(question.id, device)
            self._drawing.request()

    async def _tell_votes(self) -> None:
        """The ward, every few seconds; a vote that nobody was told of is told at the next start."""
        now, askers = self._clock.monotonic(), self._questions.askers
        if not askers.untold or now - askers.told_at < TELL_SECONDS:
            return
        voted, askers.untold, askers.told_at = askers.untold, set(), now

        def write(connection: Connection) -> None:
            for question_id in sorted(voted):
                question_store.tell_case(connection, self._outbox, question_id)

        async with self._lock:
            await self._store(write)
