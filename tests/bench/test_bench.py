"""The bench measures what it says, and says so where it could not."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest
from aiortc.rtp import RtpPacket

from bench.figures import Conditions, Figure, invalid, table
from bench.loads import Load
from bench.processes import Use
from bench.viewers import Counter

ROOT = Path(__file__).parents[2]


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.peer
async def test_a_short_run_reports_every_figure(tmp_path: Path, hall_cache: Path) -> None:
    report = tmp_path / "bench.json"
    (tmp_path / "virtual").symlink_to(hall_cache)  # where a camera was drawn for an earlier run
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--out", str(report), "--viewers", "1", "2"),
        *("--starts", "1", "--taps", "1", "--questions", "3", "--joins", "1", "--seconds", "2"),
        *("--houses", "3", "--acknowledged", "50", "--sentences", "300"),
        *("--phones", "40", "--halls", "0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), 160)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # it ends what it started
            await process.wait()
    assert process.returncode == 0, errors.decode()

    figures = {figure["name"]: figure for figure in json.loads(report.read_text())}
    loads = ("idle", "1-viewers", "2-viewers")
    assert figures.keys() == {
        *("start-new", "start", "tap-to-live", "question-to-panel"),
        *("join-to-picture-median", "join-to-picture-worst", "floor-to-picture"),
        *(
            f"{what}-{load}"
            for what in ("cpu", "cpu-sound", "memory", "memory-sound")
            for load in loads
        ),
        *("cpu-per-viewer", "acknowledged", "acknowledging", "phones-connected"),
        *("phones-form-p99", "phones-receipt-median", "phones-receipt-p99"),
        *("phones-receipt-page-p99", "phones-panel-p95"),
        *("repeated-precision", "repeated-recall", "reader-median", "reader-p99", "reader-cpu"),
        *(
            f"classifier-{what}"
            for what in (
                *("f1-strangers", "coverage-strangers", "f1-accented", "f1-bare", "f1-nfd"),
                *("coverage-frozen", "training", "document"),
            )
        ),
        *(
            f"hub-{what}-3-houses"
            for what in ("cpu", "memory", "round-trip-median", "round-trip-p99")
        ),
    }
    for name, figure in figures.items():
        assert isinstance(figure["value"], float), name
        assert figure["unit"] in {"s", "ms", "µs", "/s", "MB", "%", "% of a core"}
        assert (figure["peer"] is None) == (figure["peer_value"] is None), name
        assert figure["conditions"]["cores"] >= 1
        assert name in output.decode()
    # what cannot be nothing, whatever the machine
    for name in (
        "start",
        "join-to-picture-median",
        *("memory-idle", "acknowledged", "acknowledging"),
        "hub-round-trip-p99-3-houses",
        "classifier-f1-strangers",
        "classifier-document",
    ):
        assert figures[name]["value"] > 0
        assert figures[name]["peer_value"] > 0


def test_a_figure_is_not_valid_where_viewers_missed_pictures() -> None:
    used = {"server": Use(cpu=5.0, memory=100.0)}
    assert Load(used, share=0.96).cpu() == 5.0
    missed = Load(used, share=0.94)
    assert missed.cpu() is None
    assert missed.memory() is None

    now = Conditions.now()
    figures = [
        Figure("good", 1.0, "MB", "peer", 2.0, now),
        Figure("alone", 1.0, "MB", None, None, now),
        Figure("ours", missed.cpu(), "MB", "peer", 2.0, now),
        Figure("theirs", 1.0, "MB", "peer", missed.cpu(), now),
    ]
    assert invalid(figures) == ["ours", "theirs"]
    assert table(figures).count("INVALID") == 2


def test_a_viewer_counts_whole_pictures_only() -> None:
    def packets(*ends: int) -> list[RtpPacket]:
        """Sequence numbers 65530 to 65530 + 11, pictures ending at some of them."""
        return [
            RtpPacket(sequence_number=number & 0xFFFF, marker=int(number in ends))
            for number in range(65530, 65542)
        ]

    counter = Counter()
    for packet in packets(65531, 65534, 65537, 65540):
        if packet.sequence_number != 65536 & 0xFFFF:  # lost on the way
            counter.add(packet)
    # the first one may have begun before, and the third has a hole
    assert counter.pictures == 2
