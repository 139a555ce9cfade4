"""What is known to go wrong with real equipment, and which test is about it.

Each was met in the field (reports at Home Assistant, Frigate, go2rtc and scrypted, and what was
measured with the libraries); a pitfall without a test would come back.
"""

import asyncio
import contextlib
import re
import socket
import threading
import time
from pathlib import Path
from typing import Final

import pytest

from devices.discovery.found import Network
from devices.discovery.onvif_probe import find_cameras
from devices.onvif.worker import Worker
from devices.virtual.announcing import answering_probes

HERE: Final = Path(__file__).parent
PITFALLS: Final[dict[str, dict[str, str]]] = {
    "ONVIF": {
        "without a time limit a stalled camera blocks for ever": (
            "test_onvif.py::test_a_camera_that_says_nothing_blocks_nobody_for_ever"
        ),
        "the library sets up logging and writes into the home folder": (
            "test_onvif.py::test_the_library_is_imported_late_and_leaves_logging_and_home_alone"
        ),
        "a camera behind NAT reports an address that nobody reaches": (
            "test_onvif.py::test_an_address_that_nobody_reaches_is_rewritten"
        ),
        "offline and wrong password raise the same error": (
            "test_onvif.py::test_offline_and_a_wrong_password_are_told_apart"
        ),
        "a wrong clock looks like a wrong password": (
            "test_onvif.py::test_a_wrong_clock_is_no_wrong_password"
        ),
        "a clock that is hidden leaves both open": (
            "test_onvif.py::test_a_camera_that_hides_its_clock_may_have_either_wrong"
        ),
        "the token's class is not safe for two threads": (
            "test_pitfalls.py::test_one_camera_is_asked_one_thing_at_a_time"
        ),
        "events are unreliable": "test_pitfalls.py::test_no_camera_is_asked_for_events",
        "answers are malformed": (
            "test_onvif_answers.py::test_a_damaged_answer_is_a_value_or_a_cause"
        ),
        "prefixes are declared nowhere": (
            "test_onvif_answers.py::test_an_answer_whose_prefixes_were_declared_nowhere"
        ),
    },
    "PTZ": {
        "ContinuousMove's Timeout is ignored": (
            "test_onvif.py::test_a_camera_that_does_not_heed_the_time_is_stopped"
        ),
        "a Stop is lost": "test_onvif.py::test_stop_is_said_again_until_it_is_heard",
        "the browser goes away while a button is held": (
            "../web/test_steering.py::test_a_camera_stops_where_the_browser_goes_away"
        ),
        "the daemon is stopped while a camera turns": (
            "../rooms/test_hall.py::test_at_the_stop_of_the_house_no_camera_turns_on"
        ),
        "Stop is lacking": "test_onvif.py::test_a_camera_without_stop_is_told_to_go_at_no_speed",
        "neither Stop nor a speed of nothing stops it": (
            "test_onvif.py::test_a_camera_that_cannot_be_stopped_is_not_turned"
        ),
        "ranges of speeds differ": "test_onvif.py::test_its_own_speeds_are_used_whatever_they_are",
        "a range names only the size": (
            "test_onvif.py::test_a_speed_of_which_only_the_size_is_named_goes_both_ways"
        ),
        "moves are advertised and rejected": (
            "test_onvif.py::test_what_is_advertised_and_refused_is_not_offered"
        ),
        "addresses change with an outage": (
            "test_onvif.py::test_where_its_picture_is_is_asked_again_after_an_outage"
        ),
    },
    "RTSP through PyAV": {
        "the backlog at the start comes in one burst": (
            "test_rtsp.py::test_a_backlog_is_dropped_to_its_newest_key_frame"
        ),
        "size and parameter sets are there with a quick start": (
            "test_rtsp.py::test_units_arrive_whole_and_as_they_were_coded"
        ),
        "a server that dies ends the loop without an exception": (
            "test_rtsp.py::test_a_camera_that_dies_and_returns_is_seen_by_the_same_subscribers"
        ),
        "a server that stalls is noticed after twice the time limit": (
            "test_rtsp.py::test_a_camera_that_freezes_is_a_loss"
        ),
        "refused": "test_rtsp.py::test_nobody_listens",
        "bad password": "test_rtsp.py::test_password_right_wrong_and_missing",
        "a camera that is full accepts and sends nothing": (
            "test_rtsp.py::test_a_camera_that_has_no_viewer_to_spare"
        ),
        "a reader that hangs holds up the stop": (
            "test_rtsp.py::test_cancelling_does_not_wait_for_a_frozen_camera"
        ),
    },
    "PJLink": {
        "after a lost answer the stream is out of step": (
            "test_pjlink.py::test_half_an_answer_is_silence"
        ),
        "a connection kept open locks others out": (
            "test_pjlink.py::test_no_connection_is_left_open"
        ),
        "standby answers ERR3": "test_pjlink.py::test_unavailable_in_standby_is_off",
        "standby says nothing": (
            "test_pjlink.py::test_silence_in_standby_is_off_and_says_how_to_wake_it"
        ),
        "standby leaves the network": (
            "test_pjlink.py::test_one_that_leaves_the_network_when_off_is_off"
        ),
        "commands are lost while it cools": "test_pjlink.py::test_holds_the_wish_through_cooling",
        "OK is said and nothing done": "test_pjlink.py::test_one_that_says_ok_and_does_nothing",
        "errors of every kind": "test_pjlink.py::test_what_is_no_projector",
        "polled often it locks up": (
            "test_pjlink.py::test_looks_rarely_when_nothing_changes_and_at_once_when_asked"
        ),
    },
    "Discovery": {
        "another program holds port 3702": (
            "test_pitfalls.py::test_cameras_are_found_while_another_program_holds_the_port"
        ),
        "two cameras on one machine": (
            "test_discovery.py::test_the_virtual_camera_answers_beside_others"
        ),
        "printers answer, too": (
            "test_discovery.py::test_printers_answer_probes_and_are_no_cameras"
        ),
        "an index changes with each replugging": (
            "test_discovery.py::test_webcams_are_told_by_their_serial_or_their_socket"
        ),
        "the system's default is another device each time": (
            "test_discovery.py::test_sound_devices_lose_their_number_and_the_systems_default_is_none"
        ),
    },
    "Webcam": {
        "pulled out while it is read, the kernel says EINVAL": (
            "test_webcam.py::test_what_the_kernel_says_of_one_that_is_pulled_out"
        ),
    },
    "Pictures": {
        "a clock is written onto a picture that stands": (
            "test_judging.py::test_a_clock_written_onto_a_standing_picture_does_not_hide_that_it_stands"
        ),
        "a still hall looks as if it stood": (
            "test_judging.py::test_a_still_hall_with_nobody_in_it_does_not_stand"
        ),
    },
}
EACH: Final = [(part, what) for part, all_ in PITFALLS.items() for what in all_]


