"""What people ask about their own data, with its legal clock, from the receipt to the decision.

    requests = DataRequests(workplace, settings.privacy, receiver)
    await requests.ask("K7QM-3XWP-9DTA", Kind.ERASE)              # durable when it returns
    await requests.decide(request.id, handler, RequestState.DONE)   # and done
    await requests.decide(request.id, handler, RequestState.REFUSED, "Vì …")
    group.create_task(requests.run())

A request is decided where its case is at home. One that is made elsewhere is kept there, too, until
the answer comes: an end of an older version, which knows nothing of requests, loses none.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from base.cause import Cause, Refused
from config.privacy import PrivacySection
from feedback import data_request_store as kept
from feedback import erasing, store
from feedback.actions import Handler, not_here
from feedback.case import CaseState, Dossier
from feedback.data_request import (
    DataRequest,
    Kind,
    RequestState,
    of_told,
    parcel_of,
    read_told,
)
from feedback.intake import checked_answer, checked_name, checked_text
from feedback.looking import keep_looking
from feedback.outbox import put
from feedback.receipt import parse_receipt
from feedback.workplace import Workplace
from storage.signals import announce

MOST_WAITING: Final = 5
"""Of one case."""
SOON: Final = timedelta(hours=4)
"""Of working time."""
LOOK_SECONDS: Final = 60.0
MOST_LISTED: Final = 200
TOPIC: Final = "data_requests"
"""Rings when one was made or decided."""

logger = logging.getLogger(__name__)

Receiver = Callable[[str | None], str | None]
"""Whose parcels go to the other side of a case, by its house (None in a house); None where there is
no other side."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A request, for whoever decides on it."""

    request: DataRequest
    dossier: Dossier | None
    """None where there is nothing but a copy here."""
    away: Cause | None
    """Why nobody here can decide on it."""
    late: bool


