"""A room on a real database, with a hall and a media bridge that only remember what they were told.

Equipment and Media are ports of the room; the drivers and the bridge behind them have tests of
their own, over the real protocols.
"""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause, Refused
from base.latest import Latest
from config.settings import HouseSection, HouseSettings, MeetingSection, SoundSection
from devices.device import (
    ChirpHeard,
    Condition,
    Controls,
    DeviceError,
    DisplayState,
    Echo,
    Framing,
    Health,
    Kind,
    Levels,
    Power,
)
from feedback.outbox import Outbox
from rooms.clock import Clock
from rooms.equipment import Equipment
from rooms.meeting import Actor
from rooms.room import Room
from rooms.view import Phase, Role
from storage.engine import Database

CEILING_SECONDS = 20


class Time:
    """Both clocks, moved by hand."""

    def __init__(self):
        self.wall = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.seconds = 1000.0
        self.patience_seconds = 10.0
        self.looks = 0

    def pass_(self, seconds=0.0, minutes=0.0):
        self.wall += timedelta(seconds=seconds, minutes=minutes)
        self.seconds += seconds + 60 * minutes

    def clock(self):
        return Clock(lambda: self.wall, self.look, 0.01, self.patience_seconds)

    def look(self):
        self.looks += 1
        return self.seconds


class FakeDevice:
    def __init__(self, device_id, kind, condition=Condition.WORKING):
        self.id = device_id
        self.kind = kind
        self.name = f"Thiết bị {device_id}"
        self.health = Latest(Health(condition))

    async def run(self):
        await asyncio.Event().wait()

    def fail(self, code="device.unexpected"):
        self.health.set(Health(Condition.FAILED, Cause(code, name=self.name)))


class FakeCamera(FakeDevice):
    def __init__(self, device_id="camera"):
        super().__init__(device_id, Kind.CAMERA)
        self.picture = Latest(None)

    def subscribe(self, sink):
        return lambda: None

    def request_key_frame(self):
        pass


class SteerableCamera(FakeCamera):
    def __init__(self, device_id="camera"):
        super().__init__(device_id)
        self.known = [("1", "Sân khấu"), ("2", "Hội trường")]
        self.gone_to = []
        self.stopped = 0
        self.error = None
        self.answers = asyncio.Event()
        self.answers.set()
        self.controls = Latest(Controls(turns=True, zooms=True, home=True, saves=True))
        self.held = []
        self.homes = 0

    async def save_preset(self, name):
        if self.error:
            raise self.error
        self.known = [*self.known, (str(len(self.known) + 1), name)]
        return self.known[-1][0]

    async def go_home(self):
        self.homes += 1

    async def hold(self, velocity, seconds):
        if self.error:
            raise self.error
        self.held.append((velocity, seconds))

    async def presets(self):
        await self.answers.wait()
        return self.known

    async def go_to_preset(self, token):
        await self.answers.wait()
        if self.error:
            raise self.error
        self.gone_to.append(token)

    async def stop_moving(self):
        await self.answers.wait()
        self.stopped += 1


class FollowingCamera(FakeCamera):
    def __init__(self, device_id="camera-2"):
        super().__init__(device_id)
        self.framing = Latest(Framing(True))

    def follow_faces(self, wanted):
        self.framing.set(replace(self.framing.value, wanted=wanted))


class FakeSound:
    def __init__(self):
        self.microphone = FakeDevice("microphone", Kind.MICROPHONE, Condition.STANDBY)
        self.loudspeaker = FakeDevice("loudspeaker", Kind.LOUDSPEAKER)
        self.levels = Latest(Levels())
        self.volume = Latest(0)
        self.microphone_open = Latest(False)
        self.gain = Latest(None)
        self.knob = Latest(None)
        self.echo = Latest(Echo())
        self.opened = 0
        self.sinks = []
        self.music = False
        self.chirps = []
        self.heard = ChirpHeard(0.18, -9.0, -60.0, -24.0, -15.0)

    async def chirp(self, kind):
        self.chirps.append(kind)
        return self.heard

    def open_microphone(self):
        self.opened += 1
        self.microphone_open.set(True)

    def close_microphone(self):
        self.microphone_open.set(False)

    def set_music(self, playing):
        self.music = playing

    def set_volume(self, percent):
        self.volume.set(percent)

    def subscribe(self, sink):
        self.sinks.append(sink)
        return lambda: self.sinks.remove(sink)

    def play(self, samples):
        pass

    async def run(self):
        await asyncio.Event().wait()


class FakeProjector(FakeDevice):
    def __init__(self):
        super().__init__("projector", Kind.PROJECTOR)
        self.state = Latest(DisplayState(power=Power.OFF))
        self.wishes = []
        self.watched = False

    def watch(self, closely):
        self.watched = closely

    async def look(self):
        pass

    def want(self, on):
        self.wishes.append(on)

    async def cover(self, cover):
        if self.state.value.power is not Power.ON:
            raise DeviceError("projector.not_on")
        self.state.set(replace(self.state.value, cover=cover))

    def read_back(self, power):
        self.state.set(DisplayState(power=power))


