"""When the first microphone is taken again, by hand-made time."""

from devices.sound.away import CALM_SECONDS, LOOK_SECONDS, MOST_CALM_SECONDS, Away


def until_back(away: Away, began: float) -> float:
    """Seconds until one that is there from now on is taken again."""
    now = began
    while True:
        now += 0.1
        if away.is_due(now) and away.is_over(True, now):
            return now - began


def test_it_has_to_be_there_for_a_while_and_without_a_break() -> None:
    away = Away()
    away.begin(0.0)
    assert not away.is_due(1.0)
    assert not away.is_over(True, 3.0)
    assert not away.is_over(False, 9.0)  # a loose plug
    assert not away.is_over(True, 14.0)
    assert away.is_over(True, 14.0 + CALM_SECONDS)


def test_one_that_goes_again_at_once_has_to_wait_longer_each_time() -> None:
    away, now, waits = Away(), 0.0, []
    for _ in range(8):
        away.begin(now)
        waits.append(until_back(away, now))
        now += waits[-1] + 1.0
    assert waits == sorted(waits)
    assert waits[0] < CALM_SECONDS + 2 * LOOK_SECONDS
    assert waits[-1] > MOST_CALM_SECONDS
    away.begin(now + 3600.0)
    assert until_back(away, now + 3600.0) < CALM_SECONDS + 2 * LOOK_SECONDS