class DataRequests:
    def __init__(
        self, workplace: Workplace, settings: PrivacySection, receiver: Receiver = lambda _: None
    ) -> None:
        self.settings = settings
        self._workplace = workplace
        self._database = workplace.database
        self._rules = workplace.rules
        self._receiver = receiver

    async def run(self) -> None:
        """Until cancelled."""
        await keep_looking(self.step, LOOK_SECONDS, "requests about personal data wait")

    async def step(self) -> None:
        """Remind of what is due, and tell the other side what it does not know. Raises
        StorageError."""
        await self._database.write(self._step)

    # Whoever has the receipt, or comes with paper

    async def ask(
        self,
        typed: str,
        kind: Kind,
        *,
        name: str = "",
        via: str = "receipt",
        house_id: str | None = None,
        anywhere: bool = False,
    ) -> DataRequest:
        """Durable when it returns; the same again, while it waits, is the same.

        `house_id` is for the ward: of this house alone; `anywhere` is for its staff. Raises
        Refused: `receipt.not_found`, `privacy.name_missing`, `privacy.too_many`, `case.erased`,
        `feedback.name_too_long`.
        """
        new_name = checked_name(name) if kind is Kind.CORRECT_NAME else None
        if kind is Kind.CORRECT_NAME and new_name is None:
            raise Refused("privacy.name_missing")

        def write(connection: Connection) -> DataRequest:
            code = parse_receipt(typed)
            found = code and kept.locate(
                connection, code, house_id, here=self._rules.here, anywhere=anywhere
            )
            if not code or not found:
                raise Refused("receipt.not_found")
            before = kept.of_case(connection, found.case_id)
            waiting = [one for one in before if one.state is RequestState.WAITING]
            for one in waiting:
                if (one.kind, one.name) == (kind, new_name):
                    return one
            if len(waiting) >= MOST_WAITING:
                raise Refused("privacy.too_many")
            if store.is_erased(connection, found.case_id):
                raise Refused("case.erased")
            now = self._workplace.now()
            days = self.settings.answer_working_days
            request = DataRequest(
                id=secrets.token_hex(8),
                case_id=found.case_id,
                receipt=code,
                house=found.house,
                kind=kind,
                name=new_name,
                via=via,
                asked_at=now,
                due_at=self._rules.deadlines.calendar.after_days(now, days),
                due_rule=self.settings.answer_rule,
            )
            kept.add(connection, request)
            self._tell(connection, request)
            announce(connection, TOPIC)
            return request

        return await self._database.write(write)

    async def of(self, typed: str, house_id: str | None = None) -> tuple[DataRequest, ...]:
        """Of this receipt, the oldest first."""
        code = parse_receipt(typed)
        return await self._database.read(lambda c: kept.of_receipt(c, code, house_id))

    # Whoever decides

    async def waiting(self, by: Handler) -> tuple[Filed, ...]:
        """What is his to decide, the most urgent first; whoever may act for every authority sees
        also those that the other side has to decide."""
        return await self._database.read(lambda c: self._filed(c, by))

    async def decided(self, most: int) -> tuple[DataRequest, ...]:
        """The last ones that somebody asked for."""
        return await self._database.read(lambda c: kept.decided(c, most))

    async def count(self) -> tuple[int, int]:
        """How many wait, and how many of those are late."""
        now = self._workplace.now()
        return await self._database.read(lambda c: kept.count(c, now))

    async def decide(
        self, request_id: str, by: Handler, decision: RequestState, text: str = ""
    ) -> DataRequest:
        """And do it, in the same transaction. `text` is the reason for a refusal, or what stays
        public of a question whose answer stays.

        Raises Refused: `privacy.unknown`, `privacy.decided`, `privacy.only_closed`, `case.unknown`,
        `case.elsewhere`, `case.on_its_way`, `case.not_yours`, and those of a text.
        """

        def write(connection: Connection) -> DataRequest:
            request = kept.get(connection, request_id)
            if request.state is not RequestState.WAITING:
                if request.state is decision:
                    return request
                raise Refused("privacy.decided", who=request.decided_by or "")
            return self._decide(connection, request, by, decision, text)

        return await self._database.write(write)

    def erase_by_rule(self, connection: Connection, case_id: str, rule: str) -> None:
        """Inside `Database.write`: nobody asked for it, its time is over. Of a case that is at home
        here; the other side is told."""
        known, now = store.get(connection, case_id), self._workplace.now()
        request = DataRequest(
            id=secrets.token_hex(8),
            case_id=case_id,
            receipt=known.case.receipt,
            house=known.house,
            kind=Kind.ERASE,
            name=None,
            via="rule",
            asked_at=now,
            due_at=now,
            due_rule=rule,
            state=RequestState.DONE,
            decided_by="rule",
            decided_at=now,
        )
        kept.add(connection, request)
        erasing.erase(connection, case_id, by=self._rules.here.value, at=now)
        self._close_others(connection, request)
        self._workplace.tell(connection, case_id)
        self._tell_all(connection, case_id)

    # The other side

    async def hear(self, body: Mapping[str, Any], house_id: str | None = None) -> None:
        """What the other side knows of a request (`feedback.data_request.Told`); durable before it
        returns. `house_id` is for the ward: whose word that is."""
        if (told := read_told(body)) is None:
            return

        def write(connection: Connection) -> None:
            receipt = kept.receipt_of(connection, told.case, house_id)
            if receipt is None:
                logger.warning(
                    "request %s is about a case %s that is not known", told.id, told.case
                )
                return
            heard = of_told(told, receipt=receipt, house=house_id)
            known = kept.find(connection, heard.id)
            if known is not None and known.state is not RequestState.WAITING:
                return
            if heard.state is not RequestState.WAITING:
                located = kept.locate(connection, receipt, house_id, here=self._rules.here)
                if located is not None and located.is_here:
                    logger.warning("request %s is not the other side's to decide", told.id)
                    return
                self._apply(connection, heard, by=self._other)
            if known is None:
                kept.add(connection, heard)
            else:
                kept.save(connection, heard)
            announce(connection, TOPIC)

        await self._database.write(write)

    @property
    def _other(self) -> str:
        return "ward" if self._rules.here.value == "house" else "house"

    # How each goes

    def _decide(
        self,
        connection: Connection,
        request: DataRequest,
        by: Handler,
        decision: RequestState,
        text: str,
    ) -> DataRequest:
        known = store.find(connection, request.case_id)
        if known is None:
            raise Refused("case.elsewhere")
        code = not_here(known.case, self._rules, known.house)
        if code is not None and code != "case.erased":
            raise Refused(code)
        if by.authority is not None and by.authority != known.work.owner.code:
            raise Refused("case.not_yours", owner=known.work.owner.name)
        stays: str | None = None
        if decision is RequestState.REFUSED:
            stays = checked_answer(text)
        elif decision is RequestState.REDACTED:
            stays = checked_text(text)
            if request.kind is not Kind.ERASE or known.case.state is not CaseState.ANSWERED:
                raise Refused("privacy.only_closed")
        decided = replace(
            request,
            state=decision,
            text=stays,
            decided_by=by.name,
            decided_at=self._workplace.now(),
            told=False,
        )
        kept.save(connection, decided)
        self._apply(connection, decided, by=str(by))
        if decision is not RequestState.REFUSED:
            if request.kind is Kind.ERASE:
                self._close_others(connection, decided)
            else:
                store.touch(connection, request.case_id)
            # How it stood before may still have been on its way there.
            self._workplace.tell(connection, request.case_id)
            self._tell_all(connection, request.case_id)
        else:
            self._tell(connection, decided)
        announce(connection, TOPIC)
        return decided

    def _apply(self, connection: Connection, request: DataRequest, *, by: str) -> None:
        """To what there is of the case here."""
        at = request.decided_at or self._workplace.now()
        if request.state not in (RequestState.DONE, RequestState.REDACTED):
            return
        if request.kind is Kind.ERASE:
            keeps = request.text if request.state is RequestState.REDACTED else None
            erasing.erase(connection, request.case_id, by=by, at=at, keeps=keeps)
        else:
            erasing.change_name(connection, request.case_id, request.name, by=by, at=at)

    def _close_others(self, connection: Connection, done: DataRequest) -> None:
        """Nothing is left that anybody could decide on."""
        for other in kept.of_case(connection, done.case_id):
            if other.state is RequestState.WAITING:
                by, at = done.decided_by, done.decided_at
                closed = replace(other, state=RequestState.DONE, name=None, decided_by=by)
                kept.save(connection, replace(closed, decided_at=at, told=False))

    def _tell_all(self, connection: Connection, case_id: str) -> None:
        """Also what was on its way, which was taken back together with what it held."""
        for request in kept.of_case(connection, case_id):
            self._tell(connection, request)

    def _tell(self, connection: Connection, request: DataRequest) -> None:
        """Where there is another side that has to know; it may come later."""
        receiver = self._receiver(request.house)
        if receiver is None:
            return
        if request.state is RequestState.WAITING:
            located = kept.locate(connection, request.receipt, request.house, here=self._rules.here)
            if located is None or located.is_here:
                return
        put(connection, receiver, parcel_of(request))
        kept.mark_told(connection, request.id)

    def _step(self, connection: Connection) -> None:
        for request in kept.untold(connection, MOST_LISTED):
            self._tell(connection, request)
        now, calendar = self._workplace.now(), self._rules.deadlines.calendar
        for request in kept.not_reminded(connection):
            due_at = request.due_at
            if due_at > now and calendar.worked_between(now, due_at) > SOON:
                continue
            kept.mark_reminded(connection, request.id, now)
            announce(connection, TOPIC)
            logger.warning("request %s (%s) is due at %s", request.id, request.kind, due_at)

    def _filed(self, connection: Connection, by: Handler) -> tuple[Filed, ...]:
        found = []
        for request in kept.waiting(connection, MOST_LISTED):
            known = store.find(connection, request.case_id)
            if by.authority is not None and (
                known is None or known.work.owner.code != by.authority
            ):
                continue
            code = "case.elsewhere"
            if known is not None:
                code = not_here(known.case, self._rules, known.house) or ""
            away = Cause(code) if code and code != "case.erased" else None
            late = request.late_at(self._workplace.now())
            found.append(Filed(request, known, away, late))
        return tuple(found)
