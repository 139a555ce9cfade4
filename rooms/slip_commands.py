"""What can be done with paper slips (`feedback.slips`)."""

from functools import partial

from base.cause import Refused
from feedback import intake, slips
from feedback.receipt import parse_receipt
from feedback.slips import Sheet, Slip
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.question import Receipt
from rooms.question_commands import QuestionCommands

SLIPS_ON_A_PAGE = 8
MOST_PAGES = 10


class SlipCommands(QuestionCommands):
    async def print_slips(self, by: Actor, pages: int) -> str:
        """The id of a sheet of new slips, whose codes are on the disk. Raises Refused
        `slip.pages`."""
        if not 1 <= pages <= MOST_PAGES:
            raise Refused("slip.pages", most=MOST_PAGES)
        count, now = pages * SLIPS_ON_A_PAGE, self._clock.now()
        made: list[str] = []
        change = Change(lambda connection: made.append(slips.print_sheet(connection, count, now)))
        await self._do(Action.PRINT_SLIPS, by, lambda: change, slips=count)
        return made[-1]

    async def slips_of(self, sheet: str) -> tuple[Slip, ...]:
        """Raises Refused `slip.no_sheet`."""
        found = await self._database.read(lambda c: slips.of_sheet(c, sheet))
        if not found:
            raise Refused("slip.no_sheet")
        return found

    async def slip_sheets(self, limit: int) -> tuple[Sheet, ...]:
        """Newest first."""
        return tuple(await self._database.read(partial(slips.sheets, limit=limit)))

    async def slip(self, code: str) -> Slip | None:
        """`code` as somebody typed it."""
        return await self._database.read(lambda c: slips.find(c, code))

    async def enter_slip(
        self,
        by: Actor,
        code: str,
        text: str,
        *,
        name: str | None,
        name_hidden: bool = False,
        consent: str | None = None,
    ) -> Receipt:
        """What somebody wrote on a slip, typed in under its code. The same slip with the same text
        is the same question.

        Raises Refused: `slip.unknown`, `slip.entered` where it has another text already, and those
        of `feedback.intake.check`.
        """
        self._check(Action.ASK, by)
        receipt = parse_receipt(code)
        if receipt is None:
            raise Refused("slip.unknown")
        draft = intake.check(
            text,
            name=name,
            via="paper",
            key=f"slip {receipt}",
            name_hidden=name_hidden,
            consent=consent,
        )
        return await self._finished(self._ask(draft, by, slip=receipt))
