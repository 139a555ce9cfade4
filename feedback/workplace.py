"""Where a place works on its cases: runs the actions of `feedback.casework`, and tells who has to
know.

    workplace = Workplace(database, rules, tell)
    await workplace.do(take, case_id, handler, seen)
    dossier = await workplace.do(transfer, case_id, handler, seen, to="police", reason="…")
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec

from sqlalchemy import Connection

from base.cause import Refused
from feedback import store
from feedback.actions import Handler, Step
from feedback.case import Dossier, Entry
from feedback.casework import close_merged
from feedback.receipt import parse_receipt
from feedback.rules import Rules
from storage.engine import Database

P = ParamSpec("P")

Tell = Callable[[Connection, str], None]
"""Puts the state of a case into the outbox for the other side, where there is one. Inside
`Database.write`."""


def tell_nobody(_: Connection, __: str) -> None:
    return


class Workplace:
    def __init__(
        self,
        database: Database,
        rules: Rules,
        tell: Tell = tell_nobody,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database = database
        self.rules = rules
        self.tell = tell
        self.now = now

    async def do(
        self,
        action: Callable[Concatenate[Step, P], None],
        case_id: str,
        by: Handler,
        seen: int | None,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Dossier:
        """The case as it is then. `seen` is the revision that his page showed. Raises Refused: what
        `action` does, and those of `feedback.actions`."""

        def write(connection: Connection) -> Dossier:
            step = Step(connection, self.rules, case_id, by, self.now(), seen)
            return self.run(step, lambda: action(step, *args, **kwargs))

        return await self.database.write(write)

    async def say(
        self,
        action: Callable[Concatenate[Step, P], None],
        typed: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Dossier:
        """What whoever has the receipt does about it: `reopen`, `rate`. Raises Refused: what
        `action` does, `receipt.not_found`."""

        def write(connection: Connection) -> Dossier:
            code = parse_receipt(typed)
            case = store.by_receipt(connection, code) if code else None
            if case is None:
                raise Refused("receipt.not_found")
            step = Step(connection, self.rules, case.id, None, self.now())
            return self.run(step, lambda: action(step, *args, **kwargs))

        return await self.database.write(write)

    async def find(self, case_id: str) -> Dossier:
        """Raises Refused `case.unknown`."""
        dossier = await self.database.read(lambda c: store.find(c, case_id))
        if dossier is None:
            raise Refused("case.unknown")
        return dossier

    async def history(self, case_id: str) -> tuple[Entry, ...]:
        """Oldest first."""
        return await self.database.read(lambda c: store.history(c, case_id))

    def run(self, step: Step, act: Callable[[], None]) -> Dossier:
        """Inside `Database.write`: `act` does something with the case of `step`, and whoever has
        to know is told."""
        before = store.find(step.connection, step.case_id)
        act()
        after = store.get(step.connection, step.case_id)
        if before is None or after.case.revision != before.case.revision:
            self.tell(step.connection, step.case_id)
            if not after.case.state.is_open:
                for merged in close_merged(step, after):
                    self.tell(step.connection, merged)
        return after
