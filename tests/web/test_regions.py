"""What people read in the regions of a page, as the room stands at one moment."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from base.cause import Cause
from devices.device import Condition, Echo, EchoState, Health, Kind, Turns, VolumeKnob
from rooms.shown import Floor, FloorKind, Layer, LineState
from rooms.view import (
    DeviceView,
    GuestView,
    HallRequest,
    HallWish,
    Phase,
    Presence,
    Role,
    SoundView,
)
from rooms.ward_meeting import OtherHouse, Stream, WardMeeting, WardView
from web.pages import region_context

HEARD = SoundView(microphone_open=True, muted=False, volume=70)
DEAD = Health(Condition.FAILED, Cause("camera.no_answer", name="Camera", host="192.168.1.20"))


def guest(name, presence=Presence.CONNECTED, role=Role.OFFICIAL, **more):
    usual = {"microphone": True, "silenced": False, "camera": True, "sharing": False}
    usual |= {"hand_raised": False, "speaking": False}
    return GuestView(name, name, role, presence, **(usual | more))


def camera(health=None):
    health = health or Health(Condition.WORKING)
    return DeviceView("camera", Kind.CAMERA, "Camera", health)


@pytest.fixture
def read(house):
    """The text of a region of a page, in a live meeting with these changes."""

    def read(region, page, **changes):
        usual = {"phase": Phase.LIVE, "devices": (camera(),), "sound": HEARD}
        view = replace(house.room.view.value, **(usual | changes))
        context = region_context(house.site, view, page, house.url)
        html = house.site.templates.render(f"regions/{region}.html", "vi", **context)
        return " ".join(re.sub(r"<[^>]*>", " ", html).split())

    return read


def test_what_is_wrong_with_the_sound_stands_beside_its_meter_and_only_there(read):
    quiet = Cause("sound.microphone_quiet")
    health = Health(Condition.IMPAIRED, quiet)
    microphone = DeviceView("microphone", Kind.MICROPHONE, "Micro hội trường", health)
    more = {"devices": (camera(DEAD), microphone), "notices": (DEAD.cause, quiet)}
    live = read("controls", "panel", **more)
    assert live.count("nói gần micro hơn") == 1
    assert live.index("Micro hội trường") < live.index("nói gần micro hơn")
    assert "192.168.1.20" in live
    assert "điều cần để ý" not in live
    idle = read("controls", "panel", phase=Phase.IDLE, **more)
    assert "điều cần để ý" in idle, "where there is no meter it is a notice as any other"


def test_a_loudspeaker_that_is_muted_is_never_shown_as_loud(read):
    for muted in (False, True):
        sound = replace(HEARD, knob=VolumeKnob(Turns.CARD, "Master", muted))
        volume, live = (read(part, "panel", sound=sound) for part in ("volume", "controls"))
        assert ("Loa đang bị tắt tiếng" in volume) == muted
        assert ("Bật tiếng loa" in volume, "To hơn" in volume) == (muted, not muted)
        assert ("70 %, đang tắt tiếng" in live) == muted


def test_the_technician_reads_what_turns_the_volume(read):
    loudspeaker = DeviceView("spk", Kind.LOUDSPEAKER, "Loa", Health(Condition.WORKING))
    for knob, words in (
        (VolumeKnob(Turns.CARD, "Master"), "Âm lượng 70 %, là nút “Master” của card"),
        (VolumeKnob(Turns.SERVER), "Âm lượng 70 %, là của hệ thống"),
        (VolumeKnob(Turns.OURS), "card âm thanh này không có nút âm lượng"),
        (None, ""),
    ):
        more = {"devices": (loudspeaker,), "sound": replace(HEARD, knob=knob)}
        assert words in read("equipment", "technician", **more)
        assert ("Âm lượng" in read("equipment", "technician", **more)) == (knob is not None)
        assert "Âm lượng" not in read("equipment", "panel-equipment", **more)


def test_the_technician_reads_whether_the_computer_can_turn_the_microphone(read):
    microphone = DeviceView("mic", Kind.MICROPHONE, "Micro", Health(Condition.WORKING))
    for gain, words in ((45, "Độ nhạy trong máy tính: 45 %"), (None, "chỉnh ngay tại micro")):
        more = {"devices": (microphone,), "sound": replace(HEARD, gain=gain)}
        assert words in read("equipment", "technician", **more)
    closed = replace(HEARD, microphone_open=False)
    assert "chỉnh" not in read("equipment", "technician", devices=(microphone,), sound=closed)


def test_a_hall_that_is_recorded_knows_of_it(read):
    idle = {"phase": Phase.IDLE}
    assert "Anh Tuấn đang ghi thử" in read(
        "stage_top", "stage", hall_recorded_by="Anh Tuấn", **idle
    )
    asked = HallRequest("Anh Tuấn", HallWish.RECORDING, "a browser")
    words = read("hall_asked", "panel", hall_asked=asked, **idle)
    assert "Anh Tuấn xin ghi thử micro" in words
    assert "chỉ người xin nghe được" in words


def test_words_stand_where_the_hall_has_no_picture(read):
    for page in ("stage", "official"):
        assert read("hall_words", page) == ""
        assert read("hall_words", page, devices=(camera(DEAD),)) == "", "the picture itself says it"
        assert "mất hình" in read("hall_words", page, devices=())
        assert "chờ tổ trưởng" in read("hall_words", page, awaits_confirmation=True)
        assert read("hall_words", page, phase=Phase.IDLE, devices=()) == ""
    assert "Vẫn nghe" in read("hall_words", "official", devices=())


def test_the_stage_names_nobody_as_speaking_before_the_hall_agrees(read):
    more = {"floor": Floor(FloorKind.CAMERA, "Bà Hoa"), "guests": (guest("Bà Hoa"),)}
    assert "Bà Hoa" in read("stage_words", "stage", **more)
    assert "Bà Hoa" not in read("stage_words", "stage", awaits_confirmation=True, **more)
    assert "chờ tổ trưởng" in read("stage_top", "stage", awaits_confirmation=True, **more)


def test_the_stage_names_who_speaks_beside_whoever_has_the_floor(read):
    guests = (guest("Bà Hoa", speaking=True), guest("Ông Nam", speaking=True))
    words = read("stage_words", "stage", guests=guests, floor=Floor(FloorKind.CAMERA, "Bà Hoa"))
    assert words == "Bà Hoa Đang nói: Ông Nam"


def test_the_stage_waits_for_nobody_who_is_away_for_long(read):
    away = guest("Bà Hoa", Presence.AWAY, awaited=True)
    viewer = guest("Ông Ba", Presence.AWAY, Role.VIEWER, awaited=True)
    assert "đang chờ Bà Hoa" in read("stage_top", "stage", guests=(away, viewer))
    assert "Ông Ba" not in read("stage_top", "stage", guests=(away, viewer))
    assert "chờ" not in read("stage_top", "stage", guests=(replace(away, awaited=False),))


def test_the_leader_reads_whose_line_is_lost(read):
    guests = (guest("Bà Hoa", Presence.AWAY), guest("Ông Ba", Presence.AWAY, Role.VIEWER))
    assert "Mất kết nối: Bà Hoa." in read("controls", "panel", guests=guests)
    assert "Mất kết nối" not in read("controls", "panel", guests=(guest("Bà Hoa"),))


def test_who_waits_for_the_meeting_to_begin_is_named(read):
    inside = (guest("Bà Hoa", Presence.ADMITTED),)
    words = read("queue", "panel", phase=Phase.IDLE, guests=inside)
    assert "đang chờ bắt đầu: Bà Hoa" in words
    assert "Chưa có ai" not in words
    assert "Chưa có ai" in read("queue", "panel", phase=Phase.IDLE)


def test_the_word_is_offered_to_nobody_who_has_it(read):
    guests = (guest("Bà Hoa"), guest("Ông Nam"))
    for floor, offers in [(Floor(), 2), (Floor(FloorKind.CAMERA, "Bà Hoa"), 1)]:
        words = read("guests", "panel-guests", guests=guests, floor=floor)
        assert words.count("Mời phát biểu") == offers


async def test_a_name_does_not_end_in_a_line_with_nothing_but_its_number(house, client):
    assert (
        "<span>Nhà văn hóa Tổ dân phố\N{NO-BREAK SPACE}5</span>" in (await client.get("/ask")).text
    )


@pytest.mark.parametrize(
    ("echo", "said", "good"),
    [
        (Echo(), "đang đo", False),
        (Echo(EchoState.READY, -42, -9, 0.18), "Tiếng vọng −42 dB, sẵn sàng", True),
        (Echo(EchoState.LOUD, -18, -9, 0.18), "(−18 dB): đưa micro ra xa loa", False),
        (Echo(EchoState.UNHEARD), "Micro không nghe thấy loa", False),
    ],
)
def test_the_echo_is_one_sentence_and_what_was_not_measured_is_not_good(read, echo, said, good):
    told = read("controls", "panel", sound=replace(HEARD, echo=echo))
    assert said in told
    assert ("sẵn sàng" in told) is good
    figures = "Trễ 180 ms" in read("echo", "technician", sound=replace(HEARD, echo=echo))
    assert figures is (echo.delay is not None)
    assert "Trễ" not in told
    closed = replace(HEARD, echo=echo, microphone_open=False)
    assert read("echo", "technician", sound=closed) == ""


def test_a_machine_that_sends_the_hall_back_is_named_with_what_to_do(read):
    people = guest("Bà Hoa", hand_raised=True), guest("Ông Nam", returns=True)
    told = read("controls", "panel", guests=people)
    assert "Máy của Ông Nam đang vọng tiếng hội trường" in told
    assert "mở Người tham dự rồi bấm Tắt tiếng" in told
    assert "Máy của Bà Hoa" not in told
    there = read("guests", "panel-guests", guests=people)
    assert there.count("Đang vọng tiếng hội trường") == 1
    assert there.index("Ông Nam") < there.index("Đang vọng") < there.index("Bà Hoa")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LineState(Layer.SMALL), "Đường truyền yếu: xem hình nhỏ"),
        (LineState(Layer.SOUND), "Đường truyền yếu: chỉ có tiếng"),
        (LineState(Layer.SMALL, house=True), "Nhà văn hóa hết đường truyền: xem hình nhỏ"),
    ],
)
def test_a_weak_line_stands_beside_its_guest(read, line, said):
    people = guest("Bà Hoa"), guest("Ông Nam", line=line)
    there = read("guests", "panel-guests", guests=people)
    assert there.count(said) == 1
    assert there.count("đường truyền") + there.count("Đường truyền") == 1


def test_what_everybody_reads_in_a_meeting_of_the_whole_ward(read):
    third = OtherHouse("to-3", "Tổ dân phố 3", Stream("https://media.example/whep/3"))
    meeting = WardMeeting("m", "Họp toàn phường", datetime.now(UTC), 90, is_open=True)
    offered, joined = WardView(meeting, True), WardView(meeting, True, joined=True)
    called = replace(joined, meeting=replace(meeting, called=True))
    heard = replace(called, heard=True)

    def panel(ward, **more):
        return read("controls", "panel", ward_meeting=ward, **more)

    assert "Vào họp phường" in panel(offered)
    assert "Vào họp phường" in panel(offered, phase=Phase.IDLE)
    assert "Vào họp phường" not in panel(replace(offered, near=False), phase=Phase.IDLE)
    assert "Phường chưa nghe tổ dân phố mình" in panel(joined)
    assert "chờ phường mời" in panel(replace(joined, hand=True))
    other = panel(replace(joined, meeting=replace(meeting, floor=third)))
    assert "Đang phát biểu: Tổ dân phố 3" in other
    assert "Bật tiếng hội trường lên" in panel(called, sound=replace(HEARD, muted=True))
    assert "chờ một chút" in panel(called)
    assert "Cả phường đang nghe tổ dân phố mình" in panel(heard)
    assert "Xin phát biểu" not in panel(heard)
    planned = replace(joined, meeting=replace(meeting, is_open=False))
    assert "Đang chờ phường mở cuộc họp" in panel(planned)
    lost = Health(Condition.FAILED, Cause("attend.no_answer", host="media.example"))
    assert "media.example của phường không trả lời" in panel(replace(joined, health=lost))

    assert "mình đang được nghe" in read("stage_top", "stage", ward_meeting=heard)
    assert "mình đang được nghe" not in read("stage_top", "stage", ward_meeting=called)
    people = read("guest_people", "official", ward_meeting=joined)
    assert "Phường chưa nghe nhà văn hóa này" in people
    assert "cả phường đang nghe" in read("guest_people", "official", ward_meeting=heard)

    ward = guest("Phường Mẫu", role=Role.WARD)
    row = read("guests", "panel-guests", guests=(ward,), ward_meeting=joined)
    assert "Phường Mẫu Họp phường Đang phát tới đây" in row
    assert "Rời họp phường" in row
    assert "Mời ra" not in row, "nobody sends the ward out"
