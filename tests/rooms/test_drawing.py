"""Whoever changes something waits until it is drawn, together with others."""

import asyncio

import pytest

from rooms.drawing import Drawing


async def test_many_wait_for_one_drawing() -> None:
    drawn = []
    drawing = Drawing(lambda: drawn.append(1))
    await asyncio.gather(*(drawing.request() for _ in range(5)))
    assert drawn == [1]


async def test_whoever_goes_away_takes_nobody_with_him() -> None:
    drawing = Drawing(lambda: None)
    await drawing.request()

    async def wait() -> None:
        await drawing.request()

    gone, other = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(other, 30)
    with pytest.raises(asyncio.CancelledError):
        await gone
