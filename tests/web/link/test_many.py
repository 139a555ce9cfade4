"""A ward full of houses on one hub, and what it is told of each."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.cause import Cause
from base.latest import Latest
from devices.device import Condition, Health, Kind
from rooms.view import DeviceView, GuestView, Phase, Presence, QuestionState, QuestionView, Role
from web.link.messages import DeviceSummary, Summary, decode, encode
from web.link.summary import summary_of

HOUSES = 50
CHANNELS = 5


def says(name):
    async def app(scope, receive, send):
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        try:
            while True:
                await socket.send_text(f"{name}: {await socket.receive_text()}")
        except WebSocketDisconnect:
            pass

    return app


async def test_fifty_houses_with_five_channels_each(hub, dial):
    names = [f"to-{number}" for number in range(HOUSES)]
    for name in names:
        dial(hub.link_url, says(name), house=name)
    for name in names:
        await hub.until(name, linked=True)

    async def talk(name, number):
        async with hub.browse("/ws/call", house=name) as browser:
            for turn in range(10):
                await browser.send(f"{number}.{turn}")
                answer = await asyncio.wait_for(browser.recv(), 20)
                assert answer == f"{name}: {number}.{turn}"

    async with asyncio.timeout(50):
        async with asyncio.TaskGroup() as group:
            for name in names:
                for number in range(CHANNELS):
                    group.create_task(talk(name, number))
    assert hub.sessions.linked.value == set(names), "none was lost over it"


async def test_the_hub_is_told_when_something_changes(hub, dial, view):
    dial(hub.link_url, PlainTextResponse(""))
    await hub.until("to-5", linked=True)
    await hub.told("to-5", phase="idle", title="")
    view.set(replace(view.value, phase=Phase.LIVE, title="Họp tổ dân phố tháng 11"))
    await hub.told("to-5", phase="live", title="Họp tổ dân phố tháng 11")


def guest(number, presence):
    return GuestView(
        id=f"g{number}",
        name="Ông Nam",
        role=Role.OFFICIAL,
        presence=presence,
        microphone=True,
        silenced=False,
        camera=True,
        sharing=False,
        hand_raised=False,
        speaking=False,
    )


def asked(number, state):
    return QuestionView(f"q{number}", number, "Bí mật", "Bà Tư", "phone", datetime.now(UTC), state)


def test_the_summary_counts_people_and_names_none(view: Latest):
    broken = Health(Condition.FAILED, Cause("projector.no_answer", host="192.168.1.30"))
    now = replace(
        view.value,
        title="x" * 300,
        guests=tuple(guest(n, presence) for n, presence in enumerate(Presence)),
        questions=tuple(asked(n, state) for n, state in enumerate(QuestionState)),
        devices=(
            DeviceView("projector", Kind.PROJECTOR, "Máy chiếu", broken),
            DeviceView("camera", Kind.CAMERA, "Camera", Health(Condition.WORKING)),
        ),
    )
    assert summary_of(now) == Summary(
        phase="idle",
        title="x" * 200,
        guests=2,
        waiting=1,
        devices=(
            DeviceSummary(
                "projector",
                "failed",
                "projector.no_answer",
                {"host": "192.168.1.30"},
                "projector",
                "Máy chiếu",
                broken.since,
            ),
            DeviceSummary(
                "camera", "working", None, {}, "camera", "Camera", now.devices[1].health.since
            ),
        ),
    )


def test_a_summary_fits_into_a_frame_whatever_the_devices_say(view: Latest):
    said = {f"detail{number}": "\x00Ộ" * 999 for number in range(20)}
    talkative = Health(Condition.FAILED, Cause("sound.failed", **said, count=3))
    devices = tuple(
        DeviceView(f"d{number}", Kind.CAMERA, "Ộ" * 80, talkative) for number in range(40)
    )
    summary = summary_of(replace(view.value, title="Ộ" * 300, devices=devices))
    assert decode(encode(summary)) == summary
    assert set(summary.devices[0].params["detail0"]) == {" ", "Ộ", "…"}
