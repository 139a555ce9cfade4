"""A house of its own tells a receiver that really is one; a call for help goes up to the ward and
comes back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from avcontrol.alerts import teller
from avcontrol.house import open_house
from avcontrol.house_alerts import HouseWatchman, help_message, message
from avcontrol.ward import open_ward
from base.cause import Cause
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from config.ward import AlertsSection, HubWebSection, WardSection, WardSettings
from devices.device import Condition, Health, Kind
from rooms.alarms import Patience
from rooms.meeting import Actor
from rooms.view import Connection, DeviceView, Role
from tests.avcontrol.test_alerts import Receiver
from tests.ports import free_port

LEADER = Actor(Role.LEADER, "Bác Lan")
AT_ONCE = Patience(timedelta(0), timedelta(0))


@pytest.fixture
async def receiver():
    return Receiver()


def settings(folder, **more):
    return HouseSettings(
        house=HouseSection(name="Nhà văn hóa Tổ 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=folder,
        **more,
    )


def watchman(room, url):
    return HouseWatchman(
        room,
        AT_ONCE,
        write=partial(message, "Nhà văn hóa Tổ 5", "vi"),
        write_help=partial(help_message, "Nhà văn hóa Tổ 5", "vi"),
        tell=teller([url]),
    )


async def test_a_loss_a_recovery_and_an_hour_of_quiet(tmp_path, receiver, monkeypatch):
    monkeypatch.setattr("rooms.alarms.OVER_AFTER", timedelta(0))
    cause = Cause("projector.no_answer", host="192.168.1.30")
    async with receiver.listening() as url, open_house(settings(tmp_path)) as house:
        room = house.room
        drawn = type(room)._drawn

        def beamer(condition, cause=None):
            shown = DeviceView("projector", Kind.PROJECTOR, "Máy chiếu", Health(condition, cause))
            room._drawn = lambda: replace(drawn(room), devices=(shown,))
            room.view.set(room._drawn())

        watching = watchman(room, url)
        beamer(Condition.FAILED, cause)
        await room.be_quiet(Actor(Role.TECHNICIAN, "Anh Tuấn"), True)
        for _ in range(2):
            await watching.look()
        assert receiver.got.empty()
        await room.be_quiet(Actor(Role.TECHNICIAN, "Anh Tuấn"), False)
        for _ in range(3):
            await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Nhà văn hóa Tổ 5: cần xem trước cuộc họp tới"
        assert body.startswith("⚠ Máy chiếu") and "192.168.1.30" in body
        assert receiver.got.empty(), "once"
        await asyncio.sleep(0.1)
        assert [one.key for one in room.view.value.alarms] == ["projector"]
        beamer(Condition.WORKING)
        for _ in range(3):
            await watching.look()
        title, body = await asyncio.wait_for(receiver.got.get(), 40)
        assert title == "Nhà văn hóa Tổ 5: đã ổn trở lại"
        assert receiver.got.empty()


async def test_a_call_for_help_reaches_the_ward_and_the_answer_the_panel(tmp_path, receiver):
    async with receiver.listening() as url:
        urls = tmp_path / "alerts.urls"
        urls.write_text(url)
        hub = WardSettings(
            ward=WardSection(name="Phường Mẫu"),
            web=HubWebSection(port=free_port()),
            data=tmp_path / "ward",
            alerts=AlertsSection(urls_file=urls),
        )
        async with open_ward(hub) as ward:
            houses = ward.site.houses
            _, key = await houses.enrol(await houses.invite("to-5", "Nhà văn hóa Tổ 5"))
            key_file = tmp_path / "hub.key"
            key_file.write_text(key)
            link = LinkSection(url=ward.url, house="to-5", key_file=key_file)
            async with open_house(settings(tmp_path / "house", link=link)) as house:
                room = house.room
                async with asyncio.timeout(40):
                    async for view in room.view.changes():
                        if view.link.connection is Connection.LINKED:
                            break
                await room.ask_for_help(LEADER, "Máy chiếu không trả lời.")
                async with asyncio.timeout(40):
                    async for view in room.view.changes():
                        if view.help and view.help.sent:
                            break
                (alert,) = await ward.site.alerts.open()
                assert alert.cause.params == {"by": "Bác Lan", "what": "Máy chiếu không trả lời."}
                _, body = await asyncio.wait_for(receiver.got.get(), 40)
                assert "Bác Lan nhờ giúp: Máy chiếu không trả lời." in body
                await ward.site.alerts.acknowledge(alert.id, "Anh Tuấn")
                async with asyncio.timeout(40):
                    async for view in room.view.changes():
                        if view.help and view.help.taken_by:
                            break
                assert view.help.taken_by == "Anh Tuấn"
