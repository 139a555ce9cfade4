"""The table of drivers, against the settings and the sentences."""

import re
from pathlib import Path
from typing import get_args

import devices
import rooms
from config.settings import (
    Camera,
    CecScreen,
    MdcScreen,
    PjlinkProjector,
    Projector,
    RtspCamera,
    Webcam,
)
from devices.catalog import DRIVERS, open_device
from devices.device import Display, VideoSource
from devices.judging import Fault
from web.sentences import sentences
from web.sentences.cameras import SENTENCES
from web.sentences.hdmi import SENTENCES as HDMI_SENTENCES

CAMERA = RtspCamera(kind="rtsp", id="camera", name="Camera", url="rtsp://192.168.1.20/1")
WEBCAM = Webcam(kind="webcam", id="camera-2", name="Webcam", input="/dev/video0")
PROJECTOR = PjlinkProjector(kind="pjlink", host="192.168.1.30")


def test_every_kind_in_the_settings_has_a_driver():
    cameras = get_args(get_args(Camera)[0])
    kinds = {get_args(model.model_fields["kind"].annotation)[0] for model in cameras}
    displays = get_args(get_args(Projector)[0])
    kinds |= {get_args(model.model_fields["kind"].annotation)[0] for model in displays}
    assert kinds == set(DRIVERS)


def test_a_stanza_becomes_a_device_that_is_not_yet_running():
    for settings, protocol in (
        (CAMERA, VideoSource),
        (WEBCAM, VideoSource),
        (PROJECTOR, Display),
        (MdcScreen(kind="mdc", host="192.168.1.40"), Display),
        (CecScreen(kind="cec"), Display),
    ):
        device = open_device(settings)
        assert isinstance(device, protocol)
        assert (device.id, device.name) == (settings.id, settings.name)
        assert device.health.value.condition == "unknown"


def test_every_cause_of_a_camera_has_its_sentences():
    found: set[str] = set()
    for path in Path(devices.__file__).parent.glob("*.py"):
        found |= set(re.findall(r'"((?:camera|webcam|device)\.[a-z_]+)"', path.read_text("utf-8")))
    found |= {f"camera.{fault}" for fault in Fault}
    assert found == set(SENTENCES)
    assert found <= sentences().keys()


def test_every_cause_of_the_hdmi_cable_has_its_sentences():
    found: set[str] = set()
    own, room = Path(devices.__file__).parent, Path(rooms.__file__).parent
    for path in (own / "hdmi.py", room / "hdmi_commands.py", room / "equipment.py"):
        found |= set(re.findall(r'"(hdmi\.[a-z_]+)"', path.read_text("utf-8")))
    assert found == set(HDMI_SENTENCES)


def test_every_cause_of_a_projector_or_screen_has_its_sentences():
    found: set[str] = set()
    for path in Path(devices.__file__).parent.glob("*.py"):
        found |= set(re.findall(r'"((?:projector|tv|screen)\.[a-z_]+)"', path.read_text("utf-8")))
    for words in ("projector", "tv"):
        for reason in ("asleep", "not_on", "no_answer", "will_not_start", "will_not_stop",
                       "other_input", "hidden", "password_file"):  # fmt: skip
            found.add(f"{words}.{reason}")
    assert found <= sentences().keys()


def test_sentences_are_complete_with_what_a_cause_carries():
    given = {"name": "Camera", "host": "192.168.1.20", "path": "/etc/p", "codec": "H.265",
             "input": "/dev/video0"}  # fmt: skip
    for sentence in SENTENCES.values():
        for text in (sentence.vi, sentence.en):
            said = text.format_map(given)
            assert said[0].isupper()
            assert said.endswith(".")
            assert "Camera" in said
