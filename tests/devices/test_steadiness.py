import pytest

from devices.device import Condition, DeviceError, Kind
from devices.sound.protocol import State
from devices.sound.steadiness import LONG, SHORT, Steadiness
from devices.sound.stream import Stream
from devices.sound.streams import Streams


def test_a_stream_that_stumbles_again_and_again_lets_more_wait() -> None:
    stream = Steadiness()
    assert stream.latency == SHORT
    stream.stumbled(100.0)
    assert stream.latency == SHORT, "once is chance"
    stream.stumbled(150.0)
    assert stream.latency == LONG


def test_stumbling_now_and_then_costs_no_latency() -> None:
    stream = Steadiness()
    for minute in range(20):
        stream.stumbled(90.0 * minute)
    assert stream.latency == SHORT
    assert not stream.choppy(90.0 * 19)


def test_what_was_busy_may_be_shorter_after_a_calm_minute_and_later_where_that_was_too_soon() -> (
    None
):
    stream = Steadiness()
    assert not stream.may_shorten(0.0)
    begun = 0.0
    for calm in (60.0, 120.0, 240.0, 480.0, 600.0, 600.0):
        stream.stumbled(begun)
        stream.stumbled(begun + 10.0)
        assert stream.latency == LONG
        assert not stream.may_shorten(begun + 10.0 + calm)
        assert stream.may_shorten(begun + 11.0 + calm)
        stream.shorten()
        assert stream.latency == SHORT
        begun += 1000.0


def test_three_times_in_a_minute_is_choppy_though_more_waits_and_not_before() -> None:
    stream = Steadiness()
    for at in (0.0, 10.0):
        stream.stumbled(at)
    assert stream.latency == LONG
    for at in (20.0, 30.0, 40.0):
        assert not stream.choppy(at)
        stream.stumbled(at)
    assert stream.choppy(79.0)
    assert not stream.choppy(81.0)


def test_what_stood_still_lets_no_more_wait_but_people_are_told() -> None:
    """More would not have helped, and all that is said would be later for a minute."""
    stream = Steadiness()
    for at in (0.0, 10.0, 20.0):
        assert not stream.choppy(at)
        stream.stumbled(at, stood_still=True)
    assert stream.latency == SHORT
    assert not stream.may_reopen(21.0)
    assert stream.choppy(20.0)
    stream.stumbled(30.0)
    assert stream.latency == SHORT, "the first that more could have helped"
    stream.stumbled(40.0)
    assert stream.latency == LONG


def test_a_stream_tells_standing_still_from_running_short(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("devices.sound.stream.time.monotonic", lambda: now)
    for gap, stood_still in ((0.06, False), (0.2, True)):
        stream = Stream(Kind.LOUDSPEAKER)
        for callback in range(10):
            now += gap if callback == 5 else 0.01
            stream._note_callback(stumbled=callback == 7)  # told with one of the next
        assert stream.stumbled
        assert stream.stood_still is stood_still


def test_no_opening_follows_the_other_at_once() -> None:
    stream = Steadiness()
    assert stream.may_reopen(0.0)
    stream.stumbled(40.0)
    assert not stream.may_reopen(41.0)
    assert stream.may_reopen(42.0)


def test_a_stream_is_shortened_where_nobody_hears_it() -> None:
    """By names that no device here has: nothing is opened."""
    silent = False
    told: list[State] = []
    streams = Streams(
        "no microphone of this name",
        "no loudspeaker of this name",
        captured=lambda _: None,
        next_played=lambda: None,  # type: ignore[arg-type,return-value]
        is_silent=lambda: silent,
        tell=told.append,
    )
    by_kind = {side.kind: side.steadiness for side in streams._sides}
    for steadiness in by_kind.values():
        steadiness.latency = LONG
    streams.want_microphone(True)
    streams.check()
    assert {steadiness.latency for steadiness in by_kind.values()} == {LONG}
    silent = True
    streams.check()
    assert by_kind[Kind.LOUDSPEAKER].latency == SHORT, "in a pause"
    assert by_kind[Kind.MICROPHONE].latency == LONG, "somebody far away listens"
    streams.want_microphone(False)
    streams.check()
    assert by_kind[Kind.MICROPHONE].latency == SHORT
    streams.close()
    assert told, "and what is wrong is told all the same"


class Stalled:
    """Stands in for a stream on a sound server that hangs: nothing comes, and closing it hangs."""

    is_open, flowing, stumbled = True, True, False

    def __init__(self, kind: Kind, looks: int, told: list[State]) -> None:
        self.kind = kind
        self._looks = looks
        self._told = told

    def check(self) -> None:
        self._looks -= 1
        if self._looks <= 0:
            raise DeviceError(f"sound.{self.kind}_stalled")

    def close(self) -> None:
        kinds = {one.device for one in self._told if one.condition is Condition.FAILED}
        assert kinds == {Kind.MICROPHONE, Kind.LOUDSPEAKER}, "too late to tell"
        self.is_open = self.flowing = False


@pytest.mark.parametrize("first", [Kind.MICROPHONE, Kind.LOUDSPEAKER])
def test_what_both_suffer_from_is_told_before_one_is_closed(first: Kind) -> None:
    told: list[State] = []
    streams = Streams(
        "no microphone of this name",
        "no loudspeaker of this name",
        captured=lambda _: None,
        next_played=lambda: None,  # type: ignore[arg-type,return-value]
        is_silent=lambda: True,
        tell=told.append,
    )
    streams.want_microphone(True)
    for side in streams._sides:
        looks = 1 if side.kind is first else 2
        side.stream = Stalled(side.kind, looks, told)  # type: ignore[assignment]
    streams.check()
    streams.check()
    streams.check()
    assert not any(side.stream.is_open for side in streams._sides)
