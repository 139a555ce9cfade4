"""The recording of a meeting: begun, paused and ended in the hall, kept in `rooms.films`.

Whether it is recorded follows from the state, like everything that the hall does (`_direct`): a
restart goes on with another film, and what is muted or closed is not recorded.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from base.cause import Refused
from rooms import store
from rooms.change import Change
from rooms.films import store as films
from rooms.films.filming import Filming, Shooting, number_of
from rooms.films.store import FilmView, Mark, MarkKind
from rooms.meeting import Action, Actor
from rooms.running import RunningRoom
from rooms.view import Filmed, Phase, RoomView
from storage.errors import StorageError

TIDY_SECONDS: Final = 3600.0
FINISH_SECONDS: Final = 20.0
"""Between two looks for films to finish."""
MOST_MARKED_CHARACTERS: Final = 120
_WORDS: Final[Mapping[MarkKind, str]] = {MarkKind.HALL: "Hội trường"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the chapters so far are about."""

    speaker: str | None
    """Who far away has the floor; empty for the hall, None before anything was."""
    question: str


NOTHING: Final = Heard(None, "")


def chapter(mark: Mark) -> str:
    """What a chapter is called in the film itself, in the language of the house."""
    return _WORDS.get(mark.kind, mark.text)


class FilmCommands(RunningRoom):
    async def film(self, by: Actor, wanted: Filmed) -> None:
        """Record the meeting from now on, pause or end that. The stage says so at the same moment,
        and the journal keeps who wanted it. Raises Refused `film.not_here`, `film.disk_full`."""
        self._check(Action.FILM, by)
        if self._filming is None:
            raise Refused("film.not_here")
        if wanted is Filmed.YES:
            await asyncio.to_thread(self.films.check_room)
        await self._do(Action.FILM, by, lambda: self._film_as(wanted), wanted=wanted.value)

    async def delete_film(self, by: Actor, film_id: str) -> None:
        """Raises Refused: those of `Archive.delete`."""
        self._check(Action.DELETE_FILM, by)
        await self.films.delete(film_id, running=self.film_under_way())
        await self._do(Action.DELETE_FILM, by, Change, film=film_id)

    def film_under_way(self) -> str | None:
        """Its id."""
        return self._filming.state.value.film if self._filming is not None else None

    def _film_as(self, wanted: Filmed) -> Change:
        def apply() -> None:
            self._filmed = wanted

        return Change(partial(store.set_value, name="filmed", new=wanted.value), apply)

    async def _restore_film(self) -> None:
        kept = await self._database.read(lambda c: store.value(c, "filmed"))
        if kept and self._meeting.phase is not Phase.IDLE:
            self._filmed = Filmed(kept)

    # Beside the meeting

    async def _keep_films(self, filming: Filming) -> None:
        """Write down what is filmed, and where its chapters begin."""
        noted: Shooting | None = None
        before = NOTHING
        async for view in self.view.changes():
            shooting = filming.state.value
            if shooting.film is None:
                continue
            try:
                if noted is None or shooting.film != noted.film:
                    await self._database.write(
                        partial(films.add, film=self._begun(shooting, shooting.film))
                    )
                    noted, before = shooting, NOTHING
                marks, before = begins(view, before, filming.position())
                for mark in marks:
                    await self._database.write(
                        partial(films.mark, film_id=shooting.film, made=mark)
                    )
            except StorageError as error:
                log.warning("a film cannot be written down: %s", error.cause)

    def _begun(self, shooting: Shooting, film_id: str) -> FilmView:
        number = number_of(self.films.folder / f"{film_id}.mp4")
        assert number is not None
        now = self._clock.now()
        return FilmView(
            film_id, *number, self._meeting.title, now, None, None, False, shooting.has_picture
        )

    async def _mind_films(self) -> None:
        """Between meetings: finish what was filmed, and let go what was kept long enough."""
        tidied: float | None = None
        while True:
            try:
                now = self._clock.monotonic()
                if tidied is None or now >= tidied + TIDY_SECONDS:
                    tidied = now
                    await self.films.adopt(running=self.film_under_way())
                    await self.films.tidy(running=self.film_under_way())
                while self._meeting.phase is Phase.IDLE and await self.films.finish_next(
                    chapter, running=self.film_under_way()
                ):
                    self._drawing.request()
            except (OSError, StorageError) as error:
                log.warning("the films cannot be looked after: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_SECONDS):
                    await self._film_is_over()

    async def _film_is_over(self) -> None:
        """Until a meeting ended, and its last film was closed."""
        was_open = False
        async for view in self.view.changes():
            is_open = view.phase is not Phase.IDLE or self.film_under_way() is not None
            if was_open and not is_open:
                return
            was_open |= is_open


def begins(view: RoomView, before: Heard, seconds: float) -> tuple[list[Mark], Heard]:
    """The chapters that begin now, and what to ask with next time. The first is at 0."""
    found: list[Mark] = []
    speaker = view.speaker() or ""
    if speaker != before.speaker:
        kind = MarkKind.GUEST if speaker else MarkKind.HALL
        found.append(Mark(0.0 if before == NOTHING else seconds, kind, speaker))
    question = view.question_on_stage()
    asked = f"{question.number}. {question.text}" if question is not None else ""
    if asked and asked != before.question:
        found.append(Mark(seconds, MarkKind.QUESTION, asked[:MOST_MARKED_CHARACTERS]))
    return found, Heard(speaker, asked or before.question)
