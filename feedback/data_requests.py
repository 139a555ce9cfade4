"""What people ask about their own data, with its legal clock, from the receipt to the decision.

    requests = DataRequests(workplace, settings.privacy, receiver)
    await requests.ask("K7QM-3XWP-9DTA", Kind.ERASE)              # durable when it returns
    await requests.decide(request.id, handler, RequestState.DONE)   # and done
    await requests.decide(request.id, handler, RequestState.REFUSED, "Vì …")
    group.create_task(requests.run())

A request is decided where its case is at home. One that is made elsewhere is kept there, too, until
the answer comes: an end of an older version, which knows nothing of requests, loses none.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, func, insert, select, update

from base.cause import Cause, Refused
from config.privacy import PrivacySection
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
    request_of,
    values_of,
)
from feedback.intake import checked_answer, checked_name, checked_text
from feedback.outbox import put
from feedback.receipt import parse_receipt
from feedback.tables import case_copies, cases, data_requests
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


@dataclass(frozen=True, slots=True)
class _Located:
    case_id: str
    house: str | None
    is_here: bool


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
        while True:
            try:
                await self.step()
            except Refused as refused:
                logger.warning("requests about personal data wait: %s", refused.cause)
            await asyncio.sleep(LOOK_SECONDS)

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
            found = code and self._locate(connection, code, house_id, anywhere)
            if not code or not found:
                raise Refused("receipt.not_found")
            before = _of_case(connection, found.case_id)
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
            connection.execute(insert(data_requests).values(values_of(request)))
            self._tell(connection, request)
            announce(connection, TOPIC)
            return request

        return await self._database.write(write)

    async def of(self, typed: str, house_id: str | None = None) -> tuple[DataRequest, ...]:
        """Of this receipt, the oldest first."""
        code = parse_receipt(typed)
        mine = (data_requests.c.receipt == code, data_requests.c.house == house_id)
        query = select(data_requests).where(*mine).order_by(data_requests.c.asked_at)

        def read(connection: Connection) -> tuple[DataRequest, ...]:
            return tuple(map(request_of, connection.execute(query)))

        return await self._database.read(read)

    # Whoever decides

    async def waiting(self, by: Handler) -> tuple[Filed, ...]:
        """What is his to decide, the most urgent first; whoever may act for every authority sees
        also those that the other side has to decide."""
        return await self._database.read(lambda c: self._filed(c, by))

    async def decided(self, most: int) -> tuple[DataRequest, ...]:
        """The last ones that somebody asked for."""
        query = (
            select(data_requests)
            .where(data_requests.c.state != RequestState.WAITING.value)
            .where(data_requests.c.via != "rule")
            .order_by(data_requests.c.decided_at.desc())
            .limit(most)
        )
        return await self._database.read(lambda c: tuple(map(request_of, c.execute(query))))

    async def count(self) -> tuple[int, int]:
        """How many wait, and how many of those are late."""
        waits = data_requests.c.state == RequestState.WAITING.value
        late = and_(waits, data_requests.c.due_at < self._workplace.now())
        count = func.count()
        both = select(
            select(count).select_from(data_requests).where(waits).scalar_subquery(),
            select(count).select_from(data_requests).where(late).scalar_subquery(),
        )
        row = await self._database.read(lambda c: c.execute(both).one())
        return int(row[0]), int(row[1])

    async def decide(
        self, request_id: str, by: Handler, decision: RequestState, text: str = ""
    ) -> DataRequest:
        """And do it, in the same transaction. `text` is the reason for a refusal, or what stays
        public of a question whose answer stays.

        Raises Refused: `privacy.unknown`, `privacy.decided`, `privacy.only_closed`, `case.unknown`,
        `case.elsewhere`, `case.on_its_way`, `case.not_yours`, and those of a text.
        """

        def write(connection: Connection) -> DataRequest:
            request = _get(connection, request_id)
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
        connection.execute(insert(data_requests).values(values_of(request)))
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
            receipt = _receipt_of(connection, told.case, house_id)
            if receipt is None:
                logger.warning(
                    "request %s is about a case %s that is not known", told.id, told.case
                )
                return
            heard = of_told(told, receipt=receipt, house=house_id)
            mine = data_requests.c.id == heard.id
            row = connection.execute(select(data_requests).where(mine)).one_or_none()
            known = None if row is None else request_of(row)
            if known is not None and known.state is not RequestState.WAITING:
                return
            if heard.state is not RequestState.WAITING:
                located = self._locate(connection, receipt, house_id, anywhere=False)
                if located is not None and located.is_here:
                    logger.warning("request %s is not the other side's to decide", told.id)
                    return
                self._apply(connection, heard, by=self._other)
            if known is None:
                connection.execute(insert(data_requests).values(values_of(heard)))
            else:
                connection.execute(update(data_requests).where(mine).values(values_of(heard)))
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
        kept: str | None = None
        if decision is RequestState.REFUSED:
            kept = checked_answer(text)
        elif decision is RequestState.REDACTED:
            kept = checked_text(text)
            if request.kind is not Kind.ERASE or known.case.state is not CaseState.ANSWERED:
                raise Refused("privacy.only_closed")
        decided = replace(
            request,
            state=decision,
            text=kept,
            decided_by=by.name,
            decided_at=self._workplace.now(),
            told=False,
        )
        _save(connection, decided)
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
        for other in _of_case(connection, done.case_id):
            if other.state is RequestState.WAITING:
                by, at = done.decided_by, done.decided_at
                closed = replace(other, state=RequestState.DONE, name=None, decided_by=by)
                _save(connection, replace(closed, decided_at=at, told=False))

    def _tell_all(self, connection: Connection, case_id: str) -> None:
        """Also what was on its way, which was taken back together with what it held."""
        for request in _of_case(connection, case_id):
            self._tell(connection, request)

    def _tell(self, connection: Connection, request: DataRequest) -> None:
        """Where there is another side that has to know; it may come later."""
        receiver = self._receiver(request.house)
        if receiver is None:
            return
        if request.state is RequestState.WAITING:
            located = self._locate(connection, request.receipt, request.house, anywhere=False)
            if located is None or located.is_here:
                return
        put(connection, receiver, parcel_of(request))
        mine = data_requests.c.id == request.id
        connection.execute(update(data_requests).where(mine).values(told=True))

    def _step(self, connection: Connection) -> None:
        untold = select(data_requests).where(~data_requests.c.told).limit(MOST_LISTED)
        for row in connection.execute(untold).all():
            self._tell(connection, request_of(row))
        waits = (
            data_requests.c.state == RequestState.WAITING.value,
            data_requests.c.reminded_at.is_(None),
        )
        now, calendar = self._workplace.now(), self._rules.deadlines.calendar
        for row in connection.execute(select(data_requests).where(*waits)).all():
            if row.due_at > now and calendar.worked_between(now, row.due_at) > SOON:
                continue
            mine = data_requests.c.id == row.id
            connection.execute(update(data_requests).where(mine).values(reminded_at=now))
            announce(connection, TOPIC)
            logger.warning("request %s (%s) is due at %s", row.id, row.kind, row.due_at)

    def _filed(self, connection: Connection, by: Handler) -> tuple[Filed, ...]:
        query = (
            select(data_requests)
            .where(data_requests.c.state == RequestState.WAITING.value)
            .order_by(data_requests.c.due_at)
            .limit(MOST_LISTED)
        )
        found = []
        for request in map(request_of, connection.execute(query)):
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

    def _locate(
        self, connection: Connection, code: str, house_id: str | None, anywhere: bool
    ) -> _Located | None:
        copy = select(case_copies.c.id, case_copies.c.house).where(case_copies.c.receipt == code)
        case = select(cases.c.id, cases.c.house, cases.c.home).where(cases.c.receipt == code)
        if not anywhere:
            copy = copy.where(case_copies.c.house == house_id)
            case = case.where(cases.c.house == house_id)
        copied = connection.execute(copy).one_or_none()
        if copied is not None:
            return _Located(copied.id, copied.house, is_here=False)
        own = connection.execute(case).one_or_none()
        if own is not None:
            return _Located(own.id, own.house, is_here=own.home == self._rules.here.value)
        return None


def _of_case(connection: Connection, case_id: str) -> tuple[DataRequest, ...]:
    mine = select(data_requests).where(data_requests.c.case_id == case_id)
    return tuple(map(request_of, connection.execute(mine.order_by(data_requests.c.asked_at))))


def _get(connection: Connection, request_id: str) -> DataRequest:
    """Raises Refused `privacy.unknown`."""
    query = select(data_requests).where(data_requests.c.id == request_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Refused("privacy.unknown")
    return request_of(row)


def _save(connection: Connection, request: DataRequest) -> None:
    mine = data_requests.c.id == request.id
    connection.execute(update(data_requests).where(mine).values(values_of(request)))


def _receipt_of(connection: Connection, case_id: str, house_id: str | None) -> str | None:
    """Of a case that this house has, or there is a copy of."""
    for table in (cases, case_copies):
        query = select(table.c.receipt).where(table.c.id == case_id, table.c.house == house_id)
        receipt: str | None = connection.execute(query).scalar_one_or_none()
        if receipt is not None:
            return receipt
    return None
