"""Credentials as coturn expects them; `tests/config/test_turnserver.py` asks coturn itself."""

from base64 import b64encode
from hashlib import sha1
from hmac import HMAC

from ward.turn import TurnMint


def test_the_name_says_until_when_and_the_password_is_its_signature() -> None:
    mint = TurnMint(("turn:turn.example",), "bí mật", clock=lambda: 1_764_097_200.9)
    account = mint.account("to-5.guests")
    assert account.username == "1764100800:to-5.guests"
    signed = HMAC("bí mật".encode(), account.username.encode(), sha1).digest()
    assert account.credential == b64encode(signed).decode()
    assert account.credential not in repr(account)
