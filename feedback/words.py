"""What whoever has a receipt says to an answer, wherever he says it: opens the case again, or
rates the answer.

A case has one home, and is changed there alone. Said elsewhere, it travels as a `Word`:

    words = Words(workplace, find)
    await words.say(code, Word.reopening("Lại tắc rồi"))      # at home here: done when it returns
    await words.hear(body)                                    # from the other side

What cannot be is refused at once, by what is known here. The same word twice is one.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AwareDatetime, Field, TypeAdapter
from sqlalchemy import Connection

from base.cause import Refused
from feedback import store
from feedback.actions import Step
from feedback.case import Progress
from feedback.casework import check_rating, check_reopening, rate, reopen
from feedback.handover import Id, Text, read
from feedback.outbox import Parcel, put
from feedback.workplace import Workplace

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """Both ways: to where the case is at home."""

    kind: ClassVar = "word"
    id: Id
    """Of the case."""
    what: Literal["reopen", "rate"]
    at: AwareDatetime
    text: Text | None = None
    """Why it is opened again."""
    stars: Annotated[int, Field(ge=1, le=5)] | None = None

    @classmethod
    def reopening(cls, reason: str) -> Self:
        return cls("", "reopen", datetime.now(UTC), text=reason)

    @classmethod
    def rating(cls, stars: int) -> Self:
        return cls("", "rate", datetime.now(UTC), stars=stars)


_WORD: Final = TypeAdapter(Word)


@dataclass(frozen=True, slots=True)
class Subject:
    """A case, as far as it is known where somebody speaks of it."""

    case_id: str
    is_here: bool
    progress: Progress
    answered_at: datetime | None
    receiver: str
    """Whose parcels go to where it is at home."""


class Words:
    def __init__(
        self,
        workplace: Workplace,
        find: Callable[[Connection, str], Subject | None],
        house_id: str | None = None,
    ) -> None:
        """`find` knows the cases by what somebody typed as a receipt. `house_id` is for the ward,
        which hears each house on its own cases alone."""
        self._workplace = workplace
        self._find = find
        self._house_id = house_id

    async def say(self, typed: str, word: Word) -> None:
        """Durable when it returns. Raises Refused: `receipt.not_found`, those of `check_reopening`
        and `check_rating`."""

        def write(connection: Connection) -> None:
            subject = self._find(connection, typed)
            if subject is None:
                raise Refused("receipt.not_found")
            said = replace(word, id=subject.case_id)
            if subject.is_here:
                self._do(connection, said)
            else:
                _send(connection, subject, said)

        await self._workplace.database.write(write)

    async def hear(self, body: Mapping[str, Any]) -> None:
        """From the other side; durable before it returns. What cannot be any more is logged and
        dropped: two may have spoken at the same time."""
        if (word := read(_WORD, body)) is None:
            return
        try:
            await self._workplace.database.write(lambda connection: self._do(connection, word))
        except Refused as refused:
            if refused.cause.code.startswith("storage."):
                raise
            logger.warning("a word on case %s comes to nothing: %s", word.id, refused.cause)

    def _do(self, connection: Connection, word: Word) -> None:
        known = store.find(connection, word.id)
        if known is None or known.house != self._house_id:
            raise Refused("case.unknown")
        step = Step(connection, self._workplace.rules, word.id, None, self._workplace.now())
        if word.what == "reopen":
            self._workplace.run(step, lambda: reopen(step, word.text or ""))
        else:
            self._workplace.run(step, lambda: rate(step, word.stars or 0))


def _send(connection: Connection, subject: Subject, word: Word) -> None:
    progress = subject.progress
    if word.what == "reopen":
        reason = check_reopening(progress, subject.answered_at, word.text or "", word.at)
        word = replace(word, text=reason)
    else:
        check_rating(progress, word.stars or 0)
    name = f"word-{word.id}-{word.what}-{progress.reopened}"
    put(connection, subject.receiver, Parcel(name, Word.kind, _WORD.dump_python(word, mode="json")))


def known_here(
    connection: Connection, case_id: str, receiver: str, workplace: Workplace
) -> Subject:
    """One that is in the database of this place, be it at home here or there."""
    dossier = store.get(connection, case_id)
    return Subject(
        case_id,
        is_here=dossier.case.home is workplace.rules.here,
        progress=Progress.of(dossier.case.state, dossier.work),
        answered_at=dossier.case.answered_at,
        receiver=receiver,
    )
