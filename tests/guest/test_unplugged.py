"""Devices are pulled out while they are in use, with the kernel's own drivers, and come back."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.guest.machine import ROOT, run_guest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1000)]
CEILING = 150.0
"""Seconds. The goal is ten on a real machine; the guest computes ten times as slowly. How long each
took is printed (`pytest -s`)."""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the guest told of each step."""
    subprocess.run([ROOT / "scripts" / "setup.sh", "guest"], check=True)
    told = dict(run_guest(Path(__file__).with_name("inside.py"), seconds=850))
    for step, what in told.items():
        print(step, what)
    return told


def test_it_went_to_the_end(told: dict[str, Any]) -> None:
    assert "end" in told, told


def test_a_webcam_comes_back_under_another_number(told: dict[str, Any]) -> None:
    assert told["webcam-found"]["address"] == "/dev/v4l/by-path/platform-vivid.0-video-index0"
    assert told["webcam-streams"]["seconds"] < CEILING
    gone, back = told["webcam-gone"], told["webcam-back"]
    assert (gone["condition"], gone["code"]) == ("failed", "webcam.unplugged")
    assert gone["seconds"] < CEILING
    assert back["condition"] == "working"
    assert back["seconds"] < CEILING
    assert back["after"] != back["before"]
    assert back["after"] in back["opened"]


def test_a_loudspeaker_comes_back_under_another_number(told: dict[str, Any]) -> None:
    assert "Dummy: PCM" in told["sound-found"]["addresses"]
    assert told["sound-streams"]["seconds"] < CEILING
    gone, back = told["loudspeaker-gone"], told["loudspeaker-back"]
    assert gone["condition"] == "failed"
    assert gone["seconds"] < CEILING
    assert back["condition"] in ("working", "impaired")  # the guest is slow and may stumble
    assert back["seconds"] < CEILING
    assert back["after"] != back["before"]


def test_the_volume_is_the_cards_own_and_follows_it_to_another_number(
    told: dict[str, Any],
) -> None:
    """snd-dummy's Master goes from -45 dB (-50) to 0 dB (100); snd-aloop has nothing to turn."""
    begun, turned, back = (told[f"volume-{step}"] for step in ("set", "turned", "back"))
    assert (begun["by"], begun["control"]) == ("card", "Master")
    assert (begun["percent"], begun["kernel"], begun["microphone"]) == (40, 41, False)
    assert begun["factor"] == pytest.approx(10 ** (-17.7 / 20), abs=0.001)
    assert begun["made"] == ["PCM"]
    assert "PCM" not in begun["controls"], "softvol's turns nothing of ours"
    assert turned["percent"] in (64, 65)
    assert turned["seconds"] < CEILING
    assert (back["percent"], back["control"]) == (turned["percent"], "Master")


def test_a_microphone_comes_back_and_hears(told: dict[str, Any]) -> None:
    assert told["microphone-hears"]["seconds"] < CEILING
    gone, back = told["microphone-gone"], told["microphone-back"]
    assert gone["condition"] == "failed"
    assert gone["seconds"] < CEILING
    assert back["condition"] in ("working", "impaired")
    assert back["seconds"] < CEILING
    assert back["heard_after"] < CEILING


def test_a_microphone_whose_card_has_another_rate_now_is_heard_as_before(
    told: dict[str, Any],
) -> None:
    changed = told["microphone-rate"]
    assert changed["kernel"], "the kernel gives 44.1 kHz, our streams are of 48"
    assert changed["condition"] in ("working", "impaired")
    assert changed["seconds"] < CEILING
