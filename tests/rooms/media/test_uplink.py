"""Who is given what of the house's own line."""

from rooms.media.judge import Rates
from rooms.media.uplink import SOUND_BITS, Claim, Uplink, share
from rooms.shown import Layer

RATES = Rates(1_500_000, 180_000)


def claims(*guests: str, has: Layer = Layer.MAIN) -> list[Claim]:
    return [Claim(guest, RATES, has) for guest in guests]


def test_sound_goes_first_then_small_pictures_and_the_floor_gets_the_large_one() -> None:
    everybody = claims("floor", "official", "a", "b", "c", "d")
    bits = 6 * SOUND_BITS + 6 * 180_000 + 1_320_000
    given = share(bits, everybody)
    assert given.pop("floor") is Layer.MAIN
    assert set(given.values()) == {Layer.SMALL}

    given = share(6 * SOUND_BITS + 2 * 180_000, everybody)
    assert [given[who] for who in ("floor", "official", "a")] == [
        Layer.SMALL, Layer.SMALL, Layer.SOUND,
    ]  # fmt: skip


def test_a_line_that_nothing_is_known_of_is_enough() -> None:
    given = share(None, claims("a", "b"))
    assert set(given.values()) == {Layer.MAIN}


def test_nobody_swings_where_it_only_just_fits() -> None:
    bits = 2 * SOUND_BITS + 2 * 1_500_000.0
    assert share(bits, claims("a", "b"))["b"] is Layer.MAIN
    assert share(bits, claims("a", "b", has=Layer.SMALL))["b"] is Layer.SMALL
    assert share(1.2 * bits, claims("a", "b", has=Layer.SMALL))["b"] is Layer.MAIN


def test_lines_that_become_full_together_share_ours_and_one_alone_does_not() -> None:
    uplink = Uplink()
    uplink.note(0.0, 9_000_000, ["a"], 6)
    uplink.note(1.0, 9_000_000, [], 6)
    assert uplink.bits is None
    uplink.note(2.0, 9_000_000, ["b", "c"], 6)
    assert uplink.bits is not None
    assert 7_000_000 < uplink.bits < 8_000_000
    found = uplink.bits
    uplink.note(10.0, 7_000_000, [], 6)
    assert uplink.bits == found
    for second in range(20, 60):
        uplink.note(float(second), 7_000_000, [], 6)
    assert found < uplink.bits < 1.3 * found, "a little more now and then"
    for second in range(60, 600):
        uplink.note(float(second), 1_000_000, [], 1)
    assert uplink.bits is None, "a limit that nobody comes near is forgotten"


def test_what_is_configured_stays() -> None:
    uplink = Uplink(4_000_000)
    uplink.note(0.0, 9_000_000, ["a", "b", "c"], 3)
    uplink.note(100.0, 100_000, [], 1)
    assert uplink.bits == 4_000_000
