"""Finding a device by its name, and the words for what went wrong."""

from typing import Any

import pytest

from base.cause import Cause
from devices.device import DeviceError, Kind
from devices.sound.listing import SoundDevice, find_device, read_devices
from web.sentences import say

DEVICES = [
    SoundDevice("HDA Intel PCH: ALC256 Analog (hw:0,0)", 2, 2),
    SoundDevice("Jabra SPEAK 510: USB Audio (hw:1,0)", 1, 2),
    SoundDevice("HDMI 0", 0, 8),
    SoundDevice("HDMI 0 and more", 0, 8),
    SoundDevice("Webcam C920: USB Audio (hw:2,0)", 2, 0),
]
TWINS = [
    SoundDevice("Twin: USB Audio (hw:2,0)", 1, 0),
    SoundDevice("Twin: USB Audio (hw:3,0)", 1, 0),
]


@pytest.mark.parametrize(
    ("kind", "name", "index"),
    [
        (Kind.MICROPHONE, "jabra", 1),
        (Kind.LOUDSPEAKER, "Jabra", 1),
        (Kind.LOUDSPEAKER, "USB Audio", 1),
        (Kind.LOUDSPEAKER, "HDMI 0", 2),
        (Kind.MICROPHONE, "C920", 4),
    ],
)
def test_a_device_is_found_by_its_whole_name_or_a_part_only_it_has(
    kind: Kind, name: str, index: int
) -> None:
    assert find_device(DEVICES, kind, name) == index


def test_a_device_that_was_plugged_in_again_is_the_same_with_another_number() -> None:
    """ALSA counts its cards anew; the one that has its old number now is not taken for it."""
    assert find_device(DEVICES, Kind.MICROPHONE, "Webcam C920: USB Audio (hw:1,0)") == 4
    assert find_device(DEVICES, Kind.LOUDSPEAKER, "Jabra SPEAK 510: USB Audio (hw:3,0)") == 1


def test_a_card_is_called_the_same_by_a_portaudio_that_converts() -> None:
    """The sound process's does, and the one that the set-up asks for names does not."""

    class Converting:
        @staticmethod
        def query_devices() -> list[dict[str, Any]]:
            keys = ("name", "max_input_channels", "max_output_channels")
            rows = [(one.name.replace("(hw:", "(plughw:"), *one[1:]) for one in TWINS]
            return [dict(zip(keys, row, strict=True)) for row in rows]

    listed = read_devices(Converting)
    assert listed == TWINS
    assert find_device(listed, Kind.MICROPHONE, "Twin: USB Audio (hw:3,0)") == 1
    assert find_device(listed, Kind.MICROPHONE, "Twin: USB Audio (hw:2,0)") == 0


def test_what_the_system_thinks_best_is_taken_only_where_it_is_named() -> None:
    """Another device after each replugging."""
    devices = [SoundDevice("sysdefault", 1, 1), SoundDevice("default", 1, 1), *DEVICES]
    assert find_device(devices, Kind.MICROPHONE, "default") == 1
    with pytest.raises(DeviceError) as raised:
        find_device(devices, Kind.MICROPHONE, "fault")
    assert raised.value.cause.code == "sound.microphone_missing"
    devices = [SoundDevice("hdmi", 0, 8), SoundDevice("HDA: HDMI 0 (hw:0,3)", 0, 8)]
    assert find_device(devices, Kind.LOUDSPEAKER, "hdmi 0") == 1
    assert find_device(devices, Kind.LOUDSPEAKER, "HDM") == 1


@pytest.mark.parametrize(
    ("kind", "name", "cause"),
    [
        (
            Kind.MICROPHONE,
            "USB Audio",
            Cause(
                "sound.microphone_ambiguous",
                name="USB Audio",
                present="Jabra SPEAK 510: USB Audio (hw:1,0); Webcam C920: USB Audio (hw:2,0)",
            ),
        ),
        (
            Kind.LOUDSPEAKER,
            "C920",
            Cause(
                "sound.loudspeaker_missing",
                name="C920",
                present="HDA Intel PCH: ALC256 Analog (hw:0,0); "
                "Jabra SPEAK 510: USB Audio (hw:1,0); HDMI 0; HDMI 0 and more",
            ),
        ),
    ],
)
def test_the_cause_names_what_there_is(kind: Kind, name: str, cause: Cause) -> None:
    with pytest.raises(DeviceError) as raised:
        find_device(DEVICES, kind, name)
    assert raised.value.cause == cause


def test_no_device_at_all_has_words_of_its_own() -> None:
    with pytest.raises(DeviceError) as raised:
        find_device(DEVICES[2:4], Kind.MICROPHONE, "Jabra")
    assert raised.value.cause == Cause("sound.microphone_none", name="Jabra")


PARAMETERS: dict[str, str | int] = {"name": "Jabra", "present": "HDMI", "reason": "busy"}
REASONS = ("none", "missing", "ambiguous", "refused", "lost", "stalled", "moved", "choppy")
CAUSES = [
    *(
        Cause(f"sound.{kind}_{reason}", **PARAMETERS)
        for kind in (Kind.MICROPHONE, Kind.LOUDSPEAKER)
        for reason in REASONS
    ),
    Cause("sound.library_missing"),
    Cause("sound.listing_failed"),
    Cause("sound.process_died", status=-9),
    Cause("sound.process_hung"),
    Cause("sound.process_garbled"),
    Cause("sound.process_not_started"),
]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.code)
def test_every_cause_has_words_in_both_languages(cause: Cause) -> None:
    vietnamese, english = say(cause, "vi"), say(cause, "en")
    assert cause.code not in (vietnamese, english)
    assert vietnamese != english
