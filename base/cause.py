"""A cause is a code with parameters; only the pages turn it into a sentence.

>>> Cause("camera.refused", host="192.168.1.20")
Cause('camera.refused', host='192.168.1.20')
"""

from collections.abc import Mapping
from types import MappingProxyType

Parameter = str | int | float


class Cause:
    """Why something is as it is, without a word of any language.

    `code` is dotted and lower case, `part.reason` (`projector.no_answer`); every code has a
    sentence in `web/sentences.py`, which a test checks. Parameters never carry a secret.
    """

    __slots__ = ("code", "params")

    def __init__(self, code: str, /, **params: Parameter) -> None:
        self.code = code
        self.params: Mapping[str, Parameter] = MappingProxyType(params)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cause):
            return NotImplemented
        return self.code == other.code and self.params == other.params

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.params.items()))))

    def __repr__(self) -> str:
        params = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"Cause({self.code!r}{params})"


class Refused(Exception):  # noqa: N818 - the word people use for it
    """A command that cannot be done now; `cause` says why and what to do instead."""

    def __init__(self, code: str, /, **params: Parameter) -> None:
        super().__init__(code)
        self.cause = Cause(code, **params)