class FakeMedia:
    def __init__(self):
        self.connected = Latest(frozenset())
        self.speaking = Latest(())
        self.returning = Latest(frozenset())
        self.lines = Latest({})
        self.live = None
        self.floor = None
        self.heard = {}
        self.dropped = []

    def set_live(self, live):
        self.live = live

    def set_floor(self, floor):
        self.floor = floor

    def set_heard(self, guest_id, heard):
        self.heard[guest_id] = heard

    def drop(self, guest_id):
        self.dropped.append(guest_id)
        self.connected.set(self.connected.value - {guest_id})


class House:
    """A room with everything around it. `restart` is what is left after a `kill -9`."""

    def __init__(self, folder, migrated):
        self.folder = folder
        shutil.copy(migrated, folder / "house.db")
        self.linked = False
        """It has a ward, to be told of its questions."""
        self.filming = None
        """What records its meetings, if anything does."""
        self.time = Time()
        self.settings = HouseSettings(
            house=HouseSection(name="Nhà văn hóa Tổ dân phố 5", ward="Phường Mẫu"),
            data=folder,
            sound=SoundSection(microphone="m", loudspeaker="l", volume=65),
            meeting=MeetingSection(preset="Sân khấu"),
        )
        self.leader = Actor(Role.LEADER, "Nguyễn Văn An")
        self.secretary = Actor(Role.SECRETARY, "Bà Bình")
        self.technician = Actor(Role.TECHNICIAN, "Kỹ thuật")
        self._build()

    def _build(self):
        self.camera = SteerableCamera()
        self.sound = FakeSound()
        self.projector = FakeProjector()
        self.screen = FakeDevice("screen", Kind.SCREEN)
        self.media = FakeMedia()
        self.equipment = Equipment((self.camera,), self.sound, self.projector, self.screen)

    async def begin(self):
        self.database = await Database.open(self.folder / "house.db")
        self.room = Room(
            self.settings,
            self.database,
            self.equipment,
            self.media,
            self.time.clock(),
            outbox=Outbox(self.database, "ward") if self.linked else None,
            filming=self.filming,
        )
        self._running = asyncio.create_task(self.room.run())
        ready = asyncio.create_task(self.room.ready.wait())
        await asyncio.wait(
            {ready, self._running}, return_when=asyncio.FIRST_COMPLETED, timeout=CEILING_SECONDS
        )
        assert ready.done(), self._running

    async def stop(self):
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.database.aclose()

    async def restart(self, seconds=0.0, minutes=0.0):
        await self.stop()
        self.time.pass_(seconds, minutes)
        self._build()
        await self.begin()

    @property
    def view(self):
        return self.room.view.value

    def patience(self):
        """`async with house.patience():` around what must not wait for ever."""
        return asyncio.timeout(CEILING_SECONDS)

    async def until(self, condition):
        """The view, once it meets the condition."""
        async with asyncio.timeout(CEILING_SECONDS):
            async for view in self.room.view.changes():
                if condition(view):
                    return view
        raise AssertionError

    async def ticks(self, count=4):
        """Let the room look at the clock a few times, and draw what became of it."""
        looks = self.time.looks + 6 * count
        async with asyncio.timeout(CEILING_SECONDS):
            while self.time.looks < looks:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.06)

    async def live(self):
        await self.room.start_meeting(self.leader)
        assert self.view.phase is Phase.LIVE

    async def ended(self):
        await self.room.end_meeting(self.leader)
        self.time.pass_(self.settings.meeting.undo_end_seconds)
        await self.until(lambda view: view.phase is Phase.IDLE)

    async def invite(self, *, lobby=False, role=Role.OFFICIAL, **more):
        expires = self.time.wall + timedelta(hours=2)
        return await self.room.create_invitation(
            self.leader, role, "", expires=expires, lobby=lobby, **more
        )

    async def guest(self, name="Bà Chi", *, connected=True, lobby=False, **wishes):
        invitation = await self.invite(lobby=lobby)
        guest_id = await self.room.enter(invitation.id, name)
        if wishes:
            await self.room.set_guest(guest_id, **wishes)
        if connected:
            await self.connect(guest_id)
        return guest_id

    async def connect(self, guest_id):
        self.media.connected.set(self.media.connected.value | {guest_id})
        await self.ticks(2)

    async def disconnect(self, guest_id):
        self.media.connected.set(self.media.connected.value - {guest_id})
        await self.ticks(2)

    def shown(self, guest_id):
        return next(guest for guest in self.view.guests if guest.id == guest_id)

    async def ask(self, text="Bao giờ sửa đèn đường?", key="k", **more):
        arguments = {"name": None, "via": "phone", "by": None} | more
        return await self.room.ask(text, key=key, **arguments)

    def question(self, question_id):
        return next(q for q in self.view.questions if q.id == question_id)


@pytest.fixture
def without(tmp_path, migrated):
    """A house that lacks some of its equipment, not yet begun."""

    def build(*lacking):
        house = House(tmp_path, migrated)
        empty = {"cameras": (), "sound": None, "display": None, "screen": None}
        house.equipment = replace(house.equipment, **{name: empty[name] for name in lacking})
        return house

    return build


@pytest.fixture
async def house(tmp_path, migrated):
    house = House(tmp_path, migrated)
    await house.begin()
    try:
        yield house
    finally:
        await house.stop()


@pytest.fixture
def refused():
    """`async with refused("room.full"): …`"""

    @asynccontextmanager
    async def expect(code):
        with pytest.raises(Refused) as raised:
            yield
        assert raised.value.cause.code == code

    return expect
