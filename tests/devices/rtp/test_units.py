"""RTP to pictures: what a line mixes up is put in order, and what it loses is not hidden."""

import random
import struct
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from devices import h264
from devices.rtp.packets import Order, Packet, distance, read_packet
from devices.rtp.units import Depacketizer, Unit

SPS, PPS = b"\x67\x42\xc0\x1f\xaa", b"\x68\xce\x3c\x80"


def pictures(count: int, seed: int) -> list[list[bytes]]:
    """Of all sizes, some with two slices."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        body = bytes(chance.randrange(1, 255) for _ in range(chance.choice((5, 900, 4000))))
        kind = b"\x65" if number % 5 == 0 else b"\x41"
        slices = [kind + b"\x88" + body]
        if chance.random() < 0.3:
            slices.append(kind + b"\x12" + body)
        made.append([SPS, PPS, *slices] if number % 5 == 0 else slices)
    return made


def packets(made: list[list[bytes]], sequence: int = 65_530, stamp: int = 2**32 - 4000):
    found = []
    for number, nals in enumerate(made):
        payloads = h264.payloads(h264.join(nals), aggregate=number % 2 == 0)
        for position, payload in enumerate(payloads):
            found.append(
                Packet(
                    (sequence + len(found)) % 65_536,
                    (stamp + 3000 * number) % 2**32,
                    position == len(payloads) - 1,
                    7,
                    payload,
                    float(len(found)),
                )
            )
    return found


def read(sent: list[Packet], *, wait: float = 0.05, marks: bool = True) -> list[Unit]:
    order, depacketizer = Order(wait), Depacketizer()
    units: list[Unit] = []
    for packet in sent:
        given_out = order.push(packet if marks else replace(packet, marker=False))
        for one, lost in given_out:
            units += depacketizer.push(one, lost=lost)
    for one, lost in order.overdue(1e9):
        units += depacketizer.push(one, lost=lost)
    return units


def test_whole_over_the_wrap_of_both_numbers():
    made = pictures(12, 1)
    units = read(packets(made), wait=0.0)
    assert [unit.nals for unit in units] == made
    assert [b.pts - a.pts for a, b in pairwise(units)] == [3000] * 11
    assert not any(unit.damaged or unit.behind_gap for unit in units)


def test_handed_out_with_its_last_packet():
    depacketizer = Depacketizer()
    sent = packets(pictures(3, 2))
    for packet in sent:
        assert len(list(depacketizer.push(packet))) == packet.marker


def test_without_markers_a_picture_ends_where_the_next_one_begins():
    made = pictures(6, 3)
    assert [unit.nals for unit in read(packets(made), marks=False)] == made[:-1]


def test_a_marker_behind_each_slice_is_not_believed_for_long():
    made = [[b"\x65\x88" + b"a" * 9, b"\x65\x12" + b"b" * 9] for _ in range(5)]
    slices = [(number, nal) for number, nals in enumerate(made) for nal in nals]
    sent = [Packet(n, 3000 * of, True, 7, nal, 0.0) for n, (of, nal) in enumerate(slices)]
    units = read(sent)
    assert any(unit.damaged for unit in units[:2]), "half a picture was called whole"
    assert [unit.nals for unit in units[2:]] == made[1:-1]


@settings(max_examples=40)
@given(st.integers(0, 1000), st.data())
def test_what_was_overtaken_is_put_in_order(seed, data):
    made = pictures(8, seed)
    sent = packets(made)
    for place in data.draw(st.lists(st.integers(1, len(sent) - 4), max_size=12)):
        sent[place], sent[place + 2] = sent[place + 2], sent[place]
        sent.insert(place, sent[place + 1])  # and once more
    first = next(p for p in sent if p.sequence == 65_530)
    sent.remove(first)
    assert [unit.nals for unit in read([first, *sent])] == made


@settings(max_examples=60)
@given(st.integers(0, 1000), st.data(), st.booleans())
def test_a_picture_that_is_called_whole_is(seed, data, in_order):
    made = pictures(10, seed)
    sent = packets(made)
    gone = data.draw(st.sets(st.integers(1, len(sent) - 1), min_size=1, max_size=6))
    left = [packet for place, packet in enumerate(sent) if place not in gone]
    pts = dict(zip(dict.fromkeys(packet.timestamp for packet in sent), made, strict=True))
    touched = {sent[place].timestamp for place in gone}
    for unit in read(left, wait=0.0 if in_order else 0.05):
        stamp = unit.pts % 2**32
        if not unit.damaged and not unit.behind_gap:
            assert unit.nals == pts[stamp]
        if stamp not in touched:
            assert unit.nals == pts[stamp], "nothing of it was lost"
            assert not unit.damaged


@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans(), st.integers(0, 2**32 - 1))))
def test_nothing_that_comes_breaks_it(sent):
    order, depacketizer = Order(), Depacketizer()
    for data, proper, stamp in sent:
        head = struct.pack("!BBHII", 0x80, 96, stamp % 65_536, stamp, 7)
        packet = read_packet(head + data if proper else data, 96, 0.0)
        if packet is None:
            continue
        for one, lost in order.push(packet):
            for unit in depacketizer.push(one, lost=lost):
                assert all(unit.nals)


def test_headers_that_are_longer_are_read():
    head = struct.pack("!BBHIIII", 0x80 | 0x20 | 0x10 | 1, 0x80 | 96, 9, 3000, 7, 1, 0xBEDE0001)
    packet = read_packet(head + b"\x10\xaa\0\0" + b"\x41\x9a" + b"\0\0\3", 96, 1.5)
    assert packet == Packet(9, 3000, True, 7, b"\x41\x9a", 1.5)
    assert read_packet(head, 96, 0.0) is None
    assert read_packet(head.replace(b"\xe0", b"\xe1"), 96, 0.0) is None


def test_distances_round_the_circle():
    assert distance(2, 65_535) == 3
    assert distance(65_535, 2) == -3
    assert distance(10, 2**32 - 10, 32) == 20
