"""The photos and papers of one house's cases, for the pages that take and show them.

album = Album.of(settings.feedback, database, Darkroom(), None)
sheet = await album.sheet(data)                     # decoded anew, or Refused
await album.add_by_receipt("K7QM3XWP9DTA", sheet)   # durable
await album.of_receipt("K7QM3XWP9DTA")              # what whoever has the receipt may see
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection

from base.cause import Refused
from config.feedback import FeedbackSection
from feedback import attachment_way, attachments
from feedback.attachment_way import Receiver
from feedback.attachments import Attachment, Kind
from feedback.outbox import Parcel
from feedback.pictures import Darkroom, Sheet, is_paper, paper_of
from storage.engine import Database


class Album:
    def __init__(
        self, database: Database, darkroom: Darkroom, house: str | None, *, most_bytes: int
    ) -> None:
        """`house` is one of a ward's; None in a house, and at the ward for what is of no house.
        `most_bytes` is the budget of each."""
        self._database = database
        self._darkroom = darkroom
        self._house = house
        self._most_bytes = most_bytes

    @classmethod
    def of(
        cls, settings: FeedbackSection, database: Database, darkroom: Darkroom, house: str | None
    ) -> Self:
        most_bytes = settings.attachments_megabytes * 1_000_000
        return cls(database, darkroom, house, most_bytes=most_bytes)

    async def sheet(self, data: bytes, *, papers: bool = False) -> Sheet:
        """Fit to be kept; a PDF where `papers` are taken. Raises Refused: those of
        `Darkroom.develop` and `paper_of`."""
        if papers and is_paper(data):
            return paper_of(data)
        return await self._darkroom.develop(data)

    async def add(self, case_id: str, kind: Kind, sheet: Sheet, *, by: str) -> Attachment:
        """Durable before it returns; the same content again changes nothing. Raises Refused: those
        of `attachments.add`, StorageError."""
        return await self._database.write(lambda c: self.put(c, case_id, kind, sheet, by=by))

    async def add_by_receipt(self, receipt: str, sheet: Sheet) -> Attachment:
        """By whoever has the receipt, until there is an answer. Raises Refused:
        `receipt.not_found`, `attachment.answered`, and as `add`."""

        def write(connection: Connection) -> Attachment:
            known = attachments.case_by_receipt(connection, receipt, self._house)
            if known is None:
                raise Refused("receipt.not_found")
            self._still_taken(connection, known, sheet)
            return self.put(connection, known[0], Kind.ASKED, sheet, by="resident")

        return await self._database.write(write)

    async def of_receipt(self, receipt: str) -> tuple[Attachment, ...]:
        """What he has shown himself, and what was published with the answer; of a matter that was
        merged into another, with that one's."""

        def read(connection: Connection) -> tuple[Attachment, ...]:
            known = attachments.case_by_receipt(connection, receipt, self._house)
            if known is None:
                return ()
            case_id, head = known
            found = attachments.of_cases(connection, [case_id, head] if head else [case_id])
            own, of_head = found.get(case_id, ()), found.get(head or "", ())
            return tuple(
                one
                for one in (*own, *of_head)
                if (one.kind is Kind.ASKED and one.case_id == case_id)
                or (one.kind is Kind.ANSWER and one.public)
            )

        return await self._database.read(read)

    async def of_cases(self, case_ids: Sequence[str]) -> Mapping[str, tuple[Attachment, ...]]:
        """All that there are of them."""
        return await self._database.read(lambda c: attachments.of_cases(c, case_ids))

    async def public_of(self, case_ids: Sequence[str]) -> Mapping[str, tuple[Attachment, ...]]:
        """Those that everybody may see."""
        found = await self.of_cases(case_ids)
        return {id_: tuple(one for one in ones if one.public) for id_, ones in found.items()}

    async def content(
        self, attachment_id: str, *, small: bool = False
    ) -> tuple[Attachment, bytes] | None:
        """Whoever asks has to see to it that the reader may."""
        return await self._database.read(
            lambda c: attachments.content(c, attachment_id, small=small)
        )

    async def remove(self, case_id: str, attachment_id: str) -> None:
        """One of an answer that nobody has seen yet."""
        await self._database.write(lambda c: attachments.remove(c, case_id, attachment_id))

    def pieces(self, connection: Connection) -> Sequence[Parcel]:
        """Of what the other side of the link is still to have."""
        return attachment_way.pieces(connection, self._house)

    async def piece_sent(self, parcel_id: str) -> None:
        """The other side has it durably."""
        await self._database.write(lambda c: attachment_way.sent(c, parcel_id))

    def receiver(self) -> Receiver:
        """Of what the other side of the link sends."""
        # With a turn of its own: what comes behind a photo does not wait for those of residents.
        return Receiver(self._database, Darkroom(), self._house, most_bytes=self._most_bytes)

    def _still_taken(
        self, connection: Connection, known: tuple[str, str | None], sheet: Sheet
    ) -> None:
        """What was received before is the same again, and no refusal."""
        case_id, head = known
        if attachments.is_over(connection, head or case_id):
            kept = attachments.of_cases(connection, [case_id]).get(case_id, ())
            if sheet.sha256 not in {one.sha256 for one in kept if one.kind is Kind.ASKED}:
                raise Refused("attachment.answered")

    def put(
        self, connection: Connection, case_id: str, kind: Kind, sheet: Sheet, *, by: str
    ) -> Attachment:
        """As `add`, inside `Database.write`."""
        return attachments.add(
            connection,
            case_id,
            kind,
            sheet,
            by=by,
            at=datetime.now(UTC),
            house=self._house,
            most_bytes=self._most_bytes,
        )
