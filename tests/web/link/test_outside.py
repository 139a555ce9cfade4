"""Where people are sent: to the hub, also while the link is lost for a moment."""

import asyncio

from starlette.responses import PlainTextResponse

from rooms.view import Connection, Outside

nothing = PlainTextResponse("nothing")


async def test_a_short_loss_sends_nobody_elsewhere(
    start_hub, dial, weak_line, until_state, monkeypatch
):
    monkeypatch.setattr("web.link.house.OUTSIDE_KEPT_SECONDS", 2.0)
    hub = await start_hub()
    line = await weak_line(hub.port)
    link = dial(line.link_url, nothing)
    linked = await until_state(link, Connection.LINKED)
    url = f"http://127.0.0.1:{line.port}/h/to-5"
    assert linked.outside == Outside(url, f"http://127.0.0.1:{line.port}/to-5")
    line.cut()
    away = await until_state(link, Connection.AWAY)
    assert (away.public_url, away.outside) == ("", linked.outside)
    assert (await until_state(link, Connection.LINKED)).outside == linked.outside
    await asyncio.sleep(2.2)  # longer than an address is kept after a loss
    assert link.state.value.outside == linked.outside, "the clock was stopped"


async def test_a_long_loss_sends_people_to_the_house_and_the_return_back(
    start_hub, dial, until_state, monkeypatch
):
    monkeypatch.setattr("web.link.house.OUTSIDE_KEPT_SECONDS", 1.0)
    hub = await start_hub()
    link = dial(hub.link_url, nothing)
    await until_state(link, Connection.LINKED)
    leaving = asyncio.create_task(until_state(link, Connection.AWAY))
    await hub.stop()
    away = await leaving
    assert away.outside is not None
    async with asyncio.timeout(40):
        async for state in link.state.changes():
            if state.outside is None:
                break
    assert state.connection is Connection.AWAY
    await start_hub(hub.port)
    again = await until_state(link, Connection.LINKED)
    assert again.outside == away.outside
