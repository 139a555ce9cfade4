"""Whatever is done to an exported ledger is found, and named."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.cause import Refused
from feedback.ledger_check import check, compare, read_heads
from feedback.ledger_lines import Head, LedgerEntry, Signer, Tally, canonical, following, moment

NOW = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
SIGNER = Signer(b"k" * 32, "Tổ dân phố 5")
STRANGER = Signer(b"x" * 32, "Tổ dân phố 5")

WHAT = [
    ("received", None),
    ("received", None),
    ("answered", 1),
    ("adopted", None),
    ("refused", 2),
    ("reopened", 1),
    ("erased", 1),
    ("taken_over", None),
    ("handed_over", 8),
]


def written(entries):
    return [f"{entry.line()}\n".encode() for entry in entries]


def chain(what=WHAT):
    entries = []

    def add(kind, case, **facts):
        number = len(entries)
        previous = entries[-1].hash if entries else "0" * 64
        said = None if kind in {"begun", "erased"} else f"{number:064x}"
        entries.append(
            following(number, previous, kind=kind, case=case, at=NOW, commitment=said, facts=facts)
        )

    add("begun", 0, format="avcontrol-ledger-1", nonce="n")
    for kind, case in what:
        facts = {"state": "open"} if kind == "adopted" else {}
        add(kind, len(entries) if case is None else case, **facts)
    return entries


def head_of(entries, signer=SIGNER, at=LATER, **other):
    tally = Tally()
    for entry in entries:
        tally.add(entry)
    sums = tally.sums() | other
    return signer.sign(len(entries) - 1, entries[-1].hash, entries[0].hash, sums, at)


def export(entries, **more):
    return [*written(entries), f"{head_of(entries, **more).line()}\n".encode()]


ENTRIES = chain()
GOOD = export(ENTRIES)


def split(data):
    return io.BytesIO(data).readlines()


def refusal(lines):
    with pytest.raises(Refused) as refused:
        check(lines)
    cause = refused.value.cause
    return cause.code, cause.params.get("entry")


def rehashed(entries, since):
    """As by somebody who hashes again what he altered, from there to the end."""
    done = list(entries[:since])
    for entry in entries[since:]:
        linked = replace(entry, previous=done[-1].hash if done else "0" * 64)
        done.append(replace(linked, hash=linked.right_hash()))
    return done


def test_what_is_right_is_added_up():
    checked = check(GOOD)
    assert checked.head.sums == {
        "received": 4,
        "answered": 0,
        "refused": 1,
        "handed_over": 1,
        "erased": 1,
        "open": 1,
    }
    assert checked.head.sums["received"] == sum(checked.head.sums.values()) - 4
    assert compare(checked, [checked.head]) == 1


@given(st.data())
def test_any_altered_byte_is_found_and_its_entry_named(data):
    number = data.draw(st.integers(0, len(GOOD) - 1), label="line")
    line = GOOD[number]
    at = data.draw(st.integers(0, len(line) - 1), label="byte")
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != line[at]))
    altered = line[:at] + bytes([byte]) + line[at + 1 :]
    code, entry = refusal(split(b"".join([*GOOD[:number], altered, *GOOD[number + 1 :]])))
    # Without its line end the last entry is a part of the head's line.
    joined = number == len(ENTRIES) - 1 and at == len(line) - 1
    if number < len(ENTRIES) and not joined:
        assert (code in {"ledger.unreadable", "ledger.altered"}, entry) == (True, number)
    else:
        assert code in {"ledger.head_altered", "ledger.sums_altered"} or entry >= len(ENTRIES) - 1


@given(st.integers(0, len(b"".join(GOOD)) - 1))
def test_a_file_that_is_cut_anywhere_is_found(size):
    cut = split(b"".join(GOOD)[:size])
    whole = sum(line.endswith(b"\n") for line in cut)
    assert refusal(cut) == (("ledger.cut", whole - 1) if whole else ("ledger.empty", None))


@given(st.data())
def test_entries_removed_moved_or_twice_are_named(data):
    number = data.draw(st.integers(0, len(ENTRIES) - 1))
    lines = [*GOOD[:number], *GOOD[number + 1 :]]
    assert refusal(lines) == ("ledger.missing", number)
    if number < len(ENTRIES) - 1:
        to = data.draw(st.integers(number + 1, len(ENTRIES) - 1))
        moved = [*lines[:to], GOOD[number], *lines[to:]]
        assert refusal(moved) == ("ledger.moved", number)
    again = data.draw(st.integers(number + 1, len(ENTRIES)))
    assert refusal([*GOOD[:again], GOOD[number], *GOOD[again:]]) == ("ledger.twice", number)


@pytest.mark.parametrize("number", range(1, len(ENTRIES)))
def test_an_altered_entry_with_a_hash_made_again_is_named(number):
    altered = [*ENTRIES[:number], replace(ENTRIES[number], at="2020-01-01T00:00:00.000000Z")]
    lines = [*written(rehashed(altered, number)), *GOOD[number + 1 :]]
    code = "ledger.other_head" if number == len(ENTRIES) - 1 else "ledger.hashed_again"
    assert refusal(lines) == (code, number)


def test_all_hashed_again_does_not_fit_the_head():
    altered = [*ENTRIES[:3], replace(ENTRIES[3], facts={"due": "never"}), *ENTRIES[4:]]
    lines = [*written(rehashed(altered, 3)), GOOD[-1]]
    assert refusal(lines) == ("ledger.other_head", len(ENTRIES) - 1)


def test_a_head_says_who_signed_it_and_for_what():
    told = json.loads(GOOD[-1])

    def headed(**changed):
        return [*GOOD[:-1], canonical(told | changed) + b"\n"]

    assert refusal(headed(key=STRANGER.public))[0] == "ledger.head_altered"
    assert refusal(headed(name="Tổ dân phố 6"))[0] == "ledger.head_altered"
    assert refusal(headed(sums=told["sums"] | {"open": 0}))[0] == "ledger.sums_altered"
    assert refusal(export(ENTRIES, open=0))[0] == "ledger.sums_wrong"
    assert refusal([*GOOD, GOOD[-1]])[0] == "ledger.after_head"
    assert refusal([GOOD[-1]]) == ("ledger.missing", 0)
    assert refusal([]) == ("ledger.empty", None)
    early = f"{head_of(ENTRIES[:-1]).line()}\n".encode()
    assert refusal([*GOOD[:-1], early])[0] == "ledger.after_head"
    assert refusal([*GOOD[:-2], GOOD[-1]]) == ("ledger.missing", len(ENTRIES) - 1)
    other = f"{head_of(chain([('received', None)] * len(WHAT))).line()}\n".encode()
    assert refusal([*GOOD[:-1], other]) == ("ledger.other_head", len(ENTRIES) - 1)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ([("answered", 7)], "unknown_case"),
        ([("answered", None)], "no_beginning"),
        ([("received", None), ("sung", 1)], "unknown_kind"),
        ([("received", None), ("received", 1)], "unknown_kind"),
        ([("received", None), ("erased", 1), ("answered", 1)], "after_erasure"),
        ([("begun", None)], "begun_twice"),
    ],
)
def test_what_cannot_have_happened_is_named(what, code):
    entries = chain(what)
    lines = [*written(entries), f"{head_of(ENTRIES).line()}\n".encode()]
    assert refusal(lines) == (f"ledger.unlawful_{code}", len(entries) - 1)


def test_what_is_closed_in_time_is_counted_by_the_deadline_of_then():
    def tally(*what):
        entries, tally = chain([]), Tally()
        for day, kind, case, due in what:
            number, previous = len(entries), entries[-1].hash
            more = {"case": case or number, "commitment": "0" * 64}
            at = NOW.replace(day=day)
            facts = {"house": f"to-{case or number}"}
            if due:
                facts["due"] = moment(NOW.replace(day=due))
            entries.append(following(number, previous, kind=kind, at=at, facts=facts, **more))
        for entry in entries:
            tally.add(entry)
        return tally

    received = (1, "received", None, 5)
    assert tally(received, (5, "answered", 1, None)).punctual() == (1, 1)
    assert tally(received, (6, "refused", 1, None)).punctual() == (0, 1)
    assert tally(received, (6, "answered", 1, None)).punctual("to-1") == (0, 1)
    assert tally(received, (6, "answered", 1, None)).punctual("to-2") == (0, 0)
    assert tally(received, (2, "due", 1, 9), (6, "answered", 1, None)).punctual() == (1, 1)
    answered, again = (4, "answered", 1, None), (7, "answered", 1, None)
    assert tally(received, answered, again).punctual() == (1, 1), "a correction"
    reopened = (5, "reopened", 1, None)
    assert tally(received, answered, reopened).punctual() == (0, 0)
    assert tally(received, answered, reopened, again).punctual() == (0, 1)
    assert tally((1, "received", None, None), answered).punctual() == (0, 0)
    assert tally(received, answered, (9, "erased", 1, None)).punctual() == (1, 1)


# Who keeps the ledger can sign whatever he likes; others have kept what he signed before.


def compared(lines, heads):
    with pytest.raises(Refused) as refused:
        compare(check(lines), heads)
    return refused.value.cause


KEPT = [head_of(ENTRIES[:3], at=NOW), head_of(ENTRIES[:6], at=NOW), head_of(ENTRIES, at=NOW)]


def test_heads_kept_elsewhere_agree_with_a_ledger_that_has_grown():
    checked = check(export(ENTRIES))
    assert compare(checked, KEPT) == 3
    before = check(export(ENTRIES[:4], at=NOW))
    newer = head_of(ENTRIES, at=LATER)
    assert compare(before, [KEPT[0], newer]) == 1, "newer than the file: says nothing about it"


def test_a_keeper_who_rewrites_his_ledger_is_seen():
    altered = [*ENTRIES[:4], replace(ENTRIES[4], facts={"state": "answered"}), *ENTRIES[5:]]
    cause = compared(export(rehashed(altered, 4)), KEPT)
    assert (cause.code, cause.params["first"], cause.params["entry"]) == ("ledger.rewritten", 3, 5)


def test_a_keeper_who_cuts_his_ledger_is_seen():
    cause = compared(export(ENTRIES[:7]), KEPT)
    assert (cause.code, cause.params["entry"]) == ("ledger.shortened", len(ENTRIES) - 1)


def test_another_key_and_another_ledger_are_seen():
    assert compared(export(ENTRIES, signer=STRANGER), KEPT).code == "ledger.other_key"
    new = rehashed([replace(ENTRIES[0], facts={"format": "avcontrol-ledger-1"}), *ENTRIES[1:]], 0)
    assert compared(export(new), KEPT).code == "ledger.other_origin"


def test_a_file_of_heads_is_read_and_an_export_too():
    lines = [f"{head.line()}\n".encode() for head in reversed(KEPT)]
    assert read_heads(lines) == KEPT
    assert read_heads(GOOD) == [Head.read(json.loads(GOOD[-1]))]
    for wrong, code in (
        (GOOD[:-1], "ledger.no_heads"),
        ([b"{}\n", b"so la\n"], "ledger.heads_unreadable"),
        ([lines[0].replace(b'"number":9', b'"number":8')], "ledger.heads_altered"),
    ):
        with pytest.raises(Refused) as refused:
            read_heads(wrong)
        assert refused.value.cause.code == code


def test_the_entry_on_a_receipt_is_found_by_its_hash():
    checked = check(GOOD)
    for typed in (
        ENTRIES[4].hash,
        ENTRIES[4].hash[:8],
        f"{ENTRIES[4].hash[:4].upper()}-{ENTRIES[4].hash[4:16]} ",
    ):
        assert checked.find(typed) == 4
    assert checked.find(f"https://hop.example/ledger.jsonl#4-{ENTRIES[4].hash}\n") == 4
    for typed, code in (
        ("f" * 64, "ledger.not_in_it"),
        ("K7QM-3XWP-9DTA", "ledger.no_hash"),
        ("abc", "ledger.too_short"),
        ("", "ledger.no_hash"),
    ):
        with pytest.raises(Refused) as refused:
            checked.find(typed)
        assert refused.value.cause.code == code


@pytest.mark.parametrize(
    "line",
    [b"null", b"[]", b"7", b'"signature"', b"{}", b"[" * 5000, b'{"signature":1}', b"\xff", b""],
)
def test_what_is_no_ledger_at_all(line):
    with pytest.raises(Refused):
        check([line + b"\n"])
    with pytest.raises(Refused):
        read_heads([line + b"\n"])


def test_what_is_written_otherwise_is_no_entry():
    for change in (
        {"case": True},
        {"number": 1.0},
        {"commitment": "A" * 64},
        {"facts": {"due": "có"}},
        {"facts": {"due": None}},
        {"at": "2026-03-01T19:30:00Z"},
        {"more": "1"},
    ):
        with pytest.raises((TypeError, ValueError)):
            LedgerEntry.read(json.loads(ENTRIES[1].line()) | change)
