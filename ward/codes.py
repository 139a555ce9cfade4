"""One-time codes, `K7QM-2ZRT-9DTA`: a person reads one out, another types it in.

The first four characters find the code, the other eight prove it: 31**8 possibilities (39 bits) and
five attempts, whichever process of the hub they come to. Only a hash is stored.

The functions run inside `Database.write`. `use` answers None instead of raising, because raising
would undo the attempt that it has counted.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ward.tables import codes

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""
MOST_ATTEMPTS: Final = 5

_SELECTOR: Final = 4
_LENGTH: Final = 12


def create(connection: Connection, purpose: str, subject: str, lasts: timedelta) -> str:
    """A new code, which replaces every older one for the same purpose and subject."""
    now = datetime.now(UTC)
    same = (codes.c.purpose == purpose) & (codes.c.subject == subject)
    connection.execute(delete(codes).where(same | (codes.c.expires_at <= now)))
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
        taken = select(codes.c.selector).where(codes.c.selector == code[:_SELECTOR])
        if connection.execute(taken).first() is None:
            break
    connection.execute(
        insert(codes).values(
            selector=code[:_SELECTOR],
            secret_sha256=_sha256(code),
            purpose=purpose,
            subject=subject,
            attempts=0,
            expires_at=now + lasts,
        )
    )
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))


def use(connection: Connection, purpose: str, typed: str) -> str | None:
    """Use a code up; its subject, or None where no such code is valid."""
    code = "".join(character for character in typed.upper() if character.isalnum())
    row = connection.execute(
        update(codes)
        .where(
            codes.c.selector == code[:_SELECTOR],
            codes.c.purpose == purpose,
            codes.c.expires_at > datetime.now(UTC),
            codes.c.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=codes.c.attempts + 1)
        .returning(codes.c.secret_sha256, codes.c.subject)
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.secret_sha256, _sha256(code)):
        return None
    revoke(connection, purpose, row.subject)
    return str(row.subject)


def revoke(connection: Connection, purpose: str, subject: str) -> None:
    """Forget the code for this subject, if there is one."""
    connection.execute(delete(codes).where(codes.c.purpose == purpose, codes.c.subject == subject))


def _sha256(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
