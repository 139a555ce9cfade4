from devices.sound.steadiness import LONG, SHORT, Steadiness


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


def test_no_opening_follows_the_other_at_once() -> None:
    stream = Steadiness()
    assert stream.may_reopen(0.0)
    stream.stumbled(40.0)
    assert not stream.may_reopen(41.0)
    assert stream.may_reopen(42.0)
