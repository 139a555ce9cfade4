from bench.fanout import Measured, figures
from bench.fanout_source import read_stamp, stamp
from bench.figures import Conditions, invalid
from bench.processes import Use
from bench.raw_viewers import Stream, Viewer


def measured(server: str, count: int, cpu: float, share: float = 1.0) -> Measured:
    used = {"server": Use(cpu, 100), "viewers": Use(20, 100)}
    return Measured(server, count, used, 200.0 * count, 0, share, [0.001, 0.002, 0.003])


def test_the_marginal_price_of_a_packet_is_told_beside_the_peers() -> None:
    every = [measured("bridge", 1, 5), measured("bridge", 51, 15)]
    every += [measured("janus", 1, 2), measured("janus", 51, 42)]
    found = {figure.name: figure for figure in figures(every, Conditions(2, 0.1))}
    price = found["per-packet (janus)"]
    assert price.value is not None
    assert price.peer_value is not None
    assert round(price.value, 6) == 10.0
    assert round(price.peer_value, 6) == 40.0
    assert found["late-p50-51 (janus)"].value == 2.0
    assert not invalid(list(found.values()))


def test_viewers_who_miss_pictures_make_it_invalid() -> None:
    every = [measured("bridge", 1, 5), measured("bridge", 51, 15, share=0.9)]
    assert "cpu-51" in invalid(figures(every, Conditions(2, 0.1)))


def test_the_moment_of_sending_is_read_from_a_picture() -> None:
    assert read_stamp(stamp()) is not None
    assert read_stamp(b"nothing") is None


def test_losses_are_counted_across_a_wrap() -> None:
    viewer = Viewer(0)
    for sequence in (65_534, 65_535, 1, 2, 0, 5):
        viewer.take(b"\x80\x60" + sequence.to_bytes(2, "big") + bytes(8) + bytes(100))
    (stream,) = viewer.streams.values()
    assert isinstance(stream, Stream)
    assert (stream.packets, stream.lost) == (6, 2)
