"""Receives what residents write to a mailbox: each mail is a case, once, with a receipt by mail.

    reception = Reception(database, settings, rules, receive, house_of, album=album)
    group.create_task(reception.run())
    await reception.standing()         # for the technician

A mail's case is durable before the mail is marked and moved: whatever is killed between the two,
the next visit finds the mail again and knows its case. The receipt's mail is put into the outbox in
the transaction of the case (`feedback.delivery` takes it out). Bounces, lists and other programs'
mail are left where they are and never answered; nor is a sender who writes without end: what is
over the limit waits in the mailbox. The sender's address stands nowhere but in the outbox, until
the receipt has gone out.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from sqlalchemy import Connection

from base.cause import Cause, Refused
from config.mail import MailSection
from feedback import intake, post_health, store
from feedback.album import Album
from feedback.attachments import Kind
from feedback.case import Case
from feedback.delivery import receiver_of
from feedback.mail import kept
from feedback.mail.letters import Letter, read_letter
from feedback.mail.mailbox import Mailbox, MailboxAway
from feedback.outbox import Parcel, put
from feedback.pictures import Sheet
from feedback.post import mailbox_of
from feedback.rules import Rules
from storage.engine import Database

AT_ONCE: Final = 50
"""Mails of one visit; the next visit follows at once."""
MOST_A_DAY: Final = 20
"""Of one sender; what is more waits in the mailbox."""
LONGEST_PAUSE: Final = 600.0
"""Seconds between two attempts, where the mailbox stays away."""
VIA: Final = "email"
RECEIPT: Final = "mail.receipt"
EMPTY: Final = "mail.empty"

_DAY: Final = timedelta(days=1)

logger = logging.getLogger(__name__)

Alongside = Callable[[Connection, Case], None]
Receive = Callable[[intake.Draft, str | None, Alongside], Awaitable[object]]
"""Stores a case, for this house or for the ward itself; durable before it returns."""
HouseOf = Callable[[Letter], Awaitable[str | None]]
"""Whose a mail is; None is the ward itself, or the house that this is."""


class Outcome(StrEnum):
    STORED = "stored"
    LEFT = "left"
    """None of ours."""
    LATER = "later"
    """Its sender has written too much today."""


@dataclass(frozen=True, slots=True)
class MailHealth:
    """How it goes with the mailbox, whichever process of a hub has read it last. What was counted
    is of this process alone, since it began."""

    problem: Cause | None = None
    """Why nothing can be read now."""
    hint: Cause | None = None
    """What is in the way, while mail is read nevertheless."""
    looked_at: datetime | None = None
    """The last time that all went well."""
    received: int = 0
    left_alone: int = 0
    waiting: int = 0
    """Over their sender's limit."""


