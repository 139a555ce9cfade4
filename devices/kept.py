"""A connection that is kept from one conversation to the next, while it is wanted.

    kept = Kept(open_it, close_it, is_over)
    kept.wanted = True
    async with kept.use() as link:      # the one of before, or a new one
        ...

It is closed where a conversation went wrong, and anew for the next one where the other side ended
it meanwhile, as some do after each answer.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

DROPS: Final = 3
"""After so many in a row it is taken for one that ends each connection."""


class Kept(Generic[T]):
    """For one conversation at a time."""

    def __init__(
        self,
        open_: Callable[[], Awaitable[T]],
        close: Callable[[T], Awaitable[None]],
        is_over: Callable[[T], bool],
    ) -> None:
        self.wanted = False
        self._open, self._close, self._is_over = open_, close, is_over
        self._link: T | None = None
        self.spoiled = False
        """Answers are out of step in the conversation that goes on: it is the last one there."""
        self._drops = 0

    @property
    def stays(self) -> bool:
        """Whether a kept one is still there when it is used again, as far as was seen."""
        return self._drops < DROPS

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[T]:
        """Raises what `open_` raises."""
        link, self._link = self._link, None
        again = link is not None
        if link is not None and self._is_over(link):
            await self._close(link)
            self._drops, again, link = self._drops + 1, False, None
        self.spoiled = False
        if link is None:
            link = await self._open()
        try:
            yield link
        except BaseException:
            await self._close(link)
            raise
        if self.spoiled:
            self._drops += 1
        elif again:
            self._drops = 0
        if self.wanted and not self.spoiled:
            self._link = link
        else:
            await self._close(link)

    def forgiving(self, *errors: type[Exception]) -> "_Forgiving":
        """Goes on after one of these, which spoil the connection."""
        return _Forgiving(self, errors)

    async def release(self) -> None:
        """Close what is kept."""
        link, self._link = self._link, None
        if link is not None:
            await self._close(link)


class _Forgiving:
    def __init__(self, kept: Kept[Any], errors: tuple[type[Exception], ...]) -> None:
        self._kept, self._errors = kept, errors

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        forgiven = kind is not None and issubclass(kind, self._errors)
        self._kept.spoiled |= forgiven
        return forgiven
