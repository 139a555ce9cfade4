"""What is made of a browser's reports at once, and what waits for the next look."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from rooms.media.adapting import Adapting
from rooms.media.judge import Rates
from rooms.shown import Layer

RATES = Rates(1_500_000, 180_000)


class Line:
    def __init__(self) -> None:
        self.counted = (0, 0)

    def give_up(self) -> None: ...


@pytest.fixture
async def adapting() -> Adapting:
    """Of a guest who has been sent a hundred packets in the last moment."""
    loop = asyncio.get_running_loop()
    peer: Any = SimpleNamespace(hall=Line(), floor=Line())
    peer.pulse = SimpleNamespace(heard=loop.time(), unanswered=[], ask=lambda: None)
    adapting = Adapting(peer)
    adapting.look(loop.time(), RATES, Layer.MAIN)
    peer.hall.counted = (100, 100_000)
    peer.pulse.heard = loop.time()
    adapting.look(loop.time(), RATES, Layer.MAIN)
    return adapting


async def test_a_line_that_loses_much_is_not_filled_until_the_next_look(
    adapting: Adapting,
) -> None:
    floods: list[float] = []
    adapting.on_flood = lambda: floods.append(asyncio.get_running_loop().time())
    for _ in range(30):
        adapting._peer.hall.on_asked_again(5)
    await asyncio.sleep(0)
    assert len(floods) == 1, "told once until the next look"
    assert adapting.look(floods[0], RATES, Layer.MAIN)
    assert adapting.judge.sends is Layer.SOUND
    assert adapting.layer is Layer.SMALL


async def test_what_was_lost_before_he_was_given_less_counts_no_more(adapting: Adapting) -> None:
    now = asyncio.get_running_loop().time()
    for _ in range(30):
        adapting._peer.hall.on_asked_again(5)
    adapting.look(now, RATES, Layer.MAIN)
    assert adapting.layer is Layer.SMALL
    floods: list[str] = []
    adapting.on_flood = lambda: floods.append("told")
    for _ in range(60):  # asked for again, and again
        adapting._peer.hall.on_asked_again(5)
    await asyncio.sleep(0)
    assert not floods
    adapting.look(now + 1.0, RATES, Layer.MAIN)
    assert adapting.layer is Layer.SMALL


async def test_a_few_packets_and_old_ones_make_no_haste(adapting: Adapting) -> None:
    floods: list[str] = []
    adapting.on_flood = lambda: floods.append("told")
    for _ in range(10):
        adapting._peer.hall.on_asked_again(5)
    for _ in range(30):
        adapting._peer.hall.on_asked_again(500)  # sent before that
    await asyncio.sleep(0)
    assert not floods