class Reception:
    def __init__(
        self,
        database: Database,
        settings: MailSection,
        rules: Rules,
        receive: Receive,
        house_of: HouseOf,
        *,
        album: Callable[[str | None], Album],
        context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self._database = database
        self._rules = rules
        self._receive = receive
        self._house_of = house_of
        self._album = album
        self._context = context
        self._now = now
        self._judged: set[int] = set()
        """UIDs of what stays in the folder: it is not read again."""
        self._later: dict[int, float] = {}
        """UIDs of what waits, and until when on the monotonic clock."""
        self._validity = 0
        self._hint: Cause | None = None
        self._received = 0
        self._left_alone = 0
        self._problem: Cause | None = None
        """What the log was told of last."""

    async def standing(self) -> MailHealth:
        """For the technician. Raises StorageError."""
        found = await self._database.read(partial(post_health.read, name=self._name))
        return MailHealth(
            problem=found.problem,
            hint=found.hint,
            looked_at=found.well_at,
            received=self._received,
            left_alone=self._left_alone,
            waiting=len(self._later),
        )

    async def run(self) -> None:
        """Until cancelled."""
        pause = usual = float(self.settings.every_seconds)
        while True:
            try:
                if await self.step() >= AT_ONCE:
                    continue
                pause = usual
            except (MailboxAway, Refused) as away:
                await self._lost(away.cause)
                pause = min(max(2 * pause, usual), max(LONGEST_PAUSE, usual))
            except Exception:
                # A mistake of ours; mail waits where it is, and the hub goes on.
                logger.exception("the mailbox could not be read")
                await self._lost(Cause("mail.failed"))
                pause = min(max(2 * pause, usual), max(LONGEST_PAUSE, usual))
            await asyncio.sleep(pause)

    async def step(self) -> int:
        """One visit; how many mails were stored. Raises MailboxAway, StorageError."""
        box = Mailbox(self.settings, context=self._context)
        try:
            stored = await self._visit(box)
        except BaseException:
            box.cut()  # a thread may be waiting for the server
            raise
        await asyncio.to_thread(box.__exit__, None, None, None)
        return stored

    async def _visit(self, box: Mailbox) -> int:
        await asyncio.to_thread(box.__enter__)
        if box.validity != self._validity:
            self._judged.clear()
            self._later.clear()
            self._validity = box.validity
        there = await asyncio.to_thread(box.waiting)
        self._judged &= set(there)
        stored, left = 0, 0
        for uid in there:
            if uid in self._judged or self._later.get(uid, 0) > time.monotonic():
                continue
            raw = await asyncio.to_thread(box.read, uid)
            if raw is None:
                continue
            letter = await asyncio.to_thread(read_letter, raw, own=self.settings.address)
            outcome = await self._deal_with(letter)
            self._later.pop(uid, None)
            if outcome is Outcome.LATER:
                self._later[uid] = time.monotonic() + 3600
                continue
            if outcome is Outcome.LEFT:
                logger.info("a mail is left alone: %s", letter.left_alone)
                left += 1
            else:
                stored += 1
                if await asyncio.to_thread(box.put_away, uid):
                    self._hint = None
                    continue
                self._hint = Cause("mail.not_moved", folder=self.settings.done_folder)
            self._judged.add(uid)
            if stored >= AT_ONCE:
                break
        self._later = {uid: until for uid, until in self._later.items() if uid in set(there)}
        await self._went_well(stored, left)
        return stored

    async def _deal_with(self, letter: Letter) -> Outcome:
        """Durable before it returns. Raises StorageError."""
        if letter.left_alone is not None:
            return Outcome.LEFT
        now = self._now()

        def known(connection: Connection) -> Outcome | None:
            if kept.is_known(connection, letter):
                return Outcome.STORED
            many = kept.written_since(connection, letter, now - _DAY) >= MOST_A_DAY
            return Outcome.LATER if many else None

        if (outcome := await self._database.read(known)) is not None:
            return outcome
        if len(letter.text) < intake.LEAST_CHARACTERS:
            await self._database.write(lambda c: self._say_empty(c, letter, now))
            return Outcome.STORED
        sheets = await self._sheets(letter)

        def add(connection: Connection) -> bool:
            def attach(case_id: str, house: str | None) -> Sequence[str]:
                return self._attach(connection, case_id, house, letter, sheets)

            return kept.add_to_case(
                connection, self._rules, letter, domain=self._domain, at=now, attach=attach
            )

        if not await self._database.write(add):
            await self._new_case(letter, sheets, now)
        return Outcome.STORED

    async def _sheets(self, letter: Letter) -> Mapping[str, Sheet]:
        """Of its pictures, those that are fit to be kept, by their names: painted anew."""
        sheets: dict[str, Sheet] = {}
        for picture in letter.pictures:
            try:
                sheets[picture.name] = await self._album(None).sheet(picture.data)
            except Refused as refused:
                logger.info("a picture stays in the mailbox: %s", refused.cause)
        return sheets

    def _attach(
        self,
        connection: Connection,
        case_id: str,
        house: str | None,
        letter: Letter,
        sheets: Mapping[str, Sheet],
    ) -> Sequence[str]:
        """What of all that came with it is left in the mailbox."""
        left = list(letter.enclosed)
        for name, sheet in sheets.items():
            try:
                self._album(house).put(connection, case_id, Kind.ASKED, sheet, by="resident")
            except Refused as refused:
                logger.info("a picture stays in the mailbox: %s", refused.cause)
            else:
                left.remove(name)
        return left

    async def _new_case(self, letter: Letter, sheets: Mapping[str, Sheet], now: datetime) -> None:
        house = await self._house_of(letter)

        def alongside(connection: Connection, case: Case) -> None:
            if kept.is_known(connection, letter):
                return
            kept.keep(connection, letter, case.id, now)
            left = self._attach(connection, case.id, house, letter, sheets)
            kept.note_rest(connection, case, letter, left, now)
            self._send_receipt(connection, case, letter, house, left)

        draft = intake.check(
            kept.beginning(letter.text),
            name=None,  # it rests on consent (`feedback.consent`), and nobody was asked for it
            via=VIA,
            key=letter.key,
        )
        await self._receive(draft, house, alongside)

    def _send_receipt(
        self,
        connection: Connection,
        case: Case,
        letter: Letter,
        house: str | None,
        left: Sequence[str],
    ) -> None:
        known = store.get(connection, case.id)
        body = {
            "to": letter.sender,
            "answers": letter.message_id,
            "case": case.id,
            "code": case.receipt,
            "house": house,
            "owner": known.work.owner.name,
            "due_at": known.work.due_at.isoformat(),
            "enclosed": len(left),
            "grievance": case.grievance.value if case.grievance else None,
        }
        parcel = Parcel(f"receipt-{case.id}", RECEIPT, body, subject=case.id)
        put(connection, receiver_of(self.settings.address), parcel)

    def _say_empty(self, connection: Connection, letter: Letter, now: datetime) -> None:
        if not kept.is_known(connection, letter):
            kept.keep(connection, letter, None, now)
            body = {"to": letter.sender, "answers": letter.message_id}
            parcel = Parcel(f"empty-{letter.key[:32]}", EMPTY, body)
            put(connection, receiver_of(self.settings.address), parcel)

    @property
    def _domain(self) -> str:
        return self.settings.address.rpartition("@")[2]

    @property
    def _name(self) -> str:
        return mailbox_of(self.settings.address)

    async def _lost(self, cause: Cause) -> None:
        if self._problem != cause:
            logger.warning("no mail is received: %s", cause)
        self._problem = cause
        at = self._now()
        try:
            await self._database.write(lambda c: post_health.lost(c, self._name, cause, at=at))
        except Refused as refused:
            logger.warning("how it goes with the mailbox is not noted: %s", refused.cause)

    async def _went_well(self, stored: int, left: int) -> None:
        if self._problem is not None:
            logger.warning("mail is received again")
        self._problem = None
        self._received += stored
        self._left_alone += left
        hint, at = self._hint, self._now()
        await self._database.write(lambda c: post_health.well(c, self._name, hint, at=at))
