from typing import Any

from aiortc.rate import BandwidthUsage, RemoteBitrateEstimator

from rooms.media.estimate import MOST_BITS, PatientEstimate


class Detector:
    def __init__(self) -> None:
        self.usage = BandwidthUsage.NORMAL

    def state(self) -> BandwidthUsage:
        return self.usage


class Estimator:
    """aiortc's, as it answers."""

    def __init__(self) -> None:
        self.detector = Detector()
        self.bits = 180_000

    def add(self, **_: Any) -> tuple[int, list[int]]:
        return self.bits, [7]


def test_a_camera_that_was_sent_small_may_be_large_at_once() -> None:
    estimate = PatientEstimate(Estimator())
    for second in range(20):
        assert estimate.add(arrival_time_ms=1000 * second) == (MOST_BITS, [7])


def test_a_line_that_is_full_is_told_and_tried_again_little_by_little() -> None:
    estimator = Estimator()
    estimate = PatientEstimate(estimator)
    estimator.bits, estimator.detector.usage = 400_000, BandwidthUsage.OVERUSING
    assert estimate.add(arrival_time_ms=1000) == (400_000, [7])
    estimator.bits, estimator.detector.usage = 180_000, BandwidthUsage.NORMAL
    told = [estimate.add(arrival_time_ms=1000 + 1000 * n) for n in range(1, 30)]
    bits = [one[0] for one in told if one is not None]
    assert bits == sorted(bits)
    assert 420_000 <= bits[0] <= 440_000
    assert 1_500_000 < bits[-1] <= MOST_BITS


def test_aiortcs_own_still_answers_so() -> None:
    """What is taken of it, in the release that is pinned."""
    estimate = PatientEstimate(RemoteBitrateEstimator())
    told = [
        estimate.add(
            abs_send_time=(n * 20 << 18) // 1000 & 0xFFFFFF,
            arrival_time_ms=20 * n,
            payload_size=1000,
            ssrc=7,
        )
        for n in range(300)
    ]
    found = [one for one in told if one is not None]
    assert found
    assert found[-1][1] == [7]