@pytest.mark.parametrize(("part", "what"), EACH)
def test_each_pitfall_has_its_test(part: str, what: str) -> None:
    file, _, name = PITFALLS[part][what].partition("::")
    assert re.search(rf"(?m)^\s*(async )?def {name}\(", (HERE / file).read_text(encoding="utf-8"))


async def test_one_camera_is_asked_one_thing_at_a_time() -> None:
    worker, busy, most = Worker("onvif-camera"), 0, 0
    lock = threading.Lock()

    def ask() -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.02)
        with lock:
            busy -= 1

    await asyncio.gather(*(worker.do(ask, seconds=30, urgent=n % 2 == 0) for n in range(10)))
    assert most == 1


def test_no_camera_is_asked_for_events() -> None:
    asked = re.compile(r"PullPoint|CreateSubscription|[\"']events[\"']")
    driver = HERE.parents[1] / "devices" / "onvif"
    assert not [path.name for path in driver.glob("*.py") if asked.search(path.read_text())]


async def test_cameras_are_found_while_another_program_holds_the_port() -> None:
    """Alone, without letting others in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        with contextlib.suppress(OSError):  # somebody does hold it
            other.bind(("127.0.0.1", 3702))
        url = "http://127.0.0.1:8000/onvif/device_service"
        identity = f"urn:uuid:held-{time.monotonic_ns()}"
        async with answering_probes(lambda: url, "Cửa", identity):
            found = await find_cameras(Network.of(("127.0.0.1",)), 1.0)
    assert identity in {one.identity for one in found}
