"""A house takes part in a meeting of the whole ward, by a media server that describes its streams
in each of the ways there are."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from devices.device import Condition
from devices.h264 import split
from devices.virtual.hall_picture import load_small_clip
from rooms.media.attending import OWN, Attending
from rooms.media.bridge import Bridge
from rooms.media.own_pictures import OwnPictures
from rooms.media.payloads import join_h264
from rooms.media.programme import Stills
from rooms.shown import Floor, FloorKind
from rooms.ward_meeting import THE_WARD, OtherHouse, Part, Stream, guest_id_of, is_safe
from tests.media_server import TOKEN, MediaServer
from tests.tones import Sound
from tests.web.test_whep import Camera, until

HALL, WARD, OTHER = 700.0, 440.0, 1000.0


@asynccontextmanager
async def hall(clip):
    """Its bridge, its sound, and what takes part."""
    camera, sound = Camera(clip), Sound(HALL)
    bridge = Bridge([camera], sound)
    attending = Attending(bridge, first_pause=0.1)
    jobs = [one.run() for one in (bridge, camera, sound, attending)]  # no picture is missed
    running = [asyncio.create_task(job) for job in jobs]
    bridge.set_live(True)
    bridge.set_heard(THE_WARD, True)
    try:
        yield bridge, sound, attending
    finally:
        for task in reversed(running):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def part_in(server, *, called=False, floor=None):
    at = Stream(server.whip("to-5"), TOKEN), Stream(server.whep("ward"), TOKEN)
    other = floor and OtherHouse(floor, "Tổ dân phố 3", Stream(server.whep(floor), TOKEN))
    return Part(*at, other, called)


def is_condition(attending, condition, code=None):
    health = attending.state.value.health
    cause = health and health.cause and health.cause.code
    return health is not None and health.condition is condition and cause == code


@pytest.mark.parametrize("way", ["answers", "offers", "only offers"])
async def test_the_ward_is_seen_undecoded_and_heard_however_its_server_describes_it(
    hall_cache, way
):
    clip = load_small_clip(hall_cache)
    async with MediaServer(clip.units, way).serving() as server, hall(clip) as here:
        bridge, sound, attending = here
        attending.attend(part_in(server))
        await until(lambda: is_condition(attending, Condition.STARTING, "attend.nobody"))
        server.sends["ward"] = WARD
        await until(lambda: attending.state.value.seen == {THE_WARD})
        await until(lambda: is_condition(attending, Condition.WORKING))
        bridge.set_floor(Floor(FloorKind.CAMERA, THE_WARD))
        feed = bridge._floor_feed()
        sent = {bytes(nal) for data in clip.units for nal in split(data)}
        await until(lambda: feed.recent)
        assert set(split(join_h264(feed.recent[0].payloads))) <= sent, "it was encoded anew"
        await until(lambda: sound.plays(WARD))
        attending.attend(None)
        await until(lambda: not server.sessions("whep") and not server.sessions("whip"))
        await until(lambda: attending.state.value.health is None)
        assert not attending.state.value.seen
        assert not bridge.connected.value
        assert {token for *_, token in server.asked} == {TOKEN}


async def test_a_house_is_heard_only_while_it_has_the_floor_and_nothing_goes_in_circles(
    hall_cache,
):
    clip = load_small_clip(hall_cache)
    async with MediaServer(clip.units).serving() as server, hall(clip) as here:
        bridge, sound, attending = here
        server.sends |= {"ward": WARD, "to-3": OTHER}
        bridge.set_heard(guest_id_of("to-3"), True)
        attending.attend(part_in(server, floor="to-3"))
        await until(lambda: sound.plays(WARD) and sound.plays(OTHER))
        await until(lambda: server.got and server.got["to-5"].is_silent())
        got = server.got["to-5"]
        assert got.pictures <= 2, "it is not asked for, and goes out all the same"
        attending.attend(part_in(server, floor="to-3", called=True))
        await until(lambda: got.hears(HALL))
        await until(lambda: got.pictures > 15)
        assert got.size == (640, 360)
        assert not got.hears(WARD)
        assert not got.hears(OTHER)
        assert bridge._outside.programme_of(OWN) is bridge._hall
        bridge.set_floor(Floor(FloorKind.CAMERA, THE_WARD))
        assert bridge._outside.programme_of(OWN) is bridge._hall, (
            "the ward's own picture goes back to it"
        )
        attending.attend(part_in(server))
        await until(got.is_silent)
        assert guest_id_of("to-3") not in bridge.connected.value


async def test_it_comes_back_after_the_server_lost_it(hall_cache):
    clip = load_small_clip(hall_cache)
    async with MediaServer(clip.units, "offers").serving() as server, hall(clip) as here:
        _, _, attending = here
        server.sends["ward"] = WARD
        attending.attend(part_in(server))
        await until(lambda: is_condition(attending, Condition.WORKING))
        await server.lose("whep")
        await until(lambda: not attending.state.value.seen)
        await until(lambda: attending.state.value.seen == {THE_WARD})
        await server.lose("whip")
        await until(lambda: not is_condition(attending, Condition.WORKING))
        await until(lambda: is_condition(attending, Condition.WORKING))


@pytest.mark.parametrize(
    ("status", "code"), [(401, "refused"), (405, "not_found"), (500, "rejected"), (0, "no_answer")]
)
async def test_what_is_wrong_is_said(hall_cache, status, code):
    clip = load_small_clip(hall_cache)
    async with MediaServer(clip.units).serving() as server, hall(clip) as (_, _, attending):
        server.refuses = status
        part = part_in(server)
        if not status:
            nowhere = Stream("http://127.0.0.1:1/x")
            part = replace(part, publish=nowhere, ward=nowhere)
        attending.attend(part)
        await until(lambda: is_condition(attending, Condition.FAILED, f"attend.{code}"))


async def test_an_address_that_is_not_safe_is_not_asked(hall_cache):
    async with MediaServer([]).serving() as server, hall(load_small_clip(hall_cache)) as here:
        attending = here[2]
        part = part_in(server)
        attending.attend(replace(part, ward=Stream("http://media.phuong.example/whep/x", TOKEN)))
        await until(lambda: is_condition(attending, Condition.IMPAIRED, "attend.unsafe"))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://media.phuong.example/whip/x", True),
        ("http://127.0.0.1:8080/whip/x", True),
        ("http://localhost/whip/x", True),
        ("http://192.168.1.9/whip/x", True),
        ("http://[fd00::1]/whip/x", True),
        ("http://8.8.8.8/whip/x", False),
        ("http://media.phuong.example/whip/x", False),
        ("file:///etc/passwd", False),
        ("https:///x", False),
    ],
)
def test_which_addresses_are_safe(url, safe):
    assert is_safe(url) is safe


async def test_a_token_follows_no_redirect_to_another_host(hall_cache):
    clip = load_small_clip(hall_cache)
    async with MediaServer(clip.units).serving() as server, hall(clip) as here:
        attending = here[2]
        server.sends["ward"] = WARD
        moved = server.whep("ward").replace("/whep/", "/moved/")
        part = part_in(server)
        attending.attend(replace(part, ward=Stream(moved, TOKEN)))
        await until(lambda: attending.state.value.seen == {THE_WARD})
        attending.attend(None)
        await until(lambda: not server.sessions("whep"))
        server.asked.clear()
        attending.attend(replace(part, ward=Stream(moved.replace("127.0.0.1", "localhost"), TOKEN)))
        await until(lambda: [one for one in server.asked if "/whep/" in one[1]])
        assert {token for _, path, token in server.asked if "/whep/" in path} == {""}


async def test_stills_come_now_and_then(hall_cache):
    clip = load_small_clip(hall_cache)
    camera = Camera(clip)
    own = OwnPictures([camera], None)
    shown = []
    stills = Stills(own.hall, seconds=5)
    running = [asyncio.create_task(own.run()), asyncio.create_task(camera.run())]
    await until(lambda: own.hall.recent)
    for task in running:
        task.cancel()
    stills.feed.add(type("Viewer", (), {"show": lambda _, feed, frame: shown.append(frame)})())
    assert stills.feed.recent[0] is own.hall.recent[0], "there is one at once"
    hall = own.hall.recent[0]
    for second in range(1, 12):
        for key in (True, False):
            stills.show(
                own.hall, replace(hall, timestamp=hall.timestamp + 90_000 * second, key=key)
            )
    assert [(frame.timestamp - hall.timestamp) // 90_000 for frame in shown] == [0, 5, 10]
