"""A house is told of the meeting of the whole ward: at once, and at every change."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.responses import PlainTextResponse

from base.latest import Latest
from web.link.messages import ProtocolError, decode, encode
from web.link.ward_meeting import FloorStream, Stream, TellWardMeeting, WardMeeting

nothing = PlainTextResponse("nothing")
STARTS = datetime(2026, 12, 1, 13, 0, tzinfo=UTC)
PLANNED = WardMeeting("0123456789abcdef", "Họp toàn phường", STARTS, 90, "planned", plan="p1")
OPEN = replace(
    PLANNED,
    state="open",
    publish=Stream("https://media.example/whip/m-to-5", "khoa-phat"),
    ward=Stream("https://media.example/whep/m-ward"),
    floor=FloorStream("to-3", "Tổ dân phố 3", "https://media.example/whep/m-to-3"),
)


async def test_a_house_is_told_at_once_and_at_every_change(start_hub, dial):
    meeting = Latest(None)
    hub = await start_hub(ward_meeting=meeting)
    heard = asyncio.Queue()
    dial(hub.link_url, nothing, ward_meeting=heard.put_nowait)
    async with asyncio.timeout(40):
        for said in (PLANNED, OPEN, None):
            meeting.set(TellWardMeeting(said))
            assert await heard.get() == said


@pytest.mark.parametrize(
    "change",
    [
        {"state": "closed"},
        {"publish": {"url": "file:///etc/passwd", "token": ""}},
        {"ward": {"url": "https://media.example/a b"}},
        {"minutes": 0},
    ],
)
def test_what_makes_no_sense_is_refused(change):
    told = json.loads(encode(TellWardMeeting(replace(OPEN, publish=None))))
    assert decode(json.dumps(told))
    told["meeting"] |= change
    with pytest.raises(ProtocolError):
        decode(json.dumps(told))


def test_the_tokens_stand_in_no_log():
    assert "khoa-phat" not in repr(OPEN)
