"""What can be done with pictures and PDFs that somebody brings to be shown."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from base.cause import Refused
from rooms import papers, store
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.papers import MOST_PAPERS, PAPER_SHOWN, PAPERS, Paper, new_paper
from rooms.running import RunningRoom
from rooms.view import Phase


class PaperCommands(RunningRoom):
    async def add_paper(self, by: Actor | None, file_name: str, data: bytes) -> Paper:
        """Draw its pages and keep it until the meeting is over. It is shown to nobody by that.

        `by` is None for whoever was given the link for one. Raises Refused: `paper.too_many`,
        `paper.no_room`, and those of `Drawer.draw`.
        """
        self._check(Action.ADD_PAPER, by)
        self._check_room_for_papers()
        pages, count = await self._drawer.draw(data)
        paper = new_paper(file_name, len(pages), count)
        try:
            await asyncio.to_thread(self._shelf.keep, paper, pages)
        except OSError as error:
            raise Refused("paper.no_room") from error

        def change() -> Change:
            self._check_room_for_papers()
            return self._with_papers((paper, *self._papers))

        try:
            await self._do(Action.ADD_PAPER, by, change, paper=paper.id, pages=len(pages))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._shelf.remove, paper))
            raise
        return paper

    async def show_paper(self, by: Actor, paper_id: str) -> None:
        """It takes the floor, until it is hidden or somebody is given the floor. Raises Refused:
        `paper.unknown`."""

        def change() -> Change:
            paper = self._paper(paper_id)
            keep = partial(store.set_value, name=PAPER_SHOWN, new=paper.id)

            def apply() -> None:
                self._floor.show_paper(paper.id)
                self._media.set_floor(self._floor.floor)

            return Change(keep, apply)

        await self._do(Action.SHOW_PAPER, by, change, paper=paper_id)

    async def hide_paper(self, by: Actor) -> None:
        """The floor goes back to whoever had it."""
        keep = partial(store.set_value, name=PAPER_SHOWN, new="")
        await self._do(Action.HIDE_PAPER, by, lambda: Change(keep, self._end_paper))

    async def turn_page(self, by: Actor, paper_id: str, page: int) -> None:
        """To this page, counted from 0; beyond an end it stays there. Raises Refused:
        `paper.unknown`."""

        def change() -> Change:
            paper = self._paper(paper_id)
            turned = replace(paper, page=max(0, min(page, len(paper.keys) - 1)))
            return self._with_papers(tuple(turned if one is paper else one for one in self._papers))

        await self._do(Action.TURN_PAGE, by, change, paper=paper_id, page=page)

    async def remove_paper(self, by: Actor, paper_id: str) -> None:
        """Raises Refused: `paper.unknown`."""
        self._check(Action.REMOVE_PAPER, by)
        paper = self._paper(paper_id)

        def change() -> Change:
            kept = tuple(one for one in self._papers if one.id != paper_id)
            altered = self._with_papers(kept)

            def apply() -> None:
                altered.apply()
                if self._floor.floor.guest_id == paper_id:
                    self._end_paper()

            return replace(altered, apply=apply)

        await self._do(Action.REMOVE_PAPER, by, change, paper=paper_id)
        await asyncio.to_thread(self._shelf.remove, paper)

    async def paper_page(self, key: str) -> bytes | None:
        """The picture of a page that is kept; a JPEG."""
        if not any(key in paper.keys for paper in self._papers):
            return None
        return await asyncio.to_thread(self._shelf.page, key)

    async def _restore_papers(self) -> None:
        """As they were before a restart, and on the floor where one was."""

        def find(connection: Connection) -> tuple[str, str]:
            kept, shown = store.value(connection, PAPERS), store.value(connection, PAPER_SHOWN)
            return str(kept or ""), str(shown or "")

        kept, shown = await self._database.read(find)
        found = papers.read(kept) if kept else ()
        self._papers = tuple(paper for paper in found if self._shelf.has(paper))
        if self._meeting.phase is not Phase.IDLE and shown in {one.id for one in self._papers}:
            self._floor.show_paper(shown)
            self._media.set_floor(self._floor.floor)

    def _end_paper(self) -> None:
        self._floor.end_paper()
        self._media.set_floor(self._floor.floor)

    def _paper(self, paper_id: str) -> Paper:
        for paper in self._papers:
            if paper.id == paper_id:
                return paper
        raise Refused("paper.unknown")

    def _check_room_for_papers(self) -> None:
        if len(self._papers) >= MOST_PAPERS:
            raise Refused("paper.too_many", most=MOST_PAPERS)

    def _with_papers(self, new: Sequence[Paper]) -> Change:
        def apply() -> None:
            self._papers = tuple(new)

        return Change(partial(store.set_value, name=PAPERS, new=papers.write(new)), apply)
