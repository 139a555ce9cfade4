"""Photos and papers on their way between a house and its ward, in pieces.

    sender      pieces(connection, "to-5", 2)             [Parcel(…), …], the next that are to go
    sender      sent(connection, parcel.id)               the receiver has this piece durably
    receiver    await Receiver(…).take(body)              a piece; with the last one the whole

They are not put into the outbox: that would hold each photo twice, and a case behind it would wait.
The pieces are cut where they lie, whenever the outbox has nothing else, so that cases, answers and
votes always go first and a photo fills what is left of the line. Both sides count the pieces: a
line that is lost every minute still gets a large paper over. The same piece again changes nothing.
"""

import hashlib
import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter
from sqlalchemy import Connection, LargeBinary, delete, func, insert, select, update

from base.cause import Refused
from feedback import attachments as store
from feedback.attachments import Attachment, Kind
from feedback.handover import Id, read
from feedback.outbox import Parcel
from feedback.pictures import JPEG, MOST_PAPER_BYTES, PDF, Darkroom, Sheet, paper_of
from feedback.tables import attachment_pieces, attachments, case_copies, case_seals, cases
from storage.engine import Database

PIECE_BYTES: Final = 16 * 1024
AHEAD: Final = 2
"""Pieces that go out together: so much may stand before a case that comes meanwhile."""
_MOST_PIECES: Final = -(-MOST_PAPER_BYTES // PIECE_BYTES)

_TOLD: Final = tuple(
    attachments.c[name]
    for name in ("id", "case_id", "kind", "type", "sha256", "size", "added_at", "public")
)
_MOST_OF_A_CASE: Final = 16
"""More than either side lets anybody add."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """Both ways: a part of a photo or a paper, with all that there is to know of the whole."""

    kind: ClassVar = "attachment"
    id: Id
    case: Id
    what: Kind
    type: Annotated[str, StringConstraints(pattern=f"^({JPEG}|{PDF})$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, le=MOST_PAPER_BYTES)]
    added_at: AwareDatetime
    public: bool
    number: Annotated[int, Field(ge=0, lt=_MOST_PIECES)]
    """From 0; each but the last has 16 KiB."""
    data: Annotated[str, StringConstraints(max_length=2 * PIECE_BYTES)]
    """Base64 (RFC 4648, section 4)."""

    @property
    def count(self) -> int:
        """How many pieces the whole has."""
        return -(-self.size // PIECE_BYTES)


_PIECE: Final = TypeAdapter(Piece)


# Where it lies


def pieces(connection: Connection, house: str | None, most: int = AHEAD) -> Sequence[Parcel]:
    """The next of the oldest that the other side is to have. `house` is the receiver's at the ward,
    None in a house."""
    cut = func.substr(
        attachments.c.content,
        attachments.c.sent * PIECE_BYTES + 1,
        most * PIECE_BYTES,
        type_=LargeBinary,
    )
    row = connection.execute(
        select(*_TOLD, attachments.c.sent, cut.label("cut"))
        .where(attachments.c.to_send, attachments.c.house.is_not_distinct_from(house))
        .order_by(attachments.c.seq)
        .limit(1)
    ).one_or_none()
    if row is None:
        return ()
    found = []
    for at in range(0, len(row.cut), PIECE_BYTES):
        number = row.sent + at // PIECE_BYTES
        piece = Piece(
            row.id,
            row.case_id,
            Kind(row.kind),
            row.type,
            row.sha256,
            row.size,
            row.added_at,
            row.public,
            number,
            b64encode(row.cut[at : at + PIECE_BYTES]).decode(),
        )
        body = _PIECE.dump_python(piece, mode="json")
        found.append(Parcel(f"{Piece.kind}-{row.id}-{number}", Piece.kind, body))
    return found


def is_piece(parcel_id: str) -> bool:
    return parcel_id.startswith(f"{Piece.kind}-")


def sent(connection: Connection, parcel_id: str) -> None:
    """The other side has this piece."""
    _, attachment_id, number = parcel_id.rsplit("-", 2)
    row = connection.execute(
        select(attachments.c.size, attachments.c.sent).where(attachments.c.id == attachment_id)
    ).one_or_none()
    if row is None or int(number) < row.sent:
        return
    there = int(number) + 1
    values = {"sent": there, "to_send": there * PIECE_BYTES < row.size}
    connection.execute(update(attachments).where(attachments.c.id == attachment_id).values(values))


# Where it goes


class Receiver:
    """Takes in what the other side sends. `house` is the sender at the ward, None in a house."""

    def __init__(
        self, database: Database, darkroom: Darkroom, house: str | None, *, most_bytes: int
    ) -> None:
        """`most_bytes` is the budget of a house."""
        self._database = database
        self._darkroom = darkroom
        self._house = house
        self._most_bytes = most_bytes

    async def take(self, body: Mapping[str, Any]) -> None:
        """Durable before it returns. What belongs to no case of theirs, what is no picture or
        paper, and what is beyond the budget, is dropped, which the log tells. Raises Refused where
        it cannot be stored, or looked at, now."""
        piece = read(_PIECE, body)
        if piece is None:
            return
        part = _part(piece)
        if part is None:
            logger.warning("a piece of %s is not as large as it should be", piece.id)
            return
        try:
            whole = await self._database.write(lambda c: self._piece(c, piece, part))
            if whole is not None:
                sheet = await self._fit(piece, whole)
                await self._database.write(lambda c: self._finish(c, piece, sheet))
        except Refused:
            raise
        except Exception:
            # The other side has it; what comes behind it is more than a photo.
            logger.exception("%s cannot be taken in", piece.id)

    def _piece(self, connection: Connection, piece: Piece, part: bytes) -> bytes | None:
        """All of it, where this was the last piece that was missing."""
        known = select(attachments.c.id).where(attachments.c.id == piece.id)
        if connection.execute(known).first() is not None:
            return None
        if not self._is_theirs(connection, piece):
            logger.warning("%s is of a case that is not known", piece.id)
            return None
        of_it = attachment_pieces.c.attachment == piece.id
        same = select(attachment_pieces.c.number).where(
            of_it, attachment_pieces.c.number == piece.number
        )
        if connection.execute(same).first() is None:
            values = {
                "attachment": piece.id,
                "case_id": piece.case,
                "number": piece.number,
                "content": part,
            }
            connection.execute(insert(attachment_pieces).values(values))
        count = select(func.count()).select_from(attachment_pieces).where(of_it)
        if connection.execute(count).scalar_one() < piece.count:
            return None
        parts = select(attachment_pieces.c.content).where(of_it)
        rows = connection.execute(parts.order_by(attachment_pieces.c.number)).scalars()
        return b"".join(map(bytes, rows))

    async def _fit(self, piece: Piece, whole: bytes) -> Sheet | None:
        """As somebody here had sent it: a side that was broken into gets nothing else in. The bytes
        stay as they are, for their hash stands in a ledger."""
        if hashlib.sha256(whole).hexdigest() != piece.sha256:
            logger.warning("%s is not what it was to be", piece.id)
            return None
        try:
            if piece.type == PDF:
                return paper_of(whole)
            seen = await self._darkroom.develop(whole)
        except Refused as refused:
            if refused.cause.code == "picture.busy":
                raise
            logger.warning("%s cannot be shown: %s", piece.id, refused.cause)
            return None
        return Sheet(JPEG, whole, seen.small, seen.width, seen.height)

    def _finish(self, connection: Connection, piece: Piece, sheet: Sheet | None) -> None:
        of_it = attachment_pieces.c.attachment == piece.id
        connection.execute(delete(attachment_pieces).where(of_it))
        if sheet is None or not self._is_theirs(connection, piece):
            return
        known = store.of_cases(connection, [piece.case]).get(piece.case, ())
        full = store.used(connection, self._house) + len(sheet.content) > self._most_bytes
        if full or len(known) >= _MOST_OF_A_CASE:
            logger.warning("there is no room for %s", piece.id)
            return
        one = Attachment(
            piece.id,
            piece.case,
            piece.what,
            sheet.type,
            piece.sha256,
            len(sheet.content),
            sheet.width,
            sheet.height,
            piece.added_at,
            piece.public,
        )
        store.keep(connection, one, sheet, house=self._house, to_send=False)

    def _is_theirs(self, connection: Connection, piece: Piece) -> bool:
        """A house speaks for its own cases alone; nothing follows on one that was erased."""
        erased = select(case_seals.c.case_id).where(
            case_seals.c.case_id == piece.case, case_seals.c.salt.is_(None)
        )
        if connection.execute(erased).first() is not None:
            return False
        own = select(cases.c.id).where(
            cases.c.id == piece.case, cases.c.house.is_not_distinct_from(self._house)
        )
        if connection.execute(own).first() is not None:
            return True
        copy = select(case_copies.c.id).where(
            case_copies.c.id == piece.case,
            case_copies.c.house == self._house,
            case_copies.c.erased_at.is_(None),
        )
        return connection.execute(copy).first() is not None


def _part(piece: Piece) -> bytes | None:
    """None where it is not what its number and the whole's size say."""
    try:
        part = b64decode(piece.data, validate=True)
    except ValueError:
        return None
    rest = piece.size - piece.number * PIECE_BYTES
    return part if rest > 0 and len(part) == min(rest, PIECE_BYTES) else None
